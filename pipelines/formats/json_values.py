"""The values of a JSON text that comes in blocks, one by one: an array's elements, or the lines of JSON lines.

Forgives what the scripts of others write: raw newlines and control characters inside strings, and backslashes before
characters that need none.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from pipelines.errors import BadText

BETWEEN = " \t\r\n\ufeff,"
_MARK = re.compile(r'["{}\[\]]')
_BACKSLASH = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\')
_PLAIN_END = re.compile(r"[\s,\]}]")


class Values:
    """An iterator over the values; `array` tells whether they are the elements of one array."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._text = ""
        self._at = 0
        self._passed = 0
        self.array = False

    def __iter__(self) -> Iterator[Any]:
        """Raises BadText where the text is no JSON, or breaks off."""
        self.array = self._next_sign() == "["
        self._at += self.array
        while sign := self._next_sign():
            if sign == "]" and self.array:
                return
            yield self._value()
        if self.array:
            raise self._damaged("it breaks off")

    def _next_sign(self) -> str:
        """The first character of the next value, or "" at the end of the text."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in BETWEEN:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _value(self) -> Any:
        """The value that starts here; looks again in twice as much text until its end is there."""
        while (end := _end_of(self._text, self._at)) < 0:
            if not self._more(2 * (len(self._text) - self._at)):
                raise self._damaged("it breaks off")
        literal = self._text[self._at : end]
        try:
            value = json.loads(literal, strict=False)
        except ValueError:
            value = self._repaired(literal)
        except RecursionError as error:
            raise self._damaged("it is nested too deep") from error
        self._at = end
        return value

    def _repaired(self, literal: str) -> Any:
        """The value read again with every backslash that means nothing taken for itself."""
        try:
            return json.loads(_BACKSLASH.sub(_escaped, literal), strict=False)
        except (ValueError, RecursionError) as error:
            raise self._damaged("what stands there is no JSON") from error

    def _more(self, least: int = 1) -> bool:
        """Take in `least` characters at least, letting go of those that were read; False at the end of the text."""
        taken: list[str] = []
        length = 0
        for block in self._blocks:
            taken.append(block)
            length += len(block)
            if length >= least:
                break
        if not length:
            return False
        self._passed += self._at
        self._text, self._at = self._text[self._at :] + "".join(taken), 0
        return True

    def _damaged(self, why: str) -> BadText:
        place = self._passed + self._at
        message = f"its JSON cannot be read from character {place:,} on: {why}"
        return BadText("damaged_json", message, "mend it there, or fetch the file again", place=place)


def _escaped(match: re.Match[str]) -> str:
    return match.group() if len(match.group()) > 1 else "\\\\"


def _end_of(text: str, start: int) -> int:
    """Where the value that starts there ends; -1 if that is not to be seen in the text yet."""
    if text[start] not in '"{[':
        found = _PLAIN_END.search(text, start)
        return found.start() if found else -1
    depth, at = 0, start
    while True:
        found = _MARK.search(text, at)
        if found is None:
            return -1
        if found.group() == '"':
            at = _end_of_string(text, found.start())
            if at < 0:
                return -1
        else:
            depth += 1 if found.group() in "{[" else -1
            at = found.end()
        if depth <= 0:
            return at


def _end_of_string(text: str, start: int) -> int:
    """Where the string that starts there ends, behind its quote; -1 if that is not to be seen."""
    at = text.find('"', start + 1)
    while at >= 0:
        before = at
        while text[before - 1] == "\\":
            before -= 1
        if (at - before) % 2 == 0:
            return at + 1
        at = text.find('"', at + 1)
    return -1
