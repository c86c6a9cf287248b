from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import RULES, Edit, clean
from studio.differences import CONTEXT_CHARACTERS, PAGE_CHANGES, PLACE_PIECES, after, around, before, compare, leaf

NAMES = [rule.name for rule in RULES]
DIRTY = st.text(st.sampled_from("字句。a \t\u3000\u00a0\r\n\x0b\u200b\x00"), max_size=60)


@given(DIRTY, st.sets(st.sampled_from(NAMES)))
def test_the_pieces_are_the_text_before_and_the_text_after(raw, names):
    text, edits = clean(raw, sorted(names))
    pieces = compare(raw, edits).pieces
    assert before(pieces) == raw
    assert after(pieces) == text


@given(DIRTY)
def test_the_places_hold_every_change_once_and_begin_where_they_say(raw):
    differences = compare(raw, clean(raw)[1])
    changed = [index for index, piece in enumerate(differences.pieces) if not piece.is_kept]
    held = [index for place in differences.places for index in range(place.first, place.last)]
    assert len(held) == len(set(held))
    assert set(changed) <= set(held)
    for place in differences.places:
        assert place.at == len(before(differences.pieces[: place.first]))
        assert place.rules


@given(st.integers(0, 120), st.integers(-3, 20))
def test_turning_the_pages_shows_every_place_once(count, number):
    raw = ("字" * 30 + " \n") * count
    differences = compare(raw, clean(raw, ["line_ends"])[1])
    first = leaf(differences)
    pages = [leaf(differences, page) for page in range(1, first.pages + 1)]
    assert [place for page in pages for place in page.places] == differences.places
    assert first.total == count
    assert all(len(page.places) <= PAGE_CHANGES for page in pages)
    assert 1 <= leaf(differences, number).number <= first.pages


def test_a_page_that_is_no_number_is_the_first():
    differences = compare("a \nb ", clean("a \nb ")[1])
    for nonsense in (None, "x", float("inf"), float("nan"), 1e300):
        assert leaf(differences, nonsense).number == 1


def test_only_the_places_of_one_rule_are_shown_when_it_is_named():
    raw = "甲" * 40 + "\r\n" + "乙" * 40 + " \n"
    differences = compare(raw, clean(raw)[1])
    assert leaf(differences).total == 2
    assert [place.rules for place in leaf(differences, 1, "line_ends").places] == [{"line_ends"}]


def test_neighbours_are_one_place_and_a_place_has_an_end():
    raw = "ab \n" * 100
    places = compare(raw, clean(raw)[1]).places
    assert 1 < len(places) < 100
    assert all(place.last - place.first <= PLACE_PIECES + 1 for place in places)


def test_what_one_rule_inserts_and_another_removes_is_shown_by_neither_text():
    edits = [Edit("newlines", 1, "\r", "\n"), Edit("blank_lines", 1, "\n")]
    differences = compare("a\rb", edits)
    assert (before(differences.pieces), after(differences.pieces)) == ("a\rb", "ab")
    assert differences.places[0].rules == {"newlines", "blank_lines"}


def test_a_place_comes_with_a_little_of_what_stands_around_it():
    raw = "甲" * 100 + " \n" + "乙" * 100 + "\n"
    differences = compare(raw, clean(raw)[1])
    pieces = around(differences, differences.places[0])
    assert pieces[0].text == "甲" * CONTEXT_CHARACTERS
    assert pieces[-1].text == "\n" + "乙" * (CONTEXT_CHARACTERS - 1)
