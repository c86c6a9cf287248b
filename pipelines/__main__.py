"""`python -m pipelines`: the list of steps, in the order a novel takes."""

import sys

STEPS = {
    "ingest": "novel files -> novels",
    "clean": "a novel's text -> a cleaning and its report",
    "assemble": "novels -> a corpus of chapters, some held out",
    "encode": "a corpus -> a vocabulary and token ids",
    "runs": "start, watch, stop, pause, resume training runs",
    "train": "one run in this process (runs start does it in the background)",
    "evaluate": "held-out bits per character of a bundle or a run",
    "generate": "a bundle and an opening -> continuations",
    "shelf": "list, import, export, remove finished models",
    "demo": "the whole way on the bundled story",
}


def main() -> int:
    """Print the steps; returns 0."""
    print("The steps, each `python -m pipelines.STEP --help`:\n")
    for name, sentence in STEPS.items():
        print(f"  {name:<10} {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
