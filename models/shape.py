"""The shape of a network and the named presets: sizes, parameter counts and bytes, without torch."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import BadSettings, NotFound

PRESETS = Path(__file__).parent / "presets"
BYTES_PER_WEIGHT = 4
# Weights in fp32 and two moments of AdamW; Muon keeps one, so this is the upper bound.
BYTES_PER_CHECKPOINT_PARAMETER = 12


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A GPT-2 network: `width` D and `heads` per layer, `context` T in tokens, `vocabulary` V.

    Raises BadSettings if a size is below 1 or the width is no multiple of the heads.
    """

    vocabulary: int
    context: int
    layers: int
    heads: int
    width: int

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise BadSettings(
                    "out_of_range", f"{name} must be at least 1, got {value}", name=name, value=value, allowed="≥ 1"
                )
        if self.width % self.heads:
            message = f"width must be a multiple of heads ({self.heads}), got {self.width}"
            raise BadSettings("width_heads", message, name="width", value=self.width, heads=self.heads)

    @property
    def parameters(self) -> int:
        """Weights of GPT-2 with tied embeddings: V·D + T·D + layers·(12·D² + 13·D) + 2·D (Radford et al. 2019)."""
        per_layer = 12 * self.width**2 + 13 * self.width
        return (self.vocabulary + self.context) * self.width + self.layers * per_layer + 2 * self.width

    @property
    def checkpoint_bytes(self) -> int:
        """Disk that one checkpoint takes: weights and optimizer state."""
        return self.parameters * BYTES_PER_CHECKPOINT_PARAMETER

    @property
    def weight_bytes(self) -> int:
        """Disk that the weights alone take, in fp32."""
        return self.parameters * BYTES_PER_WEIGHT

    def to_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named recipe: sizes without the vocabulary, training settings that differ from the defaults, and a sentence."""

    name: str
    sentence: dict[str, str]
    sizes: dict[str, int]
    training: dict[str, Any]

    def shape(self, vocabulary: int) -> ModelShape:
        """The network for a vocabulary of that many tokens."""
        return ModelShape(vocabulary=vocabulary, **self.sizes)


def load_preset(name: str) -> Preset:
    """The preset of that name; raises NotFound naming those there are."""
    known = preset_names()
    if name not in known:
        raise NotFound("no_preset", f"there is no preset {name!r}", f"choose one of {', '.join(known)}", wanted=name)
    values = json.loads((PRESETS / f"{name}.json").read_text(encoding="utf-8"))
    return Preset(name, values["sentence"], values["shape"], values["training"])


def preset_names() -> list[str]:
    """The presets there are, smallest network first."""
    sizes = {path.stem: json.loads(path.read_text(encoding="utf-8"))["shape"] for path in PRESETS.glob("*.json")}
    return sorted(sizes, key=lambda name: (sizes[name]["width"] * sizes[name]["layers"], sizes[name]["context"]))
