"""Spans of a line that go, and what is left of it: for rules that look again at what they have left."""

from collections.abc import Callable
from itertools import pairwise

Span = tuple[int, int]
# What keeps on changing after so many passes is left as it was.
PASSES = 6


def outside(places: list[int], spans: tuple[Span, ...]) -> list[int]:
    """`places` without the stretches that `spans` name, by index."""
    kept: list[int] = []
    done = 0
    for start, end in spans:
        kept += places[done:start]
        done = end
    return kept + places[done:]


def missing(places: list[int], length: int) -> tuple[Span, ...]:
    """The stretches of 0 to `length` that are not in `places`."""
    return tuple((left + 1, right) for left, right in pairwise([-1, *places, length]) if right - left > 1)


def settled(line: str, found: Callable[[str], tuple[Span, ...]]) -> tuple[Span, ...]:
    """What `found` finds in `line`, and in what is then left, until it finds nothing; nothing at all if that takes long."""
    places = list(range(len(line)))
    for _ in range(PASSES):
        spans = found("".join([line[place] for place in places]))
        if not spans:
            return missing(places, len(line))
        places = outside(places, spans)
    return ()
