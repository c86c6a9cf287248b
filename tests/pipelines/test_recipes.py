"""Recipes: saved, listed, shared as files, and refused when they are none."""

import json

import pytest

from pipelines import recipes as step
from pipelines.cleaning import Recipe
from pipelines.errors import BadSettings, NotFound
from pipelines.rules import DEFAULTS
from pipelines.rules.own import OwnRule

MINE = Recipe(("newlines", "indents"), (OwnRule("站名", r"某某(网|站)", r"\1", regex=True),))


def test_a_recipe_goes_through_json_and_back():
    for recipe in (Recipe(), MINE, Recipe(("indents",), kept=frozenset({("indents", 5), ("indents", 99)}))):
        assert step.recipe_of(json.loads(json.dumps(step.json_of(recipe)))) == recipe


def test_a_saved_recipe_is_found_replaced_and_removed(workspace):
    step.save(workspace, "我的  规则", MINE)
    step.save(workspace, "我的-规则", Recipe(()))
    assert step.saved(workspace) == {"我的 规则": MINE, "我的-规则": Recipe(())}
    step.save(workspace, "我的 规则", Recipe())
    assert step.find(workspace, "我的 规则") == Recipe()
    step.remove(workspace, "我的 规则")
    with pytest.raises(NotFound):
        step.find(workspace, "我的 规则")


def test_places_left_alone_belong_to_one_novel_and_are_not_saved(workspace):
    step.save(workspace, "a", Recipe(kept=frozenset({("indents", 5)})))
    assert step.find(workspace, "a").kept == frozenset()


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"rules": "indents"},
        {"rules": ["polish"]},
        {"own": [{"name": "x"}]},
        {"own": [{"name": "x", "find": "("} | {"regex": True}]},
        {"own": [{"name": "x", "find": "a"}] * 2},
        {"own": [{"name": str(number), "find": "a"} for number in range(200)]},
    ],
)
def test_what_is_no_recipe_is_refused_with_a_sentence(value):
    with pytest.raises(BadSettings) as caught:
        step.recipe_of(value)
    assert caught.value.sentence


def test_the_command_saves_from_a_file_and_passes_over_damaged_ones(workspace, tmp_path, capsys):
    file = tmp_path / "r.json"
    file.write_text(json.dumps(step.json_of(MINE)), encoding="utf-8")
    assert step.main(["save", "借来的", "--from", str(file)]) == 0
    assert step.main(["save", "少的", "--no-rule", "indents"]) == 0
    (workspace.recipes / "damaged.json").write_text("{", encoding="utf-8")
    capsys.readouterr()
    assert step.main(["list", "--json"]) == 0
    listed = {one["name"]: one["rules"] for one in json.loads(capsys.readouterr().out)["recipes"]}
    assert listed == {"借来的": list(MINE.rules), "少的": [name for name in DEFAULTS if name != "indents"]}
    assert step.main(["show", "没有的"]) == 2


def test_a_recipe_in_a_file_of_another_name_is_replaced_and_removed_like_any(workspace):
    workspace.recipes.mkdir()
    (workspace.recipes / "from-a-friend.json").write_text(json.dumps({"name": "甲"} | step.json_of(MINE)), encoding="utf-8")
    assert step.find(workspace, "甲") == MINE
    step.save(workspace, "甲", Recipe(()))
    assert step.saved(workspace) == {"甲": Recipe(())}
    assert len(list(workspace.recipes.iterdir())) == 1
    step.remove(workspace, "甲")
    assert step.saved(workspace) == {}
