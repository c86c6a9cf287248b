"""The training tab: its handlers over a real workspace, and its events as they are wired."""

import json
import shutil

import gradio as gr
import pytest

from pipelines import launch, locks, status
from pipelines.duplicates import Duplicates, Share
from pipelines.errors import BadSettings, NotFound
from pipelines.files import append_line, write_json
from pipelines.folders import list_folders
from pipelines.workspace import open_workspace
from studio import training_view
from studio.access import ADMIN
from studio.events import Page
from studio.services import open_services, trainings
from studio.services.duplicates import Repeats
from studio.tabs import training
from studio.words import LANGUAGES, load_words

WORDS = load_words("en")
START = {"preset": "pocket", "name": "", "minutes": None, "epochs": None, "steps": None, "device": "auto"}


@pytest.fixture
def home(encoded_workspace, tmp_path):
    folder = tmp_path / "home"
    shutil.copytree(encoded_workspace, folder)
    return open_workspace(str(folder))


@pytest.fixture
def services(home, monkeypatch):
    """Real services, whose trainers only take their locks."""
    held = []

    def pretend(workspace, run):
        write_json(run.status, {"phase": "training", "step": 3})
        held.append(locks.acquire(run.lock))
        return run

    monkeypatch.setattr(trainings, "run_step", lambda function, *arguments, **named: function(*arguments, **named))
    monkeypatch.setattr(launch, "launch", pretend)
    yield open_services(home)
    for lock in held:
        lock.release()


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The sentences that would appear over the page."""
    sentences = []
    monkeypatch.setattr(training, "tell", lambda words, sentence: sentences.append(sentence))
    return sentences


@pytest.fixture
def novel(home):
    return list_folders(home.novels)[0].name


@pytest.fixture
def run(services, home, novel):
    return home.run(training.start(services, WORDS, ADMIN, [novel], **START))


@pytest.fixture
def page(services):
    with gr.Blocks() as blocks:
        with gr.Tabs():
            tab = training.build(WORDS)
        training.wire(tab, Page(blocks, services, WORDS))
    return blocks, tab


def shown(services, run_id=None):
    """What `show` would change, by the name of the part."""
    names = ["view", "nothing", "run", "status", "chart", "write_with", "resume", "pause", "stop", "start"]
    names += ["samples", "log", "title", "queue", "bundle", "seen"]
    return dict(zip(names, training.show(services, WORDS, ADMIN, run_id), strict=True))


def end(run, phase, **more):
    run.lock.unlink(missing_ok=True)
    write_json(run.status, status.read(run) | {"phase": phase} | more)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tab_is_laid_out_in_both_languages(services, language):
    words = load_words(language)
    with gr.Blocks() as blocks:
        with gr.Tabs():
            tab = training.build(words)
        training.wire(tab, Page(blocks, services, words))
    assert tab.start.value == words("training.start")


def test_what_is_shown_fits_its_components(services, run, page):
    _, tab = page
    assert len(training.show(services, WORDS, ADMIN, None)) == len(training.shown(tab))


def test_every_handlers_answer_fits_its_outputs(services, run, page, novel):
    blocks, _ = page
    counts = {fn.fn.__name__: len(fn.outputs) for fn in blocks.fns.values() if fn.fn}
    assert len(training.open_tab(services, WORDS, ADMIN, None, None, None, None)) == counts["open_tab"]
    assert len(training.refresh(services, WORDS, ADMIN, run.id, [])) == counts["refresh"]
    assert len(training.then_show(training.pick)(services, WORDS, ADMIN, run.id)) == counts["handle"]
    assert len(training.try_story_here(services, WORDS, ADMIN)) == counts["try_story_here"]
    end(run, "stopped")
    removed = training.remove(services, WORDS, ADMIN, run.id)
    assert len(removed) == counts["remove"]
    assert len(training.undo(services, WORDS, ADMIN, removed[0])) == counts["undo"]


def test_each_event_asks_for_what_it_does(page):
    blocks, tab = page
    actions = {}
    for fn in blocks.fns.values():
        if fn.fn:
            actions |= dict.fromkeys(fn.targets, fn.fn.action)
            assert fn.api_visibility == "private"
    assert actions[tab.start._id, "click"] == "make"
    assert actions[tab.try_story._id, "click"] == "make"
    assert actions[tab.timer._id, "tick"] == "see"
    for button in (tab.stop, tab.pause, tab.resume, tab.rename, tab.remove, tab.undo):
        assert actions[button._id, "click"] == "change"


def test_an_empty_studio_leads_to_the_library_and_the_story(workspace):
    empty = open_services(workspace)
    bare, form, *_ = training.open_tab(empty, WORDS, ADMIN, None, None, None, None)
    assert (bare["visible"], form["visible"]) == (True, False)
    view, nothing, *_ = training.show(empty, WORDS, ADMIN, None)
    assert (view["visible"], nothing["visible"]) == (False, True)


def test_the_form_keeps_what_was_chosen_as_far_as_it_is_still_there(services, novel):
    _, _, novels, preset, _, minutes, *_ = training.open_tab(services, WORDS, ADMIN, "char", [novel, "gone"], 5, None)
    assert (novels["value"], preset["value"], minutes) == ([novel], "char", 5)


@pytest.mark.parametrize("kept", [(None, None, None, None), ("giant", ["gone"], None, "gone"), ("", "x", None, "")])
def test_what_a_browser_kept_is_not_trusted(services, novel, kept):
    *_, preset, _, _ = training.open_tab(services, WORDS, ADMIN, *kept)[:6]
    assert preset["value"] == "pocket"


def test_start_shows_the_run_and_says_so_and_again_says_that_it_is_there(services, told, novel):
    first = training.start(services, WORDS, ADMIN, [novel], **START)
    assert training.start(services, WORDS, ADMIN, [novel], **START) == first
    assert told == [WORDS("training.started"), WORDS("training.same_run")]
    assert training.then_show(training.pick)(services, WORDS, ADMIN, first)[2]["value"] == first


@pytest.mark.parametrize(
    ("change", "code"),
    [({"novels": []}, "no_novels"), ({"minutes": 1.0, "steps": 5}, "two_budgets"), ({"minutes": -1.0}, "out_of_range")],
)
def test_a_wrong_wish_is_a_sentence_and_no_run(services, home, novel, change, code):
    with pytest.raises(BadSettings) as caught:
        training.start(services, WORDS, ADMIN, **({"novels": [novel]} | START | change))
    assert caught.value.code == code
    assert all(f"error.{code}" in load_words(language).entries for language in LANGUAGES)
    assert list_folders(home.runs) == []


def test_a_box_with_nothing_or_zero_is_no_wish():
    assert training.budget_of(None, 0, 0) == {}
    assert training.budget_of(0, None, 50.0) == {"steps": 50}


def test_a_box_out_of_range_is_called_as_it_is_on_the_page(services, novel):
    with pytest.raises(BadSettings) as caught:
        training.start(services, WORDS, ADMIN, [novel], **(START | {"minutes": 0.001}))
    assert WORDS("training.minutes") in WORDS.error(caught.value)


def test_the_story_runs_in_the_pages_language(services):
    run = training.try_story(services, WORDS, ADMIN)
    assert services.trainings.describe(ADMIN, run)["preset"] == "pocket"


def test_a_novel_chosen_elsewhere_is_ticked(services, novel):
    assert training.choose_novel(services, WORDS, ADMIN, novel)["value"] == [novel]
    with pytest.raises(NotFound):
        training.choose_novel(services, WORDS, ADMIN, "gone")


def test_the_run_that_learns_is_shown_first_else_the_newest(services, run, novel):
    later = training.start(services, WORDS, ADMIN, [novel], **(START | {"minutes": 2}))
    assert shown(services)["run"]["value"] == later
    assert shown(services, run.id)["run"]["value"] == run.id
    end(services.workspace.run(later), "done")
    assert shown(services)["run"]["value"] == run.id
    end(run, "done")
    assert shown(services, "gone")["run"]["value"] == later


def test_a_finished_run_leads_to_writing(services, run):
    assert shown(services)["write_with"]["visible"] is False
    end(run, "done", bundle="my-model")
    parts = shown(services)
    assert (parts["write_with"]["visible"], parts["bundle"]) == (True, "my-model")
    # One button of the page is the next thing to do.
    assert parts["start"]["variant"] == "secondary"
    assert [parts[name]["visible"] for name in ("resume", "pause", "stop")] == [True, False, False]


def test_nothing_is_sent_when_nothing_changed_and_only_what_did_when_it_did(services, run):
    seen = training.show(services, WORDS, ADMIN, run.id)[-1]
    *parts, _ = training.refresh(services, WORDS, ADMIN, run.id, seen)
    assert all(part == gr.skip() for part in parts)
    append_line(run.samples, {"step": 3, "prompt": "雪", "text": "落"})
    *parts, digests, _ = training.refresh(services, WORDS, ADMIN, run.id, seen)
    assert [part != gr.skip() for part in parts].count(True) == 1
    assert digests != seen


def test_the_timer_is_quick_while_something_lives_and_rests_else(services, run):
    assert training.wake(services, WORDS, ADMIN).value == training_view.TICK_SECONDS
    end(run, "done")
    assert training.wake(services, WORDS, ADMIN).value == training_view.REST_SECONDS


def test_the_charts_value_changes_when_a_run_wakes_and_not_while_it_learns(services, run):
    first = shown(services)["chart"]["value"]
    write_json(run.status, status.read(run) | {"step": 99})
    assert shown(services)["chart"]["value"] == first
    assert json.loads(first)["run"] == run.id
    end(run, "paused")
    assert shown(services)["chart"]["value"] != first


def test_a_deleted_run_makes_room_for_another_and_comes_back(services, run):
    end(run, "stopped")
    ticket, undo, *_ = training.remove(services, WORDS, ADMIN, run.id)
    assert undo["visible"]
    assert shown(services)["nothing"]["visible"]
    training.undo(services, WORDS, ADMIN, ticket)
    assert shown(services)["run"]["value"] == run.id


def test_while_novels_are_compared_the_form_says_so_and_then_what_is_twice(services, novel, monkeypatch):
    found = Repeats(Duplicates([], [Share(novel, novel, 0.5)]), {novel: "story"})
    monkeypatch.setattr(services.twice, "watch", lambda visitor, novels: iter([None, found]))
    first, last = training.look_for_repeats(services, WORDS, ADMIN, [novel])
    assert WORDS("training.twice.checking") in first
    assert WORDS("training.twice.title") in last


@pytest.mark.parametrize("ticked", [None, [], ["gone"]])
def test_without_novels_nothing_is_said_of_repeats(services, ticked):
    assert list(training.look_for_repeats(services, WORDS, ADMIN, ticked)) == [""]
