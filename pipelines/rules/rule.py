"""What a rule of cleaning is: a name, a risk, and the edits it makes; and how edits are made and taken back. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Risk = Literal["low", "middle", "high"]


@dataclass(slots=True)
class Edit:
    """A rule took `removed` away at offset `at` of the text that it was given, and put `inserted` there.

    An edit that changes nothing is a mark: a place that its rule only points out.
    """

    rule: str
    at: int
    removed: str
    inserted: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name, its number in the catalogue, whether it runs unless told otherwise, and how it finds its edits.

    `risk` is that of taking away what belongs to the story. `edits` is pure and linear in the length of the text, whatever
    the text; it gives edits by ascending offset and without overlap, and none for a text that the rule has been through.
    A rule that `marks` gives marks only.
    """

    name: str
    number: int
    default: bool
    risk: Risk
    sentence: str
    edits: Callable[[str], Iterator[Edit]]
    marks: bool = False

    def apply(self, text: str) -> tuple[str, list[Edit]]:
        """The cleaner text and the edits."""
        edits = list(self.edits(text))
        return (text, edits) if self.marks else (patched(text, edits), edits)


def patched(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits of one rule made."""
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += (text[done : edit.at], edit.inserted)
        done = edit.at + len(edit.removed)
    return "".join((*parts, text[done:])) if parts else text


def unpatched(text: str, edits: Iterable[Edit]) -> str:
    """`text` as it was before one rule made the edits."""
    parts: list[str] = []
    done = shift = 0
    for edit in edits:
        here = edit.at + shift
        parts += (text[done:here], edit.removed)
        done = here + len(edit.inserted)
        shift += len(edit.inserted) - len(edit.removed)
    return "".join((*parts, text[done:])) if parts else text
