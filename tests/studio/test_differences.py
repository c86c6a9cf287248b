import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cleaning import Recipe, clean
from pipelines.rules import RULES
from pipelines.rules.rule import Edit
from studio.differences import GAP_CHARACTERS, PLACE_EDITS, Layer, after, before, grouped, origin, replay

NAMES = [rule.name for rule in RULES if not rule.marks]
DIRTY = st.text(st.sampled_from("字句。a \t\u3000\u00a0\r\n\x0b\u200b\x00"), max_size=60)


def layer(rule, edits, marks=False):
    at = np.array([edit.at for edit in edits], np.int64)
    removed = np.array([len(edit.removed) for edit in edits], np.int64)
    inserted = np.array([len(edit.inserted) for edit in edits], np.int64)
    change = inserted - removed
    return Layer(rule, at, removed, inserted, at + np.cumsum(change) - change, lambda n: edits[n].inserted, marks)


def layers_of(raw, names):
    done = clean(raw, Recipe(tuple(name for name in NAMES if name in names)))
    return done, [layer(stage.rule, stage.edits) for stage in done.stages]


def places(origins, lengths, sections=None):
    made = grouped(np.array(origins), np.array(lengths), np.array(sections or [0] * len(origins)))
    return [group.tolist() for group in np.split(made.order, made.begins[1:])]


@given(DIRTY, st.sets(st.sampled_from(NAMES)))
def test_the_pieces_are_the_text_before_and_the_text_after(raw, names):
    done, layers = layers_of(raw, names)
    pieces = replay(raw, 0, layers)
    assert before(pieces) == raw
    assert after(pieces) == done.text


@given(DIRTY, st.integers(0, 60), st.integers(0, 60))
def test_a_stretch_shows_what_came_and_nothing_that_is_not_in_the_clean_text(raw, one, other):
    start, stop = sorted((min(one, len(raw)), min(other, len(raw))))
    done, layers = layers_of(raw, NAMES)
    pieces = replay(raw[start:stop], start, layers)
    assert before(pieces) == raw[start:stop]
    assert after(pieces) in done.text + "\n"


@given(DIRTY)
def test_an_edit_leads_back_to_where_it_stood_in_the_text_as_it_came(raw):
    done, layers = layers_of(raw, NAMES)
    for number, stage in enumerate(done.stages):
        assert [origin(layers[:number], edit.at) for edit in stage.edits] == stage.origins


def test_a_mark_changes_nothing_and_shows():
    pieces = replay("甲乙丙", 0, [layer("watch", [Edit("watch", 1, "乙", "乙")], marks=True)])
    assert (before(pieces), after(pieces)) == ("甲乙丙", "甲乙丙")
    assert [piece.text for piece in pieces if piece.marked_by == "watch"] == ["乙"]


def test_what_one_rule_inserts_and_another_removes_is_shown_by_neither_text():
    edits = [layer("newlines", [Edit("newlines", 1, "\r", "\n")]), layer("blank_lines", [Edit("blank_lines", 1, "\n")])]
    pieces = replay("a\rb", 0, edits)
    assert (before(pieces), after(pieces)) == ("a\rb", "ab")


def test_neighbours_are_one_place_and_a_place_has_an_end():
    near = GAP_CHARACTERS
    assert places([0, near, 3 * near], [0, 0, 0]) == [[0, 1], [2]]
    row = places(list(range(100)), [1] * 100)
    assert max(len(place) for place in row) == PLACE_EDITS
    assert [edit for place in row for edit in place] == list(range(100))


def test_sections_share_no_place():
    assert places([0, 1], [1, 1], [0, 1]) == [[0], [1]]


def test_what_lies_inside_a_long_edit_belongs_to_its_place():
    made = grouped(np.array([5, *range(10, 100), 200]), np.array([150, *[1] * 90, 1]), np.zeros(92, np.int64))
    assert made.begins.tolist() == [0, 91]
    assert made.inside.sum() == 90


def test_no_edits_are_no_places():
    assert not len(grouped(*(np.zeros(0, np.int64) for _ in range(3))).begins)
