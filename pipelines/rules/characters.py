"""Rules of single characters: line breaks, controls, what cannot be seen."""

import re
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule

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


RULES = (
    Rule("newlines", 1, True, "low", "Turn every kind of line break into one plain newline.", _newlines),
    Rule("controls", 2, True, "low", "Remove control characters and terminal escapes, never a newline or a tab.", _controls),
    Rule("invisible", 3, True, "low", "Remove zero-width, direction and byte-order marks that show nothing.", _invisible),
)
