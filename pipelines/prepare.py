"""Novels to something a run can learn from: a corpus with a vocabulary, making only what is missing.

    python -m pipelines.prepare NOVEL_ID... [--name NAME]

Novels never cleaned are cleaned by the default rules; a corpus of exactly these cleanings is used again, and its encoding.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines.assemble import AssembleSettings, assemble
from pipelines.cleanings import clean_novel, read_cleaning
from pipelines.command import Parser, Result, execute, parser, workspace_of
from pipelines.encode import encode
from pipelines.errors import BadSettings, BadText, BrokenArtifact, NotFound
from pipelines.files import read_json, read_object, read_text, sha256_of
from pipelines.folders import CorpusFolder, EncodingFolder, NovelFolder, list_folders
from pipelines.ingest import ingest_file
from pipelines.workspace import LOCAL_OWNER, Workspace, owner_of

NAMED_TITLES = 2

# Hears of each thing that is to be made, before it is: `clean`, `assemble` or `encode`, and of what.
Tell = Callable[[str, str], None]


def prepare(
    workspace: Workspace,
    novel_ids: Sequence[str],
    name: str = "",
    tell: Tell = lambda step, subject: None,
    owner: str = LOCAL_OWNER,
) -> tuple[CorpusFolder, EncodingFolder]:
    """The corpus of these novels' current cleanings and its encoding, what is missing of them made, for `owner`.

    Raises NotFound for a novel that is not there, BadSettings if none is named, BadText for too little text.
    """
    if not novel_ids:
        raise BadSettings("no_novels", "no novel is named", "name one at least")
    novels = list({novel.id: novel for novel in map(workspace.novel, novel_ids)}.values())
    for novel in novels:
        if read_json(novel.meta).get("cleaning") is None:
            tell("clean", novel.id)
            clean_novel(novel)
    corpus = find_corpus(workspace, novels)
    if corpus is None:
        name = name or name_of(novels)
        tell("assemble", name)
        corpus = assemble(workspace, novels, name, AssembleSettings(), owner)
    if not list_folders(corpus.encodings):
        tell("encode", corpus.id)
    return corpus, encode(corpus)


def find_corpus(workspace: Workspace, novels: Sequence[NovelFolder]) -> CorpusFolder | None:
    """The newest whole corpus of exactly the current cleanings and outlines of these novels, held out by the default settings."""
    wanted = {(novel.id, cleaning.sha256, cleaning.outline) for novel in novels for cleaning in [read_cleaning(novel)]}
    found = [corpus for path in list_folders(workspace.corpora) if _is_made_of(corpus := CorpusFolder(path), wanted)]
    return max(found, key=lambda corpus: corpus.manifest.stat().st_mtime, default=None)


def _is_made_of(corpus: CorpusFolder, wanted: set[tuple[str, str, str | None]]) -> bool:
    try:
        manifest = read_json(corpus.manifest)
        made_so = manifest["made_with"]["settings"] == asdict(AssembleSettings())
        return made_so and _keys(manifest["made_from"]) == wanted and sha256_of(corpus.chapters) == manifest["sha256"]
    except (BrokenArtifact, FileNotFoundError, KeyError, TypeError):  # a folder that is no corpus, or a damaged one
        return False


def _keys(sources: Any) -> set[tuple[str, str, str | None]]:
    """What a corpus is made of, whatever the order of its novels; corpora older than outlines have none."""
    return {(source["novel"], source["sha256"], source.get("outline")) for source in sources}


def name_of(novels: Sequence[NovelFolder]) -> str:
    """A name for the corpus of these novels: their titles, or the first of many and their number."""
    titles = [read_json(novel.meta)["title"] for novel in novels]
    return " + ".join(titles) if len(titles) <= NAMED_TITLES else f"{titles[0]} + {len(titles) - 1}"


def bring_story(workspace: Workspace, story: Path, owner: str = LOCAL_OWNER) -> NovelFolder:
    """An owner's novel of a bundled story, brought in unless it is there already; raises BadText if it cannot be read."""
    wanted = sha256_of(story)
    for path in list_folders(workspace.novels):
        novel = NovelFolder(path)
        # A damaged neighbour is no reason to bring none.
        with contextlib.suppress(BrokenArtifact, FileNotFoundError):
            if read_object(novel.manifest).get("original_sha256") == wanted and owner_of(novel.meta) == owner:
                return novel
    try:
        row = ingest_file(workspace, story, title=read_text(story).split("\n", 1)[0], owner=owner).novels[0]
    except (BadText, NotFound) as error:
        raise BadText("no_story", error.sentence, "restore it from the repository") from error
    return workspace.novel(row["id"])


def main(argv: list[str] | None = None) -> int:
    """The command `prepare`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("prepare", "Novels to a corpus with an encoding, ready for `runs start`; makes only what is missing.")
    made.add_argument("novels", nargs="+", metavar="NOVEL_ID", help="novels, cleaned or not")
    made.add_argument("--name", default="", metavar="NAME", help="what a new corpus is called, else the titles")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Prepare the novels that the command names, telling each step on stderr."""
    made: list[dict[str, str]] = []

    def tell(step: str, subject: str) -> None:
        made.append({"step": step, "of": subject})
        print(f"{step} {subject}", file=sys.stderr, flush=True)

    corpus, encoding = prepare(workspace_of(arguments), arguments.novels, arguments.name, tell)
    line = f"{corpus.id}: encoding {encoding.id}, {'ready' if made else 'was ready already'}"
    return {"corpus": corpus.id, "encoding": encoding.id, "made": made}, line


if __name__ == "__main__":
    sys.exit(main())
