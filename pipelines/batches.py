"""Which tokens a step learns from: epoch-exact windows derived from (seed, step), so that resuming stores no iterator.

An epoch cuts the token stream, taken as a ring, into windows from a fresh random offset and visits them in a fresh random
order, so every token is a target at least once an epoch. Knows numpy only.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a training text: its length and the window's, both in tokens, windows per step, and the seed."""

    tokens: int
    context: int
    batch_size: int
    seed: int

    @property
    def windows_per_epoch(self) -> int:
        return -(-self.tokens // self.context)

    def steps_in(self, epochs: float) -> int:
        """Steps that show the text `epochs` times, at least one."""
        return max(1, round(epochs * self.windows_per_epoch / self.batch_size))

    def epochs_at(self, step: int) -> float:
        """How often the text has been seen before `step`."""
        return step * self.batch_size / self.windows_per_epoch


def starts(order: Order, step: int) -> NDArray[np.int64]:
    """Where each of the step's windows begins in the text: (batch_size,)."""
    places = np.arange(step * order.batch_size, (step + 1) * order.batch_size)
    epochs, slots = np.divmod(places, order.windows_per_epoch)
    chosen = np.empty(order.batch_size, dtype=np.int64)
    for epoch in np.unique(epochs):
        here = epochs == epoch
        chosen[here] = _epoch(order, int(epoch))[slots[here]]
    return chosen


def batch(ids: NDArray[np.unsignedinteger], order: Order, step: int) -> NDArray[np.int64]:
    """The step's windows with one token more than the context, inputs and targets in one: (batch_size, context + 1)."""
    positions = starts(order, step)[:, None] + np.arange(order.context + 1)
    return ids[positions % order.tokens].astype(np.int64)


@lru_cache(maxsize=2)
def _epoch(order: Order, epoch: int) -> NDArray[np.int64]:
    """The starts of an epoch's windows in the order they are visited."""
    random = np.random.default_rng([order.seed, epoch])
    offset = random.integers(order.tokens)
    return (offset + order.context * random.permutation(order.windows_per_epoch)) % order.tokens
