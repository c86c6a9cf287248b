"""The rule of old forms: 著 for 着, 甚麽 for 什么, 於 and 裏 in a text that is simplified otherwise."""

import re
from collections.abc import Iterator

from pipelines.rules.rule import Edit, Rule

# 著 as a part of nouns and adjectives: after these, unless they are verbs there (讨论着, 编着辫子), and before those.
NOUNS = re.compile(
    "著(?:(?<=[显名原土遗专译巨拙撰昭卓]著)|(?<=论著)(?<![讨议谈争辩评理]论著)|(?<=编著)(?!辫|花|篮|筐|草|谎|故|瞎|竹|柳)"
    "|(?=名(?!字|单|片|帖|册)|作(?!揖|势|声|呕|梦|戏|法|怪)|者|述|书(?!信|包|桌)|称于|录))"
)
# What stands before 着 in three old novels, without the nouns, and what modern prose adds.
_VERBS = (
    "说看想跟拿坐笑带应等赶拉接睡站听穿指陪写放扶仗住打帮守捧瞅忙留迎遇挂哭收病当记随背抱猜托瞧领提捻按趁挑歇问隔找走顺靠"
    "跪料引撞执闲搀寻候闹逼咬牵量躺喝画围忍偷管拍照戴依点对披哄活摸望挣驮吃挽挨养扯开搂瞒举瞪藏系搭摆骂拖轮觑悬催装敲念嗔"
    "护骑倚摇碰揪踏惦端夹盛含躲拴抬拥插搁借锁捏蹲叫携担拄掩侮伸押伴争吊弯凭抓持驾铺捆握攥怀嚷噙包枕供兜捡映贴劝保擦烧束裹揉"
    "拾关绕露变弄压发挤垫伏绑闭掀喊挺扭连安撑使射秉躬盼恋绕扬嫌散注拢稳擎搬蹬扣扎爬掐疼乘衬嘟抹掇吵踢掰沉附衣跑跳飞流"
    "盯瞥扛拎揽捂蹭叼抚哼颤抖闪烁弥漫笼罩沿朝向冲凝盘缠燃翻摊晃荡滴淌冒吹刮响亮醒微低仰垂斜歪鼓挥舞追逃躲埋藏存忙活呆愣"
)
_COMPOUNDS = "急火凉魔迷想实眼手陆装慌恼忙"
PARTICLES = re.compile(f"著(?<=[{_VERBS}]著)|著(?=[{_COMPOUNDS}])")
_OLD = re.compile(
    "[甚麽麼於裏裡著](?:(?<=甚)[麽麼么]|(?<=[麽麼])(?<![幺么].)|(?<=於)(?<!樊於)(?![菟潜陵]|[戏乎][，！])|(?<=[裏裡])"
    f"|(?<=[{_VERBS}]著)|(?<=著)(?=[{_COMPOUNDS}]))"
)
_NEW = {"甚麽": "什么", "甚麼": "什么", "甚么": "什么", "麽": "么", "麼": "么", "於": "于", "裏": "里", "裡": "里", "著": "着"}
_SIMPLIFIED, _TRADITIONAL = "们这说国时会个来对过", "們這說國時會個來對過"
_MIXED = 0.05


def _old_variants(text: str) -> Iterator[Edit]:
    if not any(form in text for form in ("著", "甚", "麽", "麼", "於", "裏", "裡")) or not _is_simplified(text):
        return
    nouns = {match.start() for match in NOUNS.finditer(text)}
    for match in _OLD.finditer(text):
        if match.start() not in nouns:
            yield Edit("old_variants", match.start(), match.group(), _NEW[match.group()])


def _is_simplified(text: str) -> bool:
    simplified, traditional = sum(map(text.count, _SIMPLIFIED)), sum(map(text.count, _TRADITIONAL))
    return traditional <= _MIXED * simplified


RULES = (
    Rule(
        "old_variants",
        34,
        False,
        "middle",
        "Write 说著 as 说着, 甚麽 as 什么, 於 as 于, 裏 as 里 in simplified text.",
        _old_variants,
    ),
)
