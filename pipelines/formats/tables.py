"""Parquet and Arrow tables with a column of texts, read batch by batch: data sets as they are downloaded.

A table with the columns of our own export becomes a document for each novel, any other one document.
"""

from collections.abc import Iterator
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
# Dictionaries repeat a text at no cost, so a small file can hold any amount of it.
MOST_RATIO = 100
LEAST_SUSPECT_CHARACTERS = 64_000_000


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
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(KINDS[kind]) from error


def _rows(path: Path, kind: str, columns: list[str]) -> Iterator[dict[str, str]]:
    """The rows that have a text, as strings."""
    most = max(LEAST_SUSPECT_CHARACTERS, MOST_RATIO * path.stat().st_size)
    length = 0
    try:
        with _open(path, kind) as table:
            for batch in _batches(table, kind, columns):
                for row in batch.to_pylist():
                    text = row[columns[-1]]
                    length += len(text or "")
                    if length > most:
                        raise bomb(length)
                    if text:
                        yield row
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(KINDS[kind]) from error


def _open(path: Path, kind: str) -> Any:
    """A table of either kind, as something to be used with `with`."""
    if kind == "parquet":
        return pq.ParquetFile(path)
    source = pa.memory_map(str(path))
    try:
        return pa.ipc.open_file(source)
    except pa.ArrowInvalid:
        source.seek(0)
        return pa.ipc.open_stream(source)


def _batches(table: Any, kind: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Batches of a few rows, since a row may be a whole novel."""
    if kind == "parquet":
        found = table.iter_batches(batch_size=BATCH_ROWS, columns=columns)
    else:
        whole = table if hasattr(table, "read_next_batch") else (table.get_batch(i) for i in range(table.num_record_batches))
        found = (batch.select(columns).slice(at, BATCH_ROWS) for batch in whole for at in range(0, batch.num_rows, BATCH_ROWS))
    for batch in found:
        _require_strings(batch.schema.field(columns[-1]))
        yield batch


def _require_strings(field: pa.Field) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        message = f"the column {field.name} of this table holds {kind}, not texts"
        raise BadText("table_without_text", message, "make it a column of strings", columns=f"{field.name} ({kind})")
