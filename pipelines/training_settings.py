"""What a run is asked for: the training settings, a preset under them, and the budget that ends the run."""

import argparse
from dataclasses import dataclass
from typing import Any

from models.shape import Preset, load_preset, preset_names
from pipelines import settings
from pipelines.errors import BadSettings
from pipelines.files import read_json
from pipelines.folders import RunFolder
from pipelines.settings import option

DEFAULT_PRESET = "pocket"


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How to teach a network. Defaults: engine.md's measured Muon mix; docs/log.md has the runs that chose between rates."""

    steps: int | None = option(None, "budget: optimizer steps", minimum=1, maximum=10_000_000, group="budget")
    epochs: float | None = option(None, "budget: passes over the training chapters", minimum=0.01, maximum=10_000, group="budget")
    minutes: float | None = option(None, "budget: wall-clock minutes of the run", minimum=0.05, maximum=100_000, group="budget")
    batch_size: int = option(16, "windows of the network's context per step", minimum=1, maximum=4096)
    optimizer: str = option(
        "muon", "muon for the layers' matrices and AdamW for the rest, or AdamW alone", choices=("muon", "adamw")
    )
    learning_rate: float = option(0.006, "peak rate of AdamW", minimum=1e-7, maximum=1.0)
    muon_learning_rate: float = option(0.01, "peak rate of Muon", minimum=1e-6, maximum=1.0)
    weight_decay: float = option(0.1, "decoupled decay of matrices", minimum=0.0, maximum=10.0)
    warmup_steps: int = option(20, "steps in which the rate rises to its peak", minimum=0, maximum=1_000_000)
    decay_share: float = option(0.5, "last share of the budget, in which the rate falls to zero", minimum=0.0, maximum=1.0)
    clip: float = option(1.0, "largest norm of the gradient; 0 leaves it alone", minimum=0.0, maximum=1000.0)
    dropout: float = option(0.0, "share of embedding and residual activations left out while learning", minimum=0.0, maximum=0.9)
    precision: str = option(
        "auto", "arithmetic of the matrices; auto tries bf16 on this device", choices=("auto", "fp32", "bf16")
    )
    threads: int = option(0, "CPU threads of the arithmetic; 0 takes the cores there are", minimum=0, maximum=1024)
    seed: int = option(0, "seed of the weights, the order of the text and dropout", minimum=0, maximum=2**31 - 1)
    evaluate_every: int = option(
        0, "steps between looks at held-out text; 0 looks about twenty times", minimum=0, maximum=10_000_000
    )
    log_every: int = option(10, "steps between two rows of metrics", minimum=1, maximum=100_000)
    checkpoint_minutes: float = option(10.0, "most minutes of work a crash may cost", minimum=0.01, maximum=1440.0)
    keep_checkpoints: int = option(2, "latest checkpoints kept beside the best", minimum=1, maximum=1000)
    prompt: tuple[str, ...] = option((), "opening from which samples are written while it learns; may be repeated")
    sample_length: int = option(60, "new characters of each sample", minimum=1, maximum=2000)


def of_preset(preset: Preset) -> TrainingSettings:
    """The settings a preset stands for."""
    return settings.replace(TrainingSettings(), preset.training)


def of_run(run: RunFolder) -> TrainingSettings:
    """The settings a run was started with, and the longer budget it was given since, if any."""
    chosen = settings.from_json(TrainingSettings, read_json(run.manifest)["settings"])
    return settings.replace(chosen, read_json(run.budget)) if run.budget.exists() else chosen


def add_flags(parser: argparse.ArgumentParser) -> None:
    """`--preset` and a flag per setting."""
    parser.add_argument("--preset", default=DEFAULT_PRESET, metavar="NAME", help=f"one of {', '.join(preset_names())}")
    settings.add_flags(parser, TrainingSettings)


def from_flags(arguments: argparse.Namespace) -> tuple[Preset, TrainingSettings]:
    """The preset named by the flags and its settings with the flags' changes.

    Raises NotFound for an unknown preset, BadSettings for a value out of range or two budgets.
    """
    preset = load_preset(arguments.preset)
    chosen = settings.given(TrainingSettings(), arguments)
    budgets = [name for name in ("steps", "epochs", "minutes") if name in chosen]
    if len(budgets) > 1:
        named = " and ".join(settings.flag_of(name) for name in budgets)
        raise BadSettings("two_budgets", f"{named} are both budgets", "give one of them", names=budgets)
    return preset, settings.replace(of_preset(preset), chosen)


def to_argv(preset: Preset, chosen: TrainingSettings) -> list[str]:
    """The flags that name these settings again: what `from_flags` reads back as the same."""
    return [f"--preset={preset.name}", *settings.to_argv(chosen, of_preset(preset))]


def budget_of(chosen: TrainingSettings) -> tuple[str, float]:
    """The one budget that is set: its name and value."""
    for name in ("steps", "epochs", "minutes"):
        value: Any = getattr(chosen, name)
        if value is not None:
            return name, value
    raise BadSettings("no_budget", "the run has no budget", "give --steps, --epochs or --minutes")
