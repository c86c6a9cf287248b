import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio import theme
from studio.charts import ascending, bucket_size, empty_figures, thinned
from studio.words import load_words

VALUES = st.lists(st.floats(0, 20, allow_nan=False), max_size=300)
LIMIT = st.integers(5, 60)


def numbered(values):
    return list(enumerate(values))


@given(VALUES, LIMIT)
def test_thinning_keeps_order_ends_and_extremes_within_the_limit(values, most):
    points = numbered(values)
    kept = thinned(points, most)
    assert len(kept) <= most
    assert kept == sorted(set(kept) & set(points))
    if points:
        assert kept[-1] == points[-1]
        assert {min(values), max(values)} <= {value for _, value in kept}


@given(VALUES, st.integers(1, 300), LIMIT)
def test_as_a_curve_grows_its_settled_points_do_not_dance(values, more, most):
    grown = numbered([*values, *[1.0] * more])
    size = bucket_size(len(grown), most)
    settled = [point for point in thinned(grown, most) if point[0] < len(values) // size * size]
    if len(grown) > most:
        assert set(settled) <= set(thinned(numbered(values), most))


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 9))))
def test_steps_rise_and_the_later_word_counts(points):
    kept = ascending(points)
    steps = [step for step, _ in kept]
    assert steps == sorted(set(steps))
    if points:
        assert kept[-1] == points[-1]


def test_a_run_that_went_back_goes_over_what_it_said():
    assert ascending([(10, 5.0), (20, 4.0), (30, 3.0), (20, 4.5)]) == [(10, 5.0), (20, 4.5)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_themes_have_their_colours_and_the_run_keeps_the_zoom(language):
    figures = empty_figures(load_words(language), "a run")
    assert [figure["layout"]["uirevision"] for figure in figures.values()] == ["a run", "a run"]
    for place, figure in enumerate(figures.values()):
        training, held_out, _ = figure["data"]
        assert training["line"]["color"] == theme.INDIGO[place]
        assert held_out["line"]["color"] == theme.BAMBOO[place]
        # Told apart without colour, too.
        assert (training["mode"], held_out["mode"], held_out["line"]["dash"]) == ("lines", "lines+markers", "dash")
    assert {trace["type"] for figure in figures.values() for trace in figure["data"]} == {"scatter"}
    assert len(json.dumps(figures)) < 10_000


def test_the_figure_of_one_run_does_not_touch_the_next():
    words = load_words("en")
    first = empty_figures(words, "one")
    empty_figures(words, "two")
    assert first["light"]["layout"]["uirevision"] == "one"
