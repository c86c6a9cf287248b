"""The writing tab: layout, and the few events that Gradio has a part in.

A manuscript's words live in assets/writing.js and go over the studio's own routes; no event and no template here ever holds
them. The controls' values are handed to that script in the browser.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipelines.sampling_settings import SamplingSettings
from studio.access import Visitor
from studio.events import Page
from studio.forms import Input, Shown, make_inputs
from studio.markup import Markup, tag
from studio.pickers import Picker
from studio.services import Services
from studio.words import Words

OWN = "own"
# editor.md §4.1; 0 means that a setting is off.
PRESETS: dict[str, dict[str, float]] = {
    "steady": {"temperature": 0.7, "top_p": 0.85, "repetition_penalty": 1.1, "length": 80, "candidates": 1},
    "balanced": {"temperature": 0.85, "top_p": 0.9, "repetition_penalty": 1.1, "length": 120, "candidates": 3},
    "wild": {"temperature": 1.1, "top_p": 0.95, "repetition_penalty": 1.05, "length": 200, "candidates": 4},
}
MAIN = (
    Shown("temperature", 0.05, 0.1, 2.0),
    Shown("top_p", 0.01, 0.1, 1.0),
    Shown("repetition_penalty", 0.01, 1.0, 1.5),
    Shown("length", 20, 20, 800),
    Shown("candidates", 1, 1, 4),
)
EXPERT = (
    Shown("top_k", maximum=1000, slider=False),
    Shown("penalty_window", maximum=512, slider=False),
    Shown("seed", slider=False),
)
SAID = "writing.say_"
LOAD_JS = "import('/assets/writing.js').then((writing) => writing.mount(element))"


@dataclass(frozen=True)
class WritingTab:
    """The components of the tab."""

    tab: gr.Tab
    empty: gr.Column
    go_train: gr.Button
    try_story: gr.Button
    desk: gr.Row
    controls: gr.Column
    bundle: Picker
    preset: gr.Radio
    settings: dict[str, Input]
    keep_seed: gr.Checkbox


def build(words: Words) -> WritingTab:
    """Lay the tab out."""
    with gr.Tab(words("writing.tab"), id="writing", elem_id="tab-writing") as tab:
        with gr.Column(visible=False, elem_id="writing-empty") as empty:
            gr.HTML(str(_nothing_yet(words)))
            with gr.Row(elem_classes="writing-ways"):
                go_train = gr.Button(words("writing.go_train"), variant="primary")
                try_story = gr.Button(words("writing.try_story"))
        with gr.Row(visible=False, elem_id="writing-desk") as desk:
            with gr.Column(scale=3, min_width=320):
                gr.HTML(str(_desk(words)), js_on_load=LOAD_JS, elem_id="writing-sheet", apply_default_css=False)
            with gr.Column(scale=1, min_width=280, elem_id="writing-controls") as controls:
                bundle = Picker(
                    label=words("writing.bundle"),
                    info=words("writing.bundle_info"),
                    choices=[],
                    interactive=True,
                    elem_id="writing-bundle",
                )
                preset = gr.Radio(_presets(words), value="balanced", label=words("writing.preset"), elem_id="writing-preset")
                settings = make_inputs(SamplingSettings, MAIN, words, "writing")
                with gr.Accordion(words("writing.expert"), open=False):
                    gr.Markdown(words("writing.expert_info"), elem_classes="quiet")
                    settings |= make_inputs(SamplingSettings, EXPERT, words, "writing")
                    keep_seed = gr.Checkbox(label=words("writing.keep_seed"), info=words("writing.keep_seed_info"))
    return WritingTab(tab, empty, go_train, try_story, desk, controls, bundle, preset, settings, keep_seed)


def _presets(words: Words) -> list[tuple[str, str]]:
    return [(words(f"writing.preset_{name}"), name) for name in (*PRESETS, OWN)]


def _nothing_yet(words: Words) -> Markup:
    return tag("div", tag("h3", words("writing.empty_title")), tag("p", words("writing.empty_text")), class_="empty")


def _desk(words: Words) -> Markup:
    """The place of the editor; assets/writing.js fills it, with these words."""
    said = {key.removeprefix(SAID): text for key, text in words.entries.items() if key.startswith(SAID)}
    return tag("div", class_="writing", data_words=json.dumps(said, ensure_ascii=False))


def refresh(services: Services, words: Words, visitor: Visitor, chosen: str | None) -> tuple[Any, ...]:
    """What the disk says now: the models, and whether there is anything to write with or on."""
    bundles = services.engines.bundles(visitor)
    papers = services.manuscripts.listed(visitor)
    known = {found.id for found in bundles}
    value = chosen if chosen in known else bundles[0].id if bundles else None
    choices = [(label_of(words, found.title, found.bits), found.id) for found in bundles]
    return (
        gr.update(choices=choices, value=value),
        gr.update(visible=not bundles),
        gr.update(visible=bool(bundles or papers)),
        gr.update(visible=bool(bundles)),
    )


def label_of(words: Words, title: str, bits: float | None) -> str:
    """A model in the list: its title, and how well it guesses."""
    if bits is None or not math.isfinite(bits):
        return title
    return words("writing.bundle_label", title=title, bits=f"{bits:.2f}")


def choose_bundle(services: Services, words: Words, visitor: Visitor, bundle_id: str) -> Any:
    """The list of models with this one chosen, as other tabs lead here."""
    return refresh(services, words, visitor, bundle_id)[0]


def wire(tab: WritingTab, page: Page) -> None:
    """Connect the tab's events; those without a handler run in the browser alone."""
    shown = [tab.bundle, tab.empty, tab.desk, tab.controls]
    page.on(
        [page.blocks.load, tab.tab.select],
        refresh,
        [tab.bundle],
        shown,
        action="see",
        js="(...now) => moxu.recall('writing', ['bundle'], now)",
    )
    in_browser: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    names = json.dumps([*tab.settings, "keep_seed", "preset"])
    kept = [*tab.settings.values(), tab.keep_seed, tab.preset]
    page.blocks.load(None, kept, kept, js=f"(...now) => moxu.recallSettings({names}, now)", **in_browser)
    gr.on([one.change for one in kept], None, kept, None, js=f"(...now) => moxu.keepSettings({names}, now)", **in_browser)
    tab.bundle.change(None, [tab.bundle], None, js="moxu.writeWith", **in_browser)
    _wire_presets(tab, in_browser)


def _wire_presets(tab: WritingTab, in_browser: dict[str, Any]) -> None:
    """A preset moves the sliders; a slider moved by hand shows which preset that is, if any."""
    names = list(PRESETS["balanced"])
    sliders = [tab.settings[name] for name in names]
    presets = json.dumps({preset: [values[name] for name in names] for preset, values in PRESETS.items()})
    moved = f"(preset, ...now) => ({presets})[preset] || now"
    named = f"(...now) => moxu.presetOf({presets}, now, '{OWN}')"
    gr.on([tab.preset.input], None, [tab.preset, *sliders], sliders, js=moved, **in_browser)
    gr.on([slider.input for slider in sliders], None, sliders, [tab.preset], js=named, **in_browser)
