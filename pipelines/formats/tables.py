"""Parquet and Arrow tables with a column of texts, read batch by batch: data sets as they are downloaded.

A table with the columns of our own export becomes a document for each novel, any other one document.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import BadText
from pipelines.formats.documents import Document, Reading, bomb, damaged, paragraphs_apart

KINDS = {"parquet": "a Parquet table", "arrow": "an Arrow table"}
# The columns of `exports.py`.
OWN_COLUMNS = ("novel", "number", "title", "text")
TEXTS = ("text", "content", "正文")
BATCH_ROWS = 64
# What Arrow raises for files that are not whole, or that name a column twice.
DAMAGE = (pa.ArrowException, OSError, ValueError, KeyError, SystemError)
# Dictionaries repeat a text at no cost, so a small file can hold any amount of it.
MOST_RATIO = 100
LEAST_SUSPECT_CHARACTERS = 64_000_000
SUSPECT_RATIO = 20
LEAST_SUSPECT_BYTES = 4_000_000


def table_documents(path: Path, called: str, kind: str) -> Iterator[Document]:
    """The documents of a table; raises BadText if it is damaged or has no column of texts."""
    names = _names(path, kind)
    if set(OWN_COLUMNS) <= set(names):
        rows = _rows(path, kind, ["novel", "text"])
        for novel, chapters in groupby(rows, key=lambda row: row["novel"]):
            texts = paragraphs_apart(chapter["text"] for chapter in chapters)
            yield Document(str(novel or ""), called, kind, None, texts, Reading(), member=str(novel or ""))
        return
    column = next((name for name in TEXTS if name in names), None)
    if column is None:
        columns = ", ".join(names[:20])
        message = f"this table has no column `text`; its columns are: {columns}"
        raise BadText("table_without_text", message, "rename the column that holds the texts to text", columns=columns)
    yield Document("", called, kind, path, _apart(row[column] for row in _rows(path, kind, [column])), Reading())


def _apart(texts: Iterator[str]) -> Iterator[str]:
    """The rows of a foreign table, a blank line between them whatever they end with."""
    return paragraphs_apart(text.rstrip("\r\n") for text in texts)


def _names(path: Path, kind: str) -> list[str]:
    try:
        with _open(path, kind) as table:
            return list((table.schema_arrow if kind == "parquet" else table.schema).names)
    except DAMAGE as error:
        raise damaged(KINDS[kind]) from error


def _rows(path: Path, kind: str, columns: list[str]) -> Iterator[dict[str, str]]:
    """The rows that have a text, as strings."""
    most = max(LEAST_SUSPECT_CHARACTERS, MOST_RATIO * path.stat().st_size)
    length = 0
    try:
        with _open(path, kind, columns) as table:
            for row in _converted(_batches(table, kind, columns)):
                text = row[columns[-1]]
                length += len(text or "")
                if length > most:
                    raise bomb(length)
                if text:
                    yield row
    except DAMAGE as error:
        raise damaged(KINDS[kind]) from error


def _converted(batches: Iterator[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    """The rows as Python's own, one at a time, for many may be one text of a dictionary."""
    for batch in batches:
        found = list(zip(batch.schema.names, batch.columns, strict=True))
        for at in range(batch.num_rows):
            yield {name: column[at].as_py() for name, column in found}


def _open(path: Path, kind: str, columns: Sequence[str] = ()) -> Any:
    """A table of either kind, as something to be used with `with`; in a suspect Parquet file `columns` stay dictionaries."""
    if kind == "parquet":
        return pq.ParquetFile(path, read_dictionary=list(columns) if _is_suspect(path) else None)
    source = pa.memory_map(str(path))
    try:
        return pa.ipc.open_file(source)
    except pa.ArrowInvalid:
        source.seek(0)
        return pa.ipc.open_stream(source)


def _is_suspect(path: Path) -> bool:
    """Whether a Parquet file is packed as no prose is: then a batch may be one huge text many times. Slow to read as such."""
    about = pq.read_metadata(path)
    groups = (about.row_group(number) for number in range(about.num_row_groups))
    chunks = (group.column(number) for group in groups for number in range(group.num_columns))
    return any(
        chunk.total_uncompressed_size > max(LEAST_SUSPECT_BYTES, SUSPECT_RATIO * chunk.total_compressed_size) for chunk in chunks
    )


def _batches(table: Any, kind: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Batches of a few rows, since a row may be a whole novel."""
    if kind == "parquet":
        found = table.iter_batches(batch_size=BATCH_ROWS, columns=columns)
    else:
        whole = table if hasattr(table, "read_next_batch") else (table.get_batch(i) for i in range(table.num_record_batches))
        checked = (_checked(batch.select(columns)) for batch in whole)
        found = (batch.slice(at, BATCH_ROWS) for batch in checked for at in range(0, batch.num_rows, BATCH_ROWS))
    for batch in found:
        _require_strings(batch.schema.field(columns[-1]))
        yield batch


def _checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch of an Arrow file, whose offsets lead where they should: Arrow itself believes them."""
    batch.validate(full=True)
    return batch


def _require_strings(field: pa.Field) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        message = f"the column {field.name} of this table holds {kind}, not texts"
        raise BadText("table_without_text", message, "make it a column of strings", columns=f"{field.name} ({kind})")
