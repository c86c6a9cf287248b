"""The rules of chapters: what they change, what they leave, and that they have nothing more to do afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.decode import decode
from pipelines.rules import BY_NAME

BODY = "".join(f"话说第{n}件事，分久必合，合久必分，{n * 7919}人都看见了。\n" for n in range(20))
LAWFUL = ("headings", "repeated_title", "contents", "same_chapters", "similar_chapters", "same_paragraphs")


def after(rule, text):
    return BY_NAME[rule].apply(text)[0]


def book(headings, body=BODY):
    return "".join(f"{heading}\n{body.replace('话说', f'话说{place}')}" for place, heading in enumerate(headings))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("第 三 章　风起", "第三章 风起"),
        ("【第三章 出山】", "第三章 出山"),
        ("☆、第三章 他来了", "第三章 他来了"),
        ("===第三章 风===", "第三章 风"),
        ("正文 第１２章：开始", "第12章 开始"),
        ("第三十三回金吒智取遊魂關", "第三十三回 金吒智取遊魂關"),
        ("　　第一回　灵根育孕源流出　心性修持大道生", "　　第一回 灵根育孕源流出 心性修持大道生"),
        ("序章：雪夜", "序章 雪夜"),
        ("第一卷 少年 第三章 出山", "第一卷 少年 第三章 出山"),
        ("CHAPTER XII. In the Dark", "CHAPTER XII. In the Dark"),
        ("== Chapter 3 ==", "Chapter 3"),
        ("第三章 你是谁？", "第三章 你是谁？"),
    ],
)
def test_headings_are_written_in_one_way(line, wanted):
    headings = ["第一章", "第二回", line, "第九章"]
    if "金吒" in line:
        headings = [line] * 4
    assert wanted in after("headings", book(headings)).splitlines()


def test_junk_before_all_headings_goes_and_a_line_of_prose_stays():
    text = book([f"《》目录 第{n}回 灵根" for n in "一二三四五"])
    assert after("headings", text) == book([f"第{n}回 灵根" for n in "一二三四五"])
    text = book(["第一章 风", "第二章 雨", "他翻到第九章 那一页", "第三回他输了", "第三章 雪"])
    assert after("headings", text) == text


@pytest.mark.parametrize(
    ("start", "wanted"),
    [
        ("第二章 雨\n第二章 雨\n", "第二章 雨\n"),
        ("第二章 雨\n\n　　第二章：雨\n", "第二章 雨\n\n"),
        ("第二章 雨\n雨\n雨\n", "第二章 雨\n"),
        ("第二章\n第二章 雨\n", "第二章 雨\n"),
        ("第二章 你是谁\n“你是谁？”\n", "第二章 你是谁\n“你是谁？”\n"),
        ("第二章 雨\n雨下了一夜。\n", "第二章 雨\n雨下了一夜。\n"),
    ],
)
def test_a_title_repeated_at_the_start_goes(start, wanted):
    assert after("repeated_title", start + BODY) == wanted + BODY


def test_a_table_of_contents_goes_with_the_word_above_it():
    names = [f"第{n}回 其{n}" for n in "一二三四五六"]
    table = "　　目 录\n\n" + "\n".join(names) + "\n"
    assert after("contents", "《书》\n\n" + table + "\n" + book(names)) == "《书》\n\n\n" + book(names)
    (edit,) = BY_NAME["contents"].edits(table + book(names))
    assert edit.removed == table


def test_headings_that_do_not_come_again_stay():
    names = "\n".join(f"第{n}回 其{n}" for n in "一二三四五六") + "\n"
    assert after("contents", names + BODY) == names + BODY


def test_the_second_copy_of_a_chapter_goes_whatever_its_heading():
    whole = "第一章 风\n" + BODY + "第二章 雨\n雨。\n" + "第三章 雪\n雪。\n"
    copy = "第四章 又是风\n" + BODY.replace("。\n", " 。\n\n")
    assert after("same_chapters", whole + copy) == whole
    assert after("same_chapters", whole + "\n" + copy) == whole
    # Short chapters may be the same for a reason.
    assert after("same_chapters", book(["第一章", "第二章", "第三章"], "他走了。\n")) == book(
        ["第一章", "第二章", "第三章"], "他走了。\n"
    )


def test_a_near_copy_goes_only_by_the_rule_for_those():
    whole = "第一章 风\n" + BODY * 2 + "第二章 雨\n雨。\n" + "第三章 雪\n雪。\n"
    near = "第四章 风\n" + (BODY * 2).replace("第7件", "第柒件")
    assert after("same_chapters", whole + near) == whole + near
    assert after("similar_chapters", whole + near) == whole


def test_a_long_paragraph_that_repeats_the_one_before_goes():
    long, short = "这一段话说得很长，" * 4 + "长得很。\n", "哈哈哈哈。\n"
    assert after("same_paragraphs", long + "\n" + long + "\n" + short + short) == long + "\n" + short + short
    assert after("same_paragraphs", long + short + long) == long + short + long
    assert after("same_paragraphs", ("-" * 60 + "\n") * 2) == ("-" * 60 + "\n") * 2


LONG = "这一段话说得很长，" * 25 + "\n"
LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "目录",
                "第一章",
                "第二章 雨",
                "第二章雨",
                "雨",
                "《》 第三回 月",
                "【第四章 云】",
                "卷一",
                "楔子",
                "",
                "　",
                LONG,
                "字" * 90,
            ]
        ),
        st.sampled_from([f"第{n}章 其{n}" for n in range(1, 8)]),
        st.text("第章一二 \n雨。【】：", max_size=8),
    ),
    max_size=60,
).map("\n".join)


@pytest.mark.parametrize("name", LAWFUL)
@given(text=LINES)
def test_a_second_run_finds_nothing(name, text):
    once, _ = BY_NAME[name].apply(text)
    assert list(BY_NAME[name].edits(once)) == []


@pytest.mark.parametrize("name", ["repeated_title", "contents", "same_chapters", "similar_chapters", "same_paragraphs"])
def test_a_clean_classic_stays_as_it_is(novels, name):
    for file in ("zh/hongloumeng_utf8.txt", "zh/xiyouji_utf8bom.txt", "en/pg1013_first_men_in_the_moon.expected.txt"):
        assert list(BY_NAME[name].edits(decode((novels / file).read_bytes()).text.replace("\r\n", "\n"))) == []
