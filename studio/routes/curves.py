"""What the chart asks for while a run learns: the points since it last asked."""

from typing import Any

from fastapi import APIRouter

from studio import access
from studio.routes.asking import Asking

router = APIRouter(prefix="/api")


@router.get("/runs/{run_id}/curve")
def curve(asked: Asking, run_id: str, after: str = "", line: str = "") -> dict[str, Any]:
    """The run's points after the cursor `after` of the file's history `line`; without them all, thinned."""
    access.require(asked.visitor, "see")
    return asked.services.trainings.curve(asked.visitor, run_id, after, line)
