"""One lesson: build or restore the network of a run, let the loop teach it, and turn its best checkpoint into a bundle."""

from pathlib import Path
from typing import Any

import torch

from models import gpt
from models.shape import ModelShape
from models.tokenizer import Tokenizer
from pipelines import batches, checkpoints, loop, milestones, numerics, optimizers, shelf
from pipelines.checkpoints import Position
from pipelines.encode import TokenizedCorpus, open_encoding
from pipelines.errors import BrokenArtifact, StudioError
from pipelines.evaluate import Score, score_chapters
from pipelines.files import read_json, sha256_of
from pipelines.folders import EncodingFolder, RunFolder
from pipelines.session import Session
from pipelines.status import Announcer, Signals
from pipelines.training_settings import TrainingSettings
from pipelines.workspace import Workspace, owner_of


class OutOfMemory(StudioError):
    """The network and its batch do not fit into the device's memory."""


def teach(workspace: Workspace, run: RunFolder, chosen: TrainingSettings, announcer: Announcer, signals: Signals) -> str:
    """Teach until the budget is spent or a wish ends it; returns `done`, `stopped` or `paused`.

    Raises BrokenArtifact if the corpus changed or the loss is no number, OutOfMemory if it does not fit.
    """
    session = prepare(workspace, run, chosen, announcer, signals)
    announcer.say(phase="training", total_steps=session.total_steps, step=session.position.step, activity="learning")
    try:
        return loop.train(session)
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise OutOfMemory(
            "out_of_memory",
            f"memory ran out at step {session.position.step} with a batch of {chosen.batch_size}",
            "start again with a smaller --batch-size or a smaller preset",
            step=session.position.step,
        ) from error


def prepare(workspace: Workspace, run: RunFolder, chosen: TrainingSettings, announcer: Announcer, signals: Signals) -> Session:
    """The session at the newest good checkpoint, or at the beginning."""
    manifest = read_json(run.manifest)
    shape = ModelShape(**manifest["shape"])
    encoding = encoding_of(workspace, manifest)
    corpus = open_encoding(encoding)
    computed = numerics.decide(run, chosen, manifest["device"]["kind"], shape.width)
    numerics.apply(computed)
    torch.manual_seed(chosen.seed)
    model = gpt.GPT(shape, dropout=chosen.dropout).to(computed.device)
    taught = optimizers.build(model, chosen)
    return Session(
        run=run,
        settings=chosen,
        corpus=corpus,
        tokenizer=Tokenizer.load(encoding.tokenizer),
        model=model,
        optimizers=taught,
        numerics=computed,
        order=batches.Order(len(corpus.train), shape.context, chosen.batch_size, chosen.seed),
        announcer=announcer,
        signals=signals,
        position=restore(run, model, taught),
    )


def restore(run: RunFolder, model: gpt.GPT, taught: optimizers.Optimizers) -> Position:
    """Load the newest good checkpoint, if there is one."""
    checkpoints.sweep(run)
    good = checkpoints.good_steps(run)
    return checkpoints.load(run, model, taught, good[-1]) if good else Position()


def encoding_of(workspace: Workspace, manifest: dict[str, Any]) -> EncodingFolder:
    """The encoding a run learns from; raises BrokenArtifact unless it is the one the run began with, bit for bit."""
    encoding = workspace.corpus(manifest["corpus"]).encoding(manifest["encoding"])
    if sha256_of(encoding.manifest) != manifest["made_from"]["sha256"]:
        raise BrokenArtifact(
            "corpus_changed", f"the encoding {encoding.path} is not the one this run began with", "start a new run"
        )
    open_encoding(encoding).verify()
    return encoding


def finish(workspace: Workspace, run: RunFolder) -> dict[str, Any]:
    """Measure the best good checkpoint on all held-out text and put it on the shelf as a bundle.

    The newest checkpoint is measured first if it was not yet. Without a checkpoint that learned anything there is no
    bundle, and `note` says so.
    """
    manifest = read_json(run.manifest)
    shape = ModelShape(**manifest["shape"])
    encoding = encoding_of(workspace, manifest)
    step = best_step(run, shape, open_encoding(encoding))
    if not step:
        return {"bundle": None, "note": "nothing was learned yet, so there is no bundle"}
    weights = run.checkpoint(step) / checkpoints.MODEL
    score = measure(encoding, weights, shape)
    facts = {
        "title": manifest["name"],
        "made_from": {"run": run.id, "step": step, "corpus": manifest["corpus"], "encoding": manifest["encoding"]},
        "made_with": {**manifest["made_with"], "preset": manifest["preset"], "settings": manifest["settings"]},
        "scores": {"bits_per_character": score.bits_per_character, "loss": score.loss, "characters": score.characters},
    }
    finished = shelf.Finished(manifest["name"], weights, shape, encoding.tokenizer, facts, owner_of(run.meta))
    # Killed after the bundle but before its announcement, a run comes by here twice.
    bundle = shelf.made_by(workspace, run.id, step) or shelf.add(workspace, finished)
    bits = score.bits_per_character
    return {"bundle": bundle.name, "best_step": step, "bits_per_character": bits, "bits_per_character_is_estimate": False}


def best_step(run: RunFolder, shape: ModelShape, corpus: TokenizedCorpus) -> int:
    """The step of the best checkpoint whose hashes hold, the newest one measured if it was not yet; 0 if there is none."""
    good = checkpoints.good_steps(run)
    if not good:
        return 0
    held_out = milestones.measured(run)
    if good[-1] not in held_out:
        model = gpt.open_network(run.checkpoint(good[-1]) / checkpoints.MODEL, shape, _device())
        held_out[good[-1]] = milestones.measure(run, model, corpus, good[-1])
    return checkpoints.point_best(run, held_out)


def measure(encoding: EncodingFolder, weights: Path, shape: ModelShape) -> Score:
    """Held-out bits per character, in full, in fp32, on the GPU if this process has one."""
    corpus = open_encoding(encoding)
    return score_chapters(gpt.open_network(weights, shape, _device()), corpus.valid, corpus.valid_characters)


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
