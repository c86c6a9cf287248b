"""A long text into sections that are cleaned one by one: bounded memory, and one core each. Joined, they are the text.

What is at most one section long, nearly every novel, is cleaned whole. A longer text is cut at a chapter's heading where
there is one, else between paragraphs; rules that look at a whole book then look at a section.
"""

import re
from collections.abc import Iterable, Iterator

from pipelines.chapters.headings import heading_of

# Twelve megabytes of Chinese: longer than nearly every novel, and short enough for a few at once in a gigabyte.
SECTION_CHARACTERS = 4_000_000
# How far back from the end a good place to cut is looked for.
REACH_CHARACTERS = 200_000
_PARAGRAPH_END = re.compile(r"\n[ \t\u3000\r]{0,40}\n+")
_SENTENCE_END = re.compile(r"[。！？!?….]")


def sections(blocks: Iterable[str], size: int = SECTION_CHARACTERS) -> Iterator[str]:
    """The text that comes in `blocks`, cut into sections of at most `size` characters; where the blocks end tells nothing."""
    held: list[str] = []
    length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        while length > size:
            text = "".join(held)
            cut = _cut(text, size)
            yield text[:cut]
            held, length = [text[cut:]], length - cut
    if length:
        yield "".join(held)


def _cut(text: str, size: int) -> int:
    """The best place to end a section that starts `text`: at most `size`, which is less than there is."""
    start = max(size - REACH_CHARACTERS, size // 2)
    tail = text[start:size]
    for found in (_before_heading(tail), _last_end(_PARAGRAPH_END, tail), _after_line(tail), _last_end(_SENTENCE_END, tail)):
        if found:
            return start + found
    # Never between a carriage return and its newline.
    return size - 1 if text[size - 1] == "\r" else size


def _before_heading(tail: str) -> int:
    """Where the last heading of the tail starts, else 0."""
    end = len(tail)
    # The last line may be cut off, so it says nothing.
    while (end := tail.rfind("\n", 0, end)) > 0:
        start = tail.rfind("\n", 0, end) + 1
        heading = heading_of(tail[start:end])
        if start and heading and not heading.prefix:
            return start
    return 0


def _after_line(tail: str) -> int:
    newline = tail.rfind("\n") + 1
    # A text of carriage returns alone; its last one may belong to a newline beyond the tail.
    return newline or tail.rfind("\r", 0, len(tail) - 1) + 1


def _last_end(pattern: re.Pattern[str], tail: str) -> int:
    return max((match.end() for match in pattern.finditer(tail)), default=0)
