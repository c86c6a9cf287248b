"""Rules that point out, and the one of footnotes: what they see in dirty texts, and what they do not see in clean ones."""

import pytest

from pipelines.rules import BY_NAME


def marked(rule, text):
    cleaned, edits = BY_NAME[rule].apply(text)
    assert cleaned == text
    return [edit.removed for edit in edits]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("他十有**是来了", ["**"]),
        ("政*府", ["*"]),
        ("被zhengfu抓了，激ān犯", ["zhengfu", "ān"]),
        ("她的口口很软", ["口口"]),
        ("这【敏感词】真烦", ["【敏感词】"]),
    ],
)
def test_masked_words_are_pointed_out(text, masked):
    assert marked("masked_words", text) == masked


@pytest.mark.parametrize(
    "text", ["***\n", "＊＊＊", "玩game和love的人", "口口声声说", "一杯café好", "3*4", "He said *no*.", "一首song给他"]
)
def test_scene_breaks_and_foreign_words_are_no_masks(text):
    assert marked("masked_words", text) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("跌了个□【左“足”右“龙”】踵", ["□【左“足”右“龙”】"]),
        ("垂头□翼，\ufffd\ufffd与\ue24b", ["□", "\ufffd\ufffd", "\ue24b"]),
        ("他？谁？眼虽?视", ["?"]),
        ("他??道", ["??"]),
        ("锟斤拷锟斤拷", ["锟斤拷", "锟斤拷"]),
    ],
)
def test_missing_characters_are_pointed_out(text, missing):
    assert marked("missing_characters", text) == missing


@pytest.mark.parametrize("text", ["好了\n□□□□\n又", "什么？？？", "What??", "你来吗?好"])
def test_ornaments_and_questions_are_not(text):
    assert marked("missing_characters", text) == []


def test_a_character_that_the_book_knows_otherwise_is_pointed_out():
    assert marked("confusables", "今日子夜，明日子时。" * 6 + "明曰子时。他曰：好。") == ["曰"]
    assert marked("confusables", "子曰：好。" * 6 + "今日好。") == []


def test_another_language_is_pointed_out():
    licence = "This eBook is for the use of anyone anywhere at no cost and with almost no restrictions whatsoever."
    story = "她站在门口，望着远处的山。" * 30
    assert marked("other_languages", f"{story}\n{licence}\n{story}他说OK，see you tomorrow。\n") == [licence]
    assert marked("other_languages", f"{licence}\n" * 20 + story[:39]) == [story[:39]]
    assert marked("other_languages", story + "\nこれはペンです。わたしはとてもうれしいとおもいます。\n")[0].startswith("これは")


@pytest.mark.parametrize(("name", "seen"), [("acceptable_82M_a", 0), ("acceptable_82M_b", 0), ("degenerate_82M", 1)])
def test_a_text_that_goes_in_circles_is_pointed_out_from_where_it_does(novels, name, seen):
    text = (novels / "generated" / f"{name}.txt").read_text(encoding="utf-8")
    edits = list(BY_NAME["repetition"].edits(text))
    assert len(edits) == seen
    assert all(abs(edit.at - 831) < 60 and edit.at + len(edit.removed) > 960 for edit in edits)


def test_a_phrase_over_and_over_is_pointed_out_whole():
    story = "".join(map(chr, range(0x4E00, 0x4F00)))
    loop = "我不知道你在说什么。" * 9
    [found] = marked("repetition", story + loop + story)
    assert loop in found + loop[: len(loop) - len(found) + 9]
    assert len(loop) - 12 <= len(found) <= len(loop) + 1


@pytest.mark.parametrize("text", ["", "骂", "好了好了好了。", "哈哈哈哈哈哈哈哈", "-" * 200, "\n" * 200, "。" * 200])
def test_laughter_refrains_and_rules_are_no_circles(text):
    assert marked("repetition", text) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("春天〔1〕来了〔2〕。\n花开。\n〔1〕立春。\n〔2〕雨水。\n下一章\n", "春天来了。\n花开。\n下一章\n"),
        ("春天①来了。\n注释：\n①立春。", "春天来了。\n"),
        ("春天[注1]，又春天[注1]。\n\n[注1]立春。\n夏\n", "春天，又春天。\n\n夏\n"),
        ("第一章①\n①甲\n第二章①\n①乙\n", "第一章\n第二章\n"),
    ],
)
def test_footnotes_go_with_their_notes(before, after):
    cleaned, _ = BY_NAME["footnotes"].apply(before)
    assert cleaned == after


@pytest.mark.parametrize(
    "text", ["春天〔1〕来了。", "〔1〕立春。\n春天〔1〕来了。\n", "①先洗手，②再吃饭。\n", "春天〔1〕。\n〔2〕雨水。\n"]
)
def test_a_mark_without_its_note_stays(text):
    assert BY_NAME["footnotes"].apply(text) == (text, [])


def test_clean_novels_have_hardly_a_mark(novels):
    text = (novels / "zh" / "xiyouji_utf8bom.txt").read_text(encoding="utf-8-sig")
    seen = {rule: len(marked(rule, text)) for rule in ("masked_words", "confusables", "repetition", "other_languages")}
    assert set(seen.values()) == {0}
    assert len(marked("missing_characters", text)) == text.count("□")
