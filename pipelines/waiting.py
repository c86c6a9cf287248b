"""The queue: which runs wait for a device, in which order, and whose turn it is.

There is no scheduler: each waiting trainer looks for itself. A run goes when no living run that wants the same device
stands before it in `queue.json` and the device's lock is free.
"""

import contextlib
import time
from collections.abc import Callable, Generator

from pipelines import devices, locks
from pipelines.errors import BrokenArtifact, Conflict
from pipelines.files import read_json, write_json
from pipelines.folders import RunFolder
from pipelines.locks import Lock
from pipelines.workspace import Workspace

LOCK_SECONDS = 10.0
POLL_SECONDS = 0.5
# A trainer that was just launched needs this long to take its lock; until then its place in the queue holds.
LAUNCH_SECONDS = 20.0


def order(workspace: Workspace) -> list[str]:
    """The ids of the waiting runs, first come first; a damaged queue is an empty one, since runs can be queued again."""
    with contextlib.suppress(BrokenArtifact, FileNotFoundError):
        names = read_json(workspace.queue)
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return []


def join(workspace: Workspace, run: RunFolder) -> None:
    """Put a run at the end of the queue, unless it waits already; forget those that wait no more."""
    with _changing(workspace):
        waiting = [name for name in order(workspace) if _announces_waiting(RunFolder(workspace.runs / name))]
        write_json(workspace.queue, waiting if run.id in waiting else [*waiting, run.id])


def leave(workspace: Workspace, run: RunFolder) -> None:
    """Take a run out of the queue; harmless when it is not in it."""
    if run.id in order(workspace):
        with _changing(workspace):
            write_json(workspace.queue, [name for name in order(workspace) if name != run.id])


def wait_for_device(
    workspace: Workspace, run: RunFolder, uuid: str, wanted_elsewhere: Callable[[], bool], tell: Callable[[str], None]
) -> Lock | None:
    """Wait until it is this run's turn and take the device's lock.

    `tell` hears what the run waits for; returns None as soon as `wanted_elsewhere` says to give up.
    """
    told = ""
    while not wanted_elsewhere():
        ahead = before(workspace, run, uuid)
        lock = None if ahead else locks.acquire(devices.lock_path(uuid))
        if lock is not None:
            leave(workspace, run)
            return lock
        why = f"behind {ahead[0]}" if ahead else f"the device {uuid} is busy"
        if why != told:
            tell(why)
            told = why
        time.sleep(POLL_SECONDS)
    return None


def before(workspace: Workspace, run: RunFolder, uuid: str) -> list[str]:
    """The living runs before this one in the queue that want the same device."""
    names = order(workspace)
    ahead = names[: names.index(run.id)] if run.id in names else []
    return [name for name in ahead if _wants(RunFolder(workspace.runs / name), uuid)]


def _wants(run: RunFolder, uuid: str) -> bool:
    if not run.manifest.exists() or read_json(run.manifest)["device"]["uuid"] != uuid:
        return False
    return locks.is_held(run.lock) or _just_launched(run)


def _just_launched(run: RunFolder) -> bool:
    launched = read_json(run.status).get("launched", float("-inf"))
    return 0 <= time.monotonic() - launched < LAUNCH_SECONDS


def _announces_waiting(run: RunFolder) -> bool:
    return run.status.exists() and read_json(run.status)["phase"] == "queued"


@contextlib.contextmanager
def _changing(workspace: Workspace) -> Generator[None]:
    """Hold the queue for a change; raises Conflict when somebody holds it too long."""
    lock = locks.acquire(workspace.queue_lock, LOCK_SECONDS)
    if lock is None:
        raise Conflict("queue_held", "another process holds the queue", "try again in a moment")
    try:
        yield
    finally:
        lock.release()
