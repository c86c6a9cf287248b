"""Plain text: the bytes of a file, as blocks of text in whatever encoding they are."""

import contextlib
import mmap
from collections.abc import Generator, Iterator
from dataclasses import asdict
from pathlib import Path

from pipelines.decode import TextStream, open_text
from pipelines.errors import BadSettings, BadText
from pipelines.formats.documents import Document, Reading
from pipelines.magic import Bytes


@contextlib.contextmanager
def mapped(path: Path) -> Generator[Bytes]:
    """The bytes of a file without reading them all; nobody else may change the file meanwhile."""
    with path.open("rb") as file:
        # Nothing cannot be mapped.
        if not file.seek(0, 2):
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def plain_document(path: Path, called: str, encoding: str | None = None) -> Document:
    """The text of a file in `encoding`, else in the one it is found to be in; its blocks raise as `open_text`."""
    reading = Reading()
    return Document("", called, "txt", path, file_blocks(path, reading, encoding), reading)


def file_blocks(path: Path, reading: Reading, encoding: str | None = None, declared: str = "") -> Iterator[str]:
    """The text of a file in blocks, as `text_blocks`."""
    with mapped(path) as data:
        yield from text_blocks(data, reading, encoding, declared)


def text_blocks(data: Bytes, reading: Reading, encoding: str | None = None, declared: str = "") -> Iterator[str]:
    """The text of `data` in blocks, with `reading` filled; `declared` is the encoding that the content itself claims.

    Raises as `open_text`, at the first block.
    """
    stream = _opened(data, encoding, declared)
    reading.encoding, reading.confidence = stream.encoding, stream.confidence
    yield from stream.blocks()
    damage = asdict(stream.damage)
    reading.replaced = damage.pop("replaced")
    reading.damage = damage | {"encodings": list(stream.encodings), "mended": stream.mended}


def _opened(data: Bytes, encoding: str | None, declared: str) -> TextStream:
    """The text by its bytes; where these tell too little, as it says of itself."""
    try:
        return open_text(data, encoding)
    except BadText as error:
        if not declared or error.code != "encoding_unclear":
            raise
        with contextlib.suppress(BadSettings, BadText):
            return open_text(data, declared)
        raise
