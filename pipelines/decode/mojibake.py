"""Text that was once read in a wrong encoding and saved like that: the wrong step is taken back, if that is possible.

ÄãºÃ is 你好 in GB18030 read as Latin-1. A way back is taken only when the text gets far more legible by it, and the wrong
step, taken again, leads to the same garble. What was lost for good (锟斤拷) is only found, never touched.
"""

import re
from dataclasses import dataclass

from pipelines.decode.legibility import COUNTED, likeliest

# Garbled, a text scores below; mended, above, and by so much more. The gain is that of cleaning.md §1.
LEAST_LEGIBLE, LEAST_GAIN = 0.5, 0.5
# How much of what is not plain ASCII must stand in lines that can be taken back without a loss.
LEAST_MENDED = 0.9
SAMPLE_CHARACTERS = 32_768
# Programs that call it Latin-1 mean Windows-1252, and let the bytes that this leaves undefined pass as they are.
WESTERN = "latin-1"
TO_LATIN = {ord(bytes([byte]).decode("cp1252")): byte for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"}
LATIN = re.compile("[\x80-\xff%s]" % "".join(map(chr, TO_LATIN)))
IDEOGRAPHS = re.compile("[\u2e80-\u9fff\uac00-\ud7af\ue000-\uf8ff\uff00-\uffef]")
LEAST_OF_A_KIND = 0.7
# U+FFFD in UTF-8 read as GBK; uninitialised memory of a Windows program, stack and heap, read as GBK.
LOST = re.compile("(?:锟斤拷){1,5000}锟?|烫{4,5000}|屯{4,5000}")
SIGNS_OF_LOSS = ("锟斤拷", "烫烫烫烫", "屯屯屯屯")


@dataclass(frozen=True, slots=True)
class Misreading:
    """The encoding a text was in, and the one it was read in by mistake."""

    true: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.true} read as {self.wrong}"


FROM_WESTERN = tuple(Misreading(true, WESTERN) for true in ("utf-8", "gb18030", "big5hkscs", "cp932", "cp949"))
FROM_CHINESE = (
    Misreading("big5hkscs", "gb18030"),
    Misreading("gb18030", "big5hkscs"),
    Misreading("gb18030", "cp950"),
    Misreading("utf-8", "gb18030"),
    Misreading("cp932", "gb18030"),
    Misreading("cp949", "gb18030"),
)


def diagnose(text: str) -> Misreading | None:
    """The mistake that garbled a text, if it can be taken back; judged by its first characters."""
    sample = text[:SAMPLE_CHARACTERS]
    before = likeliest(sample)
    if before >= LEAST_LEGIBLE:
        return None
    others = COUNTED.findall(sample)
    pairs = FROM_WESTERN if _are(LATIN, others) else FROM_CHINESE if _are(IDEOGRAPHS, others) else ()
    best, pair = max(((_gain(sample, pair, before), pair) for pair in pairs), key=lambda gain: gain[0], default=(0.0, None))
    return pair if best >= LEAST_GAIN else None


def mend(text: str, pair: Misreading) -> str:
    """The text with the mistake taken back, in each line where that loses nothing."""
    return "\n".join(_mended(line, pair) or line for line in text.split("\n"))


def lost_for_good(text: str) -> list[tuple[int, int]]:
    """Where a text holds what no encoding can bring back, as (place, length)."""
    if not any(sign in text for sign in SIGNS_OF_LOSS):
        return []
    return [(found.start(), found.end() - found.start()) for found in LOST.finditer(text)]


def _are(kind: "re.Pattern[str]", characters: list[str]) -> bool:
    return sum(kind.match(character) is not None for character in characters) >= LEAST_OF_A_KIND * len(characters)


def _gain(sample: str, pair: Misreading, before: float) -> float:
    """How much more legible the sample gets; 0 if too little of it can be taken back, or it does not get legible."""
    lines = sample.split("\n")
    # The last line may be cut within a character.
    lines = lines[:-1] or lines
    mended = [(line, _mended(line, pair)) for line in lines if not line.isascii()]
    kept = sum(len(COUNTED.findall(line)) for line, new in mended if new is not None)
    total = sum(len(COUNTED.findall(line)) for line, _ in mended)
    after = likeliest("\n".join(new or line for line, new in mended))
    return after - before if kept >= LEAST_MENDED * total and after >= LEAST_LEGIBLE else 0.0


def _mended(line: str, pair: Misreading) -> str | None:
    """The line with the mistake taken back; None if it does not come from that mistake, or did not survive it."""
    try:
        data = line.translate(TO_LATIN).encode(WESTERN) if pair.wrong == WESTERN else line.encode(pair.wrong)
        new = data.decode(pair.true)
        return new if new.encode(pair.true) == data else None
    except UnicodeError:
        return None
