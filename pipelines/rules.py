"""The rules of cleaning: each takes a text and gives the cleaner text and every edit it made, so that all can be undone.

A rule is pure, idempotent and linear in the length of the text, whatever the text. None touches a paragraph break or a
mark of punctuation. The order of RULES is the order they run in: newlines come first, for the others go by lines;
invisible characters go before the spaces they may hide among.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipelines.errors import BadSettings

SPACES = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
_SPACE_CHARACTERS = " \t\u00a0\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


@dataclass(slots=True)
class Edit:
    """A rule took `removed` away at offset `at` of the text that it was given, and put `inserted` there."""

    rule: str
    at: int
    removed: str
    inserted: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name, whether it runs unless told otherwise, what it does in a sentence, and how it finds its edits."""

    name: str
    default: bool
    sentence: str
    edits: Callable[[str], Iterator[Edit]]

    def apply(self, text: str) -> tuple[str, list[Edit]]:
        """The cleaner text and the edits, by ascending offset and without overlap."""
        edits = list(self.edits(text))
        return _patched(text, edits), edits


def clean(text: str, names: Sequence[str] | None = None) -> tuple[str, list[Edit]]:
    """The text after the rules of these names (the default ones if None), in the order of RULES, and all edits.

    Raises BadSettings for a name that is no rule's.
    """
    wanted = set(chosen(names))
    edits: list[Edit] = []
    for rule in RULES:
        if rule.name in wanted:
            text, made = rule.apply(text)
            edits += made
    return text, edits


def undo(text: str, edits: Iterable[Edit]) -> str:
    """The text as it was before `clean` made these edits."""
    made = [list(group) for _, group in groupby(edits, key=lambda edit: edit.rule)]
    for group in reversed(made):
        text = _unpatched(text, group)
    return text


def chosen(only: Sequence[str] | None = None, without: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of the rules to run, in order: the default ones or `only` these, but not those of `without`.

    Raises BadSettings for a name that is no rule's.
    """
    for name in (*(only or ()), *without):
        if name not in BY_NAME:
            raise BadSettings("unknown_rule", f"there is no rule {name!r}", f"the rules are {', '.join(BY_NAME)}", value=name)
    asked = {rule.name for rule in RULES if rule.default} if only is None else set(only)
    return tuple(name for name in BY_NAME if name in asked and name not in without)


def counts(edits: Iterable[Edit], names: Sequence[str]) -> dict[str, int]:
    """How many edits each of the rules made, those that made none included."""
    made = Counter(edit.rule for edit in edits)
    return {name: made[name] for name in names}


def _patched(text: str, edits: list[Edit]) -> str:
    """`text` with the edits made."""
    if not edits:
        return text
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += (text[done : edit.at], edit.inserted)
        done = edit.at + len(edit.removed)
    return "".join((*parts, text[done:]))


def _unpatched(text: str, edits: list[Edit]) -> str:
    """`text` as it was before one rule made the edits."""
    parts: list[str] = []
    done = shift = 0
    for edit in edits:
        here = edit.at + shift
        parts += (text[done:here], edit.removed)
        done = here + len(edit.inserted)
        shift += len(edit.inserted) - len(edit.removed)
    return "".join((*parts, text[done:]))


# A carriage return too many before CRLF is what a file gets that was written as text twice. No more than one is taken
# for that: looking further would be quadratic in a text of nothing but carriage returns.
_NEWLINES = re.compile(r"\r{1,2}(?=\n)|[\r\x0b\x0c\x85\u2028\u2029]")


def _newlines(text: str) -> Iterator[Edit]:
    for match in _NEWLINES.finditer(text):
        before_newline = match.end() < len(text) and text[match.end()] == "\n" and match.group()[0] == "\r"
        yield Edit("newlines", match.start(), match.group(), "" if before_newline else "\n")


# The sequences a terminal understands are those of ECMA-48: colours and cursor moves, and titles. Whatever the newlines
# rule makes a newline of is left to it, for to remove it would join two lines.
_CONTROLS = re.compile(
    r"\x1b\[[0-?]{0,32}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b\r\n]{0,200}(?:\x07|\x1b\\)"
    "|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]"
)


def _controls(text: str) -> Iterator[Edit]:
    for match in _CONTROLS.finditer(text):
        yield Edit("controls", match.start(), match.group())


_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_INVISIBLE = re.compile(
    rf"[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb{_JOINERS}{_SELECTORS}]+"
)
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_CHINESE = re.compile(r"[\u2e80-\u2fff\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_EMOJI = re.compile(r"[\u00a9\u00ae\u203c\u2049\u2122-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]")
# Arabic to Myanmar, Khmer and Mongolian: the scripts in which a joiner changes what is seen.
_JOINING = re.compile(r"[\u0600-\u109f\u1780-\u18af\ua840-\uabff]")


def _invisible(text: str) -> Iterator[Edit]:
    """A row of invisible characters is judged whole, by what stands before and after it, or the rule were not idempotent."""
    for match in _INVISIBLE.finditer(text):
        row = match.group()
        kept = _visible_part(row, text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1])
        if kept != row:
            yield Edit("invisible", match.start(), row, kept)


def _visible_part(row: str, before: str, after: str) -> str:
    """Of a row of invisible characters, those that change what is seen: one selector, then one joiner."""
    selector = next((character for character in row if _SELECTOR.match(character)), "")
    if not before or before.isspace() or _CHINESE.match(before):
        selector = ""
    joiner = next((character for character in row if character in _JOINERS), "")
    between_emoji = joiner == "\u200d" and _EMOJI.match(before) and _EMOJI.match(after)
    if not between_emoji and not (_JOINING.match(before) and _JOINING.match(after)):
        joiner = ""
    return selector + joiner


_INDENTS = re.compile(rf"^[{SPACES}]+", re.MULTILINE)


def _indents(text: str) -> Iterator[Edit]:
    for match in _INDENTS.finditer(text):
        yield Edit("indents", match.start(), match.group())


# Without the look behind, a long row of spaces inside a line would be tried from each of them: quadratic.
_LINE_ENDS = re.compile(rf"(?<![{SPACES}])[{SPACES}]+$", re.MULTILINE)


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


RULES: tuple[Rule, ...] = (
    Rule("newlines", True, "Turn every kind of line break into one plain newline.", _newlines),
    Rule("controls", True, "Remove control characters and terminal escapes, never a newline or a tab.", _controls),
    Rule("invisible", True, "Remove zero-width, direction and byte-order marks that show nothing.", _invisible),
    Rule("indents", True, "Remove the spaces at the start of a line.", _indents),
    Rule("line_ends", True, "Remove the spaces at the end of a line.", _line_ends),
    Rule("blank_lines", True, "Leave at most one blank line between paragraphs, and end in one newline.", _blank_lines),
)
BY_NAME = {rule.name: rule for rule in RULES}
