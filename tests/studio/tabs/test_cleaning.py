import json
from dataclasses import dataclass

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.cleaning import Recipe
from pipelines.errors import Forbidden, NotFound
from pipelines.ingest import ingest_file
from pipelines.rules import DEFAULTS
from pipelines.rules.own import OwnRule, RuleStopped
from studio import recipe_panel
from studio.access import ADMIN, GUEST, Visitor
from studio.events import Page
from studio.preview_files import LEFT_OUT
from studio.services import open_services
from studio.services.cleanings import Applied
from studio.tabs import cleaning
from studio.words import load_words
from studio.workers import Stopped, Workers

ZH = load_words("zh")
TEXT = "".join(f"第{number}章\r\n　　这一章里有一些字，够长了。 \r\n\r\n\r\n" for number in range(1, 60))


@dataclass(frozen=True)
class Desk:
    """The tab over a workspace, its handlers called as the page does."""

    services: object
    tab: cleaning.CleaningTab
    blocks: gr.Blocks
    told: list

    def ask(self, outputs, handler, *values, visitor=ADMIN):
        """The last updates by the names of the components, those of the panel among them."""
        slow = (cleaning.enter, cleaning.look, cleaning.change, cleaning.apply, cleaning.use_earlier)
        answer = handler(self.services, ZH, visitor, *([cleaning.Looking()] if handler in slow else []), *values)
        updates = answer if isinstance(answer, tuple) else list(answer)[-1]
        wanted = outputs(self.tab)
        assert len(updates) == len(wanted)
        names = {
            id(component): name for part in (self.tab.outline, self.tab.panel, self.tab) for name, component in vars(part).items()
        }
        return {names[id(component)]: update for component, update in zip(wanted, updates, strict=True)}

    def look(self, novel, rule="", page=1):
        return self.ask(cleaning.seen, cleaning.look, novel, rule, page)

    def wish(self, novel, wish, rule="", page=1):
        return self.ask(cleaning.seen, cleaning.change, novel, rule, page, json.dumps(wish))

    def recipe(self, novel):
        return self.services.novels.cleanings.recipe(ADMIN, novel)


@pytest.fixture
def desk(workspace, monkeypatch):
    told = []
    for module, name in ((cleaning, "tell"), (cleaning, "warn"), (recipe_panel, "tell")):
        monkeypatch.setattr(module, name, lambda words, sentence: told.append(sentence))
    services = open_services(workspace)
    with gr.Blocks() as blocks:
        tab = cleaning.build(ZH)
        cleaning.wire(tab, Page(blocks, services, ZH))
    yield Desk(services, tab, blocks, told)
    services.close()


@pytest.fixture
def novel(desk, workspace, tmp_path):
    return bring(workspace, tmp_path / "n.txt", TEXT)


def bring(workspace, path, text):
    path.write_bytes(text.encode())
    return ingest_file(workspace, path).novels[0]["id"]


def test_without_a_novel_the_tab_leads_to_the_library(desk):
    for outputs, handler, values in (
        (cleaning.shown, cleaning.show, (None,)),
        (cleaning.everything, cleaning.enter, (None, "")),
    ):
        shown = desk.ask(outputs, handler, *values)
        assert (shown["empty"]["visible"], shown["desk"]["visible"]) == (True, False)
    with pytest.raises(NotFound):
        desk.look(None)


@pytest.mark.parametrize("nonsense", [None, "gone", 7, ["x"], {"a": 1}])
def test_a_browser_that_remembers_nonsense_gets_the_newest_novel(desk, novel, nonsense):
    assert desk.ask(cleaning.shown, cleaning.show, nonsense)["novel"]["value"] == novel


def test_the_opened_tab_chooses_a_novel_and_then_tells_everything_of_it(desk, novel):
    answers = list(cleaning.enter(desk.services, ZH, ADMIN, cleaning.Looking(), novel, ""))
    assert answers[0][2]["value"] == novel
    assert ZH("cleaning.working") in str(answers[0])
    shown = desk.ask(cleaning.everything, cleaning.enter, novel, "")
    assert f"{len(TEXT):,}" in shown["summary"]
    assert json.loads(shown["rules"])["rules"]["indents"]["text"] == ZH("cleaning.count.edits", count="59")
    assert shown["changes"].count("<li") == 20
    assert len(json.loads(shown["list"])["rows"]) == 59
    assert (shown["previous"]["interactive"], shown["next"]["interactive"]) == (False, True)
    assert shown["earlier_box"]["visible"] is False
    assert shown["status"] == ""


def test_a_moved_switch_changes_the_recipe_and_the_preview(desk, novel):
    shown = desk.wish(novel, {"switch": "indents", "on": False})
    assert "indents" not in desk.recipe(novel).rules
    state = json.loads(shown["rules"])["rules"]["indents"]
    assert (state["on"], state["text"]) == (False, ZH("cleaning.count.edits_if", count="59"))
    desk.wish(novel, {"switch": "indents", "on": True})
    assert "indents" in desk.recipe(novel).rules


def test_a_change_is_left_out_and_taken_back(desk, novel):
    at = TEXT.index("　　")
    shown = desk.wish(novel, {"keep": [["indents", at]]})
    assert desk.recipe(novel).kept == {("indents", at)}
    assert ZH("cleaning.filter.left_out", count="1") in str(shown["filter"]["choices"])
    only = desk.look(novel, LEFT_OUT)
    assert ZH("cleaning.keep.undo") in only["changes"]
    desk.wish(novel, {"change": [["indents", at]]})
    assert desk.recipe(novel).kept == frozenset()


@pytest.mark.parametrize("nonsense", [None, "", "{", "[]", "7", '{"keep": [7, ["a"]]}', '{"nothing": 1}'])
def test_a_wish_that_nobody_understands_changes_nothing(desk, novel, nonsense):
    desk.ask(cleaning.seen, cleaning.change, novel, "", 1, nonsense)
    assert desk.recipe(novel) == Recipe(DEFAULTS)


def test_turning_pages(desk, novel):
    desk.look(novel)
    turned = cleaning.turned
    assert desk.ask(turned, cleaning.forth, novel, "", 1)["page"]["value"] == 2
    assert desk.ask(turned, cleaning.back, novel, "", 2)["page"]["value"] == 1
    assert desk.ask(turned, cleaning.back, novel, "", 1)["page"]["value"] == 1
    assert desk.ask(turned, cleaning.turn, novel, "", 10**6)["next"]["interactive"] is False
    assert desk.ask(turned, cleaning.forth, novel, "", None)["page"]["value"] == 1


def test_before_anything_is_known_no_page_is_turned(desk, novel):
    assert desk.ask(cleaning.turned, cleaning.turn, novel, "", 2)["changes"] == gr.skip()


def test_only_what_one_rule_does(desk, novel):
    desk.look(novel)
    shown = desk.ask(cleaning.turned, cleaning.only, novel, "blank_lines")
    assert shown["filter"]["value"] == "blank_lines"
    assert "invisible" not in [value for _, value in shown["filter"]["choices"]]
    desk.wish(novel, {"switch": "blank_lines", "on": False})
    assert desk.ask(cleaning.turned, cleaning.only, novel, "blank_lines")["filter"]["value"] == ""


def test_cleaning_says_so_and_then_leads_to_training(desk, novel):
    before = desk.look(novel)
    assert (before["apply"]["variant"], before["train_this"]["variant"]) == ("primary", "secondary")
    after = desk.ask(cleaning.seen, cleaning.apply, novel, "", 1)
    assert (after["apply"]["variant"], after["train_this"]["variant"]) == ("secondary", "primary")
    assert "badge good" in after["summary"]
    desk.ask(cleaning.seen, cleaning.apply, novel, "", 1)
    assert desk.told == [ZH("cleaning.applied", number=1), ZH("cleaning.applied_already")]


def test_edits_of_chapters_that_found_no_place_in_a_cleaning_are_told(desk, novel, monkeypatch):
    monkeypatch.setattr(desk.services.novels.cleanings, "apply", lambda visitor, novel: iter([Applied(True, 3)]))
    desk.look(novel)
    desk.ask(cleaning.seen, cleaning.apply, novel, "", 1)
    assert ZH("cleaning.outline.lost", count=3) in desk.told


def test_an_earlier_cleaning_comes_back_with_its_recipe(desk, novel):
    desk.ask(cleaning.seen, cleaning.apply, novel, "", 1)
    desk.wish(novel, {"switch": "indents", "on": False})
    desk.ask(cleaning.seen, cleaning.apply, novel, "", 1)
    shown = desk.ask(cleaning.seen, cleaning.use_earlier, novel, "1")
    assert (shown["earlier"]["value"], shown["earlier_box"]["visible"]) == ("1", True)
    assert "indents" in desk.recipe(novel).rules
    told = len(desk.told)
    desk.ask(cleaning.seen, cleaning.use_earlier, novel, "1")
    assert len(desk.told) == told
    none = desk.ask(cleaning.seen, cleaning.use_earlier, novel, cleaning.UNCLEANED)
    assert none["earlier"]["value"] == cleaning.UNCLEANED


def test_work_that_was_stopped_can_be_begun_again(desk, novel, monkeypatch):
    def stopped(self, *arguments, **named):
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(Workers, "run", stopped)
        assert ZH("cleaning.stopped") in desk.look(novel)["status"]
        cleaning.stop(desk.services, ZH, ADMIN, novel)
    assert desk.look(novel)["status"] == ""


def test_a_rule_of_ones_own_that_never_ends_is_switched_off_and_named(desk, novel, monkeypatch):
    def never(self, seconds=2.0):
        def edits(text):
            raise RuleStopped("own_rule_slow", "too slow", "", name=self.name)

        return own(self, seconds) if self.name != "慢" else type(own(self, seconds))("own:慢", 0, False, "high", "", edits)

    own = OwnRule.rule
    monkeypatch.setattr(OwnRule, "rule", never)
    cleanings = desk.services.novels.cleanings
    cleanings.add_own(ADMIN, novel, OwnRule("慢", "x"))
    cleanings.add_own(ADMIN, novel, OwnRule("快", "字"))
    shown = desk.look(novel)
    assert [one.name for one in desk.recipe(novel).own] == ["快"]
    assert [one.name for one in cleanings.resting(ADMIN, novel)] == ["慢"]
    assert desk.told == [ZH("cleaning.own.slow", name="慢")]
    assert "慢" in shown["own"]
    desk.wish(novel, {"remove": "慢"})
    assert cleanings.resting(ADMIN, novel) == []


def test_others_see_and_clean_nothing_of_mine(desk, novel):
    for other in (Visitor("ben", "writer"), GUEST):
        assert desk.ask(cleaning.shown, cleaning.show, novel, visitor=other)["novel"]["choices"] == []
        looking = cleaning.Looking()
        for handler, values in (
            (cleaning.look, (looking, novel)),
            (cleaning.change, (looking, novel, "", 1, '{"switch": "indents", "on": false}')),
            (cleaning.turn, (novel, "", 1)),
            (cleaning.apply, (looking, novel, "", 1)),
            (cleaning.use_earlier, (looking, novel, "1")),
            (cleaning.stop, (novel,)),
        ):
            with pytest.raises(Forbidden):
                list(handler(desk.services, ZH, other, *values) or ())


def test_what_was_asked_of_a_novel_is_not_shown_once_another_is_looked_at(desk, novel, workspace, tmp_path):
    other = bring(workspace, tmp_path / "o.txt", TEXT + "尾")
    looking = cleaning.Looking()
    first = cleaning.enter(desk.services, ZH, ADMIN, looking, novel, "")
    next(first)
    assert list(cleaning.enter(desk.services, ZH, ADMIN, looking, other, ""))
    assert [answer for answer in first if f"{len(TEXT):,}" in str(answer)] == []


def test_a_novel_that_was_deleted_meanwhile_is_a_sentence(desk, novel):
    desk.look(novel)
    desk.services.novels.discard(ADMIN, novel)
    with pytest.raises(NotFound):
        cleaning.turn(desk.services, ZH, ADMIN, novel, "", 1)


def test_a_wired_page_button_answers_with_the_changes(desk, novel):
    desk.look(novel)
    app = gr.mount_gradio_app(FastAPI(), desk.blocks, "/")
    number = next(key for key, fn in desk.blocks.fns.items() if fn.name == "turn")
    with TestClient(app, client=("127.0.0.1", 5000)) as browser:
        answer = browser.post("/gradio_api/run/predict", json={"fn_index": number, "data": [novel, "", 2]}).json()
    assert "<del" in str(answer["data"])
