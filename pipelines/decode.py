"""Bytes to text: which encoding a file is in, told by what it says, and how many characters were lost.

The order matters: a byte-order mark, then UTF-8 (whole, cut off or slightly damaged), then whichever of the other
encodings gives the most legible text. Trying Chinese encodings one after the other until one raises no error does not
work: every Big5 novel is GB18030 without an error. Knows nothing of files or novels.
"""

import codecs
import re
from dataclasses import dataclass

from pipelines.errors import BadSettings, BadText
from pipelines.legibility import REPLACEMENT, legibility, noise
from pipelines.magic import looks_like

SAMPLE_BYTES = 65_536
# Measured on Chinese of 60 bytes and more: right readings are above 0.45; Japanese read as Chinese stays below 0.3.
LEAST_CONFIDENCE = 0.33
# A reading must beat the next best by this much to be trusted fully.
CLEAR_MARGIN = 0.1
# A reading must be this legible before bytes are assumed lost; the pieces are short beside what one lost byte spoils.
LEAST_REALIGNED = 0.45
PIECE_BYTES = 128
NOISE_LIMIT = 0.05
WRONG_LIMIT = 0.25
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE = ("utf-16-le", "utf-16-be")
DOUBLE = ("gb18030", "big5hkscs")
CANDIDATES = (*DOUBLE, "utf-8", *WIDE)
# What a person may choose from when the content does not tell; `decode` takes any that Python knows.
OFFERED = ("utf-8", "gb18030", "big5hkscs", *WIDE, "shift_jis", "euc_jp", "euc_kr", "cp1252")
# Western texts are nearly all plain letters and spaces, whatever their accents; in Chinese bytes these are few.
PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,'\"\r\n")
LEAST_PLAIN = 0.7
BIG5_FLAVOURS = ("big5", "big5hkscs", "cp950")
# GB18030 holds all of GBK, GBK all of GB2312, and files called gb2312 seldom keep to it.
SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030"}
THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
ASK = "name it with --encoding (gb18030, big5, utf-8, shift_jis, …)"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was in, how sure that is (0 to 1), and how many characters became U+FFFD."""

    text: str
    encoding: str
    confidence: float
    replaced: int


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of `data`, in `encoding` if one is given, else in the one that its content speaks for.

    Raises BadText for what is empty, blank, no text at all, or too unclear; BadSettings for an unknown encoding.
    """
    codec = _named(encoding) if encoding else None
    _refuse_hollow(data)
    if kind := looks_like(data):
        raise BadText("not_text", f"this is {kind}, not plain text", "save its text as a .txt file and bring that", kind=kind)
    decoded = _as_told(data, codec) if codec else _by_mark(data) or _as_utf8(data) or _by_score(data)
    if not decoded.text.strip().strip("\ufeff\x00"):
        raise BadText("blank", "there is nothing but blank space in it", "choose another file")
    return decoded


def _refuse_hollow(data: bytes) -> None:
    """Raise BadText for a file without any content."""
    if not data:
        raise BadText("empty", "the file is empty", "choose another file")
    if any(data == mark for mark, _ in MARKS):
        raise BadText("only_mark", "there is nothing in it but a byte-order mark", "choose another file")
    if not data.strip(b"\x00"):
        raise BadText("only_nuls", "there is nothing in it but NUL bytes, as after a broken download", "fetch the file again")


def _by_mark(data: bytes) -> Decoded | None:
    """The reading that a byte-order mark announces; None without a mark, or if the text belies it."""
    for mark, codec in MARKS:
        if data.startswith(mark):
            rest = data[len(mark) :]
            if codec == "utf-8-sig":
                found = _as_utf8(rest)
                return Decoded(found.text, codec, found.confidence, found.replaced) if found else _by_score(rest)
            text, replaced = _read(rest, codec)
            if noise(text[:SAMPLE_BYTES].rstrip(REPLACEMENT)) > NOISE_LIMIT:
                raise _binary()
            return Decoded(text, codec[:6], 1.0, replaced)
    return None


def _as_utf8(data: bytes) -> Decoded | None:
    """The UTF-8 reading, if the bytes are UTF-8 but for a cut tail or a few bad bytes; else None."""
    # English in UTF-16 is valid UTF-8, too: every other byte is NUL.
    if data.count(0) * 4 > len(data):
        return None
    text, replaced = _read(data, "utf-8")
    if _is_whole(data):
        return Decoded(text, "utf-8", 1.0, replaced)
    if replaced > max(2, len(text) // 500) or len(THREE_BYTES.findall(data)) <= 20:
        return None
    return Decoded(text, "utf-8", round(1 - replaced / len(text), 3), replaced)


def _is_whole(data: bytes) -> bool:
    """Whether the bytes are UTF-8 to the end, where a character may be cut off if there is another before it."""
    try:
        text = codecs.getincrementaldecoder("utf-8")("strict").decode(data, final=False)
    except UnicodeDecodeError:
        return False
    if noise(text[:SAMPLE_BYTES]) > WRONG_LIMIT:
        raise _binary()
    return data.isascii() or (text != "" and (not text.isascii() or data[-2] > 0x7F))


def _by_score(data: bytes) -> Decoded:
    """The most legible reading; raises BadText when none is legible enough or two are nearly alike."""
    head = data[:SAMPLE_BYTES]
    western = sum(byte in PLAIN for byte in head) >= LEAST_PLAIN * len(head)
    candidates = (*CANDIDATES, "cp1252") if western else CANDIDATES
    confidence, codec = _clearest([(_score(data, codec), codec) for codec in candidates])
    if confidence < LEAST_CONFIDENCE:
        confidence, codec = _realigned(data, confidence, codec)
    text, flavour, replaced = _read_flavour(data, codec)
    return Decoded(text, flavour, round(confidence, 3), replaced)


def _clearest(scores: list[tuple[float, str]]) -> tuple[float, str]:
    """The best reading and how sure it is: its score, less when the next best is close behind."""
    (best, codec), (second, _) = sorted(scores, reverse=True)[:2]
    return max(0.0, min(1.0, best)) * min(1.0, (best - second) / CLEAR_MARGIN), codec


def _realigned(data: bytes, confidence: float, codec: str) -> tuple[float, str]:
    """A second look for Chinese that lost a byte, after which all is garbled up to the next plain ASCII.

    Each short piece is read from its first and from its second byte. Raises BadText when that does not help either.
    """
    again, found = _clearest([(_best_aligned(data[:SAMPLE_BYTES], double), double) for double in DOUBLE])
    if again >= LEAST_REALIGNED and data.count(0) == 0:
        return again, found
    if noise(data[:SAMPLE_BYTES].decode("latin-1")) > NOISE_LIMIT and not _is_dense(data):
        raise _binary()
    sureness = 100 * confidence
    raise BadText(
        "encoding_unclear",
        "its encoding cannot be told from its content (the best guess, %s, is %.0f %% sure)" % (codec, sureness),
        ASK,
        guess=codec,
    )


def _best_aligned(data: bytes, codec: str) -> float:
    """The mean legibility of short pieces, each in the better of its two alignments."""
    pieces = [data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES)]
    both = [[legibility(piece[skip:].decode(codec, "ignore")) for skip in (0, 1)] for piece in pieces]
    return sum(max(pair) for pair in both) / len(both)


def _is_dense(data: bytes) -> bool:
    """Whether most bytes are above ASCII and none is NUL: text of some kind, if an unknown one."""
    head = data[:SAMPLE_BYTES]
    return 0 not in head and sum(byte > 0x7F for byte in head) * 2 > len(head)


def _binary() -> BadText:
    return BadText("binary", "this is not text but some kind of binary data", "choose a text file")


def _score(data: bytes, codec: str) -> float:
    """How legible the reading is; one that shows nothing but ASCII has swallowed what made the file unclear."""
    text = _sample(data, codec)
    return 0.0 if text.isascii() and codec not in WIDE else legibility(text)


def _sample(data: bytes, codec: str) -> str:
    """The start of the file and a part of its middle, decoded; the cuts fall where no character can be torn."""
    decoder = codecs.getincrementaldecoder(codec)
    text = decoder("replace").decode(data[:SAMPLE_BYTES], final=False)
    start = data.find(b"\n", max(SAMPLE_BYTES, len(data) // 2)) + 1
    if start == 0 or codec in WIDE:
        return text
    return text + decoder("replace").decode(data[start : start + SAMPLE_BYTES], final=False)


def _read(data: bytes, codec: str) -> tuple[str, int]:
    """The text, and how many characters of it are U+FFFD though the file did not say so."""
    try:
        text, lost = data.decode(codec), 0
    except UnicodeDecodeError:
        text = data.decode(codec, errors="replace")
        lost = max(1, text.count(REPLACEMENT) - data.count(REPLACEMENT.encode(codec, errors="replace")))
    return text, lost


def _read_flavour(data: bytes, codec: str) -> tuple[str, str, int]:
    """Text, codec and losses; of the kinds of Big5, the one that loses least."""
    flavours = BIG5_FLAVOURS if codec in BIG5_FLAVOURS else (codec,)
    readings = [(*_read(data, flavour), flavour) for flavour in flavours]
    text, lost, flavour = min(readings, key=lambda reading: reading[1])
    return text, flavour, lost


def _named(encoding: str) -> str:
    """Python's name of an encoding a person named; raises BadSettings if there is none, or it is no encoding of text."""
    try:
        codec = codecs.lookup(encoding).name
        "".encode(codec)
    except (LookupError, UnicodeError) as error:
        message = f"there is no encoding {encoding!r}"
        raise BadSettings("unknown_encoding", message, "use a name such as utf-8, gb18030 or big5", value=encoding) from error
    return SUPERSETS.get(codec, codec)


def _as_told(data: bytes, codec: str) -> Decoded:
    """The reading a person asked for; raises BadText when it is mostly noise."""
    try:
        text, flavour, lost = _read_flavour(data, codec)
    except UnicodeError as error:
        raise _wrong(codec) from error
    # Some encodings can spell half of a surrogate pair, which no file of ours could hold.
    text, halves = re.subn("[\ud800-\udfff]", REPLACEMENT, text.removeprefix("\ufeff"))
    if noise(text) > WRONG_LIMIT:
        raise _wrong(codec)
    return Decoded(text, flavour, 1.0, lost + halves)


def _wrong(codec: str) -> BadText:
    message = f"read as {codec}, most of it is not readable"
    return BadText("wrong_encoding", message, "leave --encoding away, or name another", encoding=codec)
