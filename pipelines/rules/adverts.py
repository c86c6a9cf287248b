"""Judging one line: which part of it is an advertisement. Knows nothing of texts and rules.

A line falls into sentences, a sentence into clauses. Phrases that only websites use, addresses and everyday words of the trade
add up to points; a narrator's or a character's voice raises what is asked. What is taken goes from the first clause of the
trade to the last, or, where an address was glued into a sentence, from its first word of the trade to its last.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.rules.bounds import CLAUSE, LETTERS, NAME, Part, bounded, merged, salted_part, span_of
from pipelines.rules.cues import may_be_trade, places
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
from pipelines.rules.furniture import is_furniture
from pipelines.rules.inserts import inserts
from pipelines.rules.lookalikes import View, salts, view
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
_BRACKETS = re.compile(r"[(\[【〖〔{《<『][^()\[\]【】〖〗〔〕《》『』]{2,160}[)\]】〗〕}》>』]|——[^—]{4,80}——")
# Some texts end their sentences in U+FF0E, which a view shows as a dot.
_FULL_STOP = re.compile("(?<=[\u3400-\u9fff])\\.(?=[\u3400-\u9fff“”]|$)")
_TITLE = re.compile("《[^《》]{1,30}》")
_ENDED = re.compile(r"[。?”」…][)\]】』]?$")
_QUOTED = re.compile(r"“[^”]{0,1500}(?:”|$)|「[^」]{0,1500}(?:」|$)|\"[^\"]{2,300}\"|‘[^’]{2,200}’")
_IDEOGRAPHS = re.compile("[\u3400-\u9fff]")
_HEADING = re.compile(
    r"\s{0,8}(?:[^第\n]{0,8}(?=第[^\n]{1,12}[章回]))?(?:正文\s{0,4})?(?:第\s{0,2}[0-9〇零○一二两三四五六七八九十百千]"
    r"{1,9}\s{0,2}[章回节卷集部幕话]|楔子|序章|尾声|番外|chapter\s{0,3}\d)"
)
_ASIDE = re.compile(f"[(\\[【〖〔][^()\\[\\]【】〖〗〔〕]{{0,80}}[)\\]】〗〕]|{DOMAIN}+")
# What is quoted is speech, not a name, when it is long or has a mark of a sentence.
_SPEAKS = re.compile("^.{16}|[,。!?…]")
_TOLD = re.compile("。.|[“”「」]")
_SAID = re.compile(r"[\u3400-\u9fff][。!?…]+[”」]?\s*$|[”」]\s*$")
_POLITE = re.compile(r"请|您|大家|读者|书友|欢迎")
# Brackets in which stories print what a system, a sign or a stage direction says.
_ANNOUNCING = "【〔『"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a line is an advertisement: spans of offsets; whether the line goes whole; whether one was inside a sentence."""

    spans: tuple[tuple[int, int], ...]
    whole: bool = False
    glued: bool = False


NOTHING = Verdict(())


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
    text = _FULL_STOP.sub("。", ADDRESS.sub(lambda match: DOMAIN * len(match.group()), seen.text))
    if _HEADING.match(text):
        parts = list(_in_heading(text))
    elif not (parts := list(inserts(text, line, seen.places))):
        if is_furniture(text):
            return Verdict(((0, len(line)),), True)
        parts = _parts(text, line, seen) if DOMAIN in text or may_be_trade(line) or may_be_trade(text) else []
    if not parts:
        return NOTHING
    rest = "".join(text[left:right] for left, right in _between(parts, len(text)))
    spans = merged(span_of(line, seen, part) for part in parts)
    return Verdict(spans, _goes_whole(rest, text), any(part.glued for part in parts))


def _in_heading(text: str) -> Iterator[Part]:
    """Of a heading only addresses go, and brackets that hold nothing but an advertisement."""
    for match in _ASIDE.finditer(text):
        if DOMAIN in match.group() or SURE_PHRASE.search(match.group()):
            yield Part(*match.span())


def _parts(text: str, line: str, seen: View) -> list[Part]:
    """The advertisements among the sentences and asides of a line; or the whole line, where every sentence is of the trade."""
    sentences = [match.span() for match in _SENTENCE.finditer(text)]
    quoted = [
        match.span() for match in _QUOTED.finditer(text) if _SPEAKS.search(match.group()) or not text[: match.start()].strip()
    ]
    strewn = salts(line)
    cues = list(places(text))
    if not quoted and _is_all_trade(text, sentences, strewn):
        return [Part(0, len(text))]
    parts: list[Part] = []
    for start, end in _segments(text, sentences):
        salted = salted_part(seen, strewn, start, end)
        if salted or DOMAIN in text[start:end] or any(start <= cue < end for cue in cues):
            parts += _in_segment(text, (start, end), quoted, salted)
    return parts


def _between(parts: list[Part], length: int) -> Iterator[tuple[int, int]]:
    done = 0
    for part in parts:
        yield done, part.start
        done = part.end
    yield done, length


def _goes_whole(rest: str, text: str) -> bool:
    """Whether what is left of a line is too little to be a sentence of the story or a heading."""
    letters = len(LETTERS.findall(rest))
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
    if DOMAIN in aside and not LETTERS.search(aside):
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
        idle = sum(len(_IDEOGRAPHS.findall(clause)) for clause in CLAUSE.findall(sentence) if not _speaks(clause))
        plain = len(LETTERS.findall(sentence)) <= _FEW and not SOFT_STORY.search(sentence)
        if idle > _FEW and not plain:
            return False
        if not plain and len(kinds) < 2 and DOMAIN not in sentence and not SURE_PHRASE.search(sentence):
            return False
    return _points(text, len(strewn) > 1) + _HEADLINE * _is_headline(text) >= _NEEDED


def _is_headline(text: str) -> bool:
    """Whether a line has no sentence that ends, speech or announcement in it; a wrapped line of a story mostly has."""
    return not _ENDED.search(text) and text[:1] not in _ANNOUNCING and not _TOLD.search(text) and not SOFT_STORY.search(text)


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
) -> Iterator[Part]:
    """The runs of clauses of the trade that are advertisements, in a sentence or aside."""
    start, end = segment
    piece = text[start:end]
    aside = _BRACKETS.fullmatch(piece) is not None
    for run in _runs(piece, salted and (salted[0] - start, min(salted[1] - start + NAME, len(piece)))):
        words = piece[run[0] : run[1]]
        alone = not LETTERS.search(text[:start] + piece[: run[0]] + piece[run[1] :] + text[end:])
        bonus = _HEADLINE * (
            (aside and piece[0] not in _ANNOUNCING)
            or (alone and _is_headline(text))
            or not LETTERS.search(words.replace(DOMAIN, ""))
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
        part = bounded(piece, start, run, salted)
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
    beside = len(LETTERS.findall(text[around[0] : around[1]])) - len(LETTERS.findall(words))
    return SURE_PHRASE.search(words) is not None and DOMAIN in words and beside >= STORY_CHARACTERS / 2


def _speaks(clause: str) -> bool:
    return DOMAIN in clause or WORD.search(clause) is not None or SURE_PHRASE.search(clause) is not None


def _runs(piece: str, salted: tuple[int, int] | None) -> Iterator[tuple[int, int]]:
    """Neighbouring clauses that speak of the trade, and nowhere of a person."""
    clauses = [found.span() for found in CLAUSE.finditer(piece)]
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


def _watermark(sentence: str, at: int, address: int, around: tuple[int, int] | None) -> Part | None:
    """A bare address between two characters of a sentence that speaks of nothing of the kind."""
    if address < 0 or around or NETWORK_STORY.search(sentence) or len({found.lastgroup for found in WORD.finditer(sentence)}) > 1:
        return None
    end = address + len(sentence) - address - len(sentence[address:].lstrip(DOMAIN))
    before, after = sentence[address - 1 : address], sentence[end : end + 1]
    if re.match("[\u3400-\u9fff,。”]", before) and (not after or re.match("[\u3400-\u9fff。,]", after)):
        return Part(at + address, at + end, True)
    return None
