"""A novel's outlines on the disk: for a cleaning, its chapters as the writer wants them. Editing them is outline.py's.

A cleaning's own chapters never change. An outline is replaced whole; what is dropped in it stays listed.
"""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

from pipelines.chapters import Chapter
from pipelines.chapters.edits import Carried, Told, carry
from pipelines.errors import BrokenArtifact, Conflict
from pipelines.files import read_object, read_text, sha256_of, write_json
from pipelines.folders import NovelFolder
from pipelines.workspace import FORMAT


def read_chapters(novel: NovelFolder, number: int) -> list[Chapter]:
    """The chapters of a cleaning as the writer wants them, else as they were found.

    Raises BrokenArtifact if they are gone, or the outline is of another text.
    """
    path = novel.outline(number)
    if not path.exists():
        return found_chapters(novel, number)
    outline, text = read_object(path), novel.clean_text(number)
    chapters = _chapters(outline.get("chapters"))
    if not chapters or not text.exists() or outline.get("clean_sha256") != sha256_of(text):
        hint = f"take it back with `python -m pipelines.outline {novel.id} --reset`"
        raise BrokenArtifact("other_outline", f"the outline of {novel.id} is of another text", hint, novel=novel.id)
    return chapters


def _chapters(rows: object) -> list[Chapter]:
    """The chapters that a file lists, which cover a text without gap or overlap; none if it does not list such."""
    try:
        chapters = [Chapter(**row) for row in rows] if isinstance(rows, list) else []
    except TypeError:
        return []
    typed = all(isinstance(one.title, str) and type(one.start) is type(one.end) is int for one in chapters)
    if not typed or not chapters or chapters[0].start != 0:
        return []
    return chapters if all(one.end == other.start for one, other in pairwise(chapters)) else []


def found_chapters(novel: NovelFolder, number: int) -> list[Chapter]:
    """The chapters of a cleaning as they were found in its text; raises BrokenArtifact if they are gone."""
    path = novel.chapters(number)
    try:
        chapters = _chapters(read_object(path).get("chapters"))
    except FileNotFoundError as error:
        raise BrokenArtifact("gone", f"{path} is gone", "clean the novel again", path=str(path)) from error
    if not chapters:
        raise BrokenArtifact("not_json", f"{path} lists no chapters", "clean the novel again", path=str(path))
    return chapters


def outline_sha256(novel: NovelFolder, number: int) -> str | None:
    """The SHA-256 of a cleaning's outline; None while its chapters are as they were found."""
    path = novel.outline(number)
    return sha256_of(path) if path.exists() else None


def carry_over(novel: NovelFolder, old: int | None, new: int) -> Carried | None:
    """Make the writer's edits to the chapters of an old cleaning to those of a new one; None if there are none.

    For whoever holds the novel's lock. An old outline that cannot be read carries nothing over, and stays where it is.
    """
    if old is None:
        return None
    try:
        edited, found = read_chapters(novel, old), found_chapters(novel, old)
    except BrokenArtifact:
        return None
    if edited == found:
        return None
    before, after = ((number, found_chapters(novel, number)) for number in (old, new))
    told = (Told(read_text(novel.clean_text(number)), chapters) for number, chapters in (before, after))
    carried = carry(edited, *told)
    if carried.chapters != after[1]:
        write_outline(novel, new, carried.chapters)
    return carried


def write_outline(novel: NovelFolder, number: int, chapters: Sequence[Chapter]) -> None:
    """Keep these chapters for a cleaning, for whoever holds the novel's lock."""
    _write(novel, number, novel.outline(number), chapters)


def keep_former(novel: NovelFolder, number: int, chapters: Sequence[Chapter]) -> None:
    """Keep the chapters that an edit is about to change, so that it can be taken back; for whoever holds the novel's lock."""
    _write(novel, number, novel.former_outline(number), chapters)


def former_chapters(novel: NovelFolder, number: int) -> list[Chapter]:
    """The chapters of a cleaning before the last edit; raises Conflict if none can be taken back."""
    path = novel.former_outline(number)
    former, text = read_object(path) if path.exists() else {}, novel.clean_text(number)
    chapters = _chapters(former.get("chapters"))
    if not chapters or not text.exists() or former.get("clean_sha256") != sha256_of(text):
        raise Conflict("nothing_to_undo", "there is no edit of the chapters to take back", "look at the chapters again")
    return chapters


def _write(novel: NovelFolder, number: int, path: Path, chapters: Sequence[Chapter]) -> None:
    novel.outlines.mkdir(exist_ok=True)
    made = {"format": FORMAT, "cleaning": number, "clean_sha256": sha256_of(novel.clean_text(number))}
    write_json(path, made | {"chapters": [asdict(chapter) for chapter in chapters]})
