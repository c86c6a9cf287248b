"""Rules of punctuation and of quotation marks: what they change, and what they leave as it is."""

import pytest

from pipelines.rules import BY_NAME


def applied(rule, text):
    return BY_NAME[rule].apply(text)[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("他说。。。走了", "他说……走了"),
        ("他说......", "他说……"),
        ("他走了。\n“......”", "他走了。\n“……”"),
        ("“...我不知道”", "“……我不知道”"),
        ("好┅走", "好……走"),
        ("够了……………。", "够了……。"),
        ("说到这里－－”宝玉", "说到这里——”宝玉"),
        ("他--我认识", "他——我认识"),
        ("说---\n", "说——\n"),
    ],
)
def test_rows_of_dots_and_dashes_become_the_chinese_signs(before, after):
    assert applied("ellipses", before) == after


@pytest.mark.parametrize(
    "text",
    [
        *("I don't know... maybe.", "He left....\n", "好……走", "“…………”我沉默", "好。。走", "第一回 起程......12\n"),
        *("他说\n--------\n走了", "第3--4页", "--- Page 12 ---", "well--yes", "王夫人----------------贾母"),
    ],
)
def test_other_dots_and_dashes_stay(text):
    assert applied("ellipses", text) == text


def test_half_width_marks_between_chinese_letters_become_full_width():
    before = '他说, "好". 你(也)来吗?她想:走!走;还是走.\n'
    assert applied("chinese_punctuation", before) == '他说，"好"。你（也）来吗？她想：走！走；还是走。\n'


@pytest.mark.parametrize(
    "kept",
    [
        "圆周率是3.14,时间是12:30",
        "见http://a.example/b?c=d,e",
        "他说Yes,but no.",
        "约翰.史密斯",
        "一(see Chapter 1)二",
        "眼虽?视",
        "脸??的",
    ],
)
def test_numbers_addresses_names_and_other_languages_keep_their_marks(kept):
    assert applied("chinese_punctuation", f"她说，是，好，他说,好,\n{kept}\n") == f"她说，是，好，他说，好，\n{kept}\n"


def test_a_few_half_width_marks_among_many_others_stay():
    text = "他说，好。" * 600 + "她说,好。"
    assert applied("chinese_punctuation", text) == text


def test_full_width_points_that_end_sentences_become_full_stops():
    before = "一番梦幻之后．故将真事隐去．”士隐道：“是．”\n他去了．\n"
    assert applied("full_stops", before) == before.replace("．", "。")


def test_full_width_points_in_names_and_numbers_stay():
    for text in ("亚历山大．仲马来了。\n他走了。\n", "版本２．１\n", "他走了。\n" * 40 + "他来了．\n"):
        assert applied("full_stops", text) == text


def test_full_width_letters_and_digits_become_plain():
    assert applied("wide_letters", "ＬＶ．２，（ａ）１２３％！") == "LV.2，（a）123％！"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('道：“好。"她道：“走。"', "道：“好。”她道：“走。”"),
        ('"好。”她道："走。”', "“好。”她道：“走。”"),
        ('“走”"好。”', "“走”“好。”"),
        ('“一。"他说：“二。', "“一。”他说：“二。"),
        ('他说：“一。”"二。”又说："三', '他说：“一。”“二。”又说："三'),
    ],
)
def test_a_straight_mark_with_a_curly_partner_becomes_curly(before, after):
    assert applied("quote_pairs", before) == after


@pytest.mark.parametrize(
    "text", ['“他说"好"吧”“', '"好。"她道："走。', '他看"红楼梦"。“好。”', '"好。"', "“他说“好”", '“他说"好"吧”', '5" 长']
)
def test_what_does_not_pair_for_sure_stays(text):
    assert applied("quote_pairs", text) == text


def test_quotation_marks_are_written_in_one_style():
    assert (
        applied("curly_quotes", '「他說『好』。」\n"走。"他說。\n「一段\n二段」\n')
        == "“他說‘好’。”\n“走。”他說。\n“一段\n二段”\n"
    )
    assert applied("corner_quotes", '“他说‘好’。”\n"走。"\nIt’s “fine”') == "「他说『好』。」\n「走。」\nIt’s 「fine」"


def test_straight_marks_that_do_not_alternate_stay_in_every_style():
    assert applied("curly_quotes", '他说"好"，又说"走。\n"好"') == '他说"好"，又说"走。\n“好”'


def test_clean_novels_lose_no_mark_of_theirs(novels):
    text = (novels / "zh" / "xiyouji_utf8bom.txt").read_text(encoding="utf-8-sig")
    for rule in ("ellipses", "chinese_punctuation", "full_stops", "wide_letters", "quote_pairs"):
        assert applied(rule, text) == text


def test_a_damaged_novel_gets_its_full_stops_and_quotes_back(novels):
    text = (novels / "zh" / "hongloumeng_utf8.txt").read_text(encoding="utf-8")
    mended = applied("quote_pairs", applied("full_stops", text))
    assert text.count("．") > 19_000 > 1_000 > mended.count("．")
    assert mended.count("”") > text.count("”") + 2_000
    assert all(mended.count(mark) >= text.count(mark) for mark in "。，：；！？“”")


def test_a_novel_typed_with_half_width_marks_gets_all_of_them_back(novels):
    text = (novels / "zh" / "xiyouji_utf8bom.txt").read_text(encoding="utf-8-sig")[:200_000]
    typed = text.translate(str.maketrans("，。！？；：", ",.!?;:"))
    mended = applied("chinese_punctuation", typed)
    assert sum(one != other for one, other in zip(mended, text, strict=True)) < 10
