"""Optimizers and their rate: Muon for the layers' matrices with AdamW for the rest, or AdamW alone; state as plain tensors.

Muon: Keller Jordan, https://kellerjordan.github.io/posts/muon/ (2024), as `torch.optim.Muon`. AdamW: Loshchilov and Hutter,
https://arxiv.org/abs/1711.05101. Betas 0.9 and 0.99 as in nanoGPT's character setting.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipelines.training_settings import TrainingSettings

BETAS = (0.9, 0.99)
SEPARATOR = "|"


@dataclass(slots=True)
class Optimizers:
    """The optimizers of one network by name, and the peak rate of each."""

    members: dict[str, torch.optim.Optimizer]
    peaks: dict[str, float]
    names: dict[Tensor, str]

    def step(self, scale: float) -> None:
        """One update at `scale` times the peak rates; gradients are cleared."""
        for name, optimizer in self.members.items():
            for group in optimizer.param_groups:
                group["lr"] = self.peaks[name] * scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """Every state tensor by `optimizer|parameter|key`."""
        return {
            SEPARATOR.join((member, self.names[parameter], key)): value
            for member, optimizer in self.members.items()
            for parameter, values in optimizer.state.items()
            for key, value in values.items()
            if isinstance(value, Tensor)
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Take the tensors that `state` gave; moments move to their parameter's device."""
        parameters = {name: parameter for parameter, name in self.names.items()}
        for path, value in state.items():
            member, name, key = path.split(SEPARATOR)
            parameter = parameters[name]
            self.members[member].state[parameter][key] = value.to(parameter.device)


def build(model: nn.Module, settings: TrainingSettings) -> Optimizers:
    """The optimizers for a network: matrices of the layers to Muon (if chosen), embeddings, norms and biases to AdamW."""
    names: dict[Tensor, str] = {parameter: name for name, parameter in model.named_parameters()}
    matrices = [parameter for parameter, name in names.items() if parameter.ndim == 2 and ".h." in name]
    tables = [parameter for parameter, name in names.items() if parameter.ndim == 2 and ".h." not in name]
    vectors = [parameter for parameter in names if parameter.ndim < 2]
    muon = settings.optimizer == "muon"
    decayed = tables if muon else tables + matrices
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    fused = next(iter(names)).device.type in ("cpu", "cuda")
    members: dict[str, torch.optim.Optimizer] = {
        "adamw": torch.optim.AdamW(groups, lr=settings.learning_rate, betas=BETAS, fused=fused)
    }
    peaks = {"adamw": settings.learning_rate}
    if muon:
        members["muon"] = torch.optim.Muon(matrices, lr=settings.muon_learning_rate, weight_decay=settings.weight_decay)
        peaks["muon"] = settings.muon_learning_rate
    return Optimizers(members, peaks, names)


def rate_scale(step: int, progress: float, settings: TrainingSettings) -> float:
    """The rate as a share of its peak: linear warm-up by steps, constant, linear decay to 0 by `progress` in 0..1.

    Warm-up-stable-decay: Hu et al. 2024 (MiniCPM), https://arxiv.org/abs/2404.06395.
    """
    warm = min(1.0, (step + 1) / settings.warmup_steps) if settings.warmup_steps else 1.0
    left = max(0.0, 1.0 - progress)
    decayed = min(1.0, left / settings.decay_share) if settings.decay_share else 1.0
    return warm * decayed
