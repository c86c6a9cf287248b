"""Held-out bits per character and tokens per second of several training settings on one novel, each for equal time.

    python benchmarks/learning.py ../shared/data/zh/hongloumeng_utf8.txt --minutes 5 --rounds 1 \
        --variant "" --variant "--optimizer=adamw --learning-rate=0.001"

Variants take turns, so that a machine that slows down slows all of them. Every run is a real run in a fresh workspace.
"""

import argparse
import json
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]


def moxu(workspace: str, *words: str) -> dict[str, Any]:
    """Run one step and return its JSON object."""
    command = [sys.executable, "-m", f"pipelines.{words[0]}", *words[1:], "--json", "--workspace", workspace]
    return json.loads(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout)


def prepare(workspace: str, novel: Path) -> str:
    """Bring a novel as far as an encoding; returns the corpus id."""
    ingested = moxu(workspace, "ingest", str(novel.resolve()))["novels"][0]["id"]
    moxu(workspace, "clean", ingested)
    corpus = moxu(workspace, "assemble", ingested, "--name", "benchmark")["corpus"]
    print(moxu(workspace, "encode", corpus, "--kind", "char"), flush=True)
    return corpus


def measure(workspace: str, corpus: str, preset: str, minutes: str, variant: str) -> dict[str, Any]:
    """Train once with the variant's flags."""
    flags = [f"--preset={preset}", f"--minutes={minutes}", "--wait", *shlex.split(variant)]
    return moxu(workspace, "runs", "start", corpus, *flags)


def main() -> None:
    """Train every variant in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("novel", type=Path)
    parser.add_argument("--preset", default="pocket")
    parser.add_argument("--minutes", default="5")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--variant", action="append", default=[], help="flags of `runs start`; may be repeated")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as workspace:
        corpus = prepare(workspace, arguments.novel)
        results: dict[str, list[dict[str, Any]]] = {variant: [] for variant in arguments.variant or [""]}
        for _ in range(arguments.rounds):
            for variant, facts in results.items():
                facts.append(measure(workspace, corpus, arguments.preset, arguments.minutes, variant))
                print(variant or "(defaults)", facts[-1]["bits_per_character"], facts[-1]["tokens_per_second"], flush=True)
    print(f"\n{'bits per character':>20} {'spread':>8} {'tokens/s':>9} {'steps':>7}  variant")
    for variant, facts in results.items():
        bits = [fact["bits_per_character"] for fact in facts]
        speed = statistics.median(fact["tokens_per_second"] for fact in facts)
        steps = statistics.median(fact["step"] for fact in facts)
        row = (statistics.median(bits), max(bits) - min(bits), speed, steps)
        print("%20.3f %8.3f %9.0f %7.0f  %s" % (*row, variant or "(defaults)"))


if __name__ == "__main__":
    main()
