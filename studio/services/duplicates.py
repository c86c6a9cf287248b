"""What of the novels that are ticked for a training is the same text: worked out in a process of its own, once for each state.

A state is what the comparison reads: each novel's text, its current cleaning and the writer's edits to the chapters. What was
found is kept while the studio runs.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from pipelines.duplicates import Duplicates, compare
from pipelines.errors import BrokenArtifact, StudioError
from pipelines.files import read_object
from pipelines.folders import NovelFolder
from pipelines.outlines import outline_sha256
from pipelines.workspace import Workspace
from studio.access import Visitor
from studio.services.steps import run_step

# So many answers are kept; each is small.
MOST_KEPT = 100
TICK_SECONDS = 0.2
NOTHING = Duplicates([], [])
logger = logging.getLogger("moxu")

State = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Repeats:
    """What is twice among the novels that were asked for, and their titles by their ids."""

    found: Duplicates
    titles: dict[str, str]

    @property
    def is_nothing(self) -> bool:
        return not self.found.pairs and not self.found.novels


class Twice:
    """The repeats among novels of a workspace; `novels` tells which a visitor may learn from."""

    def __init__(self, workspace: Workspace, novels: Callable[[Visitor], list[dict[str, Any]]]) -> None:
        self._workspace = workspace
        self._novels = novels
        self._known: OrderedDict[State, Future[Duplicates]] = OrderedDict()
        self._lock = threading.Lock()
        # One at a time: it is only advice, and a training may want the processor.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="duplicates")

    def watch(self, visitor: Visitor, novel_ids: Sequence[object]) -> Iterator[Repeats | None]:
        """What is twice among these novels, after None again and again while that is worked out.

        Novels that are gone, or that the visitor may not learn from, are passed over. Work that fails has found nothing: this is
        advice, and what is wrong with a novel is told where it is used.
        """
        titles = {row["id"]: row["title"] for row in self._novels(visitor) if row["id"] in novel_ids}
        future = self._found([NovelFolder(self._workspace.novels / novel) for novel in sorted(titles)])
        while not wait([future], TICK_SECONDS).done:
            yield None
        try:
            yield Repeats(future.result(), titles)
        except (StudioError, OSError) as error:
            logger.warning("looking for repeats: %s", error)
            yield Repeats(NOTHING, titles)

    def _found(self, novels: Sequence[NovelFolder]) -> Future[Duplicates]:
        """The comparison of these novels as they are now: one that is known, else one that begins."""
        state = tuple(map(_state, novels))
        with self._lock:
            future = self._known.get(state)
            if future is None or (future.done() and future.exception()):
                future = self._known[state] = self._thread.submit(_compared, novels)
            self._known.move_to_end(state)
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
        return future


def _compared(novels: Sequence[NovelFolder]) -> Duplicates:
    return run_step(compare, novels) if novels else NOTHING


def _state(novel: NovelFolder) -> tuple[str, ...]:
    """What a comparison of the novel depends on: a cleaning never changes, so that its number tells its text."""
    try:
        number, raw = read_object(novel.meta).get("cleaning"), str(read_object(novel.manifest)["raw_sha256"])
        outline = outline_sha256(novel, number) if isinstance(number, int) else None
    except (BrokenArtifact, OSError, KeyError):
        return (novel.id,)
    return novel.id, raw, str(number), str(outline)
