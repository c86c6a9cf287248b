"""Cleaning as a whole: its laws, single edits left alone, the writer's own rules, and sections of long texts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cleaning import Recipe, clean, ideographs, undo
from pipelines.errors import BadSettings
from pipelines.files import read_text
from pipelines.rules import DEFAULTS, RULES, chosen, pages, sites
from pipelines.rules.own import OwnRule
from pipelines.sections import sections
from tests.pipelines.rules.test_all_rules import DIRT

NAMES = [rule.name for rule in RULES]
# What takes whole lines that are no part of the story, with their marks.
OF_SITES = {rule.name for rule in (*pages.RULES, *sites.RULES)}
RECIPES = st.lists(st.sampled_from(NAMES), unique=True).map(lambda names: Recipe(chosen(names)))


def edits_of(done):
    return [stage.edits for stage in done.stages]


def test_paragraphs_and_punctuation_are_kept():
    text = "第一回\n\n“好，那就再去找他。”小龙女道：“是……”——《书》；！？\n一梦。\n"
    assert clean(text).text == text
    assert clean(text).stages == []


@given(DIRT)
def test_cleaning_twice_is_cleaning_once(text):
    once = clean(text)
    again = clean(once.text)
    assert again.text == once.text
    assert again.stages == []


@given(DIRT, RECIPES)
def test_undo_restores_the_text(text, recipe):
    done = clean(text, recipe)
    assert undo(done.text, edits_of(done)) == text


@given(DIRT)
def test_no_rules_change_nothing(text):
    assert clean(text, Recipe(())).text == text


@given(DIRT)
def test_the_default_rules_leave_no_blank_space_behind(text):
    cleaned = clean(text).text
    assert "\n\n\n" not in cleaned
    assert not cleaned.startswith("\n")
    assert cleaned == "" or (cleaned.endswith("\n") and not cleaned.endswith("\n\n"))
    assert "\r" not in cleaned
    cleaned.encode()


@given(DIRT)
def test_every_removed_piece_stands_where_the_report_says_it_stood(text):
    done = clean(text, Recipe(chosen(["controls", "invisible", "indents"])))
    for stage in done.stages:
        for edit, origin in zip(stage.edits, stage.origins, strict=True):
            # What an earlier rule took away may lie between, so only the first character is sure.
            assert text[origin : origin + 1] == edit.removed[:1]


def test_an_edit_that_is_to_be_kept_is_left_alone_and_no_other():
    text = "　　话说\n　　天下\n"
    done = clean(text, Recipe(("indents",), kept=frozenset({("indents", 5)})))
    assert done.text == "话说\n　　天下\n"
    assert [stage.origins for stage in done.stages] == [[0]]


def test_a_section_counts_its_places_from_the_start_of_the_text():
    done = clean("　　话说\n", Recipe(("indents",)), start=100)
    assert done.stages[0].origins == [100]


def test_rules_that_are_off_are_counted_as_if_they_ran_there():
    done = clean("　　话说\n", Recipe(()), count_others=True)
    assert (done.text, done.would["indents"], done.would["controls"]) == ("　　话说\n", 1, 0)


def test_own_rules_run_last_and_what_they_leave_is_tidied():
    recipe = Recipe(DEFAULTS, (OwnRule("广告", "买买买"),))
    assert clean("话说天下\n\n买买买\n\n大势\n", recipe).text == "话说天下\n\n大势\n"


def test_an_own_rule_that_never_ends_is_stopped_and_named_and_the_others_run():
    recipe = Recipe(("indents",), (OwnRule("慢", "(a+)+$", regex=True), OwnRule("快", "b", "c")))
    done = clean("　　" + "a" * 4_000 + "!b\n", recipe)
    assert done.stopped == ["慢"]
    assert done.text == "a" * 4_000 + "!c\n"


def test_a_bad_rule_name_raises_bad_settings():
    with pytest.raises(BadSettings):
        chosen(["polish"])


@given(st.lists(st.text("字。\n\r 第一章", max_size=40), max_size=8), st.integers(4, 30))
def test_sections_are_the_text_whatever_blocks_it_comes_in(blocks, size):
    text = "".join(blocks)
    cut = list(sections(blocks, size))
    assert "".join(cut) == text
    assert all(0 < len(section) <= size for section in cut)
    assert cut == list(sections([text], size))
    assert not any(one.endswith("\r") and other.startswith("\n") for one, other in pairwise(cut))


def test_a_long_text_is_cut_before_a_heading():
    chapter = "第{}章 山雨\n" + "话说天下大势，分久必合，合久必分。\n" * 20
    text = "".join(chapter.format(number) for number in range(1, 40))
    assert all(section.startswith("第") for section in sections([text], 3_000))


def test_real_novels_keep_their_ideographs_and_come_back(novels):
    for path in novels.glob("zh*/*_utf8*.txt"):
        text = read_text(path)
        done = clean(text)
        lost = ideographs([text]) - ideographs([done.text])
        assert lost <= 0.001 * ideographs([text])
        story = [edit for stage in done.stages if stage.rule not in OF_SITES for edit in stage.edits]
        for mark in "。，：；！？“”":
            assert sum(edit.inserted.count(mark) - edit.removed.count(mark) for edit in story) >= 0
        assert undo(done.text, edits_of(done)) == text
        assert clean(done.text).text == done.text
