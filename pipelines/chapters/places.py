"""Where headings stand in a text, and which of them are only lines of a table of contents. Pure and linear."""

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.chapters.headings import Heading, heading_of

CONTENTS_HEADINGS = 5
CONTENTS_CHARACTERS = 200
# Junk before a heading is believed when this share of the headings has it (cleaning.md §5).
PREFIX_SHARE = 0.8
# How far a gap is looked through for what can be read in it: one of more white space than this counts as long.
LOOKED_THROUGH = 1_000

Key = tuple[str, int | str]


@dataclass(frozen=True, slots=True)
class Place:
    """A heading and where its line starts and ends, its newline included."""

    heading: Heading
    start: int
    end: int

    @property
    def key(self) -> Key:
        """What makes two headings the same: kind and number, or the title where there is no number."""
        return self.heading.kind, self.heading.title if self.heading.number is None else self.heading.number


# Several rules in a row look for the headings of the same text.
@functools.lru_cache(maxsize=1)
def heading_places(text: str) -> tuple[Place, ...]:
    """Every line that is a heading by itself.

    Those with junk before them only if the junk is the same nearly everywhere; those that could begin a sentence only if
    most headings of the text are like that, or their number is the next.
    """
    found: list[Place] = []
    start = 0
    for line in text.splitlines(keepends=True):
        if heading := heading_of(line):
            found.append(Place(heading, start, start + len(line)))
        start += len(line)
    prefixes = Counter(place.heading.prefix for place in found)
    believed = {prefix for prefix, count in prefixes.items() if count >= PREFIX_SHARE * len(found)} | {""}
    return tuple(_without_sentences([place for place in found if place.heading.prefix in believed]))


def _without_sentences(places: list[Place]) -> list[Place]:
    """The places without those like 第三回他输了, where headings are written otherwise and it is not the third's turn."""
    close = sum(place.heading.is_close for place in places)
    if not close or 2 * close >= sum(bool(place.heading.label) for place in places):
        return places
    kept: list[Place] = []
    last: dict[str, int] = {}
    for place in places:
        kind, number = place.heading.kind, place.heading.number
        if place.heading.is_close and number not in (1, last.get(kind, 0) + 1):
            continue
        kept.append(place)
        if number is not None:
            last[kind] = number
    return kept


def without_contents(places: Sequence[Place], text: str) -> list[Place]:
    """The headings that are not lines of a table of contents."""
    listed = {place.start for row in contents_rows(places, text) for place in row}
    return [place for place in places if place.start not in listed]


def contents_rows(places: Sequence[Place], text: str, sure: bool = False) -> list[list[Place]]:
    """The tables of contents: five headings or more in a row with nothing between them, or with most of them coming again.

    Only the latter where one is to be `sure` that the chapters are somewhere else.
    """
    later: set[Key] = set()
    tables: list[list[Place]] = []
    for row in reversed(list(_rows(places, text))):
        if _is_contents(row, later, text, sure):
            tables.append(row)
        later.update(place.key for place in row)
    return tables[::-1]


def _rows(places: Sequence[Place], text: str) -> Iterator[list[Place]]:
    """Headings close upon each other, a new row where one comes again: the first chapter behind a table of contents."""
    row: list[Place] = []
    keys: set[Key] = set()
    for place in places:
        if row and (read_between(text, row[-1].start, place.start) >= CONTENTS_CHARACTERS or place.key in keys):
            yield row
            row, keys = [], set()
        row.append(place)
        keys.add(place.key)
    if row:
        yield row


def read_between(text: str, start: int, end: int) -> int:
    """How many characters there are to read from `start` to `end`; white space counts only where there is very much of it.

    So that what rules do to indents and blank lines changes no decision.
    """
    if end - start > LOOKED_THROUGH:
        return end - start
    return sum(map(len, text[start:end].split()))


def _is_contents(row: Sequence[Place], later: set[Key], text: str, sure: bool) -> bool:
    if len(row) < CONTENTS_HEADINGS:
        return False
    again = sum(place.key in later for place in row)
    if sure:
        return 2 * again >= len(row)
    bare = sum(is_bare(text, place.end, after.start) for place, after in pairwise(row))
    return 2 * again >= len(row) or 2 * bare >= len(row) - 1


def is_bare(text: str, start: int, end: int) -> bool:
    """Whether there is nothing to read from `start` to `end`."""
    return not text[start:end].strip()
