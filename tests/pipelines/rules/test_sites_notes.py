"""Notes to the reader: to be continued, the author's own words, contacts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import BY_NAME
from pipelines.rules.rule import patched, unpatched


def clean(text, name):
    return patched(text, list(BY_NAME[name].edits(text)))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("他走了。（本章未完，请翻页）", "他走了。"),
        ("他走了。\n(未完待续。)\n第二章", "他走了。\n第二章"),
        ("他走了。\n（本章完）\n", "他走了。\n"),
        ("本小章还未完，请点击下一页继续阅读后面精彩内容！\n他", "他"),
        ("他回头看了一眼。未完待续", "他回头看了一眼。"),
        ("他说：“这事未完待续。”", "他说：“这事未完待续。”"),
        ("书的最后写着（未完待续）四个字，他合上书。", "书的最后写着（未完待续）四个字，他合上书。"),
        ("故事未完，人已散。", "故事未完，人已散。"),
    ],
)
def test_notes_that_a_chapter_goes_on_are_removed_unless_told(text, left):
    assert clean(text, "continued") == left


def test_the_authors_words_go_up_to_the_next_chapter():
    assert clean("他走了。\nPS：求月票！\n第二章 归来\n", "author_notes") == "他走了。\n第二章 归来\n"
    assert clean("他走了。\n【作者有话说】\n今天有事，更晚了。\n第二章\n", "author_notes") == "他走了。\n第二章\n"
    assert clean("他走了。\n感谢书友小海的打赏！\n", "author_notes") == "他走了。\n"


def test_votes_in_a_story_stay():
    for line in ("“求月票，求推荐票！”他在章节末尾敲下这行字。", "他求月票求了三年。", "三更以后，天复清朗。"):
        assert clean(line, "author_notes") == line


def test_contacts_are_removed_and_nothing_around_them():
    assert clean("加QQ123456，或写信到a.b@c.com，电话13812345678。", "contacts") == "加，或写信到，电话。"
    assert clean("他数到一百二十三万四千五百六十七。", "contacts") == "他数到一百二十三万四千五百六十七。"


def test_high_risk_rules_are_off():
    assert not BY_NAME["author_notes"].default
    assert not BY_NAME["contacts"].default


SPELT = (
    "（|）|(|)|本章未完|请翻页|未完待续|本章完|。|，|\n|他说|“|”|PS：|求月票|感谢|打赏|第二章|作者有话说|QQ123456"
    "|a@b.com|13812345678|-| |——"
)
PIECES = st.sampled_from(SPELT.split("|"))


@pytest.mark.parametrize("name", ["continued", "author_notes", "contacts"])
@given(pieces=st.lists(PIECES, max_size=40))
def test_a_second_time_finds_nothing_and_undoing_restores(name, pieces):
    text = "".join(pieces)
    edits = list(BY_NAME[name].edits(text))
    cleaned = patched(text, edits)
    assert unpatched(cleaned, edits) == text
    assert list(BY_NAME[name].edits(cleaned)) == []
