"""One document becomes one novel: its original kept byte for byte, its text decoded, published whole."""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pipelines import VERSION
from pipelines.chapters import find_chapters
from pipelines.errors import BadText, Conflict
from pipelines.files import publish, require_space, sha256_of, write_json
from pipelines.folders import NovelFolder
from pipelines.formats.documents import Document
from pipelines.sections import sections
from pipelines.workspace import FORMAT, LOCAL_OWNER, Workspace, now, write_meta

TITLE_LIMIT = 200
# What programs write into books and pages that were given no title.
NO_TITLES = ("", "untitled", "untitled document", "unknown", "title", "cover", "无标题", "无标题文档", "未知", "未命名")
# The decoded text and a cleaning of it; GB18030 grows by half as UTF-8.
SPACE_FACTOR = 3
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")
# What would let a title look like another one or run backwards over its neighbours, and halves of characters.
_NOT_IN_TITLES = re.compile("[《》\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Known(Protocol):
    """What is in the workspace already."""

    def holder(self, sha256: str) -> str:
        """The title of the novel with this original; "" if there is none."""
        ...

    def claim(self, sha256: str, title: str) -> str:
        """As `holder`; if there is none, it is `title`'s from now on, for the other processes, too."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What its person asked for a novel: an encoding, a title (both may be None), and whose it is to be."""

    encoding: str | None = None
    title: str | None = None
    owner: str = LOCAL_OWNER


@dataclass(slots=True)
class _Written:
    """What the text that was written down has come to."""

    sha256: str = ""
    characters: int = 0
    chapters: int = 0


def bring(workspace: Workspace, document: Document, asked: Asked, known: Known | None = None) -> dict[str, Any]:
    """Make a novel of a document and return its row in the command's manifest; its original is moved, not copied.

    Raises BadText for what is no text, BadSettings for an unknown encoding, Conflict for a full disk, or for what is there
    already (`already_here`).
    """
    # A name in a foreign encoding has halves of characters, which no manifest could hold.
    called = document.called.encode("utf-8", "replace").decode()
    name, extension = split_name(document.called)
    title = _title(document, asked, name)
    sha256 = sha256_of(document.original) if document.original else ""
    if known and sha256:
        _refuse(known.holder(sha256))
    if document.original:
        require_space(workspace.root, SPACE_FACTOR * document.original.stat().st_size, f"the novel {called}")
    novel = workspace.new_novel(title)
    with publish(novel.path) as partial:
        folder = NovelFolder(partial)
        written = _write_text(folder.raw_text, document)
        if document.original:
            document.original.rename(folder.original(extension))
        else:
            extension, sha256 = ".txt", written.sha256
            shutil.copyfile(folder.raw_text, folder.original(extension))
        row = {"id": novel.id} | _facts(document, written, title)
        sources = {"extension": extension, "original_sha256": sha256, "raw_sha256": written.sha256}
        made = {
            "made_from": {"file": called, "sha256": sha256} | ({"archive": document.archive} if document.archive else {}),
            "made_with": {"settings": {"encoding": asked.encoding, "title": title}, "versions": {"moxu": VERSION}},
            "created": now(),
        }
        write_json(folder.manifest, {"format": FORMAT} | row | _reading(document) | sources | made)
        write_meta(folder.meta, title, cleaning=None, owner=asked.owner)
        if known:
            _refuse(known.claim(sha256, title))
    return row


def _title(document: Document, asked: Asked, name: str) -> str:
    """The title that was asked for, which is not one for many; else what the content says; else the file's name."""
    if asked.title and not document.member:
        return asked.title
    said = document.title.strip()
    return title_of(name if said.lower() in NO_TITLES else said)


def _refuse(holder: str) -> None:
    """Raise Conflict if some novel has this original."""
    if holder:
        raise Conflict("already_here", f"it is already here as {holder}", title=holder)


def _write_text(path: Path, document: Document) -> _Written:
    """Write a document's text and count it, in bounded memory; raises BadText if there is nothing to read in it."""
    written, hashed, blank = _Written(), hashlib.sha256(), True
    with path.open("wb") as file:
        for section in sections(document.blocks):
            data = section.encode()
            file.write(data)
            hashed.update(data)
            written.chapters += len(find_chapters(section, _parts(document, written.characters, len(section))))
            written.characters += len(section)
            blank = blank and not section.strip().strip("\ufeff\x00")
    if blank:
        raise BadText("blank", "there is nothing but blank space in it", "choose another file")
    written.sha256 = hashed.hexdigest()
    return written


def _parts(document: Document, start: int, length: int) -> list[tuple[str, int]]:
    """The container's marks inside a section, counted from its start."""
    return [(title, at - start) for title, at in document.reading.parts if start <= at < start + length]


def _facts(document: Document, written: _Written, title: str) -> dict[str, Any]:
    """What the command and the manifest both tell of a novel."""
    reading = document.reading
    return {
        "title": title,
        "kind": document.format,
        "member": document.member,
        "encoding": reading.encoding,
        "confidence": reading.confidence,
        "replaced": reading.replaced,
        "characters": written.characters,
        "chapters": written.chapters,
    }


def _reading(document: Document) -> dict[str, Any]:
    """What only the manifest tells: the damage that was found and mended, and the marks of the container."""
    return document.reading.damage | {"chapter_marks": document.reading.parts}


def split_name(name: str) -> tuple[str, str]:
    """`红楼梦.TXT` -> (`红楼梦`, `.txt`); a dot in a title (`第1.5部 雪`) begins no extension."""
    stem, extension = Path(name).stem, Path(name).suffix
    return (stem, extension.lower()) if _EXTENSION.fullmatch(extension) else (name, "")


def title_of(name: str) -> str:
    """A title from a file's name without its extension: 《红楼梦》 -> 红楼梦."""
    plain = re.sub(r"\s+", " ", _NOT_IN_TITLES.sub(" ", name)).strip()
    return plain[:TITLE_LIMIT].strip() or "untitled"
