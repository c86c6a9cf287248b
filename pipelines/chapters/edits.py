"""What a writer may do to the chapters of a novel: split, merge, rename, leave out; and carry that over to another cleaning.

Pure: chapters in, chapters out. They cover the text without gap or overlap before and after. Chapters are numbered from 1
here, as they are listed to people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pipelines.chapters import Chapter
from pipelines.chapters.headings import TITLE_LIMIT, heading_of
from pipelines.errors import BadSettings
from pipelines.likeness import folded

LONGEST_TITLE = 200
# A place is known again by so many letters behind it; by fewer when the text ends.
ANCHOR = 24
# A heading that a rule has rewritten stands at most so many letters before the text that is known again.
HEADING_LETTERS = 200
# Anchors that stand in more places (a refrain) are looked for in the first of them only.
MOST_PLACES = 50
_OPENING = '“‘「『（《【([<"'


def split(chapters: Sequence[Chapter], text: str, at: int, title: str = "") -> list[Chapter]:
    """The chapter that holds offset `at` in two, the second from the start of that line, by default titled by the line.

    Raises BadSettings if a chapter begins at that line already, or nothing would stand before it.
    """
    start = text.rfind("\n", 0, max(at, 0)) + 1
    place = next((place for place, chapter in enumerate(chapters) if chapter.start < start < chapter.end), None)
    if place is None or not text[chapters[place].start : start].strip():
        raise BadSettings("no_split", "a chapter begins there already", "name a line inside a chapter")
    chapter = chapters[place]
    line = text[start : chapter.end].lstrip().split("\n", 1)[0].strip()
    title = _title(title) if title else line[:TITLE_LIMIT] or chapter.title
    heading = heading_of(line)
    second = Chapter(title, start, chapter.end, heading.number if heading else None, chapter.kept)
    return [*chapters[:place], replace(chapter, end=start), second, *chapters[place + 1 :]]


def merge(chapters: Sequence[Chapter], number: int) -> list[Chapter]:
    """A chapter made part of the one before it; raises BadSettings for the first and for one that is not there."""
    place = _place(chapters, number)
    if place == 0:
        raise BadSettings("first_chapter", "nothing stands before the first chapter", "merge the second into it")
    before = replace(chapters[place - 1], end=chapters[place].end)
    return [*chapters[: place - 1], before, *chapters[place + 1 :]]


def rename(chapters: Sequence[Chapter], number: int, title: str) -> list[Chapter]:
    """A chapter under another title; the text stays as it is. Raises BadSettings for an empty title."""
    place = _place(chapters, number)
    return [*chapters[:place], replace(chapters[place], title=_title(title)), *chapters[place + 1 :]]


def keep(chapters: Sequence[Chapter], number: int, kept: bool) -> list[Chapter]:
    """A chapter left out of what is made from the novel, or taken back."""
    place = _place(chapters, number)
    return [*chapters[:place], replace(chapters[place], kept=kept), *chapters[place + 1 :]]


def _place(chapters: Sequence[Chapter], number: int) -> int:
    if not 1 <= number <= len(chapters):
        message = f"there is no chapter {number}"
        raise BadSettings("no_chapter", message, f"the chapters are 1 to {len(chapters)}", value=number, count=len(chapters))
    return number - 1


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not 1 <= len(title) <= LONGEST_TITLE or not title.isprintable():
        message = f"a title has 1 to {LONGEST_TITLE} characters, got {len(title)}"
        raise BadSettings("bad_title", message, "choose another", name="title", longest=LONGEST_TITLE)
    return title


@dataclass(frozen=True)
class Told:
    """A text and its chapters as they were found."""

    text: str
    chapters: Sequence[Chapter]

    @cached_property
    def letters(self) -> str:
        """Its letters, in simplified characters, so that another script makes no difference."""
        letters = "".join(filter(str.isalnum, self.text))
        compared = folded(letters)
        # Some few words are longer in the other script: then places would not be those of the text.
        return compared if len(compared) == len(letters) else letters

    @cached_property
    def offsets(self) -> Any:
        """Where in the text each of the letters stands."""
        return np.flatnonzero(np.fromiter(map(str.isalnum, self.text), dtype=bool, count=len(self.text)))

    @cached_property
    def starts(self) -> dict[int, int]:
        """The starts of the chapters, by how many letters stand before them."""
        return {self.letters_before(chapter.start): chapter.start for chapter in self.chapters}

    def letters_before(self, offset: int) -> int:
        return int(np.searchsorted(self.offsets, offset))


@dataclass(frozen=True, slots=True)
class Carried:
    """Chapters with a writer's edits made again, and how many of the edits found no place."""

    chapters: list[Chapter]
    lost: int


@dataclass(frozen=True, slots=True)
class _Change:
    """What a writer did at the chapter that starts at `start` of the old text: the chapter there now, None where it is merged.

    `is_split` where no chapter was found there, and `was` is the title that was found.
    """

    start: int
    chapter: Chapter | None
    was: str = ""

    @property
    def is_split(self) -> bool:
        return not self.was


def carry(edited: Sequence[Chapter], old: Told, new: Told) -> Carried:
    """A writer's edits to the chapters of an old text, made to those of a new one where their places are known again."""
    chapters, lost = list(new.chapters), 0
    for change in _changes(edited, old.chapters):
        start = _known_again(change.start, old, new)
        made = None if start is None else _made(chapters, change, start, new)
        chapters, lost = (chapters, lost + 1) if made is None else (made, lost)
    return Carried(chapters, lost)


def _changes(edited: Sequence[Chapter], found: Sequence[Chapter]) -> Iterator[_Change]:
    """What was done to the found chapters, splits first, for the others may concern their parts; merges last."""
    before = {chapter.start: chapter for chapter in found}
    after = {chapter.start for chapter in edited}
    yield from (_Change(chapter.start, chapter) for chapter in edited if chapter.start not in before)
    for chapter in edited:
        was = before.get(chapter.start)
        if was and (was.title, was.kept) != (chapter.title, chapter.kept):
            yield _Change(chapter.start, chapter, was.title)
    yield from (_Change(chapter.start, None, chapter.title) for chapter in found if chapter.start not in after)


def _made(chapters: list[Chapter], change: _Change, start: int, new: Told) -> list[Chapter] | None:
    """The chapters with the change made at `start` of the new text; None if there is nothing to make it to."""
    place = next((place for place, chapter in enumerate(chapters) if chapter.start == start), None)
    if place is None and change.is_split:
        return _split_at(chapters, change, start)
    if place is None:
        return None
    if change.chapter is None:
        return merge(chapters, place + 1) if place else None
    # A title that nobody changed is the new text's own.
    title = chapters[place].title if change.chapter.title == change.was else change.chapter.title
    return [*chapters[:place], replace(chapters[place], title=title, kept=change.chapter.kept), *chapters[place + 1 :]]


def _split_at(chapters: list[Chapter], change: _Change, start: int) -> list[Chapter] | None:
    place = next((place for place, chapter in enumerate(chapters) if chapter.start < start < chapter.end), None)
    if place is None or change.chapter is None:
        return None
    first, second = replace(chapters[place], end=start), replace(change.chapter, start=start, end=chapters[place].end)
    return [*chapters[:place], first, second, *chapters[place + 1 :]]


def _known_again(start: int, old: Told, new: Told) -> int | None:
    """Where the new text has what starts at `start` of the old one: the start of a chapter where one is there."""
    letter = old.letters_before(start)
    wanted = _found(letter, old, new)
    if wanted is None:
        # Perhaps only the heading is written otherwise now: what follows it is known again.
        end = old.text.find("\n", int(old.offsets[letter])) if letter < len(old.offsets) else -1
        behind = None if end < 0 else _found(old.letters_before(end), old, new)
        known = None if behind is None else _chapter_before(behind, new)
        return 0 if known is None and start == 0 else known
    return new.starts.get(wanted, _opening(new.text, int(new.offsets[wanted])))


def _opening(text: str, offset: int) -> int:
    """Where the line starts whose first letter is at `offset`, or else, inside a line, the sentence."""
    line = text.rfind("\n", 0, offset) + 1
    if not any(map(str.isalnum, text[line:offset])):
        return line
    return offset - len(text[line:offset]) + len(text[line:offset].rstrip(_OPENING))


def _found(letter: int, old: Told, new: Told) -> int | None:
    """Which letter of the new text is the old one's: the nearest place, in share of the text, with the same letters behind it."""
    anchor = old.letters[letter : letter + ANCHOR]
    places: list[int] = []
    place = new.letters.find(anchor) if anchor else -1
    while place >= 0 and len(places) < MOST_PLACES:
        places.append(place)
        place = new.letters.find(anchor, place + 1)
    share = len(new.letters) / max(len(old.letters), 1)
    return min(places, key=lambda place: abs(place - letter * share), default=None)


def _chapter_before(letter: int, new: Told) -> int | None:
    """The start of the chapter whose heading, only, stands before the letter."""
    before = max((letters for letters in new.starts if letters <= letter), default=None)
    return None if before is None or letter - before > HEADING_LETTERS else new.starts[before]
