"""Training steps per preset, precision and number of threads: tokens per second, interleaved, median and spread.

python benchmarks/arithmetic.py --presets pocket char --rounds 3
"""

import argparse
import statistics
import sys
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from models import gpt
from models.shape import load_preset
from pipelines import loop, numerics, optimizers, training_settings

VOCABULARY = {"pocket": 4042, "char": 65}
SECONDS = 4.0


def speed(preset_name: str, precision: str, threads: int) -> float:
    """Tokens per second of whole optimizer steps on random text, after one step of warm-up."""
    preset = load_preset(preset_name)
    chosen = training_settings.of_preset(preset)
    shape = preset.shape(VOCABULARY.get(preset_name, 13317))
    torch.set_num_threads(threads)
    model = gpt.GPT(shape, dropout=chosen.dropout)
    taught = optimizers.build(model, chosen)
    ids = torch.randint(0, shape.vocabulary, (chosen.batch_size, shape.context + 1))
    begun, steps = 0.0, -1
    while steps < 1 or time.perf_counter() - begun < SECONDS:
        with loop.autocast(numerics.Numerics("cpu", precision, threads)):
            loss = model.loss(ids[:, :-1], ids[:, 1:])
        loss.backward()
        taught.step(1.0)
        steps += 1
        begun = begun or time.perf_counter()
    return steps * chosen.batch_size * shape.context / (time.perf_counter() - begun)


def main() -> None:
    """Measure all combinations in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", nargs="+", default=["pocket", "char"])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    threads = sorted({1, numerics.available_cores()})
    cells = list(product(arguments.presets, ("fp32", "bf16"), threads))
    results: dict[tuple[str, str, int], list[float]] = {cell: [] for cell in cells}
    for _ in range(arguments.rounds):
        for cell, speeds in results.items():
            speeds.append(speed(*cell))
    print(f"{'preset':<10} {'precision':<10} {'threads':>7} {'tokens/s':>9} {'min':>8} {'max':>8}")
    for (preset, precision, count), speeds in results.items():
        print(
            "%-10s %-10s %7d %9.0f %8.0f %8.0f" % (preset, precision, count, statistics.median(speeds), min(speeds), max(speeds))
        )


if __name__ == "__main__":
    main()
