"""Rules of hard-wrapped lines: joining them, and words hyphenated over their ends."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from pipelines.chapters.headings import heading_of
from pipelines.rules.rule import Edit, Rule
from pipelines.rules.settling import settled
from pipelines.rules.widths import INDENT_CELLS, PAUSES, Cut, Line, cut_sections, ends_sentence, lines_of, may_be_cut

# A line that is this much longer than a full one was never cut.
BEYOND_CELLS = 12
# A line this much shorter than a full one was ended on purpose, whatever it ends in.
SHORT_SHARE = 0.6
_OPENING = "“‘「『《〈（(【〔［"
_CLOSING = "”’」』》〉）)】〕］。，、；：！？．…—,.;:!?"
_UNIT = re.compile(rf"[{_OPENING}]{{0,4}}(?:[A-Za-z0-9À-ÿ'.\-]{{1,40}}|.)?[{_CLOSING}]{{0,6}}")
_WORD = re.compile(r"\S{1,60}")
# Without Hangul, whose words have spaces between them.
_EAST_ASIAN = re.compile("[\u2e80-\u312f\u3190-\ua4cf\uf900-\ufaff\ufe30-\ufe6f\uff00-\uffef\U00020000-\U0003ffff]")
# These are East Asian or Latin as their neighbours are.
_UNDECIDED = "“”‘’…—–·•※"
_LOOK_BACK = 12
# A line that is drawn: between scenes, round a notice.
_RULED = re.compile(r"[-=_*~+#.·＊※＝—─━═☆★◇◆□■○●\s]{3,400}")


def _wrapped_lines(text: str) -> Iterator[Edit]:
    return settled(text, _joins)


def _joins(text: str) -> Iterator[Edit]:
    """The joins in every section whose lines were cut."""
    if not may_be_cut(text):
        return
    lines = lines_of(text)
    for start, end, cut in cut_sections(lines):
        for line, after in pairwise(lines[start : end + 1]):
            if _goes_on(line, after, cut):
                yield Edit("wrapped_lines", line.end, text[line.end : after.start], glue(line.body, after.body))


def _goes_on(line: Line, after: Line, cut: Cut) -> bool:
    """Whether a paragraph goes on from one line to the next."""
    if after.blanks > cut.gap or cut.room(line) < -BEYOND_CELLS:
        return False
    if after.indent >= INDENT_CELLS + (line.indent if cut.layout == "blank" else 0):
        return False
    if _ended(line, after, cut):
        return False
    return not (_stands_alone(line, cut) or _stands_alone(after, cut))


def _ended(line: Line, after: Line, cut: Cut) -> bool:
    """Whether a line was ended on purpose: what follows would have found room in it."""
    unit = (_UNIT if cut.wide else _WORD).match(after.body)
    room = cut.room(line) - (cut.length(unit.group()) if unit else 0) - (not cut.wide)
    if cut.layout == "none" and ends_sentence(line.body) and (room >= 0 or after.body[0] in "“「『第"):
        return True
    if room < cut.slack:
        return cut.layout == "none" and line.body[-1] in "：:" and room >= 0
    finished = line.body[-1] in PAUSES if cut.wide else not after.body[0].islower()
    return finished or cut.layout == "none" or line.width < SHORT_SHARE * cut.width


def _stands_alone(line: Line, cut: Cut) -> bool:
    """Whether a line is drawn or a heading. A heading that fills its line goes on below as a paragraph does."""
    if _RULED.fullmatch(line.body):
        return True
    heading = heading_of(line.body) if cut.room(line) >= cut.slack else None
    return heading is not None and not heading.prefix


def glue(before: str, after: str) -> str:
    """A space between two Latin words, nothing beside an East Asian character or after a hyphen inside a word."""
    if _is_east_asian(before[-_LOOK_BACK:][::-1]) or _is_east_asian(after[:_LOOK_BACK]):
        return ""
    hyphenated = before.endswith("-") and before[-2:-1].isalpha() and after[0].islower()
    return "" if hyphenated else " "


def _is_east_asian(side: str) -> bool:
    """Whether the first character that decides it, from the break outward, is East Asian."""
    decided = side.lstrip(_UNDECIDED)
    return bool(_EAST_ASIAN.match(decided or side))


_BREAK = re.compile(r"-[ \t]{0,4}\n(?=([a-z]{2,20}))")
_HALF = re.compile(r"(?<=[ \t])[A-Za-z]{2,20}$")
_WORDS = re.compile(r"[A-Za-z]{4,40}(?:-[A-Za-z]{2,20})?|[A-Za-z]{2,3}-[A-Za-z]{2,20}")


def _hyphens(text: str) -> Iterator[Edit]:
    """The halves go below together, so that lines stay as narrow as they were cut, for wrapped_lines to see."""
    breaks = [
        (match, half)
        for match in _BREAK.finditer(text)
        if (half := _HALF.search(text[max(match.start() - 24, 0) : match.start()]))
    ]
    if not breaks:
        return
    words = Counter(word.lower() for word in _WORDS.findall(text))
    for match, half in breaks:
        whole = half.group().lower()
        if words[whole + match[1]] > words[f"{whole}-{match[1]}"]:
            yield Edit("hyphens", match.start() - len(half.group()), half.group() + match.group(), "\n" + half.group())


RULES = (
    Rule("wrapped_lines", 18, True, "middle", "Join lines that were cut at a fixed width back into paragraphs.", _wrapped_lines),
    Rule(
        "hyphens", 19, True, "middle", "Join English words hyphenated over a line's end that the book also has whole.", _hyphens
    ),
)
