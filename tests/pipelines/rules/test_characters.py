"""Odd spaces, accents and look-alike characters: what these rules change, and what stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import BY_NAME


def only(rule, text):
    return BY_NAME[rule].apply(text)[0]


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("她\xa0说", "她 说"),
        ("她\u3000说\t好", "她 说 好"),
        ("第一回　　甄士隐  梦幻", "第一回 甄士隐 梦幻"),
        ("a \u2003\u2009 b", "a b"),
        ("a \xa0b", "a b"),
    ],
)
def test_spaces_inside_a_line_become_one(dirty, cleaned):
    assert only("spaces", dirty) == cleaned


@pytest.mark.parametrize(
    "text", ["　　话说\n    \t天下\n\xa0\xa0大势", "话说 \n天下　\t\n", "a b c", "        Tyger\n            burning"]
)
def test_indents_and_the_ends_of_lines_are_other_rules(text):
    assert only("spaces", text) == text


def test_gaps_go_only_where_they_are_everywhere():
    assert only("chinese_gaps", "话 说 天 下 大 势 ，分 久 必 合") == "话说天下大势，分久必合"
    assert only("chinese_gaps", "第一回 宴桃园 豪杰三结义" + "话说天下大势" * 20).startswith("第一回 宴桃园 豪杰")
    assert not BY_NAME["chinese_gaps"].default


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("cafe\u0301 ，「好」", "café ，「好」"),
        ("か\u3099", "が"),
        ("가".encode().decode(), "가"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u212b", "Å"),
    ],
)
def test_accents_are_put_together(dirty, cleaned):
    assert only("composition", dirty) == cleaned


def test_composition_is_not_compatibility():
    text = "，。“”１２Ａｂ①㍿ﬁ…\uf900\ufa0e"
    assert only("composition", text) == text


@given(st.text(alphabet="ea中か\u0301\u0323\u3099\u1112\u1161\u11ab\uac00\u11a8\u0958\n Å\u212b", max_size=30))
def test_composition_is_what_unicode_says(text):
    assert only("composition", text) == unicodedata.normalize("NFC", text)


def test_an_edit_of_composition_is_no_longer_than_what_changes():
    (edit,) = BY_NAME["composition"].edits("中文" * 100 + "cafe\u0301" + "中文" * 100)
    assert edit.removed == "e\u0301"


@pytest.mark.parametrize(
    ("dirty", "cleaned"), [("\uf979", "凉"), ("\u2f00\u2f08", "一人"), ("\u2ec5\u2ed3\u2ee2", "见长马"), ("\U0002f800", "丽")]
)
def test_lookalikes_become_the_usual_character(dirty, cleaned):
    assert only("compatibility", dirty) == cleaned


def test_ideographs_that_only_stand_among_the_lookalikes_are_kept():
    twelve = "\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27\ufa28\ufa29"
    assert only("compatibility", twelve) == twelve
    assert only("compatibility", "⺮①㈱") == "⺮①㈱"
