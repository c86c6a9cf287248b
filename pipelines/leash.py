"""On a leash: a process that ends when whoever started it has ended, however that happened.

The system closes the pipe between them also when the other was killed. Trainings hold none: they outlive everybody.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable


def end_with_parent() -> None:
    """In a child that multiprocessing made: end when its parent has; the pool's own would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        _after(parent.join, lambda: os._exit(1))


def end_with_stdin() -> None:
    """In a process whose stdin is a pipe: end, as by SIGTERM, when nobody holds the other side any more."""
    _after(lambda: sys.stdin.buffer.read(), lambda: os.kill(os.getpid(), signal.SIGTERM))


def _after(wait: Callable[[], object], act: Callable[[], object]) -> None:
    def watch() -> None:
        wait()
        act()

    threading.Thread(target=watch, name="leash", daemon=True).start()
