"""What cleaning shows: every change before and after, with signs for what cannot be seen, and what it comes to. Pure."""

import json
import unicodedata
from collections.abc import Sequence
from itertools import groupby

from pipelines.cleaning import Recipe
from pipelines.rules import BY_NAME
from studio.differences import Piece
from studio.markup import Markup, join, tag
from studio.preview_files import LEFT_OUT
from studio.preview_pages import Leaf, Place, Preview
from studio.rule_cards import OWN, rule_name
from studio.services.cleanings import Cleaned
from studio.words import Words

LONGEST_SHOWN = 120
REPEATED = 4
# So many rules a cleaning is told by; of more, their number.
FEW_RULES = 3
# Signs that the fonts of every system have; whatever has none is told by its number.
SIGNS = {"\n": "↵", "\r": "CR", "\t": "→", " ": "␣", "\u00a0": "NBSP"}
# Seen in their own way and left alone unless they change.
PLAIN_SPACES = frozenset(" \u3000")
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


def is_unseen(character: str) -> bool:
    """Whether a character shows nothing by itself."""
    point = ord(character)
    return unicodedata.category(character) in UNSEEN or any(first <= point <= last for first, last in SELECTORS)


def sign(character: str) -> str:
    """What stands for a character that shows nothing: ␣, CR, U+200B."""
    return SIGNS.get(character) or f"U+{ord(character):04X}"


def signed(text: str, with_spaces: bool) -> Markup:
    """A text with signs for what shows nothing; a long row of one character is counted."""
    parts: list[Markup | str] = []
    hidden = frozenset() if with_spaces else PLAIN_SPACES
    for character, row in groupby(text):
        count = len(list(row))
        if not is_unseen(character) or character in hidden:
            parts.append(character * count)
            continue
        parts.append(_row_of(character, count))
    return join(*parts)


def _row_of(character: str, count: int) -> Markup:
    """The sign of a character as often as it stands there, or counted."""
    shown, number = sign(character), f"U+{ord(character):04X}"
    kind = "sign code" if shown.isascii() else "sign"
    if count > (1 if shown.isascii() else REPEATED):
        return tag("span", f"{shown}×{count:,}", class_=kind, title=number)
    return join(*(tag("span", shown, class_=kind, title=number) for _ in range(count)))


def _cut(text: str) -> tuple[str, int]:
    """The start of a long change, and how many characters of it are not shown; rows of one character stay whole."""
    if len(text) <= LONGEST_SHOWN or len(set(text)) == 1:
        return text, 0
    return text[:LONGEST_SHOWN], len(text) - LONGEST_SHOWN


def _piece(words: Words, piece: Piece, changed: str) -> Markup:
    """A stretch of one side; `changed` is the element for what is not on the other."""
    if piece.is_kept and not piece.marked_by:
        return signed(piece.text, with_spaces=False)
    text, left = _cut(piece.text)
    rule = piece.removed_by or piece.inserted_by or piece.marked_by
    more = tag("span", words("cleaning.more", count=f"{left:,}"), class_="quiet") if left else None
    name = "mark" if piece.is_kept else changed
    return tag(name, signed(text, with_spaces=True), more, title=rule_name(words, rule))


def changes(words: Words, leaf: Leaf) -> Markup:
    """The places of one page, each before and after."""
    if not leaf.places:
        return tag("div", tag("h3", words("cleaning.nothing")), tag("p", words("cleaning.nothing.more")), class_="empty")
    names = (words("cleaning.before"), words("cleaning.after"))
    heads = tag("div", *(tag("span", name) for name in names), class_="heads", aria_hidden="true")
    rows = [_place(words, place) for place in leaf.places]
    return tag("div", heads, tag("ol", *rows, class_="places"), class_="changes card")


def _place(words: Words, place: Place) -> Markup:
    names = list(dict.fromkeys(rule for rule, _ in (*place.edits, *place.left_out)))
    what = tag("span", words("cleaning.and").join(rule_name(words, rule) for rule in names), class_="names")
    share = f"{place.share:.1%}"
    where = words("cleaning.where", chapter=place.chapter, share=share) if place.chapter else share
    title = words("cleaning.at", at=f"{place.at + 1:,}")
    head = tag("div", what, tag("span", where, class_="where", title=title), *_undoing(words, place), class_="what quiet")
    before = [_piece(words, piece, "del") for piece in place.pieces if not piece.inserted_by]
    after = [_piece(words, piece, "ins") for piece in place.pieces if not piece.removed_by]
    more = [tag("span", words("cleaning.more", count=f"{place.cut:,}"), class_="quiet")] if place.cut else []
    sides = (_side(words("cleaning.before"), [*before, *more]), _side(words("cleaning.after"), [*after, *more]))
    return tag("li", head, *sides, class_="left-out" if place.left_out else None, tabindex=-1)


def _undoing(words: Words, place: Place) -> list[Markup]:
    """Buttons that leave the changes of a place out, all or one rule's, and those that take it back."""
    made = []
    changing = [(rule, at) for rule, at in place.edits if rule not in BY_NAME or not BY_NAME[rule].marks]
    by_rule = {rule: [edit for edit in changing if edit[0] == rule] for rule, _ in changing}
    if len(by_rule) == 1:
        made.append(_keep(words("cleaning.keep"), changing, True))
    elif by_rule:
        single = [_keep(rule_name(words, rule), edits, True) for rule, edits in by_rule.items()]
        head = tag("summary", words("cleaning.keep"))
        made.append(tag("details", head, tag("div", _keep(words("cleaning.keep.all"), changing, True), *single), class_="keeps"))
    if place.left_out:
        made.append(tag("span", words("cleaning.kept"), class_="badge still"))
        made.append(_keep(words("cleaning.keep.undo"), place.left_out, False))
    return made


def _keep(label: str, edits: Sequence[tuple[str, int]], is_out: bool) -> Markup:
    wish = json.dumps({"keep" if is_out else "change": [list(edit) for edit in edits]})
    return tag("button", label, type="button", class_="small", data_wish=wish)


def _side(name: str, parts: Sequence[Markup]) -> Markup:
    return tag("div", *parts, class_="side", data_label=name, role="group", aria_label=name)


def summary(words: Words, preview: Preview, current: Cleaned | None) -> Markup:
    """What the recipe comes to, whether the novel is cleaned so, and a warning when much of it would go."""
    facts = (
        ("before", f"{preview.before:,}"),
        ("after", f"{preview.after:,}"),
        ("edits", f"{preview.edits:,}"),
        ("chapters", f"{preview.chapter_count:,}"),
    )
    rows = [
        tag("div", tag("dt", words(f"cleaning.fact.{name}")), tag("dd", fact), title=words(f"cleaning.fact.{name}.title"))
        for name, fact in facts
    ]
    facts_shown = tag("dl", *rows, class_="facts")
    return tag("section", alarm(words, preview), state(words, preview.recipe, current), facts_shown, class_="card summary")


def alarm(words: Words, preview: Preview) -> Markup | None:
    """A red banner that names each rule that would take more of the ideographs than cleaning ought to."""
    if not preview.is_alarming:
        return None
    rows = []
    for rule in preview.over_budget:
        lost = preview.lost[rule]
        share = f"{lost / max(1, preview.ideographs):.1%}"
        rows.append(tag("li", words("cleaning.alarm.rule", name=rule_name(words, rule), share=share, count=f"{lost:,}")))
    return tag("div", tag("p", words("cleaning.alarm")), tag("ul", *rows), class_="alarm", role="alert")


def state(words: Words, recipe: Recipe, current: Cleaned | None) -> Markup:
    """Whether the novel is cleaned, and whether by this recipe."""
    if current is None:
        return tag("p", tag("span", words("cleaning.state.none"), class_="badge still"), class_="state")
    if current.recipe == recipe:
        return tag("p", tag("span", words("cleaning.state.same", number=current.number), class_="badge good"), class_="state")
    return tag("p", tag("span", words("cleaning.state.other", number=current.number), class_="badge warn"), class_="state")


def progress(words: Words, work: str, share: float) -> Markup:
    """How far some work is, and the way out of it; `work` is a key of words."""
    done = f"{share:.0%}"
    bar = tag(
        "div",
        tag("span", style=f"width: {done}"),
        class_="progress",
        role="progressbar",
        aria_label=words(work),
        aria_valuenow=int(share * 100),
    )
    stop = tag("button", words("cleaning.stop"), type="button", class_="small", data_wish=json.dumps({"stop": True}))
    return tag("div", tag("span", words(work), " ", done, class_="quiet"), bar, stop, class_="working")


def wait(words: Words) -> Markup:
    """What stands in the place of the changes until they are known for the first time."""
    return tag("div", tag("p", words("cleaning.working"), "…"), class_="empty card")


def stopped(words: Words) -> Markup:
    """What stands there after work was stopped, and how to begin again."""
    again = tag("button", words("cleaning.again"), type="button", class_="small", data_wish=json.dumps({"again": True}))
    return tag("div", tag("span", words("cleaning.stopped"), class_="quiet", role="status"), again, class_="working")


def cleaned_label(words: Words, cleaned: Cleaned) -> str:
    """One line for a cleaning, to choose it by."""
    names = [*(rule_name(words, rule) for rule in cleaned.recipe.rules), *(own.name for own in cleaned.recipe.own)]
    more = words("cleaning.earlier.rules", count=len(names)) if len(names) > FEW_RULES else words("cleaning.and").join(names)
    when = cleaned.made.strftime("%Y-%m-%d %H:%M")
    return words(
        "cleaning.earlier.label",
        number=cleaned.number,
        when=when,
        characters=f"{cleaned.characters:,}",
        rules=more or words("cleaning.no_rules"),
    )


def position(words: Words, leaf: Leaf) -> Markup:
    """Which page of how many."""
    values = {"number": f"{leaf.number:,}", "pages": f"{leaf.pages:,}", "total": f"{leaf.total:,}"}
    return tag("p", words("cleaning.position", **values), class_="position quiet", role="status")


def filters(words: Words, preview: Preview) -> list[tuple[str, str]]:
    """The filters that find something, with how many places: all, each rule, what was left out, what is pointed out."""
    rules = [*preview.recipe.rules, *(OWN + own.name for own in preview.recipe.own)]
    found = [(rule, preview.found(rule)) for rule in rules]
    named = [
        (words(f"cleaning.filter.{_kind(rule)}", name=rule_name(words, rule), count=f"{count:,}"), rule)
        for rule, count in sorted(found, key=lambda pair: _kind(pair[0]) == "marks")
        if count
    ]
    left = preview.found(LEFT_OUT)
    left_out = [(words("cleaning.filter.left_out", count=f"{left:,}"), LEFT_OUT)] if left else []
    return [(words("cleaning.filter.all"), ""), *left_out, *named]


def _kind(rule: str) -> str:
    return "marks" if rule in BY_NAME and BY_NAME[rule].marks else "rule"


def steps(words: Words) -> Markup:
    """Buttons to the change before and to the next, which the keyboard has, too."""
    buttons = [
        tag(
            "button",
            words(f"cleaning.step.{name}"),
            type="button",
            class_="small",
            data_step=step,
            title=words(f"cleaning.step.{name}.title"),
        )
        for name, step in (("back", -1), ("forth", 1))
    ]
    return tag("div", *buttons, tag("span", words("cleaning.step.keys"), class_="quiet keys"), class_="bar")
