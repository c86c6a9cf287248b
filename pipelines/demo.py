"""The whole way on the bundled story: ingest, clean, assemble, encode, train in the background, evaluate, write on.

python -m pipelines.demo [--story en] [--minutes 1] [--json]
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.shape import load_preset
from pipelines import assemble, clean, command, encode, generate, ingest, launch, runs, settings
from pipelines.errors import BadText, Conflict, NotFound
from pipelines.files import read_json, read_text
from pipelines.folders import CorpusFolder, NovelFolder
from pipelines.sampling_settings import SamplingSettings
from pipelines.training_settings import DEFAULT_PRESET, of_preset
from pipelines.workspace import Workspace

STORIES = Path(__file__).resolve().parents[1] / "assets" / "samples"
LANGUAGES = ("zh", "en")
PROMPT_CHARACTERS = 24
LENGTH = 120
SEED = 7

Tell = Callable[[str], None]


def main(argv: list[str] | None = None) -> int:
    """The command `demo`."""
    return command.execute(_parser(), argv, act)


def _parser() -> command.Parser:
    made = command.parser("demo", "the whole way on the bundled story, from a text file to a continuation")
    made.add_argument("--story", default="zh", choices=LANGUAGES, help="which of the bundled stories")
    made.add_argument("--minutes", type=float, default=1.0, metavar="M", help="of training")
    return made


def act(arguments: argparse.Namespace) -> command.Result:
    """Walk the whole way, telling each step on stderr."""
    begun = time.monotonic()
    preset = load_preset(DEFAULT_PRESET)
    training = settings.replace(of_preset(preset), {"minutes": arguments.minutes})
    workspace = command.workspace_of(arguments)
    novel = read_story(workspace, arguments.story, _tell)
    corpus = cut(workspace, novel, _tell)
    facts = teach(workspace, launch.Order(corpus.id, "", preset, training, "", "auto"), _tell)
    prompt = opening(corpus)
    continuation = write_on(workspace, facts["bundle"], prompt)
    seconds = round(time.monotonic() - begun, 1)
    manifest = {
        "novel": novel.id,
        "corpus": corpus.id,
        "run": facts["run"],
        "bundle": facts["bundle"],
        "bits_per_character": facts["bits_per_character"],
        "continuation": continuation,
        "prompt": prompt,
        "seconds": seconds,
    }
    return manifest, farewell(manifest)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def read_story(workspace: Workspace, language: str, tell: Tell) -> NovelFolder:
    """Ingest and clean the bundled story."""
    story = STORIES / f"{language}.txt"
    title = read_text(story).split("\n", 1)[0]
    try:
        row = ingest.ingest_file(workspace, story, title=title).novels[0]
    except (BadText, NotFound) as error:
        raise BadText("no_story", error.sentence, "restore it from the repository") from error
    tell(f"1 ingest    {title}: {row['characters']:,} characters in {row['encoding']}")
    novel = workspace.novel(row["id"])
    report = clean.clean_novel(novel)
    tell(f"2 clean     {sum(report['rules'].values())} edits, {report['characters_after']:,} characters kept")
    return novel


def cut(workspace: Workspace, novel: NovelFolder, tell: Tell) -> CorpusFolder:
    """Assemble a corpus of the story and encode it."""
    title = read_json(novel.manifest)["title"]
    corpus = assemble.assemble(workspace, [novel], title, assemble.AssembleSettings())
    facts = read_json(corpus.manifest)
    tell(f"3 assemble  {facts['chapters']} chapters, {facts['held_out_chapters']} held out")
    encoding = read_json(encode.encode(corpus).manifest)
    tell(f"4 encode    a vocabulary of {encoding['vocabulary_size']:,}, {encoding['train_tokens']:,} tokens to learn from")
    return corpus


def teach(workspace: Workspace, order: launch.Order, tell: Tell) -> dict[str, Any]:
    """Train in the background process a user would get, and wait for it; raises Conflict if it leaves no bundle."""
    run = launch.start(workspace, order)
    first = runs.describe(run)
    tell(f"5 train     run {run.id} in the background, {order.training.minutes:g} min")
    if first["waiting_for"]:
        tell(f"            waits: {first['waiting_for']}")
    facts = runs.wait(run, lambda row: tell(f"            {runs.row_line(row)}") if row["kind"] == "held_out" else None)
    runs.require_good_end(facts)
    if not facts["bundle"]:
        raise Conflict("demo_left_nothing", runs.line_of(facts), "run the demo again", run=facts["run"])
    tell(f"            kept: step {facts['best_step']}; what came later knows the story better and the language worse")
    tell(f"6 evaluate  {facts['bits_per_character']:.3f} bits per character on text it never saw")
    return facts


def opening(corpus: CorpusFolder) -> str:
    """The beginning of the held-out chapter, below its heading: words the network has not learned by heart."""
    chapter = next(chapter for chapter in assemble.read_chapters(corpus) if chapter.held_out)
    lines = [line for line in chapter.text.splitlines() if line.strip()]
    return lines[1 if len(lines) > 1 else 0][:PROMPT_CHARACTERS]


def write_on(workspace: Workspace, bundle: str, prompt: str) -> str:
    """One continuation of the prompt."""
    chosen = SamplingSettings(length=LENGTH, candidates=1, seed=SEED)
    return generate.write_on(workspace.bundle(bundle), prompt, chosen)["candidates"][0]["text"]


def farewell(manifest: dict[str, Any]) -> str:
    """What a person reads at the end: the continuation, what it is, and what to do next."""
    return "\n".join(
        [
            f"7 generate  {manifest['prompt']}▍{manifest['continuation']}",
            "",
            f"The whole way took {manifest['seconds']:.0f} s. One short story teaches a network its words and a little manner.",
            "Bring novels of your own: python -m pipelines.ingest FILE; the README says what follows.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
