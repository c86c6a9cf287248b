"""Clean a novel's text, or a loose file, and report every edit.

    python -m pipelines.clean NOVEL_ID [--rules a,b] [--no-rule c] [--preview]
    python -m pipelines.clean --file IN --out OUT [--report R.json] [--encoding E]

A novel's original text and its earlier cleanings never change: each cleaning is a new numbered folder, and the novel's
`meta.json` names the current one. What the rules do is in rules.py.
"""

import argparse
import contextlib
import hashlib
import json
import sys
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines import VERSION
from pipelines.chapters import Chapter, find_chapters
from pipelines.command import Parser, Result, execute, parser, workspace_of
from pipelines.errors import BadSettings, BadText, BrokenArtifact, Conflict, NotFound
from pipelines.files import publish, read_json, read_text, replace_text, sha256_of, write_json, write_text
from pipelines.folders import NovelFolder, list_folders
from pipelines.locks import acquire
from pipelines.rules import RULES, Edit, chosen, clean, counts
from pipelines.sources import decode_source
from pipelines.workspace import FORMAT, change_meta

LOCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A finished cleaning of a novel: its number, its text, the text's SHA-256 and its chapters."""

    number: int
    text: str
    sha256: str
    chapters: list[Chapter]


def clean_novel(novel: NovelFolder, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Clean a novel by the rules of these names (None: the default ones) into a new cleaning, made the current one.

    Returns the report. Raises BadSettings for an unknown rule, BadText if nothing is left, BrokenArtifact if the novel's
    text has changed since it came, Conflict if another cleaning of this novel does not end.
    """
    names = chosen(names)
    text, facts = _clean_raw(novel, names)
    with _held(novel):
        number = max(cleanings(novel), default=0) + 1
        report = {"novel": novel.id, "cleaning": number} | facts
        _publish(novel, number, text, report)
        change_meta(novel.meta, cleaning=number)
    return report


def preview_novel(novel: NovelFolder, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The report that `clean_novel` would give; writes nothing. Raises as that does."""
    _, facts = _clean_raw(novel, chosen(names))
    return {"novel": novel.id, "cleaning": None} | facts


def difference(novel: NovelFolder, names: Sequence[str] | None = None) -> tuple[str, str, list[Edit]]:
    """A novel's text, what the rules of these names would make of it, and their edits; writes nothing, raises as they do."""
    raw = read_raw(novel)
    text, edits = clean(raw, chosen(names))
    return raw, text, edits


def cleanings(novel: NovelFolder) -> list[int]:
    """The numbers of the novel's finished cleanings, the oldest first."""
    return sorted(int(path.name) for path in list_folders(novel.cleanings) if path.name.isdecimal())


def use_cleaning(novel: NovelFolder, number: int | None) -> None:
    """Make an earlier cleaning the current one, or (None) none; raises NotFound if there is no such cleaning."""
    if number is not None and number not in cleanings(novel):
        raise NotFound("no_cleaning", f"{novel.id} has no cleaning {number}", "clean it again", number=number)
    with _held(novel):
        change_meta(novel.meta, cleaning=number)


@contextlib.contextmanager
def _held(novel: NovelFolder) -> Generator[None]:
    """Hold the novel's lock; raises Conflict if another holder does not let go."""
    lock = acquire(novel.lock, LOCK_SECONDS)
    if lock is None:
        raise Conflict("novel_busy", f"{novel.id} is being cleaned by another command", "wait for it to end", novel=novel.id)
    try:
        yield
    finally:
        lock.release()


def read_cleaning(novel: NovelFolder) -> Cleaning:
    """A novel's current cleaning; raises Conflict if it was never cleaned, BrokenArtifact if its text was changed."""
    number = read_json(novel.meta).get("cleaning")
    if number is None:
        hint = f"run `python -m pipelines.clean {novel.id}` first"
        raise Conflict("not_cleaned", f"{novel.id} has not been cleaned yet", hint, novel=novel.id)
    path = novel.clean_text(number)
    report, chapters = _made(novel.report(number)), _made(novel.chapters(number))
    if not path.exists() or (sha256 := sha256_of(path)) != report["clean_sha256"]:
        raise _changed(path, novel)
    return Cleaning(number, read_text(path), sha256, [Chapter(**chapter) for chapter in chapters["chapters"]])


def _made(path: Path) -> dict[str, Any]:
    """A manifest inside a cleaning; raises BrokenArtifact when it is gone."""
    try:
        return read_json(path)
    except FileNotFoundError as error:
        raise BrokenArtifact("gone", f"{path} is gone", "clean the novel again", path=str(path)) from error


def _changed(path: Path, novel: NovelFolder) -> BrokenArtifact:
    hint = "restore it from a backup, or bring the novel again"
    return BrokenArtifact("changed_text", f"{path} is not what it was when it was written", hint, novel=novel.id)


def read_raw(novel: NovelFolder) -> str:
    """A novel's text as it came; raises BrokenArtifact if it has changed since."""
    wanted = read_json(novel.manifest)["raw_sha256"]
    if not novel.raw_text.exists() or sha256_of(novel.raw_text) != wanted:
        raise _changed(novel.raw_text, novel)
    return read_text(novel.raw_text)


def _clean_raw(novel: NovelFolder, names: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The clean text of a novel and the facts of its report."""
    text, facts = _cleaned(read_raw(novel), names)
    return text, {"made_from": {"novel": novel.id, "sha256": read_json(novel.manifest)["raw_sha256"]}} | facts


def _cleaned(raw: str, names: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The clean text and what its report says of it; raises BadText if there is none."""
    text, edits = clean(raw, names)
    if not text.strip():
        raise BadText("nothing_left", "nothing is left of the text after cleaning", "leave some rules away with --no-rule")
    return text, {
        "made_with": {"rules": list(names), "versions": {"moxu": VERSION}},
        "characters_before": len(raw),
        "characters_after": len(text),
        "rules": counts(edits, names),
        "removed": [_row(edit) for edit in edits],
    }


def _row(edit: Edit) -> dict[str, Any]:
    return {"rule": edit.rule, "at": edit.at, "text": edit.removed, "inserted": edit.inserted}


def _publish(novel: NovelFolder, number: int, text: str, report: dict[str, Any]) -> None:
    """Write a cleaning's folder, whole."""
    made = {key: report[key] for key in ("made_from", "made_with")}
    chapters = [asdict(chapter) for chapter in find_chapters(text)]
    final = novel.cleaning(number)
    with publish(final) as partial:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        write_text(partial / novel.clean_text(number).name, text)
        write_json(partial / novel.report(number).name, {"format": FORMAT, "clean_sha256": sha256} | report)
        write_json(partial / novel.chapters(number).name, {"format": FORMAT} | made | {"chapters": chapters})


def clean_file(source: Path, names: Sequence[str], encoding: str | None = None) -> tuple[str, dict[str, Any]]:
    """The clean text of a loose file and its report; opens no workspace, writes nothing.

    Raises BadText or NotFound for a file that is no text, BadSettings for an unknown rule or encoding.
    """
    data, decoded = decode_source(source, encoding)
    text, facts = _cleaned(decoded.text, names)
    reading = {"encoding": decoded.encoding, "confidence": decoded.confidence, "replaced": decoded.replaced}
    made_from = {"file": source.name, "sha256": hashlib.sha256(data).hexdigest()}
    return text, {"file": str(source), "format": FORMAT, "made_from": made_from} | reading | facts


def main(argv: list[str] | None = None) -> int:
    """The command `clean`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("clean", "Clean a novel's text, or a loose file, and report every edit.")
    made.add_argument("novel", nargs="?", metavar="NOVEL_ID", help="the novel to clean")
    sentences = " ".join(f"{rule.name}: {rule.sentence}" for rule in RULES)
    made.add_argument("--rules", metavar="A,B", help=f"run only these rules. {sentences}")
    made.add_argument("--no-rule", action="append", default=[], metavar="C", help="leave this rule away; may be repeated")
    made.add_argument("--preview", action="store_true", help="report what would be done, and write nothing")
    loose = made.add_argument_group("a loose file, without any workspace")
    loose.add_argument("--file", type=Path, metavar="IN", help="the text file to clean; it is never changed")
    loose.add_argument("--out", type=Path, metavar="OUT", help="where the clean text goes, as UTF-8")
    loose.add_argument("--report", type=Path, metavar="R.json", help="where the report goes")
    loose.add_argument("--encoding", metavar="E", help="the file's encoding, if it is not to be found out")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Clean the novel or the file that the flags name."""
    only = None if arguments.rules is None else [name.strip() for name in arguments.rules.split(",") if name.strip()]
    names = chosen(only, arguments.no_rule)
    if arguments.file is not None:
        return _act_on_file(arguments, names)
    if arguments.novel is None:
        raise BadSettings("nothing_named", "nothing is named to clean", "name a novel, or a file with --file IN --out OUT")
    for flag in ("out", "report", "encoding"):
        if getattr(arguments, flag) is not None:
            raise BadSettings("needs_file", f"--{flag} goes with --file, not with a novel", "leave it away", flag=flag)
    novel = workspace_of(arguments).novel(arguments.novel)
    report = preview_novel(novel, names) if arguments.preview else clean_novel(novel, names)
    return report, _line(novel.id, report)


def _act_on_file(arguments: argparse.Namespace, names: Sequence[str]) -> Result:
    """Clean a loose file into another."""
    if arguments.novel is not None:
        raise BadSettings("two_named", f"both a novel ({arguments.novel}) and a file are named", "name one of them")
    if arguments.out is None and not arguments.preview:
        raise BadSettings("no_out", "--file needs --out, where the clean text goes", "add --out OUT, or --preview")
    _check_targets(arguments.file, [target for target in (arguments.out, arguments.report) if target is not None])
    text, report = clean_file(arguments.file, names, arguments.encoding)
    report |= {"out": None if arguments.preview else str(arguments.out)}
    if not arguments.preview:
        # A link stays, and the file it leads to is replaced.
        replace_text(arguments.out.resolve(), text)
        if arguments.report is not None:
            replace_text(arguments.report.resolve(), json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    return report, _line(str(arguments.file), report)


def _line(name: str, report: dict[str, Any]) -> str:
    """The human line."""
    number = report.get("cleaning")
    what = f"cleaning {number}" if number else f"written to {report['out']}" if report.get("out") else "a preview"
    edits = len(report["removed"])
    return f"{name}: {what}, {report['characters_before']:,} characters -> {report['characters_after']:,} by {edits:,} edits"


def _check_targets(source: Path, targets: list[Path]) -> None:
    """Raise Conflict for two names of one file or a target that is no ordinary file, NotFound for one in no folder."""
    for place, target in enumerate(targets):
        if any(_same(target, other) for other in (source, *targets[:place])):
            raise Conflict(
                "same_file", f"{target} is named twice, and would be overwritten", "choose another name", file=str(target)
            )
        if target.is_dir():
            raise Conflict("is_folder", f"{target} is a folder", "name a file in it", file=str(target))
        if target.exists() and not target.is_file():
            raise Conflict("no_ordinary_file", f"{target} is no ordinary file", "choose another name", file=str(target))
        if not (folder := target.resolve().parent).is_dir():
            raise NotFound("no_folder", f"there is no folder {folder}", "make it first", path=str(folder))


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, through links, too."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


if __name__ == "__main__":
    sys.exit(main())
