"""Which encoding bytes are in, told by how legible samples of them are in each, and how far the best is ahead of the next.

The order matters: UTF-8 first (whole, cut off or slightly damaged), then whichever of the other encodings gives the most
legible text. Trying Chinese encodings one after the other until one raises no error does not work: every Big5 novel is
GB18030 without an error, and nearly everything is UTF-16.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.decode.legibility import REPLACEMENT, SCRIPTS, legibility, noise
from pipelines.decode.mojibake import diagnose
from pipelines.errors import BadText
from pipelines.magic import Bytes, release

SAMPLE_BYTES = 65_536
BLOCK_BYTES = 2**19
# Measured on Chinese of 60 bytes and more: right readings are above 0.45; other scripts read as Chinese stay below 0.3.
LEAST_CONFIDENCE = 0.33
# A reading must beat the next best by this much to be trusted fully.
CLEAR_MARGIN = 0.1
# A reading must be this legible before bytes are assumed lost; the pieces are short beside what one lost byte spoils.
LEAST_REALIGNED = 0.45
PIECE_BYTES = 128
NOISE_LIMIT = 0.05
WRONG_LIMIT = 0.25
WIDE = ("utf-16-le", "utf-16-be")
# The encodings that are told apart, and the scripts that a file in them is written in.
LEGACY: dict[str, tuple[str, ...]] = {
    "gb18030": ("zh",),
    "big5hkscs": ("zh",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "cp949": ("ko",),
}
CANDIDATES: dict[str, tuple[str, ...]] = LEGACY | {"utf-8": SCRIPTS} | dict.fromkeys(WIDE, SCRIPTS)
# Western texts are nearly all plain letters and spaces, whatever their accents; in Chinese bytes these are few.
PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,'\"\r\n")
LEAST_PLAIN = 0.7
WESTERN = "cp1252"
# Where hardly a byte is not plain, little depends on how it is read.
FEW = 0.005
# So many characters of three bytes speak for UTF-8, if more bytes belong to lines of it than to others.
LEAST_UTF8 = 20
THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
# Cyrillic is only offered, never decided on: without the frequencies of its letters too much looks like it.
CYRILLIC = {"cp1251": re.compile("[\u0430-\u044f]"), "koi8_r": re.compile("[\u0430-\u044f]")}
SHOWN_CHARACTERS = 200
SHOWN_BYTES = 1024
ASK = "name it with --encoding (gb18030, big5, utf-8, shift_jis, …)"


@dataclass(frozen=True, slots=True)
class Found:
    """A codec, and how sure it is: 0 to 1. `is_whole`: the bytes are valid in it to the end, as far as is known."""

    codec: str
    confidence: float
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """One way to read a file whose encoding is unclear: how legible that is (0 to 1), and how the text would begin."""

    encoding: str
    confidence: float
    sample: str


def detect(data: Bytes, start: int = 0) -> Found:
    """The encoding of what follows `start`; looks at samples, and once at everything to see whether it is UTF-8.

    Raises BadText when the bytes are no text, or no reading is legible enough, or two are nearly alike.
    """
    return _whole_utf8(data, start) or _by_score(data, start)


def guesses(data: Bytes, limit: int = 3) -> list[Guess]:
    """The most legible different readings of the first 200 characters, best first, for a person to choose from."""
    head = data[:SHOWN_BYTES]
    scored = [(score(head, codec), codec) for codec in (*CANDIDATES, WESTERN)]
    scored += [(LEAST_CONFIDENCE * _share(letters, _text(head, codec)), codec) for codec, letters in CYRILLIC.items()]
    found: dict[str, Guess] = {}
    for points, codec in sorted(scored, key=lambda pair: pair[0], reverse=True):
        sample = _text(head, codec).lstrip("\ufeff")[:SHOWN_CHARACTERS]
        found.setdefault(sample, Guess(codec, round(max(0.0, min(1.0, points)), 3), sample))
    return list(found.values())[:limit]


def _share(letters: "re.Pattern[str]", text: str) -> float:
    """How much of what is not plain ASCII is such a letter; 0 to 1."""
    others = sum(character > "\x7f" for character in text)
    return len(letters.findall(text)) / others if others else 0.0


def score(data: bytes, codec: str) -> float:
    """How legible the reading is; one that shows nothing but ASCII has swallowed what made the file unclear."""
    text = _text(data, codec)
    if text.isascii() and codec not in WIDE:
        return 0.0
    return max(legibility(text, script) for script in CANDIDATES.get(codec, ("zh",)))


def best_legacy(data: bytes) -> tuple[float, str]:
    """The most legible reading in an encoding of two bytes a character: its score and its codec."""
    return max((score(data, codec), codec) for codec in LEGACY)


def blocks(data: Bytes, start: int, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The bytes from `start` on in pieces of a size, cut anywhere."""
    for place in range(start, len(data), size):
        yield data[place : place + size]
        release(data, place)


def _whole_utf8(data: Bytes, start: int) -> Found | None:
    """UTF-8, if the bytes are that to the end, where a character may be cut off if there is another before it."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    head = data[start : start + SAMPLE_BYTES]
    # English in UTF-16 is valid UTF-8, too: every other byte is NUL.
    if head.count(0) * 4 > len(head):
        return None
    is_ascii = True
    try:
        for block in blocks(data, start):
            is_ascii = decoder.decode(block).isascii() and is_ascii
    except UnicodeDecodeError:
        return None
    text = head.decode("utf-8", "ignore")
    if noise(text) > WRONG_LIMIT and not diagnose(text):
        raise binary()
    cut = len(decoder.getstate()[0])
    # One byte after plain ASCII is more likely the accent of another encoding than the beginning of a character.
    return None if cut and is_ascii and (cut < 2 or len(data) - start == cut) else Found("utf-8", 1.0, cut == 0)


def _by_score(data: Bytes, start: int) -> Found:
    """UTF-8 if most lines of the samples are, else the most legible reading of the lines that are not."""
    samples = list(_samples(data, start))
    lines = [line for sample in samples for line in sample.splitlines(keepends=True) if not line.isascii()]
    own, others = [line for line in lines if is_nearly_utf8(line)], [line for line in lines if not is_nearly_utf8(line)]
    if sum(map(len, own)) > sum(map(len, others)) and len(THREE_BYTES.findall(b"".join(own))) > LEAST_UTF8:
        text = b"".join(own).decode("utf-8", "replace")
        return Found("utf-8", round(min(0.999, 1 - text.count(REPLACEMENT) / len(text)), 3))
    return _most_legible([b"".join(others)] if own and others else samples)


def is_nearly_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8 of Chinese, but for a few bad bytes."""
    text = line.decode("utf-8", "replace")
    lost = text.count(REPLACEMENT)
    whole = len(THREE_BYTES.findall(line))
    return whole > 0 if lost == 0 else lost * 8 <= whole and lost <= max(2, len(text) // 20)


def _samples(data: Bytes, start: int) -> Iterator[bytes]:
    """The start of the text and a part of its middle, which begins where no character can be torn."""
    yield data[start : start + SAMPLE_BYTES]
    middle = max(start + SAMPLE_BYTES, len(data) // 2)
    place = data.find(b"\n", middle, middle + SAMPLE_BYTES) + 1
    if place:
        yield data[place : place + SAMPLE_BYTES]


def _most_legible(samples: list[bytes]) -> Found:
    head = samples[0]
    western = sum(byte in PLAIN for byte in head) >= LEAST_PLAIN * len(head)
    # A newline of two bytes is cut in half by the way the middle is found.
    scores = [
        (_mean(samples[:1] if codec in WIDE else samples, codec), codec)
        for codec in (*CANDIDATES, *((WESTERN,) if western else ()))
    ]
    confidence, codec = _clearest(scores)
    if confidence < LEAST_CONFIDENCE and western and sum(byte > 0x7F for byte in head) <= FEW * len(head):
        return Found(WESTERN, LEAST_CONFIDENCE)
    if confidence < LEAST_CONFIDENCE:
        confidence, codec = _aligned_anew(head, confidence, codec)
    return Found(codec, round(confidence, 3))


def _mean(samples: list[bytes], codec: str) -> float:
    return sum(score(sample, codec) * len(sample) for sample in samples) / max(1, sum(map(len, samples)))


def _clearest(scores: list[tuple[float, str]]) -> tuple[float, str]:
    """The best reading and how sure it is: its score, less when the next best is close behind."""
    (best, codec), (second, _) = sorted(scores, reverse=True)[:2]
    return max(0.0, min(1.0, best)) * min(1.0, (best - second) / CLEAR_MARGIN), codec


def _aligned_anew(head: bytes, confidence: float, codec: str) -> tuple[float, str]:
    """A second look for text that lost a byte, after which all is garbled up to the next plain ASCII, or to the end.

    Each short piece is read from its first and from its second byte. Raises BadText when that does not help either.
    """
    again, found = _clearest([(_best_aligned(head, other), other) for other in (*LEGACY, *WIDE)])
    if again >= LEAST_REALIGNED and (found in WIDE or head.count(0) == 0):
        return again, found
    if noise(head.decode("latin-1")) > NOISE_LIMIT and not _is_dense(head):
        raise binary()
    sureness = 100 * confidence
    raise BadText(
        "encoding_unclear",
        "its encoding cannot be told from its content (the best guess, %s, is %.0f %% sure)" % (codec, sureness),
        ASK,
        guess=codec,
    )


def _best_aligned(data: bytes, codec: str) -> float:
    """The mean legibility of short pieces, each in the better of its two alignments; the first byte begins a character."""
    pieces = [data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES)]
    both = [[_legible(piece[skip:], codec) for skip in ((0, 1) if number else (0,))] for number, piece in enumerate(pieces)]
    return sum(max(pair) for pair in both) / len(both)


def _legible(piece: bytes, codec: str) -> float:
    text = piece.decode(codec, "ignore")
    return max(legibility(text, script) for script in CANDIDATES[codec])


def _is_dense(head: bytes) -> bool:
    """Whether most bytes are above ASCII and none is NUL: text of some kind, if an unknown one."""
    return 0 not in head and sum(byte > 0x7F for byte in head) * 2 > len(head)


def binary() -> BadText:
    """The error for bytes that are no text in any encoding."""
    return BadText("binary", "this is not text but some kind of binary data", "choose a text file")


def _text(data: bytes, codec: str) -> str:
    """The bytes decoded; a character that is cut off at their end is left out."""
    return codecs.getincrementaldecoder(codec)("replace").decode(data, final=False)
