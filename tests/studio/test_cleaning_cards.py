from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from pipelines.cleaning import Recipe
from pipelines.rules import RULES
from pipelines.rules.own import OwnRule
from studio import cleaning_cards as cards
from studio.differences import Piece
from studio.preview_files import LEFT_OUT
from studio.preview_pages import Leaf, Place
from studio.services.cleanings import Cleaned
from studio.words import load_words

ZH = load_words("zh")
MARKS = next((rule.name for rule in RULES if rule.marks), None)


def place(*pieces, edits=(("indents", 0),), left_out=(), cut=0, chapter="第一章", share=0.5):
    return Place(0, tuple(edits), tuple(left_out), tuple(pieces), cut, chapter, share)


def page(*places):
    return cards.changes(ZH, Leaf(places, 1, 1, len(places))).html


def preview(**values):
    usual = {"before": 10, "after": 8, "edits": 2, "chapter_count": 1, "chapters": [("一", 0)], "over_budget": [], "lost": {}}
    found = {"ideographs": 1000, "recipe": Recipe(("indents", "line_ends")), "found": lambda rule: 0, "is_alarming": False}
    return SimpleNamespace(**(usual | found | values))


@pytest.mark.parametrize(
    ("character", "sign"),
    [
        ("\r", "CR"),
        ("\n", "↵"),
        ("\t", "→"),
        (" ", "␣"),
        ("\u200b", "U+200B"),
        ("\u3000", "U+3000"),
        ("\x1b", "U+001B"),
        ("\ufe0f", "U+FE0F"),
    ],
)
def test_what_cannot_be_seen_has_a_sign(character, sign):
    assert cards.is_unseen(character)
    assert f">{sign}<" in cards.signed(character, with_spaces=True).html


def test_what_can_be_seen_stays_as_it_is():
    assert cards.signed("字，a é", with_spaces=False).html == "字，a é"


def test_spaces_of_the_surroundings_stay_spaces_but_other_unseen_characters_show():
    html = cards.signed("他 说　\u200b", with_spaces=False).html
    assert html.startswith("他 说　<span")
    assert "U+200B" in html


def test_a_long_row_is_counted_and_a_long_change_cut():
    assert "␣×5,000" in cards.signed(" " * 5000, with_spaces=True).html
    html = page(place(Piece("字 \u3000" * 300, "indents"), cut=9_000))
    assert len(html) < 20_000
    assert ZH("cleaning.more", count="9,000") in html


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "</textarea>", "<script>"])
def test_a_novels_words_stay_words(hostile):
    html = page(place(Piece(hostile), Piece(hostile, "indents"), chapter=hostile))
    assert hostile not in html
    assert "&lt;" in html


def test_deletions_stand_before_and_insertions_after():
    html = page(place(Piece("\r", "newlines"), Piece("\n", "", "newlines")))
    before, after = html.split('class="side"')[1:]
    assert ("<del" in before, "<ins" in before) == (True, False)
    assert ("<del" in after, "<ins" in after) == (False, True)


def test_what_is_only_pointed_out_is_a_mark_without_a_way_to_leave_it_out():
    html = page(place(Piece("口口", marked_by="indents"), edits=[(MARKS, 0)] if MARKS else []))
    assert "<mark" in html
    assert "<button" not in html


def test_a_place_says_where_in_the_book_it_is():
    assert "第一章 · 50.0%" in page(place(Piece(" ", "indents")))


def test_each_change_can_be_left_out_alone_or_with_its_neighbours():
    one = page(place(Piece(" ", "indents")))
    assert one.count("<button") == 1
    both = page(place(Piece(" ", "indents"), edits=[("indents", 0), ("line_ends", 1)]))
    assert both.count("<button") == 3
    assert ZH("cleaning.keep.all") in both


def test_what_was_left_out_can_be_taken_back():
    html = page(place(Piece("字"), edits=(), left_out=[("indents", 0)]))
    assert ZH("cleaning.kept") in html
    assert "&quot;change&quot;: [[&quot;indents&quot;, 0]]" in html


def test_no_changes_are_an_empty_state():
    assert 'class="empty"' in page()


def test_the_alarm_names_each_rule_and_its_share():
    assert cards.alarm(ZH, preview()) is None
    rung = preview(is_alarming=True, over_budget=["indents", "own:贪"], lost={"indents": 11, "own:贪": 500})
    html = cards.alarm(ZH, rung).html
    assert "1.1%" in html
    assert "50.0%" in html
    assert "贪" in html


def test_the_state_says_whether_the_novel_is_cleaned_so():
    recipe = Recipe(("indents",))
    done = Cleaned(3, recipe, "0", 8, datetime(2026, 1, 2, tzinfo=UTC))
    assert "good" in cards.state(ZH, recipe, done).html
    assert "warn" in cards.state(ZH, Recipe(("indents",), kept=frozenset({("indents", 1)})), done).html
    assert "still" in cards.state(ZH, recipe, None).html
    assert "第 3 次" in cards.cleaned_label(ZH, done)
    many = Cleaned(3, Recipe(tuple(rule.name for rule in RULES)), "0", 8, datetime(2026, 1, 2, tzinfo=UTC))
    assert ZH("cleaning.earlier.rules", count=len(RULES)) in cards.cleaned_label(ZH, many)


def test_the_filters_are_those_that_find_something():
    found = {"indents": 3, "own:雪": 2, LEFT_OUT: 1}
    recipe = Recipe(("indents", "line_ends"), (OwnRule("雪", "风"),))
    names = [name for _, name in cards.filters(ZH, preview(recipe=recipe, found=lambda rule: found.get(rule, 0)))]
    assert names == ["", LEFT_OUT, "indents", "own:雪"]


def test_work_under_way_says_how_far_it_is_and_can_be_stopped():
    html = cards.progress(ZH, "cleaning.working", 0.42).html
    assert "42%" in html
    assert "stop" in html
