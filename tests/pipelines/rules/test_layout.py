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
