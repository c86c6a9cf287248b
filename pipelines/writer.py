"""A loaded bundle that writes on: one reading of the prompt, many candidates, streamed as they grow.

All candidates are rows of one batch over a static cache. No position ever reaches the model's context: the prompt is cut to
leave a reserve, and a full window slides by a block. Knows nothing of workspaces, pages or files of samples.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models import bundle
from models.gpt import GPT, Cache, open_network
from models.tokenizer import Decoder, Tokenizer, code_points
from pipelines import sampling
from pipelines.errors import BrokenArtifact
from pipelines.numerics import NARROW
from pipelines.sampling_settings import SamplingSettings, with_seed

LENGTH, END_OF_TEXT, STOPPED = "length", "end_of_text", "stopped"
SMALLEST_RESERVE = 64
# A character is at most this many tokens: the bytes of its UTF-8.
LONGEST_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """The new characters so far, and why they ended: `length`, `end_of_text`, `stopped`, or nothing while they grow."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Update:
    """All candidates at a moment: their seed, the tokens written for all of them, and the seconds since the beginning."""

    candidates: tuple[Candidate, ...]
    seed: int
    tokens: int
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / max(self.seconds, 1e-9)


class Writer:
    """A network with its vocabulary, ready to write on; one continuation at a time."""

    def __init__(self, network: GPT, tokenizer: Tokenizer) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self._exempt = torch.zeros(network.shape.vocabulary, dtype=torch.bool, device=network.device)
        self._exempt[tokenizer.exempt_ids] = True
        self._follows: dict[bytes, Tensor] = {}

    @classmethod
    def open(cls, folder: Path, device: torch.device | str = "cpu") -> "Writer":
        """The writer of a bundle's folder, its hashes verified where it has any; raises BrokenArtifact."""
        found = bundle.read(folder)
        if found.facts:
            bundle.verify(folder)
        tokenizer = Tokenizer.load(folder)
        if tokenizer.vocabulary_size != found.shape.vocabulary:
            sizes = {"pieces": tokenizer.vocabulary_size, "wanted": found.shape.vocabulary}
            message = "the vocabulary of {} has {pieces} pieces and its network {wanted}".format(folder.name, **sizes)
            raise BrokenArtifact("other_vocabulary", message, "import the model anew", **sizes)
        if found.shape.width < NARROW:
            # A second thread gains nothing on so small matrices and loses much when another program wants its core.
            torch.set_num_threads(1)
        return cls(open_network(found.weights, found.shape, torch.device(device)), tokenizer)

    def continue_text(self, prompt: str, settings: SamplingSettings, stop: Callable[[], bool] | None = None) -> Iterator[Update]:
        """Write on after the prompt; after each token yields the whole texts so far, the last time with every reason set.

        `stop` is asked before each token. Raises BadText for half a surrogate pair in the prompt, BrokenArtifact if the
        network's figures are no numbers.
        """
        settings = with_seed(settings)
        learning = self.network.training
        self.network.eval()
        try:
            yield from self._write(self.prompt_ids(prompt, settings.length), settings, stop or _never)
        finally:
            self.network.train(learning)

    def prompt_ids(self, prompt: str, length: int) -> list[int]:
        """The last ids of the prompt that leave a reserve for `length` new characters; end of text for an empty prompt.

        The ids are bare, without end of text in front, so that transformers writes the same from the same words.
        """
        code_points(prompt)
        room = prompt_room(self.network.shape.context, length)
        # Every character is one token or more, so what lies further back would be cut away again.
        ids = self.tokenizer.encode(prompt[-room:])[-room:].tolist()
        return ids or [self.tokenizer.end_of_text]

    def _write(self, ids: list[int], settings: SamplingSettings, stop: Callable[[], bool]) -> Iterator[Update]:
        begun, tokens = time.perf_counter(), 0
        drafts = [_Draft(self.tokenizer.decoder(), settings.length) for _ in range(settings.candidates)]
        streams = sampling.generators(settings)
        page = _Page(self.network, ids, settings)
        while any(not draft.reason for draft in drafts):
            if stop():
                _stop(drafts)
            else:
                logits = page.logits if settings.temperature == 0 else self._spellable(page.logits, drafts)
                chosen = sampling.next_ids(logits, page.ids, self._exempt, settings, streams)
                tokens += sum(not draft.reason for draft in drafts)
                for draft, token in zip(drafts, chosen.tolist(), strict=True):
                    draft.take(token, self.tokenizer.end_of_text)
                if any(not draft.reason for draft in drafts):
                    page.append(chosen)
            candidates = tuple(Candidate(draft.text, draft.reason) for draft in drafts)
            yield Update(candidates, settings.seed or 0, tokens, time.perf_counter() - begun)

    def _spellable(self, logits: Tensor, drafts: "list[_Draft]") -> Tensor:
        """The logits (B, V) without the ids that would make half a character; greedy writing is left as it is."""
        return logits.masked_fill(~torch.stack([self._following(draft.decoder.pending) for draft in drafts]), sampling.EXCLUDED)

    def _following(self, pending: bytes) -> Tensor:
        """Which ids may follow the first bytes of a character (V,), kept: all but the empty ones are rare."""
        if pending not in self._follows:
            self._follows[pending] = torch.from_numpy(self.tokenizer.can_follow(pending)).to(self.network.device)
        return self._follows[pending]


def prompt_room(context: int, length: int) -> int:
    """Tokens of the prompt that fit: the context less max(64, min(length, context/4)), editor.md §4.5; at least half."""
    reserve = max(SMALLEST_RESERVE, min(length, context // 4))
    return context - min(reserve, context // 2)


class _Draft:
    """A candidate while it grows; a finished one takes nothing more."""

    def __init__(self, decoder: Decoder, length: int) -> None:
        self.decoder = decoder
        self.length = length
        self.text = ""
        self.reason = ""

    def take(self, token: int, end_of_text: int) -> None:
        if self.reason:
            return
        if token == end_of_text:
            self.reason = END_OF_TEXT
            return
        self.text = (self.text + self.decoder.push(token))[: self.length]
        if len(self.text) == self.length:
            self.reason = LENGTH


class _Page:
    """What the network sees of all candidates: the ids so far (B, T), a cache of them, and the logits (B, V) that follow.

    `ids` keeps as many tokens as the context or the penalty's window needs, whichever is more.
    """

    def __init__(self, network: GPT, ids: list[int], settings: SamplingSettings) -> None:
        self.network = network
        self.kept = max(network.shape.context, settings.penalty_window)
        rows = settings.candidates
        context = min(network.shape.context, len(ids) + LONGEST_CHARACTER * settings.length)
        first = self._new_cache(1, len(ids))
        row = torch.tensor([ids], device=network.device)  # (1, T)
        self._read(row, first)
        self.ids = row.expand(rows, -1)
        self.logits = self.logits.expand(rows, -1)
        self.cache = self._new_cache(rows, context)
        self.cache.adopt(first)

    def append(self, chosen: Tensor) -> None:
        """Put an id (B,) after each row and read on; a full window first drops its oldest quarter."""
        self.ids = torch.cat([self.ids, chosen[:, None]], dim=1)[:, -self.kept :]
        if self.cache.length < self.cache.context:
            self._read(chosen[:, None], self.cache)
        else:
            self.cache.length = 0
            self._read(self.ids[:, -max(1, self.cache.context * 3 // 4) :], self.cache)

    @torch.inference_mode()
    def _read(self, ids: Tensor, cache: Cache) -> None:
        """Read ids (B, T) where the cache ends; sets `logits`. Raises BrokenArtifact when they are no numbers."""
        stream = self.network.hidden(ids, cache)[:, -1]  # (B, D)
        self.logits = self.network.head(stream).float()
        if not bool(torch.isfinite(self.logits).all()):
            message = "the model's figures are no numbers (NaN or infinite), its weights are damaged"
            raise BrokenArtifact("not_finite", message, "use another checkpoint or bundle")

    def _new_cache(self, rows: int, context: int) -> Cache:
        return Cache(self.network.shape, rows, context, self.network.device, torch.float32)


def _stop(drafts: list[_Draft]) -> None:
    for draft in drafts:
        draft.reason = draft.reason or STOPPED


def _never() -> bool:
    return False
