"""A text cleaned section by section, several at a time if it is long, and what the sections come to."""

import itertools
import json
import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines import VERSION, leash, reports
from pipelines.chapters import Chapter, find_chapters
from pipelines.cleaning import Recipe, Stage, clean, ideographs
from pipelines.errors import BadText
from pipelines.recipes import json_of
from pipelines.sections import SECTION_CHARACTERS, sections

# Each process holds a section several times over, 250 MB measured: so many stay within a gigabyte.
MOST_PROCESSES = 3
# A rule that takes more of a book's Chinese characters is told in red (cleaning.md §2).
BUDGET = 0.005
# What these take stands somewhere else in the book.
SPARED = ("contents", "same_chapters")
MOST_MARKS = 1_000


@dataclass(slots=True)
class Worked:
    """A cleaned section as it comes back from its process: the text, the report's rows as JSON, and figures."""

    text: str
    before: int
    rows: list[str]
    marks: list[dict[str, Any]]
    counts: Counter[str]
    lost: Counter[str]
    ideographs: int
    stopped: list[str]
    chapters: list[Chapter]


@dataclass(slots=True)
class Totals:
    """What the sections come to."""

    before: int = 0
    after: int = 0
    blank: bool = True
    ideographs: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    marks: list[dict[str, Any]] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    sections: list[int] = field(default_factory=list)
    chapters: list[Chapter] = field(default_factory=list)

    def add(self, worked: Worked) -> None:
        moved = (replace(one, start=one.start + self.after, end=one.end + self.after) for one in worked.chapters)
        self.chapters += moved
        self.before += worked.before
        self.after += len(worked.text)
        self.blank = self.blank and not worked.text.strip()
        self.sections.append(len(worked.text))
        self.ideographs += worked.ideographs
        self.counts += worked.counts
        self.lost.update(worked.lost)
        self.marks += worked.marks[: MOST_MARKS - len(self.marks)]
        self.stopped |= set(worked.stopped)

    def require_text(self) -> None:
        """Raise BadText if nothing is left of the text."""
        if self.blank:
            raise BadText("nothing_left", "nothing is left of the text after cleaning", "leave some rules away with --no-rule")

    def facts(self, recipe: Recipe) -> dict[str, Any]:
        """What a report says of them."""
        names = (*recipe.rules, *(f"own:{own.name}" for own in recipe.own))
        return {
            "made_with": {"rules": list(recipe.rules), "recipe": json_of(recipe), "versions": {"moxu": VERSION}},
            "characters_before": self.before,
            "characters_after": self.after,
            "sections": self.sections,
            "ideographs": self.ideographs,
            "rules": {name: self.counts[name] for name in names},
            "lost": {name: count for name, count in self.lost.items() if count > 0},
            "over_budget": over_budget(self.lost, self.ideographs),
            "stopped": sorted(self.stopped),
            "marks": self.marks,
        }


def over_budget(lost: dict[str, int], total: int) -> list[str]:
    """The rules that take more of a text's `total` ideographs than cleaning ought to."""
    return [name for name, count in lost.items() if count > BUDGET * total and name not in SPARED]


def work(
    blocks: Iterable[str], recipe: Recipe, size: int, parts: Sequence[tuple[str, int]] = (), processes: int = MOST_PROCESSES
) -> Iterator[Worked]:
    """The cleaned sections of a text of about `size` bytes that comes in blocks, in order; several at a time if it is long.

    `parts` are chapters that the file itself had, by title and place.
    """
    jobs = _jobs(sections(blocks), recipe, parts)
    count = min(processes, os.cpu_count() or 1, 1 + size // (3 * SECTION_CHARACTERS))
    if count <= 1:
        yield from map(_worked, jobs)
        return
    # A fork of a process with threads may hang.
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), leash.end_with_parent) as pool:
        waiting: deque[Future[Worked]] = deque()
        for job in jobs:
            waiting.append(pool.submit(_worked, job))
            if len(waiting) > count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(frozen=True, slots=True)
class _Job:
    """A section to clean: its number among the sections, where it starts, and the file's own chapters in it."""

    text: str
    number: int | None
    start: int
    recipe: Recipe
    parts: tuple[tuple[str, int], ...]


def _jobs(texts: Iterator[str], recipe: Recipe, parts: Sequence[tuple[str, int]]) -> Iterator[_Job]:
    first, second = next(texts, ""), next(texts, None)
    start = 0
    numbered = second is not None
    for number, text in enumerate(itertools.chain([first], [] if second is None else [second], texts)):
        mine = tuple((title, at - start) for title, at in parts if start <= at < start + len(text))
        yield _Job(text, number if numbered else None, start, recipe, mine)
        start += len(text)


def _worked(job: _Job) -> Worked:
    """Clean a section; this runs in a process of its own if there are several."""
    done = clean(job.text, job.recipe, job.start)
    places = done.offsets.forward([at for _, at in job.parts])
    parts = [(title, place) for (title, _), place in zip(job.parts, places, strict=True)]
    counts: Counter[str] = Counter()
    for stage in (*done.stages, *done.marks):
        counts[stage.rule] += len(stage.edits)
    lost: Counter[str] = Counter()
    for stage in done.stages:
        lost[stage.rule] += stage.lost
    rows = [json.dumps(row, ensure_ascii=False) for row in reports.rows(done.stages, job.number)]
    total, chapters = ideographs([job.text]), find_chapters(done.text, parts)
    return Worked(done.text, len(job.text), rows, _marks(done.marks), counts, lost, total, done.stopped, chapters)


def _marks(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """The places that were only pointed out, where they stand in the text as it came."""
    pairs = ((edit, raw) for stage in stages for edit, raw in zip(stage.edits, stage.origins, strict=True))
    return [{"rule": edit.rule, "raw": raw, "text": edit.removed} for edit, raw in itertools.islice(pairs, MOST_MARKS)]
