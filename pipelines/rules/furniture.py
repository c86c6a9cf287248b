"""Whether a whole line is furniture: what pages, apps, makers and hawkers put around a story. Read on the plain view.

Words of the trade give points and cover part of the line; words of a narrator, speech and a sentence's end take points away.
"""

import re

from pipelines.rules import trade_words
from pipelines.rules.families import HARD_STORY, SOFT_STORY, WORLD

LONGEST = 120
_NEEDED = 3.0
# Of the letters of a line so many belong to words of the trade.
_COVERED, _SURELY_COVERED = 0.5, 0.2
# A short word may be a title or a name; one of four characters says what it is.
_SAYS_MUCH, _SHORT_SURE = 4, 2.0
_POINTS = {"sure": 3.0, "strong": 1.5, "weak": 0.5}
_LETTERS = re.compile("[\u3400-\u9fffa-z0-9]")
_SPEECH_MARKS = re.compile('[“「『"‘].{0,60}[,。!?…][”」』"’]|^[“「‘].*|[”」]$')
_NARRATED = re.compile(
    "[他她它]|[一-龥]着(?!迷)|了[,。]|[一-龥]道[:,]|(?<![为除])了[一-龥]{0,3}[下声眼口气头次会儿]|忽然|不禁|竟然|居然|原来|"
    "似乎|仿佛|不由|只见|只是"
    "|那[个天时里]|这[时里一种]|所谓|不过是|有时候|总算|终于|每天都|脸|嘴|眼[里前睛神泪]|手[里中抖指]|夜[里色]|屋里|门口|桌|"
    "椅|床|雨|雪|拿|笑"
)
_TENSE = re.compile("(?<![为除不])了(?!解)|[摆放坐站写挂看听说](?:着|过|了)")
_ADDRESSED = re.compile("请|您|本站|大家|本书|我们|读者|书友")
_ENDS = re.compile(r"[。?…”」](?:[)\]】』])?$")
_LISTED = re.compile(r"[|>_→←▲★☆◆●·/]|[:](?=\d|$)")
_CHAT = re.compile("[\u3400-\u9fff]{1,4}:")
_ANNOUNCED = re.compile("^[【『〔].*[】』〕]$")


def _literals(words: str) -> str:
    return "|".join(sorted(map(re.escape, set(words.split())), key=lambda word: (-len(word), word)))


_SURE_WORDS = " ".join(trade_words.SURE.values())
_WORDS = re.compile(
    f"(?P<sure>{_literals(_SURE_WORDS)})|(?P<strong>{_literals(trade_words.STRONG)})|(?P<weak>{_literals(trade_words.WEAK)})"
)


def is_furniture(text: str) -> bool:
    """Whether the view `text` of a line is nothing but the trade's."""
    letters = len(_LETTERS.findall(text))
    if not 1 < letters <= LONGEST or HARD_STORY.search(text) or WORLD.search(text) or _SPEECH_MARKS.search(text):
        return False
    found: dict[str, str] = {}
    covered = 0
    for match in _WORDS.finditer(text):
        found.setdefault(match.group(), match.lastgroup or "weak")
        covered += len(_LETTERS.findall(match.group()))
    points = sum(_SHORT_SURE if kind == "sure" and len(word) < _SAYS_MUCH else _POINTS[kind] for word, kind in found.items())
    sure = "sure" in found.values()
    share = covered / letters
    points += bool(_LISTED.search(text)) * (len(found) > 1)
    points -= 2.5 * len(_NARRATED.findall(text)) + 1.5 * bool(SOFT_STORY.search(text))
    points -= 2 * bool(_ANNOUNCED.match(text)) + 2 * bool(_CHAT.match(text) and not _WORDS.match(text))
    points -= 1.5 * bool(_TENSE.search(text))
    if _ENDS.search(text):
        points -= 1.5 if _ADDRESSED.search(text) else 3
    if not sure:
        points -= 0.5
    return points >= _NEEDED and share >= (_SURELY_COVERED if sure else _COVERED)
