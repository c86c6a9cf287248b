"""Where in a text a line may be an advertisement: a quick search, so that only few lines need judging."""

import re
from collections.abc import Iterator
from heapq import merge

from pipelines.rules.lookalikes import CHINESE, SALT, TRADITIONAL

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
CUES = _WORDS.split()
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
_LATIN = (
    *(
        "www",
        "WWW",
        "http",
        ".com",
        ".net",
        ".org",
        "ebook",
        "-book",
        "etext",
        "popup",
        ".test",
        ".example",
        "eBook",
        "Ebook",
        "OCR",
        "canned ",
        "ploaded",
        "roofed",
    ),
    *(
        "ownload",
        "ookmark",
        "ctrl",
        "Ctrl",
        "released by",
        "brought to you",
        "iscord",
        "ABC Amber",
        "atest chapter",
        "atest episode",
        "broken links",
        "hapters are",
        "hapter is",
        "ontent is",
        "reading experience",
    ),
)
_BETWEEN = frozenset(" \u3000.-_·•=+#/\\" + SALT)
# One letter in so many is an e in a text of Latin letters; shorter texts are taken for either.
_MOSTLY_LATIN = 25
_SHORT = 20_000


def _by_rarest() -> dict[str, list[tuple[int, str]]]:
    """For each character to look out for, the cues that it stands in and where in them."""
    rank = {character: at for at, character in enumerate(_COMMON)}
    table: dict[str, list[tuple[int, str]]] = {}
    for plain in CUES:
        at = max(range(len(plain)), key=lambda at: rank.get(plain[at], len(_COMMON)) if "\u3400" < plain[at] < "\ua000" else -1)
        for cue in {plain, "".join(TRADITIONAL.get(character, character) for character in plain)}:
            table.setdefault(cue[at], []).append((at, cue))
    return table


_BY_RAREST = _by_rarest()
_LETTERS = (_W + "cCｃＣсСϲⓒnNｎＮoOｏＯοоОⓞtTｔＴ").replace("0", "")
_RARE = re.compile("[" + re.escape("".join(_BY_RAREST) + _LETTERS) + "]")


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
    """The cues, and characters that marks are strewn between."""
    return merge(_spelt(text), (match.start() for match in _STREWN.finditer(text)))


def _spelt(text: str) -> Iterator[int]:
    for match in _RARE.finditer(text):
        at = match.start()
        if any(text.startswith(cue, at - back) for back, cue in _BY_RAREST.get(text[at], ())):
            yield at
        elif text[at] in _LETTERS:
            if _ADDRESS.match(text, at):
                yield at
        elif at and text[at - 1] in _BETWEEN and text[at + 1 : at + 2] in _BETWEEN:
            yield at


def _all(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))
