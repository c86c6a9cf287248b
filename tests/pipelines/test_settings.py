import argparse
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.shape import load_preset, preset_names
from pipelines import settings, training_settings
from pipelines.errors import BadSettings, BrokenArtifact, NotFound
from pipelines.training_settings import TrainingSettings, of_preset

budgets = st.one_of(
    st.builds(lambda value: {"steps": value}, st.integers(1, 10**7)),
    st.builds(lambda value: {"epochs": value}, st.floats(0.01, 10_000)),
    st.builds(lambda value: {"minutes": value}, st.floats(0.05, 100_000)),
)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
changes = st.fixed_dictionaries(
    {},
    optional={
        "batch_size": st.integers(1, 4096),
        "optimizer": st.sampled_from(["muon", "adamw"]),
        "learning_rate": st.floats(1e-7, 1.0),
        "dropout": st.floats(0, 0.9),
        "seed": st.integers(0, 2**31 - 1),
        "prompt": st.lists(words, min_size=1, max_size=3).map(tuple),
    },
)


def parse(argv: list[str]) -> tuple[object, TrainingSettings]:
    parser = argparse.ArgumentParser()
    training_settings.add_flags(parser)
    return training_settings.from_flags(parser.parse_args(argv))


@given(st.sampled_from(preset_names()), budgets, changes)
def test_settings_survive_the_way_through_flags(name, budget, change):
    preset = load_preset(name)
    chosen = settings.replace(of_preset(preset), budget | change)
    assert parse(training_settings.to_argv(preset, chosen)) == (preset, chosen)


@given(budgets, changes)
def test_settings_survive_the_way_through_json(budget, change):
    chosen = settings.replace(TrainingSettings(), budget | change)
    assert settings.from_json(TrainingSettings, settings.to_json(chosen)) == chosen


def test_a_named_budget_replaces_the_presets():
    assert training_settings.budget_of(parse(["--preset=pocket", "--steps=7"])[1]) == ("steps", 7)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--steps=0"], "steps must be at least 1, got 0"),
        (["--dropout=1.5"], "dropout must be at most 0.9, got 1.5"),
        (["--learning-rate=nan"], "learning rate must be a finite number, got nan"),
        (["--optimizer=sgd"], "optimizer must be one of muon, adamw, got sgd"),
        (["--steps=5", "--minutes=1"], "--steps and --minutes are both budgets"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(argv, sentence):
    with pytest.raises(BadSettings, match=sentence.replace(".", r"\.")):
        parse(argv)


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(NotFound) as caught:
        parse(["--preset=huge"])
    assert "pocket" in caught.value.sentence


def test_a_setting_of_a_newer_version_is_refused_politely():
    with pytest.raises(BrokenArtifact, match="does not know the setting warp"):
        settings.from_json(TrainingSettings, {"steps": 5, "warp": 9})


def test_every_preset_has_one_budget_and_a_sentence_in_both_languages():
    for name in preset_names():
        preset = load_preset(name)
        assert training_settings.budget_of(of_preset(preset))
        assert set(preset.sentence) == {"en", "zh"}


@given(budgets, changes)
def test_settings_are_read_from_requests_as_from_json(budget, change):
    values = json.loads(json.dumps(budget | change))
    assert settings.from_request(TrainingSettings(), values) == settings.replace(TrainingSettings(), budget | change)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"steps": "5"}, 'steps must be a whole number, got "5"'),
        ({"steps": True}, "steps must be a whole number, got true"),
        ({"dropout": None}, "dropout must be a number, got null"),
        ({"optimizer": 1}, "optimizer must be a text, got 1"),
        ({"prompt": "one"}, 'prompt must be a list of texts, got "one"'),
        ({"prompt": [1]}, "prompt must be a list of texts"),
        ({"dropout": 1.5}, "dropout must be at most 0.9, got 1.5"),
        ({"dropuot": 0}, 'there is no setting "dropuot"'),
    ],
)
def test_a_request_of_the_wrong_kind_is_named(values, sentence):
    with pytest.raises(BadSettings, match=sentence):
        settings.from_request(TrainingSettings(), values)


def test_a_request_may_leave_open_what_is_open():
    assert settings.from_request(TrainingSettings(), {"steps": None}).steps is None
