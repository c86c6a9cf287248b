import json

import gradio as gr
import pytest

from pipelines.cleaning import Recipe
from pipelines.errors import BadSettings, BrokenArtifact, NotFound
from pipelines.ingest import ingest_file
from pipelines.recipes import json_of
from pipelines.rules import DEFAULTS
from pipelines.rules.own import OwnRule
from studio import recipe_panel as panel
from studio.access import ADMIN, GUEST
from studio.services import open_services
from studio.uploads import Upload
from studio.words import load_words

ZH = load_words("zh")
SNOW = OwnRule("雪", "春", "冬")


@pytest.fixture
def services(workspace, monkeypatch):
    monkeypatch.setattr(panel, "tell", lambda words, sentence: None)
    opened = open_services(workspace)
    yield opened
    opened.close()


@pytest.fixture
def novel(services, workspace, tmp_path):
    path = tmp_path / "n.txt"
    path.write_text("第一章\n春天来了。\n" * 20, encoding="utf-8")
    return ingest_file(workspace, path).novels[0]["id"]


def recipe(services, novel):
    return services.novels.cleanings.recipe(ADMIN, novel)


def add(services, novel, name="", find="春", into="冬", is_regex=False, case=True):
    return panel.add(services, ZH, ADMIN, novel, name, find, into, is_regex, case)


def test_a_rule_is_added_tried_and_its_form_emptied(services, novel):
    *form, shown = add(services, novel, "雪")
    assert recipe(services, novel).own == (SNOW,)
    assert form == ["", "", "", False, True]
    assert shown["value"] == "own:雪"


def test_a_rule_without_a_name_is_called_by_what_it_finds(services, novel):
    add(services, novel, "  ", find="春天")
    assert recipe(services, novel).own[0].name == "春天"


@pytest.mark.parametrize(("find", "is_regex"), [("", False), (None, False), ("(", True), ("x" * 3000, False)])
def test_a_rule_that_cannot_be_is_refused_and_nothing_changes(services, novel, find, is_regex):
    with pytest.raises(BadSettings):
        add(services, novel, "x", find=find, is_regex=is_regex)
    assert recipe(services, novel).own == ()


def test_a_rule_can_be_laid_into_the_form_again(services, novel):
    add(services, novel, "雪")
    assert panel.edit(services, ZH, ADMIN, novel, "雪") == ("雪", "春", "冬", False, True)
    assert panel.edit(services, ZH, ADMIN, novel, "gone") == tuple(gr.skip() for _ in range(5))


def test_a_recipe_is_saved_chosen_and_deleted(services, novel):
    add(services, novel, "雪")
    chooser, name = panel.save(services, ZH, ADMIN, novel, " 我的 ")
    assert (chooser["value"], name) == ("我的", "")
    assert ("我的", "我的") in chooser["choices"]
    panel.use(services, ZH, ADMIN, novel, panel.USUAL)
    assert recipe(services, novel) == Recipe(DEFAULTS)
    panel.use(services, ZH, ADMIN, novel, "我的")
    assert recipe(services, novel).own == (SNOW,)
    assert panel.discard(services, ZH, ADMIN, "我的")["choices"] == [(ZH("cleaning.recipe.usual"), panel.USUAL)]
    with pytest.raises(NotFound):
        panel.use(services, ZH, ADMIN, novel, "我的")
    with pytest.raises(BadSettings):
        panel.save(services, ZH, ADMIN, novel, "  ")


def test_a_recipe_comes_from_a_file(services, novel, tmp_path):
    path = tmp_path / "r.json"
    path.write_text(json.dumps(json_of(Recipe(("indents",), (SNOW,)))), encoding="utf-8")
    panel.fetch(services, ZH, ADMIN, novel, [Upload(path, "r.json")])
    assert recipe(services, novel) == Recipe(("indents",), (SNOW,))


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"rules": ["no rule"]}', '{"rules": 7}', '{"own": [{"name": "x"}]}'])
def test_a_file_that_holds_no_recipe_is_refused_by_its_name(services, novel, tmp_path, content):
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((BadSettings, BrokenArtifact)) as caught:
        panel.fetch(services, ZH, ADMIN, novel, [Upload(path, "bad.json")])
    assert str(tmp_path) not in ZH.error(caught.value)
    assert recipe(services, novel) == Recipe(DEFAULTS)


def test_a_guest_is_offered_no_saved_recipes(services, novel):
    services.novels.cleanings.save(ADMIN, novel, "我的")
    assert "我的" not in str(panel._choices(services, ZH, GUEST))
