"""Rules of what websites put between and into the lines. Advertisements are found here and judged in `adverts.py`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipelines.rules import notes, site_blocks
from pipelines.rules.adverts import Verdict, judge
from pipelines.rules.cues import places
from pipelines.rules.rule import Edit, Rule
from pipelines.rules.uploaders import is_notice

# Lines longer than this are judged in pieces, so that no pattern ever sees more.
WINDOW = 2_000
# More cues than this in a line or window: a row of addresses, which would take long to judge.
_CROWD = 200
# A line that begins so is read as English; one that is an address and no more is nobody's language.
_MOSTLY_LATIN = re.compile(
    r"(?=[^\n]{0,40}[A-Za-z]{2,}[:,.?]? {1,3}[A-Za-z]{2,})[\x20-\x7e\u2010-\u201f]{8}[^\u3400-\u9fff]{0,400}$"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """An advertisement in a text: the offset of the piece that was judged, its end, and the verdict."""

    start: int
    end: int
    verdict: Verdict


@lru_cache(maxsize=1)
def _found(text: str) -> tuple[_Found, ...]:
    """The advertisements of a text. Two rules ask in turn about one text, so the last answer is kept."""
    return tuple(_search(text))


def _search(text: str) -> Iterator[_Found]:
    for start, end in _pieces(text):
        line = text[start:end]
        complete = (not start or text[start - 1] == "\n") and (end == len(text) or text[end] == "\n")
        verdict = _notice(line) if complete and _MOSTLY_LATIN.match(line) else judge(line)
        if verdict.spans and (complete or not verdict.whole):
            yield _Found(start, end, verdict)


def _notice(line: str) -> Verdict:
    return Verdict(((0, len(line)),), True) if is_notice(line) else Verdict(())


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The lines with cues, but for those with so many that they are neither story nor advertisement."""
    start = end = crowd = 0
    for cue in places(text):
        if cue < end:
            crowd += 1
            continue
        if 0 < crowd <= _CROWD:
            yield start, end
        start, end = _piece(text, end, cue)
        end, crowd = max(end, cue + 1), 1
    if 0 < crowd <= _CROWD:
        yield start, end


def _piece(text: str, least: int, cue: int) -> tuple[int, int]:
    """The line around a cue, or the sentences of it that fit into the window."""
    low = max(least, cue - WINDOW // 2)
    newline = text.rfind("\n", low, cue)
    start = newline + 1 if newline >= 0 else low
    if newline < 0 and low > 0 and text[low - 1] != "\n":
        start = text.find("。", low, cue) + 1 or low
    high = min(start + WINDOW, len(text))
    newline = text.find("\n", cue, high)
    if newline >= 0:
        return start, newline
    if high == len(text) or text[high] == "\n":
        return start, high
    return start, text.rfind("。", cue, high) + 1 or high


def _ad_lines(text: str) -> Iterator[Edit]:
    for found in _found(text):
        if found.verdict.whole:
            end = found.end + (text[found.end : found.end + 1] == "\n")
            yield Edit("ad_lines", found.start, text[found.start : end])
        elif not found.verdict.glued:
            yield from _cut("ad_lines", text, found)


def _ad_spans(text: str) -> Iterator[Edit]:
    for found in _found(text):
        if found.verdict.glued and not found.verdict.whole:
            yield from _cut("ad_spans", text, found)


def _cut(rule: str, text: str, found: _Found) -> Iterator[Edit]:
    for start, end in found.verdict.spans:
        yield Edit(rule, found.start + start, text[found.start + start : found.start + end])


RULES: tuple[Rule, ...] = (
    *site_blocks.RULES,
    Rule("ad_spans", 15, True, "middle", "Remove advertisements that were glued into a sentence of the story.", _ad_spans),
    Rule("ad_lines", 14, True, "middle", "Remove lines and sentences that advertise a website, an app or a group.", _ad_lines),
    *notes.RULES,
)
