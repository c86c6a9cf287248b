import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipelines.chapters import Chapter
from pipelines.chapters.numbering import Flaw
from studio import outline_cards as cards
from studio.outline_cards import Told
from studio.services.outlines import Line, Outline, Reading, Spot
from studio.words import LANGUAGES, load_words

ZH, EN = load_words("zh"), load_words("en")
HOSTILE = "<img src=x onerror=alert(1)>"
CHAPTER = Chapter("第二章 雨", 10, 40, 2)
READ = Reading(Spot(3, 10), CHAPTER, 2, 5, [Line(10, "第二章 雨"), Line(20, "下雨了。")], 0, 1, 0, True)


def outline(*chapters, **facts):
    return Outline(
        **{"cleaning": 3, "chapters": list(chapters), "is_edited": False, "can_undo": False, "can_change": True} | facts
    )


def listed(words=ZH, preview=None, **facts):
    told = Told("n", outline(*facts.pop("chapters", [CHAPTER]), **facts) if preview is None else None)
    return json.loads(cards.listing(words, told, preview))


def test_the_list_has_what_a_row_shows_and_where_each_chapter_starts():
    told = listed(chapters=[replace(CHAPTER, start=0, end=10, kept=False), CHAPTER])
    assert told["rows"] == [["第二章 雨", 10, False, 0], ["第二章 雨", 30, True, 10]]
    assert (told["novel"], told["cleaning"]) == ("n", 3)
    assert "30" in told["tally"]


def test_before_the_first_cleaning_it_is_what_the_preview_found_and_applying_makes_it_editable():
    told = listed(preview=SimpleNamespace(chapters=[("第一章", 0), ("第三章", 40)], before=100))
    assert told["cleaning"] is None
    assert [row[:2] for row in told["rows"]] == [["第一章", 40], ["第三章", 60]]
    assert told["flaws"] == [[ZH("cleaning.outline.flaw.missing", first=2), 1]]
    assert told["note"] == ZH("cleaning.outline.before")


def test_undo_and_reset_are_offered_where_they_do_something():
    assert (listed()["undo"], listed()["reset"]) == (False, False)
    assert (listed(can_undo=True)["undo"], listed(is_edited=True)["reset"]) == (True, True)
    foreign = listed(can_undo=True, is_edited=True, can_change=False)
    assert (foreign["undo"], foreign["reset"]) == (False, False)


@pytest.mark.parametrize("words", [ZH, EN], ids=LANGUAGES)
@pytest.mark.parametrize("kind", ["missing", "repeated", "disorder"])
def test_each_flaw_is_a_sentence(words, kind):
    assert "37" in cards.flaw_sentence(words, Flaw(kind, 37, 37, 0))
    volume = cards.flaw_sentence(words, Flaw(kind, 37, 37, 0, 12))
    assert "37" in volume
    assert "12" in volume


def test_a_gap_of_several_chapters_is_one_sentence():
    assert cards.flaw_sentence(ZH, Flaw("missing", 7, 9, 0)) == "第 7～9 章不见了"


def test_a_chapter_offers_what_can_be_done_with_it():
    def offered(**facts):
        return re.findall(r'data-(?:edit|look)="(\w+)"', str(cards.reading(ZH, "n", replace(READ, **facts))))

    assert offered() == ["rename", "merge", "drop", "1"]
    assert offered(number=1, chapter=replace(CHAPTER, kept=False)) == ["rename", "keep", "1"]
    assert offered(can_change=False) == []


def test_a_chapter_may_begin_at_each_line_but_the_first():
    html = str(cards.reading(ZH, "n", replace(READ, page=1)))
    assert re.findall(r'data-begin="(\d+)"', html) == ["20"]
    second = str(cards.reading(ZH, "n", replace(READ, page=2, pages=3)))
    assert re.findall(r'data-begin="(\d+)"', second) == ["10", "20"]
    assert re.findall(r'data-look="(\d+)"', second) == ["0", "1", "3"]


def test_what_stands_between_the_first_and_the_last_lines_is_counted():
    html = str(cards.reading(ZH, "n", replace(READ, between=1234)))
    assert "1,234" in html
    assert html.index("第二章 雨</p>") < html.index("1,234") < html.index("下雨了")


def test_a_novels_words_stay_words():
    hostile = replace(READ, chapter=replace(CHAPTER, title=HOSTILE), lines=[Line(10, HOSTILE), Line(50, HOSTILE)])
    for page in (0, 1):
        assert HOSTILE not in str(cards.reading(ZH, HOSTILE, replace(hostile, page=page)))


def test_a_paragraph_of_a_whole_chapter_is_cut():
    assert len(str(cards.reading(ZH, "n", replace(READ, lines=[Line(10, "雨" * 100_000)], page=1)))) < 10_000
