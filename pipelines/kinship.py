"""Which chapters share text, whatever their headings and cuts: what must fall on one side when some are held out. Pure.

Of each line only a hash is held, twelve bytes in all, so that a library of a thousand novels fits into memory.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

# Lines shorter than this (headings, "he nodded") are the same in chapters that have nothing to do with each other.
LEAST_LINE = 20
LONGEST_LINE = 400
SENTENCE_END = re.compile("(?<=[。！？!?…．.])")
# Chapters share text that have so many lines in common, or this part of the lines of the shorter one.
SHARED_LINES = 3
SHARED_PART = 0.2
# What stands in more chapters of a novel is a refrain, or a website's mark: it counts as a part only, not as lines.
REFRAIN = 3
# What stands in more chapters than this says nothing of any two, and would take long to compare.
COMMONPLACE = 20


def squeezed(text: str) -> str:
    """The text without any white space: what makes two chapters the same."""
    return "".join(text.split())


def digest(text: str) -> bytes:
    """What stands for a squeezed text."""
    return hashlib.blake2b(squeezed(text).encode(), digest_size=16).digest()


def groups(texts: Sequence[str], novels: Sequence[str]) -> list[int]:
    """For each chapter, by its text and its novel, the place of its group's chief: the one with the least squeezed text."""
    first: dict[bytes, int] = {}
    same = [first.setdefault(digest(text), place) for place, text in enumerate(texts)]
    different = list(first.values())
    chief = list(range(len(texts)))

    def find(place: int) -> int:
        while chief[place] != place:
            chief[place] = chief[chief[place]]
            place = chief[place]
        return place

    for one, other in _sharing([texts[place] for place in different], [novels[place] for place in different]):
        ends = {find(different[one]), find(different[other])}
        if len(ends) == 2:
            low, high = sorted(ends, key=lambda place: squeezed(texts[place]))
            chief[high] = low
    return [find(place) for place in same]


def _sharing(texts: Sequence[str], novels: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The pairs of different chapters that share text, by their places."""
    hashes = [_hashes(text) for text in texts]
    counts = np.array([len(lines) for lines in hashes], dtype=np.int64)
    names = {name: number for number, name in enumerate(dict.fromkeys(novels))}
    lines, owners, telling = _common(hashes, np.array([names[name] for name in novels], dtype=np.int64))
    shared = _pairs(lines, owners, len(texts))
    told = _pairs(lines[telling], owners[telling], len(texts))
    for code, count in shared.items():
        one, other = divmod(code, len(texts))
        if told.get(code, 0) >= SHARED_LINES or count >= SHARED_PART * min(counts[one], counts[other]):
            yield one, other


def _hashes(text: str) -> Any:
    """The hashes of a chapter's different lines."""
    digests = {hashlib.blake2b(line.encode(), digest_size=8).digest() for line in _lines(text)}
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def _common(hashes: Sequence[Any], novels: Any) -> tuple[Any, Any, Any]:
    """The lines that stand in more chapters than one and are no commonplace, sorted; the chapter of each; and whether it tells.

    A line tells whose, unless it is a refrain of one of its novels.
    """
    lines = np.concatenate([np.zeros(0, dtype=np.uint64), *hashes])
    owners = np.repeat(np.arange(len(hashes)), [len(found) for found in hashes])
    order = np.argsort(lines, kind="stable")
    lines, owners = lines[order], owners[order]
    _, runs, counts = np.unique(lines, return_inverse=True, return_counts=True)
    wanted = (counts[runs] >= 2) & (counts[runs] <= COMMONPLACE)
    lines, owners, runs = lines[wanted], owners[wanted], runs[wanted]
    # How often a line stands in each novel, and the most of these.
    _, places, times = np.unique(runs * (len(hashes) + 1) + novels[owners], return_inverse=True, return_counts=True)
    most = np.zeros(len(counts), dtype=np.int64)
    np.maximum.at(most, runs, times[places])
    return lines, owners, most[runs] <= REFRAIN


def _pairs(lines: Any, owners: Any, count: int) -> dict[int, int]:
    """How many lines each two chapters have in common, by the code of the two: the first times `count` and the second."""
    found: dict[int, int] = {}
    # In sorted lines the same ones stand side by side: each is paired with those 1, 2, … places further.
    for distance in range(1, COMMONPLACE):
        same = np.flatnonzero(lines[distance:] == lines[:-distance])
        codes, times = np.unique(owners[same] * count + owners[same + distance], return_counts=True)
        for code, time in zip(codes.tolist(), times.tolist(), strict=True):
            found[code] = found.get(code, 0) + time
    return found


def _lines(text: str) -> Iterator[str]:
    """The lines of a text that tell where it is from, without white space; a long one, which a cut may part, as sentences.

    A line that is mostly no letters (`-----Page 5-----`) tells nothing.
    """
    for line in map(squeezed, text.splitlines()):
        for part in [line] if len(line) <= LONGEST_LINE else SENTENCE_END.split(line):
            if len(part) >= LEAST_LINE and 2 * sum(map(str.isalnum, part)) >= len(part):
                yield part
