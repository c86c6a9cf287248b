"""Many independent jobs on the cores there are, in processes of their own; results come in the order of the jobs."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

from pipelines import leash
from pipelines.errors import Conflict

T = TypeVar("T")
# Starting a process costs about as much as reading this many bytes of novels, and telling the encoding of a file as much
# as reading so many of it.
WORTH_BYTES = 8_000_000
FILE_BYTES = 1_000_000
# What all processes may hold together; measured, a process holds 75 MB and up to 150 MB more while it reads a long text.
MOST_BYTES = 1_000_000_000
PROCESS_BYTES = 75_000_000
READING_BYTES = 150_000_000


def worth_a_crowd(files: Sequence[Path]) -> int:
    """How many processes to read these files by: a core each, but none that costs more than it saves, nor too much memory."""
    sizes = [file.stat().st_size for file in files if file.is_file()]
    work = sum(sizes) + FILE_BYTES * len(sizes)
    each = PROCESS_BYTES + min(3 * max(sizes, default=0), READING_BYTES)
    return max(1, min(len(files), _cores(), MOST_BYTES // each, round(work / WORTH_BYTES)))


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_crowd(job: Callable[[Path], T], files: Sequence[Path], workers: int) -> Iterator[T]:
    """The results of a job for each file.

    When one raises, those not begun are given up and those at work end first, so that nothing is left half-done. Raises
    Conflict if the system has killed a process.
    """
    waiting: deque[Future[T]] = deque()
    rest = iter(files)
    # A fork of a process with threads may hang.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)
    try:
        for file in rest:
            waiting.append(pool.submit(job, file))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        hint = "run the same command again with --workers 1"
        raise Conflict("worker_lost", "a process was ended from outside, perhaps for lack of memory", hint) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Ctrl-C is for the command, which lets the files at work come to their end; if it dies, so do its processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leash.end_with_parent()
