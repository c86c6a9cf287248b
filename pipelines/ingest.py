"""Bring novels in: each file becomes a novel with its untouched original and its decoded text.

    python -m pipelines.ingest NOVEL_FILE... [--encoding E] [--title T]

One file that cannot be read does not stop the others; what was passed over is listed with the reason.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines import VERSION
from pipelines.chapters import find_chapters
from pipelines.command import NothingDone, Parser, Result, execute, parser, progress, workspace_of
from pipelines.decode import Decoded, decode
from pipelines.errors import BadSettings, BadText, NotFound
from pipelines.files import publish, require_space, write_json, write_text
from pipelines.folders import NovelFolder
from pipelines.sources import read_source
from pipelines.workspace import FORMAT, LOCAL_OWNER, Workspace, now, write_meta

TITLE_LIMIT = 200
# The original, the decoded text and a cleaning of it; GB18030 grows by half as UTF-8.
SPACE_FACTOR = 4
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")
# What would let a title look like another one or run backwards over its neighbours, and halves of characters.
_NOT_IN_TITLES = re.compile("[《》\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that became no novel, the sentence that says why, and the code of that sentence."""

    file: str
    why: str
    code: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """The novels that came in, as their manifests tell of them, and the files that did not."""

    novels: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def ingest(workspace: Workspace, files: Iterable[Path], encoding: str | None = None, title: str | None = None) -> Ingested:
    """Make a novel of every file that can be read; those that cannot are in `skipped`.

    Raises BadSettings for an unknown encoding, Conflict if the disk has no room.
    """
    done = Ingested()
    for file in files:
        try:
            done.novels.append(ingest_file(workspace, file, encoding, title))
        except (BadText, NotFound) as error:
            done.skipped.append(Skipped(str(file), error.sentence, error.code))
    return done


def ingest_file(
    workspace: Workspace,
    file: Path,
    encoding: str | None = None,
    title: str | None = None,
    *,
    called: str = "",
    owner: str = LOCAL_OWNER,
) -> dict[str, Any]:
    """Make a novel of one file, published whole, and return its row in the command's manifest.

    `called` is the name its person knows the file by, where it lies under another. Raises BadText or NotFound for a file
    that is no text, BadSettings for an unknown encoding, Conflict for a full disk.
    """
    data = read_source(file)
    decoded = decode(data, encoding)
    # A name in a foreign encoding has halves of characters, which no manifest could hold.
    file_name = (called or file.name).encode("utf-8", "replace").decode()
    require_space(workspace.root, SPACE_FACTOR * len(data), f"the novel {file_name}")
    name, extension = split_name(called or file.name)
    title = title or title_of(name)
    novel = workspace.new_novel(title)
    facts = _facts(decoded, title)
    sources = {"extension": extension, "original_sha256": _sha256(data), "raw_sha256": _sha256(decoded.text.encode())}
    made = {
        "made_from": {"file": file_name, "sha256": sources["original_sha256"]},
        "made_with": {"settings": {"encoding": encoding, "title": title}, "versions": {"moxu": VERSION}},
        "created": now(),
    }
    with publish(novel.path) as partial:
        folder = NovelFolder(partial)
        folder.original(extension).write_bytes(data)
        write_text(folder.raw_text, decoded.text)
        write_json(folder.manifest, {"format": FORMAT, "id": novel.id} | facts | sources | made)
        write_meta(folder.meta, title, cleaning=None, owner=owner)
    return {"id": novel.id} | facts


def _facts(decoded: Decoded, title: str) -> dict[str, Any]:
    """What the command and the manifest both tell of a novel."""
    return {
        "title": title,
        "encoding": decoded.encoding,
        "confidence": decoded.confidence,
        "replaced": decoded.replaced,
        "characters": len(decoded.text),
        "chapters": len(find_chapters(decoded.text)),
    }


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def split_name(name: str) -> tuple[str, str]:
    """`红楼梦.TXT` -> (`红楼梦`, `.txt`); a dot in a title (`第1.5部 雪`) begins no extension."""
    stem, extension = Path(name).stem, Path(name).suffix
    return (stem, extension.lower()) if _EXTENSION.fullmatch(extension) else (name, "")


def title_of(name: str) -> str:
    """A title from a file's name without its extension: 《红楼梦》 -> 红楼梦."""
    plain = re.sub(r"\s+", " ", _NOT_IN_TITLES.sub(" ", name)).strip()
    return plain[:TITLE_LIMIT].strip() or "untitled"


def main(argv: list[str] | None = None) -> int:
    """The command `ingest`."""
    return execute(_parser(), argv, act)


def _parser() -> Parser:
    made = parser("ingest", "Bring novels in: each text file becomes a novel.")
    made.add_argument("files", nargs="+", type=Path, metavar="FILE", help="plain text files")
    made.add_argument("--encoding", metavar="E", help="the encoding of the files, if it is not to be found out")
    made.add_argument("--title", metavar="T", help="the title of the novel, else its file's name")
    return made


def act(arguments: argparse.Namespace) -> Result:
    """Bring in the files that the command names; raises NothingDone if none became a novel."""
    files, title = arguments.files, arguments.title
    if title is not None and len(files) > 1:
        message = f"--title names one novel, but there are {len(files)} files"
        raise BadSettings("one_title", message, "bring them one by one", files=len(files))
    workspace = workspace_of(arguments)
    done = ingest(workspace, progress(files, len(files), "ingest"), arguments.encoding, title and title_of(title))
    manifest = {"novels": done.novels, "skipped": [asdict(skipped) for skipped in done.skipped]}
    reasons = "\n".join(f"{skipped.file}: {skipped.why}" for skipped in done.skipped)
    if not done.novels:
        raise NothingDone("nothing_ingested", reasons, manifest)
    if reasons:
        print(reasons, file=sys.stderr, flush=True)
    return manifest, _lines(done.novels)


def _lines(novels: Sequence[dict[str, Any]]) -> str:
    """A human line for each novel."""
    row = "{id}: {characters:,} characters, {chapters} chapters, read as {encoding}"
    return "\n".join(row.format(**novel) + _loss(novel["replaced"]) for novel in novels)


def _loss(replaced: int) -> str:
    return f", {replaced} unreadable" if replaced else ""


if __name__ == "__main__":
    sys.exit(main())
