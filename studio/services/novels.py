"""What the pages may ask of novels: list, rename, read again, take away, delete and take back; what is on its way in."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import trash
from pipelines.bring import title_of
from pipelines.decode import Decoded, decode
from pipelines.decode.detection import Guess
from pipelines.errors import BadSettings, BadText, BrokenArtifact, NotFound, StudioError
from pipelines.files import read_object
from pipelines.folders import NovelFolder, list_folders
from pipelines.ingest import Ingested, ingest_file
from pipelines.workspace import Workspace, change_meta
from studio import access
from studio.access import Action, Visitor
from studio.services.arriving import QUICK_BYTES, Arriving
from studio.services.cleanings import Cleanings
from studio.services.copies import Copies
from studio.services.questions import Questions, guess_in, likeliest
from studio.services.spots import Spot, spots
from studio.services.steps import run_step
from studio.workers import Workers

SAMPLE_CHARACTERS = 400
SAMPLE_BYTES = 4_096
# To see how a text begins in another encoding; no character of any is torn at such a length.
TRIAL_BYTES = 2**18
KEPT_ON_READING_AGAIN = ("notes", "starred", "shared", "owner")
# What has an encoding of its own to be mistaken about; the others say theirs, or have none.
OF_BYTES = ("txt", "html", "json")
# Below this a novel's encoding is doubtful, and its person is asked once.
SURE_ENOUGH = 0.7


@dataclass(frozen=True, slots=True)
class Novel:
    """What a page tells of a novel. `told`: its person named the encoding, or said that it is right; `damaged`: its files are
    not whole. The other facts are those of its manifest."""

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
    damaged: bool = False
    kind: str = "txt"
    member: str = ""
    archive: str = ""
    encodings: tuple[str, ...] = ()
    repaired: int = 0
    lost: int = 0
    mended: str = ""

    @property
    def has_encoding(self) -> bool:
        """Whether it could be read in another encoding."""
        return not self.damaged and self.kind in OF_BYTES

    @property
    def is_doubtful(self) -> bool:
        """Whether its person should be asked in which encoding it is."""
        return self.has_encoding and not self.told and self.confidence < SURE_ENOUGH


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
        workers = Workers(most=2)
        self.arriving = Arriving(workspace, workers)
        self.questions = Questions(workspace)
        self.copies = Copies(self.folder, workers)

    def close(self) -> None:
        """Let nothing more come in: the studio ends."""
        self.arriving.close()

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

    def answer(self, visitor: Visitor, question: object, encoding: str) -> None:
        """Bring a file in that was kept, in the encoding its person named; `arriving` tells what became of it."""
        folder = self.questions.folder(visitor, question)
        guess_in(folder.original, encoding)
        self.arriving.answer(visitor, folder.path, self.questions.name(visitor, question), encoding)

    def guess_of_question(self, visitor: Visitor, question: object, encoding: str) -> Guess:
        """How a kept file reads in an encoding of the list."""
        return guess_in(self.questions.folder(visitor, question).original, encoding)

    def sample(self, visitor: Visitor, novel: object) -> str:
        """How a novel begins."""
        folder = self.folder(visitor, novel, "see")
        with contextlib.suppress(OSError), folder.raw_text.open("rb") as file:
            return file.read(SAMPLE_BYTES).decode("utf-8", "ignore")[:SAMPLE_CHARACTERS]
        return ""

    def spots(self, visitor: Visitor, novel: object) -> list[Spot]:
        """The first places of a novel at which something was lost or mended in reading, with what stands around them."""
        return spots(self.folder(visitor, novel, "see"))

    def doubts(self, visitor: Visitor, novel: object) -> list[Guess]:
        """The likeliest ways to read a novel's original."""
        return likeliest(_original(self.folder(visitor, novel, "see")))

    def guess(self, visitor: Visitor, novel: object, encoding: str) -> Guess:
        """The same part of a novel's original in an encoding of the list."""
        return guess_in(_original(self.folder(visitor, novel, "see")), encoding)

    def accept(self, visitor: Visitor, novel: object) -> Novel:
        """Its person says that the novel is read right as it is."""
        folder = self.folder(visitor, novel, "change")
        change_meta(folder.meta, reading_accepted=True)
        return describe(folder)

    def try_encoding(self, visitor: Visitor, novel: object, encoding: str) -> Decoded:
        """How a novel's original begins in another encoding, and nothing written; raises BadText when it is no text in that."""
        folder = self.folder(visitor, novel, "see")
        try:
            with _original(folder).open("rb") as file:
                return decode(_whole_lines(file.read(TRIAL_BYTES), encoding), encoding)
        except OSError as error:
            raise _damaged(folder) from error

    def reread(self, visitor: Visitor, novel: object, encoding: str) -> Reread:
        """Read the original in another encoding, as a new novel; the earlier reading goes to the trash."""
        folder = self.folder(visitor, novel, "change")
        old = describe(folder)
        made = self._ingest(visitor, _original(folder), encoding, old)
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

    def _ingest(self, visitor: Visitor, file: Path, encoding: str, old: Novel) -> Novel:
        """Read a novel's original again; a long one by a process of its own."""
        try:
            run: Any = run_step if file.stat().st_size > QUICK_BYTES else _here
        except OSError as error:
            raise _damaged(NovelFolder(self.workspace.novels / old.id)) from error
        done: Ingested = run(
            ingest_file, self.workspace, file, encoding, old.title, called=old.file or "untitled", owner=visitor.name
        )
        if not done.novels:
            error = done.skipped[0]
            raise BadText(error.code, error.why, **error.values)
        return describe(NovelFolder(self.workspace.novels / done.novels[0]["id"]))


def _here(function: Any, *arguments: Any, **named: Any) -> Any:
    return function(*arguments, **named)


def _whole_lines(data: bytes, encoding: str) -> bytes:
    """The bytes without a character that is cut off at their end."""
    is_cut = len(data) == TRIAL_BYTES and not encoding.startswith(("utf-16", "utf-32"))
    return data[: data.rfind(b"\n") + 1] or data if is_cut else data


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
    is_told = manifest["made_with"]["settings"].get("encoding") is not None or meta.get("reading_accepted") is True
    made_from = manifest["made_from"]
    return Novel(
        id=novel,
        title=str(meta["title"]),
        characters=int(manifest["characters"]),
        chapters=int(manifest["chapters"]),
        encoding=str(manifest["encoding"]),
        confidence=float(manifest["confidence"]),
        replaced=int(manifest["replaced"]),
        told=is_told,
        file=str(made_from["file"]),
        created=datetime.fromisoformat(manifest["created"]),
        cleaning=meta.get("cleaning"),
        kind=str(manifest.get("kind", "txt")),
        member=str(manifest.get("member", "")),
        archive=str(made_from.get("archive", "")),
        encodings=tuple(map(str, manifest.get("encodings", ()))),
        repaired=int(manifest.get("repaired", 0)),
        lost=int(manifest.get("lost", 0)),
        mended=str(manifest.get("mended", "")),
    )


def _original(folder: NovelFolder) -> Path:
    try:
        return folder.original(read_object(folder.manifest)["extension"])
    except (OSError, KeyError) as error:
        raise _damaged(folder) from error


def _damaged(folder: NovelFolder) -> BrokenArtifact:
    return BrokenArtifact("novel_damaged", f"the files of {folder.id} are not whole", "bring it again")
