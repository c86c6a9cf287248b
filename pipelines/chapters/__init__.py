"""A text into its chapters, which cover it without gap or overlap: by its headings, or else in pieces of even length.

What stands before the first heading is a chapter of its own if there is anything to read in it. A table of contents is
no row of chapters, and a heading that is repeated or that only names a volume opens no chapter of its own. A text without
headings may have numbered lines instead, or the parts of the file it came in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.chapters.headings import TITLE_LIMIT, Heading, heading_of
from pipelines.chapters.numbered_lines import numbered_places
from pipelines.chapters.places import Place, heading_places, is_bare, without_contents

LEAST_HEADINGS = 3
PIECE_CHARACTERS = 4_000
# A shorter text is still cut in two, so that one half can be held out.
LEAST_CUT = 500
PIECE_TITLE_CHARACTERS = 20
_ENDS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"[。！？!?…．.][”’」』）)\"']*"))
_FIRST_WORDS = re.compile(r"\S[^\n\r]*")


@dataclass(frozen=True, slots=True)
class Chapter:
    """`text[start:end]`, under `title`; the number is the one its heading gives, if it gives one.

    One that is not `kept` stays in its place in the novel, and nothing is made from it.
    """

    title: str
    start: int
    end: int
    number: int | None = None
    kept: bool = True


def find_chapters(text: str, parts: Sequence[tuple[str, int]] = ()) -> list[Chapter]:
    """The chapters in order; joined, `text[start:end]` is the text. An empty text has none.

    `parts` are the titles and starts of the documents that a container (an epub) gave; they count where the text's own
    headings are few.
    """
    places = chapter_places(text)
    if sum(not place.heading.is_volume for place in places) < LEAST_HEADINGS:
        places = _without_repetitions(_with_numbered(places, text), text)
    if len(places) < max(LEAST_HEADINGS, len(parts) / 2):
        places = _parts(text, parts) or places
    # A container with two documents has two chapters; two headings in a text may be anything.
    if len(places) < (2 if parts else LEAST_HEADINGS):
        return _pieces(text)
    return list(_between(places, text))


def chapter_places(text: str) -> list[Place]:
    """The headings that open chapters, each by itself beyond doubt."""
    return _without_repetitions(without_contents(heading_places(text), text), text)


def _with_numbered(places: Sequence[Place], text: str) -> list[Place]:
    """The headings, and the numbered lines that are headings, too."""
    volumes = [place.start for place in places if place.heading.is_volume]
    return sorted([*places, *numbered_places(text, volumes)], key=lambda place: place.start)


def _parts(text: str, parts: Sequence[tuple[str, int]]) -> list[Place]:
    """The parts that hold something, as places."""
    titles = {start: title for title, start in reversed(parts) if 0 <= start < len(text)}
    places: list[Place] = []
    for start, end in pairwise([*sorted(titles), len(text)]):
        if text[start:end].strip():
            title = titles[start].strip() or _first_words(text[start:end], TITLE_LIMIT)
            known = heading_of(title)
            places.append(Place(Heading(title, "part", known.number if known else None), start, start))
    return places


def _between(places: Sequence[Place], text: str) -> Iterator[Chapter]:
    """The chapters from heading to heading."""
    starts = [place.start for place in places]
    if text[: starts[0]].strip():
        yield Chapter(_first_words(text[: starts[0]], TITLE_LIMIT), 0, starts[0])
    else:
        starts[0] = 0
    for place, start, end in zip(places, starts, [*starts[1:], len(text)], strict=True):
        yield Chapter(place.heading.title, start, end, place.heading.number)


def _without_repetitions(places: Sequence[Place], text: str) -> list[Place]:
    """One place for headings with nothing between them that are the same, or of which the first names a volume."""
    kept: list[Place] = []
    for place in places:
        if kept and is_bare(text, kept[-1].end, place.start):
            last = kept[-1]
            if last.key == place.key:
                kept[-1] = Place(last.heading, last.start, place.end)
                continue
            if last.heading.is_volume and not place.heading.is_volume:
                kept[-1] = Place(place.heading, last.start, place.end)
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
