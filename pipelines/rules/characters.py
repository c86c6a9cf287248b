"""Rules of single characters: line breaks, controls, what cannot be seen."""

import re
import unicodedata
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule

# A carriage return too many before CRLF is what a file gets that was written as text twice. No more than one is taken
# for that: looking further would be quadratic in a text of nothing but carriage returns.
_NEWLINES = re.compile(r"\r{1,2}(?=\n)|[\r\x0b\x0c\x85\u2028\u2029]")


def _newlines(text: str) -> Iterator[Edit]:
    if not any(mark in text for mark in "\r\x0b\x0c\x85\u2028\u2029"):
        return
    for match in _NEWLINES.finditer(text):
        before_newline = match.end() < len(text) and text[match.end()] == "\n" and match.group()[0] == "\r"
        yield Edit("newlines", match.start(), match.group(), "" if before_newline else "\n")


# The sequences a terminal understands are those of ECMA-48: colours and cursor moves, and titles. Whatever the newlines
# rule makes a newline of is left to it, for to remove it would join two lines.
_CONTROLS = re.compile(
    r"\x1b\[[0-?]{0,32}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b\r\n]{0,200}(?:\x07|\x1b\\)"
    "|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]"
)


_ASCII_CONTROLS = bytes((*range(9), *range(14, 32), 127))


def _controls(text: str) -> Iterator[Edit]:
    # Counting what bytes are left is ten times as quick as searching.
    if text.isascii() and len(text.encode().translate(None, _ASCII_CONTROLS)) == len(text):
        return
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
    if text.isascii():
        return
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


# Tabs and the spaces of other widths; U+3000 is as wide as a Chinese character.
_ODD = "\t\u00a0\u2000-\u200a\u202f\u205f\u3000"
# Neither at a line's start, where indents tell paragraphs apart, nor at its end, which is another rule's.
# The set comes first and the look behind after it: so most characters are passed by quickly.
_SPACES = re.compile(rf"[ {_ODD}](?<=\S[ {_ODD}])(?:(?<=[{_ODD}])|(?=[ {_ODD}]))[ {_ODD}]*(?=\S)")


def _spaces(text: str) -> Iterator[Edit]:
    if text.isascii() and "  " not in text and "\t" not in text:
        return
    for match in _SPACES.finditer(text):
        yield Edit("spaces", match.start(), match.group(), " ")


_IDEOGRAPH = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BESIDE = f"{_IDEOGRAPH}\u3001-\u301b\uff01-\uff1f"
_GAPS = re.compile(rf"(?<=[{_BESIDE}])[ {_ODD}]{{1,200}}(?=[{_BESIDE}])")
# A scanned text has spaces after every third character or more; a written one in a title here and there.
SYSTEMATIC_GAPS = 0.05


def _chinese_gaps(text: str) -> Iterator[Edit]:
    gaps = list(_GAPS.finditer(text))
    if len(gaps) >= SYSTEMATIC_GAPS * len(text):
        for match in gaps:
            yield Edit("chinese_gaps", match.start(), match.group())


_COMPATIBILITY = "\uf900-\ufaff\U0002f800-\U0002fa1f"
# Nothing joins with an ASCII character before it, and with a Chinese one neither way: what stands between them can be
# composed by itself. NFC would replace compatibility ideographs, too; that is left to the rule with their name.
_STRETCH = re.compile(f"[\x00-\x7f]?[^\x00-\x7f\u4e00-\u9fff{_COMPATIBILITY}]+")


def _composition(text: str) -> Iterator[Edit]:
    """Only NFC, never NFKC, which makes half-width punctuation of Chinese (cleaning.md §0)."""
    if unicodedata.is_normalized("NFC", text):
        return
    for match in _STRETCH.finditer(text):
        composed = unicodedata.normalize("NFC", match.group())
        if composed != match.group():
            yield Edit("composition", match.start(), match.group(), composed)


# The radicals that a font of simplified Chinese draws like the character, and that Unicode gives no mapping for.
_RADICALS = "⺟母⺠民⻁虎⻄西⻅见⻆角⻉贝⻋车⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻬齐⻮齿⻰龙⻳龟"


def _unified() -> dict[str, str]:
    """Each look-alike and its character: compatibility ideographs by NFC, the Kangxi radicals by NFKC (Unicode 3.2).

    Twelve characters among the compatibility ideographs (U+FA0E and others) are no look-alikes, and have no mapping.
    """
    ideographs = map(chr, (*range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20)))
    unified = {character: unicodedata.normalize("NFC", character) for character in ideographs}
    unified |= {radical: unicodedata.normalize("NFKC", radical) for radical in map(chr, range(0x2F00, 0x2FD6))}
    unified |= dict(zip(_RADICALS[::2], _RADICALS[1::2], strict=True))
    return {character: plain for character, plain in unified.items() if character != plain}


_UNIFIED = _unified()
# Three ranges are searched more quickly than the thousand characters in them.
_LOOKALIKE = re.compile(f"[\u2e80-\u2fdf{_COMPATIBILITY}]")


def _compatibility(text: str) -> Iterator[Edit]:
    if text.isascii():
        return
    for match in _LOOKALIKE.finditer(text):
        if (plain := _UNIFIED.get(match.group())) is not None:
            yield Edit("compatibility", match.start(), match.group(), plain)


RULES = (
    Rule("newlines", 1, True, "low", "Turn every kind of line break into one plain newline.", _newlines),
    Rule("controls", 2, True, "low", "Remove control characters and terminal escapes, never a newline or a tab.", _controls),
    Rule("invisible", 3, True, "low", "Remove zero-width, direction and byte-order marks that show nothing.", _invisible),
    Rule("spaces", 4, True, "middle", "Make one plain space of tabs, odd spaces and rows of spaces inside a line.", _spaces),
    Rule("chinese_gaps", 4, False, "middle", "Remove the spaces that scanning left between Chinese characters.", _chinese_gaps),
    Rule("composition", 5, True, "low", "Put letters and their accents together (Unicode NFC).", _composition),
    Rule("compatibility", 6, True, "low", "Put the usual character for its look-alikes and radicals.", _compatibility),
)
