"""On what and how exactly a run computes: device, precision and threads, decided once per run so that resuming is exact."""

import os
import time
from dataclasses import asdict, dataclass

import torch

from pipelines.files import read_json, write_json
from pipelines.folders import RunFolder
from pipelines.training_settings import TrainingSettings

# Below this width bf16 gains nothing on a CPU (measured: docs/log.md, 2026-11-21).
NARROW = 256
TRIAL_SIZE = 768
TRIAL_ROUNDS = 5
# Emulated bf16 is slower than fp32 and real bf16 units are several times as fast, so the middle decides the same each time.
CLEAR_GAIN = 1.3


@dataclass(frozen=True, slots=True)
class Numerics:
    """`device` as torch names it, `precision` fp32 or bf16, `threads` of the CPU's arithmetic."""

    device: str
    precision: str
    threads: int


def decide(run: RunFolder, settings: TrainingSettings, kind: str, width: int) -> Numerics:
    """The run's numerics: those it began with on this kind of device, else decided now and written down."""
    if run.numerics.exists():
        known = Numerics(**read_json(run.numerics))
        if known.device == kind:
            return known
    threads = settings.threads or available_cores()
    torch.set_num_threads(threads)
    numerics = Numerics(kind, settings.precision if settings.precision != "auto" else _best_precision(kind, width), threads)
    write_json(run.numerics, asdict(numerics))
    return numerics


def apply(numerics: Numerics) -> None:
    """Set torch up for it."""
    torch.set_num_threads(numerics.threads)


def available_cores() -> int:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _best_precision(kind: str, width: int) -> str:
    if kind == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if width < NARROW:
        return "fp32"
    return "bf16" if _seconds(torch.float32) > CLEAR_GAIN * _seconds(torch.bfloat16) else "fp32"


def _seconds(dtype: torch.dtype) -> float:
    """The quickest of a few matrix products in this precision."""
    matrix = torch.ones(TRIAL_SIZE, TRIAL_SIZE, dtype=dtype)
    quickest = float("inf")
    for _ in range(TRIAL_ROUNDS):
        begun = time.perf_counter()
        matrix @ matrix
        quickest = min(quickest, time.perf_counter() - begun)
    return quickest
