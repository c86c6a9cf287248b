"""What the training tab shows, as updates of its components: of the run that is shown, and of the form that starts one."""

import json
import zlib
from typing import Any

import gradio as gr

from pipelines.training_settings import DEFAULT_PRESET
from studio import charts, run_cards
from studio.access import Visitor
from studio.services import Services
from studio.words import Words

TICK_SECONDS = 2
REST_SECONDS = 15
PICTURE = "moxu"
CHART_WORDS = ("waiting", "caption_train", "caption_held", "learning", "memorising", "offline", "reset", "save")
# How many of the parts are about the run that is shown.
OF_ONE_RUN = 10


def updates_of(
    services: Services, words: Words, visitor: Visitor, every: list[dict[str, Any]], run_id: str | None
) -> tuple[Any, ...]:
    chosen, titles = chosen_run(every, run_id), {facts["run"]: facts["title"] for facts in every}
    choices = [(run_cards.label(words, facts), facts["run"]) for facts in every]
    queue = run_cards.queue_card(words, services.trainings.waiting(visitor), titles)
    updates = [
        gr.update(visible=bool(every)),
        gr.update(visible=not every),
        gr.update(choices=choices, value=chosen["run"] if chosen else None),
        *(_of_run(services, words, visitor, chosen, titles) if chosen else [gr.skip()] * OF_ONE_RUN),
        gr.update(value=str(queue)),
        (chosen["bundle"] or "") if chosen else "",
    ]
    return *updates, [_digest(update) for update in updates]


def chosen_run(every: list[dict[str, Any]], run_id: str | None) -> dict[str, Any] | None:
    """The run of this id, else the first that learns, else any that lives, else the newest."""
    by_id = {facts["run"]: facts for facts in every}
    if run_id in by_id:
        return by_id[run_id]
    lively = [facts for facts in every if run_cards.is_lively(facts)]
    learning = [facts for facts in lively if facts["phase"] != "queued"]
    return next(iter([*learning, *lively, *every]), None)


def _of_run(
    services: Services, words: Words, visitor: Visitor, facts: dict[str, Any], titles: dict[str, str]
) -> list[dict[str, Any]]:
    """Status, chart, buttons, samples, log and title of one run."""
    run, finished = facts["run"], bool(facts["bundle"]) and not run_cards.is_lively(facts)
    resume = words("training.learn_on" if facts["phase"] == "done" else "training.resume")
    return [
        gr.update(value=str(run_cards.status_card(words, facts, titles))),
        gr.update(value=chart_value(words, facts)),
        gr.update(visible=finished),
        gr.update(visible=run_cards.can_resume(facts), value=resume),
        gr.update(visible=run_cards.can_pause(facts)),
        gr.update(visible=run_cards.can_stop(facts)),
        # One button of a page is the next thing to do; after a training that is to write.
        gr.update(variant="secondary" if finished else "primary"),
        gr.update(value=str(run_cards.samples_card(words, services.trainings.samples(visitor, run)))),
        gr.update(value=str(run_cards.log_card(words, services.trainings.log_tail(visitor, run)))),
        gr.update(value=facts["title"]),
    ]


def chart_value(words: Words, facts: dict[str, Any]) -> str:
    """What assets/chart.js needs to draw a run; another value makes it look again, so that it wakes when a run resumes."""
    return json.dumps(
        {
            "run": facts["run"],
            "lively": run_cards.is_lively(facts),
            "figures": charts.empty_figures(words, facts["run"]),
            # As they are written: the browser fills the figures in.
            "words": {name: words.entries[f"training.chart.{name}"] for name in CHART_WORDS},
            "picture": f"{PICTURE}-{facts['run']}",
        },
        ensure_ascii=False,
    )


def _digest(update: Any) -> int:
    return zlib.crc32(repr(update).encode())


def timer_of(every: list[dict[str, Any]]) -> gr.Timer:
    """Often while something lives, else now and then: another page may start something."""
    return gr.Timer(TICK_SECONDS if any(map(run_cards.is_lively, every)) else REST_SECONDS, active=True)


def form_of(services: Services, words: Words, visitor: Visitor, ticked: list[str], preset: str | None) -> list[Any]:
    """The left side: the novels there are, the sizes and the devices, with what was chosen of them."""
    novels, rows = services.trainings.novels(visitor), services.trainings.presets(words)
    known, names = [novel["id"] for novel in novels], [row["name"] for row in rows]
    still = [novel for novel in ticked if novel in known]
    return [
        gr.update(visible=not novels),
        gr.update(visible=bool(novels)),
        gr.update(
            choices=[(novel_label(words, novel), novel["id"]) for novel in novels],
            value=still or (known if len(known) == 1 else []),
        ),
        gr.update(
            choices=[(_preset_label(words, row), row["name"]) for row in rows],
            value=preset if preset in names else DEFAULT_PRESET,
        ),
        gr.update(choices=_devices(services, words)),
    ]


def _devices(services: Services, words: Words) -> list[tuple[str, str]]:
    found = services.trainings.devices
    named = [(device.name, str(device.index) if device.kind == "cuda" else device.kind) for device in found]
    return [(words("training.device.auto"), "auto"), *named]


def novel_label(words: Words, novel: dict[str, Any]) -> str:
    return words("training.novel_label", title=novel["title"], characters=f"{novel['characters']:,}")


def _preset_label(words: Words, row: dict[str, Any]) -> str:
    """Name, sentence and figures on lines of their own; the sheet makes a card of it."""
    return words(
        "training.preset_card",
        name=run_cards.preset(words, row["name"]),
        sentence=row["sentence"],
        parameters=run_cards.parameters(words, row["parameters"]),
        context=f"{row['context']:,}",
        budget=run_cards.budget(words, row["budget"]),
    )
