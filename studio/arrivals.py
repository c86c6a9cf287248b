"""The folder in which uploads arrive: one for each running studio, gone with it, and swept by the next if it was killed."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from pipelines import locks

PREFIX = "moxu-uploads-"
LOCK = "lock"
LARGEST_MEGABYTES = 200
LARGEST_BYTES = LARGEST_MEGABYTES * 2**20
# A studio that is starting at this moment has made its folder, and not yet taken the lock in it.
GRACE_SECONDS = 60.0
# Whose page was closed before it could say what to do with a file, or in the middle of one, does not come back for it.
FORGOTTEN_SECONDS = 24 * 3600


@contextlib.contextmanager
def open_arrivals() -> Generator[Path]:
    """A new folder for a studio's uploads, held until it ends."""
    sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = locks.acquire(folder / LOCK)
    # The variable by which Gradio finds it.
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    try:
        yield folder
    finally:
        if lock is not None:
            lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def place_of_uploads() -> Path:
    """The folder in which uploads arrive, and in which what is on its way to a browser lies."""
    place = Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio")
    place.mkdir(parents=True, exist_ok=True)
    return place


def sweep(place: Path) -> None:
    """Remove the folders of studios that are no more: nobody holds the lock inside."""
    for folder in place.glob(f"{PREFIX}*"):
        # Another person's is none of ours, and another studio may be sweeping, too.
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > GRACE_SECONDS and not locks.is_held(folder / LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def forget_old(folder: Path) -> None:
    """Remove what arrived long ago and was never fetched, from a studio that runs for weeks."""
    for path in folder.glob("*"):
        with contextlib.suppress(OSError):
            if path.name != LOCK and time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
