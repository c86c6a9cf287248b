"""Manuscripts: texts that are changed by splices, each a row of a history that is never rewritten.

A row is written before the text, and carries a digest of the text after it. So whatever a kill leaves can be told: a text that
is some rows behind is brought up to them, and one that no row knows was changed by another program, which becomes a row, too.
Offsets count code points. Who asks, and what a model is, are matters of others.
"""

import contextlib
import hashlib
import re
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines import locks, trash
from pipelines.errors import BadSettings, BrokenArtifact, Conflict, NotFound
from pipelines.files import (
    NO_SPACE,
    READ_ONLY,
    append_line,
    publish,
    read_lines,
    read_object,
    read_text,
    replace_text,
    write_json,
    write_text,
)
from pipelines.folders import ManuscriptFolder, list_folders
from pipelines.workspace import Workspace, change_meta, new_id, now, write_meta

FORMAT = 1
WRITER, MODEL, OUTSIDE = "writer", "model", "outside"
LONGEST = 5_000_000
LONGEST_TITLE = 200
LOCK_SECONDS = 10.0
UNWRITABLE = NO_SPACE | READ_ONLY
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Splice:
    """At an offset, so many characters taken away and a text put there."""

    at: int
    removed: int
    inserted: str

    def apply(self, text: str) -> str:
        """The text after it; raises BadSettings if it does not fit."""
        if self.at < 0 or self.removed < 0 or self.at + self.removed > len(text):
            message = f"a change at {self.at} that removes {self.removed} does not fit a text of {len(text)} characters"
            raise BadSettings("splice_misfit", message, "reload the page", at=self.at)
        return text[: self.at] + self.inserted + text[self.at + self.removed :]


@dataclass(frozen=True, slots=True)
class Change:
    """A splice, whose words it inserts, and with which model and settings they were made.

    `mark` names the change, so that one that is sent twice is made once.
    """

    splice: Splice
    by: str = WRITER
    mark: str = ""
    origin: dict[str, Any] = field(default_factory=dict)

    def row(self, version: int, after: str) -> dict[str, Any]:
        """The history's row of it."""
        facts = {"version": version, **asdict(self.splice), "by": self.by, "when": now(), "digest": digest(after)}
        return facts | ({"mark": self.mark} if self.mark else {}) | self.origin


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A manuscript as it stands: its text, how many changes made it, and which ranges of it are a model's words.

    `mark` is the last change's, by which whoever sent that knows that it came.
    """

    text: str
    version: int
    models: tuple[Range, ...]
    mark: str = ""


def place_of(workspace: Workspace, owner: str) -> Path:
    """Where an owner's manuscripts lie."""
    return workspace.manuscripts / owner


def create(workspace: Workspace, owner: str, title: str) -> ManuscriptFolder:
    """A new, empty manuscript."""
    folder = ManuscriptFolder(place_of(workspace, owner) / new_id(title))
    with publish(folder.path) as partial:
        made = ManuscriptFolder(partial)
        made.chapters.mkdir()
        write_text(made.text, "")
        write_text(made.history, "")
        write_json(made.manifest, {"format": FORMAT, "created": now()})
        write_meta(made.meta, clean_title(title), owner=owner)
    return folder


def clean_title(title: str) -> str:
    """A title on one line; raises BadSettings for none."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in title).split())[:LONGEST_TITLE]
    if not line:
        raise BadSettings("no_title", "a manuscript needs a title", "write a few characters")
    return line


def find(workspace: Workspace, owner: str, wanted: str) -> ManuscriptFolder:
    """An owner's manuscript by its full id, looked up among what is there; raises NotFound."""
    for path in list_folders(place_of(workspace, owner)):
        if path.name == wanted:
            return ManuscriptFolder(path)
    raise _not_there(wanted)


def listed(workspace: Workspace, owner: str) -> list[ManuscriptFolder]:
    """An owner's manuscripts, what was changed last first."""
    found = [ManuscriptFolder(path) for path in list_folders(place_of(workspace, owner))]
    return sorted((one for one in found if one.text.exists()), key=lambda one: one.text.stat().st_mtime, reverse=True)


def title_of(folder: ManuscriptFolder) -> str:
    """What it is called; by its id where that cannot be read, since one damaged file shall not hide all the others."""
    with contextlib.suppress(BrokenArtifact, FileNotFoundError):
        return str(read_object(folder.meta).get("title", folder.id))
    return folder.id


def rename(folder: ManuscriptFolder, title: str) -> str:
    """Call it otherwise; its id stays. Returns the title as it is kept."""
    kept = clean_title(title)
    if folder.meta.exists():
        change_meta(folder.meta, title=kept)
    else:
        write_meta(folder.meta, kept, owner=folder.path.parent.name)
    return kept


def discard(workspace: Workspace, folder: ManuscriptFolder) -> str:
    """Move it to the trash and return the ticket that brings it back; the owner's folder comes along in the ticket."""
    return trash.discard(workspace, folder.path)


def read(folder: ManuscriptFolder) -> Manuscript:
    """The text as it stands, brought up to its history if a kill left it behind."""
    # A disk that is full or read-only is no reason to keep anybody from reading.
    with _held(folder, only_reading=True):
        rows = rows_of(folder)
        text = _current(folder, rows, only_reading=True)
        return Manuscript(text, len(rows), models_ranges(rows), str(rows[-1].get("mark", "")) if rows else "")


def save(folder: ManuscriptFolder, changes: Sequence[Change], base_version: int) -> int:
    """Make the changes one after the other, and return the version after them.

    Those that the history has already (by their marks) are passed over: an answer that got lost is asked for again. Raises
    Conflict if the text is not at `base_version` otherwise, BadSettings if one does not fit; then nothing is changed.
    """
    with _held(folder):
        rows = rows_of(folder)
        text = _current(folder, rows)
        known = _made_already(rows, changes, base_version)
        made = _rows_for(text, changes[known:], len(rows))
        for row, _ in made:
            append_line(folder.history, row)
        if made:
            replace_text(folder.text, made[-1][1])
        return base_version + len(changes)


def text_at(folder: ManuscriptFolder, version: int) -> str:
    """The text as it was after so many changes."""
    return replay("", rows_of(folder)[:version])


def rows_of(folder: ManuscriptFolder) -> list[dict[str, Any]]:
    """The history; a torn last line is no row.

    One that lacked its newline only, and was sent and written again, is there twice: the versions tell.
    """
    rows: list[dict[str, Any]] = []
    for row in read_lines(folder.history)[0]:
        if {"at", "removed", "inserted"} <= row.keys() and row.get("version", len(rows) + 1) == len(rows) + 1:
            rows.append(row)
    return rows


def replay(text: str, rows: Sequence[dict[str, Any]]) -> str:
    """The text after these rows."""
    for row in rows:
        text = _splice_of(row).apply(text)
    return text


def models_ranges(rows: Sequence[dict[str, Any]]) -> tuple[Range, ...]:
    """Which ranges of the text after all rows are a model's words, from the first to the last."""
    # A byte for each character is moved far faster than a list of ranges is mapped through every row.
    whose = bytearray()
    for row in rows:
        splice = _splice_of(row)
        whose[splice.at : splice.at + splice.removed] = (b"m" if row.get("by") == MODEL else b"w") * len(splice.inserted)
    return tuple(found.span() for found in re.finditer(b"m+", whose))


def difference(old: str, new: str) -> Splice:
    """One splice that makes `new` of `old`."""
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    rest = shorter - start
    same = next((count for count in range(rest) if old[-1 - count] != new[-1 - count]), rest)
    return Splice(start, len(old) - start - same, new[start : len(new) - same])


def digest(text: str) -> str:
    """What tells two texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _splice_of(row: dict[str, Any]) -> Splice:
    return Splice(row["at"], row["removed"], row["inserted"])


@contextlib.contextmanager
def _held(folder: ManuscriptFolder, only_reading: bool = False) -> Generator[None]:
    """Hold the manuscript's lock; raises Conflict if another process has it for long, NotFound if the manuscript is gone."""
    try:
        lock = locks.acquire(folder.lock, LOCK_SECONDS)
    except FileNotFoundError as error:
        raise _not_there(folder.id) from error
    except OSError as error:
        if not (only_reading and error.errno in UNWRITABLE):
            raise
        yield
        return
    if lock is None:
        raise Conflict("in_use", f"{folder.id} is being changed at this moment", "try again in a moment", name=folder.id)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _perhaps(only_reading: bool) -> Generator[None]:
    """Where somebody only reads, what cannot be written is left as it is."""
    try:
        yield
    except OSError as error:
        if not (only_reading and error.errno in UNWRITABLE):
            raise


def _current(folder: ManuscriptFolder, rows: list[dict[str, Any]], only_reading: bool = False) -> str:
    """The text, which is behind the rows after a kill, or ahead of them if another program changed it; both are mended."""
    text = read_text(folder.text).replace("\r\n", "\n").replace("\r", "\n") if folder.text.exists() else ""
    wanted, found = digest(text), -1
    if rows and rows[-1].get("digest") == wanted:
        return text
    found = next((place for place in range(len(rows) - 1, -1, -1) if rows[place].get("digest") == wanted), -1)
    if found >= 0 or not text:
        text = replay(text, rows[found + 1 :])
        if rows:
            with _perhaps(only_reading):
                replace_text(folder.text, text)
        return text
    change = Change(difference(replay("", rows), text), OUTSIDE)
    rows.append(change.row(len(rows) + 1, text))
    with _perhaps(only_reading):
        append_line(folder.history, rows[-1])
    return text


def _made_already(rows: list[dict[str, Any]], changes: Sequence[Change], base_version: int) -> int:
    """How many of the changes the history has after `base_version`; raises Conflict if it has others there."""
    since = rows[base_version:]
    alike = all(change.mark and row.get("mark") == change.mark for row, change in zip(since, changes, strict=False))
    if not (0 <= base_version <= len(rows) and alike and (changes or not since)):
        message = "the manuscript was changed in another window"
        raise Conflict("manuscript_changed", message, "take that, or keep what you have here", version=len(rows))
    return min(len(since), len(changes))


def _rows_for(text: str, changes: Sequence[Change], version: int) -> list[tuple[dict[str, Any], str]]:
    """Each change's row and the text after it; raises BadSettings for one that does not fit, or that no file can hold."""
    made = []
    for number, change in enumerate(changes, start=version + 1):
        text = change.splice.apply(text)
        _require_storable(change.splice.inserted, text)
        made.append((change.row(number, text), text))
    return made


def _require_storable(inserted: str, text: str) -> None:
    if len(text) > LONGEST:
        message = f"a manuscript holds at most {LONGEST:,} characters"
        raise BadSettings("manuscript_full", message, "begin another one", most=LONGEST)
    try:
        inserted.encode()
    except UnicodeEncodeError as error:
        raise BadSettings("lone_surrogate", "the text holds half a character", "delete it", place=error.start) from error


def _not_there(wanted: str) -> NotFound:
    return NotFound("no_manuscript", f"there is no manuscript {wanted!r}", "it may have been deleted", wanted=wanted)
