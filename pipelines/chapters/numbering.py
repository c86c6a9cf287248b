"""What is wrong with the numbers of a novel's chapters: some missing, some twice, some out of order. Pure.

Each kind of heading (章, 节, chapter, …) is a sequence of its own, volumes left aside where there are chapters. Where the
numbers begin again, by volume or without one, each run of them is checked by itself.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipelines.chapters import Chapter
from pipelines.chapters.headings import VOLUMES, heading_of

# A kind with fewer chapters is a slip in the headings of the main kind (第31节 among 章), not a sequence of its own.
LEAST_OF_A_KIND = 3
# The first chapters of a volume may be missing, too: a run may begin again at so small a number.
LATEST_RESTART = 3


@dataclass(frozen=True, slots=True)
class Flaw:
    """Chapters `first` to `last` are missing before the chapter at `place`, or the one there comes again or out of order.

    `place` counts the chapters from 0; `volume` the runs of numbers from 1, and is 0 where there is but one.
    """

    kind: Literal["missing", "repeated", "disorder"]
    first: int
    last: int
    place: int
    volume: int = 0


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A chapter's number, its place among all, and whether a chapter of another kind stands between it and the last one."""

    number: int
    place: int
    after_other: bool


def check(chapters: Sequence[Chapter]) -> list[Flaw]:
    """The flaws in the order of their places; chapters that are not kept count, for they are there."""
    flaws: list[Flaw] = []
    for sequence in _sequences(chapters):
        runs = list(_runs(sequence))
        for volume, run in enumerate(runs, start=1):
            flaws += _flaws(run, volume if len(runs) > 1 else 0)
    return sorted(flaws, key=lambda flaw: (flaw.place, flaw.first))


def _sequences(chapters: Sequence[Chapter]) -> list[list[_Numbered]]:
    """The numbered chapters, by kind."""
    kinds = _kinds(chapters)
    sequences: dict[str, list[_Numbered]] = {}
    last = ""
    for place, (chapter, kind) in enumerate(zip(chapters, kinds, strict=True)):
        if chapter.number is not None:
            sequences.setdefault(kind, []).append(_Numbered(chapter.number, place, last not in ("", kind)))
            last = kind
    chief = any(kind not in VOLUMES for kind in sequences)
    return [sequence for kind, sequence in sequences.items() if not chief or kind not in VOLUMES]


def _kinds(chapters: Sequence[Chapter]) -> list[str]:
    """The kind of each chapter's heading; one of a rare kind is of the commonest."""
    kinds = [_kind(chapter) for chapter in chapters]
    counted = Counter(kind for kind in kinds if kind and kind not in VOLUMES)
    if not counted:
        return kinds
    chief = counted.most_common(1)[0][0]
    return [kind if kind in VOLUMES or counted[kind] >= LEAST_OF_A_KIND else chief for kind in kinds]


def _kind(chapter: Chapter) -> str:
    if chapter.number is None:
        return ""
    heading = heading_of(chapter.title)
    return heading.kind if heading else "number"


def _runs(sequence: Sequence[_Numbered]) -> Iterator[list[_Numbered]]:
    """The sequence, cut where its numbers begin again."""
    run: list[_Numbered] = []
    greatest = 0
    rising = _rising_ends(sequence)
    for index, item in enumerate(sequence):
        if run and item.number < sequence[index - 1].number and _restarts(sequence, index, rising[index], greatest):
            yield run
            run, greatest = [], 0
        run.append(item)
        greatest = max(greatest, item.number)
    if run:
        yield run


def _rising_ends(sequence: Sequence[_Numbered]) -> list[int]:
    """For each place the end of the rising numbers that begin there."""
    ends = [0] * len(sequence)
    for index in reversed(range(len(sequence))):
        goes_on = index + 1 < len(sequence) and sequence[index + 1].number > sequence[index].number
        ends[index] = ends[index + 1] if goes_on else index + 1
    return ends


def _restarts(sequence: Sequence[_Numbered], index: int, end: int, greatest: int) -> bool:
    """Whether a run begins at `index`, and not some chapters out of their place, behind which the old run goes on."""
    item = sequence[index]
    if item.after_other and item.number == 1:
        return True
    if item.number > LATEST_RESTART or greatest < 2 or (end - index < 2 and index + 1 < len(sequence)):
        return False
    # Behind a few chapters out of their place the old run goes on with its next number, by a leap.
    numbers = [entry.number for entry in sequence[index:end]]
    few = bisect_left(numbers, greatest + 1)
    leaps = 0 < few < len(numbers) and numbers[few - 1] < greatest and numbers[few] <= greatest + LATEST_RESTART
    return not (leaps and 2 * few < greatest) and (item.number == 1 or end - index >= LATEST_RESTART)


def _flaws(run: Sequence[_Numbered], volume: int) -> Iterator[Flaw]:
    """The flaws of numbers that ought to rise from 1 by one."""
    firsts: dict[int, _Numbered] = {}
    for item in run:
        if item.number in firsts:
            yield Flaw("repeated", item.number, item.number, item.place, volume)
        else:
            firsts[item.number] = item
    in_order = _rising([item.number for item in firsts.values()])
    for item in firsts.values():
        if item.number not in in_order:
            yield Flaw("disorder", item.number, item.number, item.place, volume)
    before = 0
    for number in sorted(firsts):
        if number > before + 1:
            yield Flaw("missing", before + 1, number - 1, firsts[number].place, volume)
        before = number


def _rising(numbers: Sequence[int]) -> set[int]:
    """The longest rising row among different numbers, by patience sorting: O(n log n)."""
    tops: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(tops, number)
        before[number] = tops[pile - 1] if pile else None
        tops[pile : pile + 1] = [number]
    row: set[int] = set()
    current = tops[-1] if tops else None
    while current is not None:
        row.add(current)
        current = before[current]
    return row
