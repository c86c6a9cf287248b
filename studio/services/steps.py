"""CPU-bound steps in a process of their own, so that the pages neither stall nor grow."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, ParamSpec, TypeVar

from pipelines import leash
from pipelines.errors import Conflict, StudioError
from pipelines.files import NO_SPACE

P = ParamSpec("P")
T = TypeVar("T")


def run_step(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run a module's own function in a fresh process and wait for it; what it raises is raised here.

    Raises StudioError when the process dies, as for want of memory. A thread calls this, never the event loop.
    """
    # A fork of a process with threads may hang; a spawned one also gives back every byte it used.
    fresh: Any = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh, initializer=leash.end_with_parent) as pool:
        try:
            return pool.submit(function, *arguments, **named).result()
        except BrokenProcessPool as error:
            hint = "try again with less text, or close other programs"
            raise StudioError("step_died", "the work was killed, most likely for want of memory", hint) from error
        except OSError as error:
            if error.errno not in NO_SPACE:
                raise
            raise Conflict(
                "disk_full", "the disk is full; nothing is left half-written", "free some space, then try again"
            ) from error


def end_steps() -> None:
    """End the steps that run now, since nobody waits for them any more; what they were writing is swept as after a kill."""
    for process in multiprocessing.active_children():
        process.kill()
