"""What the pages may ask of manuscripts: each visitor's own, and what a model would begin one with."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from models import bundle
from pipelines import manuscripts, trash
from pipelines.errors import BrokenArtifact, NotFound
from pipelines.folders import ManuscriptFolder
from pipelines.manuscripts import Change, Manuscript
from pipelines.workspace import Workspace
from studio import access
from studio.access import Action, Visitor


class Manuscripts:
    """The manuscripts of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def listed(self, visitor: Visitor) -> list[dict[str, Any]]:
        """The visitor's manuscripts, what was changed last first."""
        access.require(visitor, "see")
        return [self._facts(folder) for folder in manuscripts.listed(self.workspace, visitor.name)]

    def create(self, visitor: Visitor, title: str) -> dict[str, Any]:
        """A new, empty manuscript of the visitor's."""
        access.require(visitor, "make")
        return self._facts(manuscripts.create(self.workspace, visitor.name, title))

    def read(self, visitor: Visitor, wanted: str) -> tuple[dict[str, Any], Manuscript]:
        """A manuscript's facts and its text."""
        folder = self._folder(visitor, wanted, "see")
        found = manuscripts.read(folder)
        return self._facts(folder), found

    def save(self, visitor: Visitor, wanted: str, changes: Sequence[Change], base_version: int) -> int:
        """Make the changes and return the version after them; raises Conflict if another window was first."""
        return manuscripts.save(self._folder(visitor, wanted, "change"), changes, base_version)

    def rename(self, visitor: Visitor, wanted: str, title: str) -> dict[str, Any]:
        """Call it otherwise."""
        folder = self._folder(visitor, wanted, "change")
        manuscripts.rename(folder, title)
        return self._facts(folder)

    def discard(self, visitor: Visitor, wanted: str) -> str:
        """Move it to the trash and return the ticket that brings it back."""
        return manuscripts.discard(self.workspace, self._folder(visitor, wanted, "change"))

    def restore(self, visitor: Visitor, ticket: str) -> dict[str, Any]:
        """Bring one of the visitor's own back from the trash."""
        found = trash.find(self.workspace, ticket)
        if found.path.parent != self.workspace.trash / "manuscripts" / visitor.name:
            raise NotFound("not_in_trash", f"{ticket!r} is not in the trash", ticket=ticket)
        access.require(visitor, "change", access.thing_of(found.meta))
        return self._facts(ManuscriptFolder(trash.restore(self.workspace, ticket)))

    def opening(self, visitor: Visitor, bundle_id: str) -> str:
        """How a chapter begins that this model was not taught, from what its training was asked to write on; may be empty."""
        folder = self.workspace.bundle(bundle_id)
        # The commands take a part of an id; a page means this one and no other.
        if folder.name != bundle_id:
            raise NotFound("no_bundle", f"there is no bundle {bundle_id!r}", "choose another", wanted=bundle_id)
        access.require(visitor, "use", access.thing_of(self.workspace.bundle_meta(folder)))
        try:
            prompts = bundle.read(folder).facts.get("made_with", {}).get("settings", {}).get("prompt", [])
        except (BrokenArtifact, AttributeError):
            return ""
        return next((prompt for prompt in prompts if isinstance(prompt, str) and prompt), "")

    def _folder(self, visitor: Visitor, wanted: str, action: Action) -> ManuscriptFolder:
        folder = manuscripts.find(self.workspace, visitor.name, wanted)
        access.require(visitor, action, access.thing_of(folder.meta))
        return folder

    def _facts(self, folder: ManuscriptFolder) -> dict[str, Any]:
        changed = datetime.fromtimestamp(folder.text.stat().st_mtime, UTC) if folder.text.exists() else None
        return {
            "id": folder.id,
            "title": manuscripts.title_of(folder),
            "changed": changed.isoformat(timespec="seconds") if changed else None,
        }
