"""The laws that every rule keeps: the same again does nothing, edits are in order, undo restores, odd texts take no time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import BY_NAME, ORDER, RULES
from pipelines.rules.rule import patched, unpatched

# What rules look for, so that texts of it provoke them.
SCRAPS = (
    *("\r\n", "\n", "\n\n", "\t", " ", "\u3000\u3000", "\xa0", "\u200b", "\ufe0f", "\x00", "\x1b[31m", "\ufffd", "\ue000"),
    *("中", "国", "她", "说：", "。", "，", "“", "”", '"', "「", "」", "．", "……", "。。。", "...", "--", "——", "·", "□"),
    *("第一章 山雨", "第二章 山雨", "第一百回", "楔子", "1", "2", "3", "一、", "- 12 -", "--- Page 12 ---", "Chapter 3"),
    *("&nbsp;", "<br/>", "<p>", "</p>", "&#x4e00;", "readx();", "www.example.com", "请记住本站域名", "手机用户请到"),
    *("本章字数：4804", "PS：求月票", "*** START OF THE PROJECT GUTENBERG EBOOK X ***", "exam-", "ple", "a", "B", "é"),
    *("著", "甚麽", "於", "十有**", "zhengfu", "[注1]", "①", "QQ群：123456789", "a@example.com", "骂骂骂骂骂骂骂骂"),
    *("e\u0301", "凉", "１２", "ＬＶ．２", "《红楼梦》", "（本章未完）", "话说天下大势"),
)
DIRT = st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=3)), max_size=30).map("".join)
RULE = st.sampled_from(RULES)
ODD = {
    "one line": "天地玄黄，宇宙洪荒。" * 50_000,
    "spaces": "a" + " " * 300_000 + "b",
    "indented blanks": ("\n" + " " * 500) * 600 + "x",
    "escapes": "\x1b[" * 100_000,
    "carriage returns": "\r" * 200_000,
    "newlines": "\n" * 300_000,
    "dots": "." * 300_000,
    "stops": "。" * 300_000,
    "brackets": "<" * 200_000,
    "ampersands": "&#" * 100_000,
    "quotes": "“" * 200_000,
    "dashes": "-" * 300_000,
    "pigs": "猪" + "猪岛小说www." * 20_000,
    "numbers": "\n".join(map(str, range(40_000))),
    "ats": "a@" * 100_000,
    "headings": "第一章\n" * 30_000,
}


def test_every_rule_has_its_place_a_sentence_and_a_number():
    assert set(BY_NAME) == set(ORDER)
    assert all(rule.sentence.endswith(".") and 1 <= rule.number <= 41 for rule in RULES)
    assert {rule.number for rule in RULES} == set(range(1, 42))
    assert not [rule.name for rule in RULES if rule.default and rule.risk == "high" and not rule.marks]


@given(DIRT, RULE)
def test_edits_are_in_order_and_say_what_stood_there(text, rule):
    edits, end = list(rule.edits(text)), 0
    for edit in edits:
        assert edit.rule == rule.name
        assert edit.at >= end
        assert text.startswith(edit.removed, edit.at)
        assert (edit.removed == edit.inserted) == rule.marks
        end = edit.at + len(edit.removed)
    assert end <= len(text)


@given(DIRT, RULE)
def test_a_rule_that_has_run_finds_nothing_more(text, rule):
    once, _ = rule.apply(text)
    assert rule.apply(once) == (once, list(rule.edits(text)) if rule.marks else [])


@given(DIRT, RULE)
def test_what_a_rule_did_can_be_undone(text, rule):
    edits = list(rule.edits(text))
    assert unpatched(patched(text, edits), edits) == text


@given(DIRT)
def test_joining_lines_changes_nothing_but_white_space(text):
    joined, _ = BY_NAME["wrapped_lines"].apply(text)
    assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", text)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
@pytest.mark.timeout(120)
def test_long_and_odd_texts_take_no_time(text):
    # A quadratic rule would run into the test's time limit.
    for rule in RULES:
        for _ in rule.edits(text):
            pass
