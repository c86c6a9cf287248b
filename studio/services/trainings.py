"""Trainings as the pages see them: start, watch, stop, pause, resume. Only the disk knows what a run does.

What is kept here is which starts and endings are in progress at this moment, so that a second press is not a second run.
"""

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from models.shape import ModelShape, load_preset, preset_names
from pipelines import demo, devices, launch, prepare, runs, settings, status, training_settings, trash, waiting
from pipelines.errors import BadSettings, BrokenArtifact, Conflict, NotFound, StudioError
from pipelines.files import read_lines, read_object
from pipelines.folders import NovelFolder, RunFolder, list_folders
from pipelines.launch import Order
from pipelines.training_settings import DEFAULT_PRESET
from pipelines.workspace import Workspace, change_meta
from studio import access
from studio.access import Action, Visitor
from studio.services.curves import read_curve
from studio.services.steps import run_step
from studio.words import Words

# A vocabulary to tell a preset's size by: about as many characters as a Chinese novel uses.
TYPICAL_VOCABULARY = 3500
TITLE_LIMIT = 100
LOG_BYTES = 16_384
LEAVING_SECONDS = 30.0
# What reading a thing raises whose files are damaged, or that is deleted at this moment.
DAMAGED = (BrokenArtifact, FileNotFoundError, KeyError, TypeError, ValueError, AttributeError)
logger = logging.getLogger("moxu")


@dataclass(frozen=True, slots=True)
class Started:
    """A run that a press of Start led to; not `fresh` when it was there already."""

    run: str
    fresh: bool


class Trainings:
    """The trainings of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._guard = threading.Lock()
        self._starting: dict[str, Future[Started]] = {}
        self._ending: dict[str, str] = {}

    def presets(self, words: Words) -> list[dict[str, Any]]:
        """The presets there are, smallest first: name, sentence, about how many parameters, context and budget."""
        found = [load_preset(name) for name in preset_names()]
        return [
            {
                "name": preset.name,
                "sentence": preset.sentence[words.language],
                "parameters": preset.shape(TYPICAL_VOCABULARY).parameters,
                "context": preset.sizes["context"],
                "budget": training_settings.budget_of(training_settings.of_preset(preset)),
            }
            for preset in found
        ]

    def novels(self, visitor: Visitor) -> list[dict[str, Any]]:
        """The novels the visitor may learn from: id, title, characters."""
        found = []
        for novel in map(NovelFolder, list_folders(self.workspace.novels)):
            with contextlib.suppress(*DAMAGED):
                if access.may(visitor, "use", access.thing_of(novel.meta)):
                    title, facts = read_object(novel.meta)["title"], read_object(novel.manifest)
                    found.append({"id": novel.id, "title": str(title), "characters": int(facts["characters"])})
        return sorted(found, key=lambda row: row["title"])

    @functools.cached_property
    def devices(self) -> list[devices.Device]:
        """Where a run may be taught; asked once, since a driver may take a second to answer."""
        return [*devices.gpus(), devices.CPU]

    def start(
        self,
        visitor: Visitor,
        novel_ids: Sequence[str],
        preset: str,
        name: str = "",
        budget: dict[str, float] | None = None,
        device: str = "auto",
    ) -> Started:
        """Prepare the novels and start a run; the one that is on its way already, if this is the same wish again.

        Raises NotFound, BadSettings, BadText or Conflict before any run is written.
        """
        access.require(visitor, "make")
        chosen = load_preset(preset)
        training = settings.replace(training_settings.of_preset(chosen), budget or {})
        if not novel_ids:
            raise BadSettings("no_novels", "no novel is chosen", "choose one at least")
        for wanted in novel_ids:
            access.require(visitor, "use", access.thing_of(self.workspace.novel(wanted).meta))
        devices.choose(device)

        def make() -> Started:
            corpus, encoding = run_step(prepare.prepare, self.workspace, list(novel_ids), owner=visitor.name)
            order = Order(corpus.id, encoding.id, chosen, training, name.strip()[:TITLE_LIMIT], device, visitor.name)
            twin = self._twin(visitor, order)
            return Started(twin, False) if twin else Started(launch.start(self.workspace, order).id, True)

        return self._once(f"{visitor.name} {sorted(set(novel_ids))} {preset} {training} {device}", make)

    def try_story(self, visitor: Visitor, language: str) -> Started:
        """Bring in the bundled story of a language, unless it is there, and start the smallest preset on it."""
        access.require(visitor, "make")
        story = demo.STORIES / f"{language}.txt"

        def bring() -> Started:
            novel = prepare.bring_story(self.workspace, story, visitor.name)
            return self.start(visitor, [novel.id], DEFAULT_PRESET)

        return self._once(f"{visitor.name} story {language}", bring)

    def every(self, visitor: Visitor) -> list[dict[str, Any]]:
        """The runs the visitor may see, newest first: id, title, phase."""
        found = []
        for run in self._runs(visitor):
            # A damaged run is no reason to show none.
            with contextlib.suppress(*DAMAGED):
                found.append(self._describe(run))
        return found

    def describe(self, visitor: Visitor, run_id: str) -> dict[str, Any]:
        """What is true of a run now; raises NotFound."""
        return self._describe(self._run(visitor, "see", run_id))

    def waiting(self, visitor: Visitor) -> list[dict[str, Any]]:
        """The runs that wait for a device, whose turn is next first."""
        names = waiting.order(self.workspace)
        known = {run.id: run for run in self._runs(visitor)} if names else {}
        found = []
        for name in names:
            with contextlib.suppress(*DAMAGED):
                found.append(self._describe(known[name]))
        return [facts for facts in found if facts["phase"] == "queued"]

    def stop(self, visitor: Visitor, run_id: str) -> None:
        """Let a run end with a bundle; returns at once. Raises Conflict for one that has ended."""
        run = self._run(visitor, "change", run_id)
        if status.phase(run) in ("done", "stopped"):
            raise Conflict("run_ended", f"run {run.id} has ended already", run=run.id)
        if status.is_alive(run):
            launch.wish(run, "stop")
        self._end("stop", run, lambda: launch.stop(self.workspace, run))

    def pause(self, visitor: Visitor, run_id: str) -> None:
        """Let a run save everything and free its device; returns at once. Raises Conflict for one that is not alive."""
        run = self._run(visitor, "change", run_id)
        launch.wish(run, "pause")
        self._end("pause", run, lambda: launch.pause(run))

    def resume(self, visitor: Visitor, run_id: str) -> None:
        """Go on from the newest checkpoint, a finished run for as many steps again; raises Conflict for one that is alive."""
        run = self._run(visitor, "change", run_id)
        _await_rest(run)
        if status.is_alive(run):
            raise Conflict("run_goes_on", f"run {run.id} goes on already", run=run.id)
        done = status.phase(run) == "done"
        launch.resume(self.workspace, run, 2 * status.read(run)["step"] if done else None)

    def samples(self, visitor: Visitor, run_id: str) -> list[dict[str, Any]]:
        """What the network wrote while it learned, newest first."""
        rows, _ = read_lines(self._run(visitor, "see", run_id).samples)
        return sorted(rows, key=lambda row: row["step"], reverse=True)

    def log_tail(self, visitor: Visitor, run_id: str) -> str:
        """The end of what the trainer printed."""
        log = self._run(visitor, "see", run_id).log
        if not log.is_file():
            return ""
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LOG_BYTES))
            return file.read().decode("utf-8", errors="replace")

    def curve(self, visitor: Visitor, run_id: str, after: str = "", line: str = "") -> dict[str, Any]:
        """The points of a run's curves after a cursor."""
        return read_curve(self._run(visitor, "see", run_id), after, line)

    def rename(self, visitor: Visitor, run_id: str, title: str) -> None:
        """Call a run otherwise; raises BadSettings for an empty name."""
        run = self._run(visitor, "change", run_id)
        if not title.strip():
            raise BadSettings("no_name", "the name is empty", "give one letter at least")
        change_meta(run.meta, title=title.strip()[:TITLE_LIMIT])

    def remove(self, visitor: Visitor, run_id: str) -> str:
        """Move a run to the trash and return the ticket that brings it back; raises Conflict for one that is alive."""
        return trash.discard(self.workspace, self._run(visitor, "change", run_id).path)

    def restore(self, visitor: Visitor, ticket: str) -> str:
        """Bring a run back from the trash, and return its id; raises NotFound or NameTaken."""
        access.require(visitor, "change", access.thing_of(trash.find(self.workspace, ticket).meta))
        return trash.restore(self.workspace, ticket).name

    def take_up(self) -> None:
        """Let queued runs go on whose process is gone, as after a reboot; for a thread of the studio's start."""
        with _logged("taking up what waits"):
            launch.resume_waiting(self.workspace)

    def _run(self, visitor: Visitor, action: Action, run_id: str) -> RunFolder:
        run = self.workspace.run(run_id)
        # The commands take a part of an id; a page means this one and no other.
        if run.id != run_id or not run.manifest.exists():
            raise NotFound("no_run", f"there is no run {run_id!r}", "it may have been deleted", wanted=run_id)
        access.require(visitor, action, access.thing_of(run.meta))
        return run

    def _runs(self, visitor: Visitor) -> Iterator[RunFolder]:
        """Newest first, by their ids, which begin with the moment of their start."""
        for path in reversed(list_folders(self.workspace.runs)):
            run = RunFolder(path)
            with contextlib.suppress(BrokenArtifact):
                if run.manifest.exists() and access.may(visitor, "see", access.thing_of(run.meta)):
                    yield run

    def _describe(self, run: RunFolder) -> dict[str, Any]:
        facts, announced = runs.describe(run), status.read(run)
        meta = read_object(run.meta) if run.meta.exists() else {}
        wished = {self._ending[run.id]} if run.id in self._ending else set()
        manifest = read_object(run.manifest)
        return facts | {
            "title": meta.get("title", facts["name"]),
            "wishes": sorted(status.wishes(run) | wished),
            "ending": announced.get("ending"),
            "device": facts["device"] or manifest["device"]["name"],
            "context": manifest["shape"]["context"],
            "parameters": ModelShape(**manifest["shape"]).parameters,
            "created": manifest["created"],
        }

    def _twin(self, visitor: Visitor, order: Order) -> str | None:
        """A living run of the very same order."""
        wanted = (order.corpus, order.encoding, order.preset.name)
        plain = settings.replace(order.training, {"prompt": ()})
        for run in self._runs(visitor):
            with contextlib.suppress(*DAMAGED, BadSettings):
                manifest = read_object(run.manifest)
                same = (manifest["corpus"], manifest["encoding"], manifest["preset"]) == wanted
                same = same and settings.replace(training_settings.of_run(run), {"prompt": ()}) == plain
                if same and status.phase(run) in status.ALIVE and not self._describe(run)["wishes"]:
                    return run.id
        return None

    def _once(self, key: str, make: Callable[[], Started]) -> Started:
        """What `make` comes to; whoever asks while it is being made gets that one, and hears that it is not theirs."""
        with self._guard:
            first = key not in self._starting
            future = self._starting.setdefault(key, Future())
        if not first:
            return Started(future.result().run, False)
        try:
            started = make()
            future.set_result(started)
            return started
        except BaseException as error:
            future.set_exception(error)
            raise
        finally:
            with self._guard:
                del self._starting[key]

    def _end(self, wish: str, run: RunFolder, work: Callable[[], object]) -> None:
        """Climb the ladder of `launch` in a thread, unless one climbs it already: it may take minutes."""
        with self._guard:
            if self._ending.get(run.id) == wish:
                return
            self._ending[run.id] = wish

        def climb() -> None:
            try:
                with _logged(f"{wish} of {run.id}"):
                    work()
            finally:
                with self._guard:
                    # A stop that was wished while a pause was under way goes on.
                    if self._ending.get(run.id) == wish:
                        del self._ending[run.id]

        threading.Thread(target=climb, name=f"{wish} {run.id}", daemon=True).start()


def _await_rest(run: RunFolder) -> None:
    """Wait a moment for a trainer that has said its last word, and whose process is about to end."""
    deadline = time.monotonic() + LEAVING_SECONDS
    while status.phase(run) in status.ENDED and status.is_alive(run) and time.monotonic() < deadline:
        time.sleep(launch.POLL_SECONDS)


@contextlib.contextmanager
def _logged(what: str) -> Generator[None]:
    """In a thread nobody hears an error: it goes to the log, and the run's own phase tells the page."""
    try:
        yield
    except (StudioError, OSError) as error:
        # The wish was left before the thread began, and may have been fulfilled by then.
        if getattr(error, "code", "") != "run_ended":
            logger.warning("%s: %s", what, error)
