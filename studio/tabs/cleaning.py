"""The cleaning tab: see what each rule would do to a novel, place by place, change that, and clean it so.

What a person chooses here is the novel's recipe, which is on the disk: a reload, another window and the commands see it too.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio import access, outline_panel, recipe_panel, rule_cards
from studio import cleaning_cards as cards
from studio.access import Visitor
from studio.events import Page, guarded, tell, warn
from studio.markup import tag
from studio.outline_panel import OutlinePanel
from studio.pickers import Picker
from studio.preview_pages import Preview
from studio.recipe_panel import RecipePanel, host
from studio.services import Services
from studio.services.cleanings import Applied, Cleaned
from studio.services.novels import Novel
from studio.words import Words
from studio.workers import Stopped

UNCLEANED = "none"
# What the browser keeps for the next visit.
KEPT = json.dumps(["novel"])


@dataclass
class Looking:
    """Which novel one page looks at: what was asked for another before shall not be shown any more."""

    novel: str = ""

    def is_elsewhere(self, novel: object) -> bool:
        """Whether the page looks at another; a studio that was restarted does not know."""
        return self.novel not in ("", novel)


@dataclass(frozen=True)
class CleaningTab:
    """The components of the tab; `wish` has none on the page, and carries what a button asks for."""

    tab: gr.Tab
    empty: gr.Column
    go_library: gr.Button
    desk: gr.Row
    novel: Picker
    wish: gr.Textbox
    looking: gr.State
    summary: gr.HTML
    status: gr.HTML
    apply: gr.Button
    train_this: gr.Button
    rules: gr.HTML
    panel: RecipePanel
    earlier_box: gr.Accordion
    earlier: Picker
    filter: Picker
    changes: gr.HTML
    previous: gr.Button
    next: gr.Button
    page: gr.Number
    position: gr.HTML
    outline: OutlinePanel


def build(words: Words) -> CleaningTab:
    """Lay the tab out."""
    with gr.Tab(words("cleaning.tab"), id="cleaning", elem_id="tab-cleaning") as tab:
        wish, looking = gr.Textbox(visible=False), gr.State(Looking())
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
    return CleaningTab(tab=tab, empty=empty, go_library=library, desk=desk, wish=wish, looking=looking, **of_choice, **of_changes)


def _build_choice(words: Words) -> dict[str, Any]:
    """Which novel, which rules, and what they come to."""
    made: dict[str, Any] = {}
    made["novel"] = Picker(label=words("cleaning.novel"), interactive=True, elem_id="cleaning-novel")
    made["summary"] = gr.HTML(elem_id="cleaning-summary", apply_default_css=False)
    made["status"] = gr.HTML(elem_id="cleaning-status", js_on_load=host("wishes"), apply_default_css=False)
    with gr.Row(elem_classes="actions"):
        made["apply"] = gr.Button(words("cleaning.apply"), variant="primary", scale=0, min_width=140, elem_id="cleaning-apply")
        made["train_this"] = gr.Button(words("cleaning.train_this"), scale=0, min_width=140, elem_id="cleaning-train")
    intro = tag("p", tag("b", words("cleaning.rules")), tag("br"), words("cleaning.rules.more"), class_="quiet hint")
    gr.HTML(str(intro), apply_default_css=False, elem_id="cleaning-rules-head")
    made["rules"] = gr.HTML(
        html_template=str(rule_cards.families(words)), js_on_load=host("rules"), elem_id="cleaning-rules", apply_default_css=False
    )
    made["panel"] = recipe_panel.build(words)
    with gr.Accordion(words("cleaning.earlier"), open=False, visible=False, elem_id="cleaning-earlier") as made["earlier_box"]:
        made["earlier"] = Picker(
            label=words("cleaning.earlier.choose"),
            info=words("cleaning.earlier.more"),
            interactive=True,
            elem_id="cleaning-earlier-choice",
        )
    return made


def _build_changes(words: Words) -> dict[str, Any]:
    """The chapters, and the changes, a page at a time."""
    made: dict[str, Any] = {"outline": outline_panel.build(words)}
    made["filter"] = Picker(
        [(words("cleaning.filter.all"), "")], value="", label=words("cleaning.filter"), elem_id="cleaning-filter"
    )
    made["filter"].interactive = True
    gr.HTML(str(cards.steps(words)), js_on_load=host("steps"), elem_id="cleaning-steps", apply_default_css=False)
    made["changes"] = gr.HTML(elem_id="cleaning-changes", js_on_load=host("places"), apply_default_css=False)
    with gr.Row(elem_classes="pager"):
        made["previous"] = gr.Button(words("cleaning.previous"), scale=0, min_width=110, elem_id="cleaning-previous")
        made["page"] = gr.Number(
            1, label=words("cleaning.page"), precision=0, minimum=1, scale=0, min_width=110, elem_id="cleaning-page"
        )
        made["next"] = gr.Button(words("cleaning.next"), scale=0, min_width=110, elem_id="cleaning-next")
    made["position"] = gr.HTML(elem_id="cleaning-position", apply_default_css=False)
    gr.HTML(str(tag("p", words("cleaning.legend"), class_="quiet hint")), apply_default_css=False)
    return made


def shown(tab: CleaningTab) -> list[Any]:
    """The outputs of `show`: which novel is looked at."""
    return [tab.empty, tab.desk, tab.novel]


def turned(tab: CleaningTab) -> list[Any]:
    """The outputs of `turn`: one page of the changes."""
    return [tab.filter, tab.changes, tab.previous, tab.next, tab.page, tab.position]


def seen(tab: CleaningTab) -> list[Any]:
    """The outputs of `look`: what the recipe would do; the first tells how far the work is."""
    own = [tab.status, tab.rules, tab.summary, tab.apply, tab.train_this, tab.earlier_box, tab.earlier, tab.outline.list]
    return [*own, *recipe_panel.seen(tab.panel), *turned(tab)]


def everything(tab: CleaningTab) -> list[Any]:
    """The outputs of `enter`: `show`, then `look`."""
    return [*shown(tab), *seen(tab)]


TURNED, SEEN, SHOWN = 6, 17, 3
# What a handler that works for long answers with, one update of everything after another.
Answers = Iterator[tuple[Any, ...]]


def show(services: Services, words: Words, visitor: Visitor, novel: object) -> tuple[Any, ...]:
    """Choose a novel, else the newest."""
    return _shown(*_choose(services, visitor, novel))


def _choose(services: Services, visitor: Visitor, wanted: object) -> tuple[list[Novel], str | None]:
    """The novels that are whole, and the id of the wanted one, else of the newest."""
    novels = [novel for novel in services.novels.all(visitor) if not novel.damaged]
    ids = [novel.id for novel in novels]
    return novels, str(wanted) if wanted in ids else ids[0] if ids else None


def _shown(novels: Sequence[Novel], chosen: str | None) -> tuple[Any, ...]:
    choices = [(f"{one.title} · {one.characters:,}", one.id) for one in novels]
    return gr.update(visible=not novels), gr.update(visible=bool(novels)), gr.update(choices=choices, value=chosen)


def enter(services: Services, words: Words, visitor: Visitor, looking: Looking, novel: object, rule: object) -> Answers:
    """The tab was opened, or a novel chosen: everything about it."""
    novels, chosen = _choose(services, visitor, novel)
    looking.novel = chosen or ""
    is_known = chosen is None or services.novels.cleanings.preview(visitor, chosen) is not None
    yield *_shown(novels, chosen), *(_nothing(SEEN) if is_known else _unknown(words))
    if chosen:
        for answer in look(services, words, visitor, looking, chosen, rule, 1):
            yield *_nothing(SHOWN), *answer


def look(
    services: Services, words: Words, visitor: Visitor, looking: Looking, novel: object, rule: object = "", page: object = 1
) -> Answers:
    """What the novel's recipe would do, once it is known; nothing more when it has become another meanwhile."""
    preview = None
    try:
        for state in services.novels.cleanings.watch(visitor, novel):
            if looking.is_elsewhere(novel):
                return
            if isinstance(state, Preview):
                preview = state
            else:
                yield str(cards.progress(words, "cleaning.working", state)), *_nothing(SEEN - 1)
    except Stopped:
        yield str(cards.stopped(words)), *_nothing(SEEN - 1)
    if preview and _switch_off_stopped(services, words, visitor, novel, preview):
        yield from look(services, words, visitor, looking, novel)
    elif preview:
        yield _looked(services, words, visitor, str(novel), preview, rule, page)


def _switch_off_stopped(services: Services, words: Words, visitor: Visitor, novel: object, preview: Preview) -> bool:
    """Switch the writer's own rules off that took too long, and say so; whether there were any."""
    folder = services.novels.folder(visitor, novel, "see")
    if not preview.stopped or not access.may(visitor, "change", access.thing_of(folder.meta)):
        return False
    for name in preview.stopped:
        services.novels.cleanings.switch(visitor, novel, rule_cards.OWN + name, False)
        warn(words, words("cleaning.own.slow", name=name))
    return True


def change(
    services: Services, words: Words, visitor: Visitor, looking: Looking, novel: object, rule: object, page: object, wish: object
) -> Answers:
    """A switch was moved, or a change left out: what the recipe does that is so changed."""
    _fulfil(services, visitor, novel, _read(wish))
    yield from look(services, words, visitor, looking, novel, rule, page)


def _read(wish: object) -> dict[str, Any]:
    """A wish as assets/cleaning.js writes it; an empty one for anything else."""
    try:
        found = json.loads(wish) if isinstance(wish, str) else wish
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _fulfil(services: Services, visitor: Visitor, novel: object, wish: dict[str, Any]) -> None:
    cleanings = services.novels.cleanings
    if "switch" in wish:
        cleanings.switch(visitor, novel, str(wish["switch"]), wish.get("on") is True)
    elif "keep" in wish or "change" in wish:
        edits = wish.get("keep", wish.get("change"))
        pairs = [(str(edit[0]), int(edit[1])) for edit in edits if isinstance(edit, list) and len(edit) == 2]
        cleanings.leave_out(visitor, novel, pairs, "keep" in wish)
    elif "remove" in wish:
        cleanings.remove_own(visitor, novel, str(wish["remove"]))


def stop(services: Services, words: Words, visitor: Visitor, novel: object) -> None:
    """Stop what is being worked out for the novel."""
    services.novels.cleanings.stop(visitor, novel)


def turn(services: Services, words: Words, visitor: Visitor, novel: object, rule: object, page: object) -> tuple[Any, ...]:
    """Another page of the changes that are shown."""
    preview = services.novels.cleanings.preview(visitor, novel)
    return _turned(words, preview, rule, page) if preview else _nothing(TURNED)


def only(services: Services, words: Words, visitor: Visitor, novel: object, rule: object) -> tuple[Any, ...]:
    """The first page of what one rule does, or all."""
    return turn(services, words, visitor, novel, rule, 1)


def forth(services: Services, words: Words, visitor: Visitor, novel: object, rule: object, page: Any) -> tuple[Any, ...]:
    """The next page."""
    return turn(services, words, visitor, novel, rule, (page or 0) + 1)


def back(services: Services, words: Words, visitor: Visitor, novel: object, rule: object, page: Any) -> tuple[Any, ...]:
    """The page before."""
    return turn(services, words, visitor, novel, rule, (page or 2) - 1)


def apply(
    services: Services, words: Words, visitor: Visitor, looking: Looking, novel: object, rule: object, page: object
) -> Answers:
    """Clean the novel by its recipe."""
    try:
        for state in services.novels.cleanings.apply(visitor, novel):
            if isinstance(state, Applied):
                _tell_applied(services, words, visitor, novel, state)
            else:
                yield str(cards.progress(words, "cleaning.applying", state)), *_nothing(SEEN - 1)
    except Stopped:
        yield "", *_nothing(SEEN - 1)
    yield from look(services, words, visitor, looking, novel, rule, page)


def _tell_applied(services: Services, words: Words, visitor: Visitor, novel: object, applied: Applied) -> None:
    current = services.novels.cleanings.current(visitor, novel)
    number = current.number if current else 0
    tell(words, words("cleaning.applied", number=number) if applied.is_new else words("cleaning.applied_already"))
    if applied.lost_edits:
        warn(words, words("cleaning.outline.lost", count=f"{applied.lost_edits:,}"))


def use_earlier(services: Services, words: Words, visitor: Visitor, looking: Looking, novel: object, earlier: object) -> Answers:
    """Go back to an earlier cleaning, or to none."""
    number = int(earlier) if isinstance(earlier, str) and earlier.isdecimal() else None
    current = services.novels.cleanings.current(visitor, novel)
    # Leaving a chooser fires its event once more.
    if number != (current.number if current else None):
        services.novels.cleanings.use(visitor, novel, number)
        tell(words, words("cleaning.used", number=number) if number else words("cleaning.unused"))
    yield from look(services, words, visitor, looking, novel)


def _nothing(count: int) -> tuple[Any, ...]:
    return tuple(gr.skip() for _ in range(count))


def _unknown(words: Words) -> tuple[Any, ...]:
    """Updates for `seen` of a novel that nothing is known of yet: no other's figures may stand beside its name."""
    own = ("", gr.skip(), "", gr.skip(), gr.skip(), gr.skip(), gr.skip(), "", *_nothing(3))
    return *own, gr.skip(), str(cards.wait(words)), gr.update(interactive=False), gr.update(interactive=False), gr.skip(), ""


def _looked(
    services: Services, words: Words, visitor: Visitor, novel: str, preview: Preview, rule: object, page: object
) -> tuple[Any, ...]:
    """Updates for `seen`."""
    cleanings = services.novels.cleanings
    current = cleanings.current(visitor, novel)
    is_done = current is not None and current.recipe == preview.recipe
    return (
        "",
        rule_cards.states(words, novel, preview),
        str(cards.summary(words, preview, current)),
        gr.update(variant="secondary" if is_done else "primary"),
        gr.update(variant="primary" if is_done else "secondary"),
        *_earlier(words, cleanings.all(visitor, novel), current),
        outline_panel.view(services, words, visitor, novel, preview),
        *recipe_panel.view(services, words, visitor, novel, preview),
        *_turned(words, preview, rule, page),
    )


def _earlier(words: Words, all_cleanings: Sequence[Cleaned], current: Cleaned | None) -> tuple[Any, Any]:
    """The chooser among the cleanings, once there are any."""
    choices = [(cards.cleaned_label(words, cleaned), str(cleaned.number)) for cleaned in all_cleanings]
    choices.append((words("cleaning.earlier.none"), UNCLEANED))
    return gr.update(visible=bool(all_cleanings)), gr.update(choices=choices, value=str(current.number) if current else UNCLEANED)


def _turned(words: Words, preview: Preview, rule: object, page: object) -> tuple[Any, ...]:
    """Updates for `turned`."""
    choices = cards.filters(words, preview)
    chosen = str(rule) if any(rule == name for _, name in choices) else ""
    leaf = preview.leaf(page, chosen)
    return (
        gr.update(choices=choices, value=chosen),
        str(cards.changes(words, leaf)),
        gr.update(interactive=leaf.number > 1),
        gr.update(interactive=leaf.number < leaf.pages),
        gr.update(value=leaf.number),
        str(cards.position(words, leaf)),
    )


def wire(tab: CleaningTab, page: Page) -> None:
    """Connect the tab's events."""
    slow: dict[str, Any] = {"queue": True, "concurrency_limit": None}
    looked_at = [tab.novel, tab.filter, tab.page]
    recall = f"(...now) => moxu.recall('cleaning', {KEPT}, now)"
    page.on([page.blocks.load], show, [tab.novel], shown(tab), action="see", js=recall)
    keep = f"(...now) => moxu.keepChosen('cleaning', {KEPT}, now)"
    tab.novel.change(None, [tab.novel], None, js=keep, queue=False, api_visibility="private")
    entered: list[Any] = [tab.looking, tab.novel, tab.filter]
    entering: dict[str, Any] = slow | {"trigger_mode": "multiple"}
    recall = f"(looking, novel, filter) => [looking, ...moxu.recall('cleaning', {KEPT}, [novel]), filter]"
    page.on([tab.tab.select], enter, entered, everything(tab), action="see", js=recall, **entering)
    page.on([tab.novel.input], enter, entered, everything(tab), action="see", **entering)
    _wire_wishes(tab, page, slow)
    outline_panel.wire(tab.outline, page)
    # What was looked at a moment ago is on the disk, so that turning pages needs no queue.
    page.on([tab.page.submit], turn, looked_at, turned(tab), action="see")
    page.on([tab.filter.input], only, [tab.novel, tab.filter], turned(tab), action="see")
    page.on([tab.next.click], forth, looked_at, turned(tab), action="see")
    page.on([tab.previous.click], back, looked_at, turned(tab), action="see")
    page.on([tab.apply.click], apply, [tab.looking, *looked_at], seen(tab), action="change", **slow)
    page.on([tab.earlier.input], use_earlier, [tab.looking, tab.novel, tab.earlier], seen(tab), action="change", **slow)
    for changed in recipe_panel.wire(tab.panel, page, tab.novel, tab.wish, tab.filter):
        again = guarded(look, page.services, page.words, "see")
        changed.success(again, [tab.looking, *looked_at], seen(tab), show_progress="hidden", api_visibility="private", **slow)


def _wire_wishes(tab: CleaningTab, page: Page, slow: dict[str, Any]) -> None:
    """Connect what is asked for by buttons and switches inside of our own HTML; see assets/cleaning.js."""
    hosts = (tab.rules, tab.changes, tab.panel.own, tab.status)
    looked_at = [tab.looking, tab.novel, tab.filter, tab.page]
    js = "(...now) => [...now.slice(0, -1), moxu.wishes.shift()]"
    # Each is a step of its own and none may be lost, however quickly they follow each other.
    more: dict[str, Any] = slow | {"js": js, "trigger_mode": "multiple"}
    page.on([one.input for one in hosts], change, [*looked_at, tab.wish], seen(tab), action="change", **more)
    wanted = "(novel) => [novel, moxu.wish.only]"
    page.on([one.click for one in hosts], only, [tab.novel, tab.filter], turned(tab), action="see", js=wanted)
    page.on([tab.status.stop], stop, [tab.novel], [], action="see")
    page.on([tab.status.retry], look, looked_at, seen(tab), action="see", **slow)
