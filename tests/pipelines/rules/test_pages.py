"""Page marks, running heads and Project Gutenberg's frame go; numbers and lines of the story stay."""

import pytest

from pipelines.rules import BY_NAME
from pipelines.rules.rule import unpatched

LINE = "却说那人走进门来抬头一看只见满院子都是落叶风里带着一点雨意他便站住"


def only(rule, text):
    cleaned, edits = BY_NAME[rule].apply(text)
    assert unpatched(cleaned, edits) == text
    assert BY_NAME[rule].apply(cleaned) == (cleaned, [])
    return cleaned


@pytest.mark.parametrize(
    "mark",
    [
        *("---------------------- Page 12----------------------", "--- Page 12 ---", "Page 12 of 300", "- 45 -", "— 45 —"),
        *("第3/7页", "第 3 页", "第３页", "第3页/共7页", "第3页 共7页", "（第3页）", "[Page 3]", "　　- 45 -　", "第3頁", "·45·"),
    ],
)
def test_a_page_mark_goes_and_its_paragraph_closes(mark):
    assert only("page_marks", f"{LINE} \n\n{mark}\n\n下来。\n") == f"{LINE}\n下来。\n"
    assert only("page_marks", f"{LINE}\n{mark}\n下来。\n") == f"{LINE}\n下来。\n"


@pytest.mark.parametrize(
    "text",
    [
        "他翻到 Page 12 看了\n",
        "第十二页\n",
        "第3页上写着\n",
        "12\n",
        "- 四十五 -\n",
        "第3章\n",
        "1914-1918\n",
        "--\n",
        "第12回\n",
    ],
)
def test_what_only_speaks_of_pages_stays(text):
    assert only("page_marks", f"{LINE}\n{text}{LINE}\n") == f"{LINE}\n{text}{LINE}\n"


def test_a_paragraph_that_ended_before_the_mark_stays_ended():
    assert only("page_marks", "完了。\n\n- 3 -\n\n　　又一天。\n") == "完了。\n\n　　又一天。\n"
    assert only("page_marks", f"{LINE}\n\n- 3 -\n\n第二回 山雨\n") == f"{LINE}\n\n第二回 山雨\n"
    assert only("page_marks", f"　　{LINE}\n{LINE}。\n\n- 3 -\n\n- 4 -\n\n下来。\n") == f"　　{LINE}\n{LINE}。\n下来。\n"


def test_marks_at_both_ends_leave_the_text():
    assert only("page_marks", "- 11 -\n\n话说\n\n- 12 -\n") == "话说\n"


def test_bare_numbers_go_only_as_those_of_pages_do():
    page = "\n".join([LINE] * 5)
    pages = "\n".join(f"{page}\n\n{number}\n" for number in range(11, 17)) + f"\n{page}\n"
    assert only("page_marks", pages) == "\n".join([page] * 7) + "\n"
    chapters = "\n".join(f"{number}\n{page}。\n" for number in range(1, 9))
    few = "\n".join(f"{page}\n\n{number}\n" for number in range(11, 15))
    jumble = "\n".join(f"{page}\n{number}\n" for number in (3, 90, 14, 2, 71, 5))
    count = "数到十：\n" + "\n".join(map(str, range(1, 11))) + "\n"
    for text in (chapters, few, jumble, count):
        assert only("page_marks", text) == text


def test_numbers_between_dashes_that_head_parts_stay():
    parts = "\n".join(f"- {number} -\n\n{LINE * 9}。\n" for number in range(1, 6))
    assert only("page_marks", parts) == parts
    two = f"- 1 -\n\n{LINE}。\n\n- 2 -\n\n{LINE}。\n"
    assert only("page_marks", two) == two


def test_a_line_of_every_page_goes_when_asked():
    page = "\n".join([LINE] * 9)
    text = f"\n\n《落叶》 作者\n\n{page}" * 12
    assert only("running_heads", text).count("落叶》") == 0
    assert not BY_NAME["running_heads"].default
    few = f"{page}\n好了歌\n" * 5 + page
    assert only("running_heads", few) == few
    refrain = f"{page}\n" + "归去来兮\n" * 12
    assert only("running_heads", refrain) == refrain
    headings = "\n".join(f"第{number}章\n{page}" for number in range(1, 20))
    assert only("running_heads", headings) == headings


HEADER = (
    "The Project Gutenberg EBook of X\n\nThis eBook is for anyone\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X\nAND Y ***\n\n"
)
CREDITS = "\nProduced by A. Reader and the\nDistributed Proofreaders\n"
FOOTER = (
    "\nEnd of Project Gutenberg's X, by Y\n\n*** END OF THIS PROJECT GUTENBERG EBOOK X ***\n\nUpdated editions will replace it\n"
)
BOOK = "\n\nCHAPTER I\n\nIt was night.\n\n"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (HEADER + CREDITS + BOOK + FOOTER, BOOK),
        (HEADER + BOOK, BOOK),
        (BOOK + FOOTER, BOOK),
        ("***START OF THE PROJECT GUTENBERG EBOOK 红楼梦***" + BOOK, BOOK),
        (BOOK + "End of The Project Gutenberg Etext of X\nby Somebody\n\n", BOOK),
        (HEADER + BOOK + FOOTER + HEADER + BOOK + FOOTER, BOOK + BOOK),
        ("Gutenberg's etext\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*" + BOOK, BOOK),
    ],
)
def test_gutenbergs_frame_goes(text, left):
    assert only("gutenberg", text).replace("\n", "") == left.replace("\n", "")


@pytest.mark.parametrize(
    "text",
    [
        BOOK + "He spoke of Project Gutenberg.\n*** START OF THE END ***\n",
        "night " * 20_000 + HEADER + BOOK,
        BOOK + "*** END OF THE PROJECT GUTENBERG EBOOK X ***" + "night " * 20_000,
    ],
    ids=["story", "far below", "far above"],
)
def test_a_marker_that_frames_nothing_takes_nothing(text):
    assert only("gutenberg", text) == text


def test_a_real_book_is_left_as_its_oracle_says(novels):
    raw, expected = ((novels / "en" / f"pg1013_first_men_in_the_moon.{name}.txt").read_text() for name in ("raw", "expected"))
    assert only("gutenberg", raw).strip() == expected.strip()


def test_the_pages_of_a_real_scan_close(novels):
    text = (novels / "zh_gb" / "honglou_gb18030_pages_ads.txt").read_bytes().decode("gb18030", "replace").replace("\r\n", "\n")
    assert text.count(" Page ") == 671
    cleaned = only("page_marks", text)
    assert " Page " not in cleaned
    assert "须得先着人去打\n扫收拾才好" in cleaned
