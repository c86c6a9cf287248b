"""Write on from a prompt with a finished model: the command, without torch until it acts; `pipelines.writer` writes.

python -m pipelines.generate BUNDLE "PROMPT" [--length 120] [--candidates 3] [--seed 7] [--out DIR]
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from models import bundle
from pipelines import settings
from pipelines.command import Parser, Result, execute, parser, progress, workspace_of
from pipelines.errors import Conflict
from pipelines.files import publish, write_text
from pipelines.sampling_settings import SamplingSettings, with_seed
from pipelines.workspace import Workspace

ENDINGS = {"length": "long enough", "end_of_text": "the chapter ended", "stopped": "stopped"}


def find_bundle(workspace: Workspace, wanted: str) -> Path:
    """The folder of a bundle: a path to a folder with a config.json, else an id in the workspace; raises NotFound."""
    path = Path(wanted).expanduser() if not wanted.startswith("~") or wanted.startswith("~/") else Path(wanted)
    return path.absolute() if (path / bundle.CONFIG).is_file() else workspace.bundle(wanted)


def write_on(folder: Path, prompt: str, chosen: SamplingSettings, device: str = "auto") -> dict[str, Any]:
    """Load a bundle and write on: the command's manifest. Raises BadText, BadSettings or BrokenArtifact."""
    # torch takes a second to import, and `--help` needs none.
    from pipelines.placement import place
    from pipelines.writer import Writer

    chosen = with_seed(chosen)
    computed_on, torch_device = place(device)
    *_, last = progress(Writer.open(folder, torch_device).continue_text(prompt, chosen), chosen.length, "write")
    rows = [{"text": one.text, "reason": one.reason, "loop": None, "copied_characters": None} for one in last.candidates]
    return {
        "prompt": prompt,
        "seed": chosen.seed,
        "tokens_per_second": round(last.tokens_per_second, 1),
        "candidates": rows,
        "bundle": folder.name,
        "settings": settings.to_json(chosen),
        "device": computed_on.name,
    }


def require_free(folder: Path) -> None:
    """Raise Conflict, before anything is written, if there is something at `folder` or a file where a folder must be."""
    if folder.exists():
        raise Conflict("exists", f"{folder} exists already", "choose a folder that does not exist yet", name=str(folder))
    for parent in folder.parents:
        if parent.exists() and not parent.is_dir():
            raise Conflict("unusable_place", f"{parent} is no folder", "choose another place", path=str(folder))


def save_samples(folder: Path, prompt: str, texts: list[str]) -> None:
    """Write 01.txt, 02.txt, …, each the prompt and a continuation, and all in samples.txt; whole or not at all.

    Raises Conflict if the folder exists.
    """
    with publish(folder) as partial:
        for number, text in enumerate(texts, start=1):
            write_text(partial / f"{number:02d}.txt", prompt + text + "\n")
        # The headings of GPT2-Chinese's generate.py, for the tools that read them.
        parts = [f"{'=' * 40} SAMPLE {number} {'=' * 40}\n{prompt}{text}\n" for number, text in enumerate(texts, start=1)]
        write_text(partial / "samples.txt", "".join(parts))


def readable(manifest: dict[str, Any]) -> str:
    """The candidates for a person to read."""
    lines = []
    for number, one in enumerate(manifest["candidates"], start=1):
        lines += [f"── {number} ({len(one['text'])} characters, {ENDINGS[one['reason']]})", manifest["prompt"] + one["text"], ""]
    return "\n".join([*lines, f"seed {manifest['seed']}, {manifest['tokens_per_second']:,} tokens per second"])


def act(arguments: argparse.Namespace) -> Result:
    chosen = settings.from_flags(SamplingSettings(), arguments)
    folder = find_bundle(workspace_of(arguments), arguments.bundle)
    out: Path | None = arguments.out and arguments.out.expanduser().absolute()
    if out is not None:
        require_free(out)
    manifest = write_on(folder, arguments.prompt, chosen, arguments.device)
    if out is not None:
        save_samples(out, manifest["prompt"], [one["text"] for one in manifest["candidates"]])
        manifest["out"] = str(out)
    return manifest, readable(manifest)


def make_parser() -> Parser:
    made = parser("generate", "Write on from a prompt with a finished model.")
    made.add_argument("bundle", metavar="BUNDLE", help="id of a bundle, or the path of its folder")
    made.add_argument("prompt", metavar="PROMPT", help="what the text begins with; may be empty")
    made.add_argument("--device", default="auto", metavar="DEVICE", help="auto, cpu, or a GPU's number")
    made.add_argument("--out", type=Path, metavar="DIR", help="write the candidates as text files into this new folder")
    settings.add_flags(made, SamplingSettings)
    return made


def main(argv: list[str] | None = None) -> int:
    return execute(make_parser(), argv, act)


if __name__ == "__main__":
    sys.exit(main())
