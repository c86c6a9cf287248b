"""Bring novels in: each file becomes a novel, or several, with the untouched original and the decoded text.

    python -m pipelines.ingest FILE_OR_FOLDER... [--encoding E] [--title T] [--workers N]

One file that cannot be read does not stop the others; what was passed over is listed with the reason. What is here already
is passed over, too, so that the same command goes on where a killed one stopped.
"""

import argparse
import contextlib
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.bring import Asked, Known, bring, title_of
from pipelines.command import NothingDone, Parser, Result, execute, parser, progress, workspace_of
from pipelines.crowd import in_crowd, worth_a_crowd
from pipelines.errors import BadSettings, BadText, Conflict, NotFound
from pipelines.files import NO_SPACE, PARTIAL, require_space
from pipelines.formats.documents import Document, Skipped, skipped
from pipelines.known import Originals, titles_here
from pipelines.sources import kind_of_file, read_documents, unreadable
from pipelines.walk import files_in
from pipelines.workspace import LOCAL_OWNER, Workspace

ALREADY_HERE = "already_here"
# What would let a file's name write over a terminal's lines, or run backwards.
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Ingested:
    """The novels that came in, as their manifests tell of them, and the files and members that did not."""

    novels: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def ingest(
    workspace: Workspace, files: Iterable[Path], encoding: str | None = None, title: str | None = None, workers: int = 1
) -> Ingested:
    """Make novels of every file that can be read, by so many processes; those that cannot, or are here, are in `skipped`.

    Raises BadSettings for an unknown encoding, Conflict or OSError if the disk has no room.
    """
    asked, done = Asked(encoding, title), Ingested()
    files = list(files)
    with tempfile.TemporaryDirectory() as place:
        job = _Job(str(workspace.root), asked, titles_here(workspace, asked), Path(place) / "claims.jsonl")
        results = in_crowd(job, files, workers) if workers > 1 else map(job, files)
        for one in progress(results, len(files), "ingest"):
            done.novels.extend(one.novels)
            done.skipped.extend(one.skipped)
    return done


@dataclass(frozen=True, slots=True)
class _Job:
    """What is done with each file, in whatever process."""

    root: str
    asked: Asked
    here: dict[str, str]
    claims: Path

    def __call__(self, file: Path) -> Ingested:
        known = Originals(self.here, self.claims)
        try:
            return ingest_source(Workspace(Path(self.root)), Source(file, file.name, str(file)), self.asked, known)
        except (BadText, NotFound) as error:
            return Ingested(skipped=[skipped(str(file), error)])
        except Conflict as error:
            if error.code != ALREADY_HERE:
                raise
            return Ingested(skipped=[skipped(str(file), error)])


def ingest_file(
    workspace: Workspace,
    file: Path,
    encoding: str | None = None,
    title: str | None = None,
    *,
    called: str = "",
    owner: str = LOCAL_OWNER,
) -> Ingested:
    """Make novels of one file, each published whole, whether they are here already or not.

    `called` is the name its person knows the file by, where it lies under another. The members of an archive that are no
    text are in `skipped`. Raises BadText or NotFound for a file that is no text, BadSettings for an unknown encoding,
    Conflict for a full disk.
    """
    called = called or file.name
    return ingest_source(workspace, Source(file, called, called), Asked(encoding, title, owner))


@dataclass(frozen=True, slots=True)
class Source:
    """A file, the name its person knows it by, and what to call it where one of its members is passed over."""

    file: Path
    called: str
    shown: str


def ingest_source(
    workspace: Workspace,
    source: Source,
    asked: Asked,
    known: Known | None = None,
    hear: Callable[[int], None] = lambda novels: None,
) -> Ingested:
    """Make novels of one file but of what is `known`; `hear` is told how many there are by now. Raises as `ingest_file`.

    A single text that is known raises Conflict (`already_here`); a member is in `skipped`.
    """
    done = Ingested()
    with _room(workspace) as room:
        file = source.file if kind_of_file(source.file) == "zip" else _copied(source, room)
        for found in read_documents(file, source.called, asked.encoding, room):
            one = found if isinstance(found, Skipped) else _brought(workspace, found, asked, known)
            if isinstance(one, Skipped):
                done.skipped.append(replace(one, file=f"{source.shown}/{one.file}"))
            else:
                done.novels.append(one)
                hear(len(done.novels))
    return done


def _brought(workspace: Workspace, document: Document, asked: Asked, known: Known | None) -> dict[str, Any] | Skipped:
    """Bring one document in; what is wrong with one of several stops no other."""
    try:
        return bring(workspace, document, asked, known)
    except (BadText, Conflict) as error:
        if not document.member or (isinstance(error, Conflict) and error.code != ALREADY_HERE):
            raise
        return skipped(document.member, error)


@contextlib.contextmanager
def _room(workspace: Workspace) -> Generator[Path]:
    """A folder for what is on its way into the workspace, on its disk; if this process is killed, a later one removes it."""
    room = workspace.novels / f"arriving.{secrets.token_hex(4)}{PARTIAL}"
    room.mkdir()
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _copied(source: Source, room: Path) -> Path:
    """The file's bytes as they are now, where nobody else changes them."""
    copy = room / "original"
    require_space(room, source.file.stat().st_size, f"the novel {source.called}")
    try:
        shutil.copyfile(source.file, copy)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise
        raise unreadable(source.file, error) from error
    return copy


def main(argv: list[str] | None = None) -> int:
    """The command `ingest`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("ingest", "Bring novels in: each file of text, web page, book or archive of such becomes a novel or several.")
    made.add_argument("files", nargs="+", type=Path, metavar="FILE_OR_FOLDER", help="of folders, every file that is not hidden")
    made.add_argument("--encoding", metavar="E", help="the encoding of the files, if it is not to be found out")
    made.add_argument("--title", metavar="T", help="the title of the novel, else what the file says, else its name")
    made.add_argument("--workers", type=int, metavar="N", help="processes at work, else as many as there are cores")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Bring in the files that the command names; raises NothingDone if none became a novel and some should have."""
    title, workers = arguments.title, arguments.workers
    if workers is not None and workers < 1:
        values = {"name": "workers", "value": workers, "allowed": "1…"}
        raise BadSettings("out_of_range", f"--workers cannot be {workers}", "use 1 or more", **values)
    workspace = workspace_of(arguments)
    files, empty = files_in(arguments.files, workspace.root)
    if title is not None and len(files) > 1:
        message = f"--title names one novel, but there are {len(files)} files"
        raise BadSettings("one_title", message, "bring them one by one", files=len(files))
    workers = workers or worth_a_crowd(files)
    done = ingest(workspace, files, arguments.encoding, title and title_of(title), workers)
    done.skipped.extend(empty)
    return _told(done)


def _told(done: Ingested) -> Result:
    """The manifest and the human lines; raises NothingDone."""
    manifest = {"novels": done.novels, "skipped": [asdict(one) for one in done.skipped]}
    reasons = "\n".join(f"{_shown(one.file)}: {_shown(one.why)}" for one in done.skipped)
    if not done.novels and any(one.code != ALREADY_HERE for one in done.skipped):
        raise NothingDone("nothing_ingested", reasons, manifest)
    if reasons:
        print(reasons, file=sys.stderr, flush=True)
    return manifest, _lines(done.novels) or "nothing new"


def _shown(name: str) -> str:
    return _NOT_SHOWN.sub("?", name)


def _lines(novels: Sequence[dict[str, Any]]) -> str:
    """A human line for each novel."""
    row = "{id}: {characters:,} characters, {chapters} chapters, read as {encoding}"
    return "\n".join(row.format(**novel) + _loss(novel["replaced"]) for novel in novels)


def _loss(replaced: int) -> str:
    return f", {replaced} unreadable" if replaced else ""


if __name__ == "__main__":
    sys.exit(main())
