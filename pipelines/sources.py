"""The files that a person names: what is in them, as documents, or one sentence why not. By content, never by name."""

import contextlib
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

from pipelines.decode import Decoded, decode
from pipelines.errors import BadText, NotFound
from pipelines.files import require_space
from pipelines.formats.archive import Archive
from pipelines.formats.documents import Document, Skipped, skipped, without_halves
from pipelines.formats.names import base_name, is_hidden, member_names
from pipelines.formats.plain import mapped, plain_document
from pipelines.magic import CONTAINERS, kind_of

LARGEST_BYTES = 2 * 1024**3
TABLES = ("parquet", "arrow")
# A member, its text and a cleaning of it.
SPACE_FACTOR = 4


def require_readable(path: Path, largest_bytes: int = LARGEST_BYTES) -> None:
    """Raise NotFound if there is no such file; BadText if it is a folder or no ordinary file, too large, or may not be read."""
    try:
        if not path.exists():
            raise NotFound("no_file", f"there is no file {path}", "check the name", file=str(path))
        if path.is_dir():
            raise BadText("folder", f"{path} is a folder", "name the files in it", file=str(path))
        if not path.is_file():
            raise BadText("no_ordinary_file", f"{path} is no ordinary file", "choose a text file", file=str(path))
        if (size := path.stat().st_size) > largest_bytes:
            message = "%s has %.1f GB, more than the %.1f GB a text may have" % (path, size / 1e9, largest_bytes / 1e9)
            sizes = {"gigabytes": f"{size / 1e9:.1f}", "most": f"{largest_bytes / 1e9:.1f}"}
            raise BadText("too_large", message, "split it", file=str(path), **sizes)
        with path.open("rb") as file:
            file.read(1)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError | ValueError) -> BadText:
    """The error for a file that the system does not let us read."""
    if isinstance(error, PermissionError):
        return BadText("no_permission", f"{path} may not be read", "check its permissions", file=str(path))
    return BadText("unreadable", f"{path} cannot be read ({error})", "check the disk and the name", file=str(path))


def read_source(path: Path, largest_bytes: int = LARGEST_BYTES) -> bytes:
    """The bytes of a file that a person named; raises as `require_readable`."""
    require_readable(path, largest_bytes)
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def decode_source(path: Path, encoding: str | None = None) -> tuple[bytes, Decoded]:
    """The bytes of a file that a person named, and the text in it, of a book or a page as well.

    Raises as `read_source` and `decode`, naming the file; BadText for an archive and for a table of several novels.
    """
    data = read_source(path)
    with _naming(path):
        kind = kind_of(data)
        return data, _whole(path, encoding, kind) if kind in CONTAINERS else decode(data, encoding)


def _whole(path: Path, encoding: str | None, kind: str) -> Decoded:
    """The text of the only novel in a file."""
    document = _only(path, encoding, kind)
    text, reading = "".join(document.blocks), document.reading
    return Decoded(text, reading.encoding, reading.confidence, reading.replaced)


def read_document(path: Path, encoding: str | None = None) -> Document:
    """The only novel in a file that a person named, its text in blocks.

    Raises as `decode_source`; its blocks do, too, for what is only found out on the way.
    """
    kind = kind_of_file(path)
    with _naming(path):
        document = _only(path, encoding, kind)
    return replace(document, blocks=_named_blocks(path, document.blocks))


def _named_blocks(path: Path, blocks: Iterator[str]) -> Iterator[str]:
    with _naming(path):
        yield from blocks


@contextlib.contextmanager
def _naming(path: Path) -> Generator[None]:
    """Say in an error which file it is about."""
    try:
        yield
    except BadText as error:
        raise BadText(error.code, f"{path.name}: {error.message}", error.hint, **error.values) from error


def _only(path: Path, encoding: str | None, kind: str) -> Document:
    documents = list(_documents(path, path.name, encoding, kind)) if kind != "zip" else []
    if len(documents) != 1:
        raise BadText("several_novels", "it may hold several novels", "bring it in with `python -m pipelines.ingest`")
    return documents[0]


def kind_of_file(path: Path) -> str:
    """What kind of file it is, as `magic.kind_of` tells; raises as `require_readable`."""
    require_readable(path)
    try:
        with mapped(path) as data:
            return kind_of(data)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def read_documents(
    path: Path, called: str = "", encoding: str | None = None, room: Path | None = None
) -> Iterator[Document | Skipped]:
    """The novels in a file, one after the other; `called` is the name its person knows it by.

    An archive's members lie in `room` (else in a temporary folder) only until the next is asked for; whoever wants to keep
    one may move it away. A member that is no text is a Skipped, by its own name. Raises BadText for a file that is none, or
    NotFound. While a document is read nobody may change its file.
    """
    called = called or path.name
    kind = kind_of_file(path)
    if kind != "zip":
        yield from _documents(path, called, encoding, kind)
    elif room is not None:
        yield from _members(path, called, encoding, room)
    else:
        with tempfile.TemporaryDirectory() as place:
            yield from _members(path, called, encoding, Path(place))


def _documents(path: Path, called: str, encoding: str | None, kind: str) -> Iterator[Document]:
    """The documents of a file that is no archive; each kind's module is loaded when there is such a file."""
    if kind in TABLES:
        from pipelines.formats.tables import table_documents

        yield from table_documents(path, called, kind)
    else:
        yield _document(path, called, encoding, kind)


def _document(path: Path, called: str, encoding: str | None, kind: str) -> Document:
    if kind == "epub":
        from pipelines.formats.epub import epub_document

        return epub_document(path, called)
    if kind == "docx":
        from pipelines.formats.docx import docx_document

        return docx_document(path, called)
    if kind == "html":
        from pipelines.formats.html import html_document

        return html_document(path, called, encoding)
    if kind == "json":
        from pipelines.formats.json_text import json_document

        return json_document(path, called, encoding)
    return plain_document(path, called, encoding)


def _members(path: Path, called: str, encoding: str | None, room: Path) -> Iterator[Document | Skipped]:
    """The novels in an archive; raises BadText if there is nothing in it, or if it is damaged or a bomb as a whole."""
    with Archive(path) as archive:
        named = [
            (info, name)
            for info, name in zip(archive.members, member_names(archive.members), strict=True)
            if not is_hidden(name) and not name.endswith(("/", "\\"))
        ]
        if not named:
            raise BadText("empty_archive", "there is no file in the archive", "choose another")
        for number, (info, name) in enumerate(named):
            place = room / f"member-{number}"
            try:
                require_space(room, SPACE_FACTOR * info.file_size, f"{base_name(name)} in {called}")
                archive.extract(info, place)
                for document in _documents(place, base_name(name), encoding, _kind_of_member(place)):
                    yield _of_archive(document, name, called)
            except BadText as error:
                yield skipped(name, error)
            finally:
                place.unlink(missing_ok=True)


def _kind_of_member(place: Path) -> str:
    kind = kind_of_file(place)
    if kind == "zip":
        raise BadText("archive_in_archive", "an archive inside an archive is not opened", "unpack it and bring its files")
    return kind


def _of_archive(document: Document, name: str, archive: str) -> Document:
    inner = f"/{document.member}" if document.member else ""
    return replace(document, member=without_halves(name) + inner, archive=without_halves(archive))
