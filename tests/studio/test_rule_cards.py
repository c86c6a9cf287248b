import json
from types import SimpleNamespace
from urllib.parse import unquote

import pytest

from pipelines.cleaning import Recipe
from pipelines.recipes import recipe_of
from pipelines.rules import FAMILIES, RULES
from pipelines.rules.own import OwnRule
from studio import rule_cards as cards
from studio.words import LANGUAGES, load_words

ZH = load_words("zh")
HOSTILE = '"><script>'


def preview(recipe, counts=None, lost=None, over=()):
    return SimpleNamespace(recipe=recipe, counts=counts or {}, lost=lost or {}, over_budget=list(over), stopped=[])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_switch_a_name_a_sentence_and_a_risk(language):
    words = load_words(language)
    html = cards.families(words).html
    for rule in RULES:
        assert f'data-switch="{rule.name}"' in html
        assert words(f"cleaning.rule.{rule.name}.name")
        assert words(f"cleaning.rule.{rule.name}.sentence")
    for kind in ("low", "middle", "high", "marks"):
        assert words(f"cleaning.risk.{kind}")


def test_every_rule_is_of_one_family():
    assert sorted(name for names in FAMILIES.values() for name in names) == sorted(rule.name for rule in RULES)


def test_the_states_tell_what_rules_do_and_would_do():
    told = json.loads(cards.states(ZH, "n", preview(Recipe(("indents",)), {"indents": 1200, "line_ends": 3}, over=["indents"])))
    on, off, idle = (told["rules"][name] for name in ("indents", "line_ends", "newlines"))
    assert (on["on"], on["text"], on["shows"], on["alarm"]) == (True, ZH("cleaning.count.edits", count="1,200"), True, True)
    assert (off["on"], off["text"], off["shows"]) == (False, ZH("cleaning.count.edits_if", count="3"), False)
    assert idle["text"] == ZH("cleaning.count.none")
    assert told["families"]["layout"]["busy"]
    assert not told["families"]["characters"]["busy"]


def test_own_rules_show_what_they_do_and_those_that_rest():
    recipe = Recipe((), (OwnRule("雪", HOSTILE, "梅"),))
    html = cards.own_rules(ZH, preview(recipe, {"own:雪": 7}), [OwnRule("旧", "x", regex=True)]).html
    assert HOSTILE not in html
    assert html.count("checked") == 1
    assert ZH("cleaning.count.edits", count="7") in html
    assert ZH("cleaning.own.nothing") in html
    assert ZH("cleaning.own.none") in cards.own_rules(ZH, preview(Recipe(())), []).html


def test_a_recipe_goes_out_whole_but_for_the_places_of_one_novel():
    recipe = Recipe(("indents",), (OwnRule("雪", '风"', "梅"),), frozenset({("indents", 3)}))
    html = cards.download(ZH, '红"楼', recipe).html
    text = unquote(html.split("utf-8,")[1].split('"')[0])
    assert recipe_of(json.loads(text)) == Recipe(recipe.rules, recipe.own)
    assert 'download="红&quot;楼.json"' in html
