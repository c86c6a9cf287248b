"""Rules of what a book's printing left: page marks, running heads, Project Gutenberg's frame."""

import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipelines.chapters.headings import heading_of
from pipelines.rules.rule import Edit, Rule
from pipelines.rules.settling import settled
from pipelines.rules.widths import INDENT_CELLS, cells, ends_sentence, indent_cells

LEAST_SEQUENCE = 5
# Numbers between dashes may number the parts of a chapter: of one or two only a 1 or 2, of more all or none.
LEAST_MARKS = 3
# Numbers of pages rise by one, or more where a page's was lost, and have a page between them.
SEQUENCE_STEP, LEAST_PAGE_CHARACTERS = 3, 100
# Pages end in the middle of a sentence: of three numbers in a row, at least one stands there. Chapters' numbers never do.
INTERRUPTED_SHARE, DASHED_SHARE = 0.30, 0.10
LEAST_HEADS, HEAD_LIMIT, REGULAR = 10, 40, 0.5
# The licence has 19,000 characters, and the longest header in use 30,000.
FRAME_LIMIT = 60_000
MOST_CREDITS = 3
_NEAR = 600
_SHORT_CELLS = 8

_W = r"[ \t\u3000\xa0]{0,60}"
_LINE = r"[-—–―－=*~·•_]{0,60}"
_NUMBER = r"[0-9０-９]{1,5}"
_PAGE = re.compile(
    rf"\n{_W}[\[(（【]?{_LINE}{_W}(?:page[ \t.]{{0,3}}{_NUMBER}(?:[ \t]{{0,2}}(?:of|/)[ \t]{{0,2}}{_NUMBER})?"
    rf"|第[ ]{{0,2}}{_NUMBER}[ ]{{0,2}}[页頁](?:[ ]{{0,2}}[/／,，]?[ ]{{0,2}}共?[ ]{{0,2}}{_NUMBER}[ ]{{0,2}}[页頁])?"
    rf"|第[ ]{{0,2}}{_NUMBER}[ ]{{0,2}}[/／][ ]{{0,2}}{_NUMBER}[ ]{{0,2}}[页頁]){_W}{_LINE}[\])）】]?{_W}(?=\n)",
    re.IGNORECASE,
)
_DASHED = re.compile(rf"\n{_W}[-—–―－·•~]{{1,30}}[ \t]{{0,4}}({_NUMBER})[ \t]{{0,4}}[-—–―－·•~]{{1,30}}{_W}(?=\n)")
_BARE = re.compile(rf"\n{_W}({_NUMBER}){_W}(?=\n)")

# A place in the text: where a line begins and ends.
_Span = tuple[int, int]
# The same with the number on it.
_Numbered = tuple[int, int, int]


def _page_marks(text: str) -> Iterator[Edit]:
    return settled(text, _marks)


def _marks(text: str) -> Iterator[Edit]:
    framed = f"\n{text}\n"
    found = [(match.start(), match.end() - 1) for match in _PAGE.finditer(framed)]
    found += _dashed(text, [(match.start(), match.end() - 1, int(match[1])) for match in _DASHED.finditer(framed)])
    found += _sequences(text, [(match.start(), match.end() - 1, int(match[1])) for match in _BARE.finditer(framed)])
    return _without(text, sorted(found), "page_marks")


def _dashed(text: str, numbers: Sequence[_Numbered]) -> Iterator[_Span]:
    """The lines of numbers between dashes that are those of pages, and do not head the parts of a chapter."""
    spans = [(start, end) for start, end, _ in numbers]
    if len(spans) >= LEAST_MARKS:
        yield from spans if _interrupted(text, spans) >= DASHED_SHARE else ()
        return
    for start, end, number in numbers:
        if number >= LEAST_MARKS or _interrupted(text, [(start, end)]):
            yield start, end


def _sequences(text: str, numbers: Sequence[_Numbered]) -> Iterator[_Span]:
    """The lines of numbers alone that rise as those of pages do."""
    row: list[_Numbered] = []
    for place in (*numbers, (len(text), len(text), -1)):
        if row and not (1 <= place[2] - row[-1][2] <= SEQUENCE_STEP and place[0] - row[-1][1] >= LEAST_PAGE_CHARACTERS):
            spans = [(start, end) for start, end, _ in row]
            if len(row) >= LEAST_SEQUENCE and _interrupted(text, spans) >= INTERRUPTED_SHARE:
                yield from spans
            row = []
        row.append(place)


def _interrupted(text: str, spans: Sequence[_Span]) -> float:
    """The share of lines that stand in the middle of a sentence."""
    before = (text[max(start - _NEAR, 0) : start].rstrip() for start, _ in spans)
    return sum(bool(line) and not ends_sentence(line) for line in before) / len(spans)


def _without(text: str, spans: Iterable[_Span], rule: str) -> Iterator[Edit]:
    """Take lines away with the blank lines round them, so that a paragraph which they stood in is whole again."""
    for start, end in _clusters(text, spans):
        removed = text[start:end]
        if not start:
            inserted = ""
        elif end == len(text):
            inserted = "\n"
        else:
            blank = re.search(r"\n[ \t\u3000\xa0]*\n", removed) is not None
            inserted = "\n\n" if blank and not _continues(text, start, end) else "\n"
        yield Edit(rule, start, removed, inserted)


def _clusters(text: str, spans: Iterable[_Span]) -> Iterator[_Span]:
    """Lines with the blank space round them, as one where nothing but blank space is between them."""
    last: _Span | None = None
    for start, end in spans:
        before, after = text[max(start - _NEAR, 0) : start], text[end : end + _NEAR]
        blank = after[: len(after) - len(after.lstrip())]
        wide = start - len(before) + len(before.rstrip()), end + blank.rfind("\n") + 1
        if last and wide[0] <= last[1]:
            last = last[0], wide[1]
            continue
        if last:
            yield last
        last = wide
    if last:
        yield last


def _continues(text: str, start: int, end: int) -> bool:
    """Whether the paragraph before `start` goes on at `end`: it was not ended on purpose, and no other begins there."""
    lines = text[max(start - _NEAR, 0) : start].split("\n")[-10:]
    below = text[end : end + _NEAR].split("\n", 1)[0]
    indent = indent_cells(below[: len(below) - len(below.lstrip())])
    if indent >= INDENT_CELLS or _heads(below) or _heads(lines[-1]):
        return False
    if not ends_sentence(lines[-1].rstrip()):
        return True
    widths = [cells(line.rstrip()) for line in lines]
    indented = any(re.match(r" {2}|\u3000", line) for line in lines)
    return indented and widths[-1] > max(widths) - _SHORT_CELLS


def _heads(line: str) -> bool:
    heading = heading_of(line)
    return heading is not None and not heading.prefix


_SHORT_LINE = re.compile(rf"\n{_W}(\S[^\n]{{0,{HEAD_LIMIT - 2}}}\S){_W}(?=\n)")


def _running_heads(text: str) -> Iterator[Edit]:
    return settled(text, _heads_of_pages)


def _heads_of_pages(text: str) -> Iterator[Edit]:
    """Short lines that come again and again at distances much alike; numbers in them may differ."""
    places: defaultdict[str, list[_Span]] = defaultdict(list)
    for match in _SHORT_LINE.finditer(f"\n{text}\n"):
        places[re.sub(r"\d+", "0", match[1])].append((match.start(), match.end() - 1))
    found = [span for line, spans in places.items() if _is_running(line, spans) for span in spans]
    return _without(text, sorted(found), "running_heads")


def _is_running(line: str, spans: Sequence[_Span]) -> bool:
    """Whether a line's distances are those of pages: half of them or more are within half of the middle one."""
    if len(spans) < LEAST_HEADS or _heads(line) or not any(map(str.isalpha, line)):
        return False
    gaps = [after[0] - before[1] for before, after in pairwise(spans)]
    middle = statistics.median(gaps)
    regular = sum(abs(gap - middle) <= REGULAR * middle for gap in gaps)
    return middle >= LEAST_PAGE_CHARACTERS and regular >= REGULAR * len(gaps)


_FRAME = re.compile(
    r"\*(?:\*\* {0,2}(?P<what>START|END) OF (?:THE |THIS )?PROJECT GUTENBERG[^*]{0,300}\*{3}[^\n]{0,80}"
    r"|END[* ]{1,3}THE SMALL PRINT[^\n]{0,120})"
)
_END_NOTE = re.compile(
    r"(?<![^\n])End of (?:the |this )?Project Gutenberg[^\n]{0,200}(?:\n[^\n]{1,100}){0,2}\s{0,20}$", re.IGNORECASE
)
_CREDITS = re.compile(
    r"\s{0,40}(?:(?:Produced|Transcribed|Prepared) (?:by|from)|(?:This )?(?:Project Gutenberg )?E-?(?:text|book) (?:was )?"
    r"(?:prepared|produced|created) by)[^\n]{0,200}(?:\n[^\n]{1,200}){0,8}",
    re.IGNORECASE,
)


def _gutenberg(text: str) -> Iterator[Edit]:
    return settled(text, _frames)


def _frames(text: str) -> Iterator[Edit]:
    """What stands before a START marker, after an END marker, and between the two where books were put together."""
    begun: int | None = 0
    done = 0
    for match in _FRAME.finditer(text):
        if match["what"] == "END":
            begun = begun or _before_note(text, done, match.start())
        elif begun is not None and _is_frame(text, begun, match.start()):
            done = _after_credits(text, match.end())
            yield Edit("gutenberg", begun, text[begun:done])
            begun = None
    # The oldest files end in the note alone.
    begun = begun or _before_note(text, done, len(text))
    if begun < len(text) and len(text) - begun <= FRAME_LIMIT:
        yield Edit("gutenberg", begun, text[begun:])


def _is_frame(text: str, begun: int, marker: int) -> bool:
    """Whether what leads to a START marker is no book: short, and about Project Gutenberg or next to nothing."""
    size = marker - begun
    return size < _NEAR or (size <= FRAME_LIMIT and "gutenberg" in text[begun:marker].lower())


def _before_note(text: str, done: int, marker: int) -> int:
    """Where the footer starts: some END markers, and the end of some files, have a line above that says the same."""
    note = _END_NOTE.search(text, max(marker - _NEAR, done), marker)
    return note.start() if note else marker


def _after_credits(text: str, end: int) -> int:
    """Where the book starts: after the paragraphs, if any, that say who prepared the file."""
    for _ in range(MOST_CREDITS):
        if match := _CREDITS.match(text, end):
            end = match.end()
    return end


RULES = (
    Rule("page_marks", 9, True, "middle", "Remove lines that only number a page, and close the paragraph again.", _page_marks),
    Rule("running_heads", 10, False, "middle", "Remove short lines that come again on every page.", _running_heads),
    Rule("gutenberg", 11, True, "low", "Remove Project Gutenberg's header and licence.", _gutenberg),
)
