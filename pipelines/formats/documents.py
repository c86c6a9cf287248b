"""What every format is turned into: documents, one a novel, whose text comes in blocks and is never whole in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import BadText, StudioError


@dataclass(slots=True)
class Reading:
    """How a text was read; whole only after its last block.

    `encoding` and `confidence` (0 to 1) are known at once, `replaced` counts characters that became U+FFFD, `damage` holds
    what else the decoder tells (by the names of `Decoded`). `parts` are the marks of the container, as (title, start).
    """

    encoding: str = "utf-8"
    confidence: float = 1.0
    replaced: int = 0
    damage: dict[str, Any] = field(
        default_factory=lambda: {"repaired": 0, "lost": 0, "places": [], "encodings": [], "mended": ""}
    )
    parts: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """One novel on its way in.

    `title` is what the content says, or "". `called` is the name of its file; `member` its path inside an archive or its
    name inside a table, `archive` the archive's name. `original` is the file whose bytes are the novel's own; None where the
    text itself is all there is. `blocks` can be read once.
    """

    title: str
    called: str
    format: str
    original: Path | None
    blocks: Iterator[str]
    reading: Reading
    member: str = ""
    archive: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or a member that became no novel, the sentence that says why, its code and the sentence's values."""

    file: str
    why: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)


def skipped(file: str, error: StudioError) -> Skipped:
    """What to tell of a file that could not be read."""
    return Skipped(file, error.sentence, error.code, error.values)


def damaged(kind: str, why: object = "") -> BadText:
    """The error for a container that is not whole; `kind` comes with its article ("an EPUB book")."""
    reason = f" ({why})" if str(why) else ""
    return BadText("damaged_container", f"this is {kind}, but a damaged one{reason}", "fetch the file again", kind=kind)


def bomb(size: int) -> BadText:
    """The error for what unpacks to far more than books do; `size` in bytes, of which there may be more."""
    megabytes = f"{size / 1e6:,.0f}"
    message = f"it unpacks to {megabytes} MB or more, far more than it should hold"
    return BadText("unpacks_too_far", message, "if you trust it, unpack it yourself and bring the texts", megabytes=megabytes)


def without_halves(text: str) -> str:
    """The text with each half of a surrogate pair, which no file can hold, made a whole character or U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def paragraphs_apart(texts: Iterator[str]) -> Iterator[str]:
    """Texts one after the other: nothing between them where one ends its line, else a blank line.

    So what `exports.py` wrote comes back as it was, and texts without an end of line do not run together.
    """
    before = "\n"
    for text in texts:
        if text:
            yield text if before.endswith("\n") else "\n\n" + text
            before = text
