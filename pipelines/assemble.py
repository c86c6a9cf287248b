"""Gather cleaned novels into a corpus of chapters, some of them held out whole to measure the model by.

    python -m pipelines.assemble NOVEL_ID... --name NAME [--hold-out 0.1] [--seed 0]

A corpus keeps the text of its chapters: whatever becomes of the novels, nothing made from the corpus breaks.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipelines import VERSION, settings
from pipelines.cleanings import Cleaning, read_cleaning
from pipelines.command import Parser, Result, execute, parser, workspace_of
from pipelines.errors import BadText, BrokenArtifact
from pipelines.files import publish, read_json, sha256_of, write_json, write_lines
from pipelines.folders import CorpusFolder, NovelFolder
from pipelines.kinship import digest, groups, squeezed
from pipelines.settings import option
from pipelines.workspace import FORMAT, LOCAL_OWNER, Workspace, now, write_meta

LEAST_CHAPTERS = 2
LEAST_CHARACTERS = 500
# However long the chapter that the hash puts first, more than half of the text is left to learn from where it can be.
MOST_HELD_OUT = 0.5


@dataclass(frozen=True, slots=True)
class AssembleSettings:
    """How much is held out, and which chapters."""

    hold_out: float = option(0.1, "share of the characters to hold out, in whole chapters", minimum=0.01, maximum=MOST_HELD_OUT)
    seed: int = option(0, "another seed holds out other chapters", minimum=0)


@dataclass(frozen=True, slots=True)
class CorpusChapter:
    """A chapter of a novel, its text as it stands in the clean text, and whether the model may not see it."""

    novel: str
    title: str
    text: str
    held_out: bool = False


def assemble(
    workspace: Workspace, novels: Sequence[NovelFolder], name: str, chosen: AssembleSettings, owner: str = LOCAL_OWNER
) -> CorpusFolder:
    """A new corpus from the current cleanings of the novels; a novel named twice is in it once.

    Raises Conflict for a novel that was never cleaned, BadText for too little text, BrokenArtifact for a changed one.
    """
    chapters: list[CorpusChapter] = []
    sources: list[dict[str, Any]] = []
    for novel in {novel.id: novel for novel in novels}.values():
        cleaning = read_cleaning(novel)
        chapters += chapters_of(novel.id, cleaning)
        sources.append(_source(novel.id, cleaning))
    check_length(chapters)
    chapters = hold_out(chapters, chosen)
    corpus = workspace.new_corpus(name)
    with publish(corpus.path) as partial:
        folder = CorpusFolder(partial)
        write_lines(folder.chapters, (asdict(chapter) for chapter in chapters))
        facts = {"format": FORMAT, "id": corpus.id, "name": name} | figures(chapters) | asdict(chosen)
        made = {"made_from": sources, "made_with": {"settings": asdict(chosen), "versions": {"moxu": VERSION}}, "created": now()}
        write_json(folder.manifest, facts | {"sha256": sha256_of(folder.chapters)} | made)
        write_meta(folder.meta, name, owner=owner)
    return corpus


def _source(novel: str, cleaning: Cleaning) -> dict[str, Any]:
    return {"novel": novel, "cleaning": cleaning.number, "sha256": cleaning.sha256, "outline": cleaning.outline}


def chapters_of(novel: str, cleaning: Cleaning) -> list[CorpusChapter]:
    """The chapters of a cleaning that its writer keeps: joined, they are its text, but for what was dropped."""
    kept = (chapter for chapter in cleaning.chapters if chapter.kept)
    return [CorpusChapter(novel, chapter.title, cleaning.text[chapter.start : chapter.end]) for chapter in kept]


def check_length(chapters: Sequence[CorpusChapter]) -> None:
    """Raise BadText unless there is enough to train on and to hold out."""
    characters = sum(len(chapter.text) for chapter in chapters)
    if characters < LEAST_CHARACTERS:
        message = f"the text has {characters} characters, and a corpus needs {LEAST_CHARACTERS}"
        raise BadText("too_short", message, "add more novels", characters=characters, needed=LEAST_CHARACTERS)
    different = len({digest(chapter.text) for chapter in chapters})
    if different < LEAST_CHAPTERS:
        message = f"the text has {different} different chapters, and a corpus needs {LEAST_CHAPTERS}, one to hold out"
        raise BadText("too_few_chapters", message, "add more novels", chapters=different, needed=LEAST_CHAPTERS)


def hold_out(chapters: Sequence[CorpusChapter], chosen: AssembleSettings) -> list[CorpusChapter]:
    """The chapters in their order, those held out marked: in the order of a seeded hash until the share is reached.

    Chapters that share text go together, or the model would be measured by what it has seen. A group that would bring the
    held-out share above a half is passed over; one group at least is held out, one never is. Raises BadText if all the
    chapters are one group.
    """
    chiefs = groups([chapter.text for chapter in chapters], [chapter.novel for chapter in chapters])
    sizes: Counter[int] = Counter()
    for chief, chapter in zip(chiefs, chapters, strict=True):
        sizes[chief] += len(chapter.text)
    if len(sizes) < LEAST_CHAPTERS:
        message = "the texts are the same all through, so that nothing can be held out that the model does not learn from"
        raise BadText("same_texts", message, "add other novels", chapters=len(chapters))
    order = sorted(sizes, key=lambda chief: _place(squeezed(chapters[chief].text), chosen.seed))
    held = _held(order, sizes, chosen)
    return [replace(chapter, held_out=chief in held) for chief, chapter in zip(chiefs, chapters, strict=True)]


def _held(order: Sequence[int], sizes: Counter[int], chosen: AssembleSettings) -> set[int]:
    """The groups to hold out, by their chiefs in the order of the hash and the characters each has."""
    total, taken = sizes.total(), 0
    held: set[int] = set()
    for chief in order:
        if taken >= chosen.hold_out * total:
            break
        if taken + sizes[chief] <= MOST_HELD_OUT * total:
            held.add(chief)
            taken += sizes[chief]
    return held or {min(order, key=lambda chief: sizes[chief])}


def _place(text: str, seed: int) -> bytes:
    """Where a text stands in the order of this seed, the same on every machine."""
    return hashlib.sha256(f"{seed}\n{text}".encode()).digest()


def figures(chapters: Iterable[CorpusChapter]) -> dict[str, int]:
    """The counts of a corpus; `characters` and `chapters` hold those held out, too."""
    rows = list(chapters)
    held = [chapter for chapter in rows if chapter.held_out]
    return {
        "novels": len({chapter.novel for chapter in rows}),
        "chapters": len(rows),
        "held_out_chapters": len(held),
        "characters": sum(len(chapter.text) for chapter in rows),
        "held_out_characters": sum(len(chapter.text) for chapter in held),
    }


def read_chapters(folder: CorpusFolder) -> list[CorpusChapter]:
    """The chapters of a corpus; raises BrokenArtifact if they are gone or not what they were when it was made."""
    try:
        wanted, found = read_json(folder.manifest)["sha256"], sha256_of(folder.chapters)
    except FileNotFoundError as error:
        raise _broken(folder, f"{error.filename} is gone") from error
    if wanted != found:
        raise _broken(folder, f"{folder.chapters} has changed since the corpus was made")
    with folder.chapters.open(encoding="utf-8") as file:
        return [CorpusChapter(**json.loads(line)) for line in file]


def _broken(folder: CorpusFolder, message: str) -> BrokenArtifact:
    return BrokenArtifact("broken_corpus", message, "assemble it again", corpus=folder.id)


def main(argv: list[str] | None = None) -> int:
    """The command `assemble`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("assemble", "Gather cleaned novels into a corpus of chapters, some of them held out.")
    made.add_argument("novels", nargs="+", metavar="NOVEL_ID", help="cleaned novels")
    made.add_argument("--name", required=True, metavar="NAME", help="what the corpus is called")
    settings.add_flags(made, AssembleSettings)
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Assemble the novels that the command names."""
    chosen = settings.from_flags(AssembleSettings(), arguments)
    workspace = workspace_of(arguments)
    novels = [workspace.novel(wanted) for wanted in arguments.novels]
    corpus = assemble(workspace, novels, arguments.name, chosen)
    manifest = read_json(corpus.manifest)
    kept = ("novels", "chapters", "held_out_chapters", "characters", "held_out_characters", "hold_out", "seed")
    result = {"corpus": corpus.id} | {key: manifest[key] for key in kept}
    line = "{corpus}: {chapters} chapters, {characters:,} characters; {held_out_chapters} chapters held out".format(**result)
    return result, line


if __name__ == "__main__":
    sys.exit(main())
