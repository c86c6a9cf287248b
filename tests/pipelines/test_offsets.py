"""Places of a cleaned text in the text as it came, and the other way round."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.offsets import Offsets
from pipelines.rules.rule import Edit, patched

TEXT = st.text("abcdef", min_size=1, max_size=30)


@st.composite
def edits(draw, text):
    """Edits of a text: ascending, without overlap."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    cuts = list(zip(places[::2], places[1::2], strict=False))
    return [Edit("x", start, text[start:end], draw(st.text("XYZ", max_size=3))) for start, end in cuts]


@given(st.data())
def test_what_was_kept_is_found_in_both_directions_through_all_layers(data):
    # Every character is one of its own, so that it can be found again.
    raw = "".join(map(chr, range(0x4E00, 0x4E00 + data.draw(st.integers(1, 40)))))
    text, offsets = raw, Offsets()
    for _ in range(data.draw(st.integers(0, 4))):
        made = data.draw(edits(text))
        text = patched(text, made)
        offsets.add(made)
    kept = [place for place, character in enumerate(text) if character in raw]
    came = [raw.index(text[place]) for place in kept]
    assert offsets.back(kept) == came
    assert offsets.forward(came) == kept


def test_places_inside_an_edit_lead_to_its_own_part_of_the_other_text():
    offsets = Offsets()
    offsets.add([Edit("x", 2, "cd", "CDE")])
    assert offsets.back([2, 3, 4, 5]) == [2, 3, 4, 4]
    assert offsets.forward([1, 2, 3, 4]) == [1, 2, 3, 5]
