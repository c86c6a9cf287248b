"""Advertisements with a fixed shape that were pushed into a sentence anywhere: lead, name of a site, what it boasts. Pure.

The name of a site is unknown, so its length is guessed: a whole piece between two marks, else two characters before an ending
such as 小说网, unless a lead word stands before it. Read on the plain view of `lookalikes.py`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from pipelines.rules.bounds import Part, merged
from pipelines.rules.families import DOMAIN, NETWORK_STORY, WORD
from pipelines.rules.furniture import is_furniture
from pipelines.rules.lookalikes import SALT

_SALTED = re.escape(SALT + "＊＋～-=_＝－")
# What no name of a site has in it: particles and pronouns.
_HAN = "[\u3400-\u9fff]"
_OF_NAME = "(?:(?![了的一是在这那我你他她它着过个本有很就都不和与把被给])[\u3400-\u9fff])"
_SURE_ENDING = (
    "小说阅读网|小说网(?!络|[站页])|小说吧|小说站|中文网(?!络|[站页])|文学网(?!络|[站页])|文学城|看书网|读书网|"
    "阅读网|书屋|书吧|书城|书盟|书海阁|书院网|听书网|言情网|女生网|原创网"
)
_ENDING = f"(?:{_SURE_ENDING}|文学|中文|小说|书院|书库|书斋|书坊|书阁|阅读|读书)"
_KNOWN = (
    "笔趣阁|笔趣库|顶点|飘天|八一|起点|纵横|零点|三五|乐文|燃文|书海阁|书包网|奇书网|宝书网|落秋|猪猪岛|棉花糖|品书网|"
    "无错|搜书网|全本"
)
_NAMED = f"(?:(?:{_KNOWN})(?:{_ENDING}|网)|笔趣[阁库]|{_OF_NAME}{{2}}{_ENDING})"
# After a lead a name may be longer; the shortest that reaches an ending.
_NAME = (
    f'(?:[“"《【「『\\[(]?(?:(?:{_KNOWN})(?:{_ENDING}|网)|笔趣[阁库]|{_OF_NAME}{{2,5}}?(?:{_SURE_ENDING})|'
    f'{_OF_NAME}{{2,3}}?{_ENDING}|(?:{_SURE_ENDING}))[”"》】」』\\])]?)'
)
_ADDRESS = f"(?:[(\\[【]?{DOMAIN}+[)\\]】]?)"
_LEAD = (
    "(?:(?:天才|只需|仅需)?[一1]秒钟?(?:就能)?记住本?(?:站|书)?|(?:请|务必)?(?:牢记|记住)(?:本站|本书|我们)?(?:的)?(?:首发|"
    "最新)?(?:域名|网址|地址)"
    "|(?:想|要)?(?:看|阅读|查看)(?:本书|此书|更多)?(?:的)?(?:最新|正版|全本|后续)(?:的)?(?:章节|小说|内容)?(?:请|就)?(?:上|"
    "到|来|去|在|关注|搜索?|访问)"
    "|更多(?:更好|好看|精彩|最新|免费|优质)?(?:的)?(?:小说|章节|内容|好书|电子书|全本)?,?(?:请|就|尽|都|均)(?:到|在|上|来|"
    "访问|登录|关注|搜索?)"
    "|(?:请|上)?(?:百度|搜狗|谷歌|神马)(?:一下|搜索|搜|输入)|最新(?:最快|最全)?(?:的)?(?:章节|小说|更新|内容)?(?:尽|就|请|"
    "都)(?:在|到|上)"
    "|(?:好看|精彩|免费|热门|最新|全本)(?:的)?(?:小说|内容|章节)(?:尽|就|都)(?:在|到|上)"
    "|(?:喜欢|记得|别忘|欢迎|大家)?请?(?:您|大家)?收藏|手机(?:用户|阅读|看书|版)?,?请?(?:访问|登[录陆]|浏览|到|上)|"
    "用手机(?:浏览|访问)"
    "|(?:本书|本文|本章节?|此章节?|小说|章节)(?:内容)?(?:由|来自|源自|转自|首发于?)|首发于|(?:推荐)?下载|"
    "关注(?:微信)?公众号|微信(?:搜索?|关注)(?:公众号)?|欢迎(?:来到|访问|光临|登录)|转载(?:自|于)|最快更新(?:请)?(?:到|在|"
    "上)?|喜欢就(?:上|来|到)|"
    "txt(?:电子书)?下载|电子书下载|支持正版请?(?:到|来|上)|看小说(?:请)?(?:到|来|上|去)|快来|(?:本书|本文|本章)首发|"
    "[一1]秒钟?记住)[:,]?"
)
_TAIL = (
    "(?:,?(?:更新(?:速度)?(?:最|超|更)?快|(?:最快|抢先|全网|实时|同步)更新|无(?:广告|弹窗)(?:的)?(?:广告|弹窗)?(?:阅读|小说|"
    "清爽)?|(?:全网|独家|最快|文字|原创)?首发(?:更新)?|手打(?:更新|首发)?"
    "|(?:为您|免费)?提供(?:本书|最新|精彩|免费|全文)?(?:章节|小说)?(?:免费|在线)*阅读|(?:全文)?(?:免费|在线)+(?:阅读|看)|"
    "(?:精彩)?小说(?:免费)?(?:阅读|下载)|免费(?:看|读|下载)|阅读最新章节|看(?:最新|后续|全文|全本|正版)(?:章节|内容|更新)?"
    "|最新章节(?:目录|列表|阅读)?|txt(?:全集|免费|全本)?下载|(?:精彩|全文)?(?:无弹窗)(?:免费)?(?:阅读)?|全文字(?:无广告)?|"
    "(?:书友|网友|会员)?(?:上传|整理|制作|提供|分享|发布)|app|客户端|即可阅读|域名|网址|(?:抢先|正版|最新)?阅读|更多精彩))"
)
_PLACE = f"(?:{_NAME}[a-z0-9]{{0,12}}{_ADDRESS}?|{_ADDRESS})"
# A lead and a site; a site and what it boasts; what needs no site.
_LEADING = re.compile(f"{_LEAD}{_PLACE}[,.]?{_TAIL}{{0,4}}")
_BOASTING = re.compile(f"(?:{_NAMED}[a-z0-9]{{0,12}}{_ADDRESS}?|{_ADDRESS}{_NAMED}?){_TAIL}{{1,4}}")
_BARE = re.compile(
    f"(?:推荐下载{_HAN}{{2,4}}app|(?:本章|本书|本文)由{_HAN}{{2,4}}(?:书友|网友|会员|论坛|贴吧)(?:上传|整理|手打|分享|提供|"
    f"制作)|请支持正版(?:阅读)?|全文字(?:无广告|阅读)|无弹窗(?:小说网?|广告)|纯文字(?:无广告|首发|在线)|(?:最快|"
    f"全文)?手打(?:更新组|版|首发)|无广告无弹窗|更新最快无弹窗){_ADDRESS}?"
    f"|[\\[(【<{{]{_HAN}{{0,6}}(?:小说网|中文网|文学网|阅读网|看书网|读书网)[^\\])】>}}。,]{{0,12}}[\\])】>"
    f"}}]|(?<=[。!?”…])[-=~_]{{0,3}}{_OF_NAME}{{2,4}}(?:小说网|中文网|文学网|看书网|读书网|小说阅读网)[-=~_]{{0,3"
    f"}}(?=$|[。!?“])|(?<=[。!?”…]){_HAN}{{2,3}}(?:小说网|中文网|文学网)(?={_HAN})"
    f'|[$&/|#@+=_>-]{{1,4}}{_HAN}{{2,4}}{_ENDING}(?:[$&/|#@+=_<-]{{1,4}}|,?请收藏)|[“"]{_HAN}{{2,3}}(?:小说|中文|'
    f'文学)网?[”"]更新最快|《(?:最快更新|[^《》]{{0,8}}(?:首发|无弹窗)|纯文字[^《》]{{0,60}})》|一秒记住,?本站域名|'
    f"(?<=[。!?”…])txt(?:全本|免费|小说|电子书)?下载|免费小说阅读网|(?<![a-z0-9])[a-z][a-z0-9]{{3,12}}(?:小说网|中文网|"
    f"文学网)|(?<=[。!?”…])[a-z][a-z0-9]{{3,12}}(?:小说|中文|文学|书屋|书吧)(?=$|[。!?])|"
    f"[-=~_+]{{1,3}}{_HAN}{{2,4}}{_ENDING}[-=~_+]{{1,3}}"
)
_QUALITY = (
    "(?:最新|最快|最全|更多|更好|更快|更新|无弹窗|无广告|好看|精彩|免费|本书|此书|正版|全本|后续|热门|章节|小说|内容|"
    "全文|电子书|好书|阅读|txt|广告|的)"
)
_GOING = "(?:访问|登[录陆]|关注|搜索|百度|收藏|记住|认准|下载|浏览|[上到来去在搜])"
_SHORT_NAME = f"(?:{_NAME}|{_HAN}{{2,3}}网)"
_INVITING = re.compile(
    f"(?:[想要欲]?(?:看|阅读|追|查看))?(?!的){_QUALITY}{{1,6}},?[请就尽都均可](?:大家|您|各位|"
    f"用户)?{_GOING}{{1,2}}[:,]?(?:{_SHORT_NAME}{_ADDRESS}?|{_ADDRESS}){_TAIL}{{0,3}}"
    f"|(?:未完待续,?)?请(?:大家|您|各位)?{_GOING}{{1,2}}(?:{_SHORT_NAME}|{_HAN}{{2}}网|"
    f"\\([^()]{{2,12}}\\)){_ADDRESS}?{_TAIL}{{1,3}}"
    f"|(?:请|喜欢请?)?(?:大家|您)?(?:访问|登[录陆]|浏览|记住|"
    f"收藏)[:,]?{_ADDRESS}(?:{_HAN}{{1,8}}(?:更新速度)?(?:全网)?(?:更新)?最快)?"
    f"|本(?:章节?|书|文)首发{_SHORT_NAME}(?:,最新章节请到{_SHORT_NAME}阅读)?"
    f"|搜搜{_HAN}{{2,4}},即可{_HAN}{{0,4}}阅读{_HAN}{{0,2}}(?:后面|后续)?章节"
)
_SPAM = re.compile(
    "(?:【看书福利】|【领现金红包】|推荐一个app|话说,?目前朗读听书|真心不错,值得装|认识十年的老书友|我最近在用的.{0,4}app|"
    "求助下,可以)[^。]{0,60}?"
    "(?:打发时间|每天看书抽现金|现金等你拿!?|最新版|换源的|神器|更新快!?|离线朗读!?|。|$)"
)
_FAMOUS = re.compile(
    "(?:笔趣[阁库]|飘天文学|顶点小说|八一中文|乐文小说|燃文小说|69书吧|uu看书|无错小说|猪猪岛小说|棉花糖小说|落秋中文|"
    "三五中文|零点看书)网?(?:手机版)?"
)
_PATTERNS = (_LEADING, _INVITING, _BOASTING, _BARE, _SPAM, _FAMOUS)
_QUICK = re.compile(f"{DOMAIN}|[小说中文学书屋吧城阅读网]{{2}}|手打|首发|弹窗|广告|正版|上传|app|书源|听书|[)\\]】>》]|{_KNOWN}")
# Before what a person goes to, opens or names.
_SPOKEN_OF = re.compile("(?:[去到上在从进逛开看读给和与是叫为被把着这那家个名找]|[他她我你])$")
_NEAR = 4
_FRAMES = "[(【<{-=~_$&/|#@+>《"
_EVERYDAY_LEAD = re.compile("下载|收藏|首发于|关注公众号|转载|小说(?:由|来自|首发)|章节(?:由|来自)|欢迎|快来|微信")
_MARK_BEFORE = re.compile("[。!?”…,;(\\[【<]$|^$")
_WATERMARK = re.compile(
    f"(?<=[\u3400-\u9fff,。!?”…]){DOMAIN}+(?=[\u3400-\u9fff“])|^{DOMAIN}+(?=[\u3400-\u9fff“,])|(?<=[。!?”…]){DOMAIN}+(?=[。]?$)"
)
_NAMING = re.compile("(?:[去到上在从进开是叫为有名入看读问说:,的了]|网址|域名|网站|访问|登录|输入|地址|邮箱|搜索?)$")
_ASIDE = re.compile(r"\([^()]{2,60}\)|\[[^\[\]]{2,60}\]|【[^【】]{2,60}】|<[^<>]{2,60}>|-[^-]{2,20}-")
_FRAMED = re.compile(f"(?<=[{_SALTED}])({_HAN}{{2,4}}{_ENDING})(?=[{_SALTED}])")
_LEAST_ASIDE, _FEW_KINDS = 5, 1
_STORY_LEFT = 6


def inserts(text: str, line: str, places: list[int]) -> Iterator[Part]:
    """The advertisements of fixed shape in the view `text` of `line`, where enough of a story is left beside them."""
    if not _QUICK.search(text):
        return
    done = 0
    for start, end in merged(iter(sorted({*_spans(text), *_framed(line, places)}))):
        if start >= done and len(text) - (end - start) >= _STORY_LEFT:
            yield Part(start, end, True)
            done = end


def _framed(line: str, places: list[int]) -> Iterator[tuple[int, int]]:
    """Names of sites between two rows of symbols, which a view has no more."""
    for match in _FRAMED.finditer(line):
        yield bisect_left(places, match.start(1)), bisect_left(places, match.end(1))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    networked = NETWORK_STORY.search(text) is not None
    asides = [match.span() for match in _ASIDE.finditer(text)]
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if _is_spoken_of(text, pattern, match):
                continue
            if not networked or (pattern in (_LEADING, _INVITING) and DOMAIN in match.group()):
                yield _widened(text, asides, *match.span())
    for start, end in asides:
        if (
            end - start > _LEAST_ASIDE
            and text[start] in "(["
            and not _is_quoted(text, start)
            and is_furniture(text[start + 1 : end - 1])
        ):
            yield _widened(text, asides, start, end)
    if not networked:
        for match in _WATERMARK.finditer(text):
            start = match.start()
            plain = not _NAMING.search(text, max(start - _NEAR, 0), start) or text[start - 1] in ",。"
            if plain and not _is_quoted(text, start) and len({found.lastgroup for found in WORD.finditer(text)}) <= _FEW_KINDS:
                yield _widened(text, asides, *match.span())


def _is_spoken_of(text: str, pattern: re.Pattern[str], match: re.Match[str]) -> bool:
    """Whether somebody in the story goes to, opens or names what looks like an advertisement."""
    before = text[max(match.start() - _NEAR, 0) : match.start()]
    if pattern is _SPAM or (_MARK_BEFORE.search(before) and pattern in (_LEADING, _INVITING)):
        return False
    if pattern is _LEADING and _EVERYDAY_LEAD.match(match.group()):
        return True
    if pattern is _BARE and match.group()[0] not in _FRAMES and _is_quoted(text, match.start()):
        return True
    return DOMAIN not in match.group() and pattern not in (_LEADING, _INVITING) and _SPOKEN_OF.search(before) is not None


def _is_quoted(text: str, at: int) -> bool:
    return text.rfind("“", 0, at) > text.rfind("”", 0, at)


def _widened(text: str, asides: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """With the brackets around it, and with the comma or full stop after what stands between two marks."""
    start, end = next((aside for aside in asides if aside[0] <= start < aside[1]), (start, end))
    if (not start or text[start - 1] in "。!?”…") and text[end : end + 1] in tuple("。,!."):
        end += 1
    return start, end
