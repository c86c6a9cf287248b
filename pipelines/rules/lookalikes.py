"""Seeing through disguises: a view of a line in which look-alike letters are plain and the symbols strewn in are gone."""

import re
import unicodedata
from dataclasses import dataclass

# Letters of other scripts that websites write their addresses with, so that filters do not know them.
_LETTERS = (
    ("aаαᴀ", "a"), ("bвβʙЬ", "b"), ("cсϲᴄⅽ©С", "c"), ("dԁᴅ", "d"), ("eеєεᴇ", "e"), ("gɢ", "g"), ("hнһʜ", "h"), ("iіιɪ", "i"),
    ("jјᴊ", "j"), ("kкκᴋ", "k"), ("lʟ", "l"), ("mмᴍ", "m"), ("nпηɴ", "n"), ("oоοσᴏ", "o"), ("pрρᴘ", "p"), ("rгʀ", "r"),
    ("sѕ", "s"), ("tтτᴛ", "t"), ("uцυᴜ", "u"), ("vνѵᴠ", "v"), ("wшщωᴡѡ", "w"), ("xхχ", "x"), ("yуγʏ", "y"), ("zᴢ", "z"),
)  # fmt: skip
# Of the traditional characters only those that the vocabulary of advertisements is written with.
_TRADITIONAL = (
    "機机戶户請请訪访問问覽览閱阅讀读書书記记載载網网發发說说節节錄录電电點点擊击無无彈弹窗窗廣广錯错誤误報报舉举歡欢"
    "筆笔閣阁頂顶飄飘"
    "壇坛園园權权歸归屬属轉转聯联繫系係系刪删責责製制掃扫圖图簽签籤签薦荐獎奖賞赏關关鍵键絡络會会員员號号碼码資资訊讯"
    "獲获領领優优質质"
    "離离線线緩缓軟软應应開开啟启續续張张頁页於于為为個个來来時时間间數数類类連连終终從从過过與与這这買买賣卖護护樂乐"
    "題题內内業业學学術术"
    "聲声侵侵違违犯犯對对經经允允許许禁禁編编輯辑團团隊队圍围觀观體体驗验實实現现將将給给們们愛爱寫写總总結结討讨論论"
    "臺台灣湾龍龙風风雲云"
    "盡尽熱热門门難难壓压縮缩檔档畫画導导航航評评級级層层樓楼復复環环換换頻频種种藏藏購购傳传輸输費费協协議议錢钱賭赌場场區"
    "区還还"
    "貼贴訂订閉闭擇择該该誰谁異异習习誌志選选讓让設设試试雜杂隻只審审師师處处備备條条樣样專专輕轻鬆松眾众憶忆雙双語语詞词"
    "萬万東东絲丝丟丢兩两嚴严豐丰亂乱亞亚產产僅仅倉仓價价倫伦餘余俠侠傾倾兌兑興兴冊册軍军淨净準准減减幾几劃划創创別别劇剧辦"
    "办務务動动醫医華华單单廠厂歷历參参變变後后聽听諮咨牆墙壯壮頭头誇夸夾夹婦妇娛娱寶宝"
    "寵宠嘗尝幣币幀帧幫帮幹干庫库棄弃強强當当徵征態态悅悦懶懒戲戏搶抢擔担攔拦掙挣據据舊旧晉晋暫暂殺杀槓杠極极構构櫃柜標标橫"
    "横畢毕氣气漢汉沒没淚泪測测瀏浏遊游滾滚滿满燈灯靈灵燒烧獨独貓猫暢畅療疗監监盜盗盤盘"
    "磚砖禮礼祕秘積积穩稳競竞簡简糾纠紅红約约純纯組组紹绍絕绝統统繼继維维羣群職职腎肾腦脑脫脱榮荣藥药營营藍蓝虛虚蟲虫補补裝"
    "装見见視视譽誉計计訓训講讲證证識识譯译誠诚話话詢询談谈謝谢謹谨負负財财敗败賬账貨货"
    "貸贷賠赔賺赚賽赛贊赞贏赢較较邊边遷迁進进適适遜逊郵邮採采裏里鑑鉴鑽钻鏈链銷销鎖锁長长閨闺陽阳險险隨随隱隐項项順顺須须顧"
    "顾預预顏颜額额館馆饋馈馬马驢驴駐驻駕驾魚鱼鮮鲜鵝鹅裡里麼么"
)
_CIRCLED_ONE, _PARENTHESISED_A = 0x2460, 0x249C


def _folds() -> dict[int, str]:
    """The plain form of every character that is written for another, one for one, so that offsets hold."""
    folds = {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    for code in (
        *range(0xA1, 0x250),
        *range(0x1D00, 0x2200),
        *range(0x2460, 0x2500),
        *range(0xFF01, 0xFF5F),
        *range(0x1D400, 0x1D800),
    ):
        plain = unicodedata.normalize("NFKD", chr(code))
        if plain[0].isascii() and (len(plain) == 1 or unicodedata.combining(plain[1])) and plain[0] != " ":
            folds[code] = plain[0].lower()
    folds |= {_CIRCLED_ONE + n: str(n + 1) for n in range(9)} | {_PARENTHESISED_A + n: chr(ord("a") + n) for n in range(26)}
    for disguises, letter in _LETTERS:
        folds |= {ord(form): letter for one in disguises for form in (one, one.upper()) if len(form) == 1}
    folds |= {ord(_TRADITIONAL[at]): _TRADITIONAL[at + 1] for at in range(0, len(_TRADITIONAL), 2)}
    return folds | {ord("\u3000"): " ", ord("\u00a0"): " "}


FOLDS = _folds()
TRADITIONAL = {plain: ancient for ancient, plain in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)}
CHINESE = "\u3400-\u9fff"
SALT = "~^*|¤§★☆●○◎◇◆□■△▲▽▼※→←↑↓↖↗↘↙〓∷♂♀♠♣♥♦♪♬☺☻►◄▪▫◦◤◢█▌▓☞☜✿❀☼∽≈∞±÷×√∑∏∠⊙≮≯︾︽︻︼╬╰╯╭╮┊┋﹏≡卐卍❤✦✧✪➤"
_SALT_CLASS = re.escape(SALT)
# Between single characters nearly anything can be strewn; three gaps in a row are asked for, and not all of one comma.
_STREWN = re.compile(rf"[{CHINESE}](?:[^{CHINESE}\s“”‘’…—。！？：，、；「」『』]{{1,2}}[{CHINESE}]){{3,40}}")
_COMMAS = set("，、,；;。！？/／")
# Single characters that one and the same mark parts, three in a row at least, or a space, four in a row: nobody writes so but
# to hide a word.
_APART = re.compile(
    rf"[{CHINESE}]([ \u3000])\1?[{CHINESE}](?:\1{{1,2}}[{CHINESE}]){{2,40}}"
    rf"|[{CHINESE}]([{_SALT_CLASS}.\-·•_=+#&$%@\\/'])\2?[{CHINESE}](?:\2{{1,2}}[{CHINESE}]){{1,40}}"
)
_SPELT_OUT = re.compile(r"(?<![a-z0-9])[a-z0-9](?:-[a-z0-9](?![a-z0-9])){2,40}")
_DROPPED = re.compile(rf"(?<=[a-z0-9]{{2}})\s+(?=[a-z0-9]{{2}})|[\s{_SALT_CLASS}]+")
SALTED = re.compile(rf"(?<=[{CHINESE}])[{_SALT_CLASS}]{{1,3}}(?=[{CHINESE}])")


@dataclass(frozen=True, slots=True)
class View:
    """A line as a reader takes it: `text` in plain letters, and for each of its characters the offset in the line."""

    text: str
    places: list[int]


def view(line: str) -> View:
    """The view of a line: letters plain and small, traditional characters simplified, spaces and symbols strewn in gone.

    A space between two Latin words stays.
    """
    folded = line.translate(FOLDS)
    strewn = {at for match in _STREWN.finditer(line) for at in _separators_of(match)}
    strewn |= {at for match in _SPELT_OUT.finditer(folded) for at in range(match.start() + 1, match.end(), 2)}
    places: list[int] = []
    done = 0
    for match in _DROPPED.finditer(folded):
        places += range(done, match.start())
        if match.start() and match.end() < len(folded) and _parts_words(folded, match):
            places.append(match.start())
        done = match.end()
    places += range(done, len(folded))
    if strewn:
        places = [place for place in places if place not in strewn]
    return View("".join([folded[place] for place in places]), places)


def salts(line: str) -> list[int]:
    """Offsets of the marks strewn between the characters of a line, ascending."""
    apart = (at for match in _APART.finditer(line) for at in range(*match.span()) if line[at] in (match.group(1), match.group(2)))
    mixed = (at for match in _STREWN.finditer(line) for at in _separators_of(match))
    return sorted({*apart, *mixed, *(match.start() for match in SALTED.finditer(line))})


def _separators_of(match: re.Match[str]) -> list[int]:
    """Offsets of what stands between the characters; none if it is an enumeration, or a row of very short sentences."""
    found = [at for at in range(*match.span()) if not "\u3400" <= match.string[at] <= "\u9fff"]
    marks = {match.string[at] for at in found}
    return [] if len(marks) == 1 and marks <= _COMMAS else found


def _parts_words(folded: str, match: re.Match[str]) -> bool:
    around = folded[max(match.start() - 2, 0) : match.start()] + folded[match.end() : match.end() + 2]
    return match.group().isspace() and len(around) == 4 and around.isascii() and around.isalnum()
