"""Where an advertisement begins and ends in a sentence, and in the line that the sentence was read from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.rules.families import DOMAIN, HARD_STORY, LIKELY_PHRASE, SOFT_STORY, SURE_PHRASE, WORD
from pipelines.rules.lookalikes import SALT, View

CLAUSE = re.compile(r"[^。!?…,、:;\s()\[\]【】〖〗《》〈〉「」『』“”\"|—-]+")
LETTERS = re.compile(r"[\u3400-\u9fffa-z0-9]")
# What stands after an advertisement goes with it where the same or more stands before it; "" is a line's start.
_PAUSES, _ENDS = "，、,", "。！？!?…”"
_OPENING, _CLOSING = "([{（【［〔『「〖<《", ")]}）】］〕』」〗>》"


@dataclass(frozen=True, slots=True)
class Part:
    """An advertisement in a view: from where to where, and whether it starts or ends inside a clause of the story."""

    start: int
    end: int
    glued: bool = False


def salted_part(seen: View, strewn: list[int], start: int, end: int) -> tuple[int, int] | None:
    """Where in the view the characters begin and end between which marks are strewn, if at least two are."""
    low, high = seen.places[start], seen.places[end - 1]
    marks = [mark for mark in strewn if low < mark < high]
    if len(marks) < 2:
        return None
    first = next(at for at in range(start, end) if seen.places[at] >= marks[0] - 1)
    last = next(at for at in range(end - 1, start, -1) if seen.places[at] < marks[-1])
    return first, last + 2


def bounded(sentence: str, at: int, run: tuple[int, int], salted: tuple[int, int] | None) -> Part:
    """From the first clause of a run to the last; less, where a clause begins or ends as story."""
    phrases = [found.span() for pattern in (SURE_PHRASE, LIKELY_PHRASE) for found in pattern.finditer(sentence)]
    strong = phrases + _addresses(sentence)
    marks = sorted({*strong, *(found.span() for found in WORD.finditer(sentence))})
    clauses = [found.span() for found in CLAUSE.finditer(sentence) if run[0] <= found.start() < run[1]]
    if salted:
        start, end = salted[0] - at, _chain(marks, salted[1] - at, 1)
        glued_left, glued_right = start > 0, bool(LETTERS.search(sentence[end:]))
    else:
        embedded = LETTERS.search(sentence[: run[0]]) is not None
        start, glued_left = _left(sentence, clauses[0], marks, strong)
        end, glued_right = _right(sentence, clauses[-1], marks, strong, embedded)
    if not LETTERS.search(sentence[end:]) and not glued_left:
        end = len(sentence)
    if not LETTERS.search(sentence[:start]):
        start = 0
    return Part(at + start, at + end, glued_left or glued_right)


def _chain(marks: list[tuple[int, int]], stop: int, gap: int) -> int:
    """The end of the last of the marks that follow each other from `stop` on with no more than `gap` characters between."""
    for start, end in marks:
        if end > stop and start - stop <= gap:
            stop = end
    return stop


def _addresses(sentence: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(f"{DOMAIN}+", sentence)]


# A site's name may stand between two words of the trade.
_HEAD, _GAP, NAME, _TAIL = 8, 3, 4, 6


def _left(
    sentence: str, clause: tuple[int, int], marks: list[tuple[int, int]], strong: list[tuple[int, int]]
) -> tuple[int, bool]:
    """Where the advertisement begins in its first clause: at its start, unless a piece of story stands there."""
    inside = [mark for mark in marks if mark[0] < clause[1] and clause[0] < mark[1]]
    anchor = min((span for span in strong if span[0] < clause[1] and clause[0] < span[1]), default=inside[0])
    begin = anchor[0]
    for start, end in reversed(inside):
        if end <= begin + 1 and begin - end <= _GAP:
            begin = min(start, begin)
    begin = max(begin, clause[0])
    head = sentence[clause[0] : begin]
    if len(head) <= _HEAD and not HARD_STORY.search(head) and not SOFT_STORY.search(head):
        return clause[0], False
    return begin, True


def _right(
    sentence: str, clause: tuple[int, int], marks: list[tuple[int, int]], strong: list[tuple[int, int]], embedded: bool
) -> tuple[int, bool]:
    """Where the advertisement ends in its last clause: at its end, unless story follows an address, or stood before it, too."""
    inside = [span for span in strong if clause[0] < span[1] <= clause[1]]
    addresses = [span for span in inside if sentence[span[0]] == DOMAIN]
    if not addresses and not (embedded and inside):
        return clause[1], False
    anchor = addresses[-1] if addresses else inside[0]
    stop = min(_chain(marks, anchor[1], _GAP if addresses else NAME), clause[1])
    tail = sentence[stop : clause[1]]
    if len(tail) <= _TAIL and not embedded and not HARD_STORY.search(tail) and not SOFT_STORY.search(tail) and stop > anchor[1]:
        return clause[1], False
    return (stop, True) if tail else (clause[1], False)


def span_of(line: str, seen: View, part: Part) -> tuple[int, int]:
    """The part in the line itself, with the symbols and brackets around it that are its own."""
    start, end = seen.places[part.start], seen.places[part.end - 1] + 1
    while end < len(line) and (line[end] in SALT or line[end] == " "):
        end += 1
    while start and (line[start - 1] in SALT or line[start - 1] == " "):
        start -= 1
    if line[max(start - 2, 0) : start] == "，，":
        start -= 1
    if start and end < len(line) and line[start - 1] in _OPENING and line[end] in _CLOSING:
        start, end = start - 1, end + 1
    elif end < len(line) and line[end] in _CLOSING and _lonely(line[start:end]):
        end += 1
    before, after = line[:start].rstrip(" \u3000")[-1:], line[end : end + 1]
    if after and ((before in _PAUSES and after in _PAUSES) or (before in _ENDS and after in _PAUSES + "。！!.")):
        end += 1
    return start, end


def _lonely(piece: str) -> bool:
    """Whether a bracket is opened in `piece` and not closed."""
    return sum(character in _OPENING for character in piece) > sum(character in _CLOSING for character in piece)


def merged(spans: Iterator[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans that touch or overlap, joined."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)
