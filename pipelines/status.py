"""What a run says of itself, and what is true: `status.json`, the heartbeat, `exit.json`, and the phase that follows.

The trainer announces; whoever looks believes it only while the run's lock is held.
"""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from pipelines import locks
from pipelines.errors import BrokenArtifact
from pipelines.files import read_object, write_json
from pipelines.folders import RunFolder
from pipelines.workspace import now

ALIVE = ("queued", "preparing", "training")
ENDED = ("done", "stopped", "paused", "failed")
INTERRUPTED = "interrupted"
HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 60.0
WISHES = ("stop", "pause", "save_now", "sample_now")


def read(run: RunFolder) -> dict[str, Any]:
    """The status a run last announced; `queued` while its folder is new. Raises BrokenArtifact if it announces none we know."""
    if not run.status.exists():
        return {"phase": "queued", "step": 0}
    announced = read_object(run.status)
    if announced.get("phase") not in (*ALIVE, *ENDED):
        raise BrokenArtifact("not_json", f"{run.status} names no phase", "remove its folder", path=str(run.status))
    return announced


def phase(run: RunFolder) -> str:
    """The phase that is true: an announced life without the lock is `interrupted`."""
    announced = read(run)["phase"]
    if announced not in ALIVE or locks.is_held(run.lock):
        return announced
    # The trainer may have announced its end between the two looks.
    announced = read(run)["phase"]
    return INTERRUPTED if announced in ALIVE else announced


def is_alive(run: RunFolder) -> bool:
    """Whether a trainer holds the run."""
    return locks.is_held(run.lock)


def is_stalled(run: RunFolder) -> bool:
    """Whether a living trainer has not beaten for a minute (a frozen process, a hung disk, a sleeping machine)."""
    beat = read(run).get("beat")
    # Monotonic seconds since boot, the same for every process, so that setting the clock disturbs nothing.
    return beat is not None and is_alive(run) and time.monotonic() - beat > STALLED_SECONDS


def trainer_process(run: RunFolder) -> psutil.Process | None:
    """The living trainer's process, known by pid and start time, never by a pid alone."""
    status = read(run)
    if not is_alive(run) or "pid" not in status:
        return None
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(status["pid"])
        if started_at(process) == status["process_started"]:
            return process
    return None


def started_at(process: psutil.Process) -> str:
    """When a process began, in a form that setting the clock does not change: with the pid, its identity (R7).

    On Linux the boot and the ticks since (proc(5), field 22 of stat); elsewhere the system's own time of its start.
    """
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # The name of the program, in parentheses, may hold spaces and parentheses of its own.
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return f"{boot}:{fields[19]}"
    return str(process.create_time())


def wishes(run: RunFolder) -> set[str]:
    """What is wished of the run at this moment."""
    with contextlib.suppress(FileNotFoundError):
        return set(os.listdir(run.control)) & set(WISHES)  # noqa: PTH208 - looked at every step; Path.iterdir is slower
    return set()


def grant(run: RunFolder, wish: str) -> None:
    """Take a wish away because it is fulfilled."""
    run.wish(wish).unlink(missing_ok=True)


def write_exit(run: RunFolder, code: int, reason: str) -> None:
    """Record how the trainer's process ended."""
    write_json(run.exit, {"code": code, "reason": reason, "ended": now()})


class Announcer:
    """The trainer's voice: holds the status, writes it on every change of phase and with every heartbeat."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._guard = threading.Lock()
        self._ending = threading.Event()
        process = psutil.Process()
        self._values = read(run) | {
            "pid": process.pid,
            "process_started": started_at(process),
            "started": now(),
            "error": None,
            "waiting_for": None,
            "ending": None,
            "note": None,
        }
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Announcer":
        self.say(phase="queued")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ending.set()
        self._thread.join()

    def note(self, **values: Any) -> None:
        """Change values; the next heartbeat writes them."""
        with self._guard:
            self._values |= values

    def say(self, **values: Any) -> None:
        """Change values and write them at once."""
        with self._guard:
            self._values |= values
            self._write()

    def _beat(self) -> None:
        while not self._ending.wait(HEARTBEAT_SECONDS):
            # A full disk silences the heart for a while; the training itself decides what a full disk means.
            with contextlib.suppress(OSError):
                self.say()

    def _write(self) -> None:
        write_json(self._run.status, self._values | {"heartbeat": now(), "beat": time.monotonic()})


class Signals:
    """Remembers SIGTERM and SIGINT, so that the loop can end at a step's boundary with everything saved."""

    def __init__(self) -> None:
        self.received: str | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: object) -> None:
        self.received = signal.Signals(number).name
