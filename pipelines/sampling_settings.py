"""How the next character is chosen: the settings of a continuation, declared without torch so that a page can ask them."""

import hashlib
import secrets
from dataclasses import dataclass, replace

from pipelines.settings import option

LARGEST_SEED = 2**31 - 1
LONGEST, MOST_CANDIDATES = 100_000, 64


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """Settings of a continuation; the defaults are editor.md §4.1's "balanced"."""

    length: int = option(120, "new characters of each candidate", minimum=1, maximum=LONGEST)
    candidates: int = option(3, "continuations written side by side", minimum=1, maximum=MOST_CANDIDATES)
    seed: int | None = option(None, "equal seed, settings and candidates give equal text", minimum=0, maximum=LARGEST_SEED)
    temperature: float = option(
        0.85, "boldness; 0 takes the likeliest token and leaves every other setting aside", minimum=0.0, maximum=2.0
    )
    top_p: float = option(0.9, "choose among the likeliest tokens that share this probability", minimum=0.05, maximum=1.0)
    top_k: int = option(0, "choose among this many likeliest tokens; 0 leaves it off", minimum=0, maximum=1_000_000)
    repetition_penalty: float = option(1.1, "how much a recent token is held back; 1 leaves it off", minimum=1.0, maximum=2.0)
    penalty_window: int = option(64, "tokens that count as recent", minimum=1, maximum=8192)


def with_seed(settings: SamplingSettings) -> SamplingSettings:
    """The settings with a seed: theirs, or one drawn now, so that it can be recorded."""
    return settings if settings.seed is not None else replace(settings, seed=secrets.randbelow(LARGEST_SEED + 1))


def candidate_seed(seed: int, candidate: int) -> int:
    """The seed of one candidate (63 bits): independent streams that do not depend on how many candidates there are."""
    digest = hashlib.sha256(f"{seed}:{candidate}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1
