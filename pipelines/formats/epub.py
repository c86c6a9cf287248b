"""EPUB books: the text of the documents in reading order, with the marks of the table of contents."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import BadText
from pipelines.formats.archive import Archive
from pipelines.formats.documents import Document, Reading, damaged
from pipelines.formats.epub_package import KIND, Package, read_package
from pipelines.formats.html import Page, declared_encoding, page_text
from pipelines.formats.plain import text_blocks

MOST_PAGE_BYTES = 64 * 1024**2
# Errors of one document in which there is nothing to read, such as a cover: the others are read.
NOTHING = ("blank", "empty", "only_mark", "only_nuls")


def epub_document(path: Path, called: str) -> Document:
    """The text of a book; raises BadText if it is locked, damaged or a bomb."""
    with Archive(path, KIND) as archive:
        package = read_package(archive)
    if not package.pages:
        raise damaged(KIND)
    reading = Reading()
    return Document(package.title, called, "epub", path, _blocks(path, package, reading), reading)


def _blocks(path: Path, package: Package, reading: Reading) -> Iterator[str]:
    """The text of all documents, a blank line between them; fills the marks as it goes."""
    offset, found = 0, False
    with Archive(path, KIND) as archive:
        for name in package.pages:
            # A spine may name what was left out.
            if (member := archive.named(name)) is None:
                continue
            data, found = archive.read(member, MOST_PAGE_BYTES), True
            page = Page(frozenset(anchor for _, place, anchor in package.contents if place == name and anchor))
            before = "\n\n" if offset else ""
            for text in _page(data, page, reading):
                yield before + text if text else ""
                before = "" if text else before
            reading.parts += _marks(name, package, page, offset + 2 * bool(offset))
            offset += page.offset + 2 * bool(offset and page.offset)
    if not found:
        raise damaged(KIND)


def _page(data: bytes, page: Page, reading: Reading) -> Iterator[str]:
    """The text of one document; what it lost is counted in the book's reading."""
    own = Reading()
    # The encoding of XML that names none; a page of a few characters may not tell it.
    declared = declared_encoding(data) or "utf-8"
    try:
        yield from page_text(text_blocks(data, own, declared=declared), page)
    except BadText as error:
        if error.code not in NOTHING:
            raise
        return
    reading.replaced += own.replaced
    for count in ("repaired", "lost"):
        reading.damage[count] += own.damage[count]
    reading.encoding = own.encoding if own.confidence <= reading.confidence else reading.encoding
    reading.confidence = min(reading.confidence, own.confidence)


def _marks(name: str, package: Package, page: Page, start: int) -> list[tuple[str, int]]:
    """Where the chapters in one document start: by the table of contents, or without one by its first heading."""
    if not page.offset:
        return []
    if not package.contents:
        return [(page.heading.strip(), start)] if page.heading.strip() else []
    marks = [(title, page.anchors.get(anchor, 0)) for title, place, anchor in package.contents if place == name]
    # An anchor that is not there stands for the start of its document, and of two titles of one place the first is enough.
    places = {at: title for title, at in reversed(marks)}
    return [(title, start + at) for at, title in sorted(places.items())]
