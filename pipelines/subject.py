"""What can be evaluated, and on what: a bundle or a run's best checkpoint; held-out chapters or a file. Without torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import bundle
from models.shape import ModelShape
from models.tokenizer import Tokenizer
from pipelines.encode import open_encoding
from pipelines.errors import BrokenArtifact, NotFound
from pipelines.files import read_json
from pipelines.folders import EncodingFolder, RunFolder
from pipelines.generate import find_bundle
from pipelines.sources import decode_source
from pipelines.workspace import Workspace

# Ids of each chapter, end of text first: (T,) each.
Chapters = Sequence[NDArray[np.unsignedinteger]]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated: weights of a shape, its vocabulary, what to call it, and the ids of its corpus and encoding."""

    weights: Path
    shape: ModelShape
    name: dict[str, Any]
    made_from: dict[str, Any]
    tokenizer_folder: Path | None

    def tokenizer(self, workspace: Workspace) -> Tokenizer:
        """The vocabulary: the bundle's own, or the one of the run's encoding."""
        folder = self.tokenizer_folder or _encoding(workspace, self).tokenizer
        return Tokenizer.load(folder)


def find_subject(workspace: Workspace, wanted: str) -> Subject:
    """The bundle, else the run's best checkpoint, of that name; raises NotFound or BrokenArtifact."""
    try:
        folder = find_bundle(workspace, wanted)
    except NotFound as error:
        if error.code != "no_bundle":
            raise
        return of_run(_find_run(workspace, wanted))
    return of_bundle(folder)


def _find_run(workspace: Workspace, wanted: str) -> RunFolder:
    try:
        return workspace.run(wanted)
    except NotFound as error:
        if error.code != "no_run":
            raise
        message = f"there is no bundle or run {wanted!r}"
        raise NotFound("no_subject", message, "give the id of one, or a bundle's folder", wanted=wanted) from error


def of_bundle(folder: Path) -> Subject:
    """The model in a bundle's folder, its hashes verified where it has any; raises BrokenArtifact."""
    found = bundle.read(folder)
    if found.facts:
        bundle.verify(folder)
    made_from = found.facts.get("made_from")
    return Subject(found.weights, found.shape, {"bundle": folder.name}, made_from if isinstance(made_from, dict) else {}, folder)


def of_run(run: RunFolder) -> Subject:
    """The best checkpoint of a run; raises NotFound if it has none yet."""
    if not run.pointer("best").exists():
        raise NotFound("no_checkpoint", f"run {run.id} has no evaluated checkpoint yet", "let it run a little longer", run=run.id)
    step = read_json(run.pointer("best"))["step"]
    manifest = read_json(run.manifest)
    weights = run.checkpoint(step) / bundle.WEIGHTS
    return Subject(weights, ModelShape(**manifest["shape"]), {"run": run.id, "step": step}, manifest, None)


def held_out(workspace: Workspace, subject: Subject) -> tuple[Chapters, list[int]]:
    """The held-out chapters of the corpus a model learned from, and their characters.

    Raises NotFound, with a way out, when the corpus is gone or nothing was held out; BrokenArtifact for a changed one.
    """
    corpus = open_encoding(_encoding(workspace, subject))
    corpus.verify()
    if corpus.vocabulary_size != subject.shape.vocabulary:
        sizes = {"pieces": corpus.vocabulary_size, "wanted": subject.shape.vocabulary}
        message = "the encoding has {pieces} pieces and the model {wanted}".format(**sizes)
        raise BrokenArtifact("other_vocabulary", message, "give a text with --file", **sizes)
    if not corpus.valid:
        raise NotFound("nothing_held_out", "its corpus holds out no chapter", "give a text with --file")
    return corpus.valid, corpus.valid_characters


def _encoding(workspace: Workspace, subject: Subject) -> EncodingFolder:
    made_from = subject.made_from
    try:
        return workspace.corpus(made_from["corpus"]).encoding(made_from["encoding"])
    except (KeyError, NotFound) as error:
        known = made_from.get("corpus", "unknown")
        message = f"the corpus this model learned from ({known}) is not in this workspace"
        raise NotFound("no_corpus_left", message, "give a text with --file", corpus=known) from error


def one_chapter(path: Path, tokenizer: Tokenizer) -> tuple[Chapters, list[int]]:
    """A text file as a single chapter, its newlines made `\\n`; raises NotFound or BadText."""
    text = decode_source(path)[1].text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mark = np.array([tokenizer.end_of_text], dtype=tokenizer.dtype)
    return [np.concatenate([mark, tokenizer.encode(text)])], [len(text)]
