"""The chapters on the cleaning tab: looked at, renamed, split, merged, left out; every step on the disk at once, and taken back.

The list and the chapter beside it are our own HTML; assets/outline.js sends what is pressed there as wishes in JSON.
"""

import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipelines.chapters import Chapter
from pipelines.errors import BadSettings, BrokenArtifact, Conflict
from studio import outline_cards as cards
from studio.access import Visitor
from studio.events import Page, tell, warn
from studio.preview_pages import Preview
from studio.services import Services
from studio.services.outlines import Spot
from studio.words import Words


@dataclass(frozen=True)
class OutlinePanel:
    """The components of the panel: the list, and the chapter that is laid into it; `wish` is on no page."""

    list: gr.HTML
    reading: gr.HTML
    wish: gr.Textbox


def build(words: Words) -> OutlinePanel:
    """Lay the panel out."""
    return OutlinePanel(
        list=gr.HTML(html_template=str(cards.frame(words)), js_on_load=_host("list"), elem_id="outline", apply_default_css=False),
        reading=gr.HTML(
            html_template="<i hidden></i>", js_on_load=_host("reading"), elem_id="outline-reading", apply_default_css=False
        ),
        wish=gr.Textbox(visible=False),
    )


def _host(part: str) -> str:
    return f"import('/assets/outline.js').then((outline) => outline.{part}(element, trigger, props, watch))"


def view(services: Services, words: Words, visitor: Visitor, novel: str, preview: Preview | None) -> str:
    """The list of a novel's chapters as the disk says now; before its first cleaning, of those that the preview found."""
    try:
        return cards.listing(words, cards.Told(novel, services.outlines.get(visitor, novel)), preview)
    except BrokenArtifact as error:
        return cards.broken(words, novel, words.error(error))


def look(services: Services, words: Words, visitor: Visitor, wish: object) -> tuple[Any, str]:
    """The chapter that was chosen, or a page of its lines; the list as well, where it has become another."""
    wished = _read(wish)
    novel, page = str(wished.get("novel") or ""), wished.get("page")
    try:
        read = services.outlines.read(visitor, novel, _spot(wished), page if isinstance(page, int) else 0)
    except Conflict as error:
        return _anew(services, words, visitor, novel, error)
    return gr.skip(), str(cards.reading(words, novel, read))


def edit(services: Services, words: Words, visitor: Visitor, wish: object) -> tuple[str, str]:
    """Do what was asked for, say so, and show the chapters as they are then."""
    wished = _read(wish)
    novel, name = str(wished.get("novel") or ""), wished.get("edit")
    try:
        if name in ("undo", "reset"):
            (services.outlines.undo if name == "undo" else services.outlines.reset)(visitor, novel)
            start = wished.get("start")
        else:
            start = _edited(services, visitor, novel, _spot(wished), wished).start
    except Conflict as error:
        return _anew(services, words, visitor, novel, error)
    tell(words, words(f"cleaning.outline.done.{name}"))
    return _shown(services, words, visitor, novel, start)


def _edited(services: Services, visitor: Visitor, novel: str, spot: Spot, wished: dict[str, Any]) -> Chapter:
    """Change a chapter; the one to look at then."""
    outlines, title, name, at = services.outlines, str(wished.get("title") or ""), wished.get("edit"), wished.get("at")
    if name == "rename":
        return outlines.rename(visitor, novel, spot, title)
    if name == "merge":
        return outlines.merge(visitor, novel, spot)
    if name == "split" and isinstance(at, int):
        return outlines.split(visitor, novel, spot, at, title)
    if name in ("drop", "keep"):
        return outlines.keep(visitor, novel, spot, name == "keep")
    raise _nothing_chosen()


def _shown(services: Services, words: Words, visitor: Visitor, novel: str, start: object) -> tuple[str, str]:
    """The list, and the chapter that starts there, if one still does."""
    outline = services.outlines.get(visitor, novel)
    if outline is None or start not in [chapter.start for chapter in outline.chapters]:
        return view(services, words, visitor, novel, None), ""
    chosen = int(str(start))
    read = services.outlines.read(visitor, novel, Spot(outline.cleaning, chosen))
    return cards.listing(words, cards.Told(novel, outline, chosen)), str(cards.reading(words, novel, read))


def _anew(services: Services, words: Words, visitor: Visitor, novel: str, error: Conflict) -> tuple[str, str]:
    """The chapters as they are, where the page showed what they were, or nothing can be done now; and a sentence why."""
    warn(words, words.error(error))
    return view(services, words, visitor, novel, None), ""


def _read(wish: object) -> dict[str, Any]:
    """A wish as assets/outline.js writes it; an empty one for anything else."""
    try:
        found = json.loads(wish) if isinstance(wish, str) else wish
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _spot(wished: dict[str, Any]) -> Spot:
    cleaning, start = wished.get("cleaning"), wished.get("start")
    if not isinstance(cleaning, int) or not isinstance(start, int):
        raise _nothing_chosen()
    return Spot(cleaning, start)


def _nothing_chosen() -> BadSettings:
    return BadSettings("no_chapter_chosen", "no chapter is chosen", "choose one in the list")


def wire(panel: OutlinePanel, page: Page) -> None:
    """Connect the panel's events."""
    # Each wish is a step of its own and none may be lost, however quickly they follow each other.
    more: dict[str, Any] = {"queue": True, "concurrency_limit": None, "trigger_mode": "multiple"}
    shown, js = [panel.list, panel.reading], "() => [moxu.outlineWishes.{}.shift()]"
    page.on([panel.list.click], look, [panel.wish], shown, action="see", js=js.format("looks"), **more)
    page.on([panel.list.input], edit, [panel.wish], shown, action="change", js=js.format("edits"), **more)
