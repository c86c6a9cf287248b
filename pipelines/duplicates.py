"""The same text twice, within a novel or in several: chapters that are alike, and how much of one novel stands in another.

    python -m pipelines.duplicates [NOVEL_ID...]        all novels when none is named

A novel's current cleaning is looked at, and only the chapters that are kept; one never cleaned is looked at as it came.
Chapters are compared by likeness.py, novels by rows of 12 letters they have in common, which finds editions that are cut
into other chapters, too. Of each novel only sketches are held, so that memory grows with the number of chapters.

This is for people to look at before a training. What a corpus holds out is decided by assemble.py, which by itself keeps
chapters with lines in common on one side: it is stricter (three lines are enough), and asks nobody.
"""

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pipelines import leash
from pipelines.chapters import find_chapters
from pipelines.cleanings import read_cleaning, read_raw
from pipelines.command import Parser, Result, execute, parser, progress, workspace_of
from pipelines.errors import StudioError
from pipelines.files import read_json
from pipelines.folders import NovelFolder, list_folders
from pipelines.likeness import Sketch, alike, folded, grams, sketch

# Rows of so many letters are the same in two novels only by quotation; one letter in 50 may differ and a half remains.
ROW = 12
# Of the rows one in 32 is held, chosen by its hash, so that two novels hold the same ones: 10 kB for a megabyte of text.
HELD = 32
# A lower share is what novels of one age and kind have in common by themselves.
LEAST_SHARE = 0.02
# A row in more novels than this (a website's notice) is counted for the first of them only.
CROWD = 50
# A pool takes a second to start; novels up to so many bytes in all are quicker here.
ALONE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two chapters that are alike, each by its novel's id and its number there, counted from 1; the earlier one first."""

    novel_a: str
    chapter_a: int
    title_a: str
    novel_b: str
    chapter_b: int
    title_b: str
    kind: Literal["exact", "near"]
    similarity: float


@dataclass(frozen=True, slots=True)
class Share:
    """The share of the text of novel `a` that stands in novel `b`, too: an estimate, within 0.01 for 100,000 letters or more."""

    a: str
    b: str
    share: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A novel that could not be read, and why."""

    novel: str
    why: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All that is twice, and what was not looked at."""

    pairs: list[Pair]
    novels: list[Share]
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is kept of a novel: number, title and sketch of each chapter that is long enough, and some of its rows."""

    novel: str
    chapters: list[tuple[int, str, Sketch]]
    rows: Any


def tell(novel: str, chapters: Iterable[tuple[int, str, str]]) -> Telling:
    """What to keep of a novel, from the number, title and text of its chapters."""
    kept: list[tuple[int, str, Sketch]] = []
    rows: list[Any] = [np.zeros(0, dtype=np.uint64)]
    for number, title, text in chapters:
        compared = folded(text)
        if found := sketch(compared):
            kept.append((number, title, found))
        hashes = grams(compared, ROW)
        rows.append(hashes[hashes % np.uint64(HELD) == 0])
    return Telling(novel, kept, np.unique(np.concatenate(rows)))


def find_duplicates(novels: Sequence[Telling]) -> Duplicates:
    """What is twice among the novels and inside them. Pure."""
    places = [(telling.novel, *chapter) for telling in novels for chapter in telling.chapters]
    pairs: list[Pair] = []
    for found in alike([chapter for *_, chapter in places]):
        one, other = places[found.one][:3], places[found.other][:3]
        pairs.append(Pair(*one, *other, "exact" if found.exact else "near", found.similarity))
    return Duplicates(pairs, list(_shares(novels)))


def _shares(novels: Sequence[Telling]) -> Iterator[Share]:
    """For each two novels that have enough in common, the share of each in the other."""
    shared = _shared([telling.rows for telling in novels])
    for (one, other), count in sorted(shared.items()):
        for a, b in ((one, other), (other, one)):
            share = count / len(novels[a].rows)
            if share >= LEAST_SHARE:
                yield Share(novels[a].novel, novels[b].novel, round(share, 3))


def _shared(rows: Sequence[Any]) -> dict[tuple[int, int], int]:
    """How many rows each two novels have in common, where they have any."""
    if not rows:
        return {}
    hashes = np.concatenate(rows)
    owners = np.repeat(np.arange(len(rows)), [len(found) for found in rows])
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], owners[order]
    keys: dict[tuple[int, int], int] = {}
    # Sorted, equal rows of k novels stand side by side: each is compared with those 1, 2, … places further.
    for distance in range(1, min(len(rows), CROWD)):
        same = np.flatnonzero(hashes[distance:] == hashes[:-distance])
        if not len(same):
            break
        codes = owners[same].astype(np.int64) * len(rows) + owners[same + distance]
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            key = divmod(int(code), len(rows))
            keys[key] = keys.get(key, 0) + int(count)
    return keys


def read_telling(novel: NovelFolder) -> Telling:
    """What to keep of a novel on the disk; raises BrokenArtifact if its text has changed."""
    if read_json(novel.meta).get("cleaning") is None:
        text = read_raw(novel)
        chapters = find_chapters(text)
    else:
        cleaning = read_cleaning(novel)
        text, chapters = cleaning.text, cleaning.chapters
    listed = enumerate(chapters, start=1)
    return tell(novel.id, ((number, one.title, text[one.start : one.end]) for number, one in listed if one.kept))


def compare(novels: Sequence[NovelFolder]) -> Duplicates:
    """What is twice among these novels; one that cannot be read is skipped, the others are looked at."""
    paths = [novel.path for novel in novels]
    size = sum(path.stat().st_size for novel in novels if (path := novel.raw_text).exists())
    count = min(os.cpu_count() or 1, len(novels))
    if count < 2 or size <= ALONE_BYTES:
        return _compared(progress(map(_read, paths), len(paths), "reading"))
    # A fork of a process with threads may hang.
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), leash.end_with_parent) as pool:
        return _compared(progress(pool.map(_read, paths), len(paths), "reading"))


def _read(path: Path) -> Telling | Skipped:
    try:
        return read_telling(NovelFolder(path))
    except (StudioError, FileNotFoundError) as error:
        return Skipped(path.name, error.sentence if isinstance(error, StudioError) else f"{error.filename} is gone")


def _compared(read: Iterable[Telling | Skipped]) -> Duplicates:
    everything = list(read)
    found = find_duplicates([one for one in everything if isinstance(one, Telling)])
    return replace(found, skipped=[one for one in everything if isinstance(one, Skipped)])


def main(argv: list[str] | None = None) -> int:
    """The command `duplicates`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("duplicates", "Show chapters that are alike, and how much of one novel stands in another.")
    made.add_argument("novels", nargs="*", metavar="NOVEL_ID", help="all novels when none is named")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Compare the novels that the command names."""
    workspace = workspace_of(arguments)
    named = [workspace.novel(wanted) for wanted in arguments.novels]
    novels = named or [NovelFolder(path) for path in list_folders(workspace.novels)]
    found = compare(list({novel.id: novel for novel in novels}.values()))
    return asdict(found), "\n".join(_lines(found)) or "nothing is twice"


def _lines(found: Duplicates) -> Iterator[str]:
    for skipped in found.skipped:
        yield f"{skipped.novel} is skipped: {skipped.why}"
    for share in found.novels:
        yield f"{share.share:.0%} of {share.a} stands in {share.b}"
    for pair in found.pairs:
        how = "is the same as" if pair.kind == "exact" else f"is to {pair.similarity:.0%} like"
        yield f"{pair.novel_b} {pair.chapter_b} ({pair.title_b}) {how} {pair.novel_a} {pair.chapter_a} ({pair.title_a})"


if __name__ == "__main__":
    sys.exit(main())
