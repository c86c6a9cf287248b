"""Rules of quotation marks: repair pairs with one ASCII side, and write all of them in one style.

A paragraph is a line. Where its ASCII marks do not alternate, only those change whose neighbours leave no doubt.
"""

import re
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule

_MARKS = re.compile('[“”「」"]')
_OPENING = "“「"
_BEFORE_OPENING = re.compile(r"[\s：，。！？；、…—》）:,.!?;”」’』（(《]\Z")
_BEFORE_CLOSING = re.compile(r"[，。．！？；…～~—,.!?;’』）)》]\Z")
_AFTER_CLOSING = re.compile(r"[\s，。．！？；：、…—）),.!?;:”」’』]|\Z")


def _lines_with(text: str, mark: str) -> Iterator[tuple[int, str]]:
    """The lines that hold a mark, each with its offset."""
    at = text.find(mark)
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield start, text[start:end]
        at = text.find(mark, end)


def _sides(line: str) -> list[tuple[int, str, bool]] | None:
    """The double marks of a line: where, which, whether it opens; None if they do not alternate from open to closed."""
    sides: list[tuple[int, str, bool]] = []
    opens = True
    for match in _MARKS.finditer(line):
        mark = match.group()
        if mark != '"' and (mark in _OPENING) != opens:
            return None
        sides.append((match.start(), mark, opens))
        opens = not opens
    return sides if opens else None


def _quote_pairs(text: str) -> Iterator[Edit]:
    if "“" not in text and "”" not in text:
        return
    for start, line in _lines_with(text, '"'):
        sides = _sides(line)
        for at, opens in _neighbours(line) if sides is None else _halves(line, sides):
            yield Edit("quote_pairs", start + at, '"', "“" if opens else "”")


def _halves(line: str, sides: list[tuple[int, str, bool]]) -> list[tuple[int, bool]]:
    """The straight marks whose partner is curly, of a line whose marks alternate; none if one of them is in an odd place."""
    pairs = [pair for pair in zip(sides[::2], sides[1::2], strict=True) if {mark for _, mark, _ in pair} & set("“”")]
    halves = [(at, opens) for pair in pairs for at, mark, opens in pair if mark == '"']
    return halves if all(_is_plausible(line, at, opens) for at, opens in halves) else []


def _neighbours(line: str) -> Iterator[tuple[int, bool]]:
    """Of a line that lacks a mark somewhere, the straight ones next to a curly partner, after the end of a sentence or before
    the beginning of one.
    """
    marks = [(match.start(), match.group()) for match in _MARKS.finditer(line)]
    previous = ""
    for (at, mark), (_, following) in zip(marks, [*marks[1:], (0, "")], strict=True):
        if mark == '"' and previous == "“" and following != "”" and _BEFORE_CLOSING.match(line[at - 1 : at]):
            yield at, False
            previous = "”"
        elif mark == '"' and previous in ("", "”") and following == "”" and _is_plausible(line, at, True):
            yield at, True
            previous = "“"
        else:
            previous = mark


def _is_plausible(line: str, at: int, opens: bool) -> bool:
    """Whether an ASCII mark stands where one opens or closes: alternation alone takes “he said "good" then” for two pairs."""
    before, after = line[max(0, at - 1) : at], line[at + 1 : at + 2]
    if opens:
        return not before or _BEFORE_OPENING.match(before) is not None
    return _BEFORE_CLOSING.match(before) is not None or _AFTER_CLOSING.match(after) is not None


_CURLY = {"「": "“", "」": "”", "『": "‘", "』": "’"}
_CORNER = {curly: corner for corner, curly in _CURLY.items()}
_CORNER_MARKS = re.compile("[「」『』]")
# An apostrophe looks like a closing quote.
_CURLY_MARKS = re.compile("[“”‘]|(?<![A-Za-z])’|’(?![A-Za-z])")


def _curly_quotes(text: str) -> Iterator[Edit]:
    return _restyled(text, "curly_quotes", _CORNER_MARKS, _CURLY, "“”")


def _corner_quotes(text: str) -> Iterator[Edit]:
    return _restyled(text, "corner_quotes", _CURLY_MARKS, _CORNER, "「」")


def _restyled(text: str, rule: str, marks: "re.Pattern[str]", style: dict[str, str], pair: str) -> Iterator[Edit]:
    """Marks that say which way they point are turned one for one, so a speech over several paragraphs keeps its shape."""
    edits = [Edit(rule, match.start(), match.group(), style[match.group()]) for match in marks.finditer(text)]
    for start, line in _lines_with(text, '"'):
        for at, mark, opens in _sides(line) or ():
            if mark == '"':
                edits.append(Edit(rule, start + at, mark, pair[0] if opens else pair[1]))
    return iter(sorted(edits, key=lambda edit: edit.at))


RULES = (
    Rule("quote_pairs", 32, True, "low", "Make an ASCII quotation mark curly whose partner is.", _quote_pairs),
    Rule("curly_quotes", 31, False, "middle", "Write quotation marks as “ ” and ‘ ’.", _curly_quotes),
    Rule("corner_quotes", 31, False, "middle", "Write quotation marks as 「 」 and 『 』.", _corner_quotes),
)
