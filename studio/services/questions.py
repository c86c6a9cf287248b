"""Files whose encoding their content does not tell, kept on the disk until their person says which it is, or leaves them.

unclear/<id>/   asked.json (the file's name), meta.json (its owner), original

A reload, another window and a restarted studio ask again. Who does not answer within KEPT_DAYS is not asked any more.
"""

import codecs
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.decode import OFFERED, SUPERSETS
from pipelines.decode.detection import SHOWN_BYTES, SHOWN_CHARACTERS, Guess, guesses
from pipelines.errors import BrokenArtifact, NotFound
from pipelines.files import publish, read_object, sweep_abandoned, write_json
from pipelines.folders import list_folders
from pipelines.workspace import FORMAT, Workspace, write_meta
from studio import access
from studio.access import Action, Visitor

KEPT_DAYS = 30
DAY_SECONDS = 24 * 3600
# How far into a file its first character that is no plain ASCII is looked for.
LOOKED_AT_BYTES = 2**20
CONTEXT_BYTES = 60


@dataclass(frozen=True, slots=True)
class Question:
    """A kept file: its id, the name its person knows it by, and the likeliest ways to read it."""

    id: str
    name: str
    guesses: list[Guess]


@dataclass(frozen=True, slots=True)
class QuestionFolder:
    """Where a kept file lies."""

    path: Path

    @property
    def manifest(self) -> Path:
        return self.path / "asked.json"

    @property
    def meta(self) -> Path:
        return self.path / "meta.json"

    @property
    def original(self) -> Path:
        return self.path / "original"


class Questions:
    """The kept files of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._place = place_of(workspace)
        self.sweep()

    def all(self, visitor: Visitor) -> list[Question]:
        """What the visitor is to be asked, the oldest first; raises OSError if the disk cannot be read."""
        found = [QuestionFolder(path) for path in list_folders(self._place)]
        mine = [folder for folder in found if access.may(visitor, "change", access.thing_of(folder.meta))]
        asked = [(read_object(folder.manifest), folder) for folder in mine if _is_whole(folder)]
        asked.sort(key=lambda pair: (str(pair[0].get("moment")), pair[1].path.name))
        return [Question(folder.path.name, str(told["file"]), likeliest(folder.original)) for told, folder in asked]

    def folder(self, visitor: Visitor, question: object, action: Action = "change") -> QuestionFolder:
        """The kept file with exactly this id; raises NotFound, Forbidden."""
        for path in list_folders(self._place):
            if path.name == question:
                access.require(visitor, action, access.thing_of(path / "meta.json"))
                return QuestionFolder(path)
        raise NotFound("no_question", f"{question!r} is not asked any more", "bring the file again", wanted=question)

    def name(self, visitor: Visitor, question: object) -> str:
        """What its person calls a kept file; raises as `folder`."""
        return str(read_object(self.folder(visitor, question).manifest)["file"])

    def forget(self, visitor: Visitor, question: object) -> None:
        """Delete a kept file for good: it is a copy of what its person has."""
        shutil.rmtree(self.folder(visitor, question).path, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what nobody answered for KEPT_DAYS, and what killed processes left."""
        sweep_abandoned(self._place)
        for path in list_folders(self._place):
            if time.time() - path.stat().st_mtime > KEPT_DAYS * DAY_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def place_of(workspace: Workspace) -> Path:
    """The folder of the kept files."""
    return workspace.root / "unclear"


def keep(workspace: Workspace, file: Path, called: str, owner: str) -> None:
    """Keep a copy of a file until its owner says how it is to be read."""
    folder = place_of(workspace) / secrets.token_hex(4)
    with publish(folder) as partial:
        one = QuestionFolder(partial)
        shutil.copyfile(file, one.original)
        write_json(one.manifest, {"format": FORMAT, "file": called, "moment": time.time()})
        write_meta(one.meta, called, owner=owner)


def likeliest(file: Path) -> list[Guess]:
    """The three likeliest ways to read a file, by the part in which it first has something else than plain ASCII."""
    return guesses(_telling(file))


def guess_in(file: Path, encoding: str) -> Guess:
    """How the same part reads in an encoding that may be chosen; raises NotFound for any other."""
    if encoding not in OFFERED:
        raise NotFound("no_encoding_offered", f"{encoding!r} is not offered", "choose one of the list", wanted=encoding)
    decoder = codecs.getincrementaldecoder(SUPERSETS.get(encoding, encoding))("replace")
    return Guess(encoding, 0.0, decoder.decode(_telling(file)).lstrip("\ufeff")[:SHOWN_CHARACTERS])


def _telling(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(LOOKED_AT_BYTES)
    except OSError as error:
        raise BrokenArtifact("novel_damaged", f"{file.name} is gone", "bring it again") from error
    first = next((place for place, byte in enumerate(data) if byte > 0x7F), 0)
    # Where every other byte is NUL, a start at an odd place would tear all characters.
    if first < SHOWN_BYTES // 2 or b"\x00" in data[:first]:
        return data[:SHOWN_BYTES]
    start = max(data.rfind(b"\n", 0, first) + 1, first - CONTEXT_BYTES)
    return data[start : start + SHOWN_BYTES]


def _is_whole(folder: QuestionFolder) -> bool:
    return folder.manifest.is_file() and folder.original.is_file()
