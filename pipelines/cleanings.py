"""A novel's cleanings on the disk: make one, read the current one, choose another. The rules are in rules/, the pure middle in
cleaning.py.

The original text and earlier cleanings never change: each cleaning is a new numbered folder, and the novel's `meta.json`
names the current one. A long text goes through in sections, on as many cores as the memory allows.
"""

import contextlib
import hashlib
import json
from codecs import getincrementaldecoder
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from pipelines import reports
from pipelines.chapters import Chapter
from pipelines.cleaning import Recipe
from pipelines.errors import BrokenArtifact, Conflict, NotFound
from pipelines.files import publish, read_json, read_object, read_text, require_space, sha256_of, write_json
from pipelines.folders import NovelFolder, list_folders
from pipelines.locks import acquire
from pipelines.outlines import carry_over, outline_sha256, read_chapters
from pipelines.recipes import json_of, recipe_of
from pipelines.sectionwise import MOST_PROCESSES, Totals, Worked, work
from pipelines.workspace import FORMAT, change_meta

LOCK_SECONDS = 60.0
BLOCK_BYTES = 1024 * 1024
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


def clean_novel(
    novel: NovelFolder,
    recipe: Recipe | None = None,
    progress: Progress = lambda done: None,
    processes: int = MOST_PROCESSES,
) -> dict[str, Any]:
    """Clean a novel by a recipe (None: its own) into a new cleaning, made the current one.

    Returns the report without its rows, and in `lost_edits` how many of the writer's edits to the chapters could not be made
    to the new ones. Raises BadText if nothing is left, BrokenArtifact if the novel's text has changed
    since it came, Conflict if the disk has no room or another cleaning of this novel does not end.
    """
    recipe, chosen = recipe or recipe_for(novel), read_object(novel.meta).get("recipe")
    require_space(novel.path, SPACE_FACTOR * _size(novel), f"the cleaning of {novel.id}")
    with held(novel):
        number = max(cleanings(novel), default=0) + 1
        with publish(novel.cleaning(number)) as partial:
            worked = work(raw_blocks(novel, progress), recipe, _size(novel), _parts(novel), processes)
            report = {"novel": novel.id, "cleaning": number} | _write(novel, partial, number, recipe, worked)
        carried = carry_over(novel, read_json(novel.meta).get("cleaning"), number)
        # What its writer has chosen meanwhile is theirs, and for the next cleaning.
        is_chosen = read_object(novel.meta).get("recipe") != chosen
        change_meta(novel.meta, cleaning=number, **({} if is_chosen else {"recipe": json_of(recipe)}))
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


def _write(novel: NovelFolder, partial: Path, number: int, recipe: Recipe, sections: Iterable[Worked]) -> dict[str, Any]:
    """Write the files of a cleaning, section by section; its report's header."""
    totals, hashed, spool = Totals(), hashlib.sha256(), partial / "rows"
    with (partial / novel.clean_text(number).name).open("wb") as text, spool.open("w", encoding="utf-8") as lines:
        for worked in sections:
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
        change_meta(novel.meta, cleaning=number, **_recipe_of(novel, number))


def _recipe_of(novel: NovelFolder, number: int | None) -> dict[str, Any]:
    """The recipe of a cleaning, for a novel's `meta.json`: what goes on from an earlier cleaning goes on with its rules."""
    with contextlib.suppress(FileNotFoundError, KeyError, TypeError):
        if number is not None:
            return {"recipe": reports.read_header(novel.report(number))["made_with"]["recipe"]}
    return {}


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
