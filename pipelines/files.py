"""How Moxu writes to disk: whole or not at all, and synced. It knows nothing of novels or runs.

A finished folder is written beside its name as `<name>.….partial`, synced and renamed; small JSON is replaced atomically;
what grows is JSON lines, one write a line, and readers ignore a torn last line.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import IO, Any

from pipelines.errors import BrokenArtifact, Conflict, NameTaken

PARTIAL = ".partial"
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
OCCUPIED = frozenset({errno.ENOTEMPTY, errno.EEXIST})
ABANDONED_SECONDS = 24 * 3600
ABANDONED = re.compile(r"(?:\.[0-9a-f]{8}\.partial|^\..+\.[0-9a-f]{8})$")


def read_json(path: Path) -> Any:
    """The JSON value in `path`.

    Raises BrokenArtifact if it is not JSON, FileNotFoundError if it is not there.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError, IsADirectoryError) as error:
        raise _not_json(path, error) from error


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; raises as `read_json`, and BrokenArtifact for another value."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise _not_json(path, f"a {type(value).__name__}, not an object")
    return value


def _not_json(path: Path, why: object) -> BrokenArtifact:
    hint = "restore it from a backup or remove its folder"
    return BrokenArtifact("not_json", f"{path} is not readable JSON ({why})", hint, path=str(path))


def write_json(path: Path, value: object) -> None:
    """Replace `path` by `value` as JSON: after a crash it holds the old value or the new one, never a mix."""
    replace_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def replace_text(path: Path, text: str) -> None:
    """Replace a file's content by UTF-8 text, atomically and synced; the text's newlines stay as they are."""
    with replacing(path) as file:
        file.write(text)


@contextlib.contextmanager
def replacing(path: Path) -> Generator[IO[str]]:
    """A file to write UTF-8 to that takes the place of `path`, atomically and synced, once all is written."""
    # Of a long name the end is left away: with the random part it would be too long for the system.
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with the newlines the text has, on every system."""
    path.write_text(text, encoding="utf-8", newline="")


def read_text(path: Path) -> str:
    """Read UTF-8 with the newlines the file has, on every system."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


@contextlib.contextmanager
def publish(folder: Path) -> Generator[Path]:
    """Build `folder` whole or not at all: yields a `.partial` folder beside it, which is synced and renamed on success.

    Raises NameTaken if `folder` exists by then; on any error the partial folder is removed. The partial name is this
    writer's own, so that two writers of one name cannot harm each other: the first to finish has it.
    """
    partial = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}{PARTIAL}")
    partial.mkdir(parents=True)
    try:
        yield partial
        sync_tree(partial)
        _rename(partial, folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def _rename(partial: Path, folder: Path) -> None:
    try:
        # A rename onto a folder with something in it fails on every system, so that the first writer wins.
        partial.rename(folder)
    except OSError as error:
        if error.errno not in OCCUPIED and not folder.exists():
            raise
        raise NameTaken("exists", f"{folder.name} exists already", "choose another name", name=folder.name) from error


def sweep_abandoned(place: Path, age_seconds: float = ABANDONED_SECONDS) -> None:
    """Remove what killed writers left half-written so long ago, by the names `publish` and `replace_text` give.

    For folders of a workspace only: in others such a name may be a person's own.
    """
    for path in place.glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if ABANDONED.search(path.name) and time.time() - path.stat().st_mtime > age_seconds:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below `folder` to the disk."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            # Windows refuses to sync a handle that was opened for reading only.
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Flush the names in `folder`; Windows cannot open a folder and needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def append_line(path: Path, row: dict[str, Any]) -> None:
    """Append one JSON line by one write, so that a crash tears at most the last line; after a torn line begin a new one.

    Raises OSError when the disk takes only a part of it, ValueError for a number that JSON does not have (NaN, infinity).
    """
    data = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
    with path.open("ab+", buffering=0) as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            data = data if file.read(1) == b"\n" else b"\n" + data
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write a new JSON-lines file inside `publish`."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def keep_lines(path: Path, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Drop the rows that are not wanted and a torn last line, atomically; untouched if there are none."""
    if not path.exists():
        return
    rows, end = read_lines(path)
    kept = [row for row in rows if wanted(row)]
    if len(kept) < len(rows) or end < path.stat().st_size:
        replace_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept))


def read_lines(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The whole rows from byte `offset` on, and the offset to read on from; a torn last line waits for its end.

    A line that is no JSON object (a torn one that was appended to after a crash) is passed over.
    """
    if not path.is_file():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    end = data.rfind(b"\n") + 1
    rows = []
    for line in data[:end].splitlines():
        with contextlib.suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict):
                rows.append(row)
    return rows, offset + end


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_space(folder: Path, needed: int, purpose: str) -> None:
    """Raise Conflict unless the disk of `folder` has `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        megabytes = (needed / 1e6, free / 1e6)
        raise Conflict(
            "disk_full",
            "%s needs %.1f MB but the disk of %s has %.1f MB free" % (purpose, megabytes[0], folder, megabytes[1]),
            "free some space or choose another --workspace",
            needed=needed,
            free=free,
        )
