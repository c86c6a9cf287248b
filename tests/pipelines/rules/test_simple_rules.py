"""Line breaks, controls, what cannot be seen, and blank space: what each of these rules does and leaves."""

import pytest

from pipelines.cleaning import Recipe, clean
from pipelines.rules.rule import Edit

SIMPLE = ("newlines", "controls", "invisible", "indents", "line_ends", "blank_lines")


@pytest.mark.parametrize(
    ("rule", "dirty", "cleaned"),
    [
        ("newlines", "a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0ch", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("newlines", "a\r\r\nb\n\r\nc\r\r\r\nd", "a\nb\n\nc\n\nd"),
        ("controls", "杨\x00过\x1b[31m红\x1b[0m\x7f\x9b\x08", "杨过红"),
        ("controls", "a\tb\nc\rd\x0ce\x85f", "a\tb\nc\rd\x0ce\x85f"),
        ("controls", "\x1b]0;title\x07半\ud800个", "半个"),
        ("invisible", "杨\u200b过\ufeff\u2060小\u200e龙\u202e女\u00ad\u2066", "杨过小龙女"),
        ("invisible", "葛\U000e0100城\ufe00。\ufe01", "葛城。"),
        (
            "invisible",
            "👩\u200d👧 ❤\ufe0f\u200d🔥 ❤\ufe0f क्\u200dष می\u200cخ",
            "👩\u200d👧 ❤\ufe0f\u200d🔥 ❤\ufe0f क्\u200dष می\u200cخ",
        ),
        ("invisible", "中\u200d文 中\u200b\ufe0f文", "中文 中文"),
        ("indents", "　　话说\n \t\xa0天下\n大势 分", "话说\n天下\n大势 分"),
        ("line_ends", "话说 \n天下\u3000\t\n  大势 分 ", "话说\n天下\n  大势 分"),
        ("blank_lines", "\n \n一\n\n二\n\n\n\n三\n \u3000\n四\n五\n \n\n", "一\n\n二\n\n三\n\n四\n五\n"),
        ("blank_lines", "一  ", "一  \n"),
        ("blank_lines", " \n\u3000", ""),
        ("blank_lines", "", ""),
    ],
)
def test_what_each_rule_does(rule, dirty, cleaned):
    assert clean(dirty, Recipe((rule,))).text == cleaned


def test_an_edit_says_what_was_removed_where():
    done = clean("一\r\n\n\n\n二", Recipe(SIMPLE))
    assert [edit for stage in done.stages for edit in stage.edits] == [
        Edit("newlines", 1, "\r", ""),
        Edit("blank_lines", 3, "\n\n"),
        Edit("blank_lines", 6, "", "\n"),
    ]
