"""The flags of `clean` that say which rules run, and the recipe they come to."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines import recipes, reports
from pipelines.cleaning import Recipe
from pipelines.cleanings import current, recipe_for
from pipelines.command import Parser
from pipelines.errors import BadSettings, NotFound
from pipelines.folders import NovelFolder
from pipelines.rules import RULES
from pipelines.rules.own import OwnRule
from pipelines.workspace import Workspace


def add_recipe(made: Parser) -> None:
    """The flags that say which rules run."""
    chosen = made.add_argument_group("which rules run; else the novel's own recipe, else the default rules")
    sentences = " ".join(f"{rule.name}{'' if rule.default else ' (off)'}: {rule.sentence}" for rule in RULES)
    chosen.add_argument("--rules", metavar="A,B", help=f"run only these rules. {sentences}".replace("%", "%%"))
    chosen.add_argument("--no-rule", action="append", default=[], metavar="C", help="leave this rule away; may be repeated")
    chosen.add_argument("--recipe", metavar="NAME_OR_FILE", help="a saved recipe, or a file that holds one")
    pairs: dict[str, Any] = {"nargs": 2, "action": "append", "default": [], "metavar": ("FIND", "PUT")}
    chosen.add_argument("--replace", help="a rule of your own; may be repeated", **pairs)
    chosen.add_argument("--replace-regex", help="the same by a regular expression", **pairs)


def recipe_of_flags(workspace: Workspace, novel: NovelFolder | None, arguments: argparse.Namespace) -> Recipe:
    """The recipe that the flags describe; raises BadSettings, NotFound."""
    recipe = recipe_for(novel) if novel else Recipe()
    if arguments.recipe:
        file = Path(arguments.recipe)
        recipe = recipes.read_recipe(file) if file.is_file() else recipes.find(workspace, arguments.recipe)
    if arguments.rules is not None or arguments.no_rule:
        only = arguments.rules if arguments.rules is not None else ",".join(recipe.rules)
        recipe = replace(recipe, rules=recipes.named(only, arguments.no_rule))
    recipe = replace(recipe, own=(*recipe.own, *_own(arguments, len(recipe.own))))
    if novel and (arguments.undo_rule or arguments.undo_edit):
        recipe = _without(novel, recipe, arguments)
    return recipe


def _own(arguments: argparse.Namespace, known: int) -> Iterator[OwnRule]:
    """The rules of the writer's own that the flags give."""
    given = [(pair, False) for pair in arguments.replace] + [(pair, True) for pair in arguments.replace_regex]
    for number, ((find, put), is_regex) in enumerate(given, start=known + 1):
        yield OwnRule.from_json({"name": str(number), "find": find, "replace": put, "regex": is_regex})


def _without(novel: NovelFolder, recipe: Recipe, arguments: argparse.Namespace) -> Recipe:
    """The recipe without one rule, or without some edits of the current cleaning, counted from 1."""
    rule = arguments.undo_rule
    if rule and rule not in recipe.rules and rule not in {f"own:{own.name}" for own in recipe.own}:
        raise BadSettings("rule_not_used", f"{novel.id} is not cleaned by the rule {rule!r}", "see its report", value=rule)
    rules = tuple(name for name in recipe.rules if name != rule)
    own = tuple(one for one in recipe.own if f"own:{one.name}" != rule)
    return replace(recipe, rules=rules, own=own, kept=recipe.kept | _kept(novel, arguments.undo_edit or []))


def _kept(novel: NovelFolder, numbers: Sequence[int]) -> frozenset[tuple[str, int]]:
    """The rule and place of edits of the current cleaning by their numbers; raises NotFound."""
    if not numbers:
        return frozenset()
    rows = enumerate(reports.read_rows(novel.report(current(novel))), start=1)
    found = {number: (row["rule"], row["raw"]) for number, row in rows if number in numbers}
    for number in numbers:
        if number not in found:
            raise NotFound("no_edit", f"there is no edit {number} in the current cleaning", "see its report", number=number)
    return frozenset(found.values())
