from datetime import UTC, datetime

import pytest

from pipelines.decode import OFFERED, Decoded
from studio import novel_cards as cards
from studio.services.novels import Deleted, Novel
from studio.services.spots import Spot
from studio.words import LANGUAGES, load_words

ZH = load_words("zh")
HOSTILE = ("<img src=x onerror=alert(1)>", "</textarea><script>alert(1)</script>", '"><b>', "\u202egnp")
NOVEL = Novel("n-1", "书", 12345, 3, "gb18030", 0.86, 0, False, "书.txt", datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_title_a_name_or_a_text_holds_stays_text(text):
    novel = Novel("n", text, 1, 1, "utf-8", 1.0, file=text)
    shown = [
        cards.shelf(ZH, [novel, Novel(text, text, damaged=True)], "n"),
        cards.card(ZH, novel, text, [Spot("replaced", 0.5, text, text, text), Spot(text, 0.5, "", "", "", text)]),
        cards.card(ZH, Novel("n", text, archive=text, member=text, mended=text, encodings=(text, text)), ""),
        cards.copies(ZH, Novel(text, text, cleaning=1)),
        cards.card(ZH, Novel("n", text, damaged=True), ""),
        cards.reading(ZH, Decoded(text, "utf-8", 1.0, 0)),
    ]
    for markup in shown:
        for tag in ("<img", "<script", "</textarea", "<b>"):
            assert tag not in markup.html
    assert "<bdi>" in shown[0].html


def test_the_chosen_row_says_so_and_every_row_can_be_chosen():
    html = cards.shelf(ZH, [NOVEL, Novel("n-2", "二")], "n-2").html
    assert html.count("data-novel=") == html.count('type="button"') == 2
    assert html.count('aria-pressed="true"') == 1
    assert "12,345" in html


@pytest.mark.parametrize(
    ("told", "confidence", "key"),
    [(True, 1.0, "told"), (False, 1.0, "certain"), (False, 0.86, "good"), (False, 0.4, "poor")],
)
def test_how_sure_the_encoding_is_comes_in_words(told, confidence, key):
    novel = Novel("n", "t", confidence=confidence, told=told)
    assert ZH.entries[f"library.sureness.{key}"].partition("{")[0] in cards.confidence(ZH, novel).html


def test_lost_characters_are_a_warning():
    assert "warn" in cards.replaced(ZH, 3).html
    assert "warn" not in cards.replaced(ZH, 0).html


def test_a_card_tells_what_was_found_and_mended():
    novel = Novel(
        "n", "书", 10, 1, "gb18030", 0.9, 2, encodings=("gb18030", "utf-8"), repaired=3, lost=9, mended="utf-8 read as cp950"
    )
    html = cards.card(ZH, novel, "", [Spot("replaced", 0.123, "前", "\ufffd", "后")]).html
    assert "GB18030（GBK、GB2312）、UTF-8" in html
    for said in (ZH("library.repaired", count=3), ZH("library.lost", count=9), ZH("library.spots", count=1), "12.3%"):
        assert said in html
    assert ZH("library.mended", true="UTF-8", wrong="Big5（繁体）") in html


def test_what_has_no_encoding_of_its_own_is_not_called_certain():
    html = cards.card(ZH, Novel("n", "书", kind="epub", file="b.epub", archive="all.zip", member="x/b.epub"), "").html
    assert ZH("library.fact.confidence") not in html
    assert "all.zip" in html
    assert "x/b.epub" in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["txt", "html", "epub", "docx", "json", "parquet", "arrow"])
def test_every_format_has_a_name(language, kind):
    words = load_words(language)
    assert words(f"library.format.{kind}") in cards.card(words, Novel("n", "书", kind=kind), "").html


def test_a_long_list_is_cut_and_says_so():
    html = cards.shelf(ZH, [Novel(f"n-{number}", "书") for number in range(cards.ROWS + 7)], None).html
    assert html.count("data-novel=") == cards.ROWS
    assert ZH("library.list.more", count=7) in html


def test_a_clean_text_is_offered_by_the_novels_own_name():
    html = cards.copies(ZH, Novel("n 1", "书", cleaning=1)).html
    assert 'href="/api/novels/n%201/clean.parquet"' in html
    assert 'download="书.parquet"' in html
    assert "href" not in cards.copies(ZH, Novel("n", "书")).html
    assert cards.copies(ZH, Novel("n", "书", damaged=True)).html == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_encoding_that_may_be_chosen_has_a_name(language):
    assert all(f"library.encoding.{name}" in load_words(language).entries for name in OFFERED)


def test_an_unknown_encoding_is_called_by_its_own_name():
    assert cards.encoding_name(ZH, "koi8-r") == "koi8-r"


def test_a_long_name_is_shortened_and_keeps_its_end():
    name = cards.short("长" * 250 + ".txt")
    assert len(name) == cards.NAME_CHARACTERS
    assert name.endswith(".txt")


def test_no_name_turns_round_what_stands_beside_it():
    assert cards.short("a\u202egnp.txt\n") == "agnp.txt"


def test_a_deleted_novel_is_told_from_its_other_readings():
    label = cards.deleted_label(ZH, Deleted("novels/n-1", NOVEL, datetime(2026, 1, 3, tzinfo=UTC)))
    assert label.startswith("书 · GB18030")
    assert cards.deleted_label(ZH, Deleted("novels/x", Novel("x", "坏", damaged=True), None)) == "坏"
