"""Checkpoints of a run: written whole, verified before use, the best and the latest kept.

A checkpoint is a folder `step-N` with model.safetensors (transformers' GPT-2 names and layout, so the bundle is a copy of
it), optimizer.safetensors and state.json, which holds the position and the hashes of both. No pickle anywhere.
"""

import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from models import gpt
from pipelines import VERSION
from pipelines.errors import BrokenArtifact, Conflict
from pipelines.files import PARTIAL, publish, read_json, require_space, sha256_of, write_json
from pipelines.folders import RunFolder
from pipelines.optimizers import Optimizers

MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"
FORMAT = 1


@dataclass(slots=True)
class Position:
    """Where a run stands: optimizer steps, tokens seen, seconds of the run and of those the ones spent learning."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    learning_seconds: float = 0.0


def save(run: RunFolder, model: gpt.GPT, optimizers: Optimizers, position: Position) -> None:
    """Write the checkpoint of this step and point `latest` at it; harmless if it is there already.

    Raises Conflict, with nothing half-written, if the disk has no room for it, BrokenArtifact if a weight is no number.
    """
    folder = run.checkpoint(position.step)
    if not folder.exists():
        require_finite(model, position.step)
        require_space(run.checkpoints, model.shape.checkpoint_bytes, "a checkpoint")
        with publish(folder) as partial:
            gpt.save_weights(model, partial / MODEL)
            save_file({name: value.contiguous().cpu() for name, value in optimizers.state().items()}, partial / OPTIMIZER)
            hashes = {name: sha256_of(partial / name) for name in (MODEL, OPTIMIZER)}
            facts = {"format": FORMAT, "sha256": hashes, "made_from": {"run": run.id}, "made_with": {"moxu": VERSION}}
            write_json(partial / STATE, facts | asdict(position))
    write_json(run.pointer("latest"), {"step": position.step})


def require_finite(model: gpt.GPT, step: int) -> None:
    """Raise BrokenArtifact before weights that are no numbers could be saved over good ones."""
    if not all(bool(torch.isfinite(parameter).all()) for parameter in model.parameters()):
        raise not_finite("a weight", step)


def not_finite(what: str, step: int) -> BrokenArtifact:
    """What to say when learning has run away."""
    return BrokenArtifact(
        "not_finite",
        f"{what} became NaN or infinite at step {step}, and the checkpoints before it are good",
        "start again with a lower --learning-rate and --muon-learning-rate, or `runs stop` it for a bundle of the best",
        step=step,
    )


def load(run: RunFolder, model: gpt.GPT, optimizers: Optimizers, step: int) -> Position:
    """Put a verified checkpoint into the model and its optimizers, and return where it stood."""
    folder = run.checkpoint(step)
    gpt.load_weights(model, folder / MODEL)
    optimizers.load(load_file(folder / OPTIMIZER))
    facts = read_json(folder / STATE)
    return Position(**{name: facts[name] for name in asdict(Position())})


def steps(run: RunFolder) -> list[int]:
    """The steps that have a finished checkpoint, rising."""
    names = [path.name for path in run.checkpoints.glob("step-*") if not path.name.endswith(PARTIAL)]
    return sorted(int(name.removeprefix("step-")) for name in names)


def good_steps(run: RunFolder) -> list[int]:
    """The steps whose checkpoints' hashes hold, rising; damaged ones are set aside and said in the log."""
    good = []
    for step in steps(run):
        try:
            verify(run.checkpoint(step))
            good.append(step)
        except BrokenArtifact as error:
            print(f"{error.sentence}; set aside, the others are used", flush=True)
            run.checkpoint(step).rename(run.checkpoints / f"damaged-{step}-{secrets.token_hex(2)}")
    return good


def verify(folder: Path) -> dict[str, Any]:
    """The checkpoint's facts; raises BrokenArtifact unless both files are there with the hashes it was written with."""
    try:
        facts = read_json(folder / STATE)
        for name, expected in facts["sha256"].items():
            if sha256_of(folder / name) != expected:
                raise BrokenArtifact(
                    "broken_checkpoint", f"{folder / name} is damaged (its hash does not match)", path=str(folder)
                )
    except (OSError, KeyError, SafetensorError) as error:
        raise BrokenArtifact("broken_checkpoint", f"the checkpoint {folder} is incomplete ({error})", path=str(folder)) from error
    return facts


def point_best(run: RunFolder, held_out: dict[int, float]) -> int:
    """Point `best` at the checkpoint with the fewest held-out bits per character, by step, and return that step.

    `held_out` is what the run measured; derived anew each time, so a crash between measuring and pointing loses nothing.
    """
    kept = {step: held_out[step] for step in steps(run) if step in held_out}
    if not kept:
        raise Conflict("no_checkpoint", f"run {run.id} has no evaluated checkpoint yet", "let it run a little longer", run=run.id)
    best = min(kept, key=lambda step: (kept[step], step))
    write_json(run.pointer("best"), {"step": best, "bits_per_character": kept[best]})
    return best


def prune(run: RunFolder, keep: int, held_out: dict[int, float]) -> None:
    """Remove all but the best evaluated checkpoint and the `keep` latest."""
    there = steps(run)
    evaluated = [step for step in there if step in held_out]
    best = {min(evaluated, key=lambda step: (held_out[step], step))} if evaluated else set()
    for step in set(there) - set(there[-keep:]) - best:
        # Renamed first, so that a kill in between leaves nothing that looks like a checkpoint.
        doomed = run.checkpoint(step).with_suffix(PARTIAL)
        run.checkpoint(step).rename(doomed)
        shutil.rmtree(doomed)


def sweep(run: RunFolder) -> None:
    """Remove what a killed save left; only the holder of the run's lock may."""
    for partial in run.checkpoints.glob(f"*{PARTIAL}"):
        shutil.rmtree(partial, ignore_errors=True)
