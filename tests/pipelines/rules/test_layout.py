"""Blank space at the ends of lines and between them goes; the lines themselves, a scene's break among them, stay."""

import pytest

from pipelines.rules import BY_NAME


def only(rule, text):
    return BY_NAME[rule].apply(text)[0]


@pytest.mark.parametrize("mark", ["＊＊＊", "* * *", "※", "——", "◇　◇　◇"])
def test_a_break_between_scenes_keeps_a_line_of_its_own(mark):
    text = f"夜深了。\n\n\n\n　　{mark}　\n \t\n\n第二天。\n"
    for rule in ("indents", "line_ends", "blank_lines"):
        text = only(rule, text)
    assert text == f"夜深了。\n\n{mark}\n\n第二天。\n"


@pytest.mark.parametrize("text", ["一 二", "a" + " " * 1000 + "b", "a\tb\n"])
def test_spaces_inside_a_line_are_no_end_of_it(text):
    assert only("line_ends", text) == text


def test_every_width_of_space_ends_a_line():
    assert only("line_ends", "  \n一 \n二　　\n三\xa0\t\n \u2003") == "\n一\n二\n三\n"


PROSE = "It was a dark and stormy night, and nobody slept in the house by the sea before the morning came.\n"
VERSE = "Tyger Tyger, burning bright,\n  In the forests of the night;\n"


def indented(text, indent):
    return "".join(indent + line for line in text.splitlines(keepends=True))


@pytest.mark.parametrize("usual", ["", "    ", "\t"])
@pytest.mark.parametrize("more", ["    ", "\t", "        "])
def test_english_verse_keeps_what_it_is_further_in_than_the_prose(usual, more):
    text = indented(PROSE * 8, usual) + indented(VERSE, usual + more) + indented(PROSE, usual)
    kept = PROSE * 8 + indented(VERSE, more.replace("\t", "    ")) + PROSE
    assert only("indents", text) == kept
    assert list(BY_NAME["indents"].edits(kept)) == []


@pytest.mark.parametrize(
    "text",
    [
        PROSE * 4 + indented(VERSE * 4, "    "),
        PROSE * 8 + "      A Title\n\n      By Somebody\n" + PROSE,
        "一行正文。\n" * 9 + "        无才可去补苍天，\n        枉入红尘若许年。\n",
        indented(PROSE, "    ") + PROSE + indented(VERSE, "      "),
    ],
    ids=["more verse than prose", "lines apart", "chinese", "no clear indent"],
)
def test_other_indents_go_whole(text):
    assert only("indents", text) == "".join(line.lstrip(" ") for line in text.splitlines(keepends=True))
