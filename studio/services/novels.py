"""What the pages may ask of novels: bring them in, list, rename, read again, delete and take back."""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import trash
from pipelines.bring import title_of
from pipelines.decode import Decoded, decode
from pipelines.errors import BadSettings, BadText, BrokenArtifact, Conflict, NotFound, StudioError
from pipelines.files import read_object
from pipelines.folders import NovelFolder, list_folders
from pipelines.ingest import ingest_file
from pipelines.sources import read_source
from pipelines.workspace import Workspace, change_meta
from studio import access
from studio.access import Action, Visitor
from studio.services.cleanings import Cleanings

SAMPLE_CHARACTERS = 400
SAMPLE_BYTES = 4_096
KEPT_ON_READING_AGAIN = ("notes", "starred", "shared", "owner")


@dataclass(frozen=True, slots=True)
class Novel:
    """What a page tells of a novel. `told`: its person named the encoding; `damaged`: its files are not whole."""

    id: str
    title: str
    characters: int = 0
    chapters: int = 0
    encoding: str = ""
    confidence: float = 0.0
    replaced: int = 0
    told: bool = False
    file: str = ""
    created: datetime | None = None
    cleaning: int | None = None
    sha256: str = ""
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Deleted:
    """A novel in the trash, the ticket that brings it back, and when it came there."""

    ticket: str
    novel: Novel
    when: datetime | None


@dataclass(frozen=True, slots=True)
class Reread:
    """A novel read again in another encoding, and the ticket of its earlier reading in the trash."""

    novel: Novel
    ticket: str


class Novels:
    """The novels of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.cleanings = Cleanings(workspace, self.folder)

    def folder(self, visitor: Visitor, novel: object, action: Action) -> NovelFolder:
        """The folder of the novel with exactly this id, if the visitor may do that with it; raises NotFound, Forbidden."""
        if not novel:
            raise NotFound("nothing_chosen", "no novel is chosen", "choose one first")
        for path in list_folders(self.workspace.novels):
            if path.name == novel:
                access.require(visitor, action, access.thing_of(path / "meta.json"))
                return NovelFolder(path)
        raise NotFound("no_novel", f"there is no novel {novel!r}", "it may have been deleted", wanted=novel)

    def all(self, visitor: Visitor) -> list[Novel]:
        """The novels that the visitor may see, the newest first."""
        novels = [describe(folder) for folder in self._seen(visitor)]
        return sorted(novels, key=lambda novel: (novel.created.timestamp() if novel.created else 0, novel.id), reverse=True)

    def get(self, visitor: Visitor, novel: object) -> Novel:
        """One novel; raises NotFound, Forbidden."""
        return describe(self.folder(visitor, novel, "see"))

    def bring(self, visitor: Visitor, file: Path, called: str, encoding: str | None = None) -> Novel:
        """Make a novel of a file that its person calls by that name; raises Conflict if it is there already.

        Raises BadText or NotFound for a file that is no text, Conflict for a full disk.
        """
        access.require(visitor, "make")
        try:
            self._require_new(visitor, hashlib.sha256(read_source(file)).hexdigest())
            return self._ingest(visitor, file, encoding, called or "untitled")
        except StudioError as error:
            # Where the page put the file is nobody's business.
            error.values.update({"file": called} if "file" in error.values else {})
            raise

    def sample(self, visitor: Visitor, novel: object) -> str:
        """How a novel begins."""
        folder = self.folder(visitor, novel, "see")
        with contextlib.suppress(OSError), folder.raw_text.open("rb") as file:
            return file.read(SAMPLE_BYTES).decode("utf-8", "ignore")[:SAMPLE_CHARACTERS]
        return ""

    def try_encoding(self, visitor: Visitor, novel: object, encoding: str) -> Decoded:
        """A novel's original read in another encoding, and nothing written; raises BadText when it is no text in that."""
        folder = self.folder(visitor, novel, "see")
        return decode(read_source(_original(folder)), encoding)

    def reread(self, visitor: Visitor, novel: object, encoding: str) -> Reread:
        """Read the original in another encoding, as a new novel; the earlier reading goes to the trash."""
        folder = self.folder(visitor, novel, "change")
        old = describe(folder)
        made = self._ingest(visitor, _original(folder), encoding, old.file, old.title)
        kept = {key: value for key, value in read_object(folder.meta).items() if key in KEPT_ON_READING_AGAIN}
        change_meta(NovelFolder(self.workspace.novels / made.id).meta, **kept)
        try:
            return Reread(made, trash.discard(self.workspace, folder.path))
        except StudioError:
            # What is being cleaned stays; then the new reading is one too many.
            trash.discard(self.workspace, self.workspace.novels / made.id)
            raise

    def rename(self, visitor: Visitor, novel: object, title: str) -> Novel:
        """Give a novel another title; its id stays."""
        folder = self.folder(visitor, novel, "change")
        if not title.strip(" \t\r\n《》"):
            raise BadSettings("novel_untitled", "the title is empty", "type one", name="title")
        change_meta(folder.meta, title=title_of(title))
        return describe(folder)

    def discard(self, visitor: Visitor, novel: object) -> str:
        """Move a novel to the trash, and return the ticket that brings it back."""
        return trash.discard(self.workspace, self.folder(visitor, novel, "change").path)

    def deleted(self, visitor: Visitor) -> list[Deleted]:
        """The visitor's novels in the trash, the last deleted first."""
        found = [entry for entry in trash.entries(self.workspace) if entry.ticket.startswith("novels/")]
        mine = [entry for entry in found if access.may(visitor, "change", access.thing_of(entry.meta))]
        return [Deleted(entry.ticket, describe(NovelFolder(entry.path)), entry.deleted) for entry in mine]

    def restore(self, visitor: Visitor, ticket: object) -> Novel:
        """Take a novel back out of the trash; raises NotFound, Forbidden, Conflict."""
        for entry in self.deleted(visitor):
            if entry.ticket == ticket:
                return describe(NovelFolder(trash.restore(self.workspace, entry.ticket)))
        raise NotFound("not_in_trash", f"{ticket!r} is not in the trash", "it was brought back already", ticket=ticket)

    def _seen(self, visitor: Visitor) -> list[NovelFolder]:
        folders = [NovelFolder(path) for path in list_folders(self.workspace.novels)]
        return [folder for folder in folders if access.may(visitor, "see", access.thing_of(folder.meta))]

    def _require_new(self, visitor: Visitor, sha256: str) -> None:
        for novel in self.all(visitor):
            if novel.sha256 == sha256:
                raise Conflict("already_here", f"it is here already as {novel.title}", "choose it in the list", title=novel.title)

    def _ingest(self, visitor: Visitor, file: Path, encoding: str | None, called: str, title: str | None = None) -> Novel:
        done = ingest_file(self.workspace, file, encoding, title, called=called, owner=visitor.name)
        if not done.novels:
            error = done.skipped[0]
            raise BadText(error.code, error.why, **error.values)
        return describe(NovelFolder(self.workspace.novels / done.novels[0]["id"]))


def describe(folder: NovelFolder) -> Novel:
    """What the files of a novel tell of it."""
    meta: dict[str, Any] = {}
    try:
        meta = read_object(folder.meta)
        return _described(folder.id, read_object(folder.manifest), meta)
    except (BrokenArtifact, OSError, KeyError, TypeError, ValueError):
        title = meta.get("title") if isinstance(meta, dict) else None
        return Novel(folder.id, title if isinstance(title, str) else folder.id, damaged=True)


def _described(novel: str, manifest: dict[str, Any], meta: dict[str, Any]) -> Novel:
    return Novel(
        id=novel,
        title=str(meta["title"]),
        characters=int(manifest["characters"]),
        chapters=int(manifest["chapters"]),
        encoding=str(manifest["encoding"]),
        confidence=float(manifest["confidence"]),
        replaced=int(manifest["replaced"]),
        told=manifest["made_with"]["settings"].get("encoding") is not None,
        file=str(manifest["made_from"]["file"]),
        created=datetime.fromisoformat(manifest["created"]),
        cleaning=meta.get("cleaning"),
        sha256=str(manifest["original_sha256"]),
    )


def _original(folder: NovelFolder) -> Path:
    try:
        return folder.original(read_object(folder.manifest)["extension"])
    except (OSError, KeyError) as error:
        raise BrokenArtifact("novel_damaged", f"the files of {folder.id} are not whole", "bring it again") from error
