"""What the pages may ask of a novel's chapters: see them, read in one, change them step by step, take a step back.

A page names a chapter by where it starts in the text of a cleaning: its number may be another's by the time of the event.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.chapters import Chapter, edits
from pipelines.cleanings import current
from pipelines.errors import Conflict
from pipelines.files import read_object, read_text
from pipelines.folders import NovelFolder
from pipelines.outline import change_outline, reset_outline, undo_outline
from pipelines.outlines import found_chapters, read_chapters
from studio import access
from studio.access import Action, Visitor

LINES_ON_PAGE = 40
# Of a chapter so many lines are shown from its start and from its end.
ENDS = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """A chapter as a page knows it: of which cleaning, and where in its text it starts."""

    cleaning: int
    start: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The chapters of a novel's current cleaning as its writer wants them."""

    cleaning: int
    chapters: list[Chapter]
    is_edited: bool
    can_undo: bool
    can_change: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something, and where it starts in the text."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One chapter: its number from 1, of how many, and some of its `lines`.

    `page` is 0 where these are its first and last ones, with `between` more in the middle.
    """

    spot: Spot
    chapter: Chapter
    number: int
    count: int
    lines: Sequence[Line]
    page: int
    pages: int
    between: int
    can_change: bool


class Outlines:
    """The chapters of the novels that `folder` finds for a visitor."""

    def __init__(self, folder: Callable[[Visitor, object, Action], NovelFolder]) -> None:
        self._folder = folder

    def get(self, visitor: Visitor, novel: object) -> Outline | None:
        """The chapters of the current cleaning; None before the first. Raises BrokenArtifact if they cannot be read."""
        folder = self._folder(visitor, novel, "see")
        if read_object(folder.meta).get("cleaning") is None:
            return None
        number = current(folder)
        chapters = read_chapters(folder, number)
        return Outline(
            cleaning=number,
            chapters=chapters,
            is_edited=folder.outline(number).exists() and chapters != found_chapters(folder, number),
            can_undo=folder.former_outline(number).exists(),
            can_change=self.may_change(visitor, novel),
        )

    def may_change(self, visitor: Visitor, novel: object) -> bool:
        """Whether the visitor may change the chapters of a novel that they may see."""
        return access.may(visitor, "change", access.thing_of(self._folder(visitor, novel, "see").meta))

    def read(self, visitor: Visitor, novel: object, spot: Spot, page: int = 0) -> Reading:
        """A page of a chapter's lines, counted from 1, or (0) its first and last ones; raises Conflict if it is gone."""
        folder = self._folder(visitor, novel, "see")
        chapters = read_chapters(folder, _of(folder, spot))
        number = _number(chapters, spot)
        chapter = chapters[number - 1]
        lines = _lines(read_text(folder.clean_text(spot.cleaning)), chapter)
        pages = max(1, -(-len(lines) // LINES_ON_PAGE))
        page = min(max(page, 0), pages)
        shown = lines[(page - 1) * LINES_ON_PAGE : page * LINES_ON_PAGE] if page else _ends(lines)
        between = 0 if page else len(lines) - len(shown)
        can_change = self.may_change(visitor, novel)
        return Reading(spot, chapter, number, len(chapters), shown, page, pages, between, can_change)

    def rename(self, visitor: Visitor, novel: object, spot: Spot, title: str) -> Chapter:
        """Give a chapter another title, and return it; raises BadSettings for an empty one."""
        chapters = self._change(visitor, novel, spot, lambda chapters, text, number: edits.rename(chapters, number, title))
        return _at(chapters, spot.start)

    def keep(self, visitor: Visitor, novel: object, spot: Spot, kept: bool) -> Chapter:
        """Leave a chapter out of what is made from the novel, or take it back; returns it."""
        chapters = self._change(visitor, novel, spot, lambda chapters, text, number: edits.keep(chapters, number, kept))
        return _at(chapters, spot.start)

    def merge(self, visitor: Visitor, novel: object, spot: Spot) -> Chapter:
        """Make a chapter part of the one before it, and return that; raises BadSettings for the first."""
        chapters = self._change(visitor, novel, spot, lambda chapters, text, number: edits.merge(chapters, number))
        return _at(chapters, spot.start)

    def split(self, visitor: Visitor, novel: object, spot: Spot, at: int, title: str) -> Chapter:
        """Begin a chapter at a line inside of this one, and return the new one; raises BadSettings for its first line."""

        def change(chapters: Sequence[Chapter], text: str, number: int) -> list[Chapter]:
            if not chapters[number - 1].start < at < chapters[number - 1].end:
                raise _changed()
            return edits.split(chapters, text, at, title)

        return _at(self._change(visitor, novel, spot, change), at)

    def undo(self, visitor: Visitor, novel: object) -> None:
        """Take the last edit back; raises Conflict if there is none."""
        folder = self._folder(visitor, novel, "change")
        undo_outline(folder, current(folder))

    def reset(self, visitor: Visitor, novel: object) -> None:
        """Take the chapters back to what was found."""
        folder = self._folder(visitor, novel, "change")
        reset_outline(folder, current(folder))

    def _change(self, visitor: Visitor, novel: object, spot: Spot, change: Any) -> list[Chapter]:
        """Change the chapters by the number that the spot has now; raises Conflict if nothing starts there any more."""
        folder = self._folder(visitor, novel, "change")
        return change_outline(folder, _of(folder, spot), lambda chapters, text: change(chapters, text, _number(chapters, spot)))


def _of(folder: NovelFolder, spot: Spot) -> int:
    """The spot's cleaning, which must be the current one."""
    if spot.cleaning != current(folder):
        raise _changed()
    return spot.cleaning


def _number(chapters: Sequence[Chapter], spot: Spot) -> int:
    for number, chapter in enumerate(chapters, start=1):
        if chapter.start == spot.start:
            return number
    raise _changed()


def _at(chapters: Sequence[Chapter], offset: int) -> Chapter:
    return next(chapter for chapter in chapters if chapter.start <= offset < chapter.end)


def _changed() -> Conflict:
    return Conflict("chapters_changed", "the chapters were changed meanwhile", "look at them again, then try again")


def _lines(text: str, chapter: Chapter) -> list[Line]:
    """The lines of a chapter that hold something."""
    found, at = [], chapter.start
    for line in text[chapter.start : chapter.end].split("\n"):
        if line.strip():
            found.append(Line(at, line.strip()))
        at += len(line) + 1
    return found


def _ends(lines: Sequence[Line]) -> list[Line]:
    return list(lines) if len(lines) <= 2 * ENDS else [*lines[:ENDS], *lines[-ENDS:]]
