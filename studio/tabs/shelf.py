"""The shelf tab: the finished models; look at one, write with it, take it away, rename it, delete it and bring it back."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio import bundle_cards
from studio.access import Visitor
from studio.events import Page, tell
from studio.markup import Markup
from studio.pickers import Picker
from studio.services import Services
from studio.services.shelf import Volume
from studio.words import Words

SCRIPT = "import('/assets/shelf.js').then((shelf) => shelf.host(element, trigger))"


@dataclass(frozen=True)
class ShelfTab:
    """The components of the tab; `ticket` is of what was deleted last."""

    tab: gr.Tab
    empty: gr.Column
    go_train: gr.Button
    try_story: gr.Button
    full: gr.Row
    listing: gr.HTML
    bundle: Picker
    details: gr.HTML
    write_with: gr.Button
    download: gr.HTML
    rename: gr.Button
    delete: gr.Button
    renaming: gr.Row
    title: gr.Textbox
    save_title: gr.Button
    keep_title: gr.Button
    undoing: gr.Row
    deleted: gr.HTML
    undo: gr.Button
    ticket: gr.State
    trash: gr.Accordion
    thrown: Picker
    restore: gr.Button

    @property
    def shown(self) -> list[Any]:
        """What `show` fills, in its order."""
        parts = [self.empty, self.full, self.listing, self.details, self.write_with, self.download]
        return [*parts, self.rename, self.renaming, self.title, self.trash, self.thrown]


def build(words: Words) -> ShelfTab:
    """Lay the tab out."""
    with gr.Tab(words("shelf.tab"), id="shelf", elem_id="tab-shelf") as tab:
        bundle = Picker(label=words("shelf.bundle"), visible="hidden")
        ticket = gr.State("")
        with gr.Row(visible=False, elem_id="shelf-undoing", elem_classes="shelf-undoing") as undoing:
            deleted = gr.HTML(apply_default_css=False)
            undo = gr.Button(words("shelf.undo"), scale=0, min_width=120)
        with gr.Column(visible=False) as empty:
            gr.HTML(str(bundle_cards.empty(words)))
            with gr.Row(elem_classes="shelf-next"):
                go_train = gr.Button(words("shelf.go_train"), variant="primary", scale=0, min_width=200)
                try_story = gr.Button(words("shelf.try_story"), scale=0, min_width=200)
        with gr.Row(visible=False) as full:
            with gr.Column(scale=2, min_width=300):
                listing = gr.HTML(elem_id="shelf-list", js_on_load=SCRIPT, apply_default_css=False)
            with gr.Column(scale=3, min_width=300, elem_id="shelf-details"):
                with gr.Row(elem_classes="shelf-actions"):
                    write_with = gr.Button(words("shelf.write_with"), variant="primary", min_width=120)
                    download = gr.HTML(js_on_load=SCRIPT, apply_default_css=False, elem_id="shelf-download")
                    rename = gr.Button(words("shelf.rename"), min_width=80)
                    delete = gr.Button(words("shelf.delete"), variant="stop", min_width=80)
                with gr.Row(visible=False) as renaming:
                    title = gr.Textbox(label=words("shelf.rename.label"), max_lines=1, elem_id="shelf-title")
                    save_title = gr.Button(words("shelf.rename.save"), scale=0, min_width=96)
                    keep_title = gr.Button(words("shelf.cancel"), scale=0, min_width=96)
                details = gr.HTML(apply_default_css=False)
        with gr.Accordion(words("shelf.trash"), open=False, visible=False) as trash:
            gr.Markdown(words("shelf.trash.text"))
            with gr.Row():
                thrown = Picker(label=words("shelf.trash.picker"))
                restore = gr.Button(words("shelf.restore"), scale=0, min_width=120)
    return ShelfTab(
        tab=tab,
        empty=empty,
        go_train=go_train,
        try_story=try_story,
        full=full,
        listing=listing,
        bundle=bundle,
        details=details,
        write_with=write_with,
        download=download,
        rename=rename,
        delete=delete,
        renaming=renaming,
        title=title,
        save_title=save_title,
        keep_title=keep_title,
        undoing=undoing,
        deleted=deleted,
        undo=undo,
        ticket=ticket,
        trash=trash,
        thrown=thrown,
        restore=restore,
    )


def show(services: Services, words: Words, visitor: Visitor, chosen: str | None) -> list[Any]:
    """The shelf as the disk has it now, with this model chosen, else the newest; fills `ShelfTab.shown`."""
    volumes = services.shelf.volumes(visitor)
    volume = _chosen(volumes, chosen)
    whole = volume is not None and volume.trouble is None
    thrown = [(title, entry.ticket) for title, entry in services.shelf.discarded(visitor)]
    return [
        gr.update(visible=not volumes),
        gr.update(visible=bool(volumes)),
        str(bundle_cards.listing(words, volumes, volume.id if volume else "")),
        str(_details(services, words, visitor, volume)),
        gr.update(visible=whole),
        gr.update(value=str(bundle_cards.download(words, volume)) if whole and volume else "", visible=whole),
        gr.update(visible=whole),
        gr.update(visible=False),
        volume.title if volume else "",
        gr.update(visible=bool(thrown)),
        gr.update(choices=thrown, value=thrown[0][1] if thrown else None),
    ]


def refresh(services: Services, words: Words, visitor: Visitor, chosen: str | None) -> list[Any]:
    """The shelf when the page loads or the tab is opened: the model chosen before, and the list to choose from."""
    volumes = services.shelf.volumes(visitor)
    volume = _chosen(volumes, chosen)
    choices = [(volume.title, volume.id) for volume in volumes]
    shown = show(services, words, visitor, volume.id if volume else None)
    return [gr.update(choices=choices, value=volume.id if volume else None), *shown]


def pick(services: Services, words: Words, visitor: Visitor, chosen: str | None) -> list[Any]:
    """Choose another model; the offer to undo goes, for it lies over the page on a phone. Fills what `delete` fills."""
    return [gr.update(visible=False), "", "", *refresh(services, words, visitor, chosen)]


def ask_title(services: Services, words: Words, visitor: Visitor) -> Any:
    """Open the line for another title."""
    return gr.update(visible=True)


def keep_title(services: Services, words: Words, visitor: Visitor, chosen: str) -> list[Any]:
    """Close that line; the title stays."""
    volume = _chosen(services.shelf.volumes(visitor), chosen)
    return [gr.update(visible=False), volume.title if volume else ""]


def save_title(services: Services, words: Words, visitor: Visitor, chosen: str, title: str) -> list[Any]:
    """Rename the chosen model."""
    tell(words, words("shelf.renamed", title=services.shelf.rename(visitor, chosen, title)))
    return refresh(services, words, visitor, chosen)


def delete(services: Services, words: Words, visitor: Visitor, chosen: str) -> list[Any]:
    """Move the chosen model to the trash and offer the way back; fills the undo line, then what `refresh` fills."""
    title = next((volume.title for volume in services.shelf.volumes(visitor) if volume.id == chosen), chosen)
    ticket = services.shelf.discard(visitor, chosen)
    said = words("shelf.deleted", title=title)
    return [gr.update(visible=True), str(bundle_cards.said(said)), ticket, *refresh(services, words, visitor, None)]


def restore(services: Services, words: Words, visitor: Visitor, ticket: str) -> list[Any]:
    """Bring a model back and choose it; closes the undo line, then fills what `refresh` fills."""
    back = services.shelf.restore(visitor, ticket)
    title = next((volume.title for volume in services.shelf.volumes(visitor) if volume.id == back), back)
    tell(words, words("shelf.restored", title=title))
    return [gr.update(visible=False), "", "", *refresh(services, words, visitor, back)]


def _chosen(volumes: list[Volume], wanted: str | None) -> Volume | None:
    """The wanted model, else the newest whole one, else the newest."""
    named = [volume for volume in volumes if volume.id == wanted]
    whole = [volume for volume in volumes if volume.trouble is None]
    return next(iter([*named, *whole, *volumes]), None)


def _details(services: Services, words: Words, visitor: Visitor, volume: Volume | None) -> Markup:
    if volume is None:
        return Markup("")
    if volume.trouble is not None:
        return bundle_cards.trouble(words, volume)
    return bundle_cards.details(words, services.shelf.details(visitor, volume.id))


def wire(tab: ShelfTab, page: Page) -> None:
    """Connect the tab's events."""
    refreshed = [tab.bundle, *tab.shown]
    undone = [tab.undoing, tab.deleted, tab.ticket, *refreshed]
    recall = "(...now) => moxu.recall('shelf', ['bundle'], now)"
    keep = "(...now) => { moxu.keepChosen('shelf', ['bundle'], now); return now; }"
    page.on([page.blocks.load, tab.tab.select], refresh, [tab.bundle], refreshed, action="see", js=recall)
    page.on([tab.listing.select], pick, [tab.bundle], undone, action="see", js="(bundle) => moxu.chosen.bundle || bundle")
    page.on([tab.bundle.change], show, [tab.bundle], tab.shown, action="see", js=keep)
    page.on([tab.rename.click], ask_title, None, [tab.renaming], action="change")
    page.on([tab.keep_title.click], keep_title, [tab.bundle], [tab.renaming, tab.title], action="see")
    page.on([tab.save_title.click, tab.title.submit], save_title, [tab.bundle, tab.title], refreshed, action="change")
    page.on([tab.delete.click], delete, [tab.bundle], undone, action="change")
    page.on([tab.undo.click], restore, [tab.ticket], undone, action="change")
    page.on([tab.restore.click], restore, [tab.thrown], undone, action="change")
