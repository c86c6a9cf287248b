"""Which originals are in the workspace already, so that a folder can be brought in again and only what is new is read.

Several processes may ask at once: those that came in since the start stand in one file that all of them append to.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.bring import Asked
from pipelines.errors import BrokenArtifact
from pipelines.files import append_line, read_lines, read_object
from pipelines.folders import NovelFolder, list_folders
from pipelines.locks import acquire
from pipelines.workspace import Workspace, owner_of

LOCK_SECONDS = 60.0


class Originals:
    """The originals of one owner's novels, by SHA-256, and those that processes claim meanwhile in `claims`."""

    def __init__(self, titles: dict[str, str], claims: Path) -> None:
        self._titles = dict(titles)
        self._claims = claims
        self._read_to = 0

    def holder(self, sha256: str) -> str:
        """The title of the novel with this original; "" if there is none."""
        rows, self._read_to = read_lines(self._claims, self._read_to)
        self._titles |= {row["sha256"]: row["title"] for row in rows}
        return self._titles.get(sha256, "")

    def claim(self, sha256: str, title: str) -> str:
        """As `holder`; if there is none, the original is `title`'s from now on."""
        lock = acquire(self._claims.with_suffix(".lock"), LOCK_SECONDS)
        try:
            held = self.holder(sha256)
            if not held:
                append_line(self._claims, {"sha256": sha256, "title": title})
            return held
        finally:
            if lock:
                lock.release()


def titles_here(workspace: Workspace, asked: Asked) -> dict[str, str]:
    """The titles of the owner's novels by the SHA-256 of their originals.

    Where an encoding or a title is asked for, only of those that were read with the same wish.
    """
    found: dict[str, str] = {}
    for manifest, meta in _manifests(workspace, asked.owner):
        settings = manifest.get("made_with", {}).get("settings", {})
        if all(wish is None or settings.get(name) == wish for name, wish in _wishes(asked)):
            found[str(manifest.get("original_sha256"))] = str(meta.get("title") or manifest.get("title"))
    return found


def _wishes(asked: Asked) -> tuple[tuple[str, str | None], ...]:
    return ("encoding", asked.encoding), ("title", asked.title)


def _manifests(workspace: Workspace, owner: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for path in list_folders(workspace.novels):
        novel = NovelFolder(path)
        # A damaged neighbour is no reason to bring none.
        with contextlib.suppress(BrokenArtifact, OSError, AttributeError):
            if owner_of(novel.meta) == owner:
                yield read_object(novel.manifest), read_object(novel.meta)
