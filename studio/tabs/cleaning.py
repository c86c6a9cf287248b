"""The cleaning tab: see what each rule would do to a novel, place by place, and clean it so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipelines.rules import RULES
from studio import cleaning_cards as cards
from studio.access import Visitor
from studio.differences import leaf
from studio.events import Page, tell
from studio.markup import tag
from studio.pickers import Picker
from studio.services import Services
from studio.services.cleanings import Cleaned, Preview
from studio.words import Words

UNCLEANED = "none"
DEFAULTS = [rule.name for rule in RULES if rule.default]
# What the browser keeps for the next visit.
KEPT = json.dumps(["novel", *(rule.name for rule in RULES)])


@dataclass(frozen=True)
class CleaningTab:
    """The components of the tab; `rules` has a checkbox for each of RULES, in their order."""

    tab: gr.Tab
    empty: gr.Column
    go_library: gr.Button
    desk: gr.Row
    novel: Picker
    rules: tuple[gr.Checkbox, ...]
    summary: gr.HTML
    apply: gr.Button
    train_this: gr.Button
    earlier_box: gr.Accordion
    earlier: Picker
    filter: Picker
    changes: gr.HTML
    previous: gr.Button
    next: gr.Button
    page: gr.Number
    position: gr.HTML
    chapters: gr.HTML
    looked: gr.State


def build(words: Words) -> CleaningTab:
    """Lay the tab out."""
    with gr.Tab(words("cleaning.tab"), id="cleaning", elem_id="tab-cleaning") as tab:
        looked = gr.State(None)
        with gr.Column(visible=False, elem_id="cleaning-empty") as empty:
            gr.HTML(
                str(tag("div", tag("h3", words("cleaning.empty")), tag("p", words("cleaning.empty.more")), class_="empty")),
                apply_default_css=False,
            )
            with gr.Row(elem_classes="centred"):
                library = gr.Button(words("cleaning.go_library"), variant="primary", scale=0, min_width=200, elem_id="go-library")
        with gr.Row(visible=False, elem_id="cleaning-desk") as desk:
            with gr.Column(scale=2, min_width=320):
                of_choice = _build_choice(words)
            with gr.Column(scale=3, min_width=320):
                of_changes = _build_changes(words)
    return CleaningTab(tab=tab, empty=empty, go_library=library, desk=desk, looked=looked, **of_choice, **of_changes)


def _build_choice(words: Words) -> dict[str, Any]:
    """Which novel, which rules, and what they come to."""
    novel = Picker(label=words("cleaning.novel"), interactive=True, elem_id="cleaning-novel")
    summary = gr.HTML(elem_id="cleaning-summary", apply_default_css=False)
    with gr.Row(elem_classes="actions"):
        apply = gr.Button(words("cleaning.apply"), variant="primary", scale=0, min_width=140, elem_id="cleaning-apply")
        train = gr.Button(words("cleaning.train_this"), scale=0, min_width=140, elem_id="cleaning-train")
    with gr.Column(elem_id="cleaning-rules"):
        gr.HTML(
            str(tag("p", tag("b", words("cleaning.rules")), tag("br"), words("cleaning.rules.more"), class_="quiet hint")),
            apply_default_css=False,
        )
        rules = tuple(_switch(words, rule.name, rule.default) for rule in RULES)
    with gr.Accordion(words("cleaning.earlier"), open=False, visible=False, elem_id="cleaning-earlier") as box:
        earlier = Picker(
            label=words("cleaning.earlier.choose"),
            info=words("cleaning.earlier.more"),
            interactive=True,
            elem_id="cleaning-earlier-choice",
        )
    of_rules = {"novel": novel, "rules": rules, "summary": summary}
    return of_rules | {"apply": apply, "train_this": train, "earlier_box": box, "earlier": earlier}


def _switch(words: Words, rule: str, default: bool) -> gr.Checkbox:
    sentence = words(f"cleaning.rule.{rule}.sentence")
    return gr.Checkbox(default, label=cards.rule_name(words, rule), info=sentence, interactive=True, elem_id=f"rule-{rule}")


def _build_changes(words: Words) -> dict[str, Any]:
    """The changes, a page at a time."""
    chosen = Picker([(words("cleaning.filter.all"), "")], value="", label=words("cleaning.filter"), elem_id="cleaning-filter")
    chosen.interactive = True
    changes = gr.HTML(elem_id="cleaning-changes", apply_default_css=False)
    with gr.Row(elem_classes="pager"):
        previous = gr.Button(words("cleaning.previous"), scale=0, min_width=110, elem_id="cleaning-previous")
        page = gr.Number(1, label=words("cleaning.page"), precision=0, minimum=1, scale=0, min_width=110, elem_id="cleaning-page")
        after = gr.Button(words("cleaning.next"), scale=0, min_width=110, elem_id="cleaning-next")
    position = gr.HTML(elem_id="cleaning-position", apply_default_css=False)
    gr.HTML(str(tag("p", words("cleaning.legend"), class_="quiet hint")), apply_default_css=False)
    chapters = gr.HTML(elem_id="cleaning-chapters", apply_default_css=False)
    of_pager = {"previous": previous, "next": after, "page": page, "position": position}
    return of_pager | {"filter": chosen, "changes": changes, "chapters": chapters}


@dataclass(frozen=True)
class Look:
    """What somebody looks at: a novel by some rules, the places of one of them or (an empty name) of all, on which page."""

    novel: str
    rules: Sequence[str]
    rule: str = ""
    page: object = 1


def shown(tab: CleaningTab) -> list[Any]:
    """The outputs of `show`: which novel is looked at, and by which rules."""
    return [tab.empty, tab.desk, tab.novel, *tab.rules, tab.looked]


def turned(tab: CleaningTab) -> list[Any]:
    """The outputs of `turn`: one page of the changes."""
    return [tab.filter, tab.changes, tab.previous, tab.next, tab.page, tab.position]


def seen(tab: CleaningTab) -> list[Any]:
    """The outputs of `look`: what these rules would do."""
    own = [*tab.rules, tab.looked, tab.summary, tab.apply, tab.train_this, tab.earlier_box, tab.earlier, tab.chapters]
    return [*own, *turned(tab)]


def everything(tab: CleaningTab) -> list[Any]:
    """The outputs of `enter`: `show` and `look` at once."""
    return [tab.empty, tab.desk, tab.novel, *seen(tab)]


def show(services: Services, words: Words, visitor: Visitor, novel: object) -> tuple[Any, ...]:
    """Choose a novel, by the rules that it is cleaned with, else the usual ones; quick, for the opened tab looks closer."""
    found = _resolve(services, visitor, novel, None)
    return (*_chosen(services, visitor, found), *_switched(found), _id_of(found))


def opened(services: Services, words: Words, visitor: Visitor, novel: object, *switches: object) -> tuple[Any, ...]:
    """The page was loaded: the novel and the switches are as the browser remembers them."""
    found = _resolve(services, visitor, novel, switches)
    return (*_chosen(services, visitor, found), *_switched(found), _id_of(found))


def enter(services: Services, words: Words, visitor: Visitor, novel: object, *switches: object) -> tuple[Any, ...]:
    """The tab was opened: everything about the chosen novel, as the switches stand."""
    return _everything(services, words, visitor, _resolve(services, visitor, novel, switches))


def pick(services: Services, words: Words, visitor: Visitor, novel: object, looked: object, *switches: object) -> tuple[Any, ...]:
    """A novel was chosen; a chooser that is left without a choice says the same again, and then the switches stay."""
    found = _resolve(services, visitor, novel, switches if novel == looked else None)
    return _everything(services, words, visitor, found)


def look(services: Services, words: Words, visitor: Visitor, novel: object, rule: str, *switches: bool) -> tuple[Any, ...]:
    """A switch was moved: what these rules would do; the switches themselves stay, for more may be moved meanwhile."""
    return _look(services, words, visitor, Look(_id(services, visitor, novel), _rules(switches), rule), switch=False)


def turn(
    services: Services, words: Words, visitor: Visitor, novel: object, rule: str, page: object, *switches: bool
) -> tuple[Any, ...]:
    """Another page of the changes."""
    seen = Look(_id(services, visitor, novel), _rules(switches), rule, page)
    return _turned(words, services.novels.cleanings.preview(visitor, seen.novel, seen.rules), seen)


def only(services: Services, words: Words, visitor: Visitor, novel: object, rule: str, *switches: bool) -> tuple[Any, ...]:
    """The first page of what one rule does, or all."""
    return turn(services, words, visitor, novel, rule, 1, *switches)


def forth(services: Services, words: Words, visitor: Visitor, novel: object, rule: str, page: Any, *switches: bool) -> Any:
    """The next page."""
    return turn(services, words, visitor, novel, rule, (page or 0) + 1, *switches)


def back(services: Services, words: Words, visitor: Visitor, novel: object, rule: str, page: Any, *switches: bool) -> Any:
    """The page before."""
    return turn(services, words, visitor, novel, rule, (page or 2) - 1, *switches)


def apply(
    services: Services, words: Words, visitor: Visitor, novel: object, rule: str, page: object, *switches: bool
) -> tuple[Any, ...]:
    """Clean the novel by these rules."""
    looked = Look(_id(services, visitor, novel), _rules(switches), rule, page)
    cleaned, is_new = services.novels.cleanings.apply(visitor, looked.novel, looked.rules)
    number = cleaned.number if cleaned else 0
    tell(words, words("cleaning.applied", number=number) if is_new else words("cleaning.applied_already"))
    return _look(services, words, visitor, looked, switch=False)


def use_earlier(services: Services, words: Words, visitor: Visitor, novel: object, earlier: object) -> tuple[Any, ...]:
    """Go back to an earlier cleaning, or to none."""
    number = int(earlier) if isinstance(earlier, str) and earlier.isdecimal() else None
    current = services.novels.cleanings.current(visitor, novel)
    # Leaving a chooser fires its event once more.
    if number != (current.number if current else None):
        services.novels.cleanings.use(visitor, novel, number)
        tell(words, words("cleaning.used", number=number) if number else words("cleaning.unused"))
    return _everything(services, words, visitor, _resolve(services, visitor, novel, None))


def _id(services: Services, visitor: Visitor, novel: object) -> str:
    """The id of a novel that is there; raises NotFound, Forbidden."""
    return services.novels.folder(visitor, novel, "see").id


def _rules(switches: Sequence[object]) -> list[str]:
    return [rule.name for rule, is_on in zip(RULES, switches, strict=True) if is_on]


def _resolve(services: Services, visitor: Visitor, wanted: object, switches: Sequence[object] | None) -> Look | None:
    """The wanted novel, else the newest; by these switches, else the rules it is cleaned with, else the usual ones."""
    ids = [novel.id for novel in services.novels.all(visitor) if not novel.damaged]
    if not ids:
        return None
    if switches is not None and wanted in ids:
        return Look(str(wanted), _rules(switches))
    novel = str(wanted) if wanted in ids else ids[0]
    current = services.novels.cleanings.current(visitor, novel)
    return Look(novel, [rule.name for rule in RULES if rule.name in current.rules] if current else DEFAULTS)


def _chosen(services: Services, visitor: Visitor, found: Look | None) -> tuple[Any, ...]:
    """Updates of the empty state, the desk and the chooser."""
    novels = [novel for novel in services.novels.all(visitor) if not novel.damaged]
    choices = [(f"{novel.title} · {novel.characters:,}", novel.id) for novel in novels]
    chooser = gr.update(choices=choices, value=found.novel if found else None)
    return gr.update(visible=not found), gr.update(visible=bool(found)), chooser


def _switched(found: Look | None) -> list[Any]:
    return [gr.update(value=rule.name in found.rules) if found else gr.skip() for rule in RULES]


def _id_of(found: Look | None) -> str | None:
    return found.novel if found else None


def _everything(services: Services, words: Words, visitor: Visitor, found: Look | None) -> tuple[Any, ...]:
    first = _chosen(services, visitor, found)
    if not found:
        return (*first, *(gr.skip() for _ in range(len(RULES) + 13)))
    return (*first, *_look(services, words, visitor, found, switch=True))


def _look(services: Services, words: Words, visitor: Visitor, found: Look, switch: bool) -> tuple[Any, ...]:
    """Updates for `seen`."""
    cleanings = services.novels.cleanings
    preview = cleanings.preview(visitor, found.novel, found.rules)
    current = cleanings.current(visitor, found.novel)
    is_done = current is not None and set(current.rules) == set(found.rules)
    return (
        *(_counted(words, preview, rule.name, switch) for rule in RULES),
        found.novel,
        str(cards.summary(words, preview, current)),
        gr.update(variant="secondary" if is_done else "primary"),
        gr.update(variant="primary" if is_done else "secondary"),
        *_earlier(words, cleanings.all(visitor, found.novel), current),
        str(cards.chapters(words, preview)),
        *_turned(words, preview, found),
    )


def _counted(words: Words, preview: Preview, rule: str, switch: bool) -> Any:
    """A switch with the count of its rule's edits."""
    is_on = rule in preview.rules
    sentence = words(f"cleaning.rule.{rule}.sentence")
    key = "cleaning.rule.edits" if is_on else "cleaning.rule.edits_if"
    info = words(key, sentence=sentence, count=f"{preview.counts[rule]:,}")
    return gr.update(info=info, value=is_on) if switch else gr.update(info=info)


def _earlier(words: Words, all_cleanings: Sequence[Cleaned], current: Cleaned | None) -> tuple[Any, Any]:
    """The chooser among the cleanings, once there are any."""
    choices = [(cards.cleaned_label(words, cleaned), str(cleaned.number)) for cleaned in all_cleanings]
    choices.append((words("cleaning.earlier.none"), UNCLEANED))
    return gr.update(visible=bool(all_cleanings)), gr.update(choices=choices, value=str(current.number) if current else UNCLEANED)


def _turned(words: Words, preview: Preview, found: Look) -> tuple[Any, ...]:
    """Updates for `turned`."""
    rule = found.rule if found.rule in preview.rules and preview.counts[found.rule] else ""
    page = leaf(preview.differences, found.page, rule)
    rules = [
        (words("cleaning.filter.rule", name=cards.rule_name(words, name), count=f"{preview.counts[name]:,}"), name)
        for name in preview.rules
        if preview.counts[name]
    ]
    return (
        gr.update(choices=[(words("cleaning.filter.all"), ""), *rules], value=rule),
        str(cards.changes(words, preview.differences, page)),
        gr.update(interactive=page.number > 1),
        gr.update(interactive=page.number < page.pages),
        gr.update(value=page.number),
        str(cards.position(words, page)),
    )


def wire(tab: CleaningTab, page: Page) -> None:
    """Connect the tab's events."""
    slow: dict[str, Any] = {"queue": True, "show_progress": "minimal", "show_progress_on": tab.position}
    looked_at = [tab.novel, tab.filter, tab.page, *tab.rules]
    chosen = [tab.novel, *tab.rules]
    recall = f"(...now) => moxu.recall('cleaning', {KEPT}, now)"
    page.on([page.blocks.load], opened, chosen, shown(tab), action="see", js=recall)
    page.on([tab.tab.select], enter, chosen, everything(tab), action="see", js=recall, **slow)
    changes = [tab.novel.change, *(rule.change for rule in tab.rules)]
    keep = f"(...now) => moxu.keepChosen('cleaning', {KEPT}, now)"
    gr.on(changes, None, chosen, None, js=keep, queue=False, api_visibility="private")
    page.on([tab.novel.input], pick, [tab.novel, tab.looked, *tab.rules], everything(tab), action="see", **slow)
    moved = [rule.input for rule in tab.rules]
    page.on(moved, look, [tab.novel, tab.filter, *tab.rules], seen(tab), action="see", trigger_mode="always_last", **slow)
    # What was looked at a moment ago is remembered, so that turning pages needs no queue.
    page.on([tab.page.submit], turn, looked_at, turned(tab), action="see")
    page.on([tab.filter.input], only, [tab.novel, tab.filter, *tab.rules], turned(tab), action="see")
    page.on([tab.next.click], forth, looked_at, turned(tab), action="see")
    page.on([tab.previous.click], back, looked_at, turned(tab), action="see")
    page.on([tab.apply.click], apply, looked_at, seen(tab), action="change", **slow)
    page.on([tab.earlier.input], use_earlier, [tab.novel, tab.earlier], everything(tab), action="change", **slow)
