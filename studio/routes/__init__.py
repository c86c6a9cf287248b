"""The studio's own routes beside the pages: health, curves, manuscripts, continuations, downloads. Each asks access.py."""

from fastapi import APIRouter

from pipelines import VERSION
from studio.routes import continuations, curves, downloads, manuscripts

router = APIRouter()
for part in (curves, manuscripts, continuations, downloads):
    router.include_router(part.router)


@router.get("/health")
async def health() -> dict[str, str]:
    """That the studio is ready."""
    return {"status": "ok", "moxu": VERSION}
