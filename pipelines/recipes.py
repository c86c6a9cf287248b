"""Recipes: named sets of rules, with the writer's own, saved in the workspace and shared as JSON.

    python -m pipelines.recipes list | show NAME | save NAME [--rules A,B] [--no-rule C] [--from FILE] | remove NAME

A recipe's file is `recipes/<slug>.json`: {"format": 1, "name": ..., "rules": [...], "own": [{"name", "find", ...}]}.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.cleaning import Recipe
from pipelines.command import Parser, Result, add_shared, execute, parser, workspace_of
from pipelines.errors import BadSettings, BrokenArtifact, NotFound
from pipelines.files import read_object, write_json
from pipelines.rules import DEFAULTS, chosen
from pipelines.rules.own import OwnRule
from pipelines.workspace import FORMAT, Workspace

STEPS = {"list": "the saved recipes", "show": "one as JSON", "save": "save one", "remove": "delete one"}
NAME_LIMIT = 80
MOST_OWN_RULES = 100
MOST_KEPT = 100_000


def recipe_of(value: object) -> Recipe:
    """The recipe that a JSON value describes; raises BadSettings for what is none, or names a rule that is not there."""
    if not isinstance(value, dict):
        raise _no_recipe("it is no JSON object")
    rules, own, kept = value.get("rules", list(DEFAULTS)), value.get("own", []), value.get("kept", [])
    if not _is_list_of(rules, str) or not _is_list_of(own, dict) or not _is_list_of(kept, list):
        raise _no_recipe("its rules, own or kept are no lists of what belongs there")
    if len(own) > MOST_OWN_RULES or len(kept) > MOST_KEPT:
        raise _no_recipe(f"it has more than {MOST_OWN_RULES} rules of its own")
    places = [(str(place[0]), place[1]) for place in kept if len(place) == 2 and isinstance(place[1], int)]
    made = tuple(OwnRule.from_json(one) for one in own)
    if len({one.name for one in made}) < len(made):
        raise _no_recipe("two of its own rules have one name")
    return Recipe(chosen([str(name) for name in rules]), made, frozenset(places))


def json_of(recipe: Recipe) -> dict[str, Any]:
    """A recipe as JSON; the places left out are one novel's, so only a recipe that has some says so."""
    kept = {"kept": [list(place) for place in sorted(recipe.kept)]} if recipe.kept else {}
    return {"rules": list(recipe.rules), "own": [own.to_json() for own in recipe.own]} | kept


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; raises NotFound if there is no such file, BadSettings if it holds none."""
    try:
        return recipe_of(read_object(path))
    except FileNotFoundError as error:
        raise NotFound("no_file", f"there is no file {path}", "check the name", file=str(path)) from error


def saved(workspace: Workspace) -> dict[str, Recipe]:
    """The saved recipes by their names; a file that holds none is passed over."""
    return {name: recipe for _, name, recipe in _files(workspace)}


def _files(workspace: Workspace) -> Iterator[tuple[Path, str, Recipe]]:
    """The files of saved recipes, whatever they are called, with the names they hold."""
    for path in sorted(workspace.recipes.glob("*.json")):
        with contextlib.suppress(BadSettings, BrokenArtifact, FileNotFoundError):
            value = read_object(path)
            yield path, str(value.get("name") or path.stem), recipe_of(value)


def save(workspace: Workspace, name: str, recipe: Recipe) -> Path:
    """Save a recipe under a name, in place of one that has it; raises BadSettings for no name."""
    name = " ".join(name.split())[:NAME_LIMIT]
    if not name:
        raise BadSettings("recipe_unnamed", "the recipe has no name", "type one", name="name")
    workspace.recipes.mkdir(exist_ok=True)
    path = workspace.recipe(name)
    _delete(workspace, name, but=path)
    write_json(path, {"format": FORMAT, "name": name} | json_of(Recipe(recipe.rules, recipe.own)))
    return path


def find(workspace: Workspace, name: str) -> Recipe:
    """The saved recipe of that name; raises NotFound."""
    recipes = saved(workspace)
    if name not in recipes:
        known = ", ".join(recipes) or "none yet"
        raise NotFound("no_recipe", f"there is no recipe {name!r}", f"there are: {known}", wanted=name)
    return recipes[name]


def remove(workspace: Workspace, name: str) -> None:
    """Delete the saved recipe of that name; raises NotFound."""
    find(workspace, name)
    _delete(workspace, name)


def _delete(workspace: Workspace, name: str, but: Path | None = None) -> None:
    for path, called, _ in _files(workspace):
        if called == name and path != but:
            path.unlink(missing_ok=True)


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _no_recipe(why: str) -> BadSettings:
    return BadSettings("no_recipe_file", f"this is no recipe: {why}", "choose a file that was saved as one", why=why)


def main(argv: list[str] | None = None) -> int:
    """The command `recipes`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("recipes", "Named sets of cleaning rules: list, show, save, remove.")
    steps = made.add_subparsers(dest="step", required=True, metavar="STEP")
    for step, sentence in STEPS.items():
        sub = steps.add_parser(step, help=sentence, description=sentence, allow_abbrev=False)
        add_shared(sub)
        if step != "list":
            sub.add_argument("name", metavar="NAME")
        if step == "save":
            sub.add_argument("--rules", metavar="A,B", help="only these rules, else the default ones")
            sub.add_argument("--no-rule", action="append", default=[], metavar="C", help="leave this rule away; may be repeated")
            sub.add_argument("--from", dest="source", type=Path, metavar="FILE", help="take the recipe from a JSON file")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Do what the subcommand says."""
    workspace = workspace_of(arguments)
    if arguments.step == "list":
        recipes = saved(workspace)
        lines = [f"{name}: {len(recipe.rules)} rules, {len(recipe.own)} of its own" for name, recipe in recipes.items()]
        return {"recipes": [{"name": name} | json_of(one) for name, one in recipes.items()]}, "\n".join(lines) or "no recipes yet"
    if arguments.step == "save":
        recipe = read_recipe(arguments.source) if arguments.source else Recipe(named(arguments.rules, arguments.no_rule))
        path = save(workspace, arguments.name, recipe)
        return {"name": arguments.name, "file": str(path)} | json_of(recipe), f"{arguments.name}: saved as {path}"
    if arguments.step == "remove":
        remove(workspace, arguments.name)
        return {"removed": arguments.name}, f"{arguments.name}: removed"
    recipe = find(workspace, arguments.name)
    return {"name": arguments.name} | json_of(recipe), f"{arguments.name}: {', '.join(recipe.rules)}"


def named(rules: str | None, without: list[str]) -> tuple[str, ...]:
    """The rules that the flags `--rules` and `--no-rule` choose; raises BadSettings for a name that is no rule's."""
    only = None if rules is None else [name.strip() for name in rules.split(",") if name.strip()]
    return chosen(only, without)


if __name__ == "__main__":
    sys.exit(main())
