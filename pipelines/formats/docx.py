"""Word documents: the paragraphs and the words in tables, in order, as a stream; no headers, notes or deleted words."""

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.formats.archive import Archive
from pipelines.formats.documents import Document, Reading, damaged
from pipelines.formats.parsers import Element, ParseError, children, xml_parser, xml_root

KIND = "a Word document"
MAIN_PART = "word/document.xml"
MADE_BY_WORD = ("Microsoft Word", "PowerPoint", "文档", "Document")
SMALL_PART_BYTES = 4 * 1024**2
# How a paragraph looks, what was deleted or moved away, the older twin of a drawing, how a character is pronounced.
PASSED_OVER = frozenset(("pPr", "rPr", "del", "moveFrom", "Fallback", "rt", "instrText"))
SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class Words:
    """Collects a document's words while the parser tells of its elements."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._passed = 0
        self._in_text = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        name = tag.rpartition("}")[2]
        if self._passed or name in PASSED_OVER:
            self._passed += 1
            return
        self._in_text = name == "t"
        if name in SIGNS and not _is_break_of_page(attributes):
            self._pieces.append(SIGNS[name])

    def end(self, tag: str) -> None:
        """An element closes."""
        if self._passed:
            self._passed -= 1
            return
        name = tag.rpartition("}")[2]
        self._in_text = False
        # Those in a table's cells, too: whole stories stand in tables of one cell.
        if name == "p":
            self._pieces.append("\n")

    def data(self, words: str) -> None:
        """Words, or white space between elements."""
        if self._in_text and not self._passed:
            self._pieces.append(words)

    def close(self) -> None:
        """The document ends; what was collected stays."""

    def taken(self) -> str:
        """The text collected since it was last taken."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


def _is_break_of_page(attributes: Mapping[str, str]) -> bool:
    return any(name.endswith("}type") and value == "page" for name, value in attributes.items())


def docx_document(path: Path, called: str) -> Document:
    """The text of a Word document; raises BadText if it is locked, damaged or a bomb."""
    with Archive(path, KIND) as archive:
        title = _title(archive)
        main = _main_part(archive)
    return Document(title, called, "docx", path, _blocks(path, main), Reading())


def _blocks(path: Path, main: str) -> Iterator[str]:
    words = Words()
    parser = xml_parser(words)
    with Archive(path, KIND) as archive:
        member = archive.named(main)
        if member is None:
            raise damaged(KIND)
        try:
            for chunk in archive.chunks(member):
                parser.feed(chunk)
                yield words.taken()
            parser.close()
        except ParseError as error:
            raise damaged(KIND) from error
    yield words.taken()


def _main_part(archive: Archive) -> str:
    """Where the text is, by the relationships of the package."""
    for relation in _children(archive, "_rels/.rels"):
        if relation.get("Type", "").endswith("/officeDocument"):
            return posixpath.normpath(relation.get("Target", MAIN_PART).lstrip("/"))
    return MAIN_PART


def _title(archive: Archive) -> str:
    """The title among the document's properties, or "" where there is none or only what Word itself put there."""
    titles = [(child.text or "").strip() for child in _children(archive, "docProps/core.xml") if child.tag.endswith("}title")]
    return next((title for title in titles if not title.startswith(MADE_BY_WORD)), "")


def _children(archive: Archive, name: str) -> list[Element]:
    """The elements of a small part; none if it is not there or not readable, for the text does not depend on it."""
    member = archive.named(name)
    try:
        return children(xml_root(archive.read(member, SMALL_PART_BYTES))) if member else []
    except ParseError:
        return []
