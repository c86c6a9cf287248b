"""The rules of cleaning as a page shows them: all switches in folds by family, the writer's own, and what each comes to. Pure.

The folds are built once, and a preview changes only what stands in them, so that nothing jumps and no fold closes.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pipelines.cleaning import Recipe
from pipelines.recipes import json_of
from pipelines.rules import BY_NAME, FAMILIES
from pipelines.rules.own import OwnRule
from pipelines.rules.rule import Rule
from studio.markup import Markup, tag
from studio.preview_pages import Preview
from studio.words import Words

OWN = "own:"
RISK_SIGNS = {"low": "○", "middle": "◐", "high": "●"}


def rule_name(words: Words, rule: str) -> str:
    """What a rule is called; a rule of the writer's own has the name they gave it."""
    return rule.removeprefix(OWN) if rule.startswith(OWN) else words(f"cleaning.rule.{rule}.name")


def families(words: Words) -> Markup:
    """All rules of the catalogue, in a fold for each family; assets/cleaning.js fills in what `states` says."""
    folds = [_family(words, family, rules) for family, rules in FAMILIES.items() if rules]
    return tag("div", *folds, class_="families")


def _family(words: Words, family: str, rules: Sequence[str]) -> Markup:
    name = tag("span", words(f"cleaning.family.{family}"), class_="name")
    head = tag("summary", name, tag("span", class_="tally quiet", data_tally=True))
    rows = [_rule(words, BY_NAME[rule]) for rule in rules]
    return tag("details", head, tag("ul", *rows), class_="family card", data_family=family)


def _rule(words: Words, rule: Rule) -> Markup:
    box = tag("input", type="checkbox", id=f"rule-{rule.name}", data_switch=rule.name, aria_describedby=f"rule-{rule.name}-what")
    label = tag("label", box, tag("span", rule_name(words, rule.name)), class_="name")
    what = tag("p", words(f"cleaning.rule.{rule.name}.sentence"), class_="quiet", id=f"rule-{rule.name}-what")
    kind = _badge(words, "marks", "☞") if rule.marks else _badge(words, rule.risk, RISK_SIGNS[rule.risk])
    return tag("li", label, kind, _count_button(rule.name), what, class_="rule", data_rule=rule.name)


def _badge(words: Words, kind: str, sign: str) -> Markup:
    title = words(f"cleaning.risk.{kind}.title")
    return tag(
        "span", tag("span", sign, aria_hidden="true"), " ", words(f"cleaning.risk.{kind}"), class_=f"risk {kind}", title=title
    )


def _count_button(rule: str, text: str = "") -> Markup:
    return tag("button", text, type="button", class_="count", data_wish=json.dumps({"only": rule}), disabled=not text)


def states(words: Words, novel: str, preview: Preview) -> str:
    """What assets/cleaning.js fills into the folds, as JSON: which rules are on, and what each does or would do."""
    rules = {rule: _state(words, preview, rule) for rule in BY_NAME}
    folds = {family: _tally(words, preview, names) for family, names in FAMILIES.items()}
    return json.dumps({"novel": novel, "rules": rules, "families": folds}, ensure_ascii=False)


def _state(words: Words, preview: Preview, rule: str) -> dict[str, Any]:
    is_on, count = rule in preview.recipe.rules, preview.counts.get(rule, 0)
    kind = "found" if BY_NAME[rule].marks and is_on else "edits" if is_on else "edits_if"
    text = words(f"cleaning.count.{kind}", count=f"{count:,}") if count else words("cleaning.count.none")
    lost = preview.lost.get(rule, 0)
    title = words("cleaning.count.lost", lost=f"{lost:,}") if is_on and lost > 0 else ""
    return {"on": is_on, "text": text, "title": title, "shows": bool(is_on and count), "alarm": rule in preview.over_budget}


def _tally(words: Words, preview: Preview, names: Sequence[str]) -> dict[str, Any]:
    on = [name for name in names if name in preview.recipe.rules]
    count = sum(preview.counts.get(name, 0) for name in on)
    text = words("cleaning.family.tally", on=len(on), all=len(names), count=f"{count:,}")
    return {"text": text, "busy": count > 0, "alarm": any(name in preview.over_budget for name in names)}


def own_rules(words: Words, preview: Preview, resting: Sequence[OwnRule]) -> Markup:
    """The writer's own rules for this novel, those that are on first."""
    rows = [_own(words, preview, own, True) for own in preview.recipe.own] + [_own(words, preview, own, False) for own in resting]
    if not rows:
        return tag("p", words("cleaning.own.none"), class_="quiet hint")
    return tag("ul", *rows, class_="own card")


def _own(words: Words, preview: Preview, own: OwnRule, is_on: bool) -> Markup:
    rule = OWN + own.name
    box = tag("input", type="checkbox", data_switch=rule, checked=is_on)
    label = tag("label", box, tag("span", own.name), class_="name")
    arrow = tag("span", "→", aria_hidden="true", class_="quiet")
    into = tag("code", own.replace) if own.replace else tag("span", words("cleaning.own.nothing"), class_="quiet")
    kind = tag("span", words("cleaning.own.regex"), class_="risk") if own.regex else None
    count = preview.counts.get(rule, 0)
    shown = words("cleaning.count.edits", count=f"{count:,}") if count else ""
    buttons = [_do(words, "edit", own.name), _do(words, "remove", own.name)]
    what = tag("p", tag("code", own.find), " ", arrow, " ", into, class_="what")
    return tag(
        "li",
        label,
        kind,
        _count_button(rule, shown) if is_on else None,
        what,
        tag("div", *buttons, class_="bar"),
        class_="rule",
    )


def _do(words: Words, what: str, name: str) -> Markup:
    label = words(f"cleaning.own.{what}.label", name=name)
    wish = json.dumps({what: name}, ensure_ascii=False)
    return tag("button", words(f"cleaning.own.{what}"), type="button", class_="small", data_wish=wish, aria_label=label)


def download(words: Words, name: str, recipe: Recipe) -> Markup:
    """A link that saves the novel's recipe as a file, without the places that were left out, which are this novel's alone."""
    text = json.dumps({"format": 1, "name": name} | json_of(Recipe(recipe.rules, recipe.own)), ensure_ascii=False, indent=1)
    address = f"data:application/json;charset=utf-8,{quote(text)}"
    return tag("a", words("cleaning.recipe.export"), href=address, download=f"{name}.json", class_="button")
