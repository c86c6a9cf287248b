"""The parts of a file that are in another encoding than the rest: an appended line, a second book, a merged download.

Parts begin and end between lines, since nobody changes the encoding within one; where a file was appended to another
without a newline, in the middle of that line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.decode.detection import LEGACY, best_legacy, is_nearly_utf8, score
from pipelines.magic import Bytes, release

WINDOW_BYTES = 2**19
JUDGED_BYTES = 4096
SEARCHED_BYTES = 2**23
NEAR_BYTES = 1024
# A part must be this legible, by this much more than in the encoding of the rest, and no shorter than four characters.
LEAST_LEGIBLE, LEAST_GAIN, LEAST_BYTES = 0.45, 0.5, 8
# Four Chinese characters of UTF-8 in a row; other encodings do not bring forth more than one or two by chance.
# Written out, it is found five times as fast as with a count.
UTF8_ROW = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf][\x80-\xbf]" * 4)
UTF8_END = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){2,}[\x00-\x7f]{0,8}\Z")
ROW_BYTES = 12
NOT_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file, from `start` to before `end`, that are in one encoding."""

    start: int
    end: int
    codec: str


def parts(data: Bytes, start: int, codec: str) -> list[Part]:
    """What follows `start`, all in `codec` but where it clearly is in another encoding; a list of adjacent parts."""
    if codec == "utf-8":
        found = _not_utf8(data, start)
    else:
        found = [*_in_utf8(data, start, codec), *_in_legacy(data, start, codec)] if codec in LEGACY else []
    return _filled(data, sorted(found, key=lambda part: part.start), Part(start, len(data), codec))


def _not_utf8(data: Bytes, start: int) -> Iterator[Part]:
    """The runs of lines that are not UTF-8 but legible in an encoding of two bytes a character."""
    for begin, window in _windows(data, start):
        try:
            window.decode("utf-8")
        except UnicodeDecodeError:
            for first, last in _runs(window):
                skip = _utf8_prefix(window[first:last])
                run = window[first + skip : last]
                if codec := _better(run, "utf-8"):
                    yield Part(begin + first + skip, begin + last, codec)


def _runs(window: bytes) -> Iterator[tuple[int, int]]:
    """Where lines follow each other that are not UTF-8, nor plain ASCII but between such lines."""
    place, first, last = 0, None, 0
    for line in window.splitlines(keepends=True):
        end = place + len(line)
        if line.isascii():
            pass
        elif not is_nearly_utf8(line):
            first, last = place if first is None else first, end
        elif first is not None:
            yield first, last
            first = None
        place = end
    if first is not None:
        yield first, last


def _utf8_prefix(run: bytes) -> int:
    """How many bytes of a run belong to the UTF-8 before it: those of its first line up to what is no UTF-8."""
    line = run[: run.find(b"\n") + 1 or len(run)]
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start if UTF8_ROW.search(line[: error.start]) else 0
    return 0


def _in_utf8(data: Bytes, start: int, codec: str) -> Iterator[Part]:
    """The lines that are UTF-8 in a file that is not."""
    place = start
    while row := _next_row(data, place):
        begin = data.rfind(b"\n", max(place, row.start() - WINDOW_BYTES), row.start()) + 1 or place
        place = data.find(b"\n", row.end(), row.end() + WINDOW_BYTES) + 1 or min(len(data), row.end() + WINDOW_BYTES)
        line = data[begin:place]
        if is_nearly_utf8(line) and _better(line, codec, ("utf-8",)):
            place = max(place, _utf8_end(data, begin))
            yield Part(_utf8_begin(data, begin), place, "utf-8")


def _next_row(data: Bytes, place: int) -> "re.Match[bytes] | None":
    while place < len(data):
        if found := UTF8_ROW.search(data, place, place + SEARCHED_BYTES):
            return found
        # A row may lie across the border.
        place += SEARCHED_BYTES - ROW_BYTES
        release(data, place)
    return None


def _utf8_end(data: Bytes, begin: int) -> int:
    """Where the first line begins that is not UTF-8."""
    end = begin
    for place, window in _windows(data, begin):
        try:
            window.decode("utf-8")
            end = place + len(window)
        except UnicodeDecodeError as error:
            return place + window.rfind(b"\n", 0, error.start) + 1
    return end


def _utf8_begin(data: Bytes, begin: int) -> int:
    """Where the short lines before a line of UTF-8 begin that are UTF-8, too, such as its title."""
    lines = data[max(0, begin - NEAR_BYTES) : begin].splitlines(keepends=True)
    place = begin
    for line in reversed(lines[1:] if begin > NEAR_BYTES else lines):
        if not (line.isascii() or is_nearly_utf8(line)):
            # The part before may have no newline at its end.
            appended = UTF8_END.search(line)
            return place - len(appended.group()) if appended else begin
        place -= len(line)
        begin = begin if line.isascii() else place
    return begin


def _in_legacy(data: Bytes, start: int, codec: str) -> Iterator[Part]:
    """The lines in another encoding of two bytes a character; looked for where a stretch begins or ends with such lines."""
    for begin, window in _windows(data, start):
        ends = window[:JUDGED_BYTES], window[-JUDGED_BYTES:].partition(b"\n")[2]
        first, last = (_better(end, codec) if score(end, codec) < LEAST_LEGIBLE else "" for end in ends)
        if first in LEGACY and first == last:
            yield Part(begin, begin + len(window), first)
        elif other := next((one for one in (first, last) if one in LEGACY), ""):
            yield from (Part(begin + one.start, begin + one.end, other) for one in _lines_in(window, codec, other))


def _lines_in(window: bytes, codec: str, other: str) -> Iterator[Part]:
    place = 0
    for line in window.splitlines(keepends=True):
        if len(NOT_ASCII.findall(line)) >= LEAST_BYTES and score(line, other) - score(line, codec) >= LEAST_GAIN:
            yield Part(place, place + len(line), other)
        place += len(line)


def _better(run: bytes, codec: str, others: tuple[str, ...] = ()) -> str:
    """The encoding in which these bytes clearly read better than in `codec`; "" if there is none."""
    sample = run[:JUDGED_BYTES]
    if len(NOT_ASCII.findall(sample)) < LEAST_BYTES:
        return ""
    points, other = max((score(sample, other), other) for other in others) if others else best_legacy(sample)
    return other if points >= LEAST_LEGIBLE and points - score(sample, codec) >= LEAST_GAIN else ""


def _windows(data: Bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The bytes from `start` on in pieces that end after a newline if they can, with the place of each."""
    while start < len(data):
        window = data[start : start + WINDOW_BYTES]
        cut = window.rfind(b"\n") + 1 if start + len(window) < len(data) else 0
        window = window[:cut] if cut else window
        yield start, window
        release(data, start)
        start += len(window)


def _filled(data: Bytes, found: list[Part], whole: Part) -> list[Part]:
    """The parts with all that lies between them; where that is plain ASCII or short, it belongs to the part before."""
    made: list[Part] = []
    start = whole.start
    for part in [*found, Part(whole.end, whole.end, whole.codec)]:
        if part.start < start:
            continue
        if start < part.start:
            is_short = made and (part.start - start < LEAST_BYTES * 4 and part.codec == made[-1].codec != "utf-8")
            is_plain = made and part.start - start < NEAR_BYTES and data[start : part.start].isascii()
            _append(made, Part(start, part.start, made[-1].codec if is_short or is_plain else whole.codec))
        if part.start < part.end:
            _append(made, part)
        start = part.end
    return made or [whole]


def _append(made: list[Part], part: Part) -> None:
    if made and made[-1].codec == part.codec:
        part = Part(made.pop().start, part.end, part.codec)
    made.append(part)
