"""What the training page says of a run: its facts as cards. Pure: facts and words in, markup out."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from pipelines.status import ALIVE, INTERRUPTED
from studio.markup import Markup, join, tag
from studio.words import Words

Facts = Mapping[str, Any]

# A phase as a person sees it, and the badge that goes with it.
BADGES = {
    "queued": "still",
    "preparing": "live",
    "training": "live",
    "stopping": "live",
    "pausing": "live",
    "finishing": "live",
    "stalled": "warn",
    "paused": "still",
    INTERRUPTED: "warn",
    "stopped": "good",
    "done": "good",
    "failed": "bad",
}
ENDINGS = {"stopped": "stopping", "paused": "pausing", "done": "finishing"}
WISHES = {"stop": "stopping", "pause": "pausing"}
EXPLAINED = ("disk_full", "not_finite", "bug")
SHOWN_STEPS = 12
DAY, HOUR, MINUTE = 86_400, 3_600, 60


def state(facts: Facts) -> str:
    """The phase with what is on its way: a wish that was pressed shows at once, though the trainer takes a moment."""
    if facts["wishes"] or facts["phase"] in ALIVE:
        for wish in ("stop", "pause"):
            if wish in facts["wishes"] and (facts["phase"] in ALIVE or wish == "stop"):
                return WISHES[wish]
    if facts["phase"] not in ALIVE:
        return facts["phase"]
    if facts["stalled"]:
        return "stalled"
    return ENDINGS.get(facts.get("ending") or "", facts["phase"])


def is_lively(facts: Facts) -> bool:
    """Whether the run may change by itself."""
    return facts["phase"] in ALIVE or state(facts) in WISHES.values()


def can_stop(facts: Facts) -> bool:
    """Stopping also makes a model of what a run had learned that is at rest."""
    return state(facts) in ("queued", "preparing", "training", "stalled", "paused", INTERRUPTED, "failed", "pausing")


def can_pause(facts: Facts) -> bool:
    return state(facts) in ("queued", "preparing", "training")


def can_resume(facts: Facts) -> bool:
    return state(facts) in ("paused", INTERRUPTED, "failed", "stopped", "done")


def label(words: Words, facts: Facts) -> str:
    """A run in the chooser."""
    return f"{facts['title']} · {words(f'training.phase.{state(facts)}')} · {facts['run'][4:13]}"


def status_card(words: Words, facts: Facts, titles: Mapping[str, str]) -> Markup:
    """What a run does now; `titles` names the runs it may wait for."""
    phase = state(facts)
    badge = tag("span", words(f"training.phase.{phase}"), class_=f"badge {BADGES[phase]}")
    sentences = [tag("p", sentence) for sentence in told(words, facts, titles)]
    return tag(
        "section",
        tag("div", tag("h3", facts["title"]), badge, class_="run-head"),
        progress_bar(words, facts) if facts["phase"] in ALIVE else None,
        *sentences,
        tag("dl", *[_fact(*row) for row in figures(words, facts)], class_="facts"),
        class_="card run-card",
        aria_label=words("training.status"),
    )


def progress_bar(words: Words, facts: Facts) -> Markup:
    """How much of the budget is spent."""
    percent = round(100 * (facts["progress"] or 0.0), 1)
    return tag(
        "div",
        tag("span", style=f"width:{percent}%"),
        class_="progress",
        role="progressbar",
        aria_valuenow=percent,
        aria_valuemin=0,
        aria_valuemax=100,
        aria_label=words("training.progress"),
    )


def told(words: Words, facts: Facts, titles: Mapping[str, str]) -> list[str]:
    """The sentences a person should read: what it waits for, what went wrong, how it ended, what to do."""
    phase = state(facts)
    found = []
    if phase == "queued" and facts["waiting_for"]:
        found.append(waits_for(words, facts["waiting_for"], titles))
    if facts["error"]:
        found.append(_error(words, facts["error"]))
    elif phase == INTERRUPTED:
        found.append(words("training.interrupted_killed" if _was_killed(facts) else "training.interrupted"))
    if phase in ("stopping", "pausing", "stalled", "paused", "preparing"):
        found.append(words(f"training.told.{phase}"))
    if phase in ("done", "stopped"):
        found.append(words("training.told.bundle") if facts["bundle"] else words("training.told.no_bundle"))
    return found


def waits_for(words: Words, why: str, titles: Mapping[str, str]) -> str:
    """What a queued run waits for, from the trainer's own words for it."""
    if ahead := re.fullmatch(r"behind (.+)", why):
        return words("training.waits.behind", run=titles.get(ahead[1], ahead[1]))
    return words("training.waits.device")


def _error(words: Words, error: Mapping[str, str]) -> str:
    known = f"training.failed.{error['code']}" if error["code"] in EXPLAINED else "training.failed.other"
    return words(known, message=error["message"])


def _was_killed(facts: Facts) -> bool:
    return bool(facts["exit"]) and facts["exit"]["code"] < 0


def figures(words: Words, facts: Facts) -> list[tuple[str, str, str]]:
    """Term, value and hover sentence of every figure there is."""
    rows = [("step", _steps(words, facts))]
    if facts["bits_per_character"] is not None:
        rows.append(("held_out", _held_out(words, facts)))
    if facts["training_bits_per_character"] is not None:
        rows.append(("training", words("training.bits", value=f"{facts['training_bits_per_character']:.3f}")))
    if facts["best_step"] is not None:
        rows.append(("best", words("training.at_step", step=f"{facts['best_step']:,}")))
    if facts["tokens_per_second"]:
        rows.append(("speed", words("training.per_second", value=f"{facts['tokens_per_second']:,.0f}")))
    if facts["seconds"]:
        rows.append(("elapsed", duration(words, facts["seconds"])))
    if facts["seconds_left"] and facts["phase"] in ALIVE:
        rows.append(("left", words("training.about", value=duration(words, facts["seconds_left"]))))
    rows += [
        ("parameters", parameters(words, facts["parameters"])),
        ("preset", preset(words, facts["preset"])),
        ("device", facts["device"]),
    ]
    return [(words(f"training.fact.{name}"), value, words(f"training.why.{name}")) for name, value in rows]


def _steps(words: Words, facts: Facts) -> str:
    if facts["total_steps"]:
        return words("training.steps_of", step=f"{facts['step']:,}", total=f"{facts['total_steps']:,}")
    return f"{facts['step']:,}"


def _held_out(words: Words, facts: Facts) -> str:
    key = "training.bits_estimate" if facts["bits_per_character_is_estimate"] else "training.bits"
    return words(key, value=f"{facts['bits_per_character']:.3f}")


def _fact(term: str, value: str, why: str) -> Markup:
    return tag("div", tag("dt", term), tag("dd", value), title=why)


def parameters(words: Words, count: int) -> str:
    """A number of parameters for a person: two digits of it in the language's own unit."""
    unit, name = (1e4, "wan") if words.language == "zh" else (1e6, "million")
    value = count / unit
    if value < 0.1:
        return words("training.parameters.plain", count=f"{count:,}")
    digits = 0 if value >= 10 else 1
    return words(f"training.parameters.{name}", count=f"{value:,.{digits}f}")


def preset(words: Words, name: str) -> str:
    """A preset as the page calls it; one that a newer Moxu brought by its own name."""
    return words.entries.get(f"training.preset.{name}", name)


def duration(words: Words, seconds: float) -> str:
    """Seconds as a person says them: the two largest units."""
    seconds = round(seconds)
    parts = (
        ("days", seconds // DAY),
        ("hours", seconds % DAY // HOUR),
        ("minutes", seconds % HOUR // MINUTE),
        ("seconds", seconds % MINUTE),
    )
    first = next((place for place, (_, count) in enumerate(parts) if count), len(parts) - 1)
    said = [words(f"training.duration.{name}", count=count) for name, count in parts[first : first + 2] if count or first == 3]
    return " ".join(said)


def budget(words: Words, spent: tuple[str, float]) -> str:
    """A preset's own budget."""
    name, value = spent
    return words(f"training.budget.{name}", value=f"{value:,g}")


def queue_card(words: Words, waiting: Sequence[Facts], titles: Mapping[str, str]) -> Markup:
    """The runs that wait, in their order."""
    if not waiting:
        return join()
    rows = [
        tag(
            "li",
            tag("strong", facts["title"]),
            " ",
            tag("span", waits_for(words, facts["waiting_for"] or "", titles), class_="quiet"),
        )
        for facts in waiting
    ]
    return tag("section", tag("h3", words("training.queue")), tag("ol", *rows), class_="card queue-card")


def samples_card(words: Words, rows: Sequence[Mapping[str, Any]]) -> Markup:
    """What the network wrote, newest first: the opening it was given, and its own words after it."""
    if not rows:
        return tag("p", words("training.no_samples"), class_="quiet")
    steps = [(step, list(group)) for step, group in groupby(rows, key=lambda row: row["step"])][:SHOWN_STEPS]
    return tag(
        "div",
        *[_samples_of(words, step, group) for step, group in steps],
        class_="samples",
        tabindex=0,
        role="region",
        aria_label=words("training.samples"),
    )


def _samples_of(words: Words, step: int, rows: Sequence[Mapping[str, Any]]) -> Markup:
    texts = [
        tag("p", tag("span", row["prompt"], class_="prompt"), tag("span", row["text"], class_="models"), class_="sheet")
        for row in rows
    ]
    return tag("article", tag("h4", words("training.at_step", step=f"{step:,}")), *texts)


def log_card(words: Words, text: str) -> Markup:
    """The end of the trainer's own log."""
    if not text.strip():
        return tag("p", words("training.no_log"), class_="quiet")
    return tag("pre", text, class_="log", tabindex=0, aria_label=words("training.log"))


def empty(title: str, sentence: str) -> Markup:
    """What is said where nothing is yet."""
    return tag("div", tag("h3", title), tag("p", sentence), class_="empty")
