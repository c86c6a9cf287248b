"""Warm processes for long work: each takes one call after another, tells how far it is, and can be stopped in the middle.

A fresh process for every preview would spend more time on starting than on working; a thread would make the pages stall.
"""

import contextlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from pipelines import leash
from pipelines.errors import Conflict, StudioError
from pipelines.files import NO_SPACE

MOST_PROCESSES = 3
# A process that nobody needs gives its memory back.
IDLE_SECONDS = 300.0
TICK_SECONDS = 0.1
# What is nearly done is cheaper to finish, and to throw away, than a new process.
GRACE_SECONDS = 1.0

Hear = Callable[[float], None]


class Stopped(Exception):
    """The work was stopped because nobody waits for it any more."""


class Workers:
    """A few processes, started when they are needed."""

    def __init__(self, most: int = MOST_PROCESSES) -> None:
        self._room = threading.BoundedSemaphore(most)
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    def run(self, function: Callable[..., Any], *arguments: Any, hear: Hear, stop: threading.Event, seconds: float) -> Any:
        """Call a module's own function with the arguments and a `hear` of its own in a process; what it raises is raised here.

        Raises Stopped soon after `stop` is set, StudioError when the process dies or takes longer than `seconds`. A thread
        calls this, never the event loop.
        """
        while not self._room.acquire(timeout=TICK_SECONDS):
            if stop.is_set():
                raise Stopped
        try:
            worker = self._take()
            answer = worker.ask((function, *arguments), hear, stop, seconds)
            with self._lock:
                self._idle.append(worker)
        finally:
            self._room.release()
        if isinstance(answer, OSError) and answer.errno in NO_SPACE:
            hint = "free some space, then try again"
            raise Conflict("disk_full", "the disk is full; nothing is left half-written", hint) from answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _take(self) -> "_Worker":
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_there:
                    return worker
        return _Worker()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        self._pipe, other = multiprocessing.Pipe()
        # A fork of a process with threads may hang.
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_serve, args=(other,), name="worker", daemon=False)
        self._process.start()
        other.close()

    @property
    def is_there(self) -> bool:
        """Whether it waits for work; one that was idle for long has ended, and its pipe says so."""
        return self._process.is_alive() and not self._pipe.poll()

    def ask(self, call: tuple[Any, ...], hear: Hear, stop: threading.Event, seconds: float) -> Any:
        """What the call returns, or the error it raises; the process is killed when it is stopped or too slow."""
        deadline, grace = time.monotonic() + seconds, 0.0
        try:
            self._pipe.send(call)
            while True:
                if self._pipe.poll(TICK_SECONDS):
                    kind, value = self._pipe.recv()
                    if kind == "answer":
                        return value
                    hear(value)
                if stop.is_set() and (grace := grace + TICK_SECONDS) > GRACE_SECONDS:
                    raise Stopped
                if time.monotonic() > deadline:
                    message = f"the work did not end within {seconds:.0f} s"
                    raise StudioError("work_slow", message, "try it with less", seconds=round(seconds))
        except (EOFError, ConnectionError) as error:
            hint = "try again with less text, or close other programs"
            raise StudioError("step_died", "the work was killed, most likely for want of memory", hint) from error
        except BaseException:
            self._kill()
            raise

    def _kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    """What a process does: answer calls until nobody has any for long, or whoever started it is gone."""
    leash.end_with_parent()
    # Ctrl-C in a terminal is for the studio, which ends its processes itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, ConnectionError), ThreadPoolExecutor(1) as thread:
        while pipe.poll(IDLE_SECONDS):
            # In a thread, for what it raises comes back as a value.
            done = thread.submit(*pipe.recv(), lambda share: pipe.send(("share", share)))
            pipe.send(("answer", done.exception() or done.result()))
