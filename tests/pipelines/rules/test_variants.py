"""Rules of variant characters: simplified and traditional, old forms, old fonts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import BY_NAME
from pipelines.rules.rule import unpatched
from pipelines.rules.variants import _FORMS

CONVERSIONS = ("to_simplified", "to_traditional", "from_taiwan", "old_variants")


def applied(rule, text):
    changed, edits = BY_NAME[rule].apply(text)
    assert unpatched(changed, edits) == text
    return changed


def test_traditional_text_becomes_simplified_and_back():
    assert applied("to_simplified", "他說：「頭髮乾淨，乾坤。」") == "他说：「头发干净，乾坤。」"
    assert applied("to_traditional", "他说：皇后以后在里面洗头发。") == "他說：皇后以後在裏面洗頭髮。"


def test_an_edit_is_no_longer_than_what_changes():
    edits = BY_NAME["to_simplified"].apply("他說：頭髮好\n好\n她說")[1]
    assert [(edit.at, edit.removed, edit.inserted) for edit in edits] == [(1, "說", "说"), (3, "頭髮", "头发"), (10, "說", "说")]


@pytest.mark.parametrize(
    ("rule", "text"), [("to_simplified", "乾縣"), ("to_traditional", "丑时叶韵"), ("from_taiwan", "薴苧乾縣")]
)
def test_what_stands_in_both_scripts_is_not_converted_twice(rule, text):
    once = applied(rule, text)
    assert applied(rule, once) == once


@pytest.mark.parametrize(("rule", "text"), [("to_simplified", "后来乾坤"), ("to_traditional", "這裡很裏面後来")])
def test_a_text_already_in_that_script_stays(rule, text):
    assert applied(rule, text.replace("来", "")) == text.replace("来", "")


def test_from_taiwan_the_particle_changes_and_the_noun_stays():
    before = "他說著，看著編著的名著和顯著的土著，討論著，編著辮子，叫著名字。計程車"
    assert applied("from_taiwan", before) == "他说着，看着编著的名著和显著的土著，讨论着，编着辫子，叫着名字。计程车"


def test_old_forms_become_the_new_ones_in_simplified_text():
    before = "她说著这：为甚麽？在这裏，终於要来麽？看著名字，睡著了，著急。"
    assert applied("old_variants", before) == "她说着这：为什么？在这里，终于要来么？看着名字，睡着了，着急。"


@pytest.mark.parametrize(
    "text", ["这显著的名著", "这部著作的著者著述编著", "这原著遗著专著论著土著", "这樊於期说，幺麽小丑", "張著說這個"]
)
def test_nouns_names_and_traditional_text_keep_theirs(text):
    assert applied("old_variants", text) == text


@given(st.sampled_from(CONVERSIONS), st.text("说說著编顯名乾後里裡这這麽甚么叶\ud800\n。", max_size=30))
def test_a_conversion_is_done_once_and_can_be_undone(rule, text):
    once = applied(rule, text)
    assert applied(rule, once) == once


def test_characters_of_old_fonts_get_their_place():
    assert applied("old_fonts", "一\ue816二\ue81e\ue843三\ue78d\ue24b") == "一\U00020087二\u9fb4\u9fb9三\ufe10\ue24b"


def test_the_places_agree_with_the_codec_of_the_standard():
    trails = [trail for trail in range(0x50, 0xA1) if trail != 0x7F]
    for code, trail in enumerate(trails, start=0xE815):
        known = bytes((0xFE, trail)).decode("gb18030")
        assert known in (_FORMS[code], chr(code))


def test_the_classics_of_the_mainland_have_few_old_forms(novels):
    text = (novels / "zh_gb" / "sanguo_gbk_wrapped40.txt").read_text(encoding="gb18030")
    assert len(BY_NAME["old_variants"].apply(text)[1]) <= 2
    assert "张著" in applied("old_variants", text)


def test_a_nul_does_not_end_the_conversion():
    assert BY_NAME["to_simplified"].apply("東\x00\n風\ud800樂")[0] == "东\x00\n风\ud800乐"
