"""The lower part of the cleaning tab's choices: the writer's own rules, and the recipes that are saved, sent and fetched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.events import Dependency

from pipelines.cleaning import Recipe
from pipelines.errors import StudioError
from pipelines.files import read_object
from pipelines.recipes import recipe_of
from pipelines.rules import DEFAULTS
from pipelines.rules.own import LONGEST_NAME, OwnRule
from studio import access
from studio import rule_cards as cards
from studio.access import Visitor
from studio.events import Page, tell
from studio.markup import tag
from studio.pickers import Picker
from studio.preview_pages import Preview
from studio.services import Services
from studio.uploads import Upload, UploadBox, forget
from studio.words import Words

# The rules that run unless somebody says otherwise, as a recipe to choose.
USUAL = ""
LARGEST_RECIPE_BYTES = 4_000_000
NAME_FROM_PATTERN = 20


class RecipeUpload(gr.UploadButton):
    """A button that takes one file; what it holds is judged by what is in it."""

    is_template = True
    preprocess = UploadBox.preprocess


@dataclass(frozen=True)
class RecipePanel:
    """The components of the panel."""

    own: gr.HTML
    fold: gr.Accordion
    name: gr.Textbox
    find: gr.Textbox
    replace: gr.Textbox
    regex: gr.Checkbox
    case: gr.Checkbox
    add: gr.Button
    saved: Picker
    use: gr.Button
    forget: gr.Button
    save_name: gr.Textbox
    save: gr.Button
    export: gr.HTML
    upload: RecipeUpload


def build(words: Words) -> RecipePanel:
    """Lay the panel out."""
    with gr.Accordion(words("cleaning.own"), open=False, elem_id="cleaning-own-fold") as fold:
        of_own = _build_own(words)
    with gr.Accordion(words("cleaning.recipe"), open=False, elem_id="cleaning-recipes"):
        of_recipes = _build_recipes(words)
    return RecipePanel(fold=fold, **of_own, **of_recipes)


def _build_own(words: Words) -> dict[str, Any]:
    """The list of the writer's own rules, and a form for one more."""
    made: dict[str, Any] = {}
    gr.HTML(str(tag("p", words("cleaning.own.more"), class_="quiet hint")), apply_default_css=False)
    made["own"] = gr.HTML(elem_id="cleaning-own", js_on_load=host("wishes"), apply_default_css=False)
    made["find"] = gr.Textbox(label=words("cleaning.own.find"), max_lines=1, elem_id="own-find")
    made["replace"] = gr.Textbox(label=words("cleaning.own.replace"), max_lines=1, elem_id="own-replace")
    with gr.Row():
        made["regex"] = gr.Checkbox(label=words("cleaning.own.is_regex"), min_width=120, elem_id="own-regex")
        made["case"] = gr.Checkbox(True, label=words("cleaning.own.case"), min_width=120, elem_id="own-case")
    with gr.Row(elem_classes="ends"):
        made["name"] = gr.Textbox(
            label=words("cleaning.own.name"), max_lines=1, max_length=LONGEST_NAME, scale=3, min_width=140, elem_id="own-name"
        )
        made["add"] = gr.Button(words("cleaning.own.add"), scale=0, min_width=140, elem_id="own-add")
    return made


def _build_recipes(words: Words) -> dict[str, Any]:
    """The saved recipes, and ways to save, send and fetch one."""
    made: dict[str, Any] = {}
    gr.HTML(str(tag("p", words("cleaning.recipe.more"), class_="quiet hint")), apply_default_css=False)
    made["saved"] = Picker(label=words("cleaning.recipe.choose"), interactive=True, elem_id="recipe-saved")
    with gr.Row(elem_classes="actions"):
        made["use"] = gr.Button(words("cleaning.recipe.use"), scale=0, min_width=120, elem_id="recipe-use")
        made["forget"] = gr.Button(words("cleaning.recipe.forget"), scale=0, min_width=100, elem_id="recipe-forget")
    with gr.Row(elem_classes="ends"):
        made["save_name"] = gr.Textbox(
            label=words("cleaning.recipe.name"), max_lines=1, max_length=80, scale=3, min_width=140, elem_id="recipe-name"
        )
        made["save"] = gr.Button(words("cleaning.recipe.save"), scale=0, min_width=120, elem_id="recipe-save")
    with gr.Row(elem_classes="actions"):
        made["export"] = gr.HTML(elem_id="recipe-export", apply_default_css=False, min_width=120)
        made["upload"] = RecipeUpload(words("cleaning.recipe.import"), scale=0, min_width=140, elem_id="recipe-import")
    return made


def host(part: str) -> str:
    """The script of a gr.HTML whose buttons and switches are wishes; see assets/cleaning.js."""
    return f"import('/assets/cleaning.js').then((cleaning) => cleaning.{part}(element, trigger, props, watch))"


def seen(panel: RecipePanel) -> list[Any]:
    """The outputs of `view`."""
    return [panel.own, panel.saved, panel.export]


def form(panel: RecipePanel) -> list[Any]:
    """The boxes that make a rule, the outputs of `edit` but for the fold."""
    return [panel.name, panel.find, panel.replace, panel.regex, panel.case]


def view(services: Services, words: Words, visitor: Visitor, novel: str, preview: Preview) -> tuple[Any, ...]:
    """What the panel shows of a novel."""
    cleanings = services.novels.cleanings
    own = cards.own_rules(words, preview, cleanings.resting(visitor, novel))
    title = services.novels.get(visitor, novel).title
    return str(own), _choices(services, words, visitor), str(cards.download(words, title, preview.recipe))


def _choices(services: Services, words: Words, visitor: Visitor) -> Any:
    names = list(services.novels.cleanings.saved(visitor)) if access.may(visitor, "make") else []
    return gr.update(choices=[(words("cleaning.recipe.usual"), USUAL), *((name, name) for name in names)])


def add(services: Services, words: Words, visitor: Visitor, novel: object, *values: object) -> tuple[Any, ...]:
    """Add a rule of the writer's own to the novel's recipe; the form is emptied, and the changes of the new rule are shown."""
    name, find, into, is_regex, case = values
    pattern = str(find or "")
    called = " ".join(str(name or "").split()) or " ".join(pattern.split())[:NAME_FROM_PATTERN]
    own = OwnRule(called, pattern, str(into or ""), is_regex is True, case is not False)
    services.novels.cleanings.add_own(visitor, novel, own)
    rule = cards.OWN + own.name
    return "", "", "", False, True, gr.update(choices=[(own.name, rule)], value=rule)


def edit(services: Services, words: Words, visitor: Visitor, novel: object, name: str) -> tuple[Any, ...]:
    """Lay one of the writer's own rules into the form."""
    cleanings = services.novels.cleanings
    for own in (*cleanings.recipe(visitor, novel).own, *cleanings.resting(visitor, novel)):
        if own.name == name:
            return own.name, own.find, own.replace, own.regex, own.case
    return tuple(gr.skip() for _ in range(5))


def use(services: Services, words: Words, visitor: Visitor, novel: object, name: object) -> None:
    """Let the novel be cleaned by a saved recipe, or by the usual rules."""
    cleanings = services.novels.cleanings
    if name:
        recipe = cleanings.find(visitor, str(name))
    else:
        recipe = replace(cleanings.recipe(visitor, novel), rules=DEFAULTS, own=())
    cleanings.set_recipe(visitor, novel, recipe)


def save(services: Services, words: Words, visitor: Visitor, novel: object, name: object) -> tuple[Any, Any]:
    """Save the novel's recipe under a name."""
    called = str(name or "").strip()
    services.novels.cleanings.save(visitor, novel, called)
    tell(words, words("cleaning.recipe.saved", name=called))
    return gr.update(choices=_choices(services, words, visitor)["choices"], value=called), ""


def discard(services: Services, words: Words, visitor: Visitor, name: object) -> Any:
    """Delete a saved recipe; the novels that were cleaned by it keep theirs."""
    services.novels.cleanings.forget(visitor, str(name or ""))
    tell(words, words("cleaning.recipe.forgotten", name=name))
    return gr.update(choices=_choices(services, words, visitor)["choices"], value=USUAL)


def fetch(services: Services, words: Words, visitor: Visitor, novel: object, uploads: Sequence[Upload]) -> None:
    """Let the novel be cleaned by the recipe in a file; raises BadSettings, BrokenArtifact for a file that holds none."""
    access.require(visitor, "make")
    try:
        for upload in uploads or []:
            services.novels.cleanings.set_recipe(visitor, novel, _recipe_in(upload))
            tell(words, words("cleaning.recipe.fetched", file=upload.name))
    finally:
        forget(list(uploads or []))


def _recipe_in(upload: Upload) -> Recipe:
    try:
        too_large = upload.path.stat().st_size > LARGEST_RECIPE_BYTES
        return recipe_of(None if too_large else read_object(upload.path))
    except StudioError as error:
        error.values["path"] = upload.name
        raise


def wire(panel: RecipePanel, page: Page, novel: Picker, chosen: gr.Textbox, filter: Picker) -> list[Dependency]:
    """Connect the panel's events; the success of those returned means another recipe. `chosen` carries what a button names."""
    queued: dict[str, Any] = {"queue": True}
    boxes = form(panel)
    editing = page.on(
        [panel.own.select], edit, [novel, chosen], boxes, action="see", js="(novel) => [novel, moxu.wish.edit]", **queued
    )
    editing.success(None, js="() => document.querySelector('#own-find textarea, #own-find input')?.focus()", queue=False)
    added = page.on([panel.add.click], add, [novel, *boxes], [*boxes, filter], action="change", **queued)
    used = page.on([panel.use.click], use, [novel, panel.saved], [], action="change", **queued)
    page.on([panel.save.click], save, [novel, panel.save_name], [panel.saved, panel.save_name], action="change", **queued)
    page.on([panel.forget.click], discard, [panel.saved], [panel.saved], action="change", **queued)
    fetched = page.on([panel.upload.upload], fetch, [novel, panel.upload], [], action="change", **queued)
    return [added, used, fetched]
