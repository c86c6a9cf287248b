"""What cleaning changes, place by place: the edits of all rules, found again for any stretch of the text as it came.

Every rule gives its edits by offsets into the text that the rule before left: a layer. A stretch is shown by letting the
layers do their work on it alone, so that a page costs the same in a novel of any length. Pure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Changes this close are one place; a place of more edits than the limit is cut, or a novel could be a single one.
GAP_CHARACTERS = 4
PLACE_EDITS = 12

Numbers = NDArray[np.int64]


class Piece(NamedTuple):
    """A stretch of text: kept, removed by a rule, inserted by one, or both, when one takes away what another put there.

    `marked_by` is a rule that only points it out.
    """

    text: str
    removed_by: str = ""
    inserted_by: str = ""
    marked_by: str = ""

    @property
    def is_kept(self) -> bool:
        return not self.removed_by and not self.inserted_by


class Cut(NamedTuple):
    """One edit as far as it lies in a stretch: where it begins there, how much it removes, and what it inserts."""

    at: int
    removed: int
    inserted: str


@dataclass(frozen=True, slots=True)
class Layer:
    """The edits of one rule, ascending.

    Where each is in the text the rule was given, how many characters it removes and inserts, and where it is in the text the
    rule left. `words` gives the text that the edit of a number inserts. A layer that `marks` changes nothing.
    """

    rule: str
    at: Numbers
    removed: Numbers
    inserted: Numbers
    arrived: Numbers
    words: Callable[[int], str]
    marks: bool = False

    def origin(self, place: int) -> int:
        """Where a place of the text that the rule left was in the text it was given; inside an insertion, as far into it."""
        edit = int(self.arrived.searchsorted(place, side="right")) - 1
        if edit < 0:
            return place
        into = place - int(self.arrived[edit])
        at, removed, inserted = int(self.at[edit]), int(self.removed[edit]), int(self.inserted[edit])
        return at + min(into, removed) if into < inserted else at + removed + into - inserted

    def within(self, here: int, length: int) -> tuple[list[Cut], int]:
        """The edits in the stretch of `length` characters from `here` on, and where that stretch begins afterwards."""
        end = here + length
        first, last = (int(place) for place in self.at.searchsorted([here, end]))
        # An insertion at the very end of a text has nothing behind it.
        if last < len(self.at) and self.at[last] == end and not self.removed[last]:
            last += 1
        cuts = [
            Cut(int(self.at[edit]) - here, int(self.removed[edit]), "" if self.marks else self.words(edit))
            for edit in range(first, last)
        ]
        if not first:
            return cuts, here
        reach = int(self.at[first - 1] + self.removed[first - 1])
        left = int(self.arrived[first - 1] + self.inserted[first - 1])
        return ([Cut(0, reach - here, ""), *cuts], left) if reach > here else (cuts, left + here - reach)


def replay(text: str, start: int, layers: Iterable[Layer]) -> list[Piece]:
    """The stretch `text`, which begins at `start` of the text as it came, in pieces; an edit that sticks out is cut off."""
    pieces, here = [Piece(text)], start
    for layer in layers:
        length = sum(len(piece.text) for piece in pieces if not piece.removed_by)
        cuts, here = layer.within(here, length)
        if cuts:
            pieces = _edited(pieces, layer, cuts)
    return pieces


def before(pieces: Iterable[Piece]) -> str:
    """The text as it came."""
    return "".join(piece.text for piece in pieces if not piece.inserted_by)


def after(pieces: Iterable[Piece]) -> str:
    """The text after cleaning."""
    return "".join(piece.text for piece in pieces if not piece.removed_by)


def origin(layers: Sequence[Layer], place: int) -> int:
    """Where a place of the text that the last of the layers left was in the text as it came."""
    for layer in reversed(layers):
        place = layer.origin(place)
    return place


@dataclass(frozen=True, slots=True)
class Grouped:
    """Edits as they stand in the text as it came: their order, where in it each place begins, and which lie inside another."""

    order: Numbers
    begins: Numbers
    inside: NDArray[np.bool_]


def grouped(origins: Numbers, lengths: Numbers, sections: Numbers) -> Grouped:
    """Make places of edits that stand at `origins` of the text as it came, and are about so long there.

    Edits of different sections are never one place; what lies inside a longer edit belongs to its place.
    """
    order = np.lexsort((-lengths, origins))
    if not len(order):
        return Grouped(order, np.zeros(0, np.int64), np.zeros(0, bool))
    starts, ends = origins[order], origins[order] + lengths[order]
    reached = np.maximum.accumulate(ends)
    inside, is_new = np.zeros(len(order), bool), np.ones(len(order), bool)
    inside[1:] = (ends[1:] <= reached[:-1]) & (starts[1:] < reached[:-1])
    is_new[1:] = (starts[1:] - reached[:-1] > GAP_CHARACTERS) | (sections[order][1:] != sections[order][:-1])
    begins, count = np.flatnonzero(is_new), np.cumsum(~inside)
    since = count - np.repeat(count[begins], np.diff(np.append(begins, len(order))))
    return Grouped(order, np.flatnonzero(is_new | (~inside & (since % PLACE_EDITS == 0))), inside)


def _edited(pieces: Sequence[Piece], layer: Layer, cuts: Sequence[Cut]) -> list[Piece]:
    """The pieces after one more rule, whose edits have offsets into what is not removed yet."""
    made: list[Piece] = []
    offset = index = 0
    for piece in pieces:
        if piece.removed_by:
            made.append(piece)
            continue
        end, done = offset + len(piece.text), 0
        while index < len(cuts) and cuts[index].at < end:
            cut = cuts[index]
            start, stop = max(cut.at - offset, done), min(cut.at + cut.removed - offset, len(piece.text))
            made += _part(piece, done, start)
            if cut.inserted and cut.at >= offset:
                made.append(Piece(cut.inserted, "", layer.rule))
            made += [_touched(part, layer) for part in _part(piece, start, stop)]
            done = max(start, stop)
            if cut.at + cut.removed > end:
                break
            index += 1
        made += _part(piece, done, len(piece.text))
        offset = end
    return made + [Piece(cut.inserted, "", layer.rule) for cut in cuts[index:] if cut.inserted and cut.at >= offset]


def _touched(piece: Piece, layer: Layer) -> Piece:
    return piece._replace(marked_by=layer.rule) if layer.marks else piece._replace(removed_by=layer.rule)


def _part(piece: Piece, start: int, end: int) -> list[Piece]:
    return [piece._replace(text=piece.text[start:end])] if end > start else []
