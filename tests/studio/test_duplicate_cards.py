import pytest

from pipelines.duplicates import Duplicates, Pair, Share
from studio import duplicate_cards as cards
from studio.services.duplicates import Repeats
from studio.words import LANGUAGES, load_words

ZH = load_words("zh")
TITLES = {"a": "红楼梦", "b": "石头记", "c": "西游记"}
HOSTILE = "<img src=x onerror=alert(1)>"


def pair(number, **more):
    facts = {"novel_a": "a", "chapter_a": number, "title_a": f"第{number}回", "novel_b": "b", "chapter_b": number}
    return Pair(**{**facts, "title_b": f"{number}", "kind": "near", "similarity": 0.83} | more)


def card(pairs=(), shares=(), words=ZH, titles=TITLES):
    return str(cards.card(words, Repeats(Duplicates(list(pairs), list(shares)), titles)))


def test_where_nothing_is_twice_nothing_is_shown():
    assert card() == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_is_twice_why_it_matters_and_what_to_do(language):
    words = load_words(language)
    html = card([pair(1)], [Share("a", "b", 0.97)], words)
    for key in ("title", "why", "todo"):
        assert words(f"training.twice.{key}") in html
    assert "97 %" in html
    assert "83%" in html


def test_two_novels_are_named_once_by_the_one_that_has_more_of_itself_in_the_other():
    html = card(shares=[Share("a", "b", 0.5), Share("b", "a", 0.97), Share("a", "c", 0.1), Share("c", "a", 0.1)])
    assert "《石头记》的 97 % 也在《红楼梦》里" in html
    assert html.count("也在《") == 2


def test_the_first_pairs_are_shown_and_the_others_counted():
    html = card([pair(number) for number in range(1, 121)])
    assert html.count("石头记") == cards.FIRST_PAIRS
    assert ZH("training.twice.more_pairs", count=120 - cards.FIRST_PAIRS) in html


def test_a_chapter_that_has_the_same_title_in_both_novels_is_named_once():
    html = card([pair(1, title_a="第一回", title_b="第一回")])
    assert html.count("第一回") == 1
    assert card([pair(1, title_a="第一回", title_b="第一回", novel_b="a")]).count("第一回") == 2


def test_of_many_novels_the_first_shares_are_shown_and_the_others_counted():
    titles = {str(number): str(number) for number in range(12)}
    html = card(shares=[Share("0", str(number), 0.5) for number in range(1, 12)], titles=titles)
    assert html.count("也在《") == cards.FIRST_SHARES
    assert ZH("training.twice.more_novels", count=11 - cards.FIRST_SHARES) in html


def test_a_novels_words_stay_words():
    html = card([pair(1, title_a=HOSTILE, kind="exact")], [Share("a", "b", 1.0)], titles={"a": HOSTILE, "b": HOSTILE})
    assert HOSTILE not in html
