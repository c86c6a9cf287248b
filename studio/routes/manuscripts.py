"""The manuscripts over HTTP: their text never passes through an event of Gradio's, nor a template.

Offsets count code points; a page, which counts UTF-16, converts.
"""

import math
from typing import Any

from fastapi import APIRouter

from pipelines.errors import BadSettings
from pipelines.manuscripts import MODEL, WRITER, Change, Splice
from studio.routes.asking import Asking
from studio.routes.bodies import Body, take

MOST_CHANGES = 1000
LONGEST_NAME = 200

router = APIRouter(prefix="/api")


@router.get("/manuscripts")
def list_manuscripts(asked: Asking) -> list[dict[str, Any]]:
    """The visitor's manuscripts, what was changed last first."""
    return asked.services.manuscripts.listed(asked.visitor)


@router.post("/manuscripts")
def create(body: Body, asked: Asking) -> dict[str, Any]:
    """A new one, called {"title"}."""
    return asked.services.manuscripts.create(asked.visitor, take(body, "title", str))


@router.post("/manuscripts/restore")
def restore(body: Body, asked: Asking) -> dict[str, Any]:
    """One back from the trash, by its {"ticket"}."""
    return asked.services.manuscripts.restore(asked.visitor, take(body, "ticket", str))


@router.get("/manuscripts/{wanted}")
def read(wanted: str, asked: Asking) -> dict[str, Any]:
    """Its text, how many changes made it, the ranges that are a model's words, and the last change's mark."""
    facts, found = asked.services.manuscripts.read(asked.visitor, wanted)
    return facts | {"text": found.text, "version": found.version, "models": found.models, "mark": found.mark}


@router.patch("/manuscripts/{wanted}")
def save(wanted: str, body: Body, asked: Asking) -> dict[str, int]:
    """Make {"changes"} to the text of {"base_version"}: {"version"} after them, or 409 if another window was first."""
    rows = take(body, "changes", list)
    if len(rows) > MOST_CHANGES:
        raise BadSettings("wrong_kind", f"at most {MOST_CHANGES} changes at once", name="changes")
    changes = [change_of(row) for row in rows]
    version = asked.services.manuscripts.save(asked.visitor, wanted, changes, take(body, "base_version", int))
    return {"version": version}


@router.post("/manuscripts/{wanted}/rename")
def rename(wanted: str, body: Body, asked: Asking) -> dict[str, Any]:
    """Call it {"title"}."""
    return asked.services.manuscripts.rename(asked.visitor, wanted, take(body, "title", str))


@router.delete("/manuscripts/{wanted}")
def discard(wanted: str, asked: Asking) -> dict[str, str]:
    """Into the trash; the ticket brings it back."""
    return {"ticket": asked.services.manuscripts.discard(asked.visitor, wanted)}


@router.get("/openings/{bundle}")
def opening(bundle: str, asked: Asking) -> dict[str, str]:
    """What a model would begin with."""
    return {"text": asked.services.manuscripts.opening(asked.visitor, bundle)}


def change_of(row: object) -> Change:
    """A change as a page sends it; raises BadSettings."""
    if not isinstance(row, dict):
        raise BadSettings("wrong_kind", "a change must be an object", name="changes")
    by = take(row, "by", str, WRITER)
    if by not in (WRITER, MODEL):
        raise BadSettings("unknown_choice", "by must be writer or model", name="by", value=by[:LONGEST_NAME])
    splice = Splice(take(row, "at", int), take(row, "removed", int), take(row, "inserted", str))
    return Change(splice, by, take(row, "mark", str, "")[:LONGEST_NAME], _origin(row))


def _origin(row: dict[str, Any]) -> dict[str, Any]:
    """With what a model's words were made; nothing else is taken into the history."""
    origin: dict[str, Any] = {}
    if "bundle" in row:
        origin["bundle"] = take(row, "bundle", str)[:LONGEST_NAME]
    if "seed" in row:
        origin["seed"] = take(row, "seed", int)
    if "settings" in row:
        numbers = take(row, "settings", dict).items()
        origin["settings"] = {str(name)[:40]: value for name, value in numbers if _is_storable(value)}
    return origin


def _is_storable(value: object) -> bool:
    """Whether it is a number that JSON has."""
    return isinstance(value, int | float) and math.isfinite(value)
