"""Rules of notes to the reader: to be continued, the author's words, and contacts."""

import re
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule
from pipelines.rules.spans import settled

_SPACE = "[ \\t\u3000\u00a0]"
_PHRASE = (
    "(?:本章|本节|本節|本小章|本[页頁]|此章|章[节節])(?:[节節]|内容)?(?:还|還|尚)?未完(?:待[续續])?|(?:未"
    "|待)完[待,，]?(?:待|未)?[续續完]|[请請](?:翻[页頁]|[点點][击擊]?(?:[进進]入)?下一[页頁章])"
    "|本小章[还還]未完|本章(?:[结結]束|完[结結毕畢]?)|(?:第.{1,9}[章节節回卷]|本[节節卷])完(?=[)）】\\]〕])|[to]{2} be continued"
)
_BRACKETED = re.compile(
    f"[(（\\[【〔<《『]{_SPACE}{{0,4}}(?:{_PHRASE})[^()（）\\[\\]【】〔〕\\n]{{0,150}}[)）\\]】〕>》』]", re.IGNORECASE
)
_BARE_LINE = re.compile(
    f"^{_SPACE}{{0,40}}[-—=－─*＊~～.…·]{{0,20}}{_SPACE}{{0,4}}(?:{_PHRASE})(?:[,，。.!！…、 ][^\\n“”「」]{{0,60}})?"
    f"{_SPACE}{{0,4}}[-—=－─*＊~～.…·]{{0,20}}{_SPACE}{{0,40}}$",
    re.MULTILINE | re.IGNORECASE,
)
_BARE_END = re.compile(
    f"(?<=[。！？…”」]){_SPACE}{{0,4}}(?:本小?章[节節]?(?:还|還|尚)?未完|未完待[续續])[^\\n“”「」]{{0,60}}$", re.MULTILINE
)
_CUE = re.compile("未完|待续|待續|翻页|翻頁|一页|一頁|一章|章完|章结|章結|节完|節完|卷完|回完|续完|續完|ontinued|CONTINUED")
_LONGEST_NOTICE = 400
_SENTENCE_END = "。！？!?…”」』.~～】)）"
_BLANKS = " \t\u3000\u00a0"
_TELLING = re.compile("[他她].{0,6}(?:说|說|问|写|寫)|(?:写|寫|印|念|读|讀|说|說|标|標)(?:着|著|道|了|到)[:：]?$")


def _continued(text: str) -> Iterator[Edit]:
    done = 0
    for cue in _CUE.finditer(text):
        if cue.start() < done:
            continue
        span = _notice(text, cue.start())
        if span and span[0] >= done:
            yield Edit("continued", span[0], text[span[0] : span[1]])
            done = span[1]


def _notice(text: str, cue: int) -> tuple[int, int] | None:
    """The notice around a cue: bracketed or bare, alone in its line (then the line goes) or after a sentence's end."""
    low, high = max(cue - _LONGEST_NOTICE, 0), min(cue + _LONGEST_NOTICE, len(text))
    start = text.rfind("\n", low, cue) + 1 or low
    end = text.find("\n", cue, high)
    end = high if end < 0 else end
    whole = (not start or text[start - 1] == "\n") and (end == len(text) or text[end] == "\n")
    line = text[start:end]
    if whole and _BARE_LINE.match(line):
        return start, end + (end < len(text))
    for match in _BRACKETED.finditer(line):
        if match.start() <= cue - start < match.end():
            return _bracketed(line, match.span(), start, whole, end < len(text))
    bare = _BARE_END.search(line) if whole else None
    return (start + bare.start(), end) if bare and bare.start() <= cue - start else None


def _bracketed(line: str, span: tuple[int, int], start: int, whole: bool, newline: bool) -> tuple[int, int] | None:
    """A bracketed note that ends a line, or starts it, or stands between two sentences."""
    before = line[: span[0]].rstrip(_BLANKS)
    after = line[span[1] :].strip(_BLANKS + "。.~！!")
    if _TELLING.search(before) or (before and before[-1] not in _SENTENCE_END and (after or before[-1] in "：:，,")):
        return None
    if whole and not before and not after:
        return start, start + len(line) + newline
    return start + span[0], start + (len(line) if whole and not after else span[1])


_HEADING = re.compile(
    f"^{_SPACE}{{0,20}}(?:正文{_SPACE}{{0,4}})?(?:第{_SPACE}{{0,2}}[0-9０-９〇零○一二两兩三四五六七八九十百千]{{1,9}}"
    f"{_SPACE}{{0,2}}[章回节節卷集部]|楔子|序章|尾声|番外)",
    re.MULTILINE,
)
_ASKING = (
    "(?:月|推荐|推薦|保底|评价|刀|更新)票|推荐|推薦|收藏|订阅|訂閱|打赏|打賞|评论|評論|支持|鲜花|贵宾|红票|点击|全订"
    "|首订|追读|自动订阅"
)
_NOTE_LINE = re.compile(
    f"^{_SPACE}{{0,40}}(?:"
    "[(（\\[【]?(?:[pPｐＰ]\\.?[sSｓＳ]\\d?|题外话|題外話|题外|小剧场外)[ ]?[:：.．、，,;；)）1-9][^\\n]{0,400}"
    "|[(（\\[【*＊~～—-]{0,6}(?:[^\\n“”「」。！？他她]{0,24}[,，。！!、 ])?(?:再次|继续|跪|拜|厚颜|在线|弱弱|打滚"
    "|各种|新书|月底|月初|日常|最后)?(?:求|跪求|求下|求个|求一?[张波])(?:" + _ASKING + ")[^\\n“”「」他她]{0,120}"
    "|[(（\\[【]?(?:感谢|感謝|谢谢|多谢|鸣谢|拜谢)[^\\n“”「」]{1,120}(?:打赏|打賞|月票|推荐票|推薦票|盟主|舵主|掌门"
    "|飘红|评价票|催更|的支持|投的|起点币)[^\\n“”「」]{0,120}"
    "|[(（\\[【]?(?:今[天日]|今晚|明[天日]|昨天|本周|这章|本章|第[一二三四五六七八九十0-9]{1,3}更|加更|补更"
    "|欠更)[^\\n“”「」他她]{0,60}(?:更新|加更|更完|[0-9一二三四五六两第]更|补上|请假|断更|停更|爆发|码字|存稿|月票"
    "|推荐票|上架)[^\\n“”「」他她]{0,80}"
    "|[(（\\[【][^\\n“”「」()（）]{0,40}(?:求|感谢|第[一二三四五六七八九十0-9]{1,3}更|加更|推荐票|月票"
    "|收藏)[^\\n“”「」()（）]{0,100}[)）\\]】]"
    f"){_SPACE}{{0,40}}$",
    re.MULTILINE,
)
_NOTE_TITLE = re.compile(
    f"^{_SPACE}{{0,40}}[(（\\[【*＊~～—=-]{{0,10}}(?:作者[有要]?[话話][要想]?[说說]|作者的?[话話]"
    f"|作者[有想要]{{0,2}}说|章末(?:感言|有话说)|上架感言|完本感言|请假条|單章|单章)[^\\n“”]{{0,80}}$",
    re.MULTILINE,
)
# Words of the author after a chapter are shorter than this; a longer stretch up to a heading is more than a note.
_LONGEST_NOTE = 1_500
_NOTE_CUES = re.compile("[pPｐＰ]\\.?[sSｓＳ]|求|[感多鸣拜谢][谢謝]|作者|感言|请假|單章|单章|更|题外|題外")


def _author_notes(text: str) -> Iterator[Edit]:
    if not _NOTE_CUES.search(text):
        return
    done = 0
    for start, end in sorted({*_titled_notes(text), *_note_lines(text)}):
        if start >= done:
            yield Edit("author_notes", start, text[start:end])
            done = end


def _titled_notes(text: str) -> Iterator[tuple[int, int]]:
    """From the note's title to the next chapter or the text's end, if that is not far; else the title alone."""
    for match in _NOTE_TITLE.finditer(text):
        limit = match.end() + _LONGEST_NOTE
        heading = _HEADING.search(text, match.end(), limit)
        if heading:
            yield match.start(), heading.start()
        elif limit >= len(text):
            yield match.start(), len(text)
        else:
            yield match.start(), match.end() + 1


def _note_lines(text: str) -> Iterator[tuple[int, int]]:
    for match in _NOTE_LINE.finditer(text):
        yield match.start(), match.end() + (text[match.end() : match.end() + 1] == "\n")


_CONTACTS = re.compile(
    "(?:[qQｑＱ]{2}|扣扣)(?:群|号|號|号码)?[:：是为 ]{0,2}[1-9][0-9]{4,11}(?![0-9])"
    "|(?:微信|威信|薇信|vx|VX|V信|加v|wechat|WeChat)(?:号|號)?[:：是为 ]{1,2}[A-Za-z][A-Za-z0-9_-]{4,19}"
    "|(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,40}@[A-Za-z0-9-]{1,40}(?:\\.[A-Za-z0-9-]{1,20}){1,3}"
    "|(?<![0-9])(?:\\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])"
    "|(?<![0-9])0[1-9][0-9]{1,2}[- ][1-9][0-9]{6,7}(?![0-9])"
)


def _contacts(text: str) -> Iterator[Edit]:
    done = 0
    for match in _CONTACTS.finditer(text):
        if match.start() >= done:
            start = text.rfind("\n", max(match.start() - _LONGEST_NOTICE, done), match.start()) + 1 or max(
                match.start() - _LONGEST_NOTICE, done
            )
            done = text.find("\n", match.end(), match.end() + _LONGEST_NOTICE) + 1 or min(
                match.end() + _LONGEST_NOTICE, len(text)
            )
            for left, right in settled(text[start:done], _contact_spans):
                yield Edit("contacts", start + left, text[start + left : start + right])


def _contact_spans(line: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in _CONTACTS.finditer(line))


RULES: tuple[Rule, ...] = (
    Rule("continued", 16, True, "low", "Remove notes that a chapter is not over, or that it is.", _continued),
    Rule(
        "author_notes", 17, False, "high", "Remove the author's words to the readers: thanks, and pleas for votes.", _author_notes
    ),
    Rule("contacts", 40, False, "low", "Remove telephone numbers, e-mail addresses, QQ and WeChat accounts.", _contacts),
)
