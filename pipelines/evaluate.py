"""How well a model knows text it never saw: bits per character of held-out chapters, or of any file.

Definition (design.md §3): each chapter is the end-of-text id and its tokens; windows of the model's context go over it with
a stride of half, as in Hugging Face's guide to perplexity; each token is scored once, in the first window that holds it, and
the end-of-text id never; the sum of -log2 p is divided by the chapter's Unicode code points, newlines included, and chapters
are summed before dividing. Plans windows in numpy; the network is handed in, so that `--help` needs no torch.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipelines.command import Parser, Result, execute, parser, progress, workspace_of
from pipelines.errors import BadSettings, BadText, BrokenArtifact
from pipelines.subject import Chapters, Subject, find_subject, held_out, one_chapter

if TYPE_CHECKING:
    import torch

    from models.gpt import GPT

LARGEST_BATCH = 16
# Logits computed at a time (128 MB of them in fp32): a large vocabulary makes the batch smaller.
LARGEST_LOGITS = 2**25


@dataclass(frozen=True, slots=True)
class Score:
    """Bits per character, and the mean nats per token (`loss`), of so many tokens and characters.

    An `estimate` comes from a part of the text and from windows that do not overlap, and is a little too high.
    """

    bits_per_character: float
    loss: float
    tokens: int
    characters: int
    estimate: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The ids from `begin` to `end` of a chapter, of which those from `scored` on count."""

    chapter: int
    begin: int
    scored: int
    end: int


def score_chapters(
    model: "GPT",
    chapters: Chapters,
    characters: Sequence[int],
    device: "torch.device | str | None" = None,
    show: Callable[[Sequence[Sequence[Window]]], Iterable[Sequence[Window]]] = iter,
) -> Score:
    """Score whole chapters, each beginning with the end-of-text id and having that many `characters`.

    `device` moves the model first; `show` may draw progress over the batches. Draws no random numbers and leaves the model
    in the mode it had. Raises BadSettings for a context of 1, BadText if there is no token to score.
    """
    if device is not None:
        model.to(device)
    context = model.shape.context
    if context < 2:
        raise BadSettings(
            "out_of_range", f"context must be at least 2 to evaluate, got {context}", name="context", value=context, allowed="≥ 2"
        )
    planned = [window for place, ids in enumerate(chapters) for window in overlapping(place, len(ids), context)]
    nats, tokens = _sum(model, chapters, planned, show)
    return _score(nats, tokens, float(sum(characters)), estimate=False)


def estimate(model: "GPT", chapters: Chapters, characters: Sequence[int], budget_tokens: int) -> Score:
    """A cheap Score: windows side by side, of about `budget_tokens` held-out tokens at even distances; always the same ones.

    Characters are reckoned from the tokens at these chapters' own rate. Raises BadText if there is no token to score.
    """
    planned = spread(list(side_by_side([len(ids) for ids in chapters], model.shape.context)), budget_tokens)
    nats, tokens = _sum(model, chapters, planned, iter)
    rate = sum(characters) / max(1, sum(len(ids) - 1 for ids in chapters))
    return _score(nats, tokens, tokens * rate, estimate=True)


def overlapping(chapter: int, length: int, context: int) -> Iterator[Window]:
    """Windows of `context` ids with a stride of half over a chapter of `length` ids; the first id is never scored."""
    scored = 1
    for begin in range(0, length, context // 2):
        end = min(begin + context, length)
        if scored < end:
            yield Window(chapter, begin, scored, end)
        scored = end
        if end == length:
            return


def side_by_side(lengths: Sequence[int], context: int) -> Iterator[Window]:
    """Windows of at most `context` inputs over all chapters, each sharing its last id with the next one's first."""
    for chapter, length in enumerate(lengths):
        for begin in range(0, length - 1, context):
            yield Window(chapter, begin, begin + 1, min(begin + context, length - 1) + 1)


def spread(windows: Sequence[Window], budget_tokens: int) -> list[Window]:
    """Windows at even distances, of about `budget_tokens` scored ids in all, one at least: no chapter speaks for the rest."""
    tokens = sum(window.end - window.scored for window in windows)
    wanted = min(len(windows), max(1, len(windows) * budget_tokens // max(tokens, 1)))
    return [windows[(2 * place + 1) * len(windows) // (2 * wanted)] for place in range(wanted)]


def _sum(
    model: "GPT",
    chapters: Chapters,
    windows: Sequence[Window],
    show: Callable[[Sequence[Sequence[Window]]], Iterable[Sequence[Window]]],
) -> tuple[float, int]:
    """The nats of all scored tokens, and their number."""
    size = max(1, min(LARGEST_BATCH, LARGEST_LOGITS // (model.shape.context * model.shape.vocabulary)))
    batches = [windows[first : first + size] for first in range(0, len(windows), size)]
    learning = model.training
    model.eval()
    try:
        nats = math.fsum(model.nats(*_batch(chapters, batch)) for batch in show(batches))
    finally:
        model.train(learning)
    return nats, sum(window.end - window.scored for window in windows)


def _batch(chapters: Chapters, windows: Sequence[Window]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Ids (B, T + 1), padded at their end, where causal attention never looks, and which targets count (B, T)."""
    longest = max(window.end - window.begin for window in windows)
    ids = np.zeros((len(windows), longest), dtype=np.int64)
    scored = np.zeros((len(windows), longest - 1), dtype=np.bool_)
    for row, window in enumerate(windows):
        ids[row, : window.end - window.begin] = chapters[window.chapter][window.begin : window.end]
        scored[row, window.scored - window.begin - 1 : window.end - window.begin - 1] = True
    return ids, scored


def _score(nats: float, tokens: int, characters: float, *, estimate: bool) -> Score:
    if tokens == 0 or characters == 0:
        raise BadText("nothing_to_score", "there is no text to score", "give a text with --file")
    return Score(nats / math.log(2) / characters, nats / tokens, tokens, round(characters), estimate)


def act(arguments: argparse.Namespace) -> Result:
    # torch takes a second to import, and `--help` needs none.
    from models.gpt import open_network
    from pipelines.placement import place

    workspace = workspace_of(arguments)
    subject = find_subject(workspace, arguments.model)
    text = one_chapter(arguments.file, subject.tokenizer(workspace)) if arguments.file else held_out(workspace, subject)
    device, torch_device = place(arguments.device)
    network = open_network(subject.weights, subject.shape, torch_device)
    score = score_chapters(network, *text, show=lambda batches: progress(batches, len(batches), "evaluate"))
    return report(subject, score, len(text[0]), device.name)


def report(subject: Subject, score: Score, chapters: int, device: str) -> Result:
    """The command's manifest and its line; raises BrokenArtifact if the network's figures are no numbers."""
    name = next(iter(subject.name.values()))
    if not math.isfinite(score.loss):
        message = f"the figures of {name} are no numbers (NaN or infinite), its weights are damaged"
        raise BrokenArtifact("not_finite", message, "use another checkpoint or bundle")
    figures = {"bits_per_character": score.bits_per_character, "characters": score.characters, "loss": score.loss}
    manifest = (
        figures | {"tokens": score.tokens, "chapters": chapters, "estimate": score.estimate, "device": device} | subject.name
    )
    line = f"{name}: {score.bits_per_character:.4f} bits per character over {score.characters:,} characters"
    return manifest, line


def make_parser() -> Parser:
    made = parser("evaluate", "Bits per character of a model on the chapters it never saw, or on a text file.")
    made.add_argument("model", metavar="BUNDLE_OR_RUN", help="id of a bundle or run, or the path of a bundle's folder")
    made.add_argument("--file", type=Path, metavar="TEXT", help="score this text file, as one chapter, instead")
    made.add_argument("--device", default="auto", metavar="DEVICE", help="auto, cpu, or a GPU's number")
    return made


def main(argv: list[str] | None = None) -> int:
    return execute(make_parser(), argv, act)


if __name__ == "__main__":
    sys.exit(main())
