"""The writer's own rules: what they change, what they refuse, and that none of them runs for ever."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import BadSettings
from pipelines.rules.own import MOST_INSERTED, OwnRule, RuleStopped
from pipelines.rules.rule import unpatched


def applied(text, find, replace="", **switches):
    cleaned, edits = OwnRule("mine", find, replace, **switches).rule().apply(text)
    assert unpatched(cleaned, edits) == text
    assert all(edit.removed != edit.inserted for edit in edits)
    return cleaned


def test_plain_text_is_taken_as_it_is():
    assert applied("a.b a+b", ".", "+") == "a+b a+b"
    assert applied("杨过道：过儿", "过", r"\1") == r"杨\1道：\1儿"


def test_the_case_of_letters_is_told_apart_unless_switched_off():
    assert applied("Tom tom TOM", "tom", "Jim") == "Tom Jim TOM"
    assert applied("Tom tom TOM (İ)", "tom", r"J\im", case=False) == r"J\im J\im J\im (İ)"
    assert applied("Tom", "t(.)m", r"\1", regex=True, case=False) == "o"


def test_a_pattern_goes_by_lines_and_may_cross_them():
    assert applied("一\n二\n", "^", "　　", regex=True) == "　　一\n　　二\n　　"
    assert applied("一\n\n\n二", r"\n{2,}", r"\n", regex=True) == "一\n二"


@pytest.mark.parametrize(
    ("replace", "after"),
    [
        (r"\2，\1", "过，杨"),
        (r"\g<last>氏", "杨氏"),
        (r"\g<2>\g<0>", "过杨过"),
        (r"\\1\n\t\.", "\\1\n\t."),
        (r"[\3]", "[]"),
        ("$1", "$1"),
    ],
)
def test_a_replacement_may_name_groups(replace, after):
    assert applied("杨过", "(?<last>杨)(过)(儿)?", replace, regex=True) == after


def test_what_is_replaced_by_itself_is_no_edit():
    assert list(OwnRule("mine", "[杨过]", r"\g<0>", regex=True).rule().edits("杨过")) == []


@given(st.text("ab\n"), st.sampled_from(["", "a*", "$", "(?<=a)", "b?", r"a|(?=\n)"]), st.text("ab-", max_size=3))
def test_the_offsets_hold_for_matches_of_no_length(text, find, replace):
    if find:
        cleaned, edits = OwnRule("mine", find, replace, regex=True).rule().apply(text)
        assert unpatched(cleaned, edits) == text


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ("find", "own_rule_shape"),
        ({"name": "mine"}, "own_rule_shape"),
        ({"name": "mine", "find": 3}, "own_rule_shape"),
        ({"name": "mine", "find": "a", "regex": 1}, "own_rule_shape"),
        ({"name": "mine", "find": "a", "colour": "red"}, "own_rule_shape"),
        ({"name": " ", "find": "a"}, "own_rule_name"),
        ({"name": "x" * 61, "find": "a"}, "own_rule_name"),
        ({"name": "two\nlines", "find": "a"}, "own_rule_name"),
        ({"name": "mine", "find": ""}, "own_rule_empty"),
        ({"name": "mine", "find": "a" * 2_001}, "own_rule_long"),
        ({"name": "mine", "find": "a", "replace": "a" * 2_001}, "own_rule_long"),
        ({"name": "mine", "find": "\ud800"}, "own_rule_half"),
        ({"name": "mine", "find": "(a", "regex": True}, "own_rule_pattern"),
        ({"name": "mine", "find": "(" * 900 + ")" * 900, "regex": True}, "own_rule_pattern"),
        ({"name": "mine", "find": "(a)", "replace": r"\2", "regex": True}, "own_rule_group"),
        ({"name": "mine", "find": "(a)", "replace": r"\g<b>", "regex": True}, "own_rule_group"),
        ({"name": "mine", "find": "(a)", "replace": r"\q", "regex": True}, "own_rule_group"),
        ({"name": "mine", "find": "(a)", "replace": "\\", "regex": True}, "own_rule_group"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(values, code):
    with pytest.raises(BadSettings) as refused:
        OwnRule.from_json(values)
    assert refused.value.code == code


@given(st.text(r"ab()[]{}*+?|\^$.<=!:P1,-", max_size=20), st.text(r"\g<1a>n0", max_size=8))
def test_every_pattern_is_a_rule_or_refused(find, replace):
    try:
        rule = OwnRule("mine", find, replace, regex=True)
    except BadSettings:
        return
    assert OwnRule.from_json(rule.to_json()) == rule
    cleaned, edits = rule.rule().apply("aab(b)\n1-a")
    assert unpatched(cleaned, edits) == "aab(b)\n1-a"


@pytest.mark.parametrize("find", ["(a+)+$", "(?:a?){50}a{50}c", "(?:aa?)+c"])
def test_a_pattern_that_never_ends_is_stopped_and_named(find):
    start = time.monotonic()
    with pytest.raises(RuleStopped) as stopped:
        OwnRule("mine", find, regex=True).rule(0.2).apply("a" * 5_000 + "b")
    assert stopped.value.values["name"] == "mine"
    assert time.monotonic() - start < 2


def test_a_rule_that_would_fill_the_memory_is_stopped(monkeypatch):
    with pytest.raises(RuleStopped) as stopped:
        OwnRule("mine", "(?s)(.+)", r"\1" * 60, regex=True).rule().apply("a" * (MOST_INSERTED // 50))
    assert stopped.value.code == "own_rule_boundless"
    monkeypatch.setattr("pipelines.rules.own.MOST_MATCHES", 10)
    assert OwnRule("mine", "a", "b").rule().apply("a" * 10)[0] == "b" * 10
    with pytest.raises(RuleStopped):
        OwnRule("mine", "a", "b").rule().apply("a" * 11)
