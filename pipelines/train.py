"""A run from inside: takes its lock, waits for its device, teaches, and leaves a bundle. torch comes in only after the wait.

python -m pipelines.train RUN_ID
"""

import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from pipelines import command, locks, settings, status, waiting
from pipelines.errors import Conflict, StudioError
from pipelines.files import NO_SPACE, read_json
from pipelines.folders import RunFolder
from pipelines.status import Announcer, Signals
from pipelines.training_settings import TrainingSettings
from pipelines.workspace import Workspace

LOCK_SECONDS = 5.0
BALLAST_BYTES = 64 * 1024
# So that, when memory runs out, the system ends the training and not the pages (R13 of proc(5): -1000..1000).
OOM_SCORE = "500"


def main(argv: list[str] | None = None) -> int:
    """Train RUN_ID in this process; returns 0, or 2 for what a person can mend, or 1 for a bug."""
    made = command.parser("train", "train a run in this process (`runs start` does it in the background)")
    made.add_argument("run", metavar="RUN")
    return command.execute(made, argv, act)


def act(arguments: Any) -> command.Result:
    """Hold the run's lock, conduct it, and report the end."""
    signals = Signals()
    workspace = command.workspace_of(arguments)
    run = workspace.run(arguments.run)
    lock = locks.acquire(run.lock, LOCK_SECONDS)
    if lock is None:
        raise Conflict(
            "run_alive", f"run {run.id} is being trained already", f"follow it with `runs follow {run.id}`", run=run.id
        )
    _offer_to_the_oom_killer()
    with Announcer(run) as announcer:
        ended = conduct(workspace, run, announcer, signals)
    return {"run": run.id, **ended}, f"run {run.id} is {ended['phase']}"


def conduct(workspace: Workspace, run: RunFolder, announcer: Announcer, signals: Signals) -> dict[str, Any]:
    """Wait, teach, finish; whatever happens is announced and written to exit.json."""
    ended: dict[str, Any] = {"phase": "failed", "error": {"code": "bug", "message": "ended without a word"}}
    try:
        run.ballast.write_bytes(bytes(BALLAST_BYTES))
        ended = teach_in_turn(workspace, run, announcer, signals)
    except StudioError as error:
        ended = failure(error)
        raise
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        full = Conflict(
            "disk_full", "the disk is full; the last checkpoint is kept", f"free some space, then `runs resume {run.id}`"
        )
        ended = failure(full)
        raise full from error
    except Exception as error:  # the outermost frame: a bug is announced, logged, kept
        traceback.print_exc()
        ended = {"phase": "failed", "error": {"code": "bug", "message": f"{type(error).__name__}: {error}"}}
        raise
    finally:
        run.ballast.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            waiting.leave(workspace, run)
            announcer.say(**ended)
            status.write_exit(run, *exit_of(ended, signals))
    return ended


def exit_of(ended: dict[str, Any], signals: Signals) -> tuple[int, str]:
    """Exit code and reason for exit.json."""
    error = ended.get("error")
    if error is None:
        return command.GOOD, signals.received or ended["phase"]
    return (command.BUG if error["code"] == "bug" else command.MISTAKE), error["message"]


def failure(error: StudioError) -> dict[str, Any]:
    """How an error ends a run: a full disk pauses it, anything else fails it; both can be resumed."""
    phase = "paused" if error.code == "disk_full" else "failed"
    return {"phase": phase, "error": {"code": error.code, "message": error.sentence}}


def teach_in_turn(workspace: Workspace, run: RunFolder, announcer: Announcer, signals: Signals) -> dict[str, Any]:
    """Take the device when it is this run's turn and teach; a wish to end is heard while waiting, too."""
    device = read_json(run.manifest)["device"]

    def unwanted() -> bool:
        return signals.received is not None or bool(status.wishes(run) & {"stop", "pause"})

    lock = waiting.wait_for_device(workspace, run, device["uuid"], unwanted, lambda why: announcer.note(waiting_for=why))
    if lock is None:
        return leave_unstarted(workspace, run, announcer)
    try:
        announcer.say(phase="preparing", waiting_for=None, device=device["name"])
        if device["kind"] == "cuda":
            os.environ["CUDA_VISIBLE_DEVICES"] = device["uuid"]
        from pipelines import lesson

        phase = lesson.teach(workspace, run, training_settings(run), announcer, signals)
        return end(workspace, run, announcer, phase)
    finally:
        lock.release()


def leave_unstarted(workspace: Workspace, run: RunFolder, announcer: Announcer) -> dict[str, Any]:
    """End before the device was free: a stop still writes the bundle of what was learned before, if anything was."""
    phase = "stopped" if "stop" in status.wishes(run) else "paused"
    announcer.say(ending=phase)
    for wish in ("stop", "pause"):
        status.grant(run, wish)
    return end(workspace, run, announcer, phase)


def end(workspace: Workspace, run: RunFolder, announcer: Announcer, phase: str) -> dict[str, Any]:
    """What a phase leaves behind: a bundle from the best checkpoint, unless the run is only paused or learned nothing."""
    best = read_json(run.pointer("best"))["step"] if run.pointer("best").exists() else 0
    if phase == "paused" or best == 0:
        return {"phase": phase}
    announcer.say(ending=phase, activity="finishing", best_step=best)
    from pipelines import lesson

    return {"phase": phase, "activity": None} | lesson.finish(workspace, run, best)


def training_settings(run: RunFolder) -> TrainingSettings:
    """The settings the run was started with, and the longer budget it was given since, if any."""
    chosen = settings.from_json(TrainingSettings, read_json(run.manifest)["settings"])
    return settings.replace(chosen, read_json(run.budget)) if run.budget.exists() else chosen


def _offer_to_the_oom_killer() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
