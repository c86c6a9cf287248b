"""The chapters of a novel on the page: their list, what is wrong with their numbers, and one of them to read and to change.

Pure. assets/outline.js draws the list from `listing`, for it may have thousands of rows, and lays `reading` beside it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipelines.chapters import Chapter
from pipelines.chapters.edits import LONGEST_TITLE
from pipelines.chapters.headings import TITLE_LIMIT, heading_of
from pipelines.chapters.numbering import Flaw, check
from studio.markup import Markup, tag
from studio.preview_pages import Preview
from studio.services.outlines import Line, Outline, Reading
from studio.words import Words

# A paragraph is known by its start.
LONGEST_LINE = 160


@dataclass(frozen=True, slots=True)
class Told:
    """What the list tells: of which novel, whether its chapters can be edited, and which of them is to be chosen."""

    novel: str
    outline: Outline | None
    chosen: int | None = None


def frame(words: Words) -> Markup:
    """Where the list goes, folded away, with everything that does not change."""
    head = tag(
        "summary",
        tag("span", words("cleaning.outline"), class_="name"),
        tag("span", class_="quiet tally", data_part="tally"),
        tag("span", class_="badge warn", data_part="alarm", hidden=True),
    )
    search = tag("input", type="search", data_part="search", placeholder=words("cleaning.outline.search"))
    labelled = tag("label", tag("span", words("cleaning.outline.search"), class_="sr-only"), search)
    bar = tag("div", labelled, _button(words, "undo", data_edit="undo"), _button(words, "reset", data_edit="reset"), class_="bar")
    pager = tag(
        "div",
        _button(words, "previous", data_turn=-1),
        tag("span", class_="quiet", data_part="position", aria_live="polite"),
        _button(words, "next", data_turn=1),
        class_="bar pages",
    )
    rows = tag("ol", class_="rows", data_part="rows", tabindex=-1, aria_label=words("cleaning.outline"))
    places = tag(
        "div", tag("div", rows, pager, class_="index"), tag("div", class_="reading", data_part="reading"), class_="places"
    )
    flaws = tag("ul", class_="flaws", data_part="flaws", aria_label=words("cleaning.outline.flaws"))
    note = tag("p", class_="quiet note", data_part="note")
    return tag(
        "details", head, note, flaws, bar, places, class_="outline card", hidden=True, data_left_out=words("cleaning.outline.out")
    )


def _button(words: Words, name: str, **more: Any) -> Markup:
    return tag("button", words(f"cleaning.outline.{name}"), type="button", class_="small", **more)


def listing(words: Words, told: Told, preview: Preview | None = None) -> str:
    """What assets/outline.js draws the list from: the chapters of the cleaning, else those that the preview found."""
    outline = told.outline
    chapters = outline.chapters if outline else found_in(preview) if preview else []
    flaws = [(flaw_sentence(words, flaw), flaw.place) for flaw in check(chapters)]
    return json.dumps(
        {
            "novel": told.novel,
            "cleaning": outline.cleaning if outline else None,
            "chosen": told.chosen,
            "undo": bool(outline and outline.can_change and outline.can_undo),
            "reset": bool(outline and outline.can_change and outline.is_edited),
            "note": _note(words, outline),
            "tally": words("cleaning.outline.tally", count=f"{len(chapters):,}", characters=f"{_kept(chapters):,}"),
            "alarm": words("cleaning.outline.alarm", count=f"{len(flaws):,}") if flaws else "",
            "rows": [[one.title, one.end - one.start, one.kept, one.start] for one in chapters],
            "flaws": flaws,
        },
        ensure_ascii=False,
    )


def broken(words: Words, novel: str, sentence: str) -> str:
    """The same where the chapters cannot be read: why, and the way back."""
    rows: dict[str, Any] = {"rows": [], "flaws": [], "chosen": None, "undo": False, "reset": True}
    head = {"novel": novel, "cleaning": None, "note": sentence, "tally": "", "alarm": words("cleaning.outline.broken")}
    return json.dumps(head | rows, ensure_ascii=False)


def _note(words: Words, outline: Outline | None) -> str:
    if outline is None:
        return words("cleaning.outline.before")
    name = "can" if outline.can_change else "cannot"
    edited = words("cleaning.outline.edited") if outline.is_edited else ""
    return words(f"cleaning.outline.{name}", number=outline.cleaning) + edited


def _kept(chapters: Sequence[Chapter]) -> int:
    return sum(one.end - one.start for one in chapters if one.kept)


def found_in(preview: Preview) -> list[Chapter]:
    """The chapters that cleaning would leave, as long as they are in the text as it came."""
    places = [*preview.chapters, ("", preview.before)]
    return [Chapter(title, start, end, _number(title)) for (title, start), (_, end) in pairwise(places)]


def _number(title: str) -> int | None:
    heading = heading_of(title)
    return heading.number if heading else None


def flaw_sentence(words: Words, flaw: Flaw) -> str:
    """What is wrong with a chapter's number."""
    name = "missing_many" if flaw.last > flaw.first else flaw.kind
    sentence = words(f"cleaning.outline.flaw.{name}", first=flaw.first, last=flaw.last)
    return words("cleaning.outline.flaw.volume", volume=flaw.volume, sentence=sentence) if flaw.volume else sentence


def reading(words: Words, novel: str, read: Reading) -> Markup:
    """One chapter: its name, what can be done with it, and its lines."""
    chapter = read.chapter
    facts = words("cleaning.outline.facts", number=read.number, count=read.count, characters=f"{chapter.end - chapter.start:,}")
    out = None if chapter.kept else tag("span", words("cleaning.outline.out"), class_="badge still")
    head = tag("div", tag("h3", chapter.title), tag("p", facts, out, class_="quiet"), class_="head")
    body = _splitting(words, read) if read.page else _ends(words, read)
    edits = _edits(words, read) if read.can_change else None
    marks: dict[str, Any] = {
        "data_novel": novel,
        "data_start": chapter.start,
        "data_cleaning": read.spot.cleaning,
        "data_page": read.page,
    }
    return tag("article", head, edits, body, **marks)


def _edits(words: Words, read: Reading) -> Markup:
    label = tag("label", words("cleaning.outline.title"), for_="outline-title", class_="quiet")
    box = tag("input", type="text", id="outline-title", value=read.chapter.title, maxlength=LONGEST_TITLE, data_title=True)
    name = tag("div", label, tag("div", box, _button(words, "rename", data_edit="rename"), class_="box"), class_="naming")
    merge = _button(words, "merge", data_edit="merge") if read.number > 1 else None
    keep = _button(words, "drop" if read.chapter.kept else "take_back", data_edit="drop" if read.chapter.kept else "keep")
    split = _button(words, "close" if read.page else "split", data_look=0 if read.page else 1)
    return tag("div", name, tag("div", merge, keep, split, class_="bar"), class_="edits")


def _ends(words: Words, read: Reading) -> Markup:
    """How a chapter begins and ends, so that one sees what it is."""
    rows = [tag("p", _short(line.text)) for line in read.lines]
    half = len(rows) // 2
    gap = tag("p", words("cleaning.outline.between", count=f"{read.between:,}"), class_="gap quiet") if read.between else None
    nothing = tag("p", words("cleaning.outline.blank"), class_="quiet") if not rows else None
    return tag("div", nothing, *rows[:half], gap, *rows[half:], class_="ends", tabindex=0)


def _splitting(words: Words, read: Reading) -> Markup:
    """A page of the chapter's lines, each of which a chapter may begin at."""
    hint = tag("p", words("cleaning.outline.split.more"), class_="quiet")
    rows = [_line(words, line, read.page == 1 and place == 0) for place, line in enumerate(read.lines)]
    title = tag("input", type="text", maxlength=LONGEST_TITLE, data_title=True, aria_label=words("cleaning.outline.split.title"))
    sure = _button(words, "split.sure", data_edit="split")
    form = tag("template", tag("div", title, sure, _button(words, "split.cancel", data_cancel=True), class_="box"))
    pager = tag(
        "div",
        _button(words, "previous", data_look=read.page - 1, disabled=read.page <= 1),
        tag("span", words("cleaning.outline.page", page=read.page, pages=read.pages), class_="quiet"),
        _button(words, "next", data_look=read.page + 1, disabled=read.page >= read.pages),
        class_="bar pages",
    )
    return tag(
        "div", hint, tag("ol", *rows, class_="lines", tabindex=0), pager if read.pages > 1 else None, form, class_="splitting"
    )


def _line(words: Words, line: Line, is_first: bool) -> Markup:
    button = None if is_first else _button(words, "begin", data_begin=line.at)
    return tag("li", tag("p", _short(line.text)), button, data_title=line.text[:TITLE_LIMIT])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + "……"
