"""The report of a cleaning: one JSON object whose last member, `removed`, has a row in every line, so that a report of
millions of edits is written and read row by row.

A row is {"rule", "at", "text", "inserted", "raw"}: what was taken away, what was put there, where it stood in the text that
the rule was given, and where in the text as it came. Rows of the same rule that follow each other are one stage; a text of
more than one section has its number in each row, for `at` counts from the section's start.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from pipelines.cleaning import Stage, undo
from pipelines.errors import BadText, BrokenArtifact
from pipelines.files import read_object
from pipelines.rules.rule import Edit

_FIRST_ROW = '"removed": [\n'
_ROWS = f",\n{_FIRST_ROW}"


def rows(stages: Iterable[Stage], section: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows of some stages; `section` numbers the section they belong to, if there are several."""
    which = {} if section is None else {"section": section}
    for stage in stages:
        for edit, raw in zip(stage.edits, stage.origins, strict=True):
            row = {"rule": edit.rule, "at": edit.at, "text": edit.removed, "inserted": edit.inserted, "raw": raw}
            yield row | which


def write(target: IO[str], header: dict[str, Any], lines: Iterable[str]) -> None:
    """Write a report: its header, then the rows, each a JSON object without a line break."""
    target.write(json.dumps(header, ensure_ascii=False)[:-1] + _ROWS)
    end = "]}\n"
    for place, line in enumerate(lines):
        target.write(f",\n{line}" if place else line)
        end = "\n]}\n"
    target.write(end)


def read_header(path: Path) -> dict[str, Any]:
    """A report without its rows; raises BrokenArtifact if it is no JSON, FileNotFoundError if it is not there."""
    with path.open(encoding="utf-8", errors="replace") as file:
        first, second = file.readline(), file.readline()
    if second == _FIRST_ROW:
        try:
            return json.loads(first.rstrip().removesuffix(",") + "}")
        except json.JSONDecodeError as error:
            raise _damaged(path, error) from error
    # Another JSON writer, or one of us before reports had their rows in lines.
    return {key: value for key, value in read_object(path).items() if key != "removed"}


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a report, one by one; raises as `read_header`."""
    with path.open(encoding="utf-8", errors="replace") as file:
        file.readline()
        if file.readline() != _FIRST_ROW:
            yield from read_object(path).get("removed", [])
            return
        for line in file:
            if line.startswith("]"):
                return
            try:
                yield json.loads(line.rstrip().removesuffix(","))
            except json.JSONDecodeError as error:
                raise _damaged(path, error) from error


def _damaged(path: Path, error: json.JSONDecodeError) -> BrokenArtifact:
    return BrokenArtifact("not_json", f"{path} is not readable JSON ({error})", "clean the novel again", path=str(path))


def restored(text: str, path: Path) -> str:
    """The text as it came, from the clean text and the report in `path`; raises BadText if the two do not go together."""
    try:
        return _restored(text, path)
    except (KeyError, TypeError, AttributeError) as error:
        # JSON, but no report.
        raise _other_report(path) from error


def _restored(text: str, path: Path) -> str:
    header, parts, done = read_header(path), list[str](), 0
    lengths: list[int] = header.get("sections") or [header.get("characters_after", -1)]
    by_section = {key: list(group) for key, group in groupby(read_rows(path), key=lambda row: row.get("section", 0))}
    if sum(lengths) != len(text):
        raise _other_report(path)
    for number, length in enumerate(lengths):
        stages = groupby(by_section.get(number, []), key=lambda row: row["rule"])
        section = text[done : done + length]
        parts.append(undo(section, [[_edit(row) for row in stage] for _, stage in stages]))
        done += length
    raw = "".join(parts)
    if len(raw) != header.get("characters_before"):
        raise _other_report(path)
    return raw


def _edit(row: dict[str, Any]) -> Edit:
    return Edit(row["rule"], row["at"], row["text"], row["inserted"])


def _other_report(path: Path) -> BadText:
    message = f"{path.name} is not the report of this text"
    return BadText("other_report", message, "name the text and the report of one cleaning", file=path.name)
