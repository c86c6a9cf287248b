"""One desk for one model: whoever asks stands in line, and one continuation at a time is written, in a thread of its own.

So the event loop stays free to answer others. The line is bounded; whoever goes away leaves it, and a text that nobody
wants any more ends within a token. Knows nothing of HTTP, and imports torch nowhere.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from pipelines.errors import Conflict
from pipelines.sampling_settings import SamplingSettings

if TYPE_CHECKING:
    from pipelines.writer import Update

Write = Callable[[str, SamplingSettings, Callable[[], bool]], Iterator["Update"]]
NEWS_PER_SECOND = 15


class Busy(Conflict):
    """There is no place in the line now."""


class Desk:
    """The line before one writer; the first in it is being written for."""

    def __init__(self, write: Write, waiting: int) -> None:
        self._write = write
        self._waiting = waiting
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._line: set[Writing] = set()
        self._closed = False
        self._left = time.monotonic()

    @contextlib.contextmanager
    def writing(self, prompt: str, chosen: SamplingSettings) -> Generator["Writing"]:
        """A continuation, in line or being written; leaving gives it up. Raises Busy when the line is full."""
        self._require_place()
        one = Writing(partial(self._write, prompt, chosen), self._thread)
        self._line.add(one)
        one.job.add_done_callback(lambda _: self._leave(one))
        try:
            yield one
        finally:
            one.give_up()

    def idle_seconds(self) -> float:
        """How long nobody has been at the desk; 0 while somebody is."""
        return 0.0 if self._line else time.monotonic() - self._left

    def close(self) -> None:
        """Take nobody more; what is being written ends within a token, as stopped, and those in line are refused."""
        self._closed = True
        for one in list(self._line):
            one.stop()
        self._thread.shutdown(wait=False)

    def _require_place(self) -> None:
        if self._closed:
            raise closing()
        if len(self._line) > self._waiting:
            message = f"one text is being written and {self._waiting} are waiting, which is as many as this engine takes"
            raise Busy("busy", message, "try again in a moment", waiting=self._waiting)

    def _leave(self, one: "Writing") -> None:
        """Called where the writing ended, which may be its thread; a set's own operations are safe there."""
        self._left = time.monotonic()
        self._line.discard(one)


class Writing:
    """One continuation: written in the desk's thread, read in the event loop that asked for it."""

    def __init__(self, write: Callable[[Callable[[], bool]], Iterator["Update"]], thread: ThreadPoolExecutor) -> None:
        self._write = write
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._stopped = threading.Event()
        self._latest: Update | None = None
        self.job: Future[None] = thread.submit(self._run)

    def stop(self) -> None:
        """End within a token."""
        self._stopped.set()

    def give_up(self) -> None:
        """End within a token, or leave the line at once; harmless when all is written."""
        self.stop()
        self.job.cancel()

    async def updates(self) -> AsyncIterator["Update"]:
        """The newest state of all candidates whenever there is news, the last with every reason set.

        A slow reader misses states between, never the last. Raises what the writer raised, Busy when the desk closed first.
        """
        self.job.add_done_callback(lambda _: self._tell())
        seen, done = None, False
        while not done:
            await self._news.wait()
            self._news.clear()
            # Asked in this order, so that what is told last is never missed.
            done, latest = self.job.done(), self._latest
            if latest is not None and latest is not seen:
                seen = latest
                yield latest
        self.job.result()

    def _run(self) -> None:
        if self._stopped.is_set():
            raise closing()
        told = float("-inf")
        for update in self._write(self._stopped.is_set):
            self._latest = update
            if time.monotonic() - told >= 1 / NEWS_PER_SECOND:
                told = time.monotonic()
                self._tell()

    def _tell(self) -> None:
        # A loop that is closed by now has no reader.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._news.set)


def closing() -> Busy:
    return Busy("closing", "the engine is about to end", "start it again, or ask another")
