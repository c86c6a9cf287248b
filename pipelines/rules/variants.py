"""Rules of variant characters: simplified and traditional by OpenCC, private-use characters of old fonts. See old_forms.py.

From Taiwan's characters by `tw2s`, not `tw2sp`: that one puts the mainland's words for Taiwan's (a 計程車 becomes a 出租车),
and words are the author's. OpenCC converts characters one for one; what stands in several lines it never joins.
"""

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipelines.rules import old_forms
from pipelines.rules.rule import Edit, Rule

if TYPE_CHECKING:
    from opencc import OpenCC


@functools.cache
def _converter(config: str) -> "OpenCC":
    # Slow to import and to make, and most cleanings need none.
    from opencc import OpenCC

    return OpenCC(config)


# OpenCC ends a text at a NUL, and takes no halves of characters.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
# The simplified form of 薴 is the traditional one of 苎: to convert both would convert twice.
_LEFT_ALONE = "苧"
# What OpenCC's phrases leave as it is in names and rhymes, and its characters convert: no sign of either script.
_UNSURE = dict.fromkeys(map(ord, "叶釐昇氾陞蒐祕"))


def _to_simplified(text: str) -> Iterator[Edit]:
    return _converted(text, "to_simplified", "t2s", "gb2312")


def _to_traditional(text: str) -> Iterator[Edit]:
    return _converted(text, "to_traditional", "s2t", "cp950")


def _from_taiwan(text: str) -> Iterator[Edit]:
    return _converted(text, "from_taiwan", "tw2s", "gb2312")


def _converted(text: str, rule: str, config: str, repertoire: str) -> Iterator[Edit]:
    """The stretches that OpenCC changes, if one of them is surely of the other script.

    后, 里 and 乾 belong to both scripts, and OpenCC judges them by the words around, which it has then converted: asked again
    it would make 時 of 丑時 a 醜時. They change only in a text that also holds characters outside the `repertoire` of the
    script to come; after that it holds none.
    """
    text = _UNFIT.sub("\ufffd", text)
    changed = _converter(config).convert(text)
    if changed == text:
        return
    lines = _unlike_lines(text, changed)
    if config == "tw2s":
        lines = ((start, old, _with_particles(old, new)) for start, old, new in lines)
    edits = [edit for line in lines for edit in _stretches(rule, *line)]
    if any(not _is_written_in(edit.removed.translate(_UNSURE), repertoire) for edit in edits):
        yield from edits


def _unlike_lines(text: str, changed: str) -> Iterator[tuple[int, str, str]]:
    start = 0
    for old, new in zip(text.split("\n"), changed.split("\n"), strict=True):
        if old != new:
            yield start, old, new
        start += len(old) + 1


def _with_particles(old: str, new: str) -> str:
    """A converted line with 着 for the particle and 著 in nouns: OpenCC writes 编着, and 叫著名字."""
    if "著" not in old or len(old) != len(new):
        return new
    characters = list(new)
    # In simplified characters, but with every 著 still there.
    plain = _converter("t2s").convert(old)
    for form, pattern in (("着", old_forms.PARTICLES), ("著", old_forms.NOUNS)):
        for match in pattern.finditer(plain):
            characters[match.start()] = form
    return "".join(characters)


def _stretches(rule: str, start: int, old: str, new: str) -> Iterator[Edit]:
    if len(old) != len(new):
        yield Edit(rule, start, old, new)
        return
    first = None
    for at, (before, after) in enumerate(zip(old, new, strict=True)):
        unlike = before != after and before not in _LEFT_ALONE
        if unlike and first is None:
            first = at
        elif not unlike and first is not None:
            yield Edit(rule, start + first, old[first:at], new[first:at])
            first = None
    if first is not None:
        yield Edit(rule, start + first, old[first:], new[first:])


def _is_written_in(characters: str, repertoire: str) -> bool:
    try:
        characters.encode(repertoire)
    except UnicodeEncodeError:
        return False
    return True


# Where GBK had no character yet, its fonts drew one at a private-use place; GB 18030 of 2000, 2005 and 2022 gave each its
# own. The forms for vertical writing and the components of characters, by their rows in GBK: A6D9-A6F3, A8BC-A8BF,
# A989-A995, FE50-FEA0.
_PRIVATE = {
    0xE76C: "€",
    0xE78D: "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19",
    0xE7C7: "\u1e3f\u01f9",
    0xE7E7: "\u303e⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻",
    0xE815: "⺁\U00020087\U00020089\U000200cc⺄㑳㑇⺈⺋\u9fb4㖞㘚㘎⺌⺗㥮㤘\u9fb5㧏㧟㩳㧐\u9fb6\u9fb7㭎㱮㳠"
    "⺧\U000215d7\u9fb8⺪䁖䅟⺮䌷⺳⺶⺷\U0002298f䎱䎬⺻䏝䓖䙡䙌\u9fb9䜣䜩䝼䞍⻊䥇䥺"
    "䥽䦂䦃䦅䦆䦟䦛䦷䦶\u9fba\U000241fe䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮\u9fbb",
}
_FORMS = {first + place: form for first, forms in _PRIVATE.items() for place, form in enumerate(forms)}
_OLD_FONTS = re.compile(f"[{''.join(map(chr, _FORMS))}]+")


def _old_fonts(text: str) -> Iterator[Edit]:
    for match in _OLD_FONTS.finditer(text):
        yield Edit("old_fonts", match.start(), match.group(), match.group().translate(_FORMS))


RULES = (
    Rule("to_simplified", 33, False, "middle", "Convert traditional characters to simplified ones.", _to_simplified),
    Rule("to_traditional", 33, False, "middle", "Convert simplified characters to traditional ones.", _to_traditional),
    Rule("from_taiwan", 33, False, "middle", "Convert Taiwan's characters to simplified ones, with its 著 as 着.", _from_taiwan),
    Rule("old_fonts", 36, True, "low", "Give characters of old fonts their place in Unicode.", _old_fonts),
    *old_forms.RULES,
)
