"""A finished preview, read a page at a time: which places there are, and the text before and after around each."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.cleaning import Recipe
from pipelines.files import read_object
from studio.differences import Layer, Numbers, Piece, origin, replay
from studio.preview_files import ANCHOR_CHARACTERS, LayerRows, PreviewFolder

PAGE_PLACES = 20
CONTEXT_CHARACTERS = 24
# Of a change of many thousand characters, a page shows the start only.
LONGEST_STRETCH = 600
# The end of a place is that of one of the edits that seem to reach farthest.
ENDS_TRIED = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Changes that stand close together: where they begin in the text as it came, whose they are, and the stretch around them.

    `edits` are (rule, place in the text as it came), `left_out` those that the recipe leaves out. Of a long stretch `cut`
    characters are not shown. `chapter` is the title of the chapter it is in, `share` how far into the book it is, 0 to 1.
    """

    at: int
    edits: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]
    pieces: tuple[Piece, ...]
    cut: int
    chapter: str
    share: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of the places: which it is, of how many, and how many places there are on all of them."""

    places: tuple[Place, ...]
    number: int
    pages: int
    total: int


class Preview:
    """What a recipe would do to a novel."""

    def __init__(self, folder: PreviewFolder, raw: Path, recipe: Recipe) -> None:
        self.recipe = recipe
        self._folder = folder
        self._raw = raw
        figures = read_object(folder.manifest)
        self.before: int = figures["before"]
        self.after: int = figures["after"]
        self.ideographs: int = figures["ideographs"]
        self.chapter_count: int = figures["chapters"]
        # Edits of the rules that are on, and what the others would do.
        self.counts: dict[str, int] = figures["counts"]
        self.lost: dict[str, int] = figures["lost"]
        self.over_budget: list[str] = figures["over_budget"]
        self.stopped: list[str] = figures["stopped"]
        self.left_out: int = figures["left_out"]
        self._figures: dict[str, Any] = figures

    @property
    def edits(self) -> int:
        """How many edits change something."""
        return sum(layer.last - layer.first for layer in self._rows if not layer.marks)

    @property
    def is_alarming(self) -> bool:
        return bool(self.over_budget)

    def found(self, rule: str) -> int:
        """How many places the filter `rule` has."""
        first, last = self._figures["of_rules"].get(rule, (0, 0))
        return last - first

    def leaf(self, number: object = 1, rule: str = "") -> Leaf:
        """The page of that number, or the nearest there is, of all changes, or of one rule's, or of those left out."""
        total = self.found(rule) if rule else self._figures["changes"]
        pages = max(1, -(-total // PAGE_PLACES))
        wanted = int(number) if isinstance(number, (int, float)) and abs(number) < 1e9 else 1
        here = min(max(wanted, 1), pages)
        first, last = (here - 1) * PAGE_PLACES, min(here * PAGE_PLACES, total)
        if rule:
            start = self._figures["of_rules"].get(rule, (0, 0))[0]
            wished = self._table("of_rules")[start + first : start + last].tolist()
        else:
            wished = range(first, last)
        return Leaf(tuple(self._place(place) for place in wished), here, pages, total)

    @cached_property
    def chapters(self) -> list[tuple[str, int]]:
        """The titles of the chapters that cleaning leaves, and where each begins in the text as it came."""
        return [(title, at) for title, at in read_object(self._folder.chapters)["chapters"]]

    @cached_property
    def _rows(self) -> list[LayerRows]:
        return [LayerRows(**row) for row in self._figures["layers"]]

    def _table(self, name: str) -> Numbers:
        return np.asarray(np.load(self._folder.table(name), mmap_mode="r"))

    @cached_property
    def _order(self) -> Numbers:
        return self._table("order")

    @cached_property
    def _begins(self) -> Numbers:
        return self._table("begins")

    @cached_property
    def _layers(self) -> list[Layer]:
        """All layers of all sections, in the order of `_rows`."""
        edits, begins, words = self._table("edits"), self._table("words"), self._folder.words
        return [self._layer(rows, edits[:, rows.first : rows.last], begins, words) for rows in self._rows]

    @staticmethod
    def _layer(rows: LayerRows, edits: Numbers, begins: Numbers, words: Path) -> Layer:
        def word(edit: int) -> str:
            number = int(edits[4][edit])
            start, end = int(begins[number]), int(begins[number + 1])
            if start == end:
                return ""
            with words.open("rb") as file:
                file.seek(start)
                return file.read(end - start).decode()

        return Layer(rows.rule, edits[0], edits[1], edits[2], edits[3], word, rows.marks)

    def _place(self, place: int) -> Place:
        rows = self._rows_of(place)
        names = self._figures["names"]
        edits = tuple((names[rule], raw) for raw, edit, rule, _ in rows if edit >= 0)
        left_out = tuple((names[rule], raw) for raw, edit, rule, _ in rows if edit < 0)
        pieces, cut = self._pieces(place, rows)
        at = rows[0][0]
        return Place(at, edits, left_out, pieces, cut, self._chapter_at(at), at / max(1, self.before))

    def _rows_of(self, place: int) -> list[list[int]]:
        """The edits of a place but for those that lie inside others."""
        rows = self._order[:, self._begins[place] : self._begins[place + 1]]
        return rows[:, rows[3] >= 0].T.tolist()

    def _pieces(self, place: int, rows: list[list[int]]) -> tuple[tuple[Piece, ...], int]:
        """The place's stretch with a little of what stands around it, up to the places beside it; and how much is not shown."""
        at, end = rows[0][0], self._end(rows)
        starts = self._figures["starts"]
        section = max(0, bisect_right(starts, at) - 1)
        base, limit = starts[section], [*starts, self.before][section + 1]
        start, stop = max(base, at - CONTEXT_CHARACTERS), min(limit, end + CONTEXT_CHARACTERS)
        if place < self._figures["changes"]:
            start = max(start, min(at, self._end(self._rows_of(place - 1)) if place else 0))
            stop = min(stop, max(end, self._begin_after(place)))
        shown = min(stop, start + LONGEST_STRETCH)
        layers = [layer for layer, row in zip(self._layers, self._rows, strict=True) if row.section == section]
        return tuple(replay(self._text(start, shown), start - base, layers)), stop - shown

    def _end(self, rows: list[list[int]]) -> int:
        """Where a place of these rows ends in the text as it came."""
        last = sorted(rows, key=lambda row: row[0] + row[3])[-ENDS_TRIED:]
        return max(self._end_of(edit) if edit >= 0 else raw for raw, edit, _, _ in last)

    def _end_of(self, edit: int) -> int:
        number = bisect_right(self._rows, edit, key=lambda row: row.first) - 1
        row, layer = self._rows[number], self._layers[number]
        below = [one for one, rows in zip(self._layers[:number], self._rows, strict=False) if rows.section == row.section]
        last = int(layer.at[edit - row.first] + layer.removed[edit - row.first])
        return self._figures["starts"][row.section] + origin(below, last)

    def _begin_after(self, place: int) -> int:
        """Where the next place begins."""
        return int(self._order[0][self._begins[place + 1]]) if place + 1 < self._figures["changes"] else self.before

    def _chapter_at(self, at: int) -> str:
        number = bisect_right(self.chapters, at, key=lambda chapter: chapter[1]) - 1
        return self.chapters[number][0] if number >= 0 else ""

    def _text(self, start: int, stop: int) -> str:
        """The text as it came, from one character to another."""
        anchors = self._table("anchors")
        first, last = start // ANCHOR_CHARACTERS, -(-stop // ANCHOR_CHARACTERS)
        with self._raw.open("rb") as file:
            file.seek(int(anchors[first]) if first < len(anchors) else 0)
            data = file.read(int(anchors[last]) - file.tell()) if last < len(anchors) else file.read()
        begin = first * ANCHOR_CHARACTERS
        return data.decode("utf-8", "replace")[start - begin : stop - begin]
