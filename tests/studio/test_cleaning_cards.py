from datetime import UTC, datetime

import pytest

from pipelines.rules import RULES, clean
from studio import cleaning_cards as cards
from studio.differences import compare, leaf
from studio.services.cleanings import Cleaned, Preview
from studio.words import LANGUAGES, load_words

ZH = load_words("zh")
NAMES = tuple(rule.name for rule in RULES)


def preview(lost=0, ideographs=1000, chapters=("一",), rules=NAMES):
    return Preview(rules, 10, 8, dict.fromkeys(NAMES, 1), ideographs, lost, chapters, compare("", []))


def page(raw):
    differences = compare(raw, clean(raw)[1])
    return cards.changes(ZH, differences, leaf(differences)).html


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_name_and_a_sentence(language):
    words = load_words(language)
    for rule in RULES:
        assert words(f"cleaning.rule.{rule.name}.name")
        assert words(f"cleaning.rule.{rule.name}.sentence")


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
    assert cards.signed(" " * 5000, with_spaces=True).html.count("span") == 2
    assert "␣×5,000" in cards.signed(" " * 5000, with_spaces=True).html
    html = page("字\n" + " \u3000" * 50_000 + "\n")
    assert len(html) < 20_000


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "</textarea>", "<script>"])
def test_a_novels_words_stay_words(hostile):
    html = page(f"{hostile} \n　　{hostile}\r\n")
    assert hostile not in html
    assert "&lt;" in html
    assert hostile not in cards.chapters(ZH, preview(chapters=(hostile,))).html


def test_deletions_stand_before_and_insertions_after():
    html = page("甲\r乙\n")
    before, after = html.split('class="side"')[1:]
    assert ("<del" in before, "<ins" in before) == (True, False)
    assert ("<del" in after, "<ins" in after) == (False, True)


def test_no_changes_are_an_empty_state():
    assert 'class="empty"' in page("甲\n")


def test_the_alarm_rings_above_one_percent():
    assert cards.alarm(ZH, preview(lost=10)) is None
    assert "1.1%" in cards.alarm(ZH, preview(lost=11)).html
    assert cards.alarm(ZH, preview(lost=0, ideographs=0)) is None


def test_the_state_says_whether_the_novel_is_cleaned_so():
    done = Cleaned(3, NAMES, "0", 8, datetime(2026, 1, 2, tzinfo=UTC))
    assert "good" in cards.state(ZH, NAMES, done).html
    assert "warn" in cards.state(ZH, NAMES[1:], done).html
    assert "still" in cards.state(ZH, NAMES, None).html
    assert "第 3 次" in cards.cleaned_label(ZH, done)


def test_a_list_of_thousands_of_chapters_is_cut():
    html = cards.chapters(ZH, preview(chapters=tuple(f"第{n}章" for n in range(3000)))).html
    assert html.count("<li>") == cards.MOST_CHAPTERS
    assert "2,500" in html
