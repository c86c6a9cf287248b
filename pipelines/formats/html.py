"""HTML: a page as a person reads it, paragraph by paragraph, in bounded memory.

The parser builds no tree and follows nothing: no scripts, no network, no entities but characters.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipelines.formats.documents import Document, Reading
from pipelines.formats.parsers import ParseError, html_parser
from pipelines.formats.plain import file_blocks

SECTIONS = frozenset(("body", "main", "section", "article", "header", "footer", "aside", "div", "form", "fieldset", "details"))
PARAGRAPHS = frozenset(("p", "pre", "blockquote", "address", "center", "figure", "figcaption", "summary", "hr"))
ROWS = frozenset(("ul", "ol", "dl", "li", "dt", "dd", "table", "tr", "caption"))
LINES = SECTIONS | PARAGRAPHS | ROWS
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(("td", "th"))
# Not part of the story: code, what leads elsewhere, pictures, how a character is pronounced.
PASSED_OVER = frozenset(
    ("script", "style", "nav", "noscript", "template", "svg", "math", "iframe", "object", "select", "button", "rt", "rp")
)
MOST_BREAKS = 3
HEAD_BYTES = 4096
# Declarations of its own inside a page's DOCTYPE, which pages have not, but books made as XML may.
_OWN_DECLARATIONS = re.compile(
    r"\A(\s{0,99}(?:<\?[^>]{0,200}\?>\s{0,99})?<!DOCTYPE[^\[>]{0,400})\[[^\]]{0,4000}\]", re.IGNORECASE
)
_WHITE = re.compile("[ \t\n\r\f]+")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)


class Page:
    """Collects a page's text while the parser tells of tags and words; `offset` counts characters from the page's start."""

    def __init__(self, anchors: frozenset[str] = frozenset()) -> None:
        self.title = ""
        self.heading = ""
        self.anchors: dict[str, int] = {}
        self.offset = 0
        self._wanted = anchors
        self._reached: list[str] = []
        self._pieces: list[str] = []
        self._breaks = 0
        self._gap = ""
        self._passed = self._in_title = self._in_heading = self._in_pre = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens."""
        if self._passed or tag in PASSED_OVER:
            self._passed += 1
            return
        self._reached += [name for name in (attributes.get("id"), attributes.get("name")) if name in self._wanted and name]
        self._in_title += tag == "title"
        self._in_pre += tag == "pre"
        self._in_heading += tag in HEADINGS and not self.heading.strip()
        if tag == "br":
            self._breaks = min(self._breaks + 1, MOST_BREAKS)
        elif tag in CELLS:
            self._gap = "\t"
        else:
            self._break(tag)

    def end(self, tag: str) -> None:
        """A tag closes; the parser closes those that the page left open."""
        if self._passed:
            self._passed -= 1
            return
        self._in_title = max(0, self._in_title - (tag == "title"))
        self._in_pre = max(0, self._in_pre - (tag == "pre"))
        if tag in HEADINGS:
            self._in_heading = 0
        self._break(tag)

    def data(self, words: str) -> None:
        """Words between tags."""
        if self._passed:
            return
        if self._in_title:
            self.title += words
            return
        if not self._in_pre:
            words = _WHITE.sub(" ", words)
            if words.startswith(" "):
                words, self._gap = words[1:], self._gap or " "
        if words:
            self._write(words)

    def close(self) -> None:
        """The page ends; what was collected stays."""

    def taken(self) -> str:
        """The text collected since it was last taken."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text

    def _break(self, tag: str) -> None:
        self._breaks = max(self._breaks, 2 if tag in HEADINGS else int(tag in LINES))

    def _write(self, words: str) -> None:
        held, ends_white = (words, False) if self._in_pre else (words.removesuffix(" "), words.endswith(" "))
        if not held:
            self._gap = self._gap or " "
            return
        before = "" if not self.offset else "\n" * self._breaks or self._gap
        self._pieces += (before, held)
        self.offset += len(before)
        self.anchors |= dict.fromkeys(self._reached, self.offset)
        self.offset += len(held)
        self._reached.clear()
        if self._in_heading:
            self.heading += before.strip("\n") + held
        self._breaks, self._gap = 0, " " if ends_white else ""


def page_text(blocks: Iterable[str], page: Page) -> Iterator[str]:
    """The text of a page that comes in blocks; `page` knows its title and its marks afterwards."""
    parser = html_parser(page)
    for number, block in enumerate(blocks):
        parser.feed((block if number else _OWN_DECLARATIONS.sub(r"\1", block)).encode())
        yield page.taken()
    try:
        parser.close()
    except ParseError:  # there was no tag and no word in it
        return
    yield page.taken()


def declared_encoding(data: bytes) -> str:
    """The encoding that a page's head names, or ""."""
    found = _CHARSET.search(data[:HEAD_BYTES])
    return found.group(1).decode("ascii") if found else ""


def html_document(path: Path, called: str, encoding: str | None = None) -> Document:
    """The text of a page; raises as `decode`."""
    with path.open("rb") as file:
        declared = declared_encoding(file.read(HEAD_BYTES))
    reading, page = Reading(), Page()
    source = file_blocks(path, reading, encoding, declared)
    pages = page_text(source, page)
    # The title stands at the start, so the first block tells it.
    first = next(pages, "")
    return Document(page.title, called, "html", path, _from(first, pages), reading)


def _from(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
