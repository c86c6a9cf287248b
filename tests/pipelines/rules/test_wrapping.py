"""Lines that were cut at a fixed width become paragraphs again, and nothing else is joined or changed."""

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import BY_NAME
from pipelines.rules.rule import Edit, unpatched
from pipelines.rules.settling import settled
from pipelines.rules.widths import SECTION_LINES, cells, ends_sentence
from pipelines.rules.wrapping import glue

CLAUSES = (
    "却说那人走进门来",
    "抬头一看",
    "只见满院子都是落叶",
    "风里带着一点雨意",
    "他便站住了脚",
    "问道这里可有人住",
    "半晌没有回答",
)
PARAGRAPHS = [
    "".join(CLAUSES[(number * 3 + at) % len(CLAUSES)] + ("。" if at % 4 == 3 else "，") for at in range(5 + number * 7 % 16))[:-1]
    + "。"
    for number in range(40)
]
ENGLISH = [
    f"It was on the {number}th of the month, and nobody in the house had slept, for the wind came over the hills all night. "
    * (1 + number % 4)
    for number in range(30)
]


def joined(text):
    once, edits = BY_NAME["wrapped_lines"].apply(text)
    assert unpatched(once, edits) == text
    assert BY_NAME["wrapped_lines"].apply(once) == (once, [])
    assert re.sub(r"\s", "", once) == re.sub(r"\s", "", text)
    return once


def cut(paragraphs, columns=34, indent="", between="\n"):
    """The paragraphs in lines of so many characters; no comma or stop begins a line."""
    return (
        between.join(re.sub(rf"(.{{{columns - 1}}}(?:.(?![，。])|))(?=.)", r"\1\n", indent + text) for text in paragraphs) + "\n"
    )


def paragraphs_of(text):
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("columns", [34, 40])
@pytest.mark.parametrize(("indent", "between"), [("", "\n\n"), ("　　", "\n"), ("    ", "\n"), ("　　", "\n\n\n")])
def test_marked_paragraphs_come_back_whole(columns, indent, between):
    wrapped = cut(PARAGRAPHS, columns, indent, between)
    assert len(wrapped.split("\n")) > len(PARAGRAPHS) * 2
    assert paragraphs_of(joined(wrapped)) == PARAGRAPHS


def test_unmarked_paragraphs_mostly_come_back():
    found = paragraphs_of(joined(cut(PARAGRAPHS)))
    assert len(set(found) & set(PARAGRAPHS)) >= 0.9 * len(PARAGRAPHS)


def test_lines_with_a_blank_one_between_any_two_are_joined():
    wrapped = cut(PARAGRAPHS, indent="　　").replace("\n", "\n\n")
    assert paragraphs_of(joined(wrapped)) == PARAGRAPHS


@pytest.mark.parametrize("mark", [("", "\n\n"), ("    ", "\n")])
def test_english_is_joined_with_one_space(mark):
    indent, between = mark
    wrapped = between.join("\n".join(textwrap.wrap(indent + text, 68)) for text in ENGLISH)
    assert paragraphs_of(joined(wrapped)) == [text.strip() for text in ENGLISH]


@pytest.mark.parametrize(
    ("before", "after", "between"),
    [
        ("他说", "好", ""),
        ("他说——", "“好", ""),
        ("道：“", "好", ""),
        ("a word", "and", " "),
        ("said—", "“and", " "),
        ("it’s”", "so", " "),
        ("한국", "말", " "),
    ],
)
def test_space_stands_only_between_latin_words(before, after, between):
    assert glue(before, after) == between


def test_headings_verse_and_drawn_lines_stay_apart():
    body = cut(PARAGRAPHS, indent="　　")
    text = (
        f"{body}第二回　山雨欲来风满楼\n无才可去补苍天，枉入红尘若许年。\n此系身前身后事，倩谁记去作奇传？\n＊＊＊＊＊＊\n{body}"
    )
    lines = joined(text).split("\n")
    for line in ("第二回　山雨欲来风满楼", "无才可去补苍天，枉入红尘若许年。", "＊＊＊＊＊＊"):
        assert line in lines


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(PARAGRAPHS),
        "无才可去补苍天，枉入红尘若许年。此系身前身后事，倩谁记去作奇传？\n" * 60,
        "滚滚长江东逝水，浪花淘尽英雄，是非成败转头空，青山依旧在，\n几度夕阳红，白发渔樵江渚上，惯看秋月春风，一壶浊酒喜相逢。\n"
        * 60,
        "Shall I compare thee to a summer's day, my love and\nThou art more lovely and more temperate, I say so and\n" * 60,
        "SPEAKER:\nWhat he cannot help in his nature, you account a\nvice in him.\n" * 30,
        "短\n" * 400,
        "",
    ],
    ids=["paragraphs", "couplets", "verse", "sonnet", "play", "words", "nothing"],
)
def test_what_was_never_cut_is_left_alone(text):
    assert BY_NAME["wrapped_lines"].apply(text) == (text, [])


@pytest.mark.parametrize(("indent", "between"), [("", "\n\n"), ("　　", "\n")])
def test_a_page_mark_in_a_paragraph_does_not_part_it(indent, between):
    lines = cut(PARAGRAPHS, 34, indent, between).split("\n")
    for at in range(len(lines) - 5, 0, -15):
        if lines[at] and lines[at - 1] and lines[at - 1][-1] != "。":
            lines[at:at] = ["", f"---- Page {at} ----", ""]
    scanned = "\n".join(lines)
    assert scanned.count("Page") >= 5
    closed, _ = BY_NAME["page_marks"].apply(scanned)
    assert paragraphs_of(joined(closed)) == PARAGRAPHS


def test_each_section_is_judged_by_itself():
    plain = "\n".join(PARAGRAPHS * 14)
    wrapped = cut(PARAGRAPHS * 14, indent="　　")
    done = joined(f"{plain}\n{wrapped}")
    assert done.startswith(plain)
    # A boundary inside a section costs the lines of a part of it, no more.
    assert len(done.split("\n")) <= 2 * 14 * len(PARAGRAPHS) + SECTION_LINES // 4


def test_cells_and_sentence_ends():
    assert [cells(text) for text in ("ab", "中文", "“…—", "a中")] == [2, 4, 6, 3]
    assert [ends_sentence(body) for body in ("完。”", "Done.)", "叫做“水仙”", "走了，", "他说：“——”", "")] == [
        True,
        True,
        False,
        False,
        True,
        False,
    ]


@given(
    st.lists(st.sampled_from(["中文字，", "“好。”", "第一章 山", "ab ", "\n", "\n　　", "\n\n", "—", "12"]), max_size=300).map(
        "".join
    )
)
def test_only_white_space_changes(text):
    joined(text * 3)


def test_a_rule_that_never_settles_leaves_the_text_alone():
    assert list(settled("a", lambda text: [Edit("x", 0, "", "a")])) == []
    assert list(settled("aaa", lambda text: [Edit("x", 0, "a")] if text else [])) == [Edit("x", 0, "aaa")]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("an example. An exam-\nple of it", "an example. An \nexample of it"),
        ("today it is to-day, and to-day it is to-\nday", "today it is to-day, and to-day it is to-\nday"),
        ("a well-\nknown man", "a well-\nknown man"),
        ("1914-\n1918 and A-\nB", "1914-\n1918 and A-\nB"),
    ],
)
def test_a_hyphen_goes_only_where_the_book_has_the_whole_word(text, cleaned):
    rule = BY_NAME["hyphens"]
    assert rule.apply(text)[0] == cleaned
    assert rule.apply(cleaned) == (cleaned, [])


def test_hyphenated_words_end_up_in_one_paragraph():
    text = "\n\n".join("\n".join(textwrap.wrap(paragraph, 68)) for paragraph in ENGLISH)
    text = text.replace("nobody", "no-\nbody", 1) + "\n\nA well-known nobody."
    dehyphenated, _ = BY_NAME["hyphens"].apply(text)
    assert "and nobody in the house" in joined(dehyphenated)


def test_real_novels_are_judged_rightly(novels):
    wanted = {
        "zh_gb/sanguo_gbk_wrapped40.txt": "gb18030",
        "zh/xiyouji_utf8bom.txt": "utf-8-sig",
        "zh_big5/laocanyouji_big5hkscs.txt": "big5hkscs",
    }
    for name, encoding in wanted.items():
        text = (novels / name).read_bytes().decode(encoding, "replace").replace("\r\n", "\n")[:200_000]
        assert (joined(text) != text) == ("wrapped" in name)
