"""How much a text looks like something a person wrote: the score by which readings of the same bytes are compared.

Mis-read Chinese is made of real but rare characters, so that counting decode errors cannot tell Big5 from GB18030; the
frequency of the characters can. Knows Chinese, Japanese, Korean and Latin letters; other scripts score low, and are to be
asked about.
"""

import functools
import re
from collections import Counter
from pathlib import Path

COMMON_CHARACTERS = Path(__file__).parents[2] / "assets" / "common_characters.txt"
VERY_COMMON = 800
# Kinds of text; a reading is measured against the one that its encoding was made for.
SCRIPTS = ("zh", "ja", "ko")
PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉「」『』【】〔〕—…‥·．～\u3000–‚„•«»¿¡£§°©®\u00a0")
# They make up some three quarters of Korean prose; the other syllables of the alphabet are four thousand and more.
COMMON_SYLLABLES = frozenset(
    "이다는에의을가고지하기한를은로도리사서어나자인시그있대해아들보정일수게라전만과여으러니부제면장소주거상신오것스간동비마세었우모던없국원"
    "무말조와공문화중생안내때방심음성물유영위선건구진치단미계경입실했였년요적개관할습까려데반발회르바행차살각처분될저연된활야식용결남양못집번"
    "같두더큰목손눈길밤빛날왔갔봤됐겠네걸군뿐듯람앞뒤속곳울알얼굴달새벽흐렸쳤켰졌찾걸깨닫잊산왜뭐좋싫웃돌창문책편작"
)
REPLACEMENT = "\ufffd"
COUNTED = re.compile(r"[^\t\n\x0b\x0c\r\x20-\x7e]")
# Accented Latin letters stand alone or in twos among unaccented ones; the bytes of a Chinese text come in long rows.
ACCENTED = re.compile("(?<![^\x00-\x7f])[\u00c0-\u024f]{1,2}(?![^\x00-\x7f])")


def legibility(text: str, script: str = "zh") -> float:
    """The mean weight of what is not plain ASCII: 1 for a text of common characters, below 0 for noise; 0 for no text."""
    if not text:
        return 0.0
    counts = Counter(COUNTED.findall(text))
    total = counts.total()
    if total == 0:
        return 1.0
    at_home = Counter("".join(ACCENTED.findall(text)))
    points = sum(_weight(character, script) * (count - at_home[character]) for character, count in counts.items())
    return (points + at_home.total()) / total


def likeliest(text: str) -> float:
    """The legibility of a text as the script that suits it best."""
    return max(legibility(text, script) for script in SCRIPTS)


@functools.cache
def ranked() -> str:
    """The common characters, most common first."""
    lines = COMMON_CHARACTERS.read_text(encoding="utf-8").splitlines()
    return "".join(line for line in lines if not line.startswith("#"))


@functools.cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """The very common characters and the rest of the common ones."""
    return frozenset(ranked()[:VERY_COMMON]), frozenset(ranked()[VERY_COMMON:])


Ranges = tuple[tuple[int, int, float], ...]
# One range of code points a row: first, last, weight. The sizes of the penalties follow cleaning.md §1.
WEIGHTS: Ranges = (
    (0x0000, 0x001F, -4.0),
    (0x007F, 0x009F, -4.0),
    (0x2500, 0x27BF, 0.0),
    (0x3040, 0x30FF, -1.0),
    (0x3400, 0x4DBF, -1.0),
    (0x4E00, 0x9FFF, -0.4),
    (0xAC00, 0xD7AF, -1.0),
    (0xD800, 0xDFFF, -4.0),
    (0xE000, 0xF8FF, -2.0),
    (0xF900, 0xFAFF, -1.0),
    (0xFF01, 0xFF5E, 0.3),
    (0xFF61, 0xFFDC, -1.0),
    (0xFFFD, 0xFFFD, -4.0),
)
OTHER = -0.5
# What weighs otherwise in Japanese and Korean: their own letters count most, and Chinese characters alone prove nothing.
OWN_WEIGHTS: dict[str, Ranges] = {
    "ja": ((0x3005, 0x3005, 1.0), (0x3041, 0x3096, 1.0), (0x30A1, 0x30FC, 0.8), (0x4E00, 0x9FFF, 0.0)),
    "ko": ((0xAC00, 0xD7A3, 0.0), (0x4E00, 0x9FFF, -0.5)),
}
COMMON_KANJI = 0.3


@functools.cache
def _weight(character: str, script: str) -> float:
    if character in PUNCTUATION:
        return 1.0
    very_common, common = _common()
    if script == "zh" and (character in very_common or character in common):
        return 1.0 if character in very_common else 0.6
    if script == "ja" and (character in very_common or character in common):
        return COMMON_KANJI
    if script == "ko" and character in COMMON_SYLLABLES:
        return 1.0
    point = ord(character)
    ranges = (*OWN_WEIGHTS.get(script, ()), *WEIGHTS)
    return next((weight for first, last, weight in ranges if first <= point <= last), OTHER)


def noise(text: str) -> float:
    """The share of characters that no writer writes: controls, private use, surrogates, U+FFFD; 0 to 1."""
    if not text:
        return 0.0
    found = Counter(COUNTED.findall(text))
    return sum(count for character, count in found.items() if _weight(character, "zh") <= -2.0) / len(text)
