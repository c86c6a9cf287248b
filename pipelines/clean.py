"""Clean novels' texts, or a loose file, and report every edit.

    python -m pipelines.clean NOVEL_ID... [--rules a,b] [--no-rule c] [--recipe NAME_OR_FILE] [--preview] [--export FILE]
    python -m pipelines.clean NOVEL_ID --undo | --use N | --undo-rule R | --undo-edit N
    python -m pipelines.clean --file IN --out OUT [--report R.json] [--encoding E] [--restore R.json]

A novel's original text and its earlier cleanings never change: each cleaning is a new numbered folder, and the novel's
`meta.json` names the current one. What the rules do is in rules/.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pipelines import exports, loose, recipes, reports
from pipelines.cleaning import Recipe
from pipelines.cleanings import (
    MOST_ROWS,
    Cleaning,
    clean_novel,
    cleanings,
    current,
    preview_novel,
    read_cleaning,
    use_cleaning,
)
from pipelines.command import NothingDone, Parser, Result, execute, parser, progress, workspace_of
from pipelines.crowd import in_crowd, worth_a_crowd
from pipelines.errors import BadSettings, BadText, BrokenArtifact, Conflict
from pipelines.files import read_json
from pipelines.folders import NovelFolder, list_folders
from pipelines.recipe_flags import add_recipe, recipe_of_flags
from pipelines.rules import BY_NAME
from pipelines.sectionwise import MOST_PROCESSES
from pipelines.workspace import Workspace

# Of the number of a cleaning.
MOST_DIGITS = 9
FLAGS_OF_NOVELS = ("all", "undo", "use", "undo_rule", "undo_edit", "export")
FLAGS_OF_FILES = ("out", "report", "encoding", "restore")


def main(argv: list[str] | None = None) -> int:
    """The command `clean`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("clean", "Clean novels' texts, or a loose file, and report every edit.")
    made.add_argument("novels", nargs="*", metavar="NOVEL_ID", help="the novels to clean")
    made.add_argument("--all", action="store_true", help="all novels of the workspace")
    made.add_argument("--preview", action="store_true", help="report what would be done, and write nothing")
    made.add_argument("--export", type=Path, metavar="FILE", help="write the clean chapters to a .json, .txt or .parquet file")
    add_recipe(made)
    undone = made.add_argument_group("take back what was done to a novel; its own text is always there")
    undone.add_argument("--undo", action="store_true", help="the cleaning before the current one, or none")
    undone.add_argument("--use", metavar="N", help="an earlier cleaning by its number, or `none`")
    undone.add_argument("--undo-rule", metavar="R", help="clean again as now, without this rule")
    undone.add_argument("--undo-edit", type=int, action="append", metavar="N", help="the same, without the N-th edit removed")
    loose_file = made.add_argument_group("a loose file, without any workspace")
    loose_file.add_argument("--file", type=Path, metavar="IN", help="the text file to clean; it is never changed")
    loose_file.add_argument("--out", type=Path, metavar="OUT", help="where the clean text goes, as UTF-8")
    loose_file.add_argument("--report", type=Path, metavar="R.json", help="where the report goes")
    loose_file.add_argument("--encoding", metavar="E", help="the file's encoding, if it is not to be found out")
    loose_file.add_argument("--restore", type=Path, metavar="R.json", help="IN is a clean text: undo what its report says")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Clean, or take back, what the flags name."""
    if arguments.file is not None:
        return _act_on_file(arguments)
    for flag in FLAGS_OF_FILES:
        if getattr(arguments, flag) is not None:
            raise BadSettings("needs_file", f"--{flag} goes with --file, not with a novel", "leave it away", flag=flag)
    recipes.named(arguments.rules, arguments.no_rule)
    if arguments.export is not None:
        exports.writer_of(arguments.export)
    workspace = workspace_of(arguments)
    novels = _named(workspace, arguments)
    if len(novels) > 1:
        return _clean_many(workspace, novels, arguments)
    novel = novels[0]
    if (number := _wanted(novel, arguments)) != -1:
        use_cleaning(novel, number)
        return {"novel": novel.id, "cleaning": number}, f"{novel.id}: {f'cleaning {number}' if number else 'not cleaned'}"
    recipe = recipe_of_flags(workspace, novel, arguments)
    if arguments.preview:
        return (report := preview_novel(novel, recipe)), _line(novel.id, report)
    report = clean_novel(novel, recipe)
    path = novel.report(report["cleaning"])
    more = {"report": str(path), "removed": list(islice(reports.read_rows(path), MOST_ROWS))}
    return report | more | _export(novels, arguments.export), _line(novel.id, report)


def _named(workspace: Workspace, arguments: argparse.Namespace) -> list[NovelFolder]:
    """The novels that the flags name; raises BadSettings for none."""
    wanted = [path.name for path in list_folders(workspace.novels)] if arguments.all else arguments.novels
    if not wanted:
        raise BadSettings("nothing_named", "nothing is named to clean", "name a novel, or a file with --file IN --out OUT")
    return list({novel.id: novel for novel in map(workspace.novel, wanted)}.values())


@dataclass(frozen=True, slots=True)
class _Job:
    """Clean the novel of a raw text: its report, or why there is none. Each has a process to itself, so it starts no others."""

    workspace: Workspace
    arguments: argparse.Namespace

    def __call__(self, text: Path) -> dict[str, Any]:
        novel = NovelFolder(text.parent)
        try:
            recipe = recipe_of_flags(self.workspace, novel, self.arguments)
            return preview_novel(novel, recipe) if self.arguments.preview else clean_novel(novel, recipe, processes=1)
        except (BadSettings, BadText, BrokenArtifact, FileNotFoundError) as error:
            return {"novel": novel.id, "why": getattr(error, "sentence", str(error))}
        except Conflict as error:
            if error.code != "novel_busy":
                raise
            return {"novel": novel.id, "why": error.sentence}


def _clean_many(workspace: Workspace, novels: Sequence[NovelFolder], arguments: argparse.Namespace) -> Result:
    """Clean several novels, on several cores; one that cannot be cleaned does not stop the others."""
    if arguments.undo or arguments.use or arguments.undo_rule or arguments.undo_edit:
        raise BadSettings("one_novel", "only one novel at a time can be undone", "name one", novels=len(novels))
    texts = [novel.raw_text for novel in novels]
    workers, job = min(worth_a_crowd(texts), MOST_PROCESSES), _Job(workspace, arguments)
    results = in_crowd(job, texts, workers) if workers > 1 else map(job, texts)
    rows = list(progress(results, len(texts), "clean"))
    done, skipped = [row for row in rows if "why" not in row], [row for row in rows if "why" in row]
    manifest: dict[str, Any] = {"novels": done, "skipped": skipped}
    reasons = "\n".join(f"{one['novel']}: {one['why']}" for one in skipped)
    if not done:
        raise NothingDone("nothing_cleaned", reasons, manifest)
    if reasons:
        print(reasons, file=sys.stderr, flush=True)
    manifest |= _export([novel for novel in novels if novel.id in {one["novel"] for one in done}], arguments.export)
    return manifest, "\n".join(_line(one["novel"], one) for one in done)


def _wanted(novel: NovelFolder, arguments: argparse.Namespace) -> int | None:
    """The number of the cleaning to go back to, None for none; -1 if the flags do not ask for that."""
    if arguments.undo:
        now = current(novel)
        return max((number for number in cleanings(novel) if number < now), default=None)
    if arguments.use is None:
        return -1
    if arguments.use != "none" and not (arguments.use.isdecimal() and len(arguments.use) <= MOST_DIGITS):
        raise BadSettings("no_number", f"--use {arguments.use} is no number", "give a number, or `none`", value=arguments.use)
    return None if arguments.use == "none" else int(arguments.use)


def _export(novels: Sequence[NovelFolder], target: Path | None) -> dict[str, Any]:
    """Write the clean chapters of the novels to a file, if one is named; what was written."""
    if target is None:
        return {}
    return {
        "export": exports.export(
            ((read_json(novel.meta)["title"], chapters_taken(read_cleaning(novel))) for novel in novels), target
        )
    }


def chapters_taken(cleaning: Cleaning) -> Iterator[exports.ExportedChapter]:
    """The chapters that a training would take, on their way out."""
    for chapter in cleaning.chapters:
        if chapter.kept:
            yield exports.ExportedChapter(chapter.title, cleaning.text[chapter.start : chapter.end], chapter.number)


def _act_on_file(arguments: argparse.Namespace) -> Result:
    """Clean a loose file into another, or undo that."""
    if arguments.novels:
        raise BadSettings("two_named", f"both a novel ({arguments.novels[0]}) and a file are named", "name one of them")
    for flag in FLAGS_OF_NOVELS:
        if getattr(arguments, flag):
            name = flag.replace("_", "-")
            raise BadSettings("needs_novel", f"--{name} goes with a novel, not with --file", "leave it away", flag=name)
    if arguments.out is None and (arguments.restore is not None or not arguments.preview):
        raise BadSettings("no_out", "--file needs --out, where the clean text goes", "add --out OUT, or --preview")
    if arguments.restore is not None:
        return loose.restore(arguments.file, arguments.restore, arguments.out)
    recipe = _recipe_of_file(arguments)
    targets = (None, None) if arguments.preview else (arguments.out, arguments.report)
    report = loose.clean_file(arguments.file, recipe, arguments.encoding, *targets)
    return report, _line(str(arguments.file), report)


def _recipe_of_file(arguments: argparse.Namespace) -> Recipe:
    """The recipe for a loose file; a saved one is looked up in the workspace, which is not opened otherwise."""
    needs_workspace = arguments.recipe and not Path(arguments.recipe).is_file()
    workspace = workspace_of(arguments) if needs_workspace else Workspace(Path())
    return recipe_of_flags(workspace, None, arguments)


def _line(name: str, report: dict[str, Any]) -> str:
    """The human line."""
    number = report.get("cleaning")
    what = f"cleaning {number}" if number else f"written to {report['out']}" if report.get("out") else "a preview"
    edits = sum(count for name, count in report["rules"].items() if not (name in BY_NAME and BY_NAME[name].marks))
    line = f"{name}: {what}, {report['characters_before']:,} characters -> {report['characters_after']:,} by {edits:,} edits"
    warned = "".join(f"\n  {rule} takes more of the Chinese characters than it ought to" for rule in report["over_budget"])
    stopped = "".join(f"\n  {rule} took too long and did nothing" for rule in report["stopped"])
    lost = report.get("lost_edits", 0)
    unplaced = f"\n  {lost} of your changes to the chapters found no place in the new text" if lost else ""
    return line + warned + stopped + unplaced


if __name__ == "__main__":
    sys.exit(main())
