"""The files of a preview: what a recipe would do to a novel, so laid out that a page of it is read without the rest.

    preview.json   figures, and which rows of the tables belong to which rule and section
    edits.npy      of every edit, in the order they are made: at, removed, inserted, arrived, word (see `differences.Layer`)
    order.npy      of every edit by its place in the text as it came: that place, its edit (-1 if left out), its rule, about how
                   long it is there (-1 if it lies inside a longer one)
    begins.npy     where in that order each place begins: first all changes, then what is only pointed out
    of_rules.npy   the places of each rule
    anchors.npy    the byte of raw.txt at which every 4096th character begins
    words.bin      the inserted texts, and words.npy where each begins
    chapters.json  the titles of the chapters that cleaning leaves, and where they begin in the text as it came

It is a copy of nothing but sums, so it may be deleted at any time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.chapters import find_chapters
from pipelines.cleaning import Cleaned, Recipe, Stage, clean, ideographs
from pipelines.cleanings import raw_blocks
from pipelines.files import publish, read_json, write_json
from pipelines.folders import Folder, NovelFolder
from pipelines.rules import RULES
from pipelines.sections import sections
from pipelines.sectionwise import over_budget
from studio.differences import Numbers, grouped

ANCHOR_CHARACTERS = 4_096
BLOCK_BYTES = 8 * 1024 * 1024
# The filter for the edits that their person left out.
LEFT_OUT = "left out"

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class PreviewFolder(Folder):
    """One preview, by novel and recipe."""

    @property
    def manifest(self) -> Path:
        return self.path / "preview.json"

    @property
    def chapters(self) -> Path:
        return self.path / "chapters.json"

    @property
    def words(self) -> Path:
        return self.path / "words.bin"

    def table(self, name: str) -> Path:
        return self.path / f"{name}.npy"


@dataclass(frozen=True, slots=True)
class LayerRows:
    """The rows `first` to `last` of the edits are what one rule did in one section."""

    rule: str
    section: int
    first: int
    last: int
    marks: bool


@dataclass(slots=True)
class Sums:
    """What the sections of a novel come to."""

    before: int = 0
    after: int = 0
    ideographs: int = 0
    starts: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    would: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    stopped: set[str] = field(default_factory=set)
    chapters: list[tuple[str, int]] = field(default_factory=list)
    layers: list[LayerRows] = field(default_factory=list)
    tables: list[Numbers] = field(default_factory=list)
    origins: list[Numbers] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)
    rows: int = 0


def make_preview(novel: NovelFolder, target: Path, recipe: Recipe, tell: Tell) -> None:
    """Write the preview of a novel by a recipe into the folder `target`; `tell` hears which part of the work is done.

    Raises BrokenArtifact if the novel's text has changed since it came.
    """
    sums, total = Sums(), max(1, read_json(novel.manifest)["characters"])
    for text in sections(raw_blocks(novel)):
        start = sums.before
        parts = [(title, at - start) for title, at in _parts(novel) if 0 <= at - start < len(text)]
        done = clean(text, recipe, start, True, lambda share, start=start, text=text: tell((start + share * len(text)) / total))
        _add(sums, text, done, parts)
    with publish(target) as partial:
        _write(PreviewFolder(partial), sums, recipe, novel.raw_text)


def _parts(novel: NovelFolder) -> list[tuple[str, int]]:
    return [(str(title), int(at)) for title, at in read_json(novel.manifest).get("chapter_marks", [])]


def _add(sums: Sums, text: str, done: Cleaned, parts: Sequence[tuple[str, int]]) -> None:
    """One more section, which was cleaned."""
    section, start = len(sums.starts), sums.before
    for stage, marks in _in_order(done):
        _add_stage(sums, stage, section, marks)
        sums.lost[stage.rule] += 0 if marks else _lost(stage)
    places = done.offsets.forward([at for _, at in parts])
    chapters = find_chapters(done.text, [(title, place) for (title, _), place in zip(parts, places, strict=True)])
    begins = done.offsets.back([chapter.start for chapter in chapters])
    sums.chapters += [(one.title, start + begin) for one, begin in zip(chapters, begins, strict=True)]
    sums.starts.append(start)
    sums.before += len(text)
    sums.after += len(done.text)
    sums.ideographs += ideographs([text])
    sums.would.update(done.would)
    sums.stopped |= set(done.stopped)


def _in_order(done: Cleaned) -> list[tuple[Stage, bool]]:
    """The stages as they ran, and whether each only marks: marks are made in the first round, which has the catalogue's order."""
    numbers = {rule.name: number for number, rule in enumerate(RULES)}
    ran = [-1, *(numbers.get(stage.rule, -1) for stage in done.stages)]
    first = next((n for n, (last, number) in enumerate(pairwise(ran)) if number <= last), len(done.stages))
    in_round = [(stage, False) for stage in done.stages[:first]] + [(stage, True) for stage in done.marks]
    in_round.sort(key=lambda pair: numbers[pair[0].rule])
    return [*in_round, *((stage, False) for stage in done.stages[first:])]


def _add_stage(sums: Sums, stage: Stage, section: int, marks: bool) -> None:
    """The rows of one rule's edits in one section."""
    edits = stage.edits
    at = np.fromiter((edit.at for edit in edits), np.int64, len(edits))
    removed = np.fromiter((len(edit.removed) for edit in edits), np.int64, len(edits))
    inserted = np.fromiter((len(edit.inserted) for edit in edits), np.int64, len(edits))
    change = inserted - removed
    known = sums.words
    texts = (("" if marks else edit.inserted) for edit in edits)
    word = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int64, len(edits))
    sums.tables.append(np.stack((at, removed, inserted, at + np.cumsum(change) - change, word)))
    sums.origins.append(np.asarray(stage.origins, np.int64))
    sums.layers.append(LayerRows(stage.rule, section, sums.rows, sums.rows + len(edits), marks))
    sums.rows += len(edits)
    sums.counts[stage.rule] += len(edits)


def _lost(stage: Stage) -> int:
    """How many ideographs fewer there are after a rule; of long lists of edits, one text is searched quicker than many."""
    return ideographs(["\0".join(edit.removed for edit in stage.edits)]) - ideographs(
        ["\0".join(edit.inserted for edit in stage.edits)]
    )


def _write(folder: PreviewFolder, sums: Sums, recipe: Recipe, raw: Path) -> None:
    """The files of a preview."""
    edits = np.concatenate(sums.tables, axis=1) if sums.tables else np.zeros((5, 0), np.int64)
    rules = list(dict.fromkeys([*(layer.rule for layer in sums.layers), *(rule for rule, _ in sorted(recipe.kept))]))
    order, begins, changes = _places(sums, edits, recipe, rules)
    of_rules, table = _of_rules(order, begins, rules)
    for name, rows in (("edits", edits), ("order", order), ("begins", begins), ("of_rules", of_rules)):
        np.save(folder.table(name), rows)
    np.save(folder.table("anchors"), _anchors(raw))
    np.save(folder.table("words"), _write_words(folder.words, sums.words))
    write_json(folder.chapters, {"chapters": sums.chapters})
    write_json(folder.manifest, _figures(sums, recipe) | {"names": rules, "changes": changes, "of_rules": table})


def _places(sums: Sums, edits: Numbers, recipe: Recipe, rules: Sequence[str]) -> tuple[Numbers, Numbers, int]:
    """All edits by where they stand, changes before marks; where each place begins among them; how many places change."""
    number = {rule: place for place, rule in enumerate(rules)}
    layers = sums.layers
    counts = [layer.last - layer.first for layer in layers]
    rule = np.repeat(np.asarray([number[layer.rule] for layer in layers], np.int64), counts)
    marks = np.repeat(np.asarray([layer.marks for layer in layers], bool), counts)
    raw = np.concatenate(sums.origins) if sums.origins else np.zeros(0, np.int64)
    rows = np.stack((raw, np.arange(len(raw)), rule, edits[1]))
    left = sorted((raw, number[rule]) for rule, raw in recipe.kept)
    left_out = np.asarray([(raw, -1, rule, 1) for raw, rule in left], np.int64).reshape(-1, 4).T
    starts = np.asarray(sums.starts, np.int64)
    first, first_begins = _ordered(np.concatenate((rows[:, ~marks], left_out), axis=1), starts)
    second, second_begins = _ordered(rows[:, marks], starts)
    begins = np.concatenate((first_begins, second_begins + first.shape[1], [first.shape[1] + second.shape[1]]))
    return np.concatenate((first, second), axis=1), begins, len(first_begins)


def _ordered(rows: Numbers, starts: Numbers) -> tuple[Numbers, Numbers]:
    found = grouped(rows[0], rows[3], starts.searchsorted(rows[0], side="right"))
    ordered = rows[:, found.order]
    ordered[3, found.inside] = -1
    return ordered, found.begins


def _of_rules(order: Numbers, begins: Numbers, rules: Sequence[str]) -> tuple[Numbers, dict[str, tuple[int, int]]]:
    """The places of one rule after the other, and which rows are whose; what is left out counts as a rule of its own."""
    place = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    is_left_out = order[1] < 0
    found = {name: np.unique(place[(order[2] == number) & ~is_left_out]) for number, name in enumerate(rules)}
    found[LEFT_OUT] = np.unique(place[is_left_out])
    ends = np.cumsum([len(rows) for rows in found.values()])
    table = {name: (int(end) - len(rows), int(end)) for (name, rows), end in zip(found.items(), ends, strict=True)}
    return np.concatenate(list(found.values())).astype(np.int64), table


def _figures(sums: Sums, recipe: Recipe) -> dict[str, Any]:
    lost = {rule: count for rule, count in sums.lost.items() if count}
    return {
        "before": sums.before,
        "after": sums.after,
        "ideographs": sums.ideographs,
        "counts": dict(sums.would) | dict(sums.counts),
        "lost": lost,
        "over_budget": over_budget(lost, sums.ideographs),
        "stopped": sorted(sums.stopped),
        "chapters": len(sums.chapters),
        "left_out": len(recipe.kept),
        "starts": sums.starts,
        "layers": [asdict(layer) for layer in sums.layers],
    }


def _write_words(path: Path, words: Iterable[str]) -> Numbers:
    """Write texts one after the other; where each begins, in bytes, and where the last ends."""
    begins = [0]
    with path.open("wb") as file:
        for word in words:
            begins.append(begins[-1] + file.write(word.encode()))
    return np.asarray(begins, np.int64)


def _anchors(raw: Path) -> Numbers:
    """The byte at which every so many-th character of a UTF-8 file begins."""
    found, characters, done = [], 0, 0
    with raw.open("rb") as file:
        while data := file.read(BLOCK_BYTES):
            begins = np.flatnonzero((np.frombuffer(data, np.uint8) & 0xC0) != 0x80)
            found.append(begins[-characters % ANCHOR_CHARACTERS :: ANCHOR_CHARACTERS] + done)
            characters += len(begins)
            done += len(data)
    return np.concatenate(found).astype(np.int64) if found else np.zeros(0, np.int64)
