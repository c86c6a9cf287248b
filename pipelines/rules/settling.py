"""Make a rule settle: repeat what it does until nothing is left to do, and give the whole as edits of the first text. Pure.

For rules whose work may leave behind what they would work on again: an entity in an entity, a line that joining made long.
"""

from collections.abc import Callable, Iterable, Iterator

from pipelines.rules.rule import Edit, patched

# What has not settled by then (only a text made for it) is left as it is, or the rule would not be idempotent.
ROUNDS = 8

# A stretch of the text now: where it stood in the first text, or -1 if a round put it in; and what it says.
_Piece = tuple[int, str]


def settled(text: str, search: Callable[[str], Iterable[Edit]]) -> Iterator[Edit]:
    """The edits that lead from `text` to a text in which `search` finds nothing."""
    edits = list(search(text))
    if not edits:
        return
    rule, now, pieces = edits[0].rule, text, [(0, text)]
    for _ in range(ROUNDS):
        pieces, now = list(_cut(pieces, edits)), patched(now, edits)
        if not (edits := list(search(now))):
            yield from _edits(rule, text, pieces)
            return


def _cut(pieces: list[_Piece], edits: Iterable[Edit]) -> Iterator[_Piece]:
    """The pieces of the text after one more round."""
    left = iter(pieces)
    origin, piece = next(left)
    done = used = 0
    for edit in edits:
        for end, kept in ((edit.at, True), (edit.at + len(edit.removed), False)):
            while done < end:
                if used == len(piece):
                    (origin, piece), used = next(left), 0
                size = min(end - done, len(piece) - used)
                if kept:
                    yield _part(origin, piece, used, used + size)
                done, used = done + size, used + size
        yield -1, edit.inserted
    yield _part(origin, piece, used, len(piece))
    yield from left


def _part(origin: int, piece: str, start: int, end: int) -> _Piece:
    return (origin + start if origin >= 0 else -1), piece[start:end]


def _edits(rule: str, text: str, pieces: Iterable[_Piece]) -> Iterator[Edit]:
    """What stands between the pieces that were kept, as edits."""
    done, inserted = 0, ""
    for origin, piece in (*pieces, (len(text), "")):
        if origin < 0:
            inserted += piece
        elif piece or origin == len(text):
            if text[done:origin] != inserted:
                yield Edit(rule, done, text[done:origin], inserted)
            done, inserted = origin + len(piece), ""
