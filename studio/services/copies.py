"""A novel's clean text as a file to take away, made by a process of its own and deleted once it is sent."""

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from pipelines.clean import chapters_taken
from pipelines.cleanings import read_cleaning
from pipelines.errors import NotFound
from pipelines.exports import export
from pipelines.files import read_object
from pipelines.folders import NovelFolder
from studio.access import Action, Visitor
from studio.arrivals import place_of_uploads
from studio.workers import Hear, Workers

KINDS = ("txt", "json", "parquet")
MOST_SECONDS = 1_800.0


class Copies:
    """The clean texts of the novels that `folder` finds for a visitor."""

    def __init__(self, folder: Callable[[Visitor, object, Action], NovelFolder], workers: Workers) -> None:
        self._folder = folder
        self._workers = workers

    def make(self, visitor: Visitor, novel: object, kind: str) -> tuple[Path, str]:
        """Write the current cleaning of a novel into a file of that kind, in a folder of its own that the caller deletes.

        Returns it, and the name to save it by. Raises NotFound, Forbidden, Conflict if the novel was never cleaned. A thread
        calls this, never the event loop.
        """
        folder = self._folder(visitor, novel, "see")
        if kind not in KINDS:
            raise NotFound("no_export", f"there is no export as {kind}", f"choose {', '.join(KINDS)}", kind=kind)
        title = str(read_object(folder.meta)["title"])
        place = Path(tempfile.mkdtemp(prefix="copy-", dir=place_of_uploads()))
        try:
            target = place / f"clean.{kind}"
            self._workers.run(
                write_copy, folder, title, target, hear=lambda share: None, stop=threading.Event(), seconds=MOST_SECONDS
            )
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return target, f"{title}.{kind}"


def write_copy(folder: NovelFolder, title: str, target: Path, hear: Hear) -> None:
    """Write the chapters that a training would take; raises as `read_cleaning` and `export`."""
    export([(title, chapters_taken(read_cleaning(folder)))], target)
    hear(1.0)
