"""`python -m pipelines`: the list of steps, in the order a novel takes; with `--settings`, docs/settings.md."""

import sys

from pipelines import settings
from pipelines.assemble import AssembleSettings
from pipelines.sampling_settings import SamplingSettings
from pipelines.serve_settings import ServeSettings
from pipelines.training_settings import TrainingSettings

STEPS = {
    "ingest": "novel files -> novels",
    "clean": "a novel's text -> a cleaning and its report",
    "recipes": "named sets of cleaning rules: list, save, show, remove",
    "outline": "a novel's chapters: see, split, merge, rename, drop",
    "duplicates": "what stands in more than one novel or chapter",
    "assemble": "novels -> a corpus of chapters, some held out",
    "encode": "a corpus -> a vocabulary and token ids",
    "prepare": "novels -> a corpus with an encoding, making only what is missing",
    "runs": "start, watch, stop, pause, resume training runs",
    "train": "one run in this process (runs start does it in the background)",
    "evaluate": "held-out bits per character of a bundle or a run",
    "generate": "a bundle and an opening -> continuations",
    "serve": "a bundle -> an engine that answers over HTTP",
    "shelf": "list, import, export, remove finished models",
    "demo": "the whole way on the bundled story",
}


SETTINGS = {"assemble": AssembleSettings, "runs start": TrainingSettings, "generate": SamplingSettings, "serve": ServeSettings}


def settings_page() -> str:
    """docs/settings.md, from the settings as they are declared."""
    made_by = "Made by `python -m pipelines --settings > docs/settings.md`; a test holds it."
    head = f"# Settings\n\n{made_by} Presets change some defaults.\n"
    return head + "".join(f"\n## {step}\n\n{settings.to_markdown(cls)}\n" for step, cls in SETTINGS.items())


def main() -> int:
    """Print the steps, or the settings; returns 0."""
    if "--settings" in sys.argv[1:]:
        print(settings_page(), end="")
        return 0
    print("The steps, each `python -m pipelines.STEP --help`:\n")
    for name, sentence in STEPS.items():
        print(f"  {name:<10} {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
