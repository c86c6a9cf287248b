import gradio as gr
import pytest

from pipelines.sampling_settings import SamplingSettings
from studio.forms import Shown, make_inputs
from studio.tabs.writing import EXPERT, MAIN
from studio.words import LANGUAGES, load_words


def made(shown, language="en"):
    with gr.Blocks():
        return make_inputs(SamplingSettings, shown, load_words(language), "writing")


@pytest.mark.parametrize("language", LANGUAGES)
def test_inputs_have_the_declared_defaults_and_the_pages_ranges(language):
    inputs = made(MAIN + EXPERT, language)
    assert {name: one.value for name, one in inputs.items()} == {name: getattr(SamplingSettings(), name) for name in inputs}
    assert (inputs["temperature"].minimum, inputs["temperature"].maximum, inputs["temperature"].step) == (0.1, 2.0, 0.05)
    assert isinstance(inputs["seed"], gr.Number)
    assert inputs["seed"].precision == 0
    assert all(one.label and one.info for one in inputs.values())


@pytest.mark.parametrize("span", [(-1, 1), (0, 3), (1, 1), (2, 1)])
def test_a_page_cannot_offer_what_the_declaration_refuses(span):
    with pytest.raises(ValueError, match="declared within"):
        made([Shown("temperature", 0.1, *span)])
