from datetime import UTC, datetime

import pytest

from pipelines.decode import OFFERED, Decoded, decode
from pipelines.errors import BadText, Conflict
from pipelines.magic import SIGNATURES
from studio import novel_cards as cards
from studio.services.novels import Deleted, Novel
from studio.words import LANGUAGES, load_words

ZH = load_words("zh")
HOSTILE = ("<img src=x onerror=alert(1)>", "</textarea><script>alert(1)</script>", '"><b>', "\u202egnp")
NOVEL = Novel("n-1", "书", 12345, 3, "gb18030", 0.86, 0, False, "书.txt", datetime(2026, 1, 2, tzinfo=UTC), None, "aa")


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_title_a_name_or_a_text_holds_stays_text(text):
    novel = Novel("n", text, 1, 1, "utf-8", 1.0, file=text)
    shown = [
        cards.shelf(ZH, [novel, Novel(text, text, damaged=True)], "n"),
        cards.card(ZH, novel, text),
        cards.card(ZH, Novel("n", text, damaged=True), ""),
        cards.arrivals(ZH, [cards.Arrival(text, novel=novel), cards.Arrival(text, error=BadText("x", text))]),
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("head", [signature for signature, _ in SIGNATURES])
def test_a_file_that_is_no_text_is_called_what_it_is(head, language):
    words = load_words(language)
    with pytest.raises(BadText) as caught:
        decode(head + b"\x00" * 100)
    kinds = [value for key, value in words.entries.items() if key.startswith("library.kind.")]
    assert cards.reason(words, caught.value) in [words("library.not_text", kind=kind) for kind in kinds]


def test_a_file_that_is_there_already_is_no_failure():
    html = cards.arrivals(ZH, [cards.Arrival("a.txt", error=Conflict("already_here", "", title="甲"))]).html
    assert "badge bad" not in html
    assert "《甲》" in html


def test_nothing_arrived_shows_nothing():
    assert cards.arrivals(ZH, []).html == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_encoding_that_may_be_chosen_has_a_name(language):
    assert all(f"library.encoding.{name}" in load_words(language).entries for name in OFFERED)


def test_an_unknown_encoding_is_called_by_its_own_name():
    assert cards.encoding_name(ZH, "koi8-r") == "koi8-r"


def test_a_long_name_is_shortened_and_keeps_its_end():
    name = cards.short("长" * 250 + ".txt")
    assert len(name) == cards.NAME_CHARACTERS
    assert name.endswith(".txt")


def test_a_deleted_novel_is_told_from_its_other_readings():
    label = cards.deleted_label(ZH, Deleted("novels/n-1", NOVEL, datetime(2026, 1, 3, tzinfo=UTC)))
    assert label.startswith("书 · GB18030")
    assert cards.deleted_label(ZH, Deleted("novels/x", Novel("x", "坏", damaged=True), None)) == "坏"
