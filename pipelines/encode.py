"""Turn a corpus into token ids: learn a vocabulary from the training chapters and write every chapter as ids.

Several encodings of one corpus stand side by side as `encodings/<kind>-<size>/`; an encoding that exists is not made
again. Ids lie on disk as little-endian uint16 (uint32 beyond 65,535 pieces); before each chapter stands end of text.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.tokenizer import TOKENIZER_FILE, Ids, Tokenizer
from pipelines import VERSION
from pipelines.assemble import CorpusChapter, read_chapters
from pipelines.command import Parser, Result, execute, parser, progress, workspace_of
from pipelines.errors import BadSettings, BadText, BrokenArtifact, NameTaken
from pipelines.files import publish, read_json, sha256_of, write_json
from pipelines.folders import CorpusFolder, EncodingFolder

FORMAT = 1
KINDS = ("char",)
LATER_KINDS = ("wordpiece", "sentencepiece", "words")
DTYPES = {"uint16": np.dtype("<u2"), "uint32": np.dtype("<u4")}


@dataclass(frozen=True, slots=True)
class Written:
    """What a part of the corpus became: tokens with the end-of-text ids, characters, and each chapter's own counts."""

    tokens: int
    characters: int
    chapters: list[dict[str, Any]]


@dataclass(frozen=True)
class TokenizedCorpus:
    """An encoding opened for reading; the ids are memory-mapped and read-only."""

    folder: EncodingFolder
    manifest: dict[str, Any]

    @property
    def vocabulary_size(self) -> int:
        return self.manifest["vocabulary_size"]

    @property
    def end_of_text(self) -> int:
        return self.manifest["end_of_text"]

    @property
    def characters_per_token(self) -> float:
        """Characters of all chapters by their tokens, the end-of-text ids not counted."""
        return self.manifest["characters_per_token"]

    @cached_property
    def train(self) -> Ids:
        """The training chapters one after another, each after an end-of-text id: (T,)."""
        return _map(self.folder.train_ids, DTYPES[self.manifest["dtype"]])

    @cached_property
    def valid(self) -> list[Ids]:
        """The held-out chapters, each beginning with the end-of-text id: (T,) each."""
        ids = _map(self.folder.valid_ids, DTYPES[self.manifest["dtype"]])
        ends = np.cumsum([chapter["tokens"] for chapter in self.manifest["valid"]], dtype=np.int64)
        return np.split(ids, ends[:-1]) if len(ends) else []

    @property
    def valid_characters(self) -> list[int]:
        """Unicode code points of each held-out chapter, newlines included."""
        return [chapter["characters"] for chapter in self.manifest["valid"]]

    def verify(self) -> None:
        """Compare every file with the manifest's hash; raises BrokenArtifact for one that changed."""
        for name, wanted in self.manifest["sha256"].items():
            if sha256_of(self.folder.path / name) != wanted:
                raise _broken(f"{name} of the encoding {self.folder.path} has changed since it was made")


def encode(corpus: CorpusFolder, kind: str = "char", vocabulary_size: int | None = None) -> EncodingFolder:
    """Make the encoding, or find the equal one that stands there already.

    `vocabulary_size` counts everything; None keeps every character seen at least twice. Raises BadSettings for a kind
    this version lacks or a size too small, BadText if there is nothing to train on, BrokenArtifact for a damaged corpus.
    """
    check_kind(kind)
    chapters = read_chapters(corpus)
    training = [chapter for chapter in chapters if not chapter.held_out]
    if not any(chapter.text for chapter in training):
        raise BadText("nothing_to_train_on", f"corpus {corpus.id} has no training chapters", "assemble it with more text")
    tokenizer = Tokenizer.learn((chapter.text for chapter in training), vocabulary_size)
    folder = corpus.new_encoding(kind, tokenizer.vocabulary_size)
    if folder.path.exists():
        open_encoding(folder)
        return folder
    # Another command that finished the same encoding in between is as good.
    with contextlib.suppress(NameTaken), publish(folder.path) as partial:
        write(EncodingFolder(partial), tokenizer, chapters, {"corpus": corpus.id, "sha256": read_json(corpus.manifest)["sha256"]})
    return folder


def check_kind(kind: str) -> None:
    """Raise BadSettings for a kind of vocabulary that this version does not make."""
    if kind in KINDS:
        return
    why = "is not made by this version yet" if kind in LATER_KINDS else "is no kind of vocabulary"
    raise BadSettings("unknown_choice", f"kind {kind!r} {why}", f"use {', '.join(KINDS)}", name="kind", value=kind)


def write(folder: EncodingFolder, tokenizer: Tokenizer, chapters: list[CorpusChapter], made_from: dict[str, str]) -> None:
    """Fill the empty folder of an encoding: ids, tokenizer, manifest."""
    total = sum(not chapter.held_out for chapter in chapters)
    training = (chapter for chapter in chapters if not chapter.held_out)
    train = write_ids(folder.train_ids, tokenizer, progress(training, total, "encode"))
    valid = write_ids(folder.valid_ids, tokenizer, (chapter for chapter in chapters if chapter.held_out))
    tokenizer.save(folder.tokenizer)
    files = (folder.train_ids, folder.valid_ids, folder.tokenizer / TOKENIZER_FILE)
    tokens = train.tokens + valid.tokens - len(chapters)
    manifest = {
        "format": FORMAT,
        "kind": KINDS[0],
        "vocabulary_size": tokenizer.vocabulary_size,
        "dtype": np.dtype(tokenizer.dtype).name,
        "end_of_text": tokenizer.end_of_text,
        "train_tokens": train.tokens,
        "valid_tokens": valid.tokens,
        "train_characters": train.characters,
        "valid": valid.chapters,
        "characters_per_token": (train.characters + valid.characters) / tokens,
        "sha256": {path.relative_to(folder.path).as_posix(): sha256_of(path) for path in files},
        "made_from": made_from,
        "made_with": {"moxu": VERSION, "tokenizers": version("tokenizers"), "numpy": version("numpy")},
    }
    write_json(folder.manifest, manifest)


def write_ids(path: Path, tokenizer: Tokenizer, chapters: Iterable[CorpusChapter]) -> Written:
    """Write the chapters' ids, each after an end-of-text id; raises BadText for half a surrogate pair in a chapter."""
    rows: list[dict[str, Any]] = []
    mark = np.array([tokenizer.end_of_text], dtype=tokenizer.dtype)
    dtype = DTYPES[np.dtype(tokenizer.dtype).name]
    with path.open("wb") as file:
        for chapter in chapters:
            ids = np.concatenate([mark, tokenizer.encode(chapter.text)]).astype(dtype, copy=False)
            file.write(ids.data)
            rows.append({"title": chapter.title, "tokens": len(ids), "characters": len(chapter.text)})
    return Written(sum(row["tokens"] for row in rows), sum(row["characters"] for row in rows), rows)


def open_encoding(folder: EncodingFolder) -> TokenizedCorpus:
    """Open an encoding, its sizes checked; `TokenizedCorpus.verify` checks the hashes. Raises BrokenArtifact."""
    if not folder.manifest.exists():
        raise _broken(f"the encoding {folder.path} has no {folder.manifest.name}")
    manifest = read_json(folder.manifest)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _broken(f"{folder.manifest} is not of format {FORMAT}, which this Moxu knows")
    try:
        dtype = DTYPES[manifest["dtype"]]
        lengths = {folder.train_ids: manifest["train_tokens"], folder.valid_ids: manifest["valid_tokens"]}
        listed = sum(chapter["tokens"] for chapter in manifest["valid"])
    except (KeyError, TypeError) as error:
        raise _broken(f"{folder.manifest} lacks what an encoding's manifest holds ({error})") from error
    for path, tokens in lengths.items():
        if not path.exists() or path.stat().st_size != tokens * dtype.itemsize or listed != manifest["valid_tokens"]:
            raise _broken(f"{path} does not hold the {tokens} tokens its manifest names")
    return TokenizedCorpus(folder, manifest)


def _map(path: Path, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The ids of a file; an empty file, which the system cannot map, as an empty array."""
    return np.memmap(path, dtype=dtype, mode="r") if path.stat().st_size else np.zeros(0, dtype=dtype)


def _broken(message: str) -> BrokenArtifact:
    return BrokenArtifact("broken_encoding", message, "remove the encoding's folder and run pipelines.encode again")


def act(arguments: argparse.Namespace) -> Result:
    corpus = workspace_of(arguments).corpus(arguments.corpus)
    folder = encode(corpus, arguments.kind, arguments.vocab_size)
    manifest = read_json(folder.manifest)
    kept = ("kind", "vocabulary_size", "train_tokens", "valid_tokens", "characters_per_token")
    result = {"corpus": corpus.id, "encoding": folder.id} | {name: manifest[name] for name in kept}
    counts = f"{result['vocabulary_size']:,} pieces, {result['train_tokens']:,} tokens to train on"
    line = f"{corpus.id}: encoding {folder.id}, {counts}, {result['valid_tokens']:,} held out"
    return result, line


def make_parser() -> Parser:
    made = parser("encode", "Learn a vocabulary from a corpus and write its chapters as token ids.")
    made.add_argument("corpus", metavar="CORPUS_ID")
    made.add_argument("--kind", default="char", help="kind of vocabulary; this version makes: " + ", ".join(KINDS))
    made.add_argument("--vocab-size", type=int, metavar="N", help="pieces, everything counted; default: all seen twice")
    return made


def main(argv: list[str] | None = None) -> int:
    return execute(make_parser(), argv, act)


if __name__ == "__main__":
    sys.exit(main())
