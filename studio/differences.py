"""What cleaning changes, place by place: the edits of all rules laid over the text as it came, and cut into pages.

Every rule gives its edits by offsets into the text that the rule before left. Here they are carried back to the text as it
came, so that all of them can be shown at once. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from pipelines.rules import Edit

PAGE_CHANGES = 20
CONTEXT_CHARACTERS = 24
# Changes this close are one place; a place of more pieces than the limit is cut, or a novel could be a single one.
GAP_CHARACTERS = 12
PLACE_PIECES = 16


class Piece(NamedTuple):
    """A stretch of text: kept, removed by a rule, inserted by one, or both, when one rule takes away what another put there."""

    text: str
    removed_by: str = ""
    inserted_by: str = ""

    @property
    def is_kept(self) -> bool:
        return not self.removed_by and not self.inserted_by


class Place(NamedTuple):
    """Changes that stand close together, `pieces[first:last]`, where they begin in the text as it came, and whose they are."""

    first: int
    last: int
    at: int
    rules: frozenset[str]


@dataclass(frozen=True, slots=True)
class Differences:
    """A text before and after, in pieces, and the places where the two differ."""

    pieces: list[Piece]
    places: list[Place]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of the places: which it is, of how many, and how many places there are on all of them."""

    places: list[Place]
    number: int
    pages: int
    total: int


def compare(raw: str, edits: Iterable[Edit]) -> Differences:
    """The differences that the edits of `clean` make to the text it was given."""
    pieces = [Piece(raw)]
    for rule, made in groupby(edits, key=lambda edit: edit.rule):
        pieces = _edited(pieces, rule, list(made))
    return Differences(pieces, _places(pieces))


def before(pieces: Iterable[Piece]) -> str:
    """The text as it came."""
    return "".join(piece.text for piece in pieces if not piece.inserted_by)


def after(pieces: Iterable[Piece]) -> str:
    """The text after cleaning."""
    return "".join(piece.text for piece in pieces if not piece.removed_by)


def leaf(differences: Differences, number: object = 1, rule: str | None = None) -> Leaf:
    """The page of that number, or the nearest there is, of all the places or of those where the rule does something."""
    places = [place for place in differences.places if not rule or rule in place.rules]
    pages = max(1, -(-len(places) // PAGE_CHANGES))
    wanted = int(number) if isinstance(number, (int, float)) and abs(number) < 1e9 else 1
    here = min(max(wanted, 1), pages)
    return Leaf(places[(here - 1) * PAGE_CHANGES : here * PAGE_CHANGES], here, pages, len(places))


def around(differences: Differences, place: Place) -> list[Piece]:
    """The pieces of a place with a little of what stands before and after it."""
    pieces = differences.pieces
    start = pieces[place.first - 1].text[-CONTEXT_CHARACTERS:] if place.first and pieces[place.first - 1].is_kept else ""
    end = pieces[place.last].text[:CONTEXT_CHARACTERS] if place.last < len(pieces) and pieces[place.last].is_kept else ""
    return [Piece(start), *pieces[place.first : place.last], Piece(end)]


def _edited(pieces: Sequence[Piece], rule: str, edits: Sequence[Edit]) -> list[Piece]:
    """The pieces after one more rule, whose edits have offsets into what is not removed yet."""
    made: list[Piece] = []
    offset = index = 0
    for piece in pieces:
        if piece.removed_by:
            made.append(piece)
            continue
        end, done = offset + len(piece.text), 0
        while index < len(edits) and edits[index].at < end:
            edit = edits[index]
            start, stop = max(edit.at - offset, done), min(edit.at + len(edit.removed) - offset, len(piece.text))
            made += _cut(piece, done, start)
            if edit.inserted and edit.at >= offset:
                made.append(Piece(edit.inserted, "", rule))
            made += [part._replace(removed_by=rule) for part in _cut(piece, start, stop)]
            done = max(start, stop)
            if edit.at + len(edit.removed) > end:
                break
            index += 1
        made += _cut(piece, done, len(piece.text))
        offset = end
    return made + [Piece(edit.inserted, "", rule) for edit in edits[index:] if edit.inserted and edit.at >= offset]


def _cut(piece: Piece, start: int, end: int) -> list[Piece]:
    return [piece._replace(text=piece.text[start:end])] if end > start else []


def _places(pieces: Sequence[Piece]) -> list[Place]:
    """Where the text differs, neighbours together."""
    places: list[Place] = []
    at = first = last = begun = 0
    rules: set[str] = set()
    for index, piece in enumerate(pieces):
        if not piece.is_kept:
            if rules and (index - first >= PLACE_PIECES or (index > last and len(pieces[last].text) > GAP_CHARACTERS)):
                places.append(Place(first, last, begun, frozenset(rules)))
                rules = set()
            if not rules:
                first, begun = index, at
            rules |= {piece.removed_by, piece.inserted_by} - {""}
            last = index + 1
        at += 0 if piece.inserted_by else len(piece.text)
    return [*places, Place(first, last, begun, frozenset(rules))] if rules else places
