"""The library tab: bring novels in, say which encoding they are in, see how they were read, rename, delete and take back."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipelines.decode import OFFERED
from pipelines.decode.detection import Guess
from pipelines.errors import StudioError
from studio import arrival_cards
from studio import novel_cards as cards
from studio.access import Visitor
from studio.arrivals import LARGEST_BYTES, LARGEST_MEGABYTES
from studio.events import Page, tell
from studio.markup import Markup, join, tag
from studio.pickers import Picker
from studio.services import Services
from studio.services.novels import Novel
from studio.uploads import Upload, UploadBox, forget
from studio.words import Words


@dataclass(frozen=True)
class LibraryTab:
    """The components of the tab; `wish` has none on the page, and carries what a button asks for."""

    tab: gr.Tab
    upload: UploadBox
    upload_encoding: Picker
    wish: gr.Textbox
    coming: gr.Textbox
    arrivals: gr.HTML
    questions: gr.HTML
    empty: gr.Column
    try_story: gr.Button
    shelf: gr.Column
    rows: gr.HTML
    novel: Picker
    card: gr.HTML
    doubt: gr.HTML
    copies: gr.HTML
    clean_this: gr.Button
    train_this: gr.Button
    title: gr.Textbox
    rename: gr.Button
    reading_row: gr.Row
    encoding: Picker
    reading: gr.HTML
    reread: gr.Button
    delete: gr.Button
    undo_row: gr.Row
    undo_text: gr.HTML
    undo: gr.Button
    undone: gr.State
    trash: gr.Accordion
    deleted: Picker
    restore: gr.Button


def _host(part: str) -> str:
    """The script of a gr.HTML whose buttons are wishes; see assets/library.js."""
    return f"import('/assets/library.js').then((library) => library.{part}(element, trigger))"


def build(words: Words) -> LibraryTab:
    """Lay the tab out."""
    with gr.Tab(words("library.tab"), id="library", elem_id="tab-library") as tab:
        undone = gr.State(None)
        of_upload = _build_upload(words)
        with gr.Row(visible=False, elem_id="library-undo", elem_classes="undo") as undo_row:
            undo_text = gr.HTML(elem_id="library-undo-text", apply_default_css=False)
            undo = gr.Button(words("library.undo"), size="sm", min_width=100, scale=0, elem_id="library-undo-button")
        with gr.Column(visible=False, elem_id="library-empty") as empty:
            gr.HTML(
                str(tag("div", tag("h3", words("library.empty")), tag("p", words("library.empty.more")), class_="empty")),
                apply_default_css=False,
            )
            with gr.Row(elem_classes="centred"):
                try_story = gr.Button(words("library.try_story"), variant="primary", scale=0, min_width=240, elem_id="try-story")
        with gr.Column(visible=False, elem_id="library-shelf") as shelf:
            of_shelf = _build_shelf(words)
        with gr.Accordion(visible=False, open=False, elem_id="library-trash") as trash:
            deleted = Picker(label=words("library.trash.novel"), elem_id="library-deleted", interactive=True)
            restore = gr.Button(words("library.restore"), scale=0, min_width=140, elem_id="library-restore")
    more = {"empty": empty, "try_story": try_story, "shelf": shelf, "trash": trash, "deleted": deleted, "restore": restore}
    undoing = {"undo_row": undo_row, "undo_text": undo_text, "undo": undo, "undone": undone}
    return LibraryTab(tab, **of_upload, **of_shelf, **more, **undoing)


def _build_upload(words: Words) -> dict[str, Any]:
    """Where files are dropped, and what became of them."""
    box = UploadBox(label=words("library.upload"), file_count="multiple", height=150, elem_id="library-upload")
    gr.HTML(
        str(join(tag("p", words("library.upload.more", megabytes=LARGEST_MEGABYTES), class_="quiet hint"), _too_large(words))),
        elem_id="library-upload-limit",
        apply_default_css=False,
    )
    with gr.Accordion(words("library.upload.options"), open=False, elem_id="library-options"):
        encoding = Picker(
            [(words("library.automatic"), ""), *_encodings(words)],
            value="",
            label=words("library.upload.encoding"),
            info=words("library.upload.encoding.more"),
            interactive=True,
            elem_id="library-upload-encoding",
        )
    return {
        "upload": box,
        "upload_encoding": encoding,
        "wish": gr.Textbox(visible=False),
        "coming": gr.Textbox(label=words("library.arrivals"), visible="hidden"),
        "questions": gr.HTML(elem_id="library-questions", js_on_load=_host("wishes"), apply_default_css=False),
        "arrivals": gr.HTML(elem_id="library-arrivals", js_on_load=_host("wishes"), apply_default_css=False),
    }


def _too_large(words: Words) -> Markup:
    """The place of the sentence for files above the limit, which the browser fills: Gradio's own is English."""
    sentence = words("library.too_large", names="{names}", megabytes=LARGEST_MEGABYTES)
    return tag("p", role="alert", class_="too-large", hidden=True, data_bytes=LARGEST_BYTES, data_sentence=sentence)


def _build_shelf(words: Words) -> dict[str, Any]:
    """The list of novels and the chosen one."""
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            rows = gr.HTML(elem_id="library-rows", js_on_load="moxu.choosing(element, trigger, 'novel')", apply_default_css=False)
        with gr.Column(scale=2, min_width=320):
            of_novel = _build_novel(words)
    return {"rows": rows} | of_novel


def _build_novel(words: Words) -> dict[str, Any]:
    """The chosen novel and what may be done with it."""
    novel = Picker(label=words("library.novel"), interactive=True, elem_id="library-novel")
    doubt = gr.HTML(elem_id="library-doubt", js_on_load=_host("wishes"), apply_default_css=False)
    card = gr.HTML(elem_id="library-card", apply_default_css=False)
    with gr.Row(elem_classes="actions"):
        clean_this = gr.Button(words("library.clean_this"), variant="primary", scale=0, min_width=140, elem_id="library-clean")
        train_this = gr.Button(words("library.train_this"), scale=0, min_width=140, elem_id="library-train")
    copies = gr.HTML(elem_id="library-copies", js_on_load=_host("copies"), apply_default_css=False)
    with gr.Accordion(words("library.change"), open=False, elem_id="library-change"):
        with gr.Row(elem_classes="ends"):
            title = gr.Textbox(label=words("library.title"), max_lines=1, max_length=200, elem_id="library-title", scale=3)
            rename = gr.Button(words("library.rename"), scale=0, min_width=140, elem_id="library-rename")
        with gr.Row(elem_classes="ends") as reading_row:
            encoding = Picker(
                _encodings(words),
                value=None,
                label=words("library.encoding"),
                info=words("library.encoding.choose"),
                interactive=True,
                elem_id="library-encoding",
                scale=3,
            )
            reread = gr.Button(words("library.reread"), scale=0, min_width=140, interactive=False, elem_id="library-reread")
        reading = gr.HTML(elem_id="library-reading", apply_default_css=False)
        delete = gr.Button(words("library.delete"), variant="stop", scale=0, min_width=140, elem_id="library-delete")
    first = {"novel": novel, "doubt": doubt, "card": card, "clean_this": clean_this, "train_this": train_this, "copies": copies}
    rereading = {"reading_row": reading_row, "encoding": encoding, "reading": reading, "reread": reread}
    return first | rereading | {"title": title, "rename": rename, "delete": delete}


def _encodings(words: Words) -> list[tuple[str, str]]:
    return [(cards.encoding_name(words, name), name) for name in OFFERED]


def shown(tab: LibraryTab) -> list[Any]:
    """What `view` returns updates for."""
    of_shelf = [tab.questions, tab.empty, tab.shelf, tab.rows, tab.novel]
    of_novel = [tab.card, tab.doubt, tab.copies, tab.title, tab.reading_row, tab.encoding, tab.reading, tab.reread]
    return [*of_shelf, *of_novel, tab.trash, tab.deleted]


SHOWN = 15
# What a handler that works for long answers with, one update of everything after another.
Answers = Iterator[tuple[Any, ...]]


def undo_shown(tab: LibraryTab) -> list[Any]:
    """What `_undoable` returns updates for."""
    return [tab.undo_row, tab.undo_text, tab.undone]


def view(services: Services, words: Words, visitor: Visitor, wanted: object = None) -> tuple[Any, ...]:
    """The tab as the disk has it now, with the wanted novel chosen if there is such a one, else the newest."""
    novels = services.novels.all(visitor)
    chosen = next((novel for novel in novels if novel.id == wanted), novels[0] if novels else None)
    choices = [(_label(words, novel), novel.id) for novel in novels]
    deleted = services.novels.deleted(visitor)
    return (
        str(arrival_cards.questions(words, services.novels.questions.all(visitor))),
        gr.update(visible=not novels),
        gr.update(visible=bool(novels)),
        str(cards.shelf(words, novels, chosen.id if chosen else None)),
        gr.update(choices=choices, value=chosen.id if chosen else None),
        *_view_novel(services, words, visitor, chosen),
        gr.update(visible=bool(deleted), label=words("library.trash", count=len(deleted))),
        gr.update(
            choices=[(cards.deleted_label(words, one), one.ticket) for one in deleted],
            value=deleted[0].ticket if deleted else None,
        ),
    )


def _view_novel(services: Services, words: Words, visitor: Visitor, chosen: Novel | None) -> tuple[Any, ...]:
    """The chosen novel, and its boxes as they are before anything is typed."""
    card = copies = ""
    if chosen:
        sample, found = services.novels.sample(visitor, chosen.id), services.novels.spots(visitor, chosen.id)
        card, copies = str(cards.card(words, chosen, sample, found)), str(cards.copies(words, chosen))
    return (
        card,
        _doubt(services, words, visitor, chosen),
        copies,
        gr.update(value=chosen.title if chosen else ""),
        gr.update(visible=bool(chosen and chosen.has_encoding)),
        gr.update(value=None),
        "",
        gr.update(interactive=False),
    )


def _doubt(services: Services, words: Words, visitor: Visitor, chosen: Novel | None, also: Guess | None = None) -> str:
    """Whether the chosen novel is read right, asked of whoever may change it."""
    if not (chosen and chosen.is_doubtful):
        return ""
    try:
        services.novels.folder(visitor, chosen.id, "change")
        guesses = services.novels.doubts(visitor, chosen.id)
    except StudioError:
        return ""
    return str(arrival_cards.doubt(words, chosen, [*guesses, *([also] if also else [])], is_open=also is not None))


def _label(words: Words, novel: Novel) -> str:
    return f"{novel.title} · {words('library.damaged')}" if novel.damaged else f"{novel.title} · {novel.characters:,}"


def bring(services: Services, words: Words, visitor: Visitor, uploads: list[Upload], encoding: str, novel: object) -> Answers:
    """Make novels of the uploaded files; those that cannot be read are told, one by one."""
    files = {(upload.path, upload.name): None for upload in uploads or []}
    services.novels.arriving.start(visitor, list(files), encoding or None, lambda file: forget([Upload(file, "")]))
    yield from follow(services, words, visitor, novel)


def rejoin(services: Services, words: Words, visitor: Visitor) -> str:
    """Something else each time files are on their way in that a page which was just opened should follow; else nothing."""
    return secrets.token_hex(4) if services.novels.arriving.batch(visitor) else ""


def followed(tab: LibraryTab) -> list[Any]:
    """The outputs of `follow`."""
    return [*shown(tab), tab.upload, tab.arrivals]


def follow(services: Services, words: Words, visitor: Visitor, novel: object) -> Answers:
    """How far the files on their way in are, if there are any, until the last is in: after a reload, too."""
    # What yields nothing at all would empty its outputs.
    yield *_nothing(), gr.skip(), gr.skip()
    last = None
    for batch in services.novels.arriving.watch(visitor):
        if batch.future.done():
            made = [row["id"] for one in batch.done for row in one.novels]
            yield (
                *view(services, words, visitor, made[-1] if made else novel),
                None,
                str(arrival_cards.arrivals(words, batch.done)),
            )
        elif (told := str(arrival_cards.coming(words, batch))) != last:
            last = told
            yield *_nothing(), None, told


def _nothing() -> tuple[Any, ...]:
    return tuple(gr.skip() for _ in range(SHOWN))


def stop(services: Services, words: Words, visitor: Visitor) -> None:
    """Leave out what is not in yet."""
    services.novels.arriving.stop(visitor)


def _read(wish: object) -> tuple[str, str, str]:
    """A wish as assets/library.js writes it: of which thing, what to do, in which encoding; empty for anything else."""
    try:
        found = json.loads(wish) if isinstance(wish, str) else {}
    except ValueError:
        found = {}
    found = found if isinstance(found, dict) else {}
    thing, what, encoding = (str(found.get(name, "")) for name in ("id", "do", "encoding"))
    return thing, what, encoding


def answer(services: Services, words: Words, visitor: Visitor, wish: object, novel: object) -> Answers:
    """What a person says of a file whose encoding is unclear: read it so, show how it looks so, or leave it."""
    thing, what, encoding = _read(wish)
    yield *_nothing(), gr.skip(), gr.skip()
    if what == "take":
        services.novels.answer(visitor, thing, encoding)
        yield from follow(services, words, visitor, novel)
    elif what == "look":
        also = services.novels.guess_of_question(visitor, thing, encoding)
        asked = services.novels.questions.all(visitor)
        yield str(arrival_cards.questions(words, asked, (thing, also))), *_nothing()[1:], gr.skip(), gr.skip()
    elif what == "leave":
        services.novels.questions.forget(visitor, thing)
        yield *view(services, words, visitor, novel), gr.skip(), ""


def settle(services: Services, words: Words, visitor: Visitor, wish: object) -> tuple[Any, ...]:
    """The same of a novel that was read, but not surely."""
    thing, what, encoding = _read(wish)
    novel = services.novels.get(visitor, thing)
    if what == "look":
        also = services.novels.guess(visitor, thing, encoding)
        at, told = 6, _doubt(services, words, visitor, novel, also)
        return *_nothing()[:at], told, *_nothing()[at + 1 :], gr.skip(), gr.skip(), gr.skip()
    if what == "take" and encoding != novel.encoding:
        return reread(services, words, visitor, thing, encoding)
    services.novels.accept(visitor, thing)
    return *view(services, words, visitor, thing), gr.skip(), gr.skip(), gr.skip()


def rename(services: Services, words: Words, visitor: Visitor, novel: object, title: str) -> tuple[Any, ...]:
    """Give the chosen novel another title."""
    renamed = services.novels.rename(visitor, novel, title or "")
    tell(words, words("library.renamed", title=renamed.title))
    return view(services, words, visitor, renamed.id)


def try_encoding(services: Services, words: Words, visitor: Visitor, novel: object, encoding: str) -> tuple[Any, Any]:
    """Show how the chosen novel would begin in another encoding."""
    if not encoding:
        return "", gr.update(interactive=False)
    try:
        decoded = services.novels.try_encoding(visitor, novel, encoding)
    except StudioError as error:
        return str(tag("p", arrival_cards.reason(words, error), class_="refusal", role="alert")), gr.update(interactive=False)
    return str(cards.reading(words, decoded)), gr.update(interactive=True)


def reread(services: Services, words: Words, visitor: Visitor, novel: object, encoding: str) -> tuple[Any, ...]:
    """Read the chosen novel again; the earlier reading can be taken back."""
    done = services.novels.reread(visitor, novel, encoding)
    name = cards.encoding_name(words, done.novel.encoding)
    sentence = words("library.reread.done", title=done.novel.title, encoding=name)
    return (*view(services, words, visitor, done.novel.id), *_undoable(sentence, done.ticket, done.novel.id))


def delete(services: Services, words: Words, visitor: Visitor, novel: object) -> tuple[Any, ...]:
    """Move the chosen novel to the trash at once, and offer to take it back."""
    title = services.novels.get(visitor, novel).title
    ticket = services.novels.discard(visitor, novel)
    return (*view(services, words, visitor), *_undoable(words("library.delete.done", title=title), ticket))


def undo(services: Services, words: Words, visitor: Visitor, undone: object) -> tuple[Any, ...]:
    """Take back what was deleted last; after reading again, the new reading goes instead."""
    ticket, instead = (undone.get("ticket"), undone.get("instead")) if isinstance(undone, dict) else (None, None)
    novel = services.novels.restore(visitor, ticket)
    if instead and any(one.id == instead for one in services.novels.all(visitor)):
        services.novels.discard(visitor, instead)
    tell(words, words("library.restored", title=novel.title))
    return (*view(services, words, visitor, novel.id), gr.update(visible=False), "", None)


def restore(services: Services, words: Words, visitor: Visitor, ticket: object) -> tuple[Any, ...]:
    """Take a novel out of the trash."""
    novel = services.novels.restore(visitor, ticket)
    tell(words, words("library.restored", title=novel.title))
    return (*view(services, words, visitor, novel.id), gr.update(visible=False), "", None)


def _undoable(sentence: str, ticket: str, instead: str | None = None) -> tuple[Any, ...]:
    text = tag("p", join(sentence), role="status")
    return gr.update(visible=True), str(text), {"ticket": ticket, "instead": instead}


def wire(tab: LibraryTab, page: Page) -> None:
    """Connect the tab's events."""
    outputs, undoing, following = shown(tab), undo_shown(tab), followed(tab)
    # Sentences of success reach the page through the queue only.
    quick: dict[str, Any] = {"queue": True}
    slow: dict[str, Any] = {"queue": True, "show_progress": "minimal", "show_progress_on": tab.arrivals}
    # Only watches, so that a visitor's long upload takes nobody's turn.
    watching: dict[str, Any] = {"queue": True, "concurrency_limit": None}
    wishes = "(wish, ...more) => [moxu.chosen.wish, ...more]"
    recall = "(...now) => moxu.recall('library', ['novel'], now)"
    keep = "(...now) => moxu.keepChosen('library', ['novel'], now)"
    page.on([page.blocks.load, tab.tab.select], view, [tab.novel], outputs, action="see", js=recall)
    # A queued event at every load would leave an error in the console when the page is left at once.
    page.on([page.blocks.load], rejoin, None, [tab.coming], action="see")
    page.on([tab.coming.change], follow, [tab.novel], following, action="see", **watching)
    tab.novel.change(None, [tab.novel], None, js=keep, queue=False, api_visibility="private")
    page.on([tab.upload.upload], bring, [tab.upload, tab.upload_encoding, tab.novel], following, action="make", **watching)
    page.on([tab.arrivals.click], stop, action="make")
    page.on([tab.questions.click], answer, [tab.wish, tab.novel], following, action="make", js=wishes, **watching)
    page.on([tab.doubt.click], settle, [tab.wish], [*outputs, *undoing], action="change", js=wishes, **quick)
    page.on([tab.novel.input], view, [tab.novel], outputs, action="see")
    page.on([tab.rows.click], view, [tab.novel], outputs, action="see", js="() => moxu.chosen.novel")
    page.on([tab.rename.click, tab.title.submit], rename, [tab.novel, tab.title], outputs, action="change", **quick)
    trial = [tab.reading, tab.reread]
    page.on([tab.encoding.input], try_encoding, [tab.novel, tab.encoding], trial, action="see", **slow)
    page.on([tab.reread.click], reread, [tab.novel, tab.encoding], [*outputs, *undoing], action="change", **slow)
    page.on([tab.delete.click], delete, [tab.novel], [*outputs, *undoing], action="change")
    page.on([tab.undo.click], undo, [tab.undone], [*outputs, *undoing], action="change", **quick)
    page.on([tab.restore.click], restore, [tab.deleted], [*outputs, *undoing], action="change", **quick)
