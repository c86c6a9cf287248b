"""The rule that points out characters that a scanner confuses: 曰 and 日, 己 and 已, 一 and a dash.

The book itself is the dictionary: a character is suspect if neither the pair it makes with the one before nor that with the
one after occurs anywhere else in the book, and one that looks like it makes both pairs again and again.
"""

import re
from collections import Counter
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule

_ALIKE = (
    *("曰日", "己已巳", "末未", "士土", "人入", "千干", "戊戌戍", "问间", "大太", "王玉", "免兔", "一—", "拔拨", "睛晴"),
    *("侍待", "鸟乌", "折拆", "辨辩", "历厉", "令今", "午牛", "洒酒", "崇祟", "候侯", "栗粟", "治冶", "幕慕", "赢羸"),
)
_OTHERS = {one: [other for other in group if other != one] for group in _ALIKE for one in group}
_KNOWN_PAIRS = 5
_PAIRS = re.compile(rf"[{''.join(_OTHERS)}](?<=[\u4e00-\u9fff].)(?=[\u4e00-\u9fff])")


def _confusables(text: str) -> Iterator[Edit]:
    places = [match.start() for match in _PAIRS.finditer(text)]
    before = Counter(text[at - 1 : at + 1] for at in places)
    after = Counter(text[at : at + 2] for at in places)
    for at in places:
        if before[text[at - 1 : at + 1]] + after[text[at : at + 2]] == 2:
            pairs = [(text[at - 1] + other, other + text[at + 1]) for other in _OTHERS[text[at]]]
            if any(min(before[first], after[second]) >= _KNOWN_PAIRS for first, second in pairs):
                yield Edit("confusables", at, text[at], text[at])


RULES = (
    Rule("confusables", 38, False, "high", "Point out characters that a scanner may have confused.", _confusables, marks=True),
)
