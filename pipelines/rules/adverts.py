"""Judging one line: which part of it is an advertisement. Knows nothing of texts and rules.

A line falls into sentences, a sentence into clauses. Phrases that only websites use, addresses and everyday words of the trade
add up to points; a narrator's or a character's voice raises what is asked. What is taken goes from the first clause of the
trade to the last, or, where an address was glued into a sentence, from its first word of the trade to its last.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.rules.cues import places
from pipelines.rules.families import (
    ADDRESS,
    DOMAIN,
    HARD_STORY,
    LIKELY_PHRASE,
    NETWORK_STORY,
    SOFT_STORY,
    SURE_PHRASE,
    WORD,
    WORLD,
)
from pipelines.rules.lookalikes import SALT, View, salts, view
from pipelines.rules.spans import PASSES, missing, outside

# A line goes whole when no more of it than this is left (the catalogue's figure), else only the advertisement does.
STORY_CHARACTERS = 12
# Points asked for; points for standing alone in a line that ends like a heading, or in brackets.
_NEEDED = 3.5
_HEADLINE = 2.5
# So many letters may stand among clauses of the trade without being of it.
_FEW = 8
# A sentence of the story has this many characters at least.
_LEAST_SENTENCE = 4
_LONGEST = 400
_SENTENCE = re.compile(r"[^。!?…]+(?:[。!?…]+[”’」』)\]】〗》\"]*)?|[。!?…]+[”’」』)\]】〗》\"]*")
_CLAUSE = re.compile(r"[^。!?…,、:;\s()\[\]【】〖〗《》〈〉「」『』“”\"|—-]+")
_BRACKETS = re.compile(r"[(\[【〖〔{《<『][^()\[\]【】〖〗〔〕《》『』]{2,160}[)\]】〗〕}》>』]|——[^—]{4,80}——")
_TITLE = re.compile("《[^《》]{1,30}》")
_ENDED = re.compile(r"[。?”」…][)\]】』]?$")
_QUOTED = re.compile(r"“[^”]{0,1500}(?:”|$)|「[^」]{0,1500}(?:」|$)|\"[^\"]{2,300}\"|‘[^’]{2,200}’")
_IDEOGRAPHS = re.compile("[\u3400-\u9fff]")
_LETTERS = re.compile(r"[\u3400-\u9fffa-z0-9]")
_HEADING = re.compile(
    r"\s{0,8}(?:[^第\n]{0,8}(?=第[^\n]{1,12}[章回]))?(?:正文\s{0,4})?(?:第\s{0,2}[0-9〇零○一二两三四五六七八九十百千]"
    r"{1,9}\s{0,2}[章回节卷集部幕话]|楔子|序章|尾声|番外|chapter\s{0,3}\d)"
)
_ASIDE = re.compile(f"[(\\[【〖〔][^()\\[\\]【】〖〗〔〕]{{0,80}}[)\\]】〗〕]|{DOMAIN}+")
# What is quoted is speech, not a name, when it is long or has a mark of a sentence.
_SPEAKS = re.compile("^.{16}|[,。!?…]")
_SAID = re.compile(r"[\u3400-\u9fff][。!?…]+[”」]?\s*$|[”」]\s*$")
_POLITE = re.compile(r"请|您|大家|读者|书友|欢迎")
# Brackets in which stories print what a system, a sign or a stage direction says.
_ANNOUNCING = "【〔『"
_OPENING, _CLOSING = "([{（【［〔『「〖<《", ")]}）】］〕』」〗>》"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a line is an advertisement: spans of offsets; whether the line goes whole; whether one was inside a sentence."""

    spans: tuple[tuple[int, int], ...]
    whole: bool = False
    glued: bool = False


NOTHING = Verdict(())


@dataclass(frozen=True, slots=True)
class _Part:
    """An advertisement in a view: from where to where, and whether it starts or ends inside a clause of the story."""

    start: int
    end: int
    glued: bool = False


def judge(line: str) -> Verdict:
    """What of `line` is an advertisement; of what is left after that, nothing is. A line that does not settle is left alone."""
    places = list(range(len(line)))
    rest, glued = line, False
    for _ in range(PASSES):
        found = _judge_once(rest)
        if not found.spans:
            return Verdict(missing(places, len(line)), False, glued) if len(rest) < len(line) else NOTHING
        glued |= found.glued
        if found.whole:
            return Verdict(((0, len(line)),), True, glued)
        places = outside(places, found.spans)
        rest = "".join([line[place] for place in places])
    return NOTHING


def _judge_once(line: str) -> Verdict:
    seen = view(line)
    text = ADDRESS.sub(lambda match: DOMAIN * len(match.group()), seen.text)
    parts = list(_in_heading(text)) if _HEADING.match(text) else _parts(text, line, seen)
    if not parts:
        return NOTHING
    rest = "".join(text[left:right] for left, right in _between(parts, len(text)))
    spans = _merged(_span(line, seen, part) for part in parts)
    return Verdict(spans, _goes_whole(rest, text), any(part.glued for part in parts))


def _in_heading(text: str) -> Iterator[_Part]:
    """Of a heading only addresses go, and brackets that hold nothing but an advertisement."""
    for match in _ASIDE.finditer(text):
        if DOMAIN in match.group() or SURE_PHRASE.search(match.group()):
            yield _Part(*match.span())


def _parts(text: str, line: str, seen: View) -> list[_Part]:
    """The advertisements among the sentences and asides of a line; or the whole line, where every sentence is of the trade."""
    sentences = [match.span() for match in _SENTENCE.finditer(text)]
    quoted = [
        match.span() for match in _QUOTED.finditer(text) if _SPEAKS.search(match.group()) or not text[: match.start()].strip()
    ]
    strewn = salts(line)
    cues = list(places(text))
    if not quoted and _is_all_trade(text, sentences, strewn):
        return [_Part(0, len(text))]
    parts: list[_Part] = []
    for start, end in _segments(text, sentences):
        salted = _salted(seen, strewn, start, end)
        if salted or DOMAIN in text[start:end] or any(start <= cue < end for cue in cues):
            parts += _in_segment(text, (start, end), quoted, salted)
    return parts


def _between(parts: list[_Part], length: int) -> Iterator[tuple[int, int]]:
    done = 0
    for part in parts:
        yield done, part.start
        done = part.end
    yield done, length


def _goes_whole(rest: str, text: str) -> bool:
    """Whether what is left of a line is too little to be a sentence of the story or a heading."""
    letters = len(_LETTERS.findall(rest))
    if letters > STORY_CHARACTERS or _HEADING.match(text):
        return False
    return letters < _LEAST_SENTENCE or not _SAID.search(rest) or WORD.search(rest) is not None


def _segments(text: str, sentences: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The sentences, cut where an aside in brackets or between dashes begins and ends."""
    for start, end in sentences:
        done = start
        for aside in _BRACKETS.finditer(text, start, end):
            if not _could_advertise(aside.group()):
                continue
            if aside.start() > done:
                yield done, aside.start()
            yield aside.span()
            done = aside.end()
        if done < end:
            yield done, end


def _could_advertise(aside: str) -> bool:
    """Whether an aside is looked at for itself; an address alone belongs to the words around it."""
    if DOMAIN in aside and not _LETTERS.search(aside):
        return False
    return (
        DOMAIN in aside or SURE_PHRASE.search(aside) is not None or len({found.lastgroup for found in WORD.finditer(aside)}) >= 2
    )


def _is_all_trade(text: str, sentences: list[tuple[int, int]], strewn: list[int]) -> bool:
    if len(text) > _LONGEST or HARD_STORY.search(text):
        return False
    for start, end in sentences:
        sentence = text[start:end]
        kinds = {found.lastgroup for found in WORD.finditer(sentence)}
        idle = sum(len(_IDEOGRAPHS.findall(clause)) for clause in _CLAUSE.findall(sentence) if not _speaks(clause))
        plain = len(_LETTERS.findall(sentence)) <= _FEW and not SOFT_STORY.search(sentence)
        if idle > _FEW and not plain:
            return False
        if not plain and len(kinds) < 2 and DOMAIN not in sentence and not SURE_PHRASE.search(sentence):
            return False
    return _points(text, len(strewn) > 1) + _HEADLINE * (not _ENDED.search(text) and text[:1] not in _ANNOUNCING) >= _NEEDED


def _points(run: str, salted: bool) -> float:
    """How much speaks for an advertisement, less what speaks for a story."""
    sure, address = SURE_PHRASE.search(run), DOMAIN in run
    words = {found.lastgroup for found in WORD.finditer(run)}
    likely = {found.lastgroup for found in LIKELY_PHRASE.finditer(run)}
    points = 3 * bool(sure) + 1.5 * min(len(likely), 2) + 3 * address + 2.5 * salted + min(len(words), 5)
    polite = _POLITE.search(run) is not None
    if SOFT_STORY.search(run):
        points -= 2 if sure or polite else 4
    if HARD_STORY.search(run):
        points -= 4
    if WORLD.search(_TITLE.sub("", run)):
        points -= 5
    if address and not polite and NETWORK_STORY.search(run):
        points -= 3
    return points


def _in_segment(
    text: str, segment: tuple[int, int], quoted: list[tuple[int, int]], salted: tuple[int, int] | None
) -> Iterator[_Part]:
    """The runs of clauses of the trade that are advertisements, in a sentence or aside."""
    start, end = segment
    piece = text[start:end]
    aside = _BRACKETS.fullmatch(piece) is not None
    for run in _runs(piece, salted and (salted[0] - start, min(salted[1] - start + _NAME, len(piece)))):
        words = piece[run[0] : run[1]]
        alone = not _LETTERS.search(text[:start] + piece[: run[0]] + piece[run[1] :] + text[end:])
        bonus = _HEADLINE * (
            (aside and piece[0] not in _ANNOUNCING)
            or (alone and not _ENDED.search(text))
            or not _LETTERS.search(words.replace(DOMAIN, ""))
        )
        told = _told(text, piece, words)
        around = next(
            (span for span in quoted if span[0] <= start + run[0] < span[1] and start + run[0] + len(words) / 2 < span[1]), None
        )
        if not around and text[:1] in "“「‘" and not (_points(words, salted is not None) >= _NEEDED + 2 or salted):
            continue
        if around and not _interrupts(text, words, around):
            continue
        if aside and piece[0] in _ANNOUNCING and WORLD.search(_TITLE.sub("", text)):
            continue
        part = _bounded(piece, start, run, salted)
        cut = text[part.start : part.end]
        apart = part.glued and (SURE_PHRASE.search(cut) or (DOMAIN in cut and not NETWORK_STORY.search(piece)))
        points = _points(cut if apart else words, salted is not None)
        if points + bonus - told >= _NEEDED:
            yield part
        elif (mark := _watermark(piece, start, piece.find(DOMAIN), around)) is not None:
            yield mark


def _told(text: str, piece: str, words: str) -> int:
    """How much the sentence around a run, or for a bare address the line, speaks for a story."""
    told = 2 if HARD_STORY.search(piece) and not HARD_STORY.search(words) else 0
    bare = DOMAIN in words and not SURE_PHRASE.search(words) and not _POLITE.search(words)
    return told + (3 if bare and NETWORK_STORY.search(text) else 0)


def _interrupts(text: str, words: str, around: tuple[int, int]) -> bool:
    """Whether an advertisement was glued into a longer speech, which no speaker would do."""
    beside = len(_LETTERS.findall(text[around[0] : around[1]])) - len(_LETTERS.findall(words))
    return SURE_PHRASE.search(words) is not None and DOMAIN in words and beside >= STORY_CHARACTERS / 2


def _speaks(clause: str) -> bool:
    return DOMAIN in clause or WORD.search(clause) is not None or SURE_PHRASE.search(clause) is not None


def _runs(piece: str, salted: tuple[int, int] | None) -> Iterator[tuple[int, int]]:
    """Neighbouring clauses that speak of the trade, and nowhere of a person."""
    clauses = [found.span() for found in _CLAUSE.finditer(piece)]
    if salted:
        yield salted
        return
    run: list[tuple[int, int]] = []
    for clause in clauses:
        words = piece[clause[0] : clause[1]]
        told = HARD_STORY.search(words) is not None
        between = bool(run) and clause is not clauses[-1] and len(words) <= _FEW and not told and not SOFT_STORY.search(words)
        if DOMAIN in words or (_speaks(words) and not told) or (between and not _speaks(words)):
            run.append(clause)
        elif run:
            yield run[0][0], run[-1][1]
            run = []
    if run:
        yield run[0][0], run[-1][1]


def _watermark(sentence: str, at: int, address: int, around: tuple[int, int] | None) -> _Part | None:
    """A bare address between two characters of a sentence that speaks of nothing of the kind."""
    if address < 0 or around or NETWORK_STORY.search(sentence) or len({found.lastgroup for found in WORD.finditer(sentence)}) > 1:
        return None
    end = address + len(sentence) - address - len(sentence[address:].lstrip(DOMAIN))
    before, after = sentence[address - 1 : address], sentence[end : end + 1]
    if re.match("[\u3400-\u9fff,。”]", before) and (not after or re.match("[\u3400-\u9fff。,]", after)):
        return _Part(at + address, at + end, True)
    return None


def _salted(seen: View, strewn: list[int], start: int, end: int) -> tuple[int, int] | None:
    """Where in the view the characters begin and end between which marks are strewn, if at least two are."""
    low, high = seen.places[start], seen.places[end - 1]
    marks = [mark for mark in strewn if low < mark < high]
    if len(marks) < 2:
        return None
    first = next(at for at in range(start, end) if seen.places[at] >= marks[0] - 1)
    last = next(at for at in range(end - 1, start, -1) if seen.places[at] < marks[-1])
    return first, last + 2


def _bounded(sentence: str, at: int, run: tuple[int, int], salted: tuple[int, int] | None) -> _Part:
    """From the first clause of a run to the last; less, where a clause begins or ends as story."""
    phrases = [found.span() for pattern in (SURE_PHRASE, LIKELY_PHRASE) for found in pattern.finditer(sentence)]
    strong = phrases + _addresses(sentence)
    marks = sorted({*strong, *(found.span() for found in WORD.finditer(sentence))})
    clauses = [found.span() for found in _CLAUSE.finditer(sentence) if run[0] <= found.start() < run[1]]
    if salted:
        start, end = salted[0] - at, _chain(marks, salted[1] - at, 1)
        glued_left, glued_right = start > 0, bool(_LETTERS.search(sentence[end:]))
    else:
        embedded = _LETTERS.search(sentence[: run[0]]) is not None
        start, glued_left = _left(sentence, clauses[0], marks, strong)
        end, glued_right = _right(sentence, clauses[-1], marks, strong, embedded)
    if not _LETTERS.search(sentence[end:]) and not glued_left:
        end = len(sentence)
    if not _LETTERS.search(sentence[:start]):
        start = 0
    return _Part(at + start, at + end, glued_left or glued_right)


def _chain(marks: list[tuple[int, int]], stop: int, gap: int) -> int:
    """The end of the last of the marks that follow each other from `stop` on with no more than `gap` characters between."""
    for start, end in marks:
        if end > stop and start - stop <= gap:
            stop = end
    return stop


def _addresses(sentence: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(f"{DOMAIN}+", sentence)]


# A site's name may stand between two words of the trade.
_HEAD, _GAP, _NAME, _TAIL = 8, 3, 4, 6


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
    stop = min(_chain(marks, anchor[1], _GAP if addresses else _NAME), clause[1])
    tail = sentence[stop : clause[1]]
    if len(tail) <= _TAIL and not embedded and not HARD_STORY.search(tail) and not SOFT_STORY.search(tail) and stop > anchor[1]:
        return clause[1], False
    return (stop, True) if tail else (clause[1], False)


def _span(line: str, seen: View, part: _Part) -> tuple[int, int]:
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
    return start, end


def _lonely(piece: str) -> bool:
    """Whether a bracket is opened in `piece` and not closed."""
    return sum(character in _OPENING for character in piece) > sum(character in _CLOSING for character in piece)


def _merged(spans: Iterator[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)
