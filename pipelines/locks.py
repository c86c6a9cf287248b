"""Locks that the system frees however their holder ends; asking who holds one never disturbs it.

Holders lock exclusively, askers shared and for an instant, so that askers never take each other for a holder. The file's
descriptor is close-on-exec (PEP 446): a child process does not inherit the lock.
"""

import os
import time
from pathlib import Path

import portalocker
from portalocker import LockFlags

POLL_SECONDS = 0.02


class Lock:
    """An exclusive lock on a file, held until `release` or the end of the process."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle: int | None = handle

    def release(self) -> None:
        """Let go; harmless when already released."""
        if self._handle is not None:
            portalocker.unlock(self._handle)
            os.close(self._handle)
            self._handle = None


def acquire(path: Path, wait_seconds: float = 0.0) -> Lock | None:
    """Take the exclusive lock on `path`, trying for `wait_seconds`; None if someone else holds it that long."""
    handle = _open_or_create(path)
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            portalocker.lock(handle, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
            return Lock(path, handle)
        except portalocker.LockException:
            if time.monotonic() >= deadline:
                os.close(handle)
                return None
            time.sleep(POLL_SECONDS)


def is_held(path: Path) -> bool:
    """Whether some process holds the exclusive lock on `path` at this moment."""
    if not path.exists():
        return False
    # Read-only, so that asking works on a read-only disk and for another user's lock.
    handle = os.open(path, os.O_RDONLY)
    try:
        portalocker.lock(handle, LockFlags.SHARED | LockFlags.NON_BLOCKING)
        portalocker.unlock(handle)
        return False
    except portalocker.LockException:
        return True
    finally:
        os.close(handle)


def _open_or_create(path: Path) -> int:
    """Open or create the lock file; another user's file in a shared temp folder is opened without creating it."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        return os.open(path, flags | os.O_CREAT, 0o666)
