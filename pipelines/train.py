"""A run from inside: takes its lock, waits for its device, teaches, and leaves a bundle. torch comes in only after the wait.

python -m pipelines.train RUN_ID
"""

import contextlib
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

from pipelines import command, locks, status, training_settings, waiting
from pipelines.errors import Conflict, StudioError
from pipelines.files import NO_SPACE, read_json, sweep_abandoned
from pipelines.folders import RunFolder
from pipelines.status import Announcer, Signals
from pipelines.workspace import Workspace

LOCK_SECONDS = 5.0
BALLAST_BYTES = 64 * 1024
FULL_BYTES = 1_000_000
SWEEP_SECONDS = 60.0
# So that, when memory runs out, the system ends the training and not the pages; proc(5) has the range, -1000 to 1000.
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
        sweep_abandoned(run.path, SWEEP_SECONDS)
        # Random, since zeros take no room on a disk that compresses.
        run.ballast.write_bytes(os.urandom(BALLAST_BYTES))
        ended = teach_in_turn(workspace, run, announcer, signals)
    except StudioError as error:
        ended = failure(disk_full(run) if error.code == "disk_full" else error)
        raise
    except Exception as error:  # the outermost frame: a bug is announced, logged, kept
        if is_disk_full(error, run):
            full = disk_full(run)
            ended = failure(full)
            raise full from error
        traceback.print_exc()
        ended = {"phase": "failed", "error": {"code": "bug", "message": f"{type(error).__name__}: {error}"}}
        raise
    finally:
        run.ballast.unlink(missing_ok=True)
        with contextlib.suppress(OSError, StudioError):
            waiting.leave(workspace, run)
        with contextlib.suppress(OSError):
            announcer.say(**ended)
            status.write_exit(run, *exit_of(ended, signals))
    return ended


def exit_of(ended: dict[str, Any], signals: Signals) -> tuple[int, str]:
    """Exit code and reason for exit.json."""
    error = ended.get("error")
    if error is None:
        return command.GOOD, signals.received or ended["phase"]
    return (command.BUG if error["code"] == "bug" else command.MISTAKE), error["message"]


def is_disk_full(error: Exception, run: RunFolder) -> bool:
    """Whether an error comes of a full disk; libraries in Rust say so in words of their own, so the disk is asked, too."""
    return getattr(error, "errno", None) in NO_SPACE or shutil.disk_usage(run.path).free < FULL_BYTES


def disk_full(run: RunFolder) -> Conflict:
    hint = f"free some space, then `runs resume {run.id}`"
    return Conflict("disk_full", "the disk is full; the last checkpoint is kept", hint, run=run.id)


def failure(error: StudioError) -> dict[str, Any]:
    """How an error ends a run: a full disk pauses it, anything else fails it; both can be resumed."""
    phase = "paused" if error.code == "disk_full" else "failed"
    return {"phase": phase, "error": {"code": error.code, "message": error.sentence}}


def teach_in_turn(workspace: Workspace, run: RunFolder, announcer: Announcer, signals: Signals) -> dict[str, Any]:
    """Take the device when it is this run's turn and teach; a wish to end is heard while waiting, too."""
    device = read_json(run.manifest)["device"]

    def unwanted() -> bool:
        return signals.received is not None or bool(status.wishes(run) & {"stop", "pause"})

    lock = waiting.wait_for_device(workspace, run, device["uuid"], unwanted, lambda why: announcer.say(waiting_for=why))
    if lock is None:
        return leave_unstarted(workspace, run, announcer)
    try:
        announcer.say(phase="preparing", waiting_for=None, device=device["name"])
        if device["kind"] == "cuda":
            os.environ["CUDA_VISIBLE_DEVICES"] = device["uuid"]
        from pipelines import lesson

        phase = lesson.teach(workspace, run, training_settings.of_run(run), announcer, signals)
        return end(workspace, run, announcer, phase)
    finally:
        lock.release()


def leave_unstarted(workspace: Workspace, run: RunFolder, announcer: Announcer) -> dict[str, Any]:
    """End before the device was free: a stop still writes the bundle of what was learned before, if anything was.

    It measures on the CPU, without the device's lock: minutes of reading beside somebody's training, none of learning.
    """
    phase = "stopped" if "stop" in status.wishes(run) else "paused"
    announcer.say(ending=phase, waiting_for=None)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    for wish in ("stop", "pause"):
        status.grant(run, wish)
    return end(workspace, run, announcer, phase)


def end(workspace: Workspace, run: RunFolder, announcer: Announcer, phase: str) -> dict[str, Any]:
    """What a phase leaves behind: a bundle from the best checkpoint, unless the run is only paused or learned nothing."""
    if phase == "paused" or not any(run.checkpoints.glob("step-*")):
        return {"phase": phase}
    announcer.say(ending=phase, activity="finishing")
    from pipelines import lesson

    return {"phase": phase, "activity": None} | lesson.finish(workspace, run)


def _offer_to_the_oom_killer() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
