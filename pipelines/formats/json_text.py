"""JSON: the arrays of strings that older training scripts read, arrays of objects with a text, and JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.errors import BadText
from pipelines.formats.documents import Document, Reading, paragraphs_apart, without_halves
from pipelines.formats.json_values import Values
from pipelines.formats.plain import file_blocks

TEXTS = ("text", "content", "正文", "内容", "body")
TITLES = ("title", "标题", "chapter", "章节")
LISTS = ("chapters", "data", "章节", "rows")


def json_document(path: Path, called: str, encoding: str | None = None) -> Document:
    """The texts in a JSON file, one after the other; raises BadText if there is none, or no JSON at its start."""
    reading = Reading()
    texts = _texts(file_blocks(path, reading, encoding))
    first = next(texts, None)
    if first is None:
        names = ", ".join(TEXTS)
        raise BadText("json_without_text", f"it is JSON without texts (strings, or objects with {names})", "choose another file")
    return Document("", called, "json", path, paragraphs_apart(_from(first, texts)), reading)


def _from(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _texts(blocks: Iterator[str]) -> Iterator[str]:
    for value in Values(blocks):
        yield from map(without_halves, filter(None, _texts_of(value)))


def _texts_of(value: Any) -> Iterator[str]:
    """The texts of one value: itself, what its object holds, or those of the list inside it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (text for text in value if isinstance(text, str))
    elif isinstance(value, dict):
        text = _first_string(value, TEXTS)
        title = _first_string(value, TITLES).strip()
        if text:
            yield text if text.lstrip().startswith(title) else f"{title}\n\n{text}"
        for name in LISTS:
            for inner in value[name] if isinstance(value.get(name), list) else []:
                yield from _texts_of(inner)


def _first_string(value: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((value[name] for name in names if isinstance(value.get(name), str)), "")
