"""A run's process from outside: prepare its folder, start it detached, resume it, stop it for certain. Never imports torch."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from models.shape import Preset
from pipelines import VERSION, devices, settings, status, training_settings, waiting
from pipelines.assemble import read_chapters
from pipelines.encode import open_encoding
from pipelines.errors import BadSettings, BadText, Conflict, NameTaken
from pipelines.files import publish, read_json, require_space, sha256_of, write_json
from pipelines.folders import CorpusFolder, RunFolder
from pipelines.training_settings import TrainingSettings, to_argv
from pipelines.workspace import LOCAL_OWNER, Workspace, now, write_meta

PROJECT = Path(__file__).resolve().parents[1]
LAUNCH_SECONDS = 20.0
STOP_SECONDS = 60.0
TERM_SECONDS = 30.0
RECORD_SECONDS = 5.0
POLL_SECONDS = 0.1
SPARE_BYTES = 50_000_000
WINDOWS_NEEDED = 2
PROMPT_CHARACTERS = 16
PROMPTS = 2


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for: the corpus and its encoding, the recipe, a name and a device."""

    corpus: str
    encoding: str
    preset: Preset
    training: TrainingSettings
    name: str
    device: str
    owner: str = LOCAL_OWNER


def start(workspace: Workspace, order: Order) -> RunFolder:
    """Write the run's folder, queue it, and start its trainer detached.

    Raises NotFound, BadSettings, BadText (too short for the context) or Conflict (disk) before anything is written.
    """
    corpus = workspace.corpus(order.corpus)
    manifest = _manifest(corpus, order)
    name = order.name or f"{read_json(corpus.manifest)['name']}-{order.preset.name}"
    _require_disk(workspace, order, manifest)
    return launch(workspace, _write_folder(workspace, name, manifest, order.owner))


def _write_folder(workspace: Workspace, name: str, manifest: dict[str, Any], owner: str) -> RunFolder:
    run = workspace.new_run(name)
    try:
        with publish(run.path) as partial:
            folder = RunFolder(partial)
            write_json(folder.manifest, {"id": run.id, "name": name} | manifest)
            write_meta(folder.meta, name, owner=owner)
            folder.control.mkdir()
            folder.checkpoints.mkdir()
    except NameTaken:  # another start of this second and name was quicker
        return _write_folder(workspace, name, manifest, owner)
    return run


def _manifest(corpus: CorpusFolder, order: Order) -> dict[str, Any]:
    """run.json: settings, shape, corpus and hashes, seed, device, versions."""
    encoding = corpus.encoding(order.encoding)
    tokens = open_encoding(encoding)
    shape = order.preset.shape(tokens.vocabulary_size)
    _require_text(len(tokens.train), shape.context, order.preset.name)
    training = order.training
    if not training.prompt:
        training = settings.replace(training, {"prompt": _openings(corpus)})
    return {
        "format": 1,
        "corpus": corpus.id,
        "encoding": encoding.id,
        "preset": order.preset.name,
        "shape": shape.to_json(),
        "settings": settings.to_json(training),
        "device": devices.choose(order.device).to_json(),
        "created": now(),
        "made_from": {"corpus": corpus.id, "encoding": encoding.id, "sha256": sha256_of(encoding.manifest)},
        "made_with": {"moxu": VERSION, "flags": to_argv(order.preset, training)},
    }


def _require_text(tokens: int, context: int, preset: str) -> None:
    needed = WINDOWS_NEEDED * context
    if tokens < needed:
        raise BadText(
            "too_short_to_train",
            f"the corpus has {tokens} training tokens, too few for the preset {preset}, which needs at least {needed}",
            "add more text or choose a preset with a shorter context",
            tokens=tokens,
            needed=needed,
        )


def _openings(corpus: CorpusFolder) -> tuple[str, ...]:
    """The first words of the first held-out chapters, below their headings, for samples while it learns."""
    held_out = [chapter for chapter in read_chapters(corpus) if chapter.held_out][:PROMPTS]
    paragraphs = [[line for line in chapter.text.splitlines() if line.strip()] for chapter in held_out]
    return tuple((lines[1] if len(lines) > 1 else lines[0])[:PROMPT_CHARACTERS] for lines in paragraphs if lines)


def _require_disk(workspace: Workspace, order: Order, manifest: dict[str, Any]) -> None:
    shape = order.preset.shape(manifest["shape"]["vocabulary"])
    needed = (order.training.keep_checkpoints + 2) * shape.checkpoint_bytes + shape.weight_bytes + SPARE_BYTES
    require_space(workspace.root, needed, "this run")


def launch(workspace: Workspace, run: RunFolder) -> RunFolder:
    """Queue the run and start its supervisor detached; returns when its trainer says what it does, or has ended."""
    run.exit.unlink(missing_ok=True)
    write_json(run.status, status.read(run) | {"phase": "queued", "waiting_for": None, "launched": time.monotonic()})
    waiting.join(workspace, run)
    _spawn(workspace, run)
    deadline = time.monotonic() + LAUNCH_SECONDS
    try:
        while not _has_begun(run):
            if time.monotonic() > deadline:
                raise Conflict(
                    "no_start", f"the trainer of {run.id} did not start in {LAUNCH_SECONDS:.0f} s", f"see {run.log}", run=run.id
                )
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        sentence = f"run {run.id} starts in the background; `runs show {run.id}` shows it, `runs stop {run.id}` ends it"
        raise KeyboardInterrupt(sentence) from None
    return run


def _has_begun(run: RunFolder) -> bool:
    """Whether the trainer has said what it does, if only what it waits for, or has ended."""
    announced = status.read(run)
    said = announced["phase"] != "queued" or announced.get("waiting_for")
    return run.exit.exists() or bool(status.is_alive(run) and said)


def _spawn(workspace: Workspace, run: RunFolder) -> None:
    command = [sys.executable, "-m", "pipelines.supervise", run.id, "--workspace", str(workspace.root)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    detached: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        detached = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    with run.log.open("ab") as log:
        detached |= {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        supervisor = subprocess.Popen(command, cwd=PROJECT, env=environment, **detached)
    # In a process that lives on, a child that nobody waits for stays behind as a zombie.
    threading.Thread(target=supervisor.wait, name=f"reaper of {run.id}", daemon=True).start()


def resume(workspace: Workspace, run: RunFolder, steps: int | None = None) -> RunFolder:
    """Go on from the newest good checkpoint, to `steps` in all if given.

    Raises Conflict if the run is alive or has nothing left to do, BadSettings for steps already done.
    """
    phase, status_now = status.phase(run), status.read(run)
    if status.is_alive(run):
        raise Conflict("run_alive", f"run {run.id} is {phase} already", f"follow it with `runs follow {run.id}`", run=run.id)
    if steps is not None:
        if steps <= status_now["step"]:
            message = f"steps must be more than the {status_now['step']} that {run.id} has done, got {steps}"
            raise BadSettings("steps_done", message, name="steps", value=steps)
        settings.replace(training_settings.of_run(run), {"steps": steps})
        write_json(run.budget, {"steps": steps})
    elif phase == "done":
        hint = "give --steps N with a larger number to teach it further"
        raise Conflict("run_done", f"run {run.id} is done at step {status_now['step']}", hint, run=run.id)
    for wish in ("stop", "pause"):
        status.grant(run, wish)
    return launch(workspace, run)


def resume_waiting(workspace: Workspace) -> list[RunFolder]:
    """Take up the queued runs whose process is gone, as after a reboot, in the queue's order."""
    known = [RunFolder(workspace.runs / name) for name in waiting.order(workspace)]
    gone = [run for run in known if run.manifest.exists() and not status.is_alive(run)]
    return [launch(workspace, run) for run in gone if status.read(run)["phase"] == "queued"]


def wish(run: RunFolder, name: str) -> None:
    """Leave a wish for the trainer; raises Conflict if no trainer is there to read it."""
    if not status.is_alive(run):
        raise Conflict("run_not_alive", f"run {run.id} is {status.phase(run)}", "only a running run can do that", run=run.id)
    _wish(run, name)


def _wish(run: RunFolder, name: str) -> None:
    run.control.mkdir(exist_ok=True)
    run.wish(name).touch()


def stop(workspace: Workspace, run: RunFolder, seconds: float = STOP_SECONDS) -> str:
    """End a run with a bundle from its best checkpoint, and return its phase.

    The ladder: the control file; if the trainer has not taken it up after `seconds`, SIGTERM; then SIGKILL.
    A run that is paused, interrupted or failed, or had to be killed, is started once more, only to write its bundle.
    Raises Conflict if the run has ended for good.
    """
    phase = status.phase(run)
    if phase in ("done", "stopped"):
        raise Conflict("run_ended", f"run {run.id} is {phase} already", "there is nothing to stop", run=run.id)
    if status.is_alive(run):
        _wish(run, "stop")
        phase = _await_end(run, seconds)
    if phase in ("paused", "failed", status.INTERRUPTED):
        _wish(run, "stop")
        launch(workspace, run)
        phase = _await_end(run, seconds)
    return phase


def pause(run: RunFolder, seconds: float = STOP_SECONDS) -> str:
    """Save everything, free the device, and return the phase; the ladder is that of `stop`."""
    wish(run, "pause")
    return _await_end(run, seconds)


def _await_end(run: RunFolder, seconds: float) -> str:
    """Wait for the trainer to take up the wish and end, climbing the ladder while it does not."""
    for wait_seconds, signal_name in ((seconds, "SIGTERM"), (TERM_SECONDS, "SIGKILL"), (TERM_SECONDS, None)):
        deadline = time.monotonic() + wait_seconds
        while status.is_alive(run) and (_is_ending(run) or time.monotonic() < deadline):
            time.sleep(POLL_SECONDS)
        if not status.is_alive(run):
            break
        if signal_name is not None:
            _signal(run, signal_name)
    # The supervisor writes down how a killed trainer ended.
    deadline = time.monotonic() + RECORD_SECONDS
    while not run.exit.exists() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return status.phase(run)


def _is_ending(run: RunFolder) -> bool:
    """Whether the trainer has taken up the wish and its heart beats: then measuring and writing take what they take."""
    return bool(status.read(run).get("ending")) and not status.is_stalled(run)


def _signal(run: RunFolder, signal_name: str) -> None:
    """Signal the trainer and what it started, known by pid and start time; not its supervisor, which records the end."""
    trainer = status.trainer_process(run)
    for process in [] if trainer is None else [*trainer.children(recursive=True), trainer]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill() if signal_name == "SIGKILL" else process.terminate()
