"""The training tab: start a training, and watch, stop, pause or resume the one that is shown."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import Dependency

from pipelines.errors import BadSettings, NotFound
from pipelines.training_settings import DEFAULT_PRESET
from studio import duplicate_cards, run_cards, training_view
from studio.access import Visitor
from studio.events import Page, tell
from studio.markup import Markup, join, tag
from studio.pickers import CardPicker, ManyPicker, Picker
from studio.services import Services
from studio.services.trainings import Started
from studio.words import Words

BUDGETS = ("minutes", "epochs", "steps")
# What the browser keeps for the next visit.
KEPT = ("preset", "novels", "minutes", "run")
IN_BROWSER: dict[str, Any] = {"queue": False, "api_visibility": "private"}
KEEP_RUN = "(run) => moxu.keepChosen('training', ['run'], [run])"


@dataclass(frozen=True)
class TrainingTab:
    """The components of the tab."""

    tab: gr.Tab
    bare: gr.Column
    go_library: gr.Button
    try_story: gr.Button
    form: gr.Column
    novels: ManyPicker
    preset: CardPicker
    name: gr.Textbox
    minutes: gr.Number
    expert: gr.Accordion
    device: CardPicker
    epochs: gr.Number
    steps: gr.Number
    twice: gr.HTML
    start: gr.Button
    queue: gr.HTML
    nothing: gr.HTML
    view: gr.Column
    run: Picker
    status: gr.HTML
    chart: gr.HTML
    write_with: gr.Button
    resume: gr.Button
    pause: gr.Button
    stop: gr.Button
    samples: gr.HTML
    log: gr.HTML
    title: gr.Textbox
    rename: gr.Button
    remove: gr.Button
    undo: gr.Button
    ticket: gr.State
    bundle: gr.State
    seen: gr.State
    timer: gr.Timer


def build(words: Words) -> TrainingTab:
    """Lay the tab out: on the left what starts a training, on the right the one that is shown."""
    with gr.Tab(words("training.tab"), id="training", elem_id="tab-training") as tab:
        made: dict[str, Any] = {"tab": tab}
        with gr.Row(elem_id="training-columns"):
            with gr.Column(scale=4, min_width=320, elem_id="training-start-column"):
                made |= _start_side(words)
            with gr.Column(scale=7, min_width=320, elem_id="training-run-column"):
                made |= _run_side(words)
        made |= {name: gr.State(value) for name, value in (("ticket", ""), ("bundle", ""), ("seen", []))}
        made["timer"] = gr.Timer(training_view.REST_SECONDS, active=False)
    return TrainingTab(**made)


def _start_side(words: Words) -> dict[str, Any]:
    made: dict[str, Any] = {}
    with gr.Column(visible=False, elem_id="training-bare") as made["bare"]:
        gr.HTML(str(run_cards.empty(words("training.no_novels"), words("training.no_novels_hint"))))
        with gr.Row():
            made["go_library"] = gr.Button(words("training.go_library"), elem_id="training-go-library")
            made["try_story"] = gr.Button(words("training.try_story"), variant="primary", elem_id="training-try-story")
    with gr.Column(visible=False, elem_id="training-form") as made["form"]:
        gr.HTML(str(join(tag("h2", words("training.start_title")), tag("p", words("training.start_hint"), class_="quiet"))))
        made["novels"] = ManyPicker([], label=words("training.novels"), elem_id="training-novels")
        made["preset"] = CardPicker([], label=words("training.preset"), elem_id="training-preset")
        made["minutes"] = gr.Number(
            label=words("training.minutes"), info=words("training.minutes_hint"), elem_id="training-minutes"
        )
        made["name"] = gr.Textbox(
            label=words("training.name"), info=words("training.name_hint"), max_lines=1, elem_id="training-name"
        )
        with gr.Accordion(words("training.expert"), open=False, elem_id="training-expert") as made["expert"]:
            gr.HTML(str(tag("p", words("training.expert_hint"), class_="quiet")))
            made["device"] = CardPicker([], value="auto", label=words("training.device"), elem_id="training-device")
            with gr.Row():
                made["epochs"] = gr.Number(label=words("training.epochs"), min_width=120)
                made["steps"] = gr.Number(label=words("training.steps"), min_width=120)
        made["twice"] = gr.HTML(elem_id="training-twice", apply_default_css=False)
        made["start"] = gr.Button(words("training.start"), variant="primary", elem_id="training-start")
    made["queue"] = gr.HTML(elem_id="training-queue")
    return made


def _run_side(words: Words) -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["nothing"] = gr.HTML(
        str(run_cards.empty(words("training.no_runs"), words("training.no_runs_hint"))), visible=False, elem_id="training-nothing"
    )
    with gr.Column(visible=False, elem_id="training-view") as made["view"]:
        made["run"] = Picker([], label=words("training.run"), filterable=False, elem_id="training-run")
        made["status"] = gr.HTML(elem_id="training-status")
        with gr.Row(elem_id="training-steer"):
            made["write_with"] = _button(words, "write_with", variant="primary")
            made["resume"] = _button(words, "resume")
            made["pause"] = _button(words, "pause")
            made["stop"] = _button(words, "stop")
        made["chart"] = gr.HTML(
            html_template=str(_chart_frame(words)),
            js_on_load="import('/assets/chart.js').then((chart) => chart.host(element, props, watch))",
            elem_id="training-chart",
        )
        title, hint = (
            tag("h3", words("training.samples"), class_="part"),
            tag("p", words("training.samples_hint"), class_="quiet"),
        )
        gr.HTML(str(join(title, hint)))
        made["samples"] = gr.HTML(elem_id="training-samples")
        with gr.Accordion(words("training.log"), open=False, elem_id="training-log-fold"):
            made["log"] = gr.HTML(elem_id="training-log")
        with gr.Accordion(words("training.more"), open=False, elem_id="training-more"):
            made["title"] = gr.Textbox(label=words("training.title"), max_lines=1, elem_id="training-title")
            with gr.Row():
                made["rename"] = gr.Button(words("training.rename"), elem_id="training-rename")
                made["remove"] = gr.Button(words("training.remove"), variant="stop", elem_id="training-remove")
    made["undo"] = gr.Button(words("training.undo"), visible=False, elem_id="training-undo")
    return made


def _button(words: Words, name: str, **more: Any) -> gr.Button:
    return gr.Button(
        words(f"training.{name}"), visible=False, elem_id=f"training-{name.replace('_', '-')}", min_width=120, **more
    )


def _chart_frame(words: Words) -> Markup:
    """Where assets/chart.js puts its chart; the caption says in words what it shows."""
    return tag(
        "figure",
        tag("figcaption", words("training.chart"), class_="curve-title"),
        tag("div", class_="curve", role="group", aria_label=words("training.chart"), aria_describedby="curve-caption"),
        tag("p", class_="curve-caption quiet", id="curve-caption"),
        class_="card curve-card",
    )


def shown(tab: TrainingTab) -> list[Any]:
    """What `show` fills, in its order."""
    buttons = [tab.write_with, tab.resume, tab.pause, tab.stop, tab.start]
    of_one_run = [tab.status, tab.chart, *buttons, tab.samples, tab.log, tab.title]
    return [tab.view, tab.nothing, tab.run, *of_one_run, tab.queue, tab.bundle, tab.seen]


def show(services: Services, words: Words, visitor: Visitor, run_id: str | None) -> tuple[Any, ...]:
    """Show this run, else the one that learns now, else the newest."""
    return training_view.updates_of(services, words, visitor, services.trainings.every(visitor), run_id)


def open_tab(
    services: Services,
    words: Words,
    visitor: Visitor,
    preset: str | None,
    novels: list[str] | None,
    minutes: float | None,
    run_id: str | None,
) -> tuple[Any, ...]:
    """The whole tab as the disk says now; what the form holds stays, and on a fresh page is what was chosen last."""
    form = training_view.form_of(services, words, visitor, novels or [], preset)
    return *form, minutes, *show(services, words, visitor, run_id)


def wake(services: Services, words: Words, visitor: Visitor) -> gr.Timer:
    """Let the timer run, since somebody looks."""
    return training_view.timer_of(services.trainings.every(visitor))


def refresh(services: Services, words: Words, visitor: Visitor, run_id: str | None, seen: list[int]) -> tuple[Any, ...]:
    """What changed since the page was last told; nothing at all when nothing did."""
    every = services.trainings.every(visitor)
    *updates, digests = training_view.updates_of(services, words, visitor, every, run_id)
    known = seen if len(seen) == len(digests) else [None] * len(digests)
    changed = [gr.skip() if old == new else update for update, new, old in zip(updates, digests, known, strict=True)]
    return *changed, gr.skip() if digests == seen else digests, training_view.timer_of(every)


def then_show(act: Callable[..., str | None]) -> Callable[..., tuple[Any, ...]]:
    """A handler that does what `act` does and shows the run whose id it returns."""

    def handle(services: Services, words: Words, visitor: Visitor, *values: Any) -> tuple[Any, ...]:
        run_id = act(services, words, visitor, *values)
        every = services.trainings.every(visitor)
        return *training_view.updates_of(services, words, visitor, every, run_id), training_view.timer_of(every)

    return handle


def choose_novel(services: Services, words: Words, visitor: Visitor, novel_id: str) -> dict[str, Any]:
    """Tick one novel, chosen in another tab."""
    novels = services.trainings.novels(visitor)
    if novel_id not in [novel["id"] for novel in novels]:
        raise NotFound("no_novel", f"there is no novel {novel_id!r}", wanted=novel_id)
    return gr.update(choices=[(training_view.novel_label(words, novel), novel["id"]) for novel in novels], value=[novel_id])


def look_for_repeats(services: Services, words: Words, visitor: Visitor, novels: list[str] | None) -> Iterator[str]:
    """Say what of the ticked novels is the same text; the form can be used meanwhile."""
    for repeats in services.twice.watch(visitor, novels or []):
        yield str(duplicate_cards.card(words, repeats) if repeats else duplicate_cards.checking(words))


def start(
    services: Services,
    words: Words,
    visitor: Visitor,
    novels: list[str] | None,
    preset: str | None,
    name: str | None,
    minutes: float | None,
    epochs: float | None,
    steps: float | None,
    device: str | None,
) -> str:
    """Start a training of what was chosen, and return its run."""
    budget = budget_of(minutes, epochs, steps)
    try:
        started = services.trainings.start(visitor, novels or [], preset or DEFAULT_PRESET, name or "", budget, device or "auto")
    except BadSettings as error:
        if error.values.get("name") in BUDGETS:
            # On the page the box has a name of its own.
            error.values["name"] = words(f"training.{error.values['name']}")
        raise
    return _told(services, words, visitor, started)


def budget_of(*given: float | None) -> dict[str, float]:
    """The one length that was filled in; raises BadSettings for two."""
    # A box that Gradio shows for the first time holds 0, and one that was emptied nothing: neither is a wish.
    filled = {name: value for name, value in zip(BUDGETS, given, strict=True) if value}
    if len(filled) > 1:
        raise BadSettings("two_budgets", f"{' and '.join(filled)} are both budgets", "give one of them", names=list(filled))
    return {name: int(value) if name == "steps" else value for name, value in filled.items()}


def try_story(services: Services, words: Words, visitor: Visitor) -> str:
    """Bring in the bundled story in the page's language and start the smallest training on it; returns its run."""
    return _told(services, words, visitor, services.trainings.try_story(visitor, words.language))


def try_story_here(services: Services, words: Words, visitor: Visitor) -> tuple[Any, ...]:
    """The same from this tab's own button: its form has a novel now, so it is filled, too."""
    run_id = try_story(services, words, visitor)
    every = services.trainings.every(visitor)
    form = training_view.form_of(services, words, visitor, [], None)
    return (
        *form,
        *training_view.updates_of(services, words, visitor, every, run_id),
        training_view.timer_of(every),
    )


def _told(services: Services, words: Words, visitor: Visitor, started: Started) -> str:
    waits = services.trainings.describe(visitor, started.run)["phase"] == "queued"
    tell(words, words("training.same_run" if not started.fresh else "training.queued" if waits else "training.started"))
    return started.run


def pick(services: Services, words: Words, visitor: Visitor, run_id: str | None) -> str | None:
    """Show the run that was picked."""
    return run_id


def stop(services: Services, words: Words, visitor: Visitor, run_id: str) -> str:
    """Wish that the run ends with a model; it takes a while, and the page says so meanwhile."""
    services.trainings.stop(visitor, run_id)
    tell(words, words("training.stop_told"))
    return run_id


def pause(services: Services, words: Words, visitor: Visitor, run_id: str) -> str:
    """Wish that the run saves everything and frees its device."""
    services.trainings.pause(visitor, run_id)
    tell(words, words("training.pause_told"))
    return run_id


def resume(services: Services, words: Words, visitor: Visitor, run_id: str) -> str:
    """Let the run go on."""
    services.trainings.resume(visitor, run_id)
    tell(words, words("training.resume_told"))
    return run_id


def rename(services: Services, words: Words, visitor: Visitor, run_id: str, title: str | None) -> str:
    """Call the run otherwise."""
    services.trainings.rename(visitor, run_id, title or "")
    tell(words, words("training.renamed"))
    return run_id


def remove(services: Services, words: Words, visitor: Visitor, run_id: str) -> tuple[Any, ...]:
    """Move the run to the trash, offer the way back, and show another."""
    title = services.trainings.describe(visitor, run_id)["title"]
    ticket = services.trainings.remove(visitor, run_id)
    tell(words, words("training.removed", title=title))
    return ticket, gr.update(visible=True), *show(services, words, visitor, None)


def undo(services: Services, words: Words, visitor: Visitor, ticket: str) -> tuple[Any, ...]:
    """Bring back the run that was deleted last, and show it."""
    run_id = services.trainings.restore(visitor, ticket)
    tell(words, words("training.undone"))
    return gr.update(visible=False), *show(services, words, visitor, run_id)


def tries_story(tab: TrainingTab, page: Page, button: gr.Button) -> Dependency:
    """Let a button, in whichever tab it stands, start the training on the bundled story and fill this tab with it."""
    form = [tab.bare, tab.form, tab.novels, tab.preset, tab.device]
    outputs = [*form, *shown(tab), tab.timer]
    begun = page.on([button.click], try_story_here, None, outputs, action="make", queue=True, show_progress="minimal")
    begun.success(None, [tab.run], None, js=KEEP_RUN, **IN_BROWSER)
    return begun


def wire(tab: TrainingTab, page: Page) -> None:
    """Connect the tab's events."""
    form: list[Any] = [tab.preset, tab.novels, tab.minutes]
    built: list[Any] = [tab.bare, tab.form, tab.novels, tab.preset, tab.device, tab.minutes]
    tabs: Any = tab.tab.parent
    view = shown(tab)
    recall = f"(...now) => moxu.recall('training', {json.dumps(KEPT)}, now)"
    page.on([page.blocks.load, tab.tab.select], open_tab, [*form, tab.run], [*built, *view], action="see", js=recall)
    page.on([tab.tab.select], wake, None, [tab.timer], action="see")
    page.on([tab.timer.tick], refresh, [tab.run, tab.seen], [*view, tab.timer], action="see")
    _wire_runs(tab, page)
    page.on([tab.remove.click], remove, [tab.run], [tab.ticket, tab.undo, *view], action="change")
    page.on([tab.undo.click], undo, [tab.ticket], [tab.undo, *view], action="change")
    lengths: list[Any] = [tab.epochs, tab.steps]
    gr.on([tab.expert.expand], None, lengths, lengths, js="(...boxes) => moxu.noZeros(boxes)", **IN_BROWSER)
    # In the browser alone, so that what is chosen is kept before anything else happens.
    for name, chooser in zip(KEPT, form, strict=False):
        gr.on([chooser.input], None, [chooser], None, js=f"(value) => moxu.keep('training', ['{name}'], [value])", **IN_BROWSER)
    # Whoever ticks quickly waits for the last only.
    repeats: dict[str, Any] = {"queue": True, "concurrency_limit": None, "trigger_mode": "always_last"}
    page.on([tab.novels.change, tab.tab.select], look_for_repeats, [tab.novels], [tab.twice], action="see", **repeats)
    gr.on([tabs.change], None, None, [tab.timer], js="() => moxu.restUnlessOpen('training')", **IN_BROWSER)


def _wire_runs(tab: TrainingTab, page: Page) -> None:
    """Everything that ends with showing a run, which the browser then keeps."""
    steered = [*shown(tab), tab.timer]
    wished = [tab.novels, tab.preset, tab.name, tab.minutes, tab.epochs, tab.steps, tab.device]
    slow: dict[str, Any] = {"queue": True, "show_progress": "minimal"}
    begun = page.on([tab.start.click], then_show(start), wished, steered, action="make", **slow)
    for led in (begun, tries_story(tab, page, tab.try_story)):
        # A name is one run's; and what was started is to be seen, on a phone as well.
        led.success(None, None, [tab.name], js="() => (moxu.look('training-view'), '')", **IN_BROWSER)
    renaming = [tab.rename.click, tab.title.submit]
    steps = [
        begun,
        page.on([tab.run.input], then_show(pick), [tab.run], steered, action="see"),
        page.on([tab.stop.click], then_show(stop), [tab.run], steered, action="change"),
        page.on([tab.pause.click], then_show(pause), [tab.run], steered, action="change"),
        page.on([tab.resume.click], then_show(resume), [tab.run], steered, action="change", **slow),
        page.on(renaming, then_show(rename), [tab.run, tab.title], steered, action="change"),
    ]
    for step in steps:
        step.success(None, [tab.run], None, js=KEEP_RUN, **IN_BROWSER)
