"""Milestones of a run: rows of metrics, checkpoints, held-out bits per character, samples.

A milestone saves first, then measures, then writes samples, so that nothing learned is lost to a crash in the measuring.
What a crash left undone is done when the run goes on; what was done is not done twice.
"""

import math

import torch

from models.gpt import GPT
from pipelines import checkpoints
from pipelines.encode import TokenizedCorpus
from pipelines.evaluate import estimate
from pipelines.files import append_line, keep_lines, read_lines
from pipelines.folders import RunFolder
from pipelines.optimizers import rate_scale
from pipelines.sampling_settings import SamplingSettings
from pipelines.session import Session, Window
from pipelines.training_settings import budget_of
from pipelines.workspace import now
from pipelines.writer import Writer

MILESTONES = 20
ESTIMATE_TOKENS = 8192
LN2 = math.log(2)


def due(session: Session) -> bool:
    """Whether the position is a milestone: the first step, the last, and about twenty between."""
    step, total, every = session.position.step, session.total_steps, session.settings.evaluate_every
    if step == 0 or session.progress >= 1.0 or step == total:
        return True
    if every == 0 and total is None:
        pause = 60 * budget_of(session.settings)[1] / MILESTONES
        return session.position.seconds - session.milestone_seconds >= pause
    return step % (every or max(1, -(-(total or 1) // MILESTONES))) == 0


def left_undone(session: Session) -> bool:
    """Whether a crash came between saving this step and measuring it, in a run whose milestones go by the clock."""
    return session.total_steps is None and session.position.step not in session.held_out


def reach(session: Session) -> None:
    """Save, measure, write samples."""
    save(session)
    evaluate(session)
    sample(session)
    session.milestone_seconds = session.position.seconds


def too_much_to_lose(session: Session) -> bool:
    """Whether more minutes than the settings allow have passed since the last checkpoint."""
    return session.position.seconds - session.saved_seconds > 60 * session.settings.checkpoint_minutes


def save(session: Session) -> None:
    """A checkpoint of this step, after the row of metrics that belongs to it."""
    log(session)
    session.announcer.note(activity="saving")
    checkpoints.save(session.run, session.model, session.optimizers, session.position)
    checkpoints.prune(session.run, session.settings.keep_checkpoints, session.held_out)
    session.saved_seconds = session.position.seconds
    session.announcer.note(activity="learning")


def evaluate(session: Session) -> None:
    """Held-out bits per character of this step, estimated on a part of the held-out text, and `best` pointed anew."""
    step = session.position.step
    if step not in session.held_out:
        session.announcer.note(activity="evaluating")
        session.held_out[step] = measure(session.run, session.model, session.corpus, step, session.position.seconds)
    best = checkpoints.point_best(session.run, session.held_out)
    session.announcer.note(
        activity="learning", bits_per_character=session.held_out[best], bits_per_character_is_estimate=True, best_step=best
    )


def measure(run: RunFolder, model: GPT, corpus: TokenizedCorpus, step: int, seconds: float | None = None) -> float:
    """Write the row of a step's held-out estimate and return its bits per character; raises BrokenArtifact for no number."""
    score = estimate(model, corpus.valid, corpus.valid_characters, ESTIMATE_TOKENS)
    if not math.isfinite(score.loss):
        raise checkpoints.not_finite("the held-out loss", step)
    row = {"kind": "held_out", "step": step, "bits_per_character": score.bits_per_character, "loss": score.loss}
    append_line(run.metrics, row | {"estimate": True, "seconds": None if seconds is None else round(seconds, 3)})
    return score.bits_per_character


def measured(run: RunFolder) -> dict[int, float]:
    """The held-out bits per character that the run has measured, by step."""
    rows, _ = read_lines(run.metrics)
    return {row["step"]: row["bits_per_character"] for row in rows if row["kind"] == "held_out"}


def sample(session: Session) -> None:
    """What the network writes now from the run's prompts."""
    rows, _ = read_lines(session.run.samples)
    known = {row["prompt"] for row in rows if row["step"] == session.position.step}
    if known >= set(session.settings.prompt):
        return
    session.announcer.note(activity="sampling")
    writer = Writer(session.model, session.tokenizer)
    sampling = SamplingSettings(length=session.settings.sample_length, candidates=1, seed=session.settings.seed)
    for prompt in [prompt for prompt in session.settings.prompt if prompt not in known]:
        *_, last = writer.continue_text(prompt, sampling)
        row = {"step": session.position.step, "prompt": prompt, "text": last.candidates[0].text, "written": now()}
        append_line(session.run.samples, row)
    session.announcer.note(activity="learning")


def rewind(session: Session) -> None:
    """Drop the metrics and samples of steps after the checkpoint that the run goes on from."""
    session.saved_seconds = session.milestone_seconds = session.position.seconds
    for path in (session.run.metrics, session.run.samples):
        keep_lines(path, lambda row: row["step"] <= session.position.step)
    session.held_out.update(measured(session.run))


def log(session: Session) -> None:
    """Write a row of metrics for the steps since the last row, if any; raises BrokenArtifact when a figure is no number."""
    window, session.window = session.window, Window()
    if not window.losses:
        return
    loss = torch.stack(window.losses).mean().item()
    position, tokens = session.position, len(window.losses) * session.order.batch_size * session.order.context
    if not math.isfinite(loss):
        raise checkpoints.not_finite("the loss", position.step)
    row = {
        "kind": "train",
        "step": position.step,
        "epoch": round(session.order.epochs_at(position.step), 4),
        "tokens": position.tokens,
        "seconds": round(position.seconds, 3),
        "loss": loss,
        "bits_per_character": loss / LN2 / session.corpus.characters_per_token,
        "learning_rate": session.settings.learning_rate * rate_scale(position.step - 1, session.progress, session.settings),
        "gradient_norm": torch.stack(window.norms).mean().item(),
        "tokens_per_second": round(tokens / max(window.seconds, 1e-9), 1),
    }
    append_line(session.run.metrics, row)
    session.announcer.note(
        progress=round(session.progress, 4),
        tokens_per_second=round(position.tokens / max(position.learning_seconds, 1e-9), 1),
        training_bits_per_character=row["bits_per_character"],
        seconds=row["seconds"],
        seconds_left=seconds_left(session),
    )


def seconds_left(session: Session) -> float | None:
    """A guess from this run's own pace; None before there is one."""
    if session.progress <= 0:
        return None
    return round(session.position.seconds * (1 - session.progress) / session.progress, 1)
