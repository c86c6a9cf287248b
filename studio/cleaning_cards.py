"""What cleaning shows: every change before and after, with signs for what cannot be seen, and what it comes to. Pure."""

import unicodedata
from collections.abc import Sequence
from itertools import groupby

from pipelines.rules import BY_NAME
from studio.differences import Differences, Leaf, Piece, Place, around
from studio.markup import Markup, join, tag
from studio.services.cleanings import Cleaned, Preview
from studio.words import Words

LONGEST_SHOWN = 120
MOST_CHAPTERS = 500
REPEATED = 4
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


def _change(words: Words, name: str, piece: Piece) -> Markup:
    text, left = _cut(piece.text)
    rule = piece.removed_by or piece.inserted_by
    more = tag("span", words("cleaning.more", count=f"{left:,}"), class_="quiet") if left else None
    return tag(name, signed(text, with_spaces=True), more, title=rule_name(words, rule))


def changes(words: Words, differences: Differences, leaf: Leaf) -> Markup:
    """The places of one page, each before and after."""
    if not leaf.places:
        return tag("div", tag("h3", words("cleaning.nothing")), tag("p", words("cleaning.nothing.more")), class_="empty")
    names = (words("cleaning.before"), words("cleaning.after"))
    heads = tag("div", *(tag("span", name) for name in names), class_="heads", aria_hidden="true")
    rows = [_place(words, differences, place) for place in leaf.places]
    return tag("div", heads, tag("ol", *rows, class_="places"), class_="changes card")


def _place(words: Words, differences: Differences, place: Place) -> Markup:
    pieces = around(differences, place)
    names = words("cleaning.and").join(rule_name(words, rule) for rule in BY_NAME if rule in place.rules)
    head = tag("div", tag("span", names), " · ", words("cleaning.at", at=f"{place.at + 1:,}"), class_="what quiet")
    before = [
        signed(piece.text, with_spaces=False) if piece.is_kept else _change(words, "del", piece)
        for piece in pieces
        if not piece.inserted_by
    ]
    after = [
        signed(piece.text, with_spaces=False) if piece.is_kept else _change(words, "ins", piece)
        for piece in pieces
        if not piece.removed_by
    ]
    return tag("li", head, _side(words("cleaning.before"), before), _side(words("cleaning.after"), after))


def _side(name: str, parts: Sequence[Markup]) -> Markup:
    return tag("div", *parts, class_="side", data_label=name, role="group", aria_label=name)


def rule_name(words: Words, rule: str) -> str:
    """What a rule is called."""
    return words(f"cleaning.rule.{rule}.name")


def summary(words: Words, preview: Preview, current: Cleaned | None) -> Markup:
    """What these rules come to, whether the novel is cleaned so, and a warning when much of it would go."""
    edits = sum(preview.counts[rule] for rule in preview.rules)
    facts = (
        ("before", f"{preview.before:,}"),
        ("after", f"{preview.after:,}"),
        ("edits", f"{edits:,}"),
        ("chapters", f"{len(preview.chapters):,}"),
    )
    rows = [
        tag("div", tag("dt", words(f"cleaning.fact.{name}")), tag("dd", fact), title=words(f"cleaning.fact.{name}.title"))
        for name, fact in facts
    ]
    facts_shown = tag("dl", *rows, class_="facts")
    return tag("section", alarm(words, preview), state(words, preview.rules, current), facts_shown, class_="card summary")


def alarm(words: Words, preview: Preview) -> Markup | None:
    """A red banner when more ideographs would go than cleaning ought to take."""
    if not preview.is_alarming:
        return None
    share = f"{preview.lost / preview.ideographs:.1%}"
    return tag("p", words("cleaning.alarm", share=share, count=f"{preview.lost:,}"), class_="alarm", role="alert")


def state(words: Words, rules: Sequence[str], current: Cleaned | None) -> Markup:
    """Whether the novel is cleaned, and whether by these rules."""
    if current is None:
        return tag("p", tag("span", words("cleaning.state.none"), class_="badge still"), class_="state")
    if set(current.rules) == set(rules):
        return tag("p", tag("span", words("cleaning.state.same", number=current.number), class_="badge good"), class_="state")
    return tag("p", tag("span", words("cleaning.state.other", number=current.number), class_="badge warn"), class_="state")


def cleaned_label(words: Words, cleaned: Cleaned) -> str:
    """One line for a cleaning, to choose it by."""
    rules = words("cleaning.and").join(rule_name(words, rule) for rule in cleaned.rules if rule in BY_NAME)
    when = cleaned.made.strftime("%Y-%m-%d %H:%M")
    return words(
        "cleaning.earlier.label",
        number=cleaned.number,
        when=when,
        characters=f"{cleaned.characters:,}",
        rules=rules or words("cleaning.no_rules"),
    )


def chapters(words: Words, preview: Preview) -> Markup:
    """The chapters that cleaning leaves, folded away."""
    rows = [tag("li", title) for title in preview.chapters[:MOST_CHAPTERS]]
    left = len(preview.chapters) - MOST_CHAPTERS
    more = tag("p", words("cleaning.chapters.more", count=f"{left:,}"), class_="quiet") if left > 0 else None
    head = tag("summary", words("cleaning.chapters", count=f"{len(preview.chapters):,}"))
    return tag("details", head, tag("ol", *rows, tabindex=0), more, class_="chapters card")


def position(words: Words, leaf: Leaf) -> Markup:
    """Which page of how many."""
    values = {"number": f"{leaf.number:,}", "pages": f"{leaf.pages:,}", "total": f"{leaf.total:,}"}
    return tag("p", words("cleaning.position", **values), class_="position quiet", role="status")
