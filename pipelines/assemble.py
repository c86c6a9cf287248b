"""Gather cleaned novels into a corpus of chapters, some of them held out whole to measure the model by.

    python -m pipelines.assemble NOVEL_ID... --name NAME [--hold-out 0.1] [--seed 0]

A corpus keeps the text of its chapters: whatever becomes of the novels, nothing made from the corpus breaks.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

from pipelines import VERSION, settings
from pipelines.cleanings import Cleaning, read_cleaning
from pipelines.command import Parser, Result, execute, parser, workspace_of
from pipelines.errors import BadText, BrokenArtifact
from pipelines.files import publish, read_json, sha256_of, write_json, write_lines
from pipelines.folders import CorpusFolder, NovelFolder
from pipelines.settings import option
from pipelines.workspace import FORMAT, LOCAL_OWNER, Workspace, now, write_meta

LEAST_CHAPTERS = 2
LEAST_CHARACTERS = 500
# However long the chapter that the hash puts first, more than half of the text is left to learn from where it can be.
MOST_HELD_OUT = 0.5
# Lines shorter than this (headings, "he nodded") are the same in chapters that have nothing to do with each other.
LEAST_LINE = 20
LONGEST_LINE = 400
SENTENCE_END = re.compile("(?<=[。！？!?…．.])")
# Chapters share text that have so many lines in common, or this part of the lines of the shorter one.
SHARED_LINES = 3
SHARED_PART = 0.2
# What stands in more chapters of a novel is a refrain, or a website's mark: it counts as a part only, not as lines.
REFRAIN = 3
# What stands in more chapters than this says nothing of any two, and would take long to compare.
COMMONPLACE = 20


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
    cleanings = {novel.id: read_cleaning(novel) for novel in novels}
    chapters = [chapter for novel, cleaning in cleanings.items() for chapter in chapters_of(novel, cleaning)]
    check_length(chapters)
    chapters = hold_out(chapters, chosen)
    corpus = workspace.new_corpus(name)
    with publish(corpus.path) as partial:
        folder = CorpusFolder(partial)
        write_lines(folder.chapters, (asdict(chapter) for chapter in chapters))
        facts = {"format": FORMAT, "id": corpus.id, "name": name} | figures(chapters) | asdict(chosen)
        sources = [_source(novel, cleaning) for novel, cleaning in cleanings.items()]
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
    different = len({_squeezed(chapter.text) for chapter in chapters})
    if different < LEAST_CHAPTERS:
        message = f"the text has {different} different chapters, and a corpus needs {LEAST_CHAPTERS}, one to hold out"
        raise BadText("too_few_chapters", message, "add more novels", chapters=different, needed=LEAST_CHAPTERS)


def hold_out(chapters: Sequence[CorpusChapter], chosen: AssembleSettings) -> list[CorpusChapter]:
    """The chapters in their order, those held out marked: in the order of a seeded hash until the share is reached.

    Chapters that share text go together, or the model would be measured by what it has seen. A group that would bring the
    held-out share above a half is passed over; one group at least is held out, one never is. Raises BadText if all the
    chapters are one group.
    """
    keys = group(chapters)
    sizes: Counter[str] = Counter()
    for key, chapter in zip(keys, chapters, strict=True):
        sizes[key] += len(chapter.text)
    if len(sizes) < LEAST_CHAPTERS:
        message = "the texts are the same all through, so that nothing can be held out that the model does not learn from"
        raise BadText("same_texts", message, "add other novels", chapters=len(chapters))
    held = _held_keys(sizes, chosen)
    return [replace(chapter, held_out=key in held) for key, chapter in zip(keys, chapters, strict=True)]


def group(chapters: Sequence[CorpusChapter]) -> list[str]:
    """The group of each chapter: chapters that share text, whatever their headings and cuts, are of one group.

    A group is called by the least of its chapters' texts, white space left away: a chapter alone by its own.
    """
    texts = [_squeezed(chapter.text) for chapter in chapters]
    chief = {text: text for text in texts}

    def find(text: str) -> str:
        while chief[text] != text:
            chief[text] = chief[chief[text]]
            text = chief[text]
        return text

    for one, other in _sharing(dict(zip(texts, chapters, strict=True))):
        low, high = sorted((find(one), find(other)))
        chief[high] = low
    return [find(text) for text in texts]


def _sharing(different: dict[str, CorpusChapter]) -> Iterable[tuple[str, str]]:
    """The pairs of chapters, by their squeezed texts, that share text."""
    places: dict[bytes, list[int]] = {}
    texts, counts = list(different), []
    for place, chapter in enumerate(different.values()):
        lines = {_place(line, 0) for line in _lines(chapter.text)}
        counts.append(len(lines))
        for line in lines:
            places.setdefault(line, []).append(place)
    novels = [chapter.novel for chapter in different.values()]
    shared: Counter[tuple[int, int]] = Counter()
    telling: Counter[tuple[int, int]] = Counter()
    for found in places.values():
        if 2 <= len(found) <= COMMONPLACE:
            pairs = list(combinations(found, 2))
            shared.update(pairs)
            if max(Counter(novels[place] for place in found).values()) <= REFRAIN:
                telling.update(pairs)
    for (one, other), lines in shared.items():
        if telling[one, other] >= SHARED_LINES or lines >= SHARED_PART * min(counts[one], counts[other]):
            yield texts[one], texts[other]


def _lines(text: str) -> Iterator[str]:
    """The lines of a text that tell where it is from, without white space; a long one, which a cut may part, as sentences.

    A line that is mostly no letters (`-----Page 5-----`) tells nothing.
    """
    for line in map(_squeezed, text.splitlines()):
        for part in [line] if len(line) <= LONGEST_LINE else SENTENCE_END.split(line):
            if len(part) >= LEAST_LINE and 2 * sum(map(str.isalnum, part)) >= len(part):
                yield part


def _held_keys(sizes: dict[str, int], chosen: AssembleSettings) -> set[str]:
    """The groups to hold out, by the characters each has."""
    total, taken = sum(sizes.values()), 0
    held: set[str] = set()
    for key in sorted(sizes, key=lambda key: _place(key, chosen.seed)):
        if taken >= chosen.hold_out * total:
            break
        if taken + sizes[key] <= MOST_HELD_OUT * total:
            held.add(key)
            taken += sizes[key]
    return held or {min(sizes, key=lambda key: (sizes[key], key))}


def _squeezed(text: str) -> str:
    """The text without any white space: what makes two chapters the same."""
    return "".join(text.split())


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
