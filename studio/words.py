"""The words of the page in one language, from assets/words/*.json, and the sentence for every error."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import StudioError

PLACE = Path(__file__).resolve().parents[1] / "assets" / "words"
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """All words shown to people in one language."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The words of `key` with the values filled in; KeyError for a key that is not there."""
        return self.entries[key].format(**values)

    def error(self, error: StudioError) -> str:
        """What happened, why, and what to do, in this language; the English sentence where no other was written."""
        values = error.values
        if named := self.entries.get(f"setting.{values.get('name')}"):
            values = values | {"name": named}
        try:
            return self(f"error.{error.code}", **values)
        except KeyError:
            return error.sentence


@functools.cache
def load_words(language: str) -> Words:
    """The words of `zh` or `en`."""
    return Words(language, json.loads((PLACE / f"{language}.json").read_text(encoding="utf-8")))


def preferred(accept_language: str) -> str:
    """The language for an Accept-Language header (RFC 9110 §12.5.4): the first named that we have, else Chinese."""
    for part in accept_language.split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]
