"""Whether a line is a chapter heading, in Chinese or English: its kind, its number and its title.

Pure and of one line only; what a heading means among the others (a table of contents, a repetition) is for chapters.py.
"""

import re
from dataclasses import dataclass

TITLE_LIMIT = 45
ENGLISH_TITLE_LIMIT = 90
# A title that touches its number ("第九十三回金吒智取遊魂關") is taken for one only when short and without a pause.
CLOSE_TITLE_LIMIT = 25
PREFIX_LIMIT = 8
SPREAD_LIMIT = 4
LINE_LIMIT = 120

DIGITS: dict[str, int] = {
    c: n
    for n, group in enumerate(("〇零○Ｏ", "一壹", "二两兩贰貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"))
    for c in group
}
TENS: dict[str, int] = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "萬": 10_000}
SHORT_TENS = {"廿": 20, "卅": 30, "卌": 40}
ROMAN: dict[str, int] = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
SPELLED: dict[str, int] = {word: n for n, word in enumerate(ONES.split(), 1)} | {
    word: n for n, word in enumerate(ORDINALS.split(), 1)
}
SPELLED |= {word: n * 10 for n, word in enumerate(DECADES.split(), 2)}

_GAP = r"[ \t\u3000\xa0]{0,3}"
_NUMERAL = f"[{''.join(DIGITS)}{''.join(TENS)}{''.join(SHORT_TENS)}0-9０-９]"
_NUMBER = rf"{_NUMERAL}(?:{_GAP}{_NUMERAL}){{0,8}}"
_OPEN = r"[\s【\[〖（(☆★◆◇●○※=＝*＊#＃\-—~～·.。、☉]{0,8}"
_SPOKEN = rf"(?:{'|'.join(sorted(SPELLED, key=len, reverse=True))})"

# A unit and the characters that make another word of it: 第一回合, 第三节课, 第二章程, 第一部分, 第四集团军.
UNITS = {
    "章": "程节節鱼魚法",
    "回": "合来來去见見听聽",
    "节": "课目日车操奏拍省",
    "節": "課目日車操奏拍省",
    "卷": "轴軸子",
    "集": "合团團中市体體训訓装裝",
    "部": "分门門队隊长長下属屬落位署曲电電手",
    "篇": "章幅文",
    "册": "页子封",
    "冊": "頁子封",
    "幕": "后後布僚府",
    "折": "扣叠疊磨腾騰",
    "话": "题題剧劇音费費筒语語",
    "話": "題题劇剧音費费筒語语",
}
VOLUMES = frozenset("卷部集篇册冊") | {"book", "part", "volume"}
_WORDS = (
    "楔子|序章|序幕|序言|序曲|自序|前言|引子|引言|序|尾声|尾聲|终章|終章|终曲|后记|後記|跋|附录|附錄|大结局|大結局"
    f"|番外[篇卷]?(?:之?{_NUMERAL}{{1,4}})?|外传|外傳"
)
_CHINESE = re.compile(
    rf"(?P<before>.{{0,{PREFIX_LIMIT}}}?)(?:正文卷?{_GAP})?第{_GAP}(?P<number>{_NUMBER}){_GAP}(?P<unit>[{''.join(UNITS)}])(?P<rest>.*)$"
)
# 第一卷 少年 第三章 出山: the heading of a chapter, with its volume before it.
_INNER = re.compile(rf"\s第{_GAP}(?P<number>{_NUMBER}){_GAP}(?P<unit>[章回节節])(?=\s|$)")
_VOLUME = re.compile(rf"{_OPEN}卷之?{_GAP}(?P<number>{_NUMBER})(?P<rest>(?:[\s:：、.．·—\-】\])）].*)?)$")
_WORD = re.compile(rf"{_OPEN}(?:正文{_GAP})?(?P<word>{_WORDS})(?P<rest>(?:[\s:：、.．·—\-～~】\])）].*)?)$")
# 上卷, 下部: volumes without a number.
_HALF = re.compile(rf"{_OPEN}(?P<word>[上中下][卷部篇册冊集])(?P<rest>(?:[\s:：】].*)?)$")
_ENGLISH = re.compile(
    rf"(?P<unit>chapter|book|part|volume|act|letter|canto|stave|episode)\s{{1,3}}(?P<number>\d{{1,4}}|[ivxlcdm]{{1,9}}|(?:the\s)?{_SPOKEN}(?:[\s-]{_SPOKEN})?)"
    r"(?P<rest>(?:[.:—–\-)\]\s].*)?)$",
    re.IGNORECASE,
)
_ENGLISH_WORD = re.compile(
    r"(?P<word>prologue|epilogue|preface|foreword|introduction|interlude|afterword)(?P<rest>(?:[.:—–\-].*)?)$", re.IGNORECASE
)
# How the headings without 第 begin, so that most lines are looked at once.
_BEGINNING = re.compile(
    rf"{_OPEN}[_–]{{0,8}}(?:[卷楔序自前引尾终終后後跋附大番外上中下正]|"
    r"(?i:chapter|book|part|volume|act|letter|canto|stave|episode|prologue|epilogue|preface|foreword|intro|inter|after))"
)
_OPENED = re.compile(rf"{_OPEN}$")
_BEFORE_NAME = " :：、.．·—–-～~"
_CLOSING = {"【": "】", "[": "]", "〖": "〗", "（": "）", "(": ")"} | {mark: mark for mark in "☆★◆◇●○※=＝*＊#＃~～☉"}
_AROUND = " \t*#=~_-–—[]"
_NARROW = str.maketrans("０１２３４５６７８９", "0123456789")
_SEPARATOR = re.compile(r"[\s:：、.．·—–\-～~】\]〗)）》」』]")
# A plain ? or ! often stands where a separator was lost: 第六十二回 憨湘云醉眠芍药茵?呆香菱情解石榴裙.
_SENTENCE = re.compile(r"[。．！？]")
_PAUSE = re.compile(r"[，,；;：:、。．！？!?…]")
# What a heading never ends in: the line goes on below.
_UNFINISHED = ("，", ",", "；", ";", "、", "——", "“")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that heads a chapter: its text, its kind (章, 回, chapter, 楔子, …), its number, and any junk before it.

    `label` is its numeral and unit, compact (第十二回), where it has them; `name` what follows, and `is_close` whether
    nothing parts the two, so that the line could also be the beginning of a sentence.
    """

    title: str
    kind: str
    number: int | None
    prefix: str = ""
    label: str = ""
    name: str = ""
    is_close: bool = False

    @property
    def is_volume(self) -> bool:
        return self.kind in VOLUMES

    @property
    def canonical(self) -> str:
        """The one way to write it: no ornaments, one space between label and name, and inside the name one for a row of them."""
        wanted = " ".join(filter(None, (self.label, self.name)))
        again = heading_of(wanted)
        # Not where an ornament was all that told it from a sentence.
        same = again is not None and (again.kind, again.number, again.label, again.name) == (
            self.kind,
            self.number,
            self.label,
            self.name,
        )
        return wanted if same else self.title


def heading_of(line: str) -> Heading | None:
    """The heading that the line is, or None; a `prefix` means: only if the other headings of the book have it, too."""
    text = line.strip(" \t\r\n\u3000\xa0\ufeff\u200b")
    if not text or len(text) > LINE_LIMIT:
        return None
    if heading := _chinese(text):
        return heading
    if _BEGINNING.match(text) is None:
        return None
    return _volume(text) or _word(text, _WORD) or _word(text, _HALF) or _english(text)


def _chinese(text: str) -> Heading | None:
    """第N章 and its kin, with at most eight characters of junk before it."""
    if "第" not in text[: PREFIX_LIMIT + 4] or (match := _CHINESE.match(text)) is None:
        return None
    before, rest, unit = match["before"], match["rest"], match["unit"]
    if not _is_title(rest, UNITS[unit]):
        return None
    number = number_of(match["number"])
    prefix = "" if _OPENED.fullmatch(before) else before
    title = text[len(prefix) :].strip()
    if unit in VOLUMES and (inner := _INNER.search(rest)):
        return Heading(title, inner["unit"], number_of(inner["number"]), prefix)
    name = _named(rest, before)
    is_close = bool(name) and _SEPARATOR.match(rest) is None
    return Heading(title, unit, number, prefix, f"第{_compact(match['number'])}{unit}", name, is_close)


def _compact(numeral: str) -> str:
    """A numeral without spaces, and with ASCII digits."""
    return "".join(numeral.split()).translate(_NARROW)


def _named(rest: str, before: str) -> str:
    """A chapter's name, from what follows its number: without separators before it and ornaments around the line."""
    closing = "".join(_CLOSING.get(ornament, "") for ornament in before)
    name = re.sub(r"\s+", " ", rest.strip())
    if closing[:1] and name.startswith(closing[:1]):
        name = name[1:]
    return name.lstrip(_BEFORE_NAME).rstrip(closing + " ")


def _volume(text: str) -> Heading | None:
    """卷五."""
    match = _VOLUME.match(text)
    if match is None or not _is_title(match["rest"], ""):
        return None
    before = text[: match.start("number")]
    label = ("卷之" if before.rstrip().endswith("之") else "卷") + _compact(match["number"])
    return Heading(text, "卷", number_of(match["number"]), label=label, name=_named(match["rest"], before))


def _word(text: str, pattern: re.Pattern[str]) -> Heading | None:
    """楔子, 番外三, 上卷 and the like: the word alone, or before a title."""
    compact = "".join(text.split())
    # 楔　子: such a word alone is often spread over the line.
    match = (pattern.match(compact) if len(compact) <= SPREAD_LIMIT else None) or pattern.match(text)
    if match is None or not _is_title(match["rest"], ""):
        return None
    word = match["word"]
    kind = word[-1] if pattern is _HALF else word
    return Heading(text, kind, None, label=word, name=_named(match["rest"], match.string[: match.start("word")]))


def _english(text: str) -> Heading | None:
    """Chapter 12, CHAPTER XII. A Title, ** Chapter Twelve **: the title, if any, starts with no small letter."""
    text = text.strip(_AROUND)
    if len(text) > ENGLISH_TITLE_LIMIT:
        return None
    if match := _ENGLISH_WORD.match(text):
        return Heading(text, match["word"].lower(), None)
    if (match := _ENGLISH.match(text)) is None:
        return None
    title = match["rest"].strip(" .:—–-)]\t\u3000")
    number = english_number(match["number"])
    if number is None or title[:1].islower() or title.endswith((",", ";")) or re.search(r"[.!?] +\S", title):
        return None
    return Heading(text, match["unit"].lower(), number)


def _is_title(rest: str, refused: str) -> bool:
    """Whether what follows a number and unit may be a title, and not the rest of a sentence or of another word."""
    title = rest.strip()
    if not title:
        return True
    if len(title) > TITLE_LIMIT or title.endswith(_UNFINISHED):
        return False
    if _SEPARATOR.match(rest):
        return not _SENTENCE.search(title.lstrip(".．").rstrip("！？!?…"))
    return title[0] not in refused and len(title) <= CLOSE_TITLE_LIMIT and not _PAUSE.search(title)


def number_of(numeral: str) -> int | None:
    """一百二十 -> 120, 一一四 -> 114, 廿三 -> 23, １２ -> 12; None for what is no number."""
    compact = re.sub(r"\s", "", numeral)
    plain = "".join(str(DIGITS.get(character, character)) for character in compact)
    if plain.isdecimal():
        return int(plain)
    total = section = digit = 0
    for character in compact:
        if character in SHORT_TENS:
            section += SHORT_TENS[character]
        elif character in DIGITS or character.isdecimal():
            digit = DIGITS[character] if character in DIGITS else int(character)
        else:
            section, digit, total = _times(TENS[character], section, digit, total)
    return total + section + digit


def _times(unit: int, section: int, digit: int, total: int) -> tuple[int, int, int]:
    """十, 百, 千 multiply the digit before them, 万 all that stands before it."""
    if unit == 10_000:
        return 0, 0, total + max(section + digit, 1) * unit
    return section + max(digit, 1) * unit, 0, total


def english_number(text: str) -> int | None:
    """12, XII, twelve, twenty-one, the last -> a number; None for what is none."""
    if text.isdecimal():
        return int(text)
    words = [word for word in re.split(r"[\s-]+", text.lower()) if word != "the"]
    if words and all(word in SPELLED for word in words):
        return sum(SPELLED[word] for word in words) or None
    return _roman(text.upper())


def _roman(text: str) -> int | None:
    """XIV -> 14; None unless every letter is a Roman digit."""
    if not text or not set(text) <= set(ROMAN):
        return None
    values = [ROMAN[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))
