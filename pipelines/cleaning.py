"""Cleaning, pure: a text and a recipe give the clean text and every edit of every rule, so that all can be undone."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.offsets import Offsets
from pipelines.rules import DEFAULTS, RULES
from pipelines.rules.own import OwnRule, RuleStopped
from pipelines.rules.rule import Edit, Rule, patched, unpatched

# Two are enough for what was seen in novels; more are for texts made to keep rules busy.
MOST_ROUNDS = 5
IDEOGRAPHS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
Hear = Callable[[float], None]
# What a writer's own rule leaves behind is tidied once more.
TIDYING = ("line_ends", "blank_lines")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which rules run, the writer's own rules after them, and the edits that are left out.

    `kept` names edits by their rule and their place in the text as it came.
    """

    rules: tuple[str, ...] = DEFAULTS
    own: tuple[OwnRule, ...] = ()
    kept: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Stage:
    """What one rule did: its edits, by offsets into the text it was given, and where each stood in the text as it came."""

    rule: str
    edits: list[Edit]
    origins: list[int]

    @property
    def lost(self) -> int:
        """How many ideographs fewer there are after this rule; negative for more."""
        return ideographs(edit.removed for edit in self.edits) - ideographs(edit.inserted for edit in self.edits)


@dataclass(slots=True)
class Cleaned:
    """A section's clean text and how it came about.

    `marks` are places that were only pointed out; `would` has the edits of each rule that is not in the recipe, if it ran
    where it stands; `stopped` names the own rules that took too long and did nothing.
    """

    text: str
    stages: list[Stage] = field(default_factory=list)
    marks: list[Stage] = field(default_factory=list)
    would: dict[str, int] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    offsets: Offsets = field(default_factory=Offsets)


def clean(
    text: str, recipe: Recipe | None = None, start: int = 0, count_others: bool = False, hear: Hear = lambda share: None
) -> Cleaned:
    """Clean a text, or a section of one that starts at `start`, by a recipe (None: the default rules).

    `count_others` fills in what the other rules would do; `hear` is told which share of the rules is done.
    """
    recipe = recipe or Recipe()
    done = Cleaned(text)
    kept = {name: {at for rule, at in recipe.kept if rule == name} for name, _ in recipe.kept}
    for number, rule in enumerate(RULES):
        hear(number / len(RULES))
        if rule.name in recipe.rules:
            _run(done, rule, kept.get(rule.name, set()), start)
        elif count_others:
            done.would[rule.name] = sum(1 for _ in rule.edits(done.text))
    _settle(done, recipe, kept, start)
    _run_own(done, recipe, kept, start)
    return done


def undo(text: str, stages: Iterable[Sequence[Edit]]) -> str:
    """The text as it was before `clean` made the edits of these stages."""
    for edits in reversed(list(stages)):
        text = unpatched(text, edits)
    return text


def ideographs(texts: Iterable[str]) -> int:
    """How many Chinese characters there are in the texts."""
    return sum(len(row) for text in texts for row in IDEOGRAPHS.findall(text))


def _run(done: Cleaned, rule: Rule, kept: set[int], start: int) -> None:
    """Let a rule do its work on what is there."""
    edits = list(rule.edits(done.text))
    if not edits:
        return
    origins = [start + origin for origin in done.offsets.back([edit.at for edit in edits])]
    if kept:
        pairs = [(edit, origin) for edit, origin in zip(edits, origins, strict=True) if origin not in kept]
        edits, origins = [edit for edit, _ in pairs], [origin for _, origin in pairs]
    if rule.marks:
        done.marks.append(Stage(rule.name, edits, origins))
    elif edits:
        done.text = patched(done.text, edits)
        done.stages.append(Stage(rule.name, edits, origins))
        done.offsets.add(edits)


def _settle(done: Cleaned, recipe: Recipe, kept: dict[str, set[int]], start: int) -> None:
    """Let the rules run again where one made work for another before it, until none finds any."""
    rules = [rule for rule in RULES if rule.name in recipe.rules and not rule.marks]
    places = {rule.name: place for place, rule in enumerate(rules)}
    made, rounds = 0, 0
    while len(done.stages) > made and rounds < MOST_ROUNDS:
        last, made, rounds = places[done.stages[-1].rule], len(done.stages), rounds + 1
        for place, rule in enumerate(rules):
            # From here on the text is what these rules have left.
            if place >= last and len(done.stages) == made:
                break
            _run(done, rule, kept.get(rule.name, set()), start)


def _run_own(done: Cleaned, recipe: Recipe, kept: dict[str, set[int]], start: int) -> None:
    """Let the writer's own rules do theirs, in their order."""
    before = len(done.stages)
    for own in recipe.own:
        rule = own.rule()
        try:
            _run(done, rule, kept.get(rule.name, set()), start)
        except RuleStopped:
            done.stopped.append(own.name)
    if len(done.stages) > before:
        for rule in _tidying(recipe.rules):
            _run(done, rule, kept.get(rule.name, set()), start)


def _tidying(names: Sequence[str]) -> Iterator[Rule]:
    return (rule for rule in RULES if rule.name in TIDYING and rule.name in names)
