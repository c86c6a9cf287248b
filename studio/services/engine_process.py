"""One engine process: started, waited for, watched and ended, in a thread of its own, so that any event loop may ask for it."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipelines import devices, locks
from pipelines.devices import Device
from pipelines.errors import StudioError
from pipelines.serve_settings import TOKEN_VARIABLE
from pipelines.workspace import Workspace

PROJECT = Path(__file__).resolve().parents[2]
IDLE_MINUTES = 10
WATCH_SECONDS = 0.5
# The engine ends itself five seconds after a signal at the latest; one that does not is stuck.
PATIENCE_SECONDS = 8.0
LONGEST_REASON = 300
MEMORY_SIGNS = ("out of memory", "OutOfMemory", "MemoryError", "can't allocate memory", "bad_alloc")


class EngineFailed(StudioError):
    """The engine did not start, or went away."""


def command(workspace: Workspace, bundle: str, device: str) -> list[str]:
    """What starts an engine: on a free port of this machine, until nobody asks any more."""
    flags = ["--workspace", str(workspace.root), "--port", "0", "--json", "--idle-minutes", str(IDLE_MINUTES), "--device", device]
    return [sys.executable, "-m", "pipelines.serve", "--on-leash", *flags, "--", bundle]


def free_device() -> Device:
    """The first GPU, unless a training has it; else the CPU.

    A GPU's memory is handed out once, so an engine there leaves when a training comes. Processes share a CPU's time and memory
    by themselves: beside a training the engine there is slower, and nothing needs to end.
    """
    device = devices.choose("auto")
    return devices.CPU if taken(device) else device


def taken(device: Device) -> bool:
    """Whether a training has this GPU."""
    return device.kind != devices.CPU.kind and locks.is_held(devices.lock_path(device.uuid))


class EngineProcess:
    """A process that is starting, listens, or has ended; `ready` becomes its address, or says why there is none."""

    def __init__(self, workspace: Workspace, bundle: str) -> None:
        self.bundle = bundle
        self.token = secrets.token_hex(32)
        self.ready: Future[str] = Future()
        self.asking = 0
        self.yielded = False
        self.over = threading.Event()
        self._workspace = workspace
        self._ending = threading.Event()
        self._device = devices.CPU
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._live, name=f"engine of {bundle}", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it starts or listens, as far as is known."""
        return not (self.over.is_set() or self._ending.is_set())

    @property
    def pid(self) -> int | None:
        """The number of its process; None before there is one."""
        return self._process.pid if self._process else None

    @contextmanager
    def asked(self) -> Generator[int]:
        """While a request is with it; yields how many were before."""
        self.asking += 1
        try:
            yield self.asking - 1
        finally:
            self.asking -= 1

    def end(self) -> None:
        """Ask it to end; harmless when it has."""
        self._ending.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def join(self, seconds: float) -> None:
        """Wait until it has ended, and kill it if that takes longer."""
        self._thread.join(seconds)
        if self._process is not None and not self.over.is_set():
            self._process.kill()
            self._thread.join(1)

    def _live(self) -> None:
        with tempfile.TemporaryFile() as log:
            try:
                self._start(log)
            except (OSError, StudioError, ValueError, KeyError) as error:
                self.ready.set_exception(EngineFailed("engine_failed", f"the engine did not start ({error})", why=str(error)))
            if self._process is not None:
                self._watch(self._process)
        self.over.set()

    def _start(self, log: IO[bytes]) -> None:
        self._device = free_device()
        chosen = "cpu" if self._device == devices.CPU else str(self._device.index)
        self._process = subprocess.Popen(
            command(self._workspace, self.bundle, chosen),
            cwd=PROJECT,
            env=os.environ | {TOKEN_VARIABLE: self.token, "HF_HUB_OFFLINE": "1"},
            # Never written to: the engine ends when the studio does, which closes it even if it is killed.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
            # Ctrl-C in the studio's window is the studio's; it ends its engines itself.
            start_new_session=True,
        )
        if self._ending.is_set():
            self._process.terminate()
        line = self._process.stdout.readline() if self._process.stdout else ""
        if line:
            self.ready.set_result(json.loads(line)["url"])
            return
        code = self._process.wait()
        log.seek(0)
        self.ready.set_exception(failure(code, log.read().decode(errors="replace")))

    def _watch(self, process: subprocess.Popen[str]) -> None:
        """Until it has ended: end it when a training takes its GPU, kill it when it does not end."""
        asked: float | None = None
        while process.poll() is None:
            if taken(self._device):
                self.yielded = True
                self.end()
            if self._ending.is_set():
                asked = asked or time.monotonic()
                if time.monotonic() - asked > PATIENCE_SECONDS:
                    process.kill()
            try:
                process.wait(WATCH_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def failure(code: int, log: str) -> EngineFailed:
    """Why an engine did not start, from its exit code and what it said."""
    if code == -9 or any(sign in log for sign in MEMORY_SIGNS):
        return EngineFailed(
            "engine_memory", "there is too little memory for this model", "end other programs, or take a smaller one"
        )
    lines = [line.strip() for line in log.splitlines() if line.strip()] or [f"exit code {code}"]
    why = lines[-1][:LONGEST_REASON]
    return EngineFailed("engine_failed", f"the engine did not start ({why})", "try again, or choose another model", why=why)
