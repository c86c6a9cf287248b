"""Clean text out again: the `train.json` of older training scripts, one plain text, or a Parquet table with a row a chapter.

What is written comes back through `ingest` as the same text.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from pipelines.errors import BadSettings, Conflict, NotFound
from pipelines.files import replacing

# Those scripts drop every entry of at most so many tokens (cleaning.md, fact 7): a Chinese character or a word each.
DROPPED_TOKENS = 128
# A row group of a Parquet file: large enough to pack well, small enough to hold in memory a few times.
GROUP_CHARACTERS = 4_000_000
_TOKEN = re.compile(r"[A-Za-z0-9]{1,40}|[^\sA-Za-z0-9]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ExportedChapter:
    """One chapter on its way out; `text` with its heading, and `number` where the heading gives one."""

    title: str
    text: str
    number: int | None = None


Novel = tuple[str, Iterable[ExportedChapter]]
Counts = dict[str, int]


def export(novels: Iterable[Novel], target: Path) -> dict[str, Any]:
    """Write novels, as (title, chapters), into one file of the kind that its suffix names: .json, .txt or .parquet.

    The file is replaced whole or not at all. Returns its name and counts. Raises BadSettings for another suffix, Conflict
    if the target is a folder, NotFound if it is in none.
    """
    write = writer_of(target)
    counts: Counts = {"novels": 0, "chapters": 0, "characters": 0}
    # A link stays, and the file it leads to is replaced.
    with replacing(target.resolve()) as file:
        write(_counted(novels, counts), file)
    return {"out": str(target)} | counts


def writer_of(target: Path) -> Callable[[Iterable[Novel], IO[str]], None]:
    """What writes a file of that name; raises as `export`, so that a wrong name is told before any work."""
    write = WRITERS.get(target.suffix.lower())
    if write is None:
        kinds = ", ".join(WRITERS)
        raise BadSettings("unknown_export", f"{target.name} names no kind of file ({kinds})", f"end it in {kinds}", kinds=kinds)
    if target.is_dir():
        raise Conflict("is_folder", f"{target} is a folder", "name a file in it", file=str(target))
    if not (folder := target.resolve().parent).is_dir():
        raise NotFound("no_folder", f"there is no folder {folder}", "make it first", path=str(folder))
    return write


def _counted(novels: Iterable[Novel], counts: Counts) -> Iterator[Novel]:
    for title, chapters in novels:
        counts["novels"] += 1
        yield title, _counted_chapters(chapters, counts)


def _counted_chapters(chapters: Iterable[ExportedChapter], counts: Counts) -> Iterator[ExportedChapter]:
    for chapter in chapters:
        counts["chapters"] += 1
        counts["characters"] += len(chapter.text)
        yield chapter


def _write_json(novels: Iterable[Novel], file: IO[str]) -> None:
    """An array of strings, an entry a line of the file."""
    before = "["
    for _, chapters in novels:
        for entry in entries(chapters):
            plain = _CONTROLS.sub("", entry.replace("\r\n", "\n").replace("\r", "\n"))
            file.write(before + "\n" + json.dumps(plain, ensure_ascii=False))
            before = ","
    file.write(("[" if before == "[" else "") + "\n]\n")


def entries(chapters: Iterable[ExportedChapter]) -> Iterator[str]:
    """The chapters' texts, none so short that it would be dropped, and none that ends inside a line."""
    ready, held = "", ""
    for chapter in chapters:
        held += chapter.text
        if held.endswith("\n") and _is_kept(held):
            if ready:
                yield ready
            ready, held = held, ""
    # What is left at the end is too short for an entry of its own, or ends without a newline.
    last = [ready, held] if _is_kept(held) else [ready + held]
    yield from filter(None, last)


def _is_kept(text: str) -> bool:
    return any(count >= DROPPED_TOKENS for count, _ in enumerate(_TOKEN.finditer(text)))


def _write_text(novels: Iterable[Novel], file: IO[str]) -> None:
    """One text after the other, a blank line between two novels."""
    end = ""
    for _, chapters in novels:
        file.write("" if not end else "\n" if end == "\n" else "\n\n")
        for chapter in chapters:
            file.write(chapter.text)
            end = chapter.text[-1:] or end


def _write_parquet(novels: Iterable[Novel], file: IO[str]) -> None:
    """A row for each chapter, in groups of rows that fit in memory."""
    # Half a second, which only this kind of file needs.
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("novel", pa.string()), ("number", pa.int64()), ("title", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(cast("io.TextIOWrapper", file).buffer, schema, compression="zstd") as writer:
        for rows in _groups(novels):
            writer.write_table(pa.Table.from_pylist(rows, schema))


def _groups(novels: Iterable[Novel]) -> Iterator[list[dict[str, Any]]]:
    """Rows in groups of about GROUP_CHARACTERS."""
    rows: list[dict[str, Any]] = []
    length = 0
    for novel, chapters in novels:
        for chapter in chapters:
            rows.append({"novel": novel, "number": chapter.number, "title": chapter.title, "text": chapter.text})
            length += len(chapter.text)
            if length >= GROUP_CHARACTERS:
                yield rows
                rows, length = [], 0
    if rows:
        yield rows


WRITERS: dict[str, Callable[[Iterable[Novel], IO[str]], None]] = {
    ".json": _write_json,
    ".txt": _write_text,
    ".parquet": _write_parquet,
}
