"""Lines that begin with a bare number (12, 12., 一、初见, 1-2, IV, Twelve), or with ☆: headings only if they run on.

Such a line proves nothing by itself: it may be an item of a list, a note, a page. A row of them is believed when its
numbers rise by one or so, far apart, over most of the text, and paragraphs end before them. Pure and linear.
"""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.chapters.headings import DIGITS, SPELLED, TENS, TITLE_LIMIT, Heading, english_number, number_of
from pipelines.chapters.places import Place, without_contents

LEAST_ROW = 5
# Between two chapters there are so many characters at least; items of a list are nearer to each other.
LEAST_GAP = 300
# A row reaches over this share of the text, and skips no more than this share of its numbers.
LEAST_REACH = 0.5
MOST_SKIPPED = 0.2
SKIPS = 3
# What it costs to begin at 1 again, in headings: a stray list inside a chapter is not worth it.
RESTART_COST = 4
# Before a chapter a paragraph ends; before the number of a page a sentence goes on, more often than not.
LEAST_ENDED = 0.7
LINE_LIMIT = 60

_CHINESE = f"[{''.join(DIGITS)}{''.join(TENS)}]"
_WORDS = "|".join(sorted(SPELLED, key=len, reverse=True))
_NUMBER = (
    r"(?P<arabic>[0-9０-９]{1,4})(?:[-－–—](?P<second>[0-9０-９]{1,4}))?"
    rf"|(?P<chinese>{_CHINESE}{{1,6}})|(?P<roman>[IVXLC]{{1,8}})|(?P<spelled>(?i:{_WORDS})(?:-(?i:{_WORDS}))?)"
)
_LINE = re.compile(
    rf"(?P<open>[(（【\[〔〈《#＃]?)(?:{_NUMBER})(?P<mark>[)）】\]〕〉》.．、:：]{{0,2}})"
    r"(?P<name>(?:[ \t\u3000].{0,50})?|[^\s\d].{0,50})$"
)
_STAR = re.compile(r"[☆★][、.．]?[ \u3000]{0,3}(?P<name>\S.{0,50})$")
_SENTENCE = re.compile(r"[。．！？；]|[.!?] |[,，;；]$")
_BLANK = " \t\r\n\u3000\xa0\ufeff\u200b"
_ENDED = tuple("。！？….．!?”’」』）)】\"'~～—*＊※=-:：;；")
_LOOKED_BACK = 200


@dataclass(frozen=True, slots=True)
class _Link:
    """A place at the end of the best row that leads to it: the length of that row, and the place before it."""

    length: int
    before: int | None


@dataclass(frozen=True, slots=True)
class _Restart:
    """The end of the longest row so far, behind which numbers may begin again, and what that costs."""

    after: int | None
    cost: int


def numbered_places(text: str, volumes: Sequence[int] = ()) -> list[Place]:
    """The numbered lines that are headings: the longest row of lines written alike, or none.

    Numbers may begin again anywhere, and are likely to behind the headings of `volumes`, named by where they start.
    """
    shapes: dict[str, list[Place]] = {}
    for shape, place in _candidates(text):
        shapes.setdefault(shape, []).append(place)
    rows = (_row(without_contents(places, text), volumes) for places in shapes.values() if len(places) >= LEAST_ROW)
    return max((row for row in rows if _is_believed(row, text)), key=len, default=[])


def _candidates(text: str) -> Iterator[tuple[str, Place]]:
    """Every line that begins with a number or a star, and how it is written."""
    start = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip(_BLANK) if len(line) <= 2 * LINE_LIMIT else ""
        if bare and len(bare) <= LINE_LIMIT and (found := _numbered(bare)):
            shape, number = found
            yield shape, Place(Heading(bare, shape, number), start, start + len(line))
        start += len(line)


def _numbered(line: str) -> tuple[str, int | None] | None:
    """How a numbered line is written, and its number; None for one that is none."""
    if match := _STAR.match(line):
        return ("star", None) if _is_name(match["name"]) else None
    match = _LINE.match(line)
    if match is None or not _is_name(match["name"]):
        return None
    script = next(name for name in ("arabic", "chinese", "roman", "spelled") if match[name])
    touches = match["name"][:1].strip() and not match["mark"]
    wordy = script in ("roman", "spelled") and match["name"] and not match["mark"]
    number = _value(script, match["second"] or match[script])
    if touches or wordy or number is None:
        return None
    return f"{script}{'-' if match['second'] else ''}{match['open']}{match['mark']}", number


def _value(script: str, numeral: str) -> int | None:
    if script in ("roman", "spelled"):
        return english_number(numeral)
    return number_of(numeral)


def _is_name(rest: str) -> bool:
    """Whether what follows the number may be a title, and not a sentence."""
    name = rest.strip(" \t\u3000.．、:：")
    return len(name) <= TITLE_LIMIT and not _SENTENCE.search(name.rstrip("！？!?…"))


def _row(places: Sequence[Place], volumes: Sequence[int]) -> list[Place]:
    """The longest row of places whose numbers rise by one, or skip a few, or begin again; starred ones count as they come."""
    links: list[_Link] = []
    waiting: deque[int] = deque()
    by_number: dict[int, int] = {}
    best: int | None = None
    for index, place in enumerate(places):
        while waiting and place.start - places[waiting[0]].end >= LEAST_GAP:
            ready = waiting.popleft()
            number = places[ready].heading.number or 0
            if number not in by_number or links[ready].length >= links[by_number[number]].length:
                by_number[number] = ready
            if best is None or links[ready].length >= links[best].length:
                best = ready
        new_volume = best is not None and bisect_right(volumes, place.start) > bisect_right(volumes, places[best].start)
        links.append(_link(place.heading.number, by_number, _Restart(best, 0 if new_volume else RESTART_COST), links))
        waiting.append(index)
    return _followed(places, links)


def _link(number: int | None, by_number: dict[int, int], restart: _Restart, links: Sequence[_Link]) -> _Link:
    """The best row that leads to a heading of this number."""
    if number is None:
        return _Link(1, None) if restart.after is None else _Link(links[restart.after].length + 1, restart.after)
    before = [by_number[earlier] for earlier in range(number - SKIPS, number) if earlier in by_number]
    choices = [_Link(1, None), *(_Link(links[index].length + 1, index) for index in before)]
    if number <= 1 and restart.after is not None:
        choices.append(_Link(links[restart.after].length + 1 - restart.cost, restart.after))
    return max(choices, key=lambda link: link.length)


def _followed(places: Sequence[Place], links: Sequence[_Link]) -> list[Place]:
    """The longest row, from its first place on."""
    index = max(range(len(links)), key=lambda index: links[index].length, default=None)
    row: list[Place] = []
    while index is not None:
        row.append(places[index])
        index = links[index].before
    return row[::-1]


def _is_believed(row: Sequence[Place], text: str) -> bool:
    """Whether a row is long, wide and dense enough for chapters, and stands between paragraphs."""
    if len(row) < LEAST_ROW or row[-1].end - row[0].start < LEAST_REACH * len(text):
        return False
    numbers = [place.heading.number for place in row if place.heading.number is not None]
    skipped = sum(max(after - before - 1, 0) for before, after in pairwise(numbers))
    ended = sum(_follows_an_end(place, text) for place in row)
    return skipped <= MOST_SKIPPED * len(row) and (not numbers or numbers[0] <= SKIPS) and ended >= LEAST_ENDED * len(row)


def _follows_an_end(place: Place, text: str) -> bool:
    """Whether a sentence ends before the place, or nothing stands there."""
    before = text[max(place.start - _LOOKED_BACK, 0) : place.start].rstrip(_BLANK)
    return not before or before.endswith(_ENDED)
