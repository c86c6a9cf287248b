"""Where a place of a cleaned text stood in the text as it came, and the other way round, through one rule after another."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.rules.rule import Edit

Numbers = NDArray[np.int64]


class Offsets:
    """The edits of the rules so far, each rule a layer; places inside an edit lead to its start or as far into it."""

    def __init__(self) -> None:
        self._layers: list[tuple[Numbers, Numbers, Numbers, Numbers]] = []

    def add(self, edits: Sequence[Edit]) -> None:
        """One more rule made these edits: ascending, without overlap, by offsets into what the rule before left."""
        if not edits:
            return
        at = np.fromiter((edit.at for edit in edits), np.int64, len(edits))
        removed = np.fromiter((len(edit.removed) for edit in edits), np.int64, len(edits))
        inserted = np.fromiter((len(edit.inserted) for edit in edits), np.int64, len(edits))
        change = inserted - removed
        self._layers.append((at, removed, at + np.cumsum(change) - change, inserted))

    def back(self, places: Sequence[int]) -> list[int]:
        """Where these places of the newest text stood in the first."""
        here = np.asarray(places, np.int64)
        for at, removed, arrived, inserted in reversed(self._layers):
            here = _through(here, (arrived, inserted), (at, removed))
        return here.tolist()

    def forward(self, places: Sequence[int]) -> list[int]:
        """Where these places of the first text stand in the newest."""
        here = np.asarray(places, np.int64)
        for at, removed, arrived, inserted in self._layers:
            here = _through(here, (at, removed), (arrived, inserted))
        return here.tolist()


def _through(places: Numbers, from_: tuple[Numbers, Numbers], to: tuple[Numbers, Numbers]) -> Numbers:
    """Places of one side of a layer of edits, given by their starts and lengths on both sides, on the other side."""
    starts, lengths = from_
    edit = np.searchsorted(starts, places, side="right") - 1
    known = np.maximum(edit, 0)
    into = places - starts[known]
    beyond = into - lengths[known]
    inside = np.minimum(into, to[1][known])
    moved = to[0][known] + np.where(beyond >= 0, to[1][known] + beyond, inside)
    return np.where(edit >= 0, moved, places)
