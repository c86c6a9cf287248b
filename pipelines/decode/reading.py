"""Bytes of one encoding to text, block by block, with the place of every character that was lost or read again."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.decode.legibility import REPLACEMENT
from pipelines.decode.realign import CODEC as REALIGNED
from pipelines.decode.realign import realigned
from pipelines.decode.shifted import first_shift
from pipelines.magic import Bytes, release

# A block has at most as many characters as bytes.
BLOCK_BYTES = 2**19
# Stands for what cannot be decoded until it has been counted; no codec that is detected brings it forth.
SENTINEL = "\udcff"
HALVES = re.compile("[\ud800-\udfff]")
ON_ERROR = "moxu.count"
WIDE = ("utf-16-le", "utf-16-be")
NEWLINES = {"utf-16-le": b"\n\x00", "utf-16-be": b"\x00\n", "utf-32-le": b"\n\x00\x00\x00", "utf-32-be": b"\x00\x00\x00\n"}
# U+FFFD as it is written in GB18030, by whoever lost the character before.
WRITTEN = REPLACEMENT.encode(REALIGNED)


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of text, the places in it that became U+FFFD, and the stretches that were realigned (place, length)."""

    text: str
    lost: list[int] = field(default_factory=list)
    again: list[tuple[int, int]] = field(default_factory=list)


def _sentinel(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return SENTINEL, error.end


codecs.register_error(ON_ERROR, _sentinel)


def pieces(data: Bytes, start: int, end: int, codec: str) -> Iterator[Piece]:
    """The text of the bytes from `start` to before `end`, in blocks that end after a newline if they hold one.

    Raises UnicodeError for a codec that cannot read on after a mistake.
    """
    if codec == REALIGNED:
        read = _realigned(data, start, end)
    else:
        read = (_wide if codec in WIDE else _decoded)(data, start, end, codec)
    for piece, place in read:
        release(data, place)
        yield piece


def _decoded(data: Bytes, start: int, end: int, codec: str) -> Iterator[tuple[Piece, int]]:
    decoder = codecs.getincrementaldecoder(codec)(ON_ERROR)
    newline = NEWLINES.get(codec, b"\n")
    while start < end:
        block = _to_newline(data[start : min(start + BLOCK_BYTES, end)], newline, start + BLOCK_BYTES >= end)
        start += len(block)
        text = decoder.decode(block, start == end)
        lost = [found.start() for found in HALVES.finditer(text)] if _has_halves(text) else []
        yield Piece(HALVES.sub(REPLACEMENT, text) if lost else text, lost), start


def _wide(data: Bytes, start: int, end: int, codec: str) -> Iterator[tuple[Piece, int]]:
    """UTF-16, each block looked through for a lost byte, since nothing in it tells where a character begins."""
    while start < end:
        last = start + BLOCK_BYTES >= end
        block = _to_newline(data[start : min(start + BLOCK_BYTES, end)], NEWLINES[codec], last)
        place = first_shift(block, codec)
        decoder = codecs.getincrementaldecoder(codec)(ON_ERROR)
        text = decoder.decode(block[:place], last or place is not None)
        start += (len(block) if place is None else place + 1) - len(decoder.getstate()[0])
        text += "" if place is None else SENTINEL
        lost = [found.start() for found in HALVES.finditer(text)] if _has_halves(text) else []
        again = [] if place is None else [(len(text) - 1, 1)]
        yield Piece(HALVES.sub(REPLACEMENT, text) if lost else text, lost, again), start


def _has_halves(text: str) -> bool:
    """Whether there is half of a surrogate pair in a text: the sentinel, or what some odd encodings can spell."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _to_newline(block: bytes, newline: bytes, last: bool) -> bytes:
    """The block up to its last newline; all of it if it has none, or is the last one."""
    if last:
        return block
    place = block.rfind(newline)
    while place % len(newline) and place > 0:
        place = block.rfind(newline, 0, place + len(newline) - 1)
    return block[: place + len(newline)] if place >= 0 else block


def _realigned(data: Bytes, start: int, end: int) -> Iterator[tuple[Piece, int]]:
    while start < end:
        last = start + BLOCK_BYTES >= end
        block = _to_newline(data[start : min(start + BLOCK_BYTES, end)], b"\n", last)
        text, again, read = realigned(block, final=last or block.endswith(b"\n"))
        start += read
        lost = [found.start() for found in re.finditer(REPLACEMENT, text)]
        yield Piece(text, lost if len(lost) > block.count(WRITTEN) else [], again), start
