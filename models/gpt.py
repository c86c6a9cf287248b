"""The network: GPT-2 whose weights are exactly those of transformers' GPT2LMHeadModel, but faster on a CPU.

Differences are in arithmetic only: nn.Linear instead of Conv1D, one fused attention without attention dropout (dropping
attention keeps torch from its fast kernel, engine.md §1), a fused tanh-GELU. Shapes: B batch, T tokens, D width,
H heads, V vocabulary, L layers. Knows no text and no folder's layout.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from models.shape import ModelShape
from pipelines.errors import BrokenArtifact

LAYER_NORM_EPSILON = 1e-5
INITIAL_DEVIATION = 0.02
# transformers keeps these as Conv1D, (in, out); nn.Linear keeps (out, in).
TRANSPOSED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
# Causal masks that older transformers saved among the weights.
BUFFERS = (".attn.bias", ".attn.masked_bias")
PREFIX = "transformer."
HEAD = "lm_head.weight"
EMBEDDING = "transformer.wte.weight"


class Cache:
    """Keys and values of the tokens read so far, in buffers made once: (L, B, H, context, D/H) each.

    `context` may be smaller than the network's when less will be written.
    """

    def __init__(self, shape: ModelShape, batch: int, context: int, device: torch.device, dtype: torch.dtype) -> None:
        sizes = (shape.layers, batch, shape.heads, context, shape.width // shape.heads)
        self.keys = torch.zeros(sizes, device=device, dtype=dtype)
        self.values = torch.zeros(sizes, device=device, dtype=dtype)
        self.context = context
        self.length = 0

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep the layer's new keys and values (B, H, T, D/H); returns all so far (B, H, length + T, D/H)."""
        end = self.length + keys.shape[2]
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def adopt(self, prefix: "Cache") -> None:
        """Begin every row with the one row of `prefix`: what was read once need not be read for each candidate."""
        self.length = prefix.length
        self.keys[:, :, :, : self.length] = prefix.keys[:, :, :, : self.length]
        self.values[:, :, :, : self.length] = prefix.values[:, :, :, : self.length]


class Attention(nn.Module):
    """Causal self-attention of H heads."""

    def __init__(self, shape: ModelShape, layer: int, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.layer = layer
        self.c_attn = nn.Linear(shape.width, 3 * shape.width)
        self.c_proj = nn.Linear(shape.width, shape.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, cache: Cache | None) -> Tensor:
        batch, tokens, width = x.shape
        parts = self.c_attn(x).split(width, dim=2)  # three of (B, T, D)
        queries, keys, values = (part.view(batch, tokens, self.heads, -1).transpose(1, 2) for part in parts)  # (B, H, T, D/H)
        before = 0
        if cache is not None:
            before = cache.length
            keys, values = cache.extend(self.layer, keys, values)  # (B, H, before + T, D/H)
        read = functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=_mask(tokens, before, x.device), is_causal=before == 0 and tokens > 1
        )
        return self.dropout(self.c_proj(read.transpose(1, 2).reshape(batch, tokens, width)))


def _mask(tokens: int, before: int, device: torch.device) -> Tensor | None:
    """Which of before + T keys each of T queries may see; None where `is_causal`, or being the last, says it already."""
    if before == 0 or tokens == 1:
        return None
    return torch.ones(tokens, before + tokens, dtype=torch.bool, device=device).tril(before)


class MLP(nn.Module):
    """Two linear maps with a tanh-GELU between them, four times as wide as the stream."""

    def __init__(self, shape: ModelShape, dropout: float) -> None:
        super().__init__()
        self.c_fc = nn.Linear(shape.width, 4 * shape.width)
        self.c_proj = nn.Linear(4 * shape.width, shape.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.c_proj(functional.gelu(self.c_fc(x), approximate="tanh")))


class Block(nn.Module):
    """A layer: attention, then the MLP, each normalised before and added to the stream."""

    def __init__(self, shape: ModelShape, layer: int, dropout: float) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(shape.width, eps=LAYER_NORM_EPSILON)
        self.attn = Attention(shape, layer, dropout)
        self.ln_2 = nn.LayerNorm(shape.width, eps=LAYER_NORM_EPSILON)
        self.mlp = MLP(shape, dropout)

    def forward(self, x: Tensor, cache: Cache | None) -> Tensor:
        x = x + self.attn(self.ln_1(x), cache)
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    """Everything but the head, named as in transformers."""

    def __init__(self, shape: ModelShape, dropout: float) -> None:
        super().__init__()
        self.wte = _embedding(shape.vocabulary, shape.width)
        self.wpe = _embedding(shape.context, shape.width)
        self.drop = nn.Dropout(dropout)
        self.h = nn.ModuleList(Block(shape, layer, dropout) for layer in range(shape.layers))
        self.ln_f = nn.LayerNorm(shape.width, eps=LAYER_NORM_EPSILON)

    def forward(self, ids: Tensor, cache: Cache | None) -> Tensor:
        begin = 0 if cache is None else cache.length
        positions = torch.arange(begin, begin + ids.shape[1], device=ids.device)
        x = self.drop(self.wte(ids) + self.wpe(positions))  # (B, T, D)
        for block in self.h:
            x = block(x, cache)
        return self.ln_f(x)


class GPT(nn.Module):
    """GPT-2 with its head tied to the token embedding; `dropout` acts on embeddings and residuals only.

    Initialised as in Radford et al. 2019 and transformers: deviation 0.02, residual projections by 1/sqrt(2·layers) less.
    """

    def __init__(self, shape: ModelShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.transformer = Transformer(shape, dropout)
        if self.device.type != "meta":
            self._initialise()

    def _initialise(self) -> None:
        for name, weight in self.named_parameters():
            if name.endswith("c_proj.weight"):
                nn.init.normal_(weight, std=INITIAL_DEVIATION / math.sqrt(2 * self.shape.layers))
            elif weight.dim() == 2:
                nn.init.normal_(weight, std=INITIAL_DEVIATION)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def hidden(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """The stream after the last layer: ids (B, T) -> (B, T, D); with a cache the ids go on where it ends.

        Raises ValueError, before any device sees it, when a position would not be below the context.
        """
        begin, room = (0, self.shape.context) if cache is None else (cache.length, min(cache.context, self.shape.context))
        if begin + ids.shape[1] > room:
            raise ValueError(f"{ids.shape[1]} tokens from position {begin} on do not fit a context of {room}")
        stream = self.transformer(ids, cache)
        if cache is not None:
            cache.length += ids.shape[1]
        return stream

    def head(self, stream: Tensor) -> Tensor:
        """Logits of the next token: (…, D) -> (…, V)."""
        return functional.linear(stream, self.transformer.wte.weight)

    def forward(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """Logits of the token after each position: (B, T) -> (B, T, V); raises ValueError as `hidden` does."""
        return self.head(self.hidden(ids, cache))

    def loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """Mean cross entropy in nats per token, a scalar in fp32; ids and targets (B, T)."""
        logits = self(ids)
        return functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())

    @torch.inference_mode()
    def nats(self, windows: NDArray[np.integer], scored: NDArray[np.bool_]) -> float:
        """The sum of -ln p of the scored tokens, in fp32 logits: windows (B, T + 1) of ids, scored (B, T).

        `scored[:, t]` speaks of the id at `t + 1`. The head is computed for scored tokens only.
        """
        ids = torch.from_numpy(windows.astype(np.int64)).to(self.device)
        chosen = torch.from_numpy(scored).to(self.device)
        stream = self.hidden(ids[:, :-1])[chosen]  # (N, D), N scored tokens
        each = functional.cross_entropy(self.head(stream).float(), ids[:, 1:][chosen], reduction="none")
        return each.double().sum().item()

    @property
    def device(self) -> torch.device:
        return self.transformer.wte.weight.device


def _embedding(rows: int, width: int) -> nn.Embedding:
    """An embedding that draws no random numbers of its own: on the meta device that would import torch._dynamo, a second."""
    return nn.Embedding(rows, width, _weight=torch.empty(rows, width))


def to_safetensors_state(model: GPT) -> dict[str, Tensor]:
    """The weights as transformers lays them out: on the CPU, Conv1D matrices transposed, no head, no masks."""
    return {name: _turned(name, tensor.detach()).cpu().contiguous() for name, tensor in model.state_dict().items()}


def load_state(model: GPT, state: Mapping[str, Tensor]) -> None:
    """Copy weights in transformers' layout into the model, with or without the `transformer.` prefix.

    Raises BrokenArtifact for a missing, unknown or ill-shaped weight, and for a head that is not tied to the embedding.
    """
    named = {name if name.startswith((PREFIX, HEAD)) else PREFIX + name: tensor for name, tensor in state.items()}
    kept = {name: _turned(name, tensor) for name, tensor in named.items() if name != HEAD and not name.endswith(BUFFERS)}
    wanted = model.state_dict()
    _check_names(wanted, kept)
    for name, tensor in kept.items():
        if tensor.shape != wanted[name].shape:
            sizes = f"{tuple(tensor.shape)}, and the network's is {tuple(wanted[name].shape)}"
            raise _broken(f"the weight {name} has the sizes {sizes}", name=name)
    if HEAD in named and not torch.equal(named[HEAD], kept[EMBEDDING]):
        raise _broken("the head is not tied to the embedding, which this network needs", name=HEAD)
    model.load_state_dict(kept)


def _check_names(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    for name in sorted(wanted.keys() - found.keys())[:1]:
        raise _broken(f"the weight {name} is missing", name=name)
    for name in sorted(found.keys() - wanted.keys())[:1]:
        raise _broken(f"the weight {name} does not belong to this network", name=name)


def _turned(name: str, tensor: Tensor) -> Tensor:
    """The tensor in the other layout; the map is its own inverse."""
    return tensor.t() if name.endswith(TRANSPOSED) and tensor.dim() == 2 else tensor


def save_weights(model: GPT, path: Path) -> None:
    """Write the weights as a safetensors file that transformers opens."""
    save_file(to_safetensors_state(model), path, metadata={"format": "pt"})


def load_weights(model: GPT, path: Path) -> None:
    """Read the weights from a safetensors file; raises BrokenArtifact if it is missing, torn or of another network."""
    try:
        state = load_file(path)
    except FileNotFoundError as error:
        raise _broken(f"the weights {path} are missing", path=str(path)) from error
    except SafetensorError as error:
        raise _broken(f"the weights {path} are not a readable safetensors file ({error})", path=str(path)) from error
    load_state(model, state)


def open_network(path: Path, shape: ModelShape, device: torch.device | str) -> GPT:
    """The network of that shape with the weights of a safetensors file, ready to read; raises as `load_weights`."""
    with torch.device("meta"):  # a million random numbers need not be drawn to be overwritten
        model = GPT(shape)
    model.to_empty(device=device)
    load_weights(model, path)
    return model.eval()


def _broken(message: str, **values: object) -> BrokenArtifact:
    return BrokenArtifact("broken_weights", message, "take the whole folder from where the model was made", **values)
