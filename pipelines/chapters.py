"""A text into its chapters, which cover it without gap or overlap: by its headings, or else in pieces of even length.

What stands before the first heading is a chapter of its own if there is anything to read in it. A table of contents is
no row of chapters, and a heading that is repeated or that only names a volume opens no chapter of its own.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipelines.headings import TITLE_LIMIT, Heading, heading_of

LEAST_HEADINGS = 3
PIECE_CHARACTERS = 4_000
# A shorter text is still cut in two, so that one half can be held out.
LEAST_CUT = 500
CONTENTS_HEADINGS = 5
CONTENTS_CHARACTERS = 200
# Junk before a heading is believed when this share of the headings has it (cleaning.md §5).
PREFIX_SHARE = 0.8
PIECE_TITLE_CHARACTERS = 20
_ENDS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"[。！？!?…．.][”’」』）)\"']*"))
_FIRST_WORDS = re.compile(r"\S[^\n\r]*")


@dataclass(frozen=True, slots=True)
class Chapter:
    """`text[start:end]`, under `title`; the number is the one its heading gives, if it gives one."""

    title: str
    start: int
    end: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """A heading and where its line starts and ends."""

    heading: Heading
    start: int
    end: int


def find_chapters(text: str) -> list[Chapter]:
    """The chapters in order; joined, `text[start:end]` is the text. An empty text has none."""
    places = _without_repetitions(_without_contents(_places(text), text), text)
    if len(places) < LEAST_HEADINGS:
        return _pieces(text)
    return list(_between(places, text))


def _between(places: list[_Place], text: str) -> Iterator[Chapter]:
    """The chapters from heading to heading."""
    starts = [place.start for place in places]
    if text[: starts[0]].strip():
        yield Chapter(_first_words(text[: starts[0]], TITLE_LIMIT), 0, starts[0])
    else:
        starts[0] = 0
    for place, start, end in zip(places, starts, [*starts[1:], len(text)], strict=True):
        yield Chapter(place.heading.title, start, end, place.heading.number)


def _places(text: str) -> list[_Place]:
    """Every line that is a heading by itself, those with junk before them only if the junk is the same nearly everywhere."""
    found: list[_Place] = []
    start = 0
    for line in text.splitlines(keepends=True):
        if heading := heading_of(line):
            found.append(_Place(heading, start, start + len(line)))
        start += len(line)
    prefixes = Counter(place.heading.prefix for place in found)
    believed = {prefix for prefix, count in prefixes.items() if count >= PREFIX_SHARE * len(found)} | {""}
    return [place for place in found if place.heading.prefix in believed]


def _without_contents(places: list[_Place], text: str) -> list[_Place]:
    """The headings that are not lines of a table of contents."""
    kept: list[_Place] = []
    rows = list(_rows(places))
    for index, row in enumerate(rows):
        later = {_key(place) for following in rows[index + 1 :] for place in following}
        if not _is_contents(row, later, text):
            kept += row
    return kept


def _rows(places: list[_Place]) -> Iterator[list[_Place]]:
    """Headings close upon each other, a new row where one comes again: the first chapter behind a table of contents."""
    row: list[_Place] = []
    keys: set[tuple[str, int | str]] = set()
    for place in places:
        if row and (place.start - row[-1].start >= CONTENTS_CHARACTERS or _key(place) in keys):
            yield row
            row, keys = [], set()
        row.append(place)
        keys.add(_key(place))
    if row:
        yield row


def _is_contents(row: list[_Place], later: set[tuple[str, int | str]], text: str) -> bool:
    """Five headings or more with nothing between them, or with most of them coming again."""
    if len(row) < CONTENTS_HEADINGS:
        return False
    again = sum(_key(place) in later for place in row)
    bare = sum(not text[place.end : after.start].strip() for place, after in pairwise(row))
    return 2 * again >= len(row) or 2 * bare >= len(row) - 1


def _key(place: _Place) -> tuple[str, int | str]:
    """What makes two headings the same: kind and number, or the title where there is no number."""
    heading = place.heading
    return heading.kind, heading.title if heading.number is None else heading.number


def _without_repetitions(places: list[_Place], text: str) -> list[_Place]:
    """One place for headings with nothing between them that are the same, or of which the first names a volume."""
    kept: list[_Place] = []
    for place in places:
        if kept and not text[kept[-1].end : place.start].strip():
            last = kept[-1]
            if _key(last) == _key(place):
                kept[-1] = _Place(last.heading, last.start, place.end)
                continue
            if last.heading.is_volume and not place.heading.is_volume:
                kept[-1] = _Place(place.heading, last.start, place.end)
                continue
        kept.append(place)
    return kept


def _pieces(text: str) -> list[Chapter]:
    """Pieces of about PIECE_CHARACTERS, cut at paragraph ends, else at sentence ends, else anywhere."""
    count = max(round(len(text) / PIECE_CHARACTERS), 2 if len(text) >= LEAST_CUT else 1)
    pieces: list[Chapter] = []
    start = 0
    for left in range(count, 0, -1):
        end = _cut(text, start, (len(text) - start) // left) if left > 1 else len(text)
        if end > start:
            pieces.append(Chapter(_first_words(text[start:end], PIECE_TITLE_CHARACTERS), start, end))
        start = end
    return pieces


def _cut(text: str, start: int, size: int) -> int:
    """Where to end a piece of about `size` characters: the good end nearest to that, within half a size."""
    wanted, reach = start + size, size // 2
    for pattern in _ENDS:
        ends = [match.end() for match in pattern.finditer(text, wanted - reach, wanted + reach)]
        if ends:
            return min(ends, key=lambda end: abs(end - wanted))
    return wanted


def _first_words(text: str, limit: int) -> str:
    """The start of the first line with anything on it."""
    match = _FIRST_WORDS.search(text)
    line = match.group().strip() if match else ""
    return line if len(line) <= limit else line[:limit] + "…"
