import json

import gradio as gr
import pytest

from pipelines.sampling_settings import SamplingSettings
from pipelines.settings import from_request
from studio.access import ADMIN
from studio.events import Page
from studio.services import open_services
from studio.tabs import writing
from studio.words import LANGUAGES, load_words
from tests.tiny_model import constant, write_bundle

ENGLISH = load_words("en")


@pytest.fixture
def services(workspace):
    return open_services(workspace)


@pytest.fixture
def bundle(workspace):
    return write_bundle(workspace.bundles / "story", constant({"玉": 2.0}), {"scores": {"bits_per_character": 4.321}}).name


def seen(outputs):
    """The choices, the chosen model, and what is visible: the empty state, the desk, the controls."""
    first, *rest = outputs
    return first["choices"], first["value"], [one["visible"] for one in rest]


def test_without_a_model_the_page_leads_to_one(services):
    assert seen(writing.refresh(services, ENGLISH, ADMIN, None)) == ([], None, [True, False, False])


def test_what_was_written_stays_within_reach_without_a_model(services):
    services.manuscripts.create(ADMIN, "旧稿")
    assert seen(writing.refresh(services, ENGLISH, ADMIN, None))[2] == [True, True, False]


@pytest.mark.parametrize("chosen", [None, "deleted long ago", "story"])
def test_a_model_is_chosen_with_its_score_beside_it(services, bundle, chosen):
    choices, value, visible = seen(writing.refresh(services, ENGLISH, ADMIN, chosen))
    assert (value, visible) == ("story", [False, True, True])
    assert choices == [(writing.label_of(ENGLISH, bundle, 4.321), "story")]
    assert "4.32" in choices[0][0]


def test_other_tabs_choose_a_model(services, bundle):
    assert writing.choose_bundle(services, ENGLISH, ADMIN, bundle)["value"] == bundle


@pytest.mark.parametrize("preset", writing.PRESETS)
def test_presets_are_settings_that_the_sliders_can_show(preset):
    values = writing.PRESETS[preset]
    chosen = from_request(SamplingSettings(), values)
    for shown in writing.MAIN:
        assert shown.minimum <= getattr(chosen, shown.name) <= shown.maximum
    assert values.keys() == {shown.name for shown in writing.MAIN}


def test_the_declared_defaults_are_the_balanced_preset():
    assert from_request(SamplingSettings(), writing.PRESETS["balanced"]) == SamplingSettings()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_built_and_no_event_holds_a_manuscript(services, language):
    words = load_words(language)
    with gr.Blocks() as blocks:
        with gr.Tabs():
            tab = writing.build(words)
        writing.wire(tab, Page(blocks, services, words))
    texts = [one for one in blocks.blocks.values() if isinstance(one, gr.Textbox)]
    assert texts == []
    with_handler = [one for one in blocks.fns.values() if one.fn is not None]
    assert [one.fn.action for one in with_handler] == ["see"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scripts_words_are_all_there(language, project):
    said = {key.removeprefix(writing.SAID) for key in load_words(language).entries if key.startswith(writing.SAID)}
    desk = str(writing._desk(load_words(language)))
    assert (
        json.dumps({"sheet": load_words(language)("writing.say_sheet")}, ensure_ascii=False)[1:-1].replace('"', "&quot;") in desk
    )
    scripts = "".join(
        (project / "assets" / f"{name}.js").read_text(encoding="utf-8") for name in ("writing", "manuscripts", "candidates")
    )
    unused = {name for name in said if name not in scripts and not name.startswith("reason_")}
    assert unused <= {"loading", "queued", "reading", "placeholder", "sheet"}
