import gradio as gr
import pytest

from pipelines.errors import BadSettings, NotFound
from studio.access import ADMIN, GUEST
from studio.events import Page
from studio.services import open_services
from studio.tabs import shelf
from studio.words import LANGUAGES, load_words
from tests.small_shelf import damage, leave_traces, stand

ENGLISH = load_words("en")


@pytest.fixture
def services(workspace):
    return open_services(workspace)


@pytest.fixture
def tab():
    with gr.Blocks(), gr.Tabs():
        return shelf.build(ENGLISH)


def seen(tab, outputs):
    """What a handler gave for each of the components of `shown`, or of `bundle` and `shown`, by its name in the tab."""
    names = {id(part): name for name, part in vars(tab).items()}
    parts = tab.shown if len(outputs) == len(tab.shown) else [tab.bundle, *tab.shown]
    given = zip(parts, outputs, strict=True)
    return {names[id(part)]: value.get("value", value) if isinstance(value, dict) else value for part, value in given}


def visible(tab, outputs):
    parts = tab.shown if len(outputs) == len(tab.shown) else [tab.bundle, *tab.shown]
    names = {id(part): name for name, part in vars(tab).items()}
    return {
        names[id(part)] for part, value in zip(parts, outputs, strict=True) if isinstance(value, dict) and value.get("visible")
    }


def test_an_empty_shelf_says_what_goes_here_and_leads_on(services, tab):
    outputs = shelf.refresh(services, ENGLISH, ADMIN, None)
    assert visible(tab, outputs) == {"empty"}
    assert seen(tab, outputs)["bundle"] is None


def test_the_newest_whole_model_is_chosen_where_none_was(workspace, services, tab):
    stand(workspace, "story")
    damage(stand(workspace, "torn"))
    outputs = shelf.refresh(services, ENGLISH, ADMIN, "gone by now")
    assert seen(tab, outputs)["bundle"] == "story"
    assert visible(tab, outputs) == {"full", "write_with", "download", "rename"}


def test_a_damaged_model_can_only_be_deleted(workspace, services, tab):
    damage(stand(workspace, "torn"))
    outputs = shelf.show(services, ENGLISH, ADMIN, "torn")
    assert visible(tab, outputs) == {"full"}
    assert "damaged" in seen(tab, outputs)["details"]
    shelf.delete(services, ENGLISH, ADMIN, "torn")
    assert services.shelf.volumes(ADMIN) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_shows_its_curve_sample_scores_and_settings(workspace, services, tab, language):
    stand(workspace)
    leave_traces(workspace)
    details = seen(tab, shelf.show(services, load_words(language), ADMIN, "story"))["details"]
    for piece in ("<svg", "写到第2步。", "&lt;b&gt;雨&lt;/b&gt;", "learning_rate", "江心集"):
        assert piece in details


def test_what_was_deleted_can_be_taken_back_at_once_or_later(workspace, services, tab):
    stand(workspace)
    undoing, said, ticket, *rest = shelf.delete(services, ENGLISH, ADMIN, "story")
    assert (undoing["visible"], "船到江心" in said) == (True, True)
    assert seen(tab, rest)["thrown"] == ticket
    undoing, _, _, *rest = shelf.restore(services, ENGLISH, ADMIN, ticket)
    assert (undoing["visible"], seen(tab, rest)["bundle"]) == (False, "story")
    with pytest.raises(NotFound):
        shelf.restore(services, ENGLISH, ADMIN, ticket)


def test_choosing_another_takes_the_offer_to_undo_away(workspace, services, tab):
    stand(workspace, "one")
    stand(workspace, "two")
    undoing, *_ = shelf.pick(services, ENGLISH, ADMIN, "two")
    assert undoing["visible"] is False
    assert seen(tab, shelf.pick(services, ENGLISH, ADMIN, "two")[3:])["bundle"] == "two"


def test_deleting_what_another_page_deleted_is_an_error_with_a_sentence(workspace, services):
    stand(workspace)
    shelf.delete(services, ENGLISH, ADMIN, "story")
    with pytest.raises(NotFound):
        shelf.delete(services, ENGLISH, ADMIN, "story")


def test_a_new_title_is_shown_and_a_bad_one_changes_nothing(workspace, services, tab):
    stand(workspace)
    outputs = shelf.save_title(services, ENGLISH, ADMIN, "story", "渡口")
    assert seen(tab, outputs)["title"] == "渡口"
    with pytest.raises(BadSettings):
        shelf.save_title(services, ENGLISH, ADMIN, "story", " ")
    assert shelf.keep_title(services, ENGLISH, ADMIN, "story")[1] == "渡口"


def test_a_stranger_sees_an_empty_shelf(workspace, services, tab):
    stand(workspace)
    assert visible(tab, shelf.refresh(services, ENGLISH, GUEST, "story")) == {"empty"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_asks_access_and_is_private(services, language):
    words = load_words(language)
    with gr.Blocks() as blocks:
        with gr.Tabs():
            made = shelf.build(words)
        shelf.wire(made, Page(blocks, services, words))
    wired = {fn.name: fn for fn in blocks.fns.values()}
    assert set(wired) == {"refresh", "show", "pick", "ask_title", "keep_title", "save_title", "delete", "restore"}
    assert {fn.api_visibility for fn in blocks.fns.values()} == {"private"}
    assert {name: fn.fn.action for name, fn in wired.items() if fn.fn.action != "see"} == dict.fromkeys(
        ["ask_title", "save_title", "delete", "restore"], "change"
    )
