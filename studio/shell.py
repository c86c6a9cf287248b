"""One page in one language: header, five tabs, and the few places where one tab leads to another."""

import gradio as gr

from studio.events import Page
from studio.markup import Markup, tag
from studio.services import Services
from studio.tabs import cleaning, library, shelf, training, writing
from studio.words import LANGUAGES, Words

TITLE = "墨续 Moxu"


def build_page(services: Services, words: Words) -> gr.Blocks:
    """The studio's page in the language of `words`."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(str(header(words)), elem_id="header")
        with gr.Tabs(elem_id="tabs"):
            of_library = library.build(words)
            of_cleaning = cleaning.build(words)
            of_training = training.build(words)
            of_writing = writing.build(words)
            of_shelf = shelf.build(words)
        page = Page(blocks, services, words)
        library.wire(of_library, page)
        cleaning.wire(of_cleaning, page)
        training.wire(of_training, page)
        writing.wire(of_writing, page)
        shelf.wire(of_shelf, page)
        connect(page, of_library, of_cleaning, of_training, of_writing, of_shelf)
    return blocks


def connect(
    page: Page,
    of_library: library.LibraryTab,
    of_cleaning: cleaning.CleaningTab,
    of_training: training.TrainingTab,
    of_writing: writing.WritingTab,
    of_shelf: shelf.ShelfTab,
) -> None:
    """The ways from one tab to the next: what was chosen there is chosen here, then the tab opens."""
    clean_this = page.on(
        [of_library.clean_this.click], cleaning.show, [of_library.novel], cleaning.shown(of_cleaning), action="see"
    )
    page.lead(clean_this, "cleaning")
    for tab in (of_library, of_cleaning):
        train_this = page.on([tab.train_this.click], training.choose_novel, [tab.novel], [of_training.novels], action="see")
        page.lead(train_this, "training")
    for tab, chosen in ((of_training, of_training.bundle), (of_shelf, of_shelf.bundle)):
        write_with = page.on([tab.write_with.click], writing.choose_bundle, [chosen], [of_writing.bundle], action="use")
        page.lead(write_with, "writing")
    for tab in (of_library, of_writing, of_shelf):
        page.lead(training.tries_story(of_training, page, tab.try_story), "training")
    for tab in (of_writing, of_shelf):
        page.lead(tab.go_train.click, "training")
    for tab in (of_cleaning, of_training):
        page.lead(tab.go_library.click, "library")


def header(words: Words) -> Markup:
    """The brand, the other language and the switch between light and dark."""
    other = next(language for language in LANGUAGES if language != words.language)
    return tag(
        "header",
        tag(
            "div", tag("span", "墨续", class_="seal", lang="zh"), tag("span", words("page.motto"), class_="motto"), class_="brand"
        ),
        tag(
            "nav",
            tag("button", words("page.other_language"), type="button", class_="plain", data_language=other, lang=other),
            tag("button", words("page.theme"), type="button", class_="plain", data_theme_switch=True),
            aria_label=words("page.preferences"),
        ),
        class_="moxu-header",
    )
