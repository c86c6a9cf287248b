import pytest

from models.shape import ModelShape, load_preset, preset_names
from pipelines.errors import BadSettings, NotFound


def test_the_82m_shape_has_exactly_81_894_144_parameters():
    assert ModelShape(vocabulary=13317, context=1024, layers=10, heads=12, width=768).parameters == 81_894_144


def test_gpt2_small_has_the_124_million_of_the_paper():
    assert ModelShape(vocabulary=50257, context=1024, layers=12, heads=12, width=768).parameters == 124_439_808


@pytest.mark.parametrize("name", ["vocabulary", "context", "layers", "heads", "width"])
def test_a_size_below_one_is_refused_by_name(name):
    sizes = {"vocabulary": 10, "context": 8, "layers": 1, "heads": 1, "width": 8} | {name: 0}
    with pytest.raises(BadSettings, match=f"{name} must be at least 1, got 0"):
        ModelShape(**sizes)


def test_a_width_that_the_heads_do_not_divide_is_refused():
    with pytest.raises(BadSettings, match=r"multiple of heads \(3\), got 16"):
        ModelShape(vocabulary=10, context=8, layers=1, heads=3, width=16)


def test_a_shape_comes_back_from_its_json():
    shape = ModelShape(vocabulary=10, context=8, layers=1, heads=2, width=16)
    assert ModelShape(**shape.to_json()) == shape


def test_a_checkpoint_takes_three_times_its_weights():
    shape = ModelShape(vocabulary=10, context=8, layers=1, heads=2, width=16)
    assert shape.checkpoint_bytes == 3 * shape.weight_bytes == 12 * shape.parameters


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_makes_a_shape_and_says_so_in_two_languages(name):
    preset = load_preset(name)
    assert preset.shape(5000).vocabulary == 5000
    assert set(preset.sentence) == {"zh", "en"}


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(NotFound, match="huge"):
        load_preset("huge")
    assert "pocket" in preset_names()
