"""Where in a text a line may be an advertisement: a quick search, so that only few lines need judging."""

import re
from collections.abc import Iterator
from heapq import merge

import numpy as np

from pipelines.rules.lookalikes import CHINESE, SALT, TRADITIONAL
from pipelines.rules.trade_words import SURE

# Sought in the raw text, in simplified and in traditional characters.
_WORDS = (
    "本站 网址 域名 说网 文网 文学网 书屋 书吧 书城 趣阁 新章节 章节目 首发 弹窗 手打 下载 手机用 手机版 手机端 手机"
    "站 手机阅 手机看 手机访 手机书 手机读 手机同 手机浏 手机请 "
    "手机上网 手机最 手机登 用手机 节错 节报 节内容 节缺 节有 节出 住本 住网 住我 秒记 秒钟记 请记 牢记 更新最 更新快"
    " 快更 快最 更新速 更新尽 更新就 藏本 藏网 藏一 收藏 读请 阅读本 阅读最 "
    "免费阅 免费看 免费小 免费全 费在线 在线阅 在线看 线发牌 文阅读 文免费 文字 全集 全本 众号 众平台 众账 群号 书群 "
    "友群 者群 迷群 流群 方群 丝群 Q群 q群 Ｑ群 扣群 群:1 书友 书迷 微信 客户端 阅读器 换源 追书 离线 书签 书架 上一"
    "章 "
    "下一章 下一页 上一页 返回目 返回书 快捷键 制作: 制作： 作者所 书制作 T制作 t制作 校对 扫描 录入 精校 打字 整理 "
    "时内 时之内 时后删 时内删 时删除 版权 侵权 侵犯 仅供 只供 商业用 商业目 正版 跳转 展开全 展开剩 剩余 触屏 移动书"
    " WAP 3G版 分章 etext Etext .test 玄幻 奇幻 仙侠 排行 帖于 贴于 签名"
    "档 版规 顶帖 顶贴 example invalid EBOOK ranslator ele"
    "ase chapter arrow 转载 采集 出品 护眼 福利 移动端 电脑版 不完整 显示 试用 封面 无私 该作者 序浏 版主 "
    "一生平 企鹅 扣扣 备注 超话 微博 接下页 接下一 下一节 翻页 翻到 未完 加载 打不开 后续内 后续章 错别 错字 置"
    "顶 进群 加群 群里 加Q 加q QQ qq ＱＱ VX vx Vx V信 mail Mail 复领 复即 复可 站长 反馈 水印 PDF pdf 转换 打包"
    " 网盘 盗版 合作 投稿 转自 有误 有错 新域 新地 阅读记 飘天 顶点 网友 免责 搜索 搜狗 百度 本帖 发表于 收集自 互联"
    "网 "
    "荷官 赌场 娱乐城 招收 招募 招聘 贴吧 论坛 广告 防盗 书由 文由 章由 电子书 电子版 E书 e书 完本 TXT txt Txt ＴＸＴ"
    " ｔｘｔ app APP App ＡＰＰ 关注 推荐给 分享给 推荐本 推荐阅 新书推 热门推 相关推 同类推 投票 推荐票 订阅 欢迎 互"
    "联网 刷新 举报 "
    "书名 多精 多电 多更 多免 多章 多内 多全 多T 多t 尽在 书网 书软 书神 书必 书就 友推荐 朗读 无错 纯文 温馨提 阅读"
    "模 转码 二维码 缓存 友上传 者上传 户上传 提供 支持作 支持本 您的 如果您 如果你 未经 出处 来源 收集自 互联网 发布"
    "页 本人不 私密视 抢购 首充 快捷 ctrl Ctrl CTRL 会员 猜你 您来 敬请"
)
_CORE = re.compile("[\u3400-\u9fff]{2,8}|[a-z]{2,12}")


def _cores() -> Iterator[str]:
    """Of each sure word what a raw text surely holds: its longest piece of Chinese, or of Latin letters small and large."""
    for word in " ".join(SURE.values()).split():
        core = max(_CORE.findall(word), key=len, default=word)
        yield from (core, core.upper(), core.capitalize()) if core.isascii() else (core,)


CUES = [*dict.fromkeys((*_WORDS.split(), *_cores()))]
# Words of a story, too: in a line longer than furniture is, one of them alone is no reason to look.
_FURNITURE = frozenset(CUES) - frozenset(_WORDS.split())
_EVERYDAY = _FURNITURE | frozenset(
    [
        "文字",
        "整理",
        "欢迎",
        "更多",
        "手打",
        "回复",
        "未完",
        "出处",
        "来源",
        "牢记",
        "有误",
        "有错",
        "无私",
        "收藏",
        "招收",
        "招募",
        "招聘",
        "显示",
        "提供",
        "关注",
        "玄幻",
        "排行",
        "全集",
        "打字",
        "投票",
        "微信",
        "手机用",
        "用手机",
        "搜索",
        "推荐给",
        "书友",
        "群里",
        "新域",
        "新地",
        "合作",
        "校对",
        "转换",
        "打包",
        "不完整",
        "论坛",
        "广告",
        "订阅",
        "签名",
        "正版",
        "版权",
        "侵犯",
        "进群",
        "百度",
        "备注",
        "微博",
        "试用",
        "封面",
        "扫描",
        "录入",
        "出品",
        "网友",
        "书名",
        "会员",
        "采集",
        "反馈",
        "举报",
        "刷新",
        "下载",
        "书签",
        "书架",
        "书城",
        "书屋",
        "追书",
        "站长",
        "完本",
        "离线",
        "娱乐城",
        "赌场",
        "荷官",
        "跳转",
        "置顶",
        "抢购",
        "您来",
        "敬请",
        "您的",
        "支持作",
        "互联网",
        "朗读",
        "福利",
        "未经",
        "多精",
        "多内",
        "书就",
        "书由",
        "复可",
        "复即",
        "住我",
        "请记",
    ]
)
_LONG, _BESIDE = 160, 40
# The commonest characters of modern Chinese, the commonest first. Each cue is sought by its rarest character.
_COMMON = (
    "的一是不了在人有我他这个来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事"
    "成方多经么去法学如都同现当没动面起看定天分还进"
    "好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问"
    "很最重并物手应战向头文体政美相见被利什二等产"
    "或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平"
    "系气题活尔更别打女变四神总何电数安少报才结反"
    "受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即"
    "像难且权思王象完设式色路记南品住告类求据程北"
    "边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
)
_W, _C, _O = "wWｗＷωшщШЩѡⓦⓌ", "cCｃＣсСϲⓒ", "oOｏＯοоОⓞ0"
_DOTS = ".．。点點丶、·•,)"
_ADDRESS = re.compile(
    rf"[{_W}][ .．*~。-]{{0,2}}[{_W}]|[{_C}][ ]?[{_O}][ ]?[mMｍＭм]|(?:[nNｎＮ][ ]?[eEｅＥе][ ]?[tTｔＴт]"
    rf"|[cCｃＣ][nNcCｎＮｃＣ]|[oOｏＯ][rRｒＲ][gGｇＧ])(?![a-z])|(?<=[.．])(?:[a-z]{{2,5}})(?![a-z])"
    rf"|[tTｔＴ][ -]?[tTｔＴ][ -]?[pPｐＰ]|trl|nline|ovels?\b|ookmark|canned|oofed|oofread|ownload|oaded by"
    rf"|ook(?<=[eE]book)|ook(?<=[eE]-book)|CR(?<=OCR)"
)
_MARKS = re.escape(SALT) + r"()（）\[\]ａ-ｚ \u3000.\-·•_=+#&$%@\\/'"
_STREWN = re.compile(rf"[{_MARKS}](?<=[{CHINESE}].)[{CHINESE}][{_MARKS}]{{1,2}}[{CHINESE}]")
_LATIN_WORDS = (
    "www|WWW|http|.com|.net|.org|ebook|-book|etext|popup|.test|.example|eBook|Ebook|OCR|canned |ploaded|roofed|"
    "ownload|ookmark|ctrl|Ctrl|released by|brought to you|iscord|ABC Amber|irate| piracy|ithout approval|"
    "ithout permission|ithout consent|meant to be on|nauthori|ightings|ooks at|translat|Translat|atreon|"
    "eyboard keys|a review|a comment|ponsored|dvertise|to continue|remium|his chapter|his novel|og in to|ign up|"
    "ign in|our website|our site|elegram|roduced by|reated by|ormatted by|enerated by|rovided by|owered by|"
    " - Chapter|Novel|ll rights|opyright|revious|Prev|Next|loudflare|our browser|unavailable|Unavailable|ot found|"
    "Not Found|Page |for reading|ource of this|avascript|avaScript|atest chapter|atest episode|broken links|"
    "hapters are|hapter is|ontent is|reading experience"
)
_LATIN = _LATIN_WORDS.split("|")

# One letter in so many is an e in a text of Latin letters; shorter texts are taken for either.
_MOSTLY_LATIN = 25
_SHORT = 20_000


_PAIR = 2
_SPREAD = 40_503  # a multiplier that spreads pairs over the 65,536 places of a table


def _by_rarest() -> dict[str, list[tuple[int, str]]]:
    """For each pair of characters to look out for, the cues that it stands in and where in them: in each cue the rarest."""
    rank = {character: at for at, character in enumerate(_COMMON)}
    table: dict[str, list[tuple[int, str]]] = {}
    for plain in CUES:
        ranks = [rank.get(character, len(_COMMON)) for character in plain]
        at = max(range(len(plain) - 1), key=lambda at: ranks[at] + ranks[at + 1])
        for cue in {plain, "".join(TRADITIONAL.get(character, character) for character in plain)}:
            table.setdefault(cue[at : at + 2], []).append((at, cue))
    return table


_BY_RAREST = _by_rarest()
_PAIRS = np.array(sorted(ord(pair[0]) << 16 | ord(pair[1]) for pair in _BY_RAREST), dtype=np.uint32)
_HASHED = np.zeros(1 << 16, dtype=bool)
_HASHED[((_PAIRS >> 16) * _SPREAD + (_PAIRS & 0xFFFF)) & 0xFFFF] = True
_LETTERS = re.compile("[" + re.escape((_W + "cCｃＣсСϲⓒnNｎＮoOｏＯοоОⓞtTｔＴ").replace("0", "")) + "]")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")


def may_be_trade(text: str) -> bool:
    """Whether more than the words of furniture stands in the view of a line."""
    return any(cue not in _FURNITURE for _, cue in _cues(text)) or next(_marked(text), -1) >= 0


def places(text: str) -> Iterator[int]:
    """Ascending offsets near which an advertisement may be."""
    if text.isascii():
        yield from _latin_places(text)
    elif len(text) > _SHORT:
        yield from _latin_places(text) if text.count("e", 0, _SHORT) > _SHORT // _MOSTLY_LATIN else _chinese_places(text)
    else:
        yield from sorted({*_latin_places(text), *_chinese_places(text)})


def _latin_places(text: str) -> list[int]:
    return sorted({at for needle in _LATIN for at in _all(needle, text)})


def _chinese_places(text: str) -> Iterator[int]:
    """The cues, what looks like an address, and characters that marks are strewn between."""
    return merge(_spelt(text), _marked(text))


def _marked(text: str) -> Iterator[int]:
    letters = (match.start() for match in _LETTERS.finditer(text) if _ADDRESS.match(text, match.start()))
    return merge(letters, (match.start() for match in _STREWN.finditer(text)))


def _cues(text: str) -> list[tuple[int, str]]:
    """Where which cue stands. All pairs of neighbours are looked up at once; a loop sees only those that are in a cue."""
    if len(text) < _PAIR:
        return []
    codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    if len(codes) != len(text):
        codes = np.frombuffer(_BEYOND.sub("\ufffd", text).encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    at = np.flatnonzero(_HASHED[codes[:-1] * np.uint16(_SPREAD) + codes[1:]])
    pairs = codes[at].astype(np.uint32) << 16 | codes[at + 1]
    near = np.minimum(np.searchsorted(_PAIRS, pairs), len(_PAIRS) - 1)
    found: list[tuple[int, str]] = []
    for start in at[_PAIRS[near] == pairs].tolist():
        cue = next((cue for back, cue in _BY_RAREST[text[start : start + 2]] if text.startswith(cue, max(start - back, 0))), "")
        if cue:
            found.append((start, cue))
    return found


def _spelt(text: str) -> Iterator[int]:
    """The cues, less everyday ones that stand alone in a long line."""
    found = _cues(text)
    for before, (start, cue), after in zip([(-_LONG, ""), *found], found, [*found[1:], (len(text) + _LONG, "")], strict=False):
        if cue not in _EVERYDAY or _in_short_line(text, start) or _are_two(before, (start, cue)) or _are_two((start, cue), after):
            yield start


def _in_short_line(text: str, at: int) -> bool:
    begin = max(text.rfind("\n", max(at - _LONG, 0), at), at - _LONG)
    return len(text) - begin <= _LONG or text.find("\n", at, begin + _LONG) >= 0


def _are_two(one: tuple[int, str], other: tuple[int, str]) -> bool:
    return other[0] - one[0] <= _BESIDE and one[1] != other[1]


def _all(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))
