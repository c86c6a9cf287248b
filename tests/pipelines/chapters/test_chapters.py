"""Where chapters begin: headings accepted and refused, tables of contents, pieces; and the law that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.chapters import find_chapters
from pipelines.chapters.headings import english_number, heading_of, number_of
from pipelines.decode import decode

BODY = "话说天下大势，分久必合，合久必分。\n" * 20


def titles(text):
    return [chapter.title for chapter in find_chapters(text)]


def book(headings, body=BODY, before=""):
    return before + "".join(f"{heading}\n{body}" for heading in headings)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("第一章", 1),
        ("第 一 章　风起", 1),
        ("第12章：开始", 12),
        ("第１２章 新的", 12),
        ("　　第一百二十回 　甄士隱詳說太虛情\r\n", 120),
        ("第一一四回  王熙凤历幻返金陵", 114),
        ("第九十三回金吒智取遊魂關", 93),
        ("第六十二回  憨湘云醉眠芍药茵?呆香菱情解石榴裙", 62),
        ("第三章 你是谁？", 3),
        ("第十节 “回来了”", 10),
        ("【第三章 出山】", 3),
        ("☆、第三章 他来了", 3),
        ("正文 第三章 你好", 3),
        ("第二卷 风云", 2),
        ("第一卷 少年 第三章 出山", 3),
        ("第1024话", 1024),
        ("卷五", 5),
        ("卷之三 天涯", 3),
        ("楔子", None),
        ("序章：雪夜", None),
        ("尾聲", None),
        ("后记", None),
        ("番外三 那年", None),
        ("Chapter 12", 12),
        ("CHAPTER XII. In the Dark", 12),
        ("Chapter Twelve", 12),
        ("CHAPTER TWENTY-ONE: Home", 21),
        ("Chapter the First", 1),
        ("Book Two", 2),
        ("Epilogue", None),
        ("Letter 4", 4),
        ("## Chapter 3: Home", 3),
        ("*** CHAPTER IV ***", 4),
        ("上卷", None),
        ("楔　子", None),
        ("后记 风", None),
        ("第二册 风", 2),
    ],
)
def test_a_heading_is_known(line, number):
    heading = heading_of(line)
    assert heading is not None
    assert (heading.number, heading.prefix) == (number, "")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "第一回合",
        "第一回合他就输了",
        "第一回来这里的人都这样",
        "第三节课",
        "第二章程",
        "第一次",
        "第一次见面 他没有说话",
        "第一部分",
        "第四集团军来了",
        "第二天",
        "第一章节",
        "第一回来的时候，他笑了",
        "第三章 他说完了。然后走了",
        "第四回中既将薛家母子在荣府内寄居等事略已表明，此回则暂不能写矣．",
        "第一一九回中乡魁宝玉却尘缘沐皇恩贾家延世泽——",
        "第三章 " + "很长" * 23,
        "卷二十一页上写着",
        "序言很长",
        "楔子里说的",
        "Chapter 3 was hard",
        "Chapter one of the book is lost",
        "Chapter 3. It was late. He slept",
        "Part of it was lost",
    ],
)
def test_what_only_looks_like_a_heading_is_none(line):
    assert heading_of(line) is None


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("一百二十", 120),
        ("一百十三", 113),
        ("一二零", 120),
        ("廿三", 23),
        ("十", 10),
        ("两百零八", 208),
        ("三万五千", 35_000),
        ("壹佰贰拾", 120),
        ("１２", 12),
        ("一 百 二", 102),
    ],
)
def test_chinese_numbers(numeral, number):
    assert number_of(numeral) == number


@pytest.mark.parametrize(("word", "number"), [("12", 12), ("XIV", 14), ("twenty-one", 21), ("the first", 1), ("about", None)])
def test_english_numbers(word, number):
    assert english_number(word) == number


def test_chapters_begin_at_headings_and_the_front_matter_is_one():
    text = book(["第一章 风", "第二章 雨", "第三章 雪"], before="《书》\n作者：某\n\n")
    chapters = find_chapters(text)
    assert [(chapter.title, chapter.number) for chapter in chapters] == [
        ("《书》", None),
        ("第一章 风", 1),
        ("第二章 雨", 2),
        ("第三章 雪", 3),
    ]
    assert text[chapters[1].start :].startswith("第一章 风\n话说")


def test_blank_lines_before_the_first_heading_are_no_chapter():
    chapters = find_chapters(book(["第一章", "第二章", "第三章"], before="\n\u3000\n"))
    assert [chapter.title for chapter in chapters] == ["第一章", "第二章", "第三章"]
    assert chapters[0].start == 0


def test_junk_before_headings_is_believed_only_when_nearly_all_have_it():
    everywhere = book([f"《》目录 第{n}回 灵根" for n in "一二三四五"])
    assert titles(everywhere) == [f"第{n}回 灵根" for n in "一二三四五"]
    once = book(["第一章", "第二章", "他翻到第九章 那一页", "第三章"])
    assert titles(once) == ["第一章", "第二章", "第三章"]


def test_a_table_of_contents_is_no_row_of_chapters():
    names = [f"第{n}回 其{n}" for n in "一二三四五六"]
    assert titles(book(names, before="\n".join(names) + "\n\n----\n")) == [names[0], *names]
    # Two entries to a line, and one of them without its chapter.
    columns = "第一回 其一 第二回 其二\n第三回 其三 第四回 其四\n第五回 其五 第六回\n第七回\n第九回\n"
    assert len(titles(book(names, before="目录\n" + columns))) == 7


def test_short_chapters_are_chapters():
    names = [f"第{n}章" for n in "一二三四五六七"]
    assert titles(book(names, body="他笑了。\n她也笑了。\n")) == names


def test_a_heading_that_comes_twice_or_names_a_volume_opens_one_chapter():
    text = book(["第一卷 春\n\n第一章 风", "第二章 雨\n第二章 雨", "第三章 雪"])
    assert titles(text) == ["第一章 风", "第二章 雨", "第三章 雪"]
    assert find_chapters(text)[0].start == 0


def test_a_text_without_headings_is_cut_at_paragraph_ends():
    text = "话说天下大势，分久必合，合久必分。\n" * 1000
    chapters = find_chapters(text)
    assert len(chapters) == 4
    assert all(text[chapter.end - 1] == "\n" for chapter in chapters)
    assert all(3_500 < chapter.end - chapter.start < 5_500 for chapter in chapters)
    assert chapters[0].title == "话说天下大势，分久必合，合久必分。"


def test_one_line_is_cut_at_sentence_ends_and_else_anywhere():
    text = "他说：“话说天下大势，分久必合。”" * 1500
    chapters = find_chapters(text)
    assert all(text[chapter.end - 1] == "”" for chapter in chapters)
    assert [chapter.end for chapter in find_chapters("话" * 12_000)] == [4_000, 8_000, 12_000]


def test_a_short_text_is_one_piece_or_two():
    assert len(find_chapters("话。" * 200)) == 1
    assert len(find_chapters("话。" * 300)) == 2
    assert find_chapters("") == []


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["第一章", "第二章 雨", "第二章 雨", "第三回", "卷一", "Chapter 4", "楔子", "", "　", "他说。\r", "\x0c", "x" * 300]
        ),
        st.text(max_size=20),
    ),
    max_size=40,
)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_chapters_cover_the_text_without_gap_or_overlap(lines, newline):
    text = newline.join(lines)
    chapters = find_chapters(text)
    assert "".join(text[chapter.start : chapter.end] for chapter in chapters) == text
    assert all(chapter.start < chapter.end for chapter in chapters)


@pytest.mark.parametrize(
    ("name", "numbered", "last"),
    [
        ("zh/hongloumeng_utf8.txt", 120, 120),
        ("zh/xiyouji_utf8bom.txt", 100, 100),
        ("zh_big5/fengshenyanyi_big5.txt", 100, 100),
        ("zh_big5/laocanyouji_big5hkscs.txt", 20, 20),
        ("zh_gb/honglou_gb18030_pages_ads.txt", 120, 120),
        # Its chapter 35 stands in it twice.
        ("zh_gb/sanguo_gbk_wrapped40.txt", 121, 120),
        ("en/pg1013_first_men_in_the_moon.raw.txt", 26, 26),
    ],
)
def test_the_chapters_of_real_novels_are_found(novels, name, numbered, last):
    chapters = find_chapters(decode((novels / name).read_bytes()).text)
    numbers = [chapter.number for chapter in chapters if chapter.number is not None]
    assert len(numbers) == numbered
    assert sorted(set(numbers)) == list(range(1, last + 1))
    assert len(chapters) <= numbered + 1


def test_drama_without_headings_is_cut_in_pieces(novels):
    chapters = find_chapters(decode((novels / "en/tinyshakespeare.txt").read_bytes()).text)
    assert {chapter.number for chapter in chapters} == {None}
    assert max(chapter.end - chapter.start for chapter in chapters) < 6_000


NUMERALS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
WRITTEN = {
    "一、": [f"{n}、风起" for n in NUMERALS],
    "一": NUMERALS,
    "【一】": [f"【{n}】" for n in NUMERALS],
    "12.": [f"{n}." for n in range(1, 13)],
    "12. title": [f"{n}. 风起，云涌" for n in range(1, 13)],
    "001 title": [f"{n:03} 重生" for n in range(1, 13)],
    "12": [str(n) for n in range(1, 13)],
    "1-2": [f"{volume}-{n}" for volume in (1, 2) for n in range(1, 7)],
    "again": [str(n) for _ in range(2) for n in range(1, 7)],
    "IV": ["I", "II", "III", "IV", "V", "VI"],
    "Four": ["One", "Two", "Three", "Four", "Five", "Six"],
    "☆": [f"☆、{name}" for name in "风雨雪月花"],
}


@pytest.mark.parametrize("headings", WRITTEN.values(), ids=WRITTEN)
def test_numbered_lines_that_run_through_the_text_are_headings(headings):
    assert titles(book(headings)) == headings


def test_numbered_lines_under_volumes_are_headings_beside_them():
    headings = [line for volume in "一二三四" for line in (f"第{volume}卷", "1", "2", "3")]
    assert titles(book(headings)) == headings


def test_the_items_of_a_list_are_no_headings():
    items = "".join(f"{n}、他又说了一件事\n这事不大。\n" for n in NUMERALS)
    assert titles(book(["第一章", "第二章", "第三章"], BODY + items + BODY)) == ["第一章", "第二章", "第三章"]
    assert not [chapter for chapter in find_chapters(BODY * 9 + items + BODY * 9) if chapter.number]
    # Nor are they where the headings are written like them.
    headings = [f"{n}、风起" for n in NUMERALS]
    assert titles(book(headings, BODY + items + BODY)) == headings


def test_the_numbers_of_pages_are_no_headings():
    page = BODY[: BODY.rindex("，")] + "\n"
    assert "12" not in titles(book([str(n) for n in range(1, 30)], page))


def test_numbered_lines_are_left_alone_where_there_are_headings():
    assert titles(book(["第一章", "1", "2", "3", "第二章", "4", "5", "第三章", "6"])) == ["第一章", "第二章", "第三章"]


def test_a_line_of_prose_is_no_heading_among_headings_written_otherwise():
    text = book(["第一章 风", "第二章 雨", "第三回他输了", "第三章 雪", "第四章月"])
    assert titles(text) == ["第一章 风", "第二章 雨", "第三章 雪", "第四章月"]
    assert titles(book(["第一章", "第二章", "第三卷卫生纸", "第三章"])) == ["第一章", "第二章", "第三章"]


def test_the_parts_of_a_container_count_where_headings_are_few():
    text = BODY * 3
    parts = [("封面", 0), ("", len(BODY)), ("雨", 2 * len(BODY)), ("多余", len(text))]
    chapters = find_chapters(text, parts)
    assert [(chapter.title, chapter.start) for chapter in chapters] == [
        ("封面", 0),
        ("话说天下大势，分久必合，合久必分。", len(BODY)),
        ("雨", 2 * len(BODY)),
    ]
    text = book(["第一章", "第二章", "第三章"])
    assert find_chapters(text, [("正文", 0), ("后记", len(text) - 10)]) == find_chapters(text)
    assert [chapter.number for chapter in find_chapters(BODY * 2, [("第七章 风", 0), ("第八章", len(BODY))])] == [7, 8]


@given(LINES, st.lists(st.tuples(st.text(max_size=3), st.integers(-2, 400)), max_size=5))
def test_chapters_of_parts_cover_the_text_too(lines, parts):
    text = "\n".join(lines)
    assert "".join(text[chapter.start : chapter.end] for chapter in find_chapters(text, parts)) == text


def test_many_headings_take_no_time():
    # Quadratic work would run into the test's time limit.
    assert len(find_chapters("".join(f"第{n}章 风\n{BODY}" for n in range(1, 20_001)))) == 20_000
    assert len(find_chapters("".join(f"{n % 9 + 1}\n{BODY}" for n in range(20_000)))) > 10_000
