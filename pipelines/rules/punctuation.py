"""Rules of punctuation: rows of dots and dashes, half-width marks, full stops, full-width letters. Quotes are in quotes.py."""

import re
from collections.abc import Iterator

from pipelines.rules import quotes
from pipelines.rules.rule import Edit, Rule

# Ideographs and kana; punctuation is left out on purpose, see _RUN.
_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = re.compile(rf"[A-Za-z\u00c0-\u024f]|[{_HAN}]")
_IS_HAN = re.compile(f"[{_HAN}]")
# How far to look for a letter that says which language a mark stands in.
_NEAR = 30

_ELLIPSES = ("。。。", "．．．", "...", "···", "………", "┅", "⋯")
_DOTS = re.compile(r"[。．.·…┅⋯]{2,}|[┅⋯]")
_ENDS_ONCE = "。．"
_DASHES = re.compile(r"[－—─―-]{2,}")
# A longer row is a line across the page.
_LONGEST_DASH = 8


def _ellipses(text: str) -> Iterator[Edit]:
    edits = [] if text.isascii() else [*_dots(text), *_dashes(text)]
    yield from sorted(edits, key=lambda edit: edit.at)


def _dots(text: str) -> Iterator[Edit]:
    if not any(row in text for row in _ELLIPSES):
        return
    for match in _DOTS.finditer(text):
        row = match.group()
        if any(part in row for part in _ELLIPSES) and not _leads_to_a_page(text, match.end()):
            plain = _plain_ellipsis(row)
            if plain != row and ("。" in row or "┅" in row or _in_chinese(text, *match.span())):
                yield Edit("ellipses", match.start(), row, plain)


def _plain_ellipsis(row: str) -> str:
    """`……`, with the one full stop before or after it that a row of several kinds may have; a long `…………` is meant."""
    if len(set(row)) == 1:
        return row if row[0] == "…" and len(row) % 2 == 0 else "……"
    first = row[0] if row[0] in _ENDS_ONCE and row[1] not in _ENDS_ONCE else ""
    last = row[-1] if row[-1] in _ENDS_ONCE and row[-2] not in _ENDS_ONCE else ""
    return f"{first}……{last}"


_PAGE = re.compile(r" ?[0-9]{1,4}[ \t]?(?:\n|\Z)")


def _leads_to_a_page(text: str, end: int) -> bool:
    """Whether the dots before `end` lead to a page's number, as in a table of contents."""
    return _PAGE.match(text, end) is not None


def _in_chinese(text: str, start: int, end: int) -> bool:
    """Whether the nearest letter before a mark is Chinese, or else the one after it."""
    before = _LETTER.findall(text[max(0, start - _NEAR) : start])
    if before and _IS_HAN.match(before[-1]):
        return True
    after = _LETTER.search(text[end : end + _NEAR].partition("\n")[0])
    return after is not None and _IS_HAN.match(after.group()) is not None


_BESIDE_DASH = re.compile(rf"[{_HAN}，。！？：；、“”‘’「」『』（）《》]")


def _dashes(text: str) -> Iterator[Edit]:
    if not any(part in text for part in ("－", "─", "―", "--", "—-", "———")):
        return
    for match in _DASHES.finditer(text):
        start, end = match.span()
        if match.group() == "——" or end - start > _LONGEST_DASH:
            continue
        after = text[end : end + 1]
        if _BESIDE_DASH.match(text[start - 1 : start]) and (after in ("", "\n") or _BESIDE_DASH.match(after)):
            yield Edit("ellipses", start, match.group(), "——")


_HALF = ",.?!:;"
_FULL = dict(zip(_HALF, "，。？！：；", strict=True))
_FEW = 20
_SHARE = 0.01
# Marks that stand together are judged whole, by the letters outside: were a mark's neighbours other marks, changing one would
# make the next one's case, and the rule were not idempotent. A half-width mark's space goes with it.
_RUN = re.compile(
    rf"[,.?!:;](?<=[{_HAN}”’」』》）)\"'].)"
    rf"[,.?!:;，。？！：；“”‘’「」『』《》（）()\"' ]{{0,9}}(?=[{_HAN}\n“‘「『《（…—]|\Z)"
)
_BEFORE_RUN = re.compile(rf"[{_HAN}][”’」』》）)\"']{{0,3}}\Z")
_HALF_MARK = re.compile(r"[,.?!:;]")
# After these a question mark is one.
_ASKING = "吗呢么麼麽吧呀嘛啊"
_PAIR = re.compile(rf"\(([{_HAN}“‘「『《][^()（）\n]{{0,80}})\)")
_PAIR_END = re.compile(rf"[{_HAN}”’」』》，。？！：；…,.?!:;]\Z")
_STOP = re.compile(rf"\.(?<=[{_HAN}”’」』]\.)(?=[”’」』\"]?(?:\n|\Z))")


def _chinese_punctuation(text: str) -> Iterator[Edit]:
    """Half-width marks between Chinese letters, if there are 20 of them or 1 % of all marks."""
    most = sum(map(text.count, _HALF))
    whole = sum(map(text.count, _FULL.values()))
    if text.isascii() or most == 0 or not _enough(most, whole):
        return
    edits = list(_half_marks(text))
    if _enough(len(edits), whole):
        yield from sorted((*edits, *_brackets(text)), key=lambda edit: edit.at)


def _enough(count: int, whole: int) -> bool:
    return count >= _FEW or (count > 0 and count >= _SHARE * (whole + count))


def _half_marks(text: str) -> Iterator[Edit]:
    unsure = _unsure_marks(text)
    for run in _RUN.finditer(text):
        if not _BEFORE_RUN.search(text[max(0, run.start() - 4) : run.start()]):
            continue
        between = run.end() < len(text) and text[run.end()] != "\n"
        if between and set(run.group()) <= unsure and text[run.start() - 1] not in _ASKING:
            continue
        for mark in _HALF_MARK.finditer(run.group()):
            at = run.start() + mark.start()
            removed = mark.group() + (" " if text[at + 1 : at + 2] == " " else "")
            yield Edit("chinese_punctuation", at, removed, _FULL[mark.group()])


def _unsure_marks(text: str) -> set[str]:
    """What may be no mark right between two letters: a point of a foreign name, unless paragraphs end in points, too; and a
    question mark that stands for a lost character, unless the commas are half-width as well.
    """
    points = "." if len(_STOP.findall(text)) <= _SHARE * text.count("\n") else ""
    return {*points, *("?" if text.count("，") > text.count(",") else "")}


def _brackets(text: str) -> Iterator[Edit]:
    for pair in _PAIR.finditer(text):
        if _PAIR_END.search(pair[1]):
            yield Edit("chinese_punctuation", pair.start(), "(", "（")
            yield Edit("chinese_punctuation", pair.end() - 1, ")", "）")


# What ends a paragraph or a speech is no point in a name.
_WIDE_STOP = re.compile(rf"．(?<=[{_HAN}”’」』）》\")]．)(?=[ \u3000]?[{_HAN}“”‘’「」『』\"《（(\n]|\Z)")
_WIDE_END = re.compile(rf"．(?<=[{_HAN}”’」』）》]．)(?=[”’」』\"\n]|\Z)")
_END = re.compile(r"[。！？](?=[”’」』\"\n]|\Z)")
_WIDE_SHARE = 0.05


def _full_stops(text: str) -> Iterator[Edit]:
    """Full-width points that end sentences, in a text where they are more than 5 % of what ends paragraphs and speeches."""
    wide = len(_WIDE_END.findall(text)) if "．" in text else 0
    if wide > _WIDE_SHARE * (wide + len(_END.findall(text))):
        for match in _WIDE_STOP.finditer(text):
            yield Edit("full_stops", match.start(), "．", "。")


_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+(?:．[０-９Ａ-Ｚａ-ｚ]+)*")
_WIDE_FORMS = dict.fromkeys(map(ord, "．"), ".") | {
    ord(wide): chr(ord(wide) - 0xFEE0)
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for wide in map(chr, range(ord(first), ord(last) + 1))
}


def _wide_letters(text: str) -> Iterator[Edit]:
    for match in _WIDE.finditer(text):
        yield Edit("wide_letters", match.start(), match.group(), match.group().translate(_WIDE_FORMS))


RULES = (
    Rule("ellipses", 27, True, "low", "Write rows of dots as …… and rows of dashes as —— in Chinese.", _ellipses),
    Rule(
        "chinese_punctuation",
        28,
        True,
        "middle",
        "Make half-width marks between Chinese letters full-width.",
        _chinese_punctuation,
    ),
    Rule("full_stops", 29, True, "low", "Make the full-width points that end sentences 。.", _full_stops),
    Rule("wide_letters", 30, True, "low", "Write full-width letters and digits as plain ones.", _wide_letters),
    *quotes.RULES,
)
