"""The rule of footnotes: marks such as 〔1〕, ① and [注1], together with the notes that they lead to."""

import re
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule

_MARK = re.compile(r"〔注?[0-9]{1,3}〕|\[注?[0-9]{1,3}\]|［注?[0-9]{1,3}］|【注?[0-9]{1,3}】|[（(]注[0-9]{1,3}[)）]|[①-⑳]")
_INDENT = 20
_HEADING_ROOM = 40
_FIRST = re.compile(rf"(?:\A|\n)[ \t\u3000]{{0,{_INDENT}}}\Z")
_HEADING = re.compile(
    r"(?:\A|\n)([ \t\u3000]{0,9}[【\[]?(?:注|注释|注解|脚注)[】\]]?[:：]?[ \t\u3000]{0,9}\n[\n \t\u3000]{0,9})\Z"
)


def _footnotes(text: str) -> Iterator[Edit]:
    """A line that begins with a mark is the note of the equal marks before it; neither goes without the other."""
    waiting: dict[str, list[int]] = {}
    edits: list[Edit] = []
    done = 0
    for match in _MARK.finditer(text):
        if match.start() < done:
            continue
        if not _is_first(text, match.start()):
            waiting.setdefault(match.group(), []).append(match.start())
        elif places := waiting.pop(match.group(), None):
            edits += (Edit("footnotes", at, match.group()) for at in places)
            done = text.find("\n", match.end()) + 1 or len(text)
            edits.append(_note(text, match.start(), done))
    yield from sorted(edits, key=lambda edit: edit.at)


def _is_first(text: str, at: int) -> bool:
    """Whether nothing stands before the place in its line; of a text's middle one character more is looked at."""
    start = max(0, at - _INDENT - 1)
    return _FIRST.search(text[start:at]) is not None and (start == 0 or "\n" in text[start:at])


def _note(text: str, mark: int, end: int) -> Edit:
    """The note that begins with a mark, and the heading right before it."""
    line = text.rfind("\n", 0, mark) + 1
    heading = _HEADING.search(text[max(0, line - _HEADING_ROOM) : line])
    start = line - len(heading[1]) if heading else line
    return Edit("footnotes", start, text[start:end])


RULES = (Rule("footnotes", 37, False, "middle", "Remove marks of footnotes and the notes that they lead to.", _footnotes),)
