"""Where everything lies on disk: one function per path, ids, and the `meta.json` a person may change.

Ids given by a person are looked up among what is there, never joined to a path.
"""

import hashlib
import os
import re
import secrets
import time
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.errors import BrokenArtifact, Conflict
from pipelines.files import NO_SPACE, read_json, read_object, sweep_abandoned, write_json
from pipelines.folders import CorpusFolder, NovelFolder, RunFolder, find_folder

FORMAT = 1
SLUG_LENGTH = 40
LOCAL_OWNER = "local"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder that holds a person's novels, corpora, runs, bundles and manuscripts."""

    root: Path

    @property
    def novels(self) -> Path:
        return self.root / "novels"

    @property
    def corpora(self) -> Path:
        return self.root / "corpora"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def bundles(self) -> Path:
        return self.root / "bundles"

    @property
    def manuscripts(self) -> Path:
        return self.root / "manuscripts"

    @property
    def trash(self) -> Path:
        """What was deleted and may be wanted back."""
        return self.root / "trash"

    @property
    def recipes(self) -> Path:
        """Saved sets of cleaning rules."""
        return self.root / "recipes"

    def recipe(self, name: str) -> Path:
        return self.recipes / f"{slug(name)}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.json"

    @property
    def queue(self) -> Path:
        return self.root / "queue.json"

    @property
    def queue_lock(self) -> Path:
        return self.root / "queue.lock"

    def novel(self, wanted: str) -> NovelFolder:
        """The novel with this id (or the only one whose id holds the text); raises NotFound."""
        return NovelFolder(find_folder(self.novels, wanted, "novel"))

    def corpus(self, wanted: str) -> CorpusFolder:
        """The corpus with this id (or the only one whose id holds the text); raises NotFound."""
        return CorpusFolder(find_folder(self.corpora, wanted, "corpus"))

    def run(self, wanted: str) -> RunFolder:
        """The run with this id (or the only one whose id holds the text); raises NotFound."""
        return RunFolder(find_folder(self.runs, wanted, "run"))

    def bundle(self, wanted: str) -> Path:
        """The bundle with this id (or the only one whose id holds the text); raises NotFound."""
        return find_folder(self.bundles, wanted, "bundle")

    def bundle_meta(self, bundle: Path) -> Path:
        return bundle / "meta.json"

    def new_novel(self, title: str) -> NovelFolder:
        return NovelFolder(self.novels / new_id(title))

    def new_corpus(self, name: str) -> CorpusFolder:
        return CorpusFolder(self.corpora / new_id(name))

    def new_run(self, name: str) -> RunFolder:
        """A run folder that does not exist yet; two runs of the same second and name get a suffix."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        return RunFolder(unused(self.runs / f"{stamp}-{slug(name)}"))

    def new_bundle(self, name: str) -> Path:
        """A bundle folder that does not exist yet; one that was deleted keeps its name, so that it can come back."""
        return unused(self.bundles / slug(name), self.trash / self.bundles.name)


def open_workspace(folder: str | None = None) -> Workspace:
    """Open or create the workspace: `folder`, else `$MOXU_HOME`, else `~/moxu`.

    Raises Conflict if the folder cannot be written, BrokenArtifact if a newer Moxu made it.
    """
    workspace = Workspace(_root(folder))
    root = workspace.root
    places = (workspace.novels, workspace.corpora, workspace.runs, workspace.bundles, workspace.manuscripts, workspace.trash)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place in places:
            place.mkdir(exist_ok=True)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise
        message = f"the workspace {root} cannot be used ({error.strerror})"
        raise Conflict("workspace_unusable", message, "choose another with --workspace", path=str(root)) from error
    _check_format(root / "workspace.json")
    for place in places:
        sweep_abandoned(place)
    return workspace


def _root(folder: str | None) -> Path:
    wanted = folder or os.environ.get("MOXU_HOME") or "~/moxu"
    try:
        return Path(wanted).expanduser().absolute()
    except RuntimeError as error:  # ~nobody
        message = f"the workspace {wanted} cannot be used ({error})"
        raise Conflict("workspace_unusable", message, "choose another with --workspace", path=wanted) from error


def _check_format(manifest: Path) -> None:
    if not manifest.exists():
        write_json(manifest, {"format": FORMAT})
    elif (found := read_json(manifest).get("format")) != FORMAT:
        raise BrokenArtifact(
            "newer_format", f"workspace format is {found}, this Moxu knows {FORMAT}", "open it with a newer Moxu", found=found
        )


def slug(title: str) -> str:
    """A file name from a title: letters and digits of any script, at most 40, hyphens between."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", title))
    return "-".join(words)[:SLUG_LENGTH].strip("-") or "untitled"


def new_id(title: str) -> str:
    """`<slug>-<hex8>` with a random second part."""
    return f"{slug(title)}-{secrets.token_hex(4)}"


def unused(path: Path, *elsewhere: Path) -> Path:
    """`path`, or the first of `path-2`, `path-3`, … that does not exist, nor by its name in the folders `elsewhere`."""
    candidate, number = path, 1
    while any((place / candidate.name).exists() for place in (path.parent, *elsewhere)):
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate


def write_meta(path: Path, title: str, **more: Any) -> None:
    """Write the first `meta.json` of an artifact: what a person may change later, and who owns it."""
    write_json(path, {"title": title, "notes": "", "starred": False, "owner": LOCAL_OWNER, "shared": False} | more)


def change_meta(path: Path, **changes: Any) -> None:
    """Replace some values of a `meta.json`."""
    write_json(path, read_json(path) | changes)


def owner_of(path: Path) -> str:
    """Whose an artifact is, by its `meta.json`; the machine's owner's where that does not say."""
    try:
        return str(read_object(path).get("owner", LOCAL_OWNER))
    except (BrokenArtifact, FileNotFoundError):
        return LOCAL_OWNER


def now() -> str:
    """This moment, in UTC, for manifests."""
    return datetime.now(UTC).isoformat(timespec="seconds")
