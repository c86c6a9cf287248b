"""Rules of layout: indents, spaces at the ends of lines, blank lines."""

import re
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule

SPACES = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
_SPACE_CHARACTERS = " \t\u00a0\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


_INDENTS = re.compile(rf"^[{SPACES}]+", re.MULTILINE)


def _indents(text: str) -> Iterator[Edit]:
    for match in _INDENTS.finditer(text):
        yield Edit("indents", match.start(), match.group())


# Without the look behind, a long row of spaces inside a line would be tried from each of them: quadratic. It looks at the
# second space of the row, after the set, so that most characters are passed by quickly.
_LINE_ENDS = re.compile(rf"[{SPACES}](?<![{SPACES}][{SPACES}])[{SPACES}]*$", re.MULTILINE)


def _line_ends(text: str) -> Iterator[Edit]:
    for match in _LINE_ENDS.finditer(text):
        yield Edit("line_ends", match.start(), match.group())


_BLANK_START = re.compile(rf"(?:[{SPACES}]*\n)+")
_BLANK_LINES = re.compile(rf"\n(?:[{SPACES}]*\n)+")


def _blank_lines(text: str) -> Iterator[Edit]:
    end = len(text.rstrip(_SPACE_CHARACTERS + "\n"))
    if end == 0:
        if text:
            yield Edit("blank_lines", 0, text)
        return
    start = 0
    if match := _BLANK_START.match(text):
        start = match.end()
        yield Edit("blank_lines", 0, match.group())
    for match in _BLANK_LINES.finditer(text, start, end):
        row = match.group()
        if row != "\n\n":
            # Of the row's newlines the first stays, and the second if it follows at once: the edit is the rest.
            plain = row.startswith("\n\n")
            yield Edit("blank_lines", match.start() + 1 + plain, row[1 + plain :], "" if plain else "\n")
    yield from _last_newline(text, end)


def _last_newline(text: str, end: int) -> Iterator[Edit]:
    """What follows the last line of the text, which ends at `end` or has spaces there."""
    newline = text.find("\n", end)
    if newline < 0:
        yield Edit("blank_lines", len(text), "", "\n")
    elif newline + 1 < len(text):
        yield Edit("blank_lines", newline + 1, text[newline + 1 :])


RULES = (
    Rule("indents", 20, True, "low", "Remove the spaces at the start of a line.", _indents),
    Rule("line_ends", 20, True, "low", "Remove the spaces at the end of a line.", _line_ends),
    Rule(
        "blank_lines", 21, True, "low", "Leave at most one blank line between paragraphs, and end in one newline.", _blank_lines
    ),
)
