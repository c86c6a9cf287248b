"""What is missing, repeated or out of order among chapters, by volume where their numbers begin again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.chapters import Chapter, find_chapters
from pipelines.chapters.numbering import Flaw, check
from pipelines.decode import decode


def row(numbers, kind="章"):
    return [Chapter(f"第{number}{kind} 题", place, place + 1, number) for place, number in enumerate(numbers)]


def found(numbers):
    return [(flaw.kind, flaw.first, flaw.last, flaw.place, flaw.volume) for flaw in check(row(numbers))]


@pytest.mark.parametrize(
    ("numbers", "flaws"),
    [
        ([], []),
        ([1, 2, 3], []),
        ([0, 1, 2], []),
        ([1, 2, 4, 8], [("missing", 3, 3, 2, 0), ("missing", 5, 7, 3, 0)]),
        ([37, 38], [("missing", 1, 36, 0, 0)]),
        ([1, 2, 2, 3], [("repeated", 2, 2, 2, 0)]),
        ([1, 2, 5, 3, 4, 6], [("disorder", 5, 5, 2, 0)]),
        ([*range(1, 11), 4, 5, 6, 11, 12], [("repeated", n, n, n + 6, 0) for n in (4, 5, 6)]),
        ([*range(1, 11), 1, 11], [("repeated", 1, 1, 10, 0)]),
        ([*range(1, 31), *range(1, 21)], []),
        ([*range(1, 31), *range(2, 8), 9], [("missing", 1, 1, 30, 2), ("missing", 8, 8, 36, 2)]),
    ],
)
def test_flaws(numbers, flaws):
    assert found(numbers) == flaws


@given(st.integers(20, 200), st.data())
def test_what_was_taken_away_or_doubled_is_told(count, data):
    numbers = st.integers(1, count - 1)
    gone = data.draw(st.sets(numbers, max_size=8))
    twice = data.draw(st.sets(st.integers(2, count), max_size=4)) - gone
    left = [number for number in range(1, count + 1) if number not in gone]
    flaws = check(row([number for kept in left for number in [kept] * (1 + (kept in twice))]))
    assert {n for flaw in flaws if flaw.kind == "missing" for n in range(flaw.first, flaw.last + 1)} == gone
    assert {flaw.first for flaw in flaws if flaw.kind == "repeated"} == twice
    assert not [flaw for flaw in flaws if flaw.kind == "disorder"]


def test_chapters_that_begin_again_in_a_volume_with_one_chapter_are_a_run_of_their_own():
    chapters = [*row([1], "卷"), *row([1, 2, 3, 4]), *row([2], "卷"), *row([1])]
    assert check(chapters) == []


def test_sections_inside_chapters_are_counted_by_themselves():
    chapters = [part for n in (1, 2, 4) for part in (*row([n]), *row([1, 2], "节"))]
    assert check(chapters) == [Flaw("missing", 3, 3, 6)]


def test_a_slip_in_one_heading_is_no_kind_of_its_own():
    assert check([*row([1, 2, 3]), *row([4], "节"), *row([5, 6])]) == []


def test_volumes_alone_are_the_chapters():
    assert check(row([1, 2, 4], "集")) == [Flaw("missing", 3, 3, 2)]


def test_the_flaws_of_a_real_novel(novels):
    text = decode((novels / "zh_gb/sanguo_gbk_wrapped40.txt").read_bytes()).text
    assert check(find_chapters(text)) == [Flaw("repeated", 35, 35, 35)]
