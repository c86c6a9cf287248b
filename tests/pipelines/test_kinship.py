"""Which chapters share text: other editions do, refrains, quotations and page numbers do not make it so."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.kinship import groups, squeezed


def group(*texts):
    return groups(texts, ["novel-1"] * len(texts))


def paragraphs(count, salt=""):
    return [f"{salt}第{n}件事说来话长，当时{n * 7919}人在场，后来{n * 104729}年间人人传说，无人不知。" for n in range(count)]


def test_a_refrain_glues_nothing():
    refrain = "\n".join(f"本章未完，请点击下一页继续阅读，第{n}条提示请各位读者留意。" for n in range(4))
    texts = ["\n".join([*paragraphs(30, f"卷{n}"), refrain]) for n in range(12)]
    assert len(set(group(*texts))) == 12
    # The same words in every chapter of a longer book say nothing, even where there is little else.
    texts = ["\n".join([*paragraphs(5, f"卷{n}"), refrain]) for n in range(30)]
    assert len(set(group(*texts))) == 30


def test_the_numbers_of_pages_glue_nothing():
    pages = [f"{'-' * 20}Page{n}{'-' * 20}" for n in range(9)]
    texts = ["\n".join(paragraphs(9, f"卷{n}") + pages) for n in range(2)]
    assert len(set(group(*texts))) == 2


def test_a_quotation_glues_nothing_and_a_large_part_does():
    one, other, third = paragraphs(30, "甲"), paragraphs(30, "乙"), paragraphs(8, "丙")
    texts = ["\n".join(one), "\n".join(other + one[:2]), "\n".join(third + other[:2])]
    assert group(*texts) == [0, *[min((1, 2), key=lambda place: squeezed(texts[place]))] * 2]


def test_chapters_alike_but_for_white_space_are_one_group_with_the_first_as_its_chief():
    texts = ["丙丙", "甲 甲", "甲\n甲", "乙"]
    assert group(*texts) == [0, 1, 1, 3]
    assert group() == []


def test_a_line_in_many_chapters_of_one_novel_is_a_refrain_but_of_many_novels_it_tells():
    lines = [f"这三行字在每一章里都有，而且写得足够长，第{n}行也是一样的长。" for n in range(3)]
    texts = ["\n".join([*paragraphs(30, f"卷{n}"), *lines]) for n in range(6)]
    assert len(set(groups(texts, ["甲"] * 6))) == 6
    assert len(set(groups(texts, list("甲乙丙丁戊己")))) == 1


LINE = st.sampled_from([line for salt in "甲乙丙" for line in paragraphs(3, salt)])
CHAPTER = st.lists(LINE, min_size=1, max_size=8).map("\n".join)


@given(st.lists(CHAPTER, max_size=8))
def test_the_order_of_the_chapters_changes_no_group(texts):
    def sides(rows):
        chiefs = group(*rows)
        return {(squeezed(row), squeezed(rows[chief])) for row, chief in zip(rows, chiefs, strict=True)}

    assert sides(texts) == sides(texts[::-1])
