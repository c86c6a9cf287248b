"""What the pages may ask of cleaning: what the rules would do to a novel, and its cleanings."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import VERSION
from pipelines.chapters import find_chapters
from pipelines.clean import clean_novel, cleanings, difference, use_cleaning
from pipelines.errors import BrokenArtifact, StudioError
from pipelines.files import read_object
from pipelines.folders import NovelFolder
from pipelines.rules import RULES, Edit, chosen, counts
from studio.access import Action, Visitor
from studio.differences import Differences, compare

KEPT_PREVIEWS = 3
# A preview takes several times the memory of its text.
KEPT_CHARACTERS = 10_000_000
# A cleaning that takes more of the ideographs than this is probably not what its person wants.
ALARMING_SHARE = 0.01
IDEOGRAPHS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class Preview:
    """What cleaning by some rules would do; `counts` has the other rules, too, as if they ran with all the rest."""

    rules: tuple[str, ...]
    before: int
    after: int
    counts: dict[str, int]
    ideographs: int
    lost: int
    chapters: tuple[str, ...]
    differences: Differences

    @property
    def is_alarming(self) -> bool:
        return self.lost > ALARMING_SHARE * self.ideographs


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A finished cleaning: its number, its rules, by which version of Moxu, and what it left."""

    number: int
    rules: tuple[str, ...]
    version: str
    characters: int
    made: datetime


class Cleanings:
    """The cleanings of the novels that `folder` finds for a visitor."""

    def __init__(self, folder: Callable[[Visitor, object, Action], NovelFolder]) -> None:
        self._folder = folder
        self._previews: OrderedDict[tuple[Path, tuple[str, ...]], Preview] = OrderedDict()
        self._lock = threading.Lock()

    def preview(self, visitor: Visitor, novel: object, names: Sequence[str]) -> Preview:
        """What the rules of these names would do; raises BrokenArtifact if the novel's files are not whole."""
        folder = self._folder(visitor, novel, "see")
        key = (folder.path, chosen(names))
        with self._lock:
            if key not in self._previews:
                self._previews[key] = _preview(folder, key[1])
            self._previews.move_to_end(key)
            self._forget_old()
            return self._previews[key]

    def _forget_old(self) -> None:
        """Keep the few previews looked at last, and of long novels only the very last."""
        kept = self._previews
        while len(kept) > KEPT_PREVIEWS or (len(kept) > 1 and sum(one.before for one in kept.values()) > KEPT_CHARACTERS):
            kept.popitem(last=False)

    def current(self, visitor: Visitor, novel: object) -> Cleaned | None:
        """The cleaning that trainings of this novel would take."""
        number = read_object(self._folder(visitor, novel, "see").meta).get("cleaning")
        return next((cleaned for cleaned in self.all(visitor, novel) if cleaned.number == number), None)

    def all(self, visitor: Visitor, novel: object) -> list[Cleaned]:
        """The novel's cleanings, the newest first; one whose report is gone is left out."""
        folder = self._folder(visitor, novel, "see")
        found = [_cleaned(folder, number) for number in reversed(cleanings(folder))]
        return [cleaned for cleaned in found if cleaned]

    def apply(self, visitor: Visitor, novel: object, names: Sequence[str]) -> tuple[Cleaned | None, bool]:
        """Clean by these rules, unless that is what the current cleaning is; that cleaning, and whether it is new."""
        folder = self._folder(visitor, novel, "change")
        current = self.current(visitor, novel)
        if current and (current.rules, current.version) == (chosen(names), VERSION):
            return current, False
        clean_novel(folder, names)
        return self.current(visitor, novel), True

    def use(self, visitor: Visitor, novel: object, number: int | None) -> None:
        """Make an earlier cleaning the current one, or none; raises NotFound."""
        use_cleaning(self._folder(visitor, novel, "change"), number)


def _preview(folder: NovelFolder, names: tuple[str, ...]) -> Preview:
    try:
        raw, text, edits = difference(folder, names)
    except (OSError, KeyError) as error:
        raise BrokenArtifact("novel_damaged", f"the files of {folder.id} are not whole", "bring it again") from error
    every = tuple(rule.name for rule in RULES)
    all_edits = edits if names == every else difference(folder, every)[2]
    return Preview(
        rules=names,
        before=len(raw),
        after=len(text),
        counts=counts(all_edits, every) | counts(edits, names),
        ideographs=_ideographs([raw]),
        lost=_lost(edits),
        chapters=tuple(chapter.title for chapter in find_chapters(text)),
        differences=compare(raw, edits),
    )


def _ideographs(texts: Iterable[str]) -> int:
    return sum(len(row) for text in texts for row in IDEOGRAPHS.findall(text))


def _lost(edits: Sequence[Edit]) -> int:
    """How many ideographs fewer there are after the edits."""
    return _ideographs(edit.removed for edit in edits) - _ideographs(edit.inserted for edit in edits)


def _cleaned(folder: NovelFolder, number: int) -> Cleaned | None:
    path = folder.report(number)
    try:
        report: dict[str, Any] = read_object(path)
        made = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        with_ = report["made_with"]
        return Cleaned(number, tuple(with_["rules"]), with_["versions"]["moxu"], report["characters_after"], made)
    except (OSError, KeyError, TypeError, StudioError):
        return None
