"""Rules of chapters: one way to write headings; repeated titles, tables of contents, second copies of chapters and paragraphs.

The rules that drop lines look again at what is left until nothing is to be dropped, so that each is idempotent.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from pipelines.chapters import LEAST_HEADINGS, chapter_places
from pipelines.chapters.places import Place, contents_rows, heading_places, is_bare
from pipelines.likeness import LEAST_CHARACTERS, alike, folded, sketch
from pipelines.rules.rule import Edit, Rule

# Only a text made for it needs more rounds than two or three.
ROUNDS = 10
LEAST_PARAGRAPH = 30
_BLANK = " \t\r\n\u3000\xa0\ufeff\u200b"
_NEXT_LINE = re.compile(r"\S.*")
# Quotation marks and the ends of sentences are not among them: “你是谁？” below 你是谁 is somebody who speaks.
_BETWEEN = re.compile(r"[\s:：、·.．—–\-～~【】\[\]（）()☆★]+")
_CONTENTS = re.compile(r"[【\[《]?(?:目[ \t\u3000]{0,4}[录錄次]|(?i:table of contents|contents))[】\]》]?[:：]?")
_LOOKED_BACK = 200

Span = tuple[int, int]


def _headings(text: str) -> Iterator[Edit]:
    places = heading_places(text)
    if len(places) < LEAST_HEADINGS:
        return
    for place in places:
        line = text[place.start : place.end]
        written = line.strip().strip(_BLANK)
        if written != place.heading.canonical:
            yield Edit("headings", place.start + line.index(written), written, place.heading.canonical)


def _dropping(name: str, find: Callable[[str], list[Span]]) -> Callable[[str], Iterator[Edit]]:
    """The edits that drop what `find` finds in a text, and in what is left of it."""

    def edits(text: str) -> Iterator[Edit]:
        dropped: list[Span] = []
        left = text
        for _ in range(ROUNDS):
            if not (found := find(left)):
                break
            dropped = _united(dropped + [_before(span, dropped) for span in found])
            left = _without(text, dropped)
        for start, end in dropped:
            yield Edit(name, start, text[start:end])

    return edits


def _before(span: Span, dropped: Sequence[Span]) -> Span:
    """Where a span of a text stood before the earlier spans were dropped."""
    gone, starts, sizes = 0, [], [0]
    for start, end in dropped:
        starts.append(start - gone)
        gone += end - start
        sizes.append(gone)
    start, last = span[0], span[1] - 1
    return start + sizes[bisect_right(starts, start)], last + sizes[bisect_right(starts, last)] + 1


def _united(spans: list[Span], reach: int = 0) -> list[Span]:
    """The spans in order, those that overlap, or are within `reach` characters, made one."""
    united: list[Span] = []
    for start, end in sorted(spans):
        if united and start < united[-1][1] + reach:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _without(text: str, spans: Sequence[Span]) -> str:
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)]
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _repeated_titles(text: str) -> list[Span]:
    """The lines below a heading that say it again, or a bare number above the same number with a name."""
    spans: list[Span] = []
    done = 0
    places = heading_places(text)
    for place, after in zip_longest(places, places[1:]):
        if place.start < done:
            continue
        done = place.end
        wanted = {_plain(text[place.start : place.end]), _plain(place.heading.name)} - {""}
        while (following := _next_line(text, done)) and _plain(text[slice(*following)]) in wanted:
            spans.append(following)
            done = following[1]
        if after and after.key == place.key and is_bare(text, done, after.start) and not place.heading.name:
            spans.append((place.start, place.end))
    return spans


def _next_line(text: str, start: int) -> Span | None:
    """The next line from `start` on with anything on it, its newline included."""
    match = _NEXT_LINE.search(text, start)
    if match is None:
        return None
    return max(text.rfind("\n", start, match.start()) + 1, start), min(match.end() + 1, len(text))


def _plain(line: str) -> str:
    return _BETWEEN.sub("", line)


def _contents(text: str) -> list[Span]:
    """The lines of tables of contents whose headings come again, and the word 目录 above them."""
    spans: list[Span] = []
    for row in contents_rows(heading_places(text), text, sure=True):
        spans.append((_contents_start(row[0], text), row[0].start))
        for place, after in zip(row, [*row[1:], None], strict=True):
            bare = after is not None and is_bare(text, place.end, after.start)
            spans.append((place.start, after.start if after and bare else place.end))
    return _united([span for span in spans if span[0] < span[1]], reach=1)


def _contents_start(first: Place, text: str) -> int:
    """Where the line 目录 begins, if it stands right above the first heading."""
    begin = max(first.start - _LOOKED_BACK, 0)
    above = text[begin : first.start].rstrip(_BLANK)
    line = above.rsplit("\n", 1)[-1]
    is_whole = "\n" in above or begin == 0
    return begin + len(above) - len(line) if is_whole and _CONTENTS.fullmatch(line.strip(_BLANK)) else first.start


def _bodies(text: str) -> list[tuple[Span, str]]:
    """The span of each chapter that has a heading, and its text without that; none where headings are few."""
    places = chapter_places(text)
    if len(places) < LEAST_HEADINGS:
        return []
    ends = [*(place.start for place in places[1:]), len(text)]
    bodies = [((place.start, end), text[place.end : end]) for place, end in zip(places, ends, strict=True)]
    (start, end), body = bodies[-1]
    return [*bodies[:-1], ((_after_last_line(text, start), end), body)]


def _after_last_line(text: str, start: int) -> int:
    """Where the last line before `start` ends, so that no blank lines are left at the end of a text."""
    above = text[max(start - _LOOKED_BACK, 0) : start]
    newline = above.find("\n", len(above.rstrip(_BLANK)))
    return start if newline < 0 or not above.strip(_BLANK) else start - len(above) + newline + 1


def _same_chapters(text: str) -> list[Span]:
    """The chapters whose letters are all those of an earlier one."""
    seen: set[str] = set()
    spans: list[Span] = []
    for span, body in _bodies(text):
        letters = "".join(filter(str.isalnum, body))
        if len(letters) >= LEAST_CHARACTERS and letters in seen:
            spans.append(span)
        seen.add(letters)
    return spans


def _similar_chapters(text: str) -> list[Span]:
    """The chapters that are the same as one that stays, or near to it."""
    bodies = _bodies(text)
    gone: set[int] = set()
    for likeness in sorted(alike([sketch(folded(body)) for _, body in bodies]), key=lambda found: (found.other, found.one)):
        if likeness.one not in gone:
            gone.add(likeness.other)
    return [bodies[place][0] for place in sorted(gone)]


def _same_paragraphs(text: str) -> list[Span]:
    """The long lines that say what the line before them said, with the blank lines between."""
    spans: list[Span] = []
    start, last, last_end = 0, "", 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        if squeezed := "".join(line.split()):
            if squeezed == last and sum(map(str.isalnum, squeezed)) >= LEAST_PARAGRAPH:
                spans.append((last_end, end))
            last, last_end = squeezed, end
        start = end
    return spans


RULES: tuple[Rule, ...] = (
    Rule("headings", 22, True, "middle", "Write every chapter heading in one way, without ornaments.", _headings),
    Rule(
        "repeated_title",
        23,
        True,
        "low",
        "Drop a chapter's title where it is repeated at the start of the chapter.",
        _dropping("repeated_title", _repeated_titles),
    ),
    Rule(
        "contents",
        24,
        True,
        "low",
        "Drop a table of contents whose headings come again in the text.",
        _dropping("contents", _contents),
    ),
    Rule(
        "same_chapters",
        25,
        True,
        "low",
        "Drop a chapter that has the same words as an earlier one.",
        _dropping("same_chapters", _same_chapters),
    ),
    Rule(
        "similar_chapters",
        25,
        False,
        "middle",
        "Drop a chapter that is nearly the same as an earlier one.",
        _dropping("similar_chapters", _similar_chapters),
    ),
    Rule(
        "same_paragraphs",
        26,
        False,
        "high",
        "Drop a long paragraph that only repeats the one before it.",
        _dropping("same_paragraphs", _same_paragraphs),
    ),
)
