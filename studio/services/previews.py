"""The previews of novels: made by warm processes, kept in the workspace as long as there is room, one wish for a novel at a time.

previews/<novel>/<key>/   see `preview_files`; the key is a digest of the novel's text and of the recipe
"""

import contextlib
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from pipelines import VERSION
from pipelines.cleaning import Recipe
from pipelines.errors import BrokenArtifact, NameTaken, StudioError
from pipelines.files import read_object, sweep_abandoned
from pipelines.folders import NovelFolder, list_folders
from pipelines.recipes import json_of
from pipelines.rules import RULES
from pipelines.workspace import Workspace
from studio.preview_files import PreviewFolder, make_preview
from studio.preview_pages import Preview
from studio.workers import TICK_SECONDS, Workers

KEPT_PREVIEWS = 24
KEPT_BYTES = 500_000_000
# Threads that wait for processes.
MOST_WAITING = 16
# Ten times what the slowest rules were seen to need, and more for the first text of a process.
LEAST_SECONDS = 60.0
SECONDS_PER_MEGABYTE = 10.0


@dataclass(slots=True)
class Job:
    """A preview in the making: which part is done, whether nobody waits for it any more, and how it ended."""

    key: str
    future: Future[None] = field(default_factory=Future)
    share: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    overtaken: bool = False
    watchers: int = 0

    def hear(self, share: float) -> None:
        self.share = share


class Previews:
    """The previews of a workspace's novels."""

    def __init__(self, workspace: Workspace, workers: Workers) -> None:
        self._workspace = workspace
        self._workers = workers
        self._jobs: dict[Path, Job] = {}
        self._looked_at: dict[Path, Recipe] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(MOST_WAITING, "preview")
        # Rules may have changed since the last start, and nothing here is worth more than the seconds it takes to make.
        shutil.rmtree(self._root, ignore_errors=True)

    @property
    def _root(self) -> Path:
        return self._workspace.root / "previews"

    def shown(self, novel: NovelFolder, recipe: Recipe) -> Preview | None:
        """The preview of a novel by a recipe, or while that is made, the one that was looked at before it."""
        found = self._ready(novel, recipe)
        before = self._looked_at.get(novel.path)
        return self._ready(novel, before) if found is None and before else found

    def _ready(self, novel: NovelFolder, recipe: Recipe) -> Preview | None:
        folder = self._folder(novel, recipe)
        try:
            found = Preview(folder, novel.raw_text, recipe)
            # What was looked at last is swept last.
            os.utime(folder.manifest)
        except (OSError, KeyError, StudioError):
            return None
        self._looked_at[novel.path] = recipe
        return found

    def watch(self, novel: NovelFolder, recipe: Recipe) -> Iterator[float | Preview]:
        """The preview, after the shares of the work that are done while it is made.

        Ends without one when the novel is wanted by another recipe meanwhile; raises Stopped when somebody stops it,
        BrokenArtifact when the novel's files are not whole.
        """
        if found := self._ready(novel, recipe):
            self._overtake(novel, found)
            yield found
            return
        job = self._job(novel, recipe)
        try:
            while not wait([job.future], TICK_SECONDS).done and not job.overtaken:
                yield job.share
        finally:
            self._leave(job)
        if job.overtaken:
            return
        job.future.result()
        if found := self._ready(novel, recipe):
            yield found

    def _leave(self, job: Job) -> None:
        """One fewer waits for this work; nobody needs what nobody waits for."""
        with self._lock:
            job.watchers -= 1
            if not job.watchers:
                job.stop.set()

    def stop(self, novel: NovelFolder) -> None:
        """Stop the work on a novel's preview, if there is any."""
        with self._lock:
            if job := self._jobs.get(novel.path):
                job.stop.set()

    def _overtake(self, novel: NovelFolder, found: Preview) -> None:
        """Nobody waits any more for what was being made of a novel."""
        with self._lock:
            if job := self._jobs.pop(novel.path, None):
                job.overtaken = True
                job.stop.set()

    def _job(self, novel: NovelFolder, recipe: Recipe) -> Job:
        """The work on this preview: what is under way already, else a new one in place of any other for this novel."""
        key = self._folder(novel, recipe).id
        with self._lock:
            last = self._jobs.get(novel.path)
            if last and last.key == key and not last.stop.is_set():
                last.watchers += 1
                return last
            if last:
                last.overtaken = True
                last.stop.set()
            job = self._jobs[novel.path] = Job(key, watchers=1)
            job.future = self._threads.submit(self._make, novel, recipe, job)
        return job

    def _make(self, novel: NovelFolder, recipe: Recipe, job: Job) -> None:
        """Let a process make the preview."""
        try:
            megabytes = novel.raw_text.stat().st_size / 1e6
            target = self._folder(novel, recipe).path
            seconds = LEAST_SECONDS + SECONDS_PER_MEGABYTE * megabytes
            with contextlib.suppress(NameTaken):
                self._workers.run(make_preview, novel, target, recipe, hear=job.hear, stop=job.stop, seconds=seconds)
        except (FileNotFoundError, KeyError) as error:
            raise BrokenArtifact("novel_damaged", f"the files of {novel.id} are not whole", "bring it again") from error
        finally:
            with self._lock:
                if self._jobs.get(novel.path) is job:
                    del self._jobs[novel.path]
            self._sweep()

    def _folder(self, novel: NovelFolder, recipe: Recipe) -> PreviewFolder:
        known = [VERSION, [rule.name for rule in RULES], read_object(novel.manifest).get("raw_sha256"), json_of(recipe)]
        key = hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]
        return PreviewFolder(self._root / novel.id / key)

    def _sweep(self) -> None:
        """Delete what was not looked at for longest when there is too much, and what is of novels that are gone."""
        left = KEPT_BYTES
        there = {path.name for path in list_folders(self._workspace.novels)}
        places = list_folders(self._root)
        for place in places:
            sweep_abandoned(place)
        folders = [path for place in places for path in list_folders(place)]
        for number, path in enumerate(sorted(folders, key=_looked_at, reverse=True)):
            with contextlib.suppress(OSError):
                left -= sum(file.stat().st_size for file in path.iterdir())
            if number and (left < 0 or number >= KEPT_PREVIEWS or path.parent.name not in there):
                shutil.rmtree(path, ignore_errors=True)


def _looked_at(path: Path) -> float:
    try:
        return PreviewFolder(path).manifest.stat().st_mtime
    except OSError:
        return 0.0
