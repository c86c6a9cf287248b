"""The rules of cleaning, in the order they run in; one module for each family, `rule.py` for what a rule is.

Why this order (cleaning.md §2): characters and markup first, for the others go by lines; page marks and advertisements stand
between wrapped lines and inside paragraphs, so they go before lines are joined; joining needs the indents as they were,
so they go after it; punctuation and variants of characters come late, for they are the writer's taste.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from pipelines.errors import BadSettings
from pipelines.rules import chapters, characters, layout, markup, pages, punctuation, sites, suspects, variants, wrapping
from pipelines.rules.rule import Edit, Rule

ORDER = (
    *("newlines", "controls", "invisible", "markup", "remnants", "spaces", "chinese_gaps", "composition", "compatibility"),
    *("page_marks", "running_heads", "gutenberg", "site_blocks", "metadata", "ad_spans", "ad_lines", "continued"),
    *("author_notes", "hyphens", "wrapped_lines", "headings", "repeated_title", "contents"),
    *("indents", "line_ends", "blank_lines", "same_chapters", "similar_chapters", "same_paragraphs"),
    *("ellipses", "chinese_punctuation", "full_stops", "wide_letters", "quote_pairs", "curly_quotes", "corner_quotes"),
    *("to_simplified", "to_traditional", "from_taiwan", "old_variants", "old_fonts", "footnotes", "contacts"),
    *("masked_words", "missing_characters", "confusables", "repetition", "other_languages"),
)
_FAMILIES = (characters, markup, pages, sites, wrapping, chapters, layout, punctuation, variants, suspects)
RULES: tuple[Rule, ...] = tuple(
    sorted((rule for family in _FAMILIES for rule in family.RULES), key=lambda rule: ORDER.index(rule.name))
)
BY_NAME = {rule.name: rule for rule in RULES}
# Modules that are one family to people.
_TOGETHER = {"site_blocks": "sites", "notes": "sites"}


def _families() -> dict[str, tuple[str, ...]]:
    """The names of each family's rules, in the order they run in."""
    found: dict[str, tuple[str, ...]] = {}
    for module in _FAMILIES:
        name = module.__name__.rpartition(".")[2]
        name = _TOGETHER.get(name, name)
        found[name] = (*found.get(name, ()), *(rule.name for rule in module.RULES))
    return {family: tuple(rule.name for rule in RULES if rule.name in names) for family, names in found.items()}


FAMILIES = _families()
DEFAULTS = tuple(rule.name for rule in RULES if rule.default)


def chosen(only: Sequence[str] | None = None, without: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of the rules to run, in order: the default ones or `only` these, but not those of `without`.

    Raises BadSettings for a name that is no rule's.
    """
    for name in (*(only or ()), *without):
        if name not in BY_NAME:
            raise BadSettings("unknown_rule", f"there is no rule {name!r}", f"the rules are {', '.join(BY_NAME)}", value=name)
    asked = DEFAULTS if only is None else only
    return tuple(name for name in BY_NAME if name in asked and name not in without)


def counts(edits: Iterable[Edit], names: Sequence[str]) -> dict[str, int]:
    """How many edits each of the rules made, those that made none included."""
    made = Counter(edit.rule for edit in edits)
    return {name: made[name] for name in names}
