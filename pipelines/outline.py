"""A novel's outline: the chapters of a cleaning as its writer wants them. The cleaning's own chapters never change.

    python -m pipelines.outline NOVEL_ID                                    the chapters, and what is wrong with their numbers
    python -m pipelines.outline NOVEL_ID --split LINE [--title T]           a chapter begins at that line of the clean text
    python -m pipelines.outline NOVEL_ID --merge N | --rename N --title T   into the one before it; under another title
    python -m pipelines.outline NOVEL_ID --drop N | --keep N                left out; taken back
    python -m pipelines.outline NOVEL_ID --undo | --reset                   as before the last edit; as they were found

What can be done is in chapters/edits.py, how it is kept in outlines.py.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from pipelines.chapters import Chapter
from pipelines.chapters.edits import keep, merge, rename, split
from pipelines.chapters.numbering import Flaw, check
from pipelines.cleanings import current, held
from pipelines.command import Parser, Result, execute, parser, workspace_of
from pipelines.errors import BadSettings, BrokenArtifact
from pipelines.files import read_text
from pipelines.folders import NovelFolder
from pipelines.outlines import former_chapters, found_chapters, keep_former, read_chapters, write_outline

# Takes the chapters and the clean text, gives the chapters as they are wanted now.
Change = Callable[[Sequence[Chapter], str], list[Chapter]]


def change_outline(novel: NovelFolder, number: int, change: Change) -> list[Chapter]:
    """Change the chapters of a cleaning under the novel's lock; the chapters then. What they were is kept for `undo_outline`.

    Raises BadSettings for a change that cannot be made, Conflict if another command does not let the novel go.
    """
    with held(novel):
        before = read_chapters(novel, number)
        chapters = change(before, read_text(novel.clean_text(number)))
        if chapters != before:
            keep_former(novel, number, before)
            write_outline(novel, number, chapters)
    return chapters


def undo_outline(novel: NovelFolder, number: int) -> list[Chapter]:
    """Take the last edit of the chapters back, once; the chapters then. Raises Conflict if there is none."""
    with held(novel):
        chapters = former_chapters(novel, number)
        if chapters == found_chapters(novel, number):
            # Without an outline, so that what was made of the chapters as they were found is current again.
            novel.outline(number).unlink(missing_ok=True)
        else:
            write_outline(novel, number, chapters)
        novel.former_outline(number).unlink()
    return chapters


def reset_outline(novel: NovelFolder, number: int) -> None:
    """Take the chapters of a cleaning back to what was found in its text; `undo_outline` brings the edits back."""
    with held(novel):
        if novel.outline(number).exists():
            with contextlib.suppress(BrokenArtifact):
                keep_former(novel, number, read_chapters(novel, number))
            novel.outline(number).unlink()


def listed(chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    """The chapters as rows, numbered from 1 as the commands count them."""
    return [
        {"number": number, "title": chapter.title, "characters": chapter.end - chapter.start, "kept": chapter.kept}
        for number, chapter in enumerate(chapters, start=1)
    ]


def main(argv: list[str] | None = None) -> int:
    """The command `outline`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("outline", "See and edit the chapters of a novel's current cleaning.")
    made.add_argument("novel", metavar="NOVEL_ID", help="a cleaned novel")
    edits = made.add_mutually_exclusive_group()
    edits.add_argument("--split", type=int, metavar="LINE", help="begin a chapter at this line of the clean text, counted from 1")
    edits.add_argument("--merge", type=int, metavar="N", help="make this chapter part of the one before it")
    edits.add_argument("--rename", type=int, metavar="N", help="give this chapter the title of --title")
    edits.add_argument("--drop", type=int, metavar="N", help="leave this chapter out of what is made from the novel")
    edits.add_argument("--keep", type=int, metavar="N", help="take a dropped chapter back")
    edits.add_argument("--undo", action="store_true", help="take the last edit back")
    edits.add_argument("--reset", action="store_true", help="take all edits back")
    made.add_argument("--title", default="", metavar="T", help="for --split (else the line itself) and --rename")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Do the edit that the flags name, and list the chapters."""
    novel = workspace_of(arguments).novel(arguments.novel)
    number = current(novel)
    change = _change(arguments)
    if arguments.title and arguments.split is None and arguments.rename is None:
        raise BadSettings("needs_place", "--title goes with --split or --rename", "name a line or a chapter")
    if arguments.reset:
        reset_outline(novel, number)
    if arguments.undo:
        undo_outline(novel, number)
    chapters = read_chapters(novel, number) if change is None else change_outline(novel, number, change)
    flaws = check(chapters)
    rows = listed(chapters)
    result = {"novel": novel.id, "cleaning": number, "chapters": rows, "flaws": [asdict(flaw) for flaw in flaws]}
    return result, "\n".join([*map(_line, rows), *map(_sentence, flaws)])


def _change(arguments: argparse.Namespace) -> Change | None:
    """The edit that the flags name."""
    if arguments.split is not None:
        return lambda chapters, text: split(chapters, text, _offset(text, arguments.split), arguments.title)
    if arguments.merge is not None:
        return lambda chapters, text: merge(chapters, arguments.merge)
    if arguments.rename is not None:
        return lambda chapters, text: rename(chapters, arguments.rename, arguments.title)
    if arguments.drop is not None:
        return lambda chapters, text: keep(chapters, arguments.drop, False)
    if arguments.keep is not None:
        return lambda chapters, text: keep(chapters, arguments.keep, True)
    return None


def _offset(text: str, line: int) -> int:
    """Where a line starts, counted from 1; raises BadSettings if there is none."""
    lines = text.count("\n") + (not text.endswith("\n"))
    if not 1 <= line <= lines:
        message = f"the text has no line {line}"
        raise BadSettings("no_line", message, f"its lines are 1 to {lines}", value=line, count=lines)
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start


def _line(row: dict[str, Any]) -> str:
    dropped = "" if row["kept"] else "  (left out)"
    return "{number:>5}  {title}  {characters:,} characters".format(**row) + dropped


def _sentence(flaw: Flaw) -> str:
    numbers = f"chapter {flaw.first}" if flaw.first == flaw.last else f"chapters {flaw.first} to {flaw.last}"
    what = {"missing": "missing before", "repeated": "there again as", "disorder": "out of order as"}[flaw.kind]
    volume = f", volume {flaw.volume}" if flaw.volume else ""
    return f"! {numbers}{volume}: {what} number {flaw.place + 1} of the list"


if __name__ == "__main__":
    sys.exit(main())
