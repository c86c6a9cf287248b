"""Where reading a novel lost or mended something, with the words around each place."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import BrokenArtifact
from pipelines.files import read_object
from pipelines.folders import NovelFolder

MOST_SPOTS = 20
AROUND_CHARACTERS = 14
SHOWN_CHARACTERS = 40
_BLANK = re.compile(r"\s+")
# What stands farther on is named without its words: nobody waits for the end of a huge file to look at a card.
LOOKED_AT_CHARACTERS = 4_000_000
BLOCK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: what happened there ("replaced", "repaired", "lost", "encoding"), where in the text (0 to 1), and its words.

    `note` names the encoding of a part that is in another one.
    """

    kind: str
    share: float
    before: str
    text: str
    after: str
    note: str = ""


def spots(folder: NovelFolder) -> list[Spot]:
    """The first places that the manifest of a novel lists; none if its files are not whole."""
    try:
        manifest = read_object(folder.manifest)
        places = [place for place in manifest.get("places", []) if _is_place(place)][:MOST_SPOTS]
        return _with_words(folder.raw_text, places, int(manifest["characters"])) if places else []
    except (BrokenArtifact, OSError, KeyError, TypeError, ValueError):
        return []


def _is_place(place: Any) -> bool:
    return isinstance(place, dict) and all(isinstance(place.get(name), int) for name in ("at", "length"))


def _with_words(raw: Path, places: list[dict[str, Any]], characters: int) -> list[Spot]:
    """The places with what stands around them, in one reading of as much of the text as they need."""
    last = max(place["at"] + SHOWN_CHARACTERS + AROUND_CHARACTERS for place in places)
    text = "".join(_beginning(raw, min(last, LOOKED_AT_CHARACTERS)))
    return [_spot(text, place, characters) for place in places]


def _beginning(raw: Path, characters: int) -> Iterator[str]:
    decoder, got = codecs.getincrementaldecoder("utf-8")("replace"), 0
    with raw.open("rb") as file:
        while got < characters and (data := file.read(BLOCK_BYTES)):
            block = decoder.decode(data)
            got += len(block)
            yield block


def _spot(text: str, place: dict[str, Any], characters: int) -> Spot:
    at, kind = place["at"], str(place.get("kind"))
    # Of a part in another encoding only the beginning tells.
    end = at + min(max(1, place["length"]), AROUND_CHARACTERS if kind == "encoding" else SHOWN_CHARACTERS)
    pieces = (text[max(0, at - AROUND_CHARACTERS) : at], text[at:end], text[end : end + AROUND_CHARACTERS])
    before, within, after = (_BLANK.sub(" ", piece) for piece in pieces)
    return Spot(kind, min(1.0, at / max(1, characters)), before, within, after, str(place.get("note", "")))
