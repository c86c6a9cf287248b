"""POST /api/continue {"bundle", "prompt", any of SamplingSettings} -> JSON lines: states, all candidates again and again.

{"state": "loading" | "queued" | "reading", "before": how many are before}
{"candidates": [{"text", "reason"}], "seed", "tokens_per_second"}
{"error": {"code", "message"}}        in the page's language, always the last
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from pipelines import settings
from pipelines.engine import Lines
from pipelines.errors import StudioError
from pipelines.sampling_settings import SamplingSettings, with_seed
from studio.routes.asking import Asking
from studio.routes.bodies import Body, take
from studio.words import Words

# More than any of our networks can look back.
LONGEST_PROMPT = 8000

router = APIRouter(prefix="/api")


@router.post("/continue")
async def continue_text(body: Body, asked: Asking) -> Response:
    """Write on; what is wrong with the wish has its own status, what breaks later is the last line."""
    bundle, prompt = take(body, "bundle", str), take(body, "prompt", str)
    wished = {name: value for name, value in body.items() if name not in ("bundle", "prompt")}
    chosen = with_seed(settings.from_request(SamplingSettings(), wished))
    wish = {"prompt": prompt[-LONGEST_PROMPT:]} | settings.to_json(chosen)
    rows = asked.services.engines.continue_text(asked.visitor, bundle, wish)
    # The first is a state and comes at once, so that a model that is gone has its own status.
    first = await anext(rows)
    return Lines(line_of(first), lines(rows, asked.words))


async def lines(rows: AsyncGenerator[dict[str, Any]], words: Words) -> AsyncGenerator[str]:
    """The rows as lines; an error is a line, too."""
    async with aclosing(rows):
        try:
            async for row in rows:
                yield line_of(row)
        except StudioError as error:
            yield line_of({"error": {"code": error.code, "message": words.error(error)}})


def line_of(row: dict[str, Any]) -> str:
    """A row as a JSON line."""
    return json.dumps(row, ensure_ascii=False) + "\n"
