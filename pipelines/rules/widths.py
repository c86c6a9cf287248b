"""How wide a text's lines are, in display cells, and whether they were cut at one width, by section. Pure.

Cells and thresholds are those of cleaning.md §4; East Asian characters take two cells, so a line of 40 has 80.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

SECTION_LINES = 500
LEAST_LINES = 12
SECTION_PARTS = 4
# Narrower lines are verse or lists rather than cut paragraphs.
LEAST_CELLS = 36
# Chinese lines are full to the last cells but for what may not begin a line; a Latin word that does not fit is longer.
WINDOW_CELLS, LATIN_WINDOW_CELLS = 4, 12
# Two marks that may not begin a line may hang behind a full one.
HANGING_CELLS = 4
FULL_SHARE, LONGER_SHARE = 0.35, 0.10
# A sharp edge is a cut, too, where most paragraphs are of a line or two: some lines just below it, next to none beyond.
EDGE_SHARE, BEYOND_SHARE = 0.15, 0.01
SENTENCE_SHARE, PAUSE_SHARE = 0.60, 0.50
# Of the lines below full ones, those that begin with a small letter: in prose five of six. A play's prose speeches, which
# nothing marks, have three of five among the verse, so unmarked paragraphs need more to be believed.
LOWER_SHARE, UNMARKED_LOWER_SHARE = 0.50, 0.75
MARKED_SHARE = 0.80
INDENT_CELLS = 2
PAUSES = frozenset("。！？…”」』．.!?\"'’，、；：,;:—）)")
# A quote ends a sentence only behind the mark that does: 叫做“水仙” goes on.
_SENTENCE_END = re.compile(r"(?:[。！？…．.!?][”’」』）)\"']{0,3}|[—～][”’」』]{1,2})$")

Layout = Literal["blank", "indent", "none"]


@dataclass(slots=True)
class Line:
    """A line with something on it: its text, its indent and width in cells, the blank lines above, its place in the text."""

    body: str
    indent: int
    width: int
    blanks: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines cut at `width` cells, with `gap` blank lines between any two, their paragraphs marked as `layout` says.

    `counted` are those cut by a number of characters, half-width ones among them: each then counts for two cells.
    """

    width: int
    wide: bool
    counted: bool
    gap: int
    layout: Layout

    @property
    def slack(self) -> int:
        """Cells a full line may fall short by."""
        return 2 * WINDOW_CELLS if self.wide else LATIN_WINDOW_CELLS

    @property
    def hanging(self) -> int:
        """Cells a full line may go beyond the width."""
        return HANGING_CELLS if self.wide else 0

    def length(self, text: str) -> int:
        """How much of a line's width a text takes."""
        return 2 * len(text) if self.counted else cells(text)

    def room(self, line: Line) -> int:
        """The cells that are left in a line."""
        return self.width - (line.indent + self.length(line.body) if self.counted else line.width)


def cells(text: str) -> int:
    """Display cells, reckoned from the UTF-8 length: right for ASCII and East Asian, a half too many for other letters."""
    count = len(text)
    return count if text.isascii() else count + (len(text.encode("utf-8", "surrogatepass")) - count + 1) // 2


def indent_cells(white: str) -> int:
    """Display cells of the white space that a line begins with; a tab counts for four."""
    return cells(white) + 3 * white.count("\t")


def may_be_cut(text: str) -> bool:
    """Whether the widths of any section's lines are those of cut lines: quick, for most texts are not cut."""
    lines = [line for line in map(str.rstrip, text.split("\n")) if line]
    return any(_cut_width(lines[start:end]) for start, end in sections(len(lines)))


def lines_of(text: str) -> list[Line]:
    """The lines that are not blank."""
    found: list[Line] = []
    blanks = start = 0
    for whole in text.split("\n"):
        body = whole.strip()
        if body:
            white = len(whole) - len(whole.lstrip())
            indent = indent_cells(whole[:white])
            at = start + white
            found.append(Line(body, indent, indent + cells(body), blanks, at, at + len(body)))
            blanks = 0
        else:
            blanks += 1
        start += len(whole) + 1
    return found


def sections(count: int) -> Iterator[tuple[int, int]]:
    """Where each section of about SECTION_LINES lines begins and ends."""
    pieces = max(round(count / SECTION_LINES), 1)
    yield from pairwise(count * piece // pieces for piece in range(pieces + 1))


def cut_sections(lines: Sequence[Line]) -> Iterator[tuple[int, int, Cut]]:
    """Where lines were cut, and how. Where whole sections were, a part of the next one may have been."""
    bounds = list(sections(len(lines)))
    cuts = [cut_of(lines[start:end]) for start, end in bounds]
    for at, ((start, end), cut) in enumerate(zip(bounds, cuts, strict=True)):
        if cut:
            yield start, end, cut
        elif any(cuts[max(at - 1, 0) : at + 2]):
            places = [start + (end - start) * part // SECTION_PARTS for part in range(SECTION_PARTS + 1)]
            parts = ((first, last, cut_of(lines[first:last])) for first, last in pairwise(places))
            yield from ((first, last, part) for first, last, part in parts if part)


def ends_sentence(body: str) -> bool:
    """Whether a line ends a sentence, with its quotes closed."""
    return _SENTENCE_END.search(body, max(len(body) - 4, 0)) is not None


def cut_of(lines: Sequence[Line]) -> Cut | None:
    """How a section's lines were cut, or None if they were not."""
    found = _cut_width([" " * line.indent + line.body if line.indent else line.body for line in lines])
    if found is None:
        return None
    cut = _by_characters(lines, Cut(*found, counted=False, gap=0, layout="none"))
    reach = WINDOW_CELLS if cut.wide else LATIN_WINDOW_CELLS
    full = [(line, after) for line, after in pairwise(lines) if -cut.hanging <= cut.room(line) < reach]
    if not full or not _in_mid_sentence(full):
        return None
    gap = _usual([after.blanks for _, after in full])
    layout = _layout([after for line, after in pairwise(lines) if cut.room(line) >= 2 * reach], gap)
    return replace(cut, gap=gap, layout=layout) if cut.wide or _goes_on_small(full, layout) else None


def _by_characters(lines: Sequence[Line], cut: Cut) -> Cut:
    """The same cut, or that by a number of characters, if more lines have the same number of them than of cells."""
    if not cut.wide:
        return cut
    widths = Counter(line.width for line in lines).most_common(1)[0]
    doubles = Counter(line.indent + 2 * len(line.body) for line in lines).most_common(1)[0]
    return replace(cut, width=doubles[0], counted=True) if doubles[1] > widths[1] and doubles[0] >= cut.width else cut


def _cut_width(lines: Sequence[str]) -> tuple[int, bool] | None:
    """The width in cells that lines were cut at, and whether they are East Asian; None if their widths do not say so."""
    if len(lines) < LEAST_LINES:
        return None
    widths = sorted(map(cells, lines))
    wide = sum(widths) > 1.3 * sum(map(len, lines))
    reach = WINDOW_CELLS if wide else LATIN_WINDOW_CELLS
    times = Counter(widths)
    counts = {top: bisect_right(widths, top) - bisect_left(widths, top - reach + 1) for top in times}
    top = max(counts, key=lambda width: (counts[width], -width))
    share = counts[top]
    # Of the widths in the window, wide lines have that of full ones most often; what goes beyond hangs.
    width = max(range(top - reach + 1, top + 1), key=lambda width: times[width]) if wide else top
    longer = len(widths) - bisect_right(widths, width + HANGING_CELLS if wide else width)
    full = share > FULL_SHARE * len(widths) and longer < LONGER_SHARE * len(widths)
    edge = share > EDGE_SHARE * len(widths) and longer <= BEYOND_SHARE * len(widths)
    return (width, wide) if width >= LEAST_CELLS and (full or edge) else None


def _in_mid_sentence(full: Sequence[tuple[Line, Line]]) -> bool:
    """Whether full lines end as in the middle of a sentence, and not as verse or whole paragraphs do."""
    sentences = sum(ends_sentence(line.body) for line, _ in full)
    pauses = sum(line.body[-1] in PAUSES for line, _ in full)
    return sentences < SENTENCE_SHARE * len(full) and pauses < PAUSE_SHARE * len(full)


def _goes_on_small(full: Sequence[tuple[Line, Line]], layout: Layout) -> bool:
    """Whether enough lines below full ones begin with a small letter, as verse does not."""
    small = sum(after.body[0].islower() for _, after in full)
    return small >= (UNMARKED_LOWER_SHARE if layout == "none" else LOWER_SHARE) * len(full)


def _usual(blanks: Sequence[int]) -> int:
    """The number of blank lines that stand between most lines of a paragraph: 1 in a text of double spacing."""
    count, times = Counter(blanks).most_common(1)[0]
    return count if times >= MARKED_SHARE * len(blanks) else 0


def _layout(starts: Sequence[Line], gap: int) -> Layout:
    """What marks the lines below lines that end early: the beginnings of paragraphs."""
    if sum(line.blanks > gap for line in starts) >= MARKED_SHARE * len(starts):
        return "blank"
    return "indent" if sum(line.indent >= INDENT_CELLS for line in starts) >= MARKED_SHARE * len(starts) else "none"
