"""What was deleted and may be wanted back: novels, runs, bundles and manuscripts, in `trash/` at their old place.

Each way is one rename, so that a kill leaves a thing either here or there. Knows nothing of visitors, nor of what is inside.
"""

import contextlib
import secrets
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models import bundle
from pipelines import locks, status, waiting
from pipelines.errors import BrokenArtifact, Conflict, NameTaken, NotFound
from pipelines.files import NO_SPACE, OCCUPIED, PARTIAL, READ_ONLY, read_json, sync_folder, write_json
from pipelines.folders import RunFolder, list_folders
from pipelines.workspace import Workspace, change_meta, now, unused, write_meta

KEPT_DAYS = 30
META, DELETED = "meta.json", "deleted"
# What may be discarded, and how many folders deep it lies below the workspace's own.
DEPTHS = {"novels": 2, "runs": 2, "bundles": 2, "manuscripts": 3}


@dataclass(frozen=True, slots=True)
class Discarded:
    """A thing in the trash; `deleted` is None where nobody noted when it came there."""

    ticket: str
    path: Path
    deleted: datetime | None

    @property
    def meta(self) -> Path:
        return self.path / META


def discard(workspace: Workspace, path: Path) -> str:
    """Move a finished folder of the workspace to the trash, and return the ticket that brings it back.

    Raises NotFound if it is not there (any more), Conflict for a run that is alive and for what is being changed.
    """
    place = path.relative_to(workspace.root)
    if len(place.parts) != DEPTHS.get(place.parts[0]) or path not in list_folders(path.parent):
        raise NotFound("not_there", f"{path.name} is not there any more", "it may have been deleted already", name=path.name)
    _require_rest(workspace, path)
    # A bundle may have the name of one that was deleted before.
    target = unused(workspace.trash / place)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Noted before the move: a kill in between leaves a note that nobody reads, not a thing that nobody sweeps.
    with _room_or_not():
        _note(path / META)
    try:
        path.rename(target)
    except FileNotFoundError as error:  # another tab was faster
        message = f"{path.name} is not there any more"
        raise NotFound("not_there", message, "it may have been deleted already", name=path.name) from error
    _sync(path, target)
    return _ticket(workspace, target)


def restore(workspace: Workspace, ticket: str) -> Path:
    """Bring a thing back to where it was, and return its folder.

    Raises NotFound for a ticket of nothing in the trash, NameTaken if something else stands at its place by now.
    """
    found = find(workspace, ticket)
    target = workspace.root / found.path.relative_to(workspace.trash)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # A rename would take the place of an empty folder without a word.
        if target.exists():
            raise _taken(target)
        found.path.rename(target)
    except FileNotFoundError as error:
        raise _not_in_trash(ticket) from error
    except OSError as error:
        if error.errno not in OCCUPIED:
            raise
        raise _taken(target) from error
    _sync(found.path, target)
    with _room_or_not(), contextlib.suppress(BrokenArtifact):
        meta = read_json(target / META)
        write_json(target / META, {key: value for key, value in meta.items() if key != DELETED})
    return target


def find(workspace: Workspace, ticket: str) -> Discarded:
    """The thing of this ticket, looked up among what is there; raises NotFound."""
    for entry in entries(workspace):
        if entry.ticket == ticket:
            return entry
    raise _not_in_trash(ticket)


def entries(workspace: Workspace) -> list[Discarded]:
    """All that lies in the trash, what was deleted last first."""
    found = [Discarded(_ticket(workspace, path), path, _deleted(path / META)) for path in _things(workspace)]
    return sorted(found, key=lambda entry: entry.deleted or datetime.max.replace(tzinfo=UTC), reverse=True)


def sweep(workspace: Workspace, days: float = KEPT_DAYS) -> list[str]:
    """Remove for good what was discarded more than so many days ago, and return its tickets; 0 empties the trash."""
    oldest = datetime.now(UTC) - timedelta(days=days)
    swept = []
    for entry in entries(workspace):
        if entry.deleted is None:
            # Moved here by hand, or on a disk too full for the note: its days begin now.
            with _room_or_not():
                _note(entry.meta)
        elif entry.deleted <= oldest:
            with contextlib.suppress(FileNotFoundError):  # somebody took it back at this moment
                entry.path.rename(entry.path.with_name(f"{entry.path.name}.{secrets.token_hex(4)}{PARTIAL}"))
                swept.append(entry.ticket)
    for place in _places(workspace):
        for doomed in place.glob(f"*{PARTIAL}"):
            shutil.rmtree(doomed, ignore_errors=True)
    return swept


def _require_rest(workspace: Workspace, path: Path) -> None:
    """Refuse what a process works on: its lock is held."""
    if path.parent == workspace.runs:
        run = RunFolder(path)
        if status.is_alive(run):
            raise Conflict("run_alive", f"run {run.id} is still going", "stop it first, then delete it", run=run.id)
        # Else it would begin again by itself after a restore.
        waiting.leave(workspace, run)
    elif locks.is_held(path / "lock"):
        raise Conflict("in_use", f"{path.name} is being changed at this moment", "wait for that to end", name=path.name)


def _note(meta: Path) -> None:
    """Write into a meta.json that its thing was deleted now; an unreadable one is kept beside a new one."""
    try:
        change_meta(meta, **{DELETED: now()})
    except FileNotFoundError:
        write_meta(meta, _title(meta.parent), **{DELETED: now()})
    except (BrokenArtifact, TypeError):
        meta.replace(meta.with_name("meta.broken"))
        write_meta(meta, _title(meta.parent), **{DELETED: now()})


def _title(path: Path) -> str:
    """What a thing without meta.json is called: a bundle's facts may say, else its folder does."""
    with contextlib.suppress(BrokenArtifact):
        title = bundle.read_object(path / bundle.FACTS, bundle.LARGEST_FACTS_BYTES).get("title")
        return title if isinstance(title, str) else path.name
    return path.name


def _deleted(meta: Path) -> datetime | None:
    with contextlib.suppress(OSError, BrokenArtifact, AttributeError, TypeError, ValueError):
        moment = datetime.fromisoformat(read_json(meta).get(DELETED))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _things(workspace: Workspace) -> list[Path]:
    return [path for place in _places(workspace) for path in list_folders(place)]


def _places(workspace: Workspace) -> list[Path]:
    """The folders of the trash in which things lie."""
    kinds = [workspace.trash / kind for kind, depth in DEPTHS.items() if depth == 2]
    return [place for place in kinds if place.is_dir()] + list_folders(workspace.trash / workspace.manuscripts.name)


def _ticket(workspace: Workspace, path: Path) -> str:
    return path.relative_to(workspace.trash).as_posix()


def _sync(source: Path, target: Path) -> None:
    """Flush both names; a folder that another process just emptied and removed needs no flush."""
    for folder in (target.parent, source.parent):
        with contextlib.suppress(FileNotFoundError):
            sync_folder(folder)


@contextlib.contextmanager
def _room_or_not() -> Generator[None]:
    """A full disk shall not keep anybody from deleting, nor one that is read-only from opening: then a note is left away."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_SPACE | READ_ONLY:
            raise


def _not_in_trash(ticket: str) -> NotFound:
    message = f"{ticket!r} is not in the trash"
    return NotFound("not_in_trash", message, "it was brought back already, or deleted for good", ticket=ticket)


def _taken(target: Path) -> NameTaken:
    return NameTaken("exists", f"{target.name} exists already", "rename or delete that first", name=target.name)
