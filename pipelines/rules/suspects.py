"""Rules that only point out: masked words, missing characters, other languages; and, from their modules, more of the kind."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from pipelines.rules import confusables, footnotes, repetition
from pipelines.rules.rule import Edit, Rule

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"

_STARS = re.compile(rf"[*＊](?:(?<=[{_HAN}][*＊])[*＊]{{1,7}}|[*＊]{{1,7}}(?=[{_HAN}])|(?<=[{_HAN}][*＊])(?=[{_HAN}]))")
# 口口声声 and 口口称赞 are words.
_MOUTHS = re.compile("口口(?![声称相皆都])口{0,6}")
_NOTES = re.compile(r"[\[【(（](?:敏感词|和谐|河蟹|屏蔽|已屏蔽|此处屏蔽)[\])】）]")
_LETTERS = re.compile(rf"[a-zà-ǜ](?<=[{_HAN}].)[a-zà-ǜ]{{1,17}}(?=[{_HAN}])")
_SYLLABLE = (
    "(?:[bpm](?:ang?|a[io]?|ei|eng?|ing?|ia[no]|ie?|ou?|u)|f(?:ang?|a|ei|eng?|ou?|u)"
    "|[dtnl](?:ang?|a[io]?|eng?|ei?|iang?|iao?|ing?|i[eu]?|ong|ou|uan?|u[ino]?|ve?|üe?)"
    "|(?:[gkh]|[zcs]h?|r)(?:ang?|a[io]?|eng?|ei?|i|ong|ou|uang?|uai?|u[ino]?)"
    "|[jqx](?:iang?|iao?|ing?|iong|i[eu]?|uan|u[en]?)|y(?:ang?|ao?|e|ing?|ong|ou?|uan|u[en]?)|w(?:ang?|ai?|ei|eng?|o|u)"
    "|ang?|a[io]?|eng?|e[ir]?|ou?)"
)
_PINYIN = re.compile(f"{_SYLLABLE}{{1,6}}")
# Letters together as English seldom has them; without one of these a word of two syllables is rather `game` or `date`.
_UNLIKE_ENGLISH = re.compile("zh|x|q|[iu]ang|iong|iao|uai|uo|eng|ong|ji|zi")
_OFTEN_MASKED = frozenset(("ji", "zi", "se", "sha", "yin", "jing", "dang", "luo", "shi", "chao"))
_ENGLISH = frozenset(
    ("long", "song", "gong", "king", "kong", "ping", "pong", "zen", "max", "box", "fox", "mix", "six", "taxi", "sexi")
)
_TONES = frozenset("\u0300\u0301\u0304\u030c")


def _masked_words(text: str) -> Iterator[Edit]:
    spans = [match.span() for match in _STARS.finditer(text)] if "*" in text or "＊" in text else []
    spans += [match.span() for match in _MOUTHS.finditer(text)] if "口口" in text else []
    spans += [match.span() for match in _NOTES.finditer(text)] if any(w in text for w in ("敏感", "和谐", "河蟹", "屏蔽")) else []
    for match in () if text.isascii() else _LETTERS.finditer(text):
        if _is_pinyin(match.group()):
            spans.append(match.span())
    yield from _marks("masked_words", text, spans)


def _is_pinyin(word: str) -> bool:
    letters = [letter for letter in unicodedata.normalize("NFD", word) if letter not in _TONES]
    plain = "".join(letters).replace("u\u0308", "ü")
    if not _PINYIN.fullmatch(plain) or plain in _ENGLISH:
        return False
    return plain != word or plain in _OFTEN_MASKED or _UNLIKE_ENGLISH.search(plain) is not None


def _marks(rule: str, text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Edit]:
    """The spans as marks; of two that overlap, the first."""
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            yield Edit(rule, start, text[start:end], text[start:end])
            done = end


_BOXES = "□■\ufffd\ue000-\uf8ff"
_MISSING = re.compile(rf"[{_BOXES}][{_BOXES}]*(?:【[^】\n]{{2,30}}】)?")
_ASKED = re.compile(rf"\?(?<=[{_HAN}]\?)\?{{0,30}}(?=[{_HAN}])")
# What U+FFFD becomes when UTF-8 is read as GBK.
_MISREAD = "锟斤拷"
_ORNAMENT = 3


def _missing_characters(text: str) -> Iterator[Edit]:
    spans = [match.span() for match in _MISSING.finditer(text) if not _is_ornament(text, *match.span())]
    if _MISREAD in text:
        spans += [match.span() for match in re.finditer(_MISREAD, text)]
    if "?" in text:
        single = text.count("？") > text.count("?")
        spans += [match.span() for match in _ASKED.finditer(text) if single or len(match.group()) > 1]
    yield from _marks("missing_characters", text, spans)


def _is_ornament(text: str, start: int, end: int) -> bool:
    """Whether boxes are a line of their own, which parts scenes."""
    row = text[start:end]
    alone = text[start - 1 : start] in ("", "\n", " ", "\u3000") and text[end : end + 1] in ("", "\n", " ", "\u3000")
    return alone and len(row) >= _ORNAMENT and set(row) <= {"□", "■"}


# In a Chinese book: other letters without an ideograph between them, or kana with few; in other books: Chinese and kana.
_NOT_HAN = re.compile(rf"[A-Za-z\u00c0-\u024f\u0370-\u1fff\uac00-\ud7a3][^\n{_HAN}]{{39,}}")
_KANA = re.compile(rf"[\u3041-\u30fa](?:[{_HAN}、。ー々]{{0,8}}[\u3041-\u30fa]){{11,}}")
_EASTERN = re.compile(rf"[{_HAN}\u3041-\u30fa\uac00-\ud7a3][{_HAN}\u3000-\u30ff\uac00-\ud7a3\uff00-\uffef“”‘’…— ]{{19,}}")
_LATIN_LETTER = re.compile("[A-Za-z\u00c0-\u024f]")
_HAN_LETTER = re.compile(f"[{_HAN}]")
_LETTERS_AT_LEAST = 25
_SAMPLE = 4_000


def _other_languages(text: str) -> Iterator[Edit]:
    sample = text[:: max(1, len(text) // _SAMPLE)]
    if len(_HAN_LETTER.findall(sample)) * 2 < len(_LATIN_LETTER.findall(sample)):
        found = [match.span() for match in _EASTERN.finditer(text)]
    else:
        found = [match.span() for pattern in (_NOT_HAN, _KANA) for match in pattern.finditer(text)]
    yield from _marks("other_languages", text, (span for span in found if _has_words(text[slice(*span)])))


def _has_words(stretch: str) -> bool:
    return sum(map(str.isalpha, stretch)) >= min(_LETTERS_AT_LEAST, len(stretch) // 2)


RULES = (
    Rule("masked_words", 35, True, "high", "Point out words hidden by asterisks, pinyin or 口口.", _masked_words, marks=True),
    Rule(
        "missing_characters",
        36,
        True,
        "middle",
        "Point out □, question marks and other signs of lost characters.",
        _missing_characters,
        marks=True,
    ),
    Rule(
        "other_languages",
        41,
        True,
        "low",
        "Point out long stretches in another script than the book's.",
        _other_languages,
        marks=True,
    ),
    *repetition.RULES,
    *confusables.RULES,
    *footnotes.RULES,
)
