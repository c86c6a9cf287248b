"""Rules of layout: indents, spaces at the ends of lines, blank lines."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, groupby

from pipelines.rules.rule import Edit, Rule
from pipelines.rules.widths import indent_cells

SPACES = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
_SPACE_CHARACTERS = " \t\u00a0\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


_INDENTS = re.compile(rf"^[{SPACES}]+", re.MULTILINE)
# Verse in Latin letters: lines one below the other, short, and four cells or more further in than the text (cleaning.md §3,
# no. 20). It is believed where the text has one clear indent and little verse; a chapter that is set otherwise is none. In
# Chinese an indent begins a paragraph, and verse is known by its lines.
VERSE_CELLS, MOST_VERSE_CELLS, VERSE_LINE_LETTERS, LEAST_VERSE_LINES = 4, 24, 60, 2
USUAL_SHARE, VERSE_SHARE = 0.60, 0.25
_MAY_BE_VERSE = re.compile(
    rf"^(?:\t| {{4}})[ \t]*[!-~\u00c0-\u024f“‘—][^\n\u2e80-\uffff]{{0,{VERSE_LINE_LETTERS - 1}}}$", re.MULTILINE
)


def _indents(text: str) -> Iterator[Edit]:
    indents = {match.start(): match.group() for match in _INDENTS.finditer(text)}
    verse = _verse(text, indents)
    for start, white in indents.items():
        inserted = " " * verse.get(start, 0)
        if inserted != white:
            yield Edit("indents", start, white, inserted)


def _verse(text: str, indents: dict[int, str]) -> dict[int, int]:
    """The cells that lines of verse are further in than the text, by the offset where the line starts."""
    may_be = {match.start() for match in _MAY_BE_VERSE.finditer(text)}
    if not may_be:
        return {}
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines[:-1]), initial=0))
    widths = {start: indent_cells(indents.get(start, "")) for start, line in zip(starts, lines, strict=True) if line.strip()}
    usual, times = Counter(widths.values()).most_common(1)[0]
    further = {start: widths[start] - usual for start in may_be if VERSE_CELLS <= widths[start] - usual <= MOST_VERSE_CELLS}
    runs = (list(run) for found, run in groupby(starts, further.__contains__) if found)
    verse = {start: further[start] for run in runs if len(run) >= LEAST_VERSE_LINES for start in run}
    return verse if times >= USUAL_SHARE * len(widths) and len(verse) <= VERSE_SHARE * len(widths) else {}


# Without the look behind, a long row of spaces inside a line would be tried from each of them: quadratic. It looks at the
# second space of the row, after the set, so that most characters are passed by quickly.
_LINE_ENDS = re.compile(rf"[{SPACES}](?<![{SPACES}][{SPACES}])[{SPACES}]*$", re.MULTILINE)


def _line_ends(text: str) -> Iterator[Edit]:
    if text.isascii() and not any(end in f"{text[-1:]}\n" or end in text for end in (" \n", "\t\n")):
        return
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
    Rule("indents", 20, True, "low", "Remove the spaces at the start of a line, but for verse that is set further in.", _indents),
    Rule("line_ends", 20, True, "low", "Remove the spaces at the end of a line.", _line_ends),
    Rule(
        "blank_lines", 21, True, "low", "Leave at most one blank line between paragraphs, and end in one newline.", _blank_lines
    ),
)
