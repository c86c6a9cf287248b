"""A run in progress, as its loop holds it: what is fixed, what changes, who listens, and how far the budget is spent."""

import time
from dataclasses import dataclass, field

import torch

from models import gpt
from models.tokenizer import Tokenizer
from pipelines import batches
from pipelines.checkpoints import Position
from pipelines.encode import TokenizedCorpus
from pipelines.folders import RunFolder
from pipelines.numerics import Numerics
from pipelines.optimizers import Optimizers
from pipelines.status import Announcer, Signals
from pipelines.training_settings import TrainingSettings, budget_of


@dataclass(slots=True)
class Window:
    """Losses, gradient norms and learning seconds since the last row of metrics."""

    losses: list[torch.Tensor] = field(default_factory=list)
    norms: list[torch.Tensor] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class Session:
    """A run in progress: what is fixed, what changes, and who listens."""

    run: RunFolder
    settings: TrainingSettings
    corpus: TokenizedCorpus
    tokenizer: Tokenizer
    model: gpt.GPT
    optimizers: Optimizers
    numerics: Numerics
    order: batches.Order
    announcer: Announcer
    signals: Signals
    position: Position
    held_out: dict[int, float] = field(default_factory=dict)
    window: Window = field(default_factory=Window)
    milestone_seconds: float = 0.0
    saved_seconds: float = 0.0

    @property
    def total_steps(self) -> int | None:
        """Steps of the whole run; None where the budget is minutes."""
        kind, value = budget_of(self.settings)
        if kind == "minutes":
            return None
        return int(value) if kind == "steps" else self.order.steps_in(value)

    @property
    def progress(self) -> float:
        """The share of the budget that is spent, 0..1."""
        if self.total_steps is not None:
            return min(1.0, self.position.step / self.total_steps)
        return min(1.0, self.position.seconds / (60 * budget_of(self.settings)[1]))


class Clock:
    """Adds the seconds that pass to the position, by the monotonic clock."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self._last = time.monotonic()

    def tick(self) -> None:
        """Add the time since the last tick."""
        moment = time.monotonic()
        self._position.seconds += moment - self._last
        self._last = moment
