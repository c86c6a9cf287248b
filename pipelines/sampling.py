"""Logits to next ids, in this order: repetition penalty, temperature, top-k, top-p, draw. Pure; knows no model and no text.

B is the number of candidates, V the vocabulary. Excluded tokens have the score minus infinity.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from pipelines.sampling_settings import SamplingSettings, candidate_seed

# Nats that turn the familiar θ into a subtraction: 20·(1 - 1/θ), editor.md §3.3.
PENALTY_NATS = 20.0
EXCLUDED = float("-inf")
# So many likeliest tokens are looked at before all are sorted for top-p.
FIRST_LOOK = 256


def generators(settings: SamplingSettings) -> list[torch.Generator]:
    """A stream of random numbers for each candidate, on the CPU so that every device draws the same; needs a seed."""
    if settings.seed is None:
        raise ValueError("the settings have no seed")
    return [torch.Generator().manual_seed(candidate_seed(settings.seed, place)) for place in range(settings.candidates)]


def next_ids(
    logits: Tensor, history: Tensor, exempt: Tensor, settings: SamplingSettings, streams: Sequence[torch.Generator]
) -> Tensor:
    """The next id of each candidate: logits (B, V) in fp32, history (B, T) of ids so far, exempt (V,) bool -> (B,).

    Temperature 0 is transformers' greedy search: the largest logit, every other setting left aside. (`top_k` 1 is greedy
    with the penalty.)
    """
    if settings.temperature == 0:
        return logits.argmax(dim=-1)
    scores = penalise(logits, history[:, -settings.penalty_window :], exempt, settings.repetition_penalty)
    ranked, ids = keep_top_k(scores / settings.temperature, settings.top_k)  # (B, K) both
    ranked, places = keep_top_p(ranked, settings.top_p)
    drawn = draw(ranked, streams)[:, None]
    return ids.gather(1, places.gather(1, drawn)).squeeze(1)


def penalise(scores: Tensor, recent: Tensor, exempt: Tensor, penalty: float) -> Tensor:
    """Scores (B, V) less 20·(1 - 1/penalty) for ids among `recent` (B, W), those of `exempt` (V,) aside.

    Additive, and so blind to a constant added to all logits; the dividing penalty of Keskar et al. 2019 is not.
    """
    if penalty == 1.0:
        return scores
    seen = torch.zeros_like(scores, dtype=torch.bool).scatter_(1, recent, True)
    return scores - (seen & ~exempt) * (PENALTY_NATS * (1 - 1 / penalty))


def keep_top_k(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest scores of each row (B, V) and their places; 0 keeps all, in their order."""
    if k == 0 or k >= scores.shape[1]:
        return scores, torch.arange(scores.shape[1], device=scores.device).expand_as(scores)
    ranked, places = scores.topk(k)
    return ranked, places


def keep_top_p(scores: Tensor, p: float) -> tuple[Tensor, Tensor]:
    """The largest scores of each row (B, V), falling, and their places; those after probability `p` is reached excluded.

    Holtzman et al. 2020. As a rule the few likeliest reach `p`, and all need not be sorted, which would cost as much as a
    small network does.
    """
    if p >= 1.0:
        return scores, torch.arange(scores.shape[1], device=scores.device).expand_as(scores)
    whole = scores.logsumexp(dim=-1, keepdim=True)
    ranked, places = scores.topk(min(FIRST_LOOK, scores.shape[1]))
    if bool(((ranked - whole).exp().sum(dim=-1) < p).any()):
        ranked, places = scores.sort(dim=-1, descending=True, stable=True)
    probabilities = (ranked - whole).exp()
    before = probabilities.cumsum(dim=-1) - probabilities  # of all likelier tokens: the first is always kept
    return ranked.masked_fill(before >= p, EXCLUDED), places


def draw(scores: Tensor, streams: Sequence[torch.Generator]) -> Tensor:
    """A place in each row of scores (B, V), drawn by its softmax with the row's own stream: (B,)."""
    thresholds = torch.cat([torch.rand(1, generator=stream) for stream in streams]).to(scores.device)
    summed = scores.softmax(dim=-1).double().cumsum(dim=-1)
    wanted = thresholds.double() * summed[:, -1]
    return torch.searchsorted(summed, wanted[:, None], right=True).squeeze(1)
