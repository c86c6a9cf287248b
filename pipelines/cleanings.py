"""A novel's cleanings on the disk: make one, read the current one, choose another. The rules are in rules/, the pure middle in
cleaning.py.

The original text and earlier cleanings never change: each cleaning is a new numbered folder, and the novel's `meta.json`
names the current one. A long text goes through in sections, on as many cores as the memory allows.
"""

import contextlib
import hashlib
import itertools
import json
import multiprocessing
import os
from codecs import getincrementaldecoder
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from pipelines import VERSION, leash, reports
from pipelines.chapters import Chapter, find_chapters
from pipelines.cleaning import Recipe, Stage, clean, ideographs
from pipelines.errors import BadText, BrokenArtifact, Conflict, NotFound
from pipelines.files import publish, read_json, read_object, read_text, require_space, sha256_of, write_json
from pipelines.folders import NovelFolder, list_folders
from pipelines.locks import acquire
from pipelines.outlines import carry_over, outline_sha256, read_chapters
from pipelines.recipes import json_of, recipe_of
from pipelines.sections import SECTION_CHARACTERS, sections
from pipelines.workspace import FORMAT, change_meta

LOCK_SECONDS = 60.0
BLOCK_BYTES = 1024 * 1024
# Each process holds a section several times over, up to 200 MB: so many stay within a gigabyte.
MOST_PROCESSES = 4
# A rule that takes more of a book's Chinese characters is told in red (cleaning.md §2).
BUDGET = 0.005
# What these take stands somewhere else in the book.
SPARED = ("contents", "same_chapters")
MOST_MARKS = 1_000
# A report may hold millions of rows; a command's object has the first of them.
MOST_ROWS = 100_000
# What cleaning needs beside the text: the clean one, and the report of what was removed.
SPACE_FACTOR = 3

# Hears how many of the text's bytes are done.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A finished cleaning of a novel: its number, its text, the text's SHA-256 and its chapters.

    `outline` is the SHA-256 of its outline where the writer has edited the chapters.
    """

    number: int
    text: str
    sha256: str
    chapters: list[Chapter]
    outline: str | None = None


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


def clean_novel(novel: NovelFolder, recipe: Recipe | None = None, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Clean a novel by a recipe (None: its own) into a new cleaning, made the current one.

    Returns the report without its rows, and in `lost_edits` how many of the writer's edits to the chapters could not be made
    to the new ones. Raises BadText if nothing is left, BrokenArtifact if the novel's text has changed
    since it came, Conflict if the disk has no room or another cleaning of this novel does not end.
    """
    recipe = recipe or recipe_for(novel)
    require_space(novel.path, SPACE_FACTOR * _size(novel), f"the cleaning of {novel.id}")
    with held(novel):
        number = max(cleanings(novel), default=0) + 1
        with publish(novel.cleaning(number)) as partial:
            report = {"novel": novel.id, "cleaning": number} | _write(novel, partial, number, recipe, progress)
        carried = carry_over(novel, read_json(novel.meta).get("cleaning"), number)
        change_meta(novel.meta, cleaning=number, recipe=json_of(recipe))
    return report | {"lost_edits": carried.lost if carried else 0}


def preview_novel(novel: NovelFolder, recipe: Recipe | None = None) -> dict[str, Any]:
    """The report that `clean_novel` would give, with its first rows; writes nothing. Raises as that does."""
    recipe, totals, rows = recipe or recipe_for(novel), Totals(), list[str]()
    for worked in work(raw_blocks(novel), recipe, _size(novel), _parts(novel)):
        totals.add(worked)
        rows += worked.rows[: MOST_ROWS - len(rows)]
    totals.require_text()
    facts = {"novel": novel.id, "cleaning": None} | _made_from(novel) | totals.facts(recipe)
    return facts | {"removed": [json.loads(row) for row in rows]}


def _write(novel: NovelFolder, partial: Path, number: int, recipe: Recipe, progress: Progress) -> dict[str, Any]:
    """Write the files of a cleaning, section by section; its report's header."""
    totals, hashed, spool = Totals(), hashlib.sha256(), partial / "rows"
    with (partial / novel.clean_text(number).name).open("wb") as text, spool.open("w", encoding="utf-8") as lines:
        for worked in work(raw_blocks(novel, progress), recipe, _size(novel), _parts(novel)):
            totals.add(worked)
            data = worked.text.encode()
            hashed.update(data)
            text.write(data)
            lines.writelines(f"{row}\n" for row in worked.rows)
    totals.require_text()
    made = _made_from(novel)
    header = {"format": FORMAT, "clean_sha256": hashed.hexdigest()} | made | totals.facts(recipe)
    write_report(partial / novel.report(number).name, header, spool)
    spool.unlink()
    manifest = {"format": FORMAT, "made_from": made["made_from"], "made_with": header["made_with"]}
    write_json(partial / novel.chapters(number).name, manifest | {"chapters": [asdict(one) for one in totals.chapters]})
    return header


def write_report(path: Path, header: dict[str, Any], spool: Path) -> None:
    """Write a report whose rows wait in the file `spool`, one in each line."""
    with path.open("w", encoding="utf-8", newline="") as target, spool.open(encoding="utf-8", newline="\n") as lines:
        reports.write(target, header, (line[:-1] for line in lines))


def work(
    blocks: Iterable[str], recipe: Recipe, size: int, parts: Sequence[tuple[str, int]] = (), processes: int | None = None
) -> Iterator[Worked]:
    """The cleaned sections of a text of about `size` bytes that comes in blocks, in order; several at a time if it is long.

    `parts` are chapters that the file itself had, by title and place.
    """
    jobs = _jobs(sections(blocks), recipe, parts)
    count = min(processes or os.cpu_count() or 1, MOST_PROCESSES, 1 + size // (3 * SECTION_CHARACTERS))
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


def raw_blocks(novel: NovelFolder, progress: Progress = lambda done: None) -> Iterator[str]:
    """A novel's text as it came, in blocks; raises BrokenArtifact, at the end, if it has changed since."""
    hashed, decoder, done = hashlib.sha256(), getincrementaldecoder("utf-8")("replace"), 0
    with _opened(novel) as file:
        while data := file.read(BLOCK_BYTES):
            hashed.update(data)
            yield decoder.decode(data)
            done += len(data)
            progress(done)
    if hashed.hexdigest() != read_json(novel.manifest)["raw_sha256"]:
        raise _changed(novel.raw_text, novel)


def read_raw(novel: NovelFolder) -> str:
    """A novel's text as it came, whole; raises as `raw_blocks`."""
    return "".join(raw_blocks(novel))


def _opened(novel: NovelFolder) -> IO[bytes]:
    try:
        return novel.raw_text.open("rb")
    except FileNotFoundError as error:
        raise _changed(novel.raw_text, novel) from error


def _size(novel: NovelFolder) -> int:
    try:
        return novel.raw_text.stat().st_size
    except FileNotFoundError as error:
        raise _changed(novel.raw_text, novel) from error


def _parts(novel: NovelFolder) -> list[tuple[str, int]]:
    """The chapters that the novel's file itself had, as its manifest keeps them."""
    return [(str(title), int(at)) for title, at in read_json(novel.manifest).get("chapter_marks", [])]


def _made_from(novel: NovelFolder) -> dict[str, Any]:
    return {"made_from": {"novel": novel.id, "sha256": read_json(novel.manifest)["raw_sha256"]}}


def recipe_for(novel: NovelFolder) -> Recipe:
    """The recipe that was chosen for a novel, else the default one."""
    chosen = read_object(novel.meta).get("recipe")
    return recipe_of(chosen) if chosen else Recipe()


def set_recipe(novel: NovelFolder, recipe: Recipe) -> None:
    """Let a novel be cleaned by this recipe from now on."""
    change_meta(novel.meta, recipe=json_of(recipe))


def cleanings(novel: NovelFolder) -> list[int]:
    """The numbers of the novel's finished cleanings, the oldest first."""
    return sorted(int(path.name) for path in list_folders(novel.cleanings) if path.name.isdecimal())


def use_cleaning(novel: NovelFolder, number: int | None) -> None:
    """Make an earlier cleaning the current one, or (None) none; raises NotFound if there is no such cleaning."""
    if number is not None and number not in cleanings(novel):
        raise NotFound("no_cleaning", f"{novel.id} has no cleaning {number}", "clean it again", number=number)
    with held(novel):
        change_meta(novel.meta, cleaning=number)


def current(novel: NovelFolder) -> int:
    """The number of the current cleaning; raises Conflict if there is none."""
    number = read_json(novel.meta).get("cleaning")
    if number is None:
        hint = f"run `python -m pipelines.clean {novel.id}` first"
        raise Conflict("not_cleaned", f"{novel.id} has not been cleaned yet", hint, novel=novel.id)
    return number


@contextlib.contextmanager
def held(novel: NovelFolder) -> Generator[None]:
    """Hold the novel's lock; raises Conflict if another holder does not let go."""
    lock = acquire(novel.lock, LOCK_SECONDS)
    if lock is None:
        raise Conflict("novel_busy", f"{novel.id} is being cleaned by another command", "wait for it to end", novel=novel.id)
    try:
        yield
    finally:
        lock.release()


def read_cleaning(novel: NovelFolder) -> Cleaning:
    """A novel's current cleaning; raises Conflict if it was never cleaned, BrokenArtifact if its text was changed."""
    number = current(novel)
    path = novel.clean_text(number)
    try:
        wanted = reports.read_header(novel.report(number))["clean_sha256"]
    except FileNotFoundError as error:
        gone = str(error.filename)
        raise BrokenArtifact("gone", f"{gone} is gone", "clean the novel again", path=gone) from error
    if not path.exists() or (sha256 := sha256_of(path)) != wanted:
        raise _changed(path, novel)
    # First the outline's hash: if it changes meanwhile, what is made of these chapters is made again, not taken for current.
    outline = outline_sha256(novel, number)
    return Cleaning(number, read_text(path), sha256, read_chapters(novel, number), outline)


def _changed(path: Path, novel: NovelFolder) -> BrokenArtifact:
    hint = "restore it from a backup, or bring the novel again"
    return BrokenArtifact("changed_text", f"{path} is not what it was when it was written", hint, novel=novel.id)
