"""Clean a loose file into another, and undo that: no workspace, and the file itself never changes."""

import contextlib
import json
import tempfile
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pipelines import reports
from pipelines.cleaning import Recipe
from pipelines.cleanings import MOST_ROWS
from pipelines.errors import Conflict, NotFound
from pipelines.files import replace_text, replacing, sha256_of
from pipelines.sectionwise import Totals, work
from pipelines.sources import decode_source, read_document, require_readable
from pipelines.workspace import FORMAT


def clean_file(
    source: Path, recipe: Recipe, encoding: str | None = None, out: Path | None = None, report: Path | None = None
) -> dict[str, Any]:
    """Clean `source` into `out` (None: nowhere) and write the report; returns it with its first rows.

    Raises BadText or NotFound for a file that is no text, BadSettings for an unknown encoding, Conflict for two names of one
    file.
    """
    _check_targets(source, [target for target in (out, report) if target is not None])
    document, totals = read_document(source, encoding), Totals()
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as spool:
        with _written(out) as text:
            for worked in work(document.blocks, recipe, source.stat().st_size, document.reading.parts):
                totals.add(worked)
                spool.writelines(f"{row}\n" for row in worked.rows)
                if text:
                    text.write(worked.text)
            totals.require_text()
        reading = document.reading
        told = {"encoding": reading.encoding, "confidence": reading.confidence, "replaced": reading.replaced}
        made_from = {"file": source.name, "sha256": sha256_of(source)}
        header = {"file": str(source), "format": FORMAT, "made_from": made_from} | told | totals.facts(recipe)
        header |= {"out": str(out) if out else None}
        if report and out:
            with replacing(report.resolve()) as target:
                reports.write(target, header, _lines(spool))
        return header | {"removed": [json.loads(row) for row in islice(_lines(spool), MOST_ROWS)]}


def _lines(spool: IO[str]) -> Iterator[str]:
    """The rows that wait in a file, one in each line."""
    spool.seek(0)
    return (line[:-1] for line in spool)


def restore(source: Path, report: Path, out: Path) -> tuple[dict[str, Any], str]:
    """Write the text that `source` was cleaned from, by the report of that cleaning, as UTF-8.

    Raises BadText if the two do not go together, NotFound if one is not there.
    """
    _check_targets(source, [out])
    require_readable(report)
    text = reports.restored(decode_source(source)[1].text, report)
    replace_text(out.resolve(), text)
    return {"out": str(out), "characters": len(text)}, f"{out}: {len(text):,} characters, as they were before cleaning"


@contextlib.contextmanager
def _written(out: Path | None) -> Generator[IO[str] | None]:
    """The file to write the clean text to, replaced when all is there; a link stays, and the file it leads to is replaced."""
    if out is None:
        yield None
    else:
        with replacing(out.resolve()) as file:
            yield file


def _check_targets(source: Path, targets: Sequence[Path]) -> None:
    """Raise Conflict for two names of one file or a target that is no ordinary file or in no folder."""
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
