from dataclasses import dataclass

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.errors import Forbidden, NotFound
from pipelines.rules import RULES
from studio.access import ADMIN, GUEST, Visitor
from studio.events import Page
from studio.services import open_services
from studio.tabs import cleaning
from studio.words import load_words

ZH = load_words("zh")
ON = [True] * len(RULES)
NAMES = [rule.name for rule in RULES]
TEXT = "".join(f"第{number}章\r\n　　这一章里有一些字，够长了。 \r\n\r\n\r\n" for number in range(1, 60))


@dataclass(frozen=True)
class Desk:
    """The tab over a workspace, its handlers called as the page does."""

    services: object
    tab: cleaning.CleaningTab
    blocks: gr.Blocks
    told: list

    def ask(self, outputs, handler, *values, visitor=ADMIN):
        """The updates by the names of the components; `rules` has those of the switches."""
        updates = handler(self.services, ZH, visitor, *values)
        wanted = outputs(self.tab)
        assert len(updates) == len(wanted)
        names = {id(component): name for name, component in vars(self.tab).items() if name != "rules"}
        switches = {id(component): rule.name for component, rule in zip(self.tab.rules, RULES, strict=True)}
        return {(names | switches)[id(component)]: update for component, update in zip(wanted, updates, strict=True)}


@pytest.fixture
def desk(workspace, monkeypatch):
    told = []
    monkeypatch.setattr(cleaning, "tell", lambda words, sentence: told.append(sentence))
    services = open_services(workspace)
    with gr.Blocks() as blocks:
        tab = cleaning.build(ZH)
        cleaning.wire(tab, Page(blocks, services, ZH))
    yield Desk(services, tab, blocks, told)
    services.close()


@pytest.fixture
def novel(desk, tmp_path):
    path = tmp_path / "n.txt"
    path.write_bytes(TEXT.encode())
    return desk.services.novels.bring(ADMIN, path, "n.txt").id


def test_without_a_novel_the_tab_leads_to_the_library(desk):
    for outputs, handler, values in (
        (cleaning.shown, cleaning.show, (None,)),
        (cleaning.shown, cleaning.opened, (None, *ON)),
        (cleaning.everything, cleaning.enter, (None, *ON)),
    ):
        shown = desk.ask(outputs, handler, *values)
        assert (shown["empty"]["visible"], shown["desk"]["visible"]) == (True, False)
    with pytest.raises(NotFound):
        cleaning.look(desk.services, ZH, ADMIN, None, "", *ON)


def test_another_tab_can_show_a_novel_here(desk, novel):
    shown = desk.ask(cleaning.shown, cleaning.show, novel)
    assert shown["novel"]["value"] == shown["looked"] == novel
    assert [shown[name]["value"] for name in NAMES] == [rule.default for rule in RULES]


def test_the_opened_tab_shows_counts_changes_and_chapters(desk, novel):
    shown = desk.ask(cleaning.everything, cleaning.enter, novel, *ON)
    assert f"{len(TEXT):,}" in shown["summary"]
    assert "59" in shown["indents"]["info"]
    assert shown["changes"].count("<li>") == 20
    assert shown["chapters"].count("<li>") == 59
    assert (shown["previous"]["interactive"], shown["next"]["interactive"]) == (False, True)
    assert shown["earlier_box"]["visible"] is False


def test_the_switches_stay_for_the_novel_they_were_moved_for(desk, novel, tmp_path):
    only_indents = [name == "indents" for name in NAMES]
    for outputs, handler in ((cleaning.shown, cleaning.opened), (cleaning.everything, cleaning.enter)):
        shown = desk.ask(outputs, handler, novel, *only_indents)
        assert [shown[name]["value"] for name in NAMES] == only_indents
    path = tmp_path / "other.txt"
    path.write_text(TEXT + "尾", encoding="utf-8")
    other = desk.services.novels.bring(ADMIN, path, "other.txt").id
    shown = desk.ask(cleaning.everything, cleaning.pick, other, novel, *only_indents)
    assert all(shown[name]["value"] for name in NAMES)
    # Gradio's choosers speak up when they are left, too.
    shown = desk.ask(cleaning.everything, cleaning.pick, other, other, *only_indents)
    assert [shown[name]["value"] for name in NAMES] == only_indents


@pytest.mark.parametrize("nonsense", [None, "gone", 7, ["x"], {"a": 1}])
def test_a_browser_that_remembers_nonsense_gets_the_newest_novel_and_the_usual_rules(desk, novel, nonsense):
    shown = desk.ask(cleaning.everything, cleaning.enter, nonsense, *[nonsense] * len(RULES))
    assert shown["novel"]["value"] == novel
    assert [shown[name]["value"] for name in NAMES] == [rule.default for rule in RULES]


def test_a_moved_switch_changes_the_preview_but_no_switch(desk, novel):
    switches = [name != "indents" for name in NAMES]
    shown = desk.ask(cleaning.seen, cleaning.look, novel, "", *switches)
    assert all("value" not in shown[name] for name in NAMES)
    assert "打开" in shown["indents"]["info"]
    assert "U+3000×2</span></del>" not in shown["changes"]


def test_turning_pages(desk, novel):
    here = desk.ask(cleaning.turned, cleaning.forth, novel, "", 1, *ON)
    assert here["page"]["value"] == 2
    assert desk.ask(cleaning.turned, cleaning.back, novel, "", 2, *ON)["page"]["value"] == 1
    assert desk.ask(cleaning.turned, cleaning.back, novel, "", 1, *ON)["page"]["value"] == 1
    last = desk.ask(cleaning.turned, cleaning.turn, novel, "", 10**6, *ON)
    assert last["next"]["interactive"] is False
    assert desk.ask(cleaning.turned, cleaning.forth, novel, "", None, *ON)["page"]["value"] == 1


def test_only_what_one_rule_does(desk, novel):
    shown = desk.ask(cleaning.turned, cleaning.only, novel, "blank_lines", *ON)
    assert shown["filter"]["value"] == "blank_lines"
    assert ("invisible", 0) not in [(value, 0) for _, value in shown["filter"]["choices"]]
    off = [name != "blank_lines" for name in NAMES]
    assert desk.ask(cleaning.turned, cleaning.only, novel, "blank_lines", *off)["filter"]["value"] == ""


def test_cleaning_says_so_and_then_leads_to_training(desk, novel):
    before = desk.ask(cleaning.everything, cleaning.enter, novel, *ON)
    assert (before["apply"]["variant"], before["train_this"]["variant"]) == ("primary", "secondary")
    after = desk.ask(cleaning.seen, cleaning.apply, novel, "", 1, *ON)
    assert (after["apply"]["variant"], after["train_this"]["variant"]) == ("secondary", "primary")
    assert "badge good" in after["summary"]
    desk.ask(cleaning.seen, cleaning.apply, novel, "", 1, *ON)
    assert desk.told == [ZH("cleaning.applied", number=1), ZH("cleaning.applied_already")]
    assert len(desk.services.novels.cleanings.all(ADMIN, novel)) == 1


def test_an_earlier_cleaning_comes_back_with_its_rules(desk, novel):
    desk.ask(cleaning.seen, cleaning.apply, novel, "", 1, *ON)
    desk.ask(cleaning.seen, cleaning.apply, novel, "", 1, *[False] * len(RULES))
    shown = desk.ask(cleaning.everything, cleaning.use_earlier, novel, "1")
    assert (shown["earlier"]["value"], shown["earlier_box"]["visible"]) == ("1", True)
    assert all(shown[name]["value"] for name in NAMES)
    told = len(desk.told)
    desk.ask(cleaning.everything, cleaning.use_earlier, novel, "1")
    assert len(desk.told) == told
    assert (
        desk.ask(cleaning.everything, cleaning.use_earlier, novel, cleaning.UNCLEANED)["earlier"]["value"] == cleaning.UNCLEANED
    )


def test_others_see_and_clean_nothing_of_mine(desk, novel):
    for other in (Visitor("ben", "writer"), GUEST):
        assert desk.ask(cleaning.shown, cleaning.show, novel, visitor=other)["novel"]["choices"] == []
        for handler, values in (
            (cleaning.look, (novel, "", *ON)),
            (cleaning.turn, (novel, "", 1, *ON)),
            (cleaning.apply, (novel, "", 1, *ON)),
            (cleaning.use_earlier, (novel, "1")),
        ):
            with pytest.raises(Forbidden):
                handler(desk.services, ZH, other, *values)


def test_a_novel_that_was_deleted_meanwhile_is_a_sentence(desk, novel):
    desk.services.novels.cleanings.preview(ADMIN, novel, NAMES)
    desk.services.novels.discard(ADMIN, novel)
    with pytest.raises(NotFound):
        cleaning.turn(desk.services, ZH, ADMIN, novel, "", 1, *ON)


def test_a_wired_switch_answers_with_the_preview(desk, novel):
    app = gr.mount_gradio_app(FastAPI(), desk.blocks, "/")
    number = next(key for key, fn in desk.blocks.fns.items() if fn.name == "turn")
    with TestClient(app, client=("127.0.0.1", 5000)) as browser:
        answer = browser.post("/gradio_api/run/predict", json={"fn_index": number, "data": [novel, "", 2, *ON]}).json()
    assert "<del" in str(answer["data"])
