"""How much a text looks like something a person wrote: the score by which readings of the same bytes are compared.

Mis-read Chinese is made of real but rare characters, so that counting decode errors cannot tell Big5 from GB18030; the
frequency of the characters can. Knows Chinese and Latin letters; other scripts score low, and are to be asked about.
"""

import functools
import re
from collections import Counter
from pathlib import Path

COMMON_CHARACTERS = Path(__file__).parent.parent / "assets" / "common_characters.txt"
VERY_COMMON = 800
PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉「」『』【】〔〕—…‥·．～\u3000–‚„•«»¿¡£§°©®\u00a0")
REPLACEMENT = "\ufffd"
COUNTED = re.compile(r"[^\t\n\x0b\x0c\r\x20-\x7e]")
# Accented Latin letters stand alone or in twos among unaccented ones; the bytes of a Chinese text come in long rows.
ACCENTED = re.compile("(?<![^\x00-\x7f])[\u00c0-\u024f]{1,2}(?![^\x00-\x7f])")


def legibility(text: str) -> float:
    """The mean weight of what is not plain ASCII: 1 for a text of common characters, below 0 for noise; 0 for no text."""
    if not text:
        return 0.0
    counts = Counter(COUNTED.findall(text))
    total = counts.total()
    if total == 0:
        return 1.0
    at_home = Counter("".join(ACCENTED.findall(text)))
    points = sum(_weight(character) * (count - at_home[character]) for character, count in counts.items())
    return (points + at_home.total()) / total


@functools.cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """The very common characters and the rest of the common ones."""
    lines = COMMON_CHARACTERS.read_text(encoding="utf-8").splitlines()
    ranked = "".join(line for line in lines if not line.startswith("#"))
    return frozenset(ranked[:VERY_COMMON]), frozenset(ranked[VERY_COMMON:])


# One range of code points a row: first, last, weight. The sizes of the penalties follow cleaning.md §1.
WEIGHTS = (
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
    (0xFFFD, 0xFFFD, -4.0),
)
OTHER = -0.5


@functools.cache
def _weight(character: str) -> float:
    very_common, common = _common()
    if character in very_common or character in PUNCTUATION:
        return 1.0
    if character in common:
        return 0.6
    point = ord(character)
    return next((weight for first, last, weight in WEIGHTS if first <= point <= last), OTHER)


def noise(text: str) -> float:
    """The share of characters that no writer writes: controls, private use, surrogates, U+FFFD; 0 to 1."""
    if not text:
        return 0.0
    found = Counter(COUNTED.findall(text))
    return sum(count for character, count in found.items() if _weight(character) <= -2.0) / len(text)
