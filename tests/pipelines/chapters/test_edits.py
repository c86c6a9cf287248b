"""What a writer does to chapters, and how it comes along when the novel is cleaned otherwise."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from pipelines.chapters import find_chapters
from pipelines.chapters.edits import Told, carry, keep, merge, rename, split
from pipelines.errors import BadSettings

TITLES = ["第一章 风", "第二章 雨", "第三章 雪", "第四章 月"]


def lines(chapter):
    return [f"说到{chapter}的第{n}件事，当时{n * 7919}人在场，后来{n * 104729}年间无人不知。" for n in range(12)]


def written(titles=TITLES, newline="\n", indent="", more=()):
    rows = [row for title in titles for row in (title, *(indent + line for line in lines(title[-1])), *more)]
    return newline.join(rows) + "\n"


TEXT = written()
CHAPTERS = find_chapters(TEXT)


def titles(chapters):
    return [chapter.title for chapter in chapters]


def place_of(text, words):
    return text.index(words)


def test_a_chapter_is_split_at_the_start_of_a_line():
    at = place_of(TEXT, "说到风的第5件事")
    chapters = split(CHAPTERS, TEXT, at + 7, "风停")
    assert titles(chapters) == ["第一章 风", "风停", *TITLES[1:]]
    assert chapters[1].start == at
    assert titles(split(CHAPTERS, TEXT, at))[1].startswith("说到风的第5件事")


def test_no_chapter_is_split_where_one_begins():
    for at in (0, CHAPTERS[1].start, CHAPTERS[1].start + 3):
        with pytest.raises(BadSettings):
            split(CHAPTERS, TEXT, at)


def test_a_chapter_is_merged_renamed_dropped_and_taken_back():
    merged = merge(CHAPTERS, 3)
    assert titles(merged) == [TITLES[0], TITLES[1], TITLES[3]]
    assert (merged[1].start, merged[1].end) == (CHAPTERS[1].start, CHAPTERS[2].end)
    assert titles(rename(CHAPTERS, 2, " 新\n名 "))[1] == "新 名"
    dropped = keep(CHAPTERS, 4, False)
    assert [chapter.kept for chapter in dropped] == [True, True, True, False]
    assert keep(dropped, 4, True) == CHAPTERS


@pytest.mark.parametrize("number", [0, 5, -1])
def test_a_chapter_that_is_not_there_is_told(number):
    for edit in (merge, lambda chapters, n: rename(chapters, n, "名"), lambda chapters, n: keep(chapters, n, False)):
        with pytest.raises(BadSettings, match="no chapter"):
            edit(CHAPTERS, number)


def test_the_first_chapter_is_merged_into_nothing_and_a_title_is_not_empty():
    with pytest.raises(BadSettings, match="nothing stands before"):
        merge(CHAPTERS, 1)
    for title in ("", " \n", "长" * 201):
        with pytest.raises(BadSettings, match="title"):
            rename(CHAPTERS, 1, title)


EDITS = st.lists(st.tuples(st.sampled_from("smrk"), st.integers(1, 9), st.integers(0, len(TEXT))), max_size=12)


@given(EDITS)
def test_whatever_is_done_the_chapters_cover_the_text(edits):
    chapters = list(CHAPTERS)
    for kind, number, at in edits:
        do = {
            "s": lambda rows, at=at: split(rows, TEXT, at),
            "m": lambda rows, number=number: merge(rows, number),
            "r": lambda rows, number=number: rename(rows, number, f"名{number}"),
            "k": lambda rows, number=number: keep(rows, number, False),
        }
        with contextlib.suppress(BadSettings):
            chapters = do[kind](chapters)
    assert "".join(TEXT[chapter.start : chapter.end] for chapter in chapters) == TEXT
    assert all(chapter.start < chapter.end for chapter in chapters)


def edited():
    chapters = split(CHAPTERS, TEXT, place_of(TEXT, "说到雨的第5件事"), "雨停")
    chapters = keep(merge(rename(chapters, 1, "起风"), 5), 2, False)
    assert titles(chapters) == ["起风", "第二章 雨", "雨停", "第三章 雪"]
    return chapters


OTHER = {
    "the same": TEXT,
    "indented": written(newline="\n\n", indent="　　"),
    "one line a chapter": re.sub("(?<=。)\n(?=说)", "", written()),
    "other punctuation": TEXT.replace("，", ",").replace("。", "."),
    "another script": OpenCC("s2t").convert(TEXT),
    "with lines between": written(more=["请记住本站", "下一章更精彩"]),
    "with a preface": "《书》\n\n" + "序里说了很多话。" * 30 + "\n" + TEXT,
}


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_edits_are_made_again_to_another_cleaning(text):
    new = Told(text, find_chapters(text))
    carried = carry(edited(), Told(TEXT, CHAPTERS), new)
    assert carried.lost == 0
    front = len(new.chapters) - len(CHAPTERS)
    assert titles(carried.chapters)[front:] == ["起风", "第二章 雨", "雨停", "第三章 雪"]
    assert [chapter.kept for chapter in carried.chapters][front:] == [True, False, True, True]
    assert "".join(text[chapter.start : chapter.end] for chapter in carried.chapters) == text


def test_a_heading_that_is_written_otherwise_is_known_by_what_follows():
    text = re.sub("章 (.)\n", r"回 \1 另题\n", TEXT)
    carried = carry(keep(CHAPTERS, 3, False), Told(TEXT, CHAPTERS), Told(text, find_chapters(text)))
    assert [chapter.kept for chapter in carried.chapters] == [True, True, False, True]
    assert titles(carried.chapters)[2] == "第三回 雪 另题"


def test_an_edit_whose_place_is_gone_is_counted():
    text = written(TITLES[2:])
    text += written(["第五章 花"])
    carried = carry(edited(), Told(TEXT, CHAPTERS), Told(text, find_chapters(text)))
    assert carried.lost >= 2
    assert "".join(text[chapter.start : chapter.end] for chapter in carried.chapters) == text
