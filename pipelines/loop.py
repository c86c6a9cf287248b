"""The training loop: steps, rows of metrics and wishes, until the budget is spent.

Random numbers are derived from (seed, step) and nothing but steps draws them, so a resumed run is the undisturbed one.
"""

import math
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from pipelines import batches, checkpoints, milestones, status
from pipelines.numerics import Numerics
from pipelines.optimizers import rate_scale
from pipelines.session import Clock, Session

SEED_STRIDE = 1_000_003


def train(session: Session) -> str:
    """Learn until the budget is spent or somebody wishes otherwise.

    Returns `done`, `stopped` or `paused`; the last step is saved. Raises BrokenArtifact when a figure is no number.
    """
    milestones.rewind(session)
    clock = Clock(session.position)
    if milestones.due(session) or milestones.left_undone(session):
        milestones.reach(session)
    while session.progress < 1.0:
        wished = next_wish(session)
        if wished in ("stop", "pause"):
            return leave(session, wished)
        learn(session)
        clock.tick()
        keep_up(session, wished)
        clock.tick()
    # A budget of minutes may end between two milestones; done already, this does nothing.
    milestones.reach(session)
    return "done"


def keep_up(session: Session, wished: str | None) -> None:
    """What follows a step: a row of metrics, a milestone, a checkpoint against crashes, or what was wished."""
    if session.position.step % session.settings.log_every == 0:
        milestones.log(session)
    if milestones.due(session):
        milestones.reach(session)
    elif wished == "save_now" or milestones.too_much_to_lose(session):
        milestones.save(session)
    if wished == "sample_now":
        milestones.sample(session)


def learn(session: Session) -> None:
    """One optimizer step on one batch."""
    begun = time.perf_counter()
    position, settings = session.position, session.settings
    torch.manual_seed(settings.seed * SEED_STRIDE + position.step)
    batch = torch.from_numpy(batches.batch(session.corpus.train, session.order, position.step))
    batch = batch.to(session.numerics.device)  # (B, T + 1)
    with autocast(session.numerics):
        loss = session.model.loss(batch[:, :-1], batch[:, 1:])
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(session.model.parameters(), settings.clip or math.inf)
    # On a GPU asking would make it wait at every step; there the next row of metrics and the next save look.
    if norm.device.type == "cpu" and not torch.isfinite(loss + norm):
        raise checkpoints.not_finite("the loss or its gradient", position.step)
    session.optimizers.step(rate_scale(position.step, session.progress, settings))
    session.window.losses.append(loss.detach())
    session.window.norms.append(norm.detach())
    elapsed = time.perf_counter() - begun
    session.window.seconds += elapsed
    position.step += 1
    position.tokens += batch[:, 1:].numel()
    position.learning_seconds += elapsed
    session.announcer.note(step=position.step)


def autocast(numerics: Numerics) -> AbstractContextManager[Any]:
    """bf16 for the matrices where that was chosen."""
    if numerics.precision == "bf16":
        return torch.autocast(numerics.device, dtype=torch.bfloat16)
    return nullcontext()


def next_wish(session: Session) -> str | None:
    """What to do before the next step: a signal pauses (a shutdown must be resumable), unless stop is wished too."""
    wishes = status.wishes(session.run)
    for name in ("stop", "pause"):
        if name in wishes:
            return name
    if session.signals.received:
        return "pause"
    for name in ("save_now", "sample_now"):
        if name in wishes:
            status.grant(session.run, name)
            return name
    return None


def leave(session: Session, wished: str) -> str:
    """Save where we are; a stop is measured too, since this step may be the best."""
    ending = "stopped" if wished == "stop" else "paused"
    session.announcer.say(ending=ending)
    milestones.save(session)
    if ending == "stopped":
        milestones.evaluate(session)
    status.grant(session.run, wished)
    return ending
