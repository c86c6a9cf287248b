"""Rules of what a website puts around a text: blocks of copyright and download notices, and lines of metadata."""

import re
from collections.abc import Iterator, Sequence

from pipelines.rules.families import ADDRESS, DOMAIN, HARD_STORY, SURE, WORD
from pipelines.rules.lookalikes import view
from pipelines.rules.rule import Edit, Rule

# A notice stands within so many lines of a web address or of the text's start or end (cleaning.md §3, rule 12).
REACH = 12
_LONGEST_LINE = 300
_RULE = re.compile(r"^[ \t\u3000]{0,40}(?:[-=*_#~－＝＊—─━·.]{10,200})[ \t\u3000]{0,40}$", re.MULTILINE)
_NOTICE = re.compile("|".join(SURE[name] for name in ("legal", "download", "maker", "recruit", "remember")))
_VOCABULARY = frozenset(("site", "get", "legal", "maker", "visit", "polite", "read", "update", "save", "book", "social"))
_MOST_STORY = 0.4


def _site_blocks(text: str) -> Iterator[Edit]:
    for start, end in _blocks(text):
        yield Edit("site_blocks", start, text[start:end])


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """From rule to rule, where only a notice stands between; neighbouring ones are one block after the other.

    A rule that closes a block opens none. When a block goes, the rule before it is tried with the one after it: what is left
    must hold no block.
    """
    rules = [match.span() for match in _RULE.finditer(text)]
    taken: list[tuple[int, int]] = []
    opened: list[tuple[int, int]] = []
    for rule in rules:
        if opened and _is_notice(_without(text, opened[-1][1], rule[0], taken)):
            begin = opened.pop()[0]
            taken = [span for span in taken if span[0] < begin]
            taken.append((begin, min(rule[1] + 1, len(text))))
        else:
            opened.append(rule)
    yield from taken


def _without(text: str, start: int, end: int, taken: Sequence[tuple[int, int]]) -> str:
    """What stands between two rules, blocks that were taken there left out."""
    pieces: list[str] = []
    for left, right in reversed(taken):
        if right <= start:
            break
        pieces.insert(0, text[right:end])
        end = left
    if end - start > REACH * _LONGEST_LINE:
        return ""
    return "".join((text[start:end], *pieces))


def _is_notice(between: str) -> bool:
    """Whether the lines between two rules are copyright and download notices with an address or two such phrases."""
    if len(between) > REACH * _LONGEST_LINE:
        return False
    lines = [line for line in map(_plain, between.split("\n")) if line]
    if not 0 < len(lines) <= REACH:
        return False
    named = sum(DOMAIN in line for line in lines)
    notices = sum(_NOTICE.search(line) is not None for line in lines)
    trade = sum(DOMAIN in line or _NOTICE.search(line) is not None or _speaks_of_trade(line) for line in lines)
    return notices > 0 and named + notices >= 2 and trade >= len(lines) * (1 - _MOST_STORY)


def _plain(line: str) -> str:
    seen = view(line).text.strip()
    return ADDRESS.sub(lambda match: DOMAIN * len(match.group()), seen)


def _speaks_of_trade(line: str) -> bool:
    return not HARD_STORY.search(line) and len({found.lastgroup for found in WORD.finditer(line)} & _VOCABULARY) >= 2


_BLANK = "[ \\t\u3000\u00a0]"
_DATE = (
    r"(?:(?:19|20)?\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?|(?:今|昨|前)[天日]|\d{1,3}(?:天|小时|小時|分钟|分鐘|个月|周)前"
    r"|\d{1,2}月\d{1,2}日|\d{1,2}-\d{1,2})"
)
_COUNT = (
    "(?:(?:本|此|该|全|总|總|更新|日均|平均|累计|章节|正文)?(?:章|节|卷|书|書|文|篇)?(?:总|總)?(?:共|计)?字[数數]"
    "|(?:总|总共|共)?点击(?:数|量"
    "|率)?|(?:总|總)?點擊(?:數|量)?|(?:总|總)?(?:推荐|推薦|收藏|月票|人气|人氣|鲜花|评论|評論|阅读|閱讀|订阅|浏览"
    "|瀏覽)(?:数|數|量|票)?)"
)
_WHEN = (
    "(?:(?:最近|最后|最後|本章|章节|首次|上次|累计)?(?:更新|发布|發布|發佈|发表|發表|上传|上傳|创建|入库|收录"
    "|刊登|上架|首发|完结|连载)(?:时间|時間|日期|于|於)?)"
)
_LABEL = (
    "(?:书名|書名|小说名称?|作品名称?|作者|原作者?|来源|來源|出处|出處|分类|分類|类别|類別|类型|類型|题材|标签|標籤"
    "|关键[词字]|状态|狀態|进度|進度|写作进程|连载状态|卷名|分卷|章节名?|所属(?:分类|系列|卷)|小说性质|文章类型"
    "|作品视角|授权(?:状态|级别)|责任编辑|责编|时间|日期|時間|频道|等级|Update|Words|Author|Chapter|Title|Source|Genre|Status)"
)
_ANY_LABEL = re.compile(
    f"(?:^|[\\s|｜【\\[(（『·,，/\u3000])(?:{_LABEL}|{_COUNT}|{_WHEN})[ ]?[:：]|(?:^|[ \u3000])[文图字]/[^ \u3000]{{1,12}}"
)
_SURE_METADATA = re.compile(
    rf"^{_BLANK}{{0,20}}(?:"
    rf"[\[【(（『]?{_COUNT}[ ]?[:：][ ]?[约約]?[\d,，.]{{1,12}}[ ]?(?:字|万字?|萬字?|[kKwW]|次)?[^\n。！？“”]{{0,60}}"
    rf"|[\[【(（『]?{_WHEN}[ ]?[:：][ ]?{_DATE}[^\n。！？“”]{{0,60}}"
    rf"|(?:发布|更新|发表|上传|發布|發表)[于於][ ]?{_DATE}[^\n。！？“”]{{0,60}}"
    rf"|[\[【(（『]?(?:{_DATE}[ ]?)?(?:本章|本节|全章|全文|更新|发布|发表)?[ ]?(?:约"
    rf"|共)?\d[\d,.]{{0,8}}[kKwW万]?字(?:[ \u3000|｜·/][^\n。！？“”]{{0,30}})?"
    r"|[-—=－─*＊#~]{2,40}[ ]?(?:章节|章節|正文|本章|内容|內容|全文)(?:内容|內容|正文)?(?:开始|開始|结束|結束|完毕"
    r"|完畢)[ ]?[-—=－─*＊#~]{2,40}"
    r"|[<＜《\[【]?(?:章节|章節)?(?:内容|內容|正文)(?:开始|開始|结束|結束)[>＞》\]】]?|用[户戶]上[传傳]之?(?:内容"
    r"|內容)(?:开始|開始|结束|結束)"
    r"|[\[【(（『]?(?:小说|作品|书籍|連載|连载|写作|本书)?(?:状态|狀態|进度|進度)[ ]?[:：][ ]?(?:连载中?|連載中?"
    r"|已?完[结結本成]|全本|已完成|更新中)[^\n。！？“”]{0,60}"
    rf")[\]】)）』]?{_BLANK}{{0,20}}$\n?",
    re.MULTILINE,
)
_LISTED = re.compile(
    rf"^{_BLANK}{{0,20}}[【\[(（『<《※*-]{{0,6}}(?:{_LABEL}|{_COUNT}|{_WHEN}|[文图])[ ]?[:：/][^\n。！？“”]{{1,120}}$\n?",
    re.MULTILINE,
)
_WEAK_METADATA = re.compile(
    rf"^{_BLANK}{{0,20}}[\[【]?(?:{_LABEL}|出版社|收录|录入者?)[ ]?[:：][^\n。！？“”]{{0,60}}$\n?", re.MULTILINE
)
_CUE = re.compile(
    "字数|字數|万字|k字|K字|0字|1字|2字|3字|4字|5字|6字|7字|8字|9字|上架|更新|发布|發布|发表|發表|上传|上傳|状态"
    "|狀態|分类|分類|类别|書名|书名|点击|點擊|开始"
    "|開始|结束|結束|完毕|完畢|文/|作者:|作者：|来源:|来源：|Update|Words:|Author:"
)
_LONGEST_LABELS = 200
# A line of several labelled facts is metadata wherever it stands.
_FACTS = 2
# Weak lines are metadata near the text's start only, and beside a line that is nothing else.
_START_LINES = 60
_NEAR = 6


def _metadata(text: str) -> Iterator[Edit]:
    sure = list(_sure_lines(text))
    weak = _weak_beside(text, sure) if sure else []
    for start, end in sorted({*sure, *weak}):
        yield Edit("metadata", start, text[start:end])


def _sure_lines(text: str) -> Iterator[tuple[int, int]]:
    """The lines that are nothing but metadata."""
    done = 0
    for cue in _CUE.finditer(text):
        if cue.start() < done:
            continue
        start = text.rfind("\n", max(cue.start() - _LONGEST_LABELS, 0), cue.start()) + 1
        done = text.find("\n", cue.start(), cue.start() + _LONGEST_LABELS) + 1 or min(cue.start() + _LONGEST_LABELS, len(text))
        line = text[start:done]
        if len(line) <= _LONGEST_LABELS and (
            _SURE_METADATA.match(line) or (_LISTED.match(line) and len(_ANY_LABEL.findall(line)) >= _FACTS)
        ):
            yield start, done


def _weak_beside(text: str, sure: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lines of author, source and the like near the text's start and within some lines of sure metadata."""
    head_end = _end_of_lines(text, _START_LINES)
    near = [text.count("\n", 0, start) for start, _ in sure if start < head_end]
    found = [match.span() for match in _WEAK_METADATA.finditer(text, 0, head_end)]
    return [span for span in found if any(abs(text.count("\n", 0, span[0]) - line) <= _NEAR for line in near)]


def _end_of_lines(text: str, count: int) -> int:
    at = 0
    for _ in range(count):
        newline = text.find("\n", at)
        if newline < 0:
            return len(text)
        at = newline + 1
    return at


RULES: tuple[Rule, ...] = (
    Rule("site_blocks", 12, True, "low", "Remove blocks of copyright and download notices between ruled lines.", _site_blocks),
    Rule("metadata", 13, True, "low", "Remove lines that count words or give upload dates.", _metadata),
)
