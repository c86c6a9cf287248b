"""What the pages may ask of cleaning: a novel's recipe, what it would do, its cleanings, and the saved recipes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import VERSION, recipes, reports
from pipelines.cleaning import Recipe
from pipelines.cleanings import clean_novel, cleanings, recipe_for, set_recipe, use_cleaning
from pipelines.errors import BadSettings, StudioError
from pipelines.files import read_object
from pipelines.folders import NovelFolder
from pipelines.recipes import recipe_of
from pipelines.rules import BY_NAME, chosen
from pipelines.rules.own import OwnRule
from pipelines.workspace import Workspace, change_meta
from studio import access
from studio.access import Action, Visitor
from studio.preview_pages import Preview
from studio.services.previews import Previews
from studio.workers import TICK_SECONDS, Workers

# Generous: a process that needs longer for a megabyte hangs.
APPLY_SECONDS = 3_600.0
OWN = "own:"
MOST_RESTING = 100

Edits = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A finished cleaning: its number, its recipe, by which version of Moxu, and what it left."""

    number: int
    recipe: Recipe
    version: str
    characters: int
    made: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a wish to clean: whether there is a new cleaning, and how many edits of the chapters it has no place for."""

    is_new: bool
    lost_edits: int = 0


class Cleanings:
    """The cleanings of the novels that `folder` finds for a visitor."""

    def __init__(self, workspace: Workspace, folder: Callable[[Visitor, object, Action], NovelFolder]) -> None:
        self._workspace = workspace
        self._folder = folder
        self._workers = Workers()
        self._previews = Previews(workspace, self._workers)
        self._changing = threading.Lock()
        self._applying: dict[Path, threading.Event] = {}
        self._threads = ThreadPoolExecutor(thread_name_prefix="apply")

    # ---- the recipe of a novel ----

    def recipe(self, visitor: Visitor, novel: object) -> Recipe:
        """What the novel is to be cleaned by."""
        return recipe_for(self._folder(visitor, novel, "see"))

    def resting(self, visitor: Visitor, novel: object) -> list[OwnRule]:
        """The writer's own rules for this novel that are switched off."""
        return _resting(self._folder(visitor, novel, "see"))

    def switch(self, visitor: Visitor, novel: object, rule: str, is_on: bool) -> None:
        """Switch a rule on or off, one of the catalogue or `own:<name>`; raises BadSettings for any other."""
        folder = self._folder(visitor, novel, "change")
        with self._changing:
            recipe, resting = recipe_for(folder), _resting(folder)
            if rule.startswith(OWN):
                moved = [own for own in (*recipe.own, *resting) if OWN + own.name == rule]
                staying = tuple(own for own in recipe.own if own not in moved)
                set_recipe(folder, replace(recipe, own=(*staying, *moved) if is_on else staying))
                _rest(folder, [*(own for own in resting if own not in moved), *([] if is_on else moved)])
                return
            wanted = {*recipe.rules, *chosen([rule])} if is_on else set(recipe.rules) - set(chosen([rule]))
            set_recipe(folder, replace(recipe, rules=tuple(name for name in BY_NAME if name in wanted)))

    def leave_out(self, visitor: Visitor, novel: object, edits: Edits, is_out: bool) -> None:
        """Leave these edits out of the cleaning, or take that back; raises BadSettings for far too many."""
        folder = self._folder(visitor, novel, "change")
        with self._changing:
            recipe = recipe_for(folder)
            kept = recipe.kept | set(edits) if is_out else recipe.kept - set(edits)
            if len(kept) > recipes.MOST_KEPT:
                message = f"more than {recipes.MOST_KEPT:,} single changes are left out"
                raise BadSettings("too_many_left_out", message, "switch the rule off instead", most=recipes.MOST_KEPT)
            set_recipe(folder, replace(recipe, kept=frozenset(kept)))

    def add_own(self, visitor: Visitor, novel: object, own: OwnRule) -> None:
        """Add a rule of the writer's own, in place of one of that name; raises BadSettings for too many."""
        folder = self._folder(visitor, novel, "change")
        with self._changing:
            recipe = recipe_for(folder)
            others = tuple(one for one in recipe.own if one.name != own.name)
            if len(others) >= recipes.MOST_OWN_RULES:
                message = f"there are {recipes.MOST_OWN_RULES} rules of your own already"
                raise BadSettings("too_many_own_rules", message, "delete one first", most=recipes.MOST_OWN_RULES)
            set_recipe(folder, replace(recipe, own=(*others, own)))
            _rest(folder, [one for one in _resting(folder) if one.name != own.name])

    def remove_own(self, visitor: Visitor, novel: object, name: str) -> None:
        """Delete a rule of the writer's own."""
        folder = self._folder(visitor, novel, "change")
        with self._changing:
            recipe = recipe_for(folder)
            set_recipe(folder, replace(recipe, own=tuple(one for one in recipe.own if one.name != name)))
            _rest(folder, [one for one in _resting(folder) if one.name != name])

    def set_recipe(self, visitor: Visitor, novel: object, recipe: Recipe) -> None:
        """Let a novel be cleaned by another recipe; the single changes that were left out of this novel stay so."""
        folder = self._folder(visitor, novel, "change")
        with self._changing:
            set_recipe(folder, replace(recipe, kept=recipe.kept | recipe_for(folder).kept))
            names = {own.name for own in recipe.own}
            _rest(folder, [one for one in _resting(folder) if one.name not in names])

    # ---- the saved recipes ----

    def saved(self, visitor: Visitor) -> dict[str, Recipe]:
        """The saved recipes by their names; they belong to the workspace."""
        access.require(visitor, "make")
        return recipes.saved(self._workspace)

    def find(self, visitor: Visitor, name: str) -> Recipe:
        """The saved recipe of that name; raises NotFound."""
        access.require(visitor, "make")
        return recipes.find(self._workspace, name)

    def save(self, visitor: Visitor, novel: object, name: str) -> None:
        """Save the novel's recipe under a name; raises BadSettings for none."""
        access.require(visitor, "make")
        recipes.save(self._workspace, name, self.recipe(visitor, novel))

    def forget(self, visitor: Visitor, name: str) -> None:
        """Delete a saved recipe; raises NotFound."""
        access.require(visitor, "make")
        recipes.remove(self._workspace, name)

    # ---- what the recipe would do ----

    def preview(self, visitor: Visitor, novel: object) -> Preview | None:
        """What the novel's recipe would do, or the one before while that is worked out; None if neither is known."""
        folder = self._folder(visitor, novel, "see")
        return self._previews.shown(folder, recipe_for(folder))

    def watch(self, visitor: Visitor, novel: object) -> Iterator[float | Preview]:
        """What the novel's recipe would do, after shares of the work; see `Previews.watch`."""
        folder = self._folder(visitor, novel, "see")
        return self._previews.watch(folder, recipe_for(folder))

    def stop(self, visitor: Visitor, novel: object) -> None:
        """Stop what is being done for a novel: its preview, or its cleaning."""
        folder = self._folder(visitor, novel, "see")
        self._previews.stop(folder)
        if stop := self._applying.get(folder.path):
            access.require(visitor, "change", access.thing_of(folder.meta))
            stop.set()

    # ---- cleanings ----

    def current(self, visitor: Visitor, novel: object) -> Cleaned | None:
        """The cleaning that trainings of this novel would take."""
        number = read_object(self._folder(visitor, novel, "see").meta).get("cleaning")
        return next((cleaned for cleaned in self.all(visitor, novel) if cleaned.number == number), None)

    def all(self, visitor: Visitor, novel: object) -> list[Cleaned]:
        """The novel's cleanings, the newest first; one whose report is gone is left out."""
        folder = self._folder(visitor, novel, "see")
        found = [_cleaned(folder, number) for number in reversed(cleanings(folder))]
        return [cleaned for cleaned in found if cleaned]

    def apply(self, visitor: Visitor, novel: object) -> Iterator[float | Applied]:
        """Clean by the novel's recipe, unless that is what the current cleaning is: shares of the work, then what became of it.

        Raises Stopped when somebody stops it, Conflict when it is being cleaned already.
        """
        folder = self._folder(visitor, novel, "change")
        recipe, current = recipe_for(folder), self.current(visitor, novel)
        if current and (current.recipe, current.version) == (recipe, VERSION):
            yield Applied(False)
            return
        done, stop, size = [0.0], threading.Event(), max(1, folder.raw_text.stat().st_size)
        self._applying[folder.path] = stop
        try:
            work = self._threads.submit(
                self._workers.run, clean_novel, folder, recipe, hear=done.append, stop=stop, seconds=APPLY_SECONDS
            )
            while not wait([work], TICK_SECONDS).done:
                yield min(1.0, done[-1] / size)
            report = work.result()
        finally:
            self._applying.pop(folder.path, None)
        yield Applied(True, report["lost_edits"])

    def use(self, visitor: Visitor, novel: object, number: int | None) -> None:
        """Make an earlier cleaning the current one, or none, and its recipe the novel's; raises NotFound."""
        folder = self._folder(visitor, novel, "change")
        use_cleaning(folder, number)
        if number is not None and (cleaned := _cleaned(folder, number)):
            with self._changing:
                set_recipe(folder, cleaned.recipe)


def _resting(folder: NovelFolder) -> list[OwnRule]:
    found = read_object(folder.meta).get("resting_rules", [])
    try:
        return [OwnRule.from_json(one) for one in found]
    except (BadSettings, TypeError):
        # Somebody else wrote it.
        return []


def _rest(folder: NovelFolder, resting: Sequence[OwnRule]) -> None:
    change_meta(folder.meta, resting_rules=[own.to_json() for own in resting[-MOST_RESTING:]])


def _cleaned(folder: NovelFolder, number: int) -> Cleaned | None:
    path = folder.report(number)
    try:
        report: dict[str, Any] = reports.read_header(path)
        made = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        with_ = report["made_with"]
        # Before there were recipes, a report had the names of its rules.
        recipe = recipe_of(with_.get("recipe") or {"rules": with_["rules"]})
        return Cleaned(number, recipe, with_["versions"]["moxu"], report["characters_after"], made)
    except (OSError, KeyError, TypeError, StudioError):
        return None
