"""Files on their way into the library: they go on one after the other whether a page watches them or not.

A small text is read at once; whatever may take long is read by a process of its own, so that the pages stay quick.
"""

import contextlib
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.bring import Asked
from pipelines.errors import StudioError
from pipelines.files import NO_SPACE, READ_ONLY
from pipelines.formats.archive import Archive
from pipelines.formats.documents import Skipped, without_halves
from pipelines.formats.names import base_name, member_names
from pipelines.ingest import Ingested, Source, ingest_source
from pipelines.known import Originals, titles_here
from pipelines.sources import kind_of_file
from pipelines.workspace import Workspace
from studio import access
from studio.access import Visitor
from studio.services.questions import keep
from studio.workers import TICK_SECONDS, Hear, Stopped, Workers

UNCLEAR, ALREADY_HERE = "encoding_unclear", "already_here"
# So much plain text is read in a moment, and a process would take longer to start.
QUICK_FILES, QUICK_BYTES = 4, 1_000_000
# A thousand novels take minutes; what does not end within hours hangs.
MOST_SECONDS = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A file to bring in: where it lies, what its person calls it, the encoding if it is named, and whose it will be.

    `question` is where the file was kept until its encoding was named.
    """

    root: Path
    file: Path
    called: str
    encoding: str | None
    owner: str
    question: Path | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a file: the novels it made, as their manifests tell of them, its members that made none, or an error."""

    name: str
    novels: Sequence[dict[str, Any]] = ()
    skipped: Sequence[Skipped] = ()
    error: Exception | None = None


@dataclass(slots=True)
class Batch:
    """A visitor's files on their way in: what is done, which is at work and how many novels it has made."""

    waiting: deque[Wish] = field(default_factory=deque)
    total: int = 0
    done: list[Arrival] = field(default_factory=list)
    at_work: str = ""
    novels: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    future: Future[None] = field(default_factory=Future)
    is_told: bool = False

    def hear(self, novels: float) -> None:
        self.novels = int(novels)


class Arriving:
    """The files on their way into a workspace, by whose they are."""

    def __init__(self, workspace: Workspace, workers: Workers) -> None:
        self._workspace = workspace
        self._workers = workers
        self._batches: dict[str, Batch] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(thread_name_prefix="arriving")

    def start(
        self, visitor: Visitor, files: Sequence[tuple[Path, str]], encoding: str | None, forget: Callable[[Path], None]
    ) -> None:
        """Bring files in, by the names their person knows; after those on their way, if there are any.

        `forget` is called with each file when nobody needs it any more. Raises Forbidden.
        """
        access.require(visitor, "make")
        wishes = [Wish(self._workspace.root, file, called or "untitled", encoding, visitor.name) for file, called in files]
        self._add(visitor, wishes, forget)

    def answer(self, visitor: Visitor, question: Path, called: str, encoding: str) -> None:
        """Bring in a file that was kept until its encoding was named."""
        access.require(visitor, "make")
        wish = Wish(self._workspace.root, question / "original", called, encoding, visitor.name, question)
        self._add(visitor, [wish], lambda file: None)

    def _add(self, visitor: Visitor, wishes: Sequence[Wish], forget: Callable[[Path], None]) -> None:
        with self._lock:
            last = self._batches.get(visitor.name)
            if last and not last.future.done() and last.waiting and not last.stop.is_set():
                batch = last
            else:
                batch = self._batches[visitor.name] = Batch()
            is_new = batch.total == 0
            batch.waiting.extend(wishes)
            batch.total += len(wishes)
            if is_new:
                batch.future = self._threads.submit(self._run, batch, forget)

    def batch(self, visitor: Visitor) -> Batch | None:
        """The visitor's files on their way in, or those that came last and were not told of."""
        batch = self._batches.get(visitor.name)
        return batch if batch and not batch.is_told else None

    def watch(self, visitor: Visitor) -> Iterator[Batch]:
        """The visitor's batch again and again while it is at work, and once when all is done."""
        if batch := self.batch(visitor):
            while not wait([batch.future], TICK_SECONDS).done:
                yield batch
            batch.is_told = True
            batch.future.result()
            yield batch

    def stop(self, visitor: Visitor) -> None:
        """Stop after what is in already; the rest is left out."""
        if batch := self.batch(visitor):
            batch.stop.set()

    def close(self) -> None:
        """Leave out what is not in yet, everybody's: the studio ends."""
        for batch in self._batches.values():
            batch.stop.set()

    def _run(self, batch: Batch, forget: Callable[[Path], None]) -> None:
        try:
            is_more = bool(batch.waiting)
            while is_more:
                wish = batch.waiting[0]
                batch.at_work, batch.novels = wish.called, 0
                batch.done.append(self._taken_in(wish, batch))
                forget(wish.file)
                # Nobody adds a file between the last one and the end, where nothing would take it in.
                with self._lock:
                    batch.waiting.popleft()
                    is_more = bool(batch.waiting)
        finally:
            for wish in batch.waiting:
                forget(wish.file)

    def _taken_in(self, wish: Wish, batch: Batch) -> Arrival:
        if batch.stop.is_set():
            return Arrival(wish.called, error=Stopped())
        try:
            if _are_quick(list(batch.waiting)):
                return take_in(wish, batch.hear)
            return self._workers.run(take_in, wish, hear=batch.hear, stop=batch.stop, seconds=MOST_SECONDS)
        except (StudioError, OSError, Stopped) as error:
            # The other files go on.
            return Arrival(wish.called, error=error)


def _are_quick(wishes: Sequence[Wish]) -> bool:
    with contextlib.suppress(StudioError, OSError):
        few = len(wishes) <= QUICK_FILES and sum(wish.file.stat().st_size for wish in wishes) <= QUICK_BYTES
        return few and all(kind_of_file(wish.file) == "" for wish in wishes)
    return False


def take_in(wish: Wish, hear: Hear) -> Arrival:
    """Make novels of a file; what its content does not tell the encoding of is kept to be asked about.

    Raises OSError for a disk that is full or cannot be written to.
    """
    workspace = Workspace(wish.root)
    try:
        done = _ingested(workspace, wish, hear)
    except (StudioError, OSError) as error:
        if isinstance(error, OSError) and error.errno in NO_SPACE | READ_ONLY:
            raise
        return _refused(workspace, wish, error)
    for member in done.skipped:
        if member.code == UNCLEAR:
            _keep_member(workspace, wish, member.file)
    if wish.question:
        shutil.rmtree(wish.question, ignore_errors=True)
    return Arrival(wish.called, done.novels, done.skipped)


def _ingested(workspace: Workspace, wish: Wish, hear: Hear) -> Ingested:
    asked = Asked(wish.encoding, None, wish.owner)
    with tempfile.TemporaryDirectory() as place:
        known = Originals(titles_here(workspace, asked), Path(place) / "claims.jsonl")
        done = ingest_source(workspace, Source(wish.file, wish.called, ""), asked, known, lambda novels: hear(float(novels)))
    # Where the file lies is nobody's business; members are called as they are inside.
    return Ingested(done.novels, [replace(one, file=one.file.removeprefix("/")) for one in done.skipped])


def _refused(workspace: Workspace, wish: Wish, error: StudioError | OSError) -> Arrival:
    code = error.code if isinstance(error, StudioError) else ""
    if isinstance(error, StudioError) and "file" in error.values:
        error.values["file"] = wish.called
    if code == UNCLEAR and not wish.question:
        keep(workspace, wish.file, wish.called, wish.owner)
    if code == ALREADY_HERE and wish.question:
        shutil.rmtree(wish.question, ignore_errors=True)
    return Arrival(wish.called, error=error)


def _keep_member(workspace: Workspace, wish: Wish, member: str) -> None:
    """Keep a member of an archive, so that only this one is asked about."""
    with tempfile.TemporaryDirectory() as place, Archive(wish.file) as archive:
        for info, name in zip(archive.members, member_names(archive.members), strict=True):
            if name == member:
                archive.extract(info, Path(place) / "member")
                keep(workspace, Path(place) / "member", without_halves(base_name(name)), wish.owner)
                return
