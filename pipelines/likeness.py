"""How alike texts are, whatever their layout, marks and script: exactly, or by MinHash of character 5-grams. Pure.

A text is compared by its letters and digits only, in simplified characters. Of each text 112 numbers are kept, 14 bands of 8
(datatrove's default): texts that share a band may be alike, and how much is the share of equal numbers, an estimate of the
Jaccard similarity of their 5-grams with a standard error of 0.04 at 0.8. Texts of 0.8 share a band with a probability of 0.92.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import opencc

GRAM = 5
BANDS, ROWS = 14, 8
NUMBERS = BANDS * ROWS
NEAR = 0.8
# In a shorter text 5-grams are too few to say anything.
LEAST_CHARACTERS = 200
# Of more texts in one band (500 chapters that are one notice) each is compared with the first only.
CROWD = 20
_BLOCK = 8_192
_SEED = 20_240_613


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text: how many of its characters are compared, the hash of them all, and its MinHash numbers."""

    characters: int
    exact: bytes
    numbers: Any


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two texts by their places, the earlier first, and their similarity: 1.0 where they are `exact`ly the same."""

    one: int
    other: int
    similarity: float
    exact: bool = False


def folded(text: str) -> str:
    """Letters and digits only, in simplified characters: what is the same in two editions."""
    return "".join(filter(str.isalnum, _simplifier().convert(text)))


@cache
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


def sketch(compared: str) -> Sketch | None:
    """The sketch of a folded text; None for one that is too short to compare."""
    if len(compared) < LEAST_CHARACTERS:
        return None
    exact = hashlib.blake2b(compared.encode(), digest_size=16).digest()
    return Sketch(len(compared), exact, _minhash(grams(compared, GRAM)))


def grams(text: str, length: int) -> Any:
    """Well-mixed 64-bit hashes of the rows of `length` characters, in their order; none in a shorter text."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    count = max(len(codes) - length + 1, 0)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + count]
    # The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
    return hashes ^ (hashes >> np.uint64(31))


def _minhash(hashes: Any) -> Any:
    """The least of each of the 112 permutations of the hashes, by its upper half."""
    factors, terms = _permutations()
    least = [min(int((block * a + b).min()) for block in _blocks(hashes)) for a, b in zip(factors, terms, strict=True)]
    return (np.array(least, dtype=np.uint64) >> np.uint64(32)).astype(np.uint32)


def _blocks(hashes: Any) -> Iterator[Any]:
    """The hashes in pieces that a processor's cache holds."""
    for start in range(0, len(hashes), _BLOCK):
        yield hashes[start : start + _BLOCK]


@cache
def _permutations() -> tuple[Any, Any]:
    """The same odd factors and terms on every machine."""
    drawn = np.random.default_rng(_SEED).integers(0, 2**64, (2, NUMBERS), dtype=np.uint64)
    return drawn[0] | np.uint64(1), drawn[1]


def alike(sketches: Sequence[Sketch | None]) -> Iterator[Likeness]:
    """The texts that are exactly the same as an earlier one, then those that are near to an earlier one (None: to none)."""
    first: dict[bytes, int] = {}
    for place, found in enumerate(sketches):
        if found is None:
            continue
        if found.exact in first:
            yield Likeness(first[found.exact], place, 1.0, exact=True)
        else:
            first[found.exact] = place
    places = list(first.values())
    numbers = [found.numbers for place in places if (found := sketches[place]) is not None]
    if numbers:
        for one, other, similarity in _near(np.stack(numbers)):
            yield Likeness(places[one], places[other], similarity)


def _near(numbers: Any) -> Iterator[tuple[int, int, float]]:
    """The pairs of rows that share a band and are near enough."""
    candidates: set[tuple[int, int]] = set()
    for band in range(BANDS):
        candidates.update(_in_one_bucket(numbers[:, band * ROWS : (band + 1) * ROWS]))
    for one, other in sorted(candidates):
        similarity = float((numbers[one] == numbers[other]).mean())
        if similarity >= NEAR:
            yield one, other, round(similarity, 3)


def _in_one_bucket(band: Any) -> Iterator[tuple[int, int]]:
    """The pairs of equal rows, and in a crowd those with its first."""
    _, inverse, counts = np.unique(band, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    ends = np.cumsum(counts)
    for bucket in np.flatnonzero(counts > 1):
        rows = order[ends[bucket] - counts[bucket] : ends[bucket]].tolist()
        yield from combinations(rows, 2) if len(rows) <= CROWD else ((rows[0], row) for row in rows[1:])
