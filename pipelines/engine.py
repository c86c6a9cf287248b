"""What the engine answers over HTTP: the routes around one desk, and every error as a code and a sentence.

    GET  /health      that it lives, with which bundle, on which device
    POST /generate    {"context", "maxlength", "samples"} -> a bare list of texts, as the book's service
    POST /continue    {"prompt", any of SamplingSettings} -> JSON lines, each all candidates so far

Who may ask is the gate's matter. Prompts and texts are written into no log.
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from pipelines import VERSION, settings
from pipelines.desk import Busy, Desk, closing
from pipelines.errors import BadSettings, BrokenArtifact, Conflict, Forbidden, NotFound, StudioError
from pipelines.gate import Gate, Rules, refuse
from pipelines.sampling_settings import LONGEST, MOST_CANDIDATES, SamplingSettings, with_seed
from pipelines.settings import option

if TYPE_CHECKING:
    from pipelines.writer import Update

# The first that fits; what is left is a mistake in what was asked.
STATUSES: tuple[tuple[type[StudioError], int], ...] = (
    (Busy, 503),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (BrokenArtifact, 500),
    (StudioError, 422),
)


@dataclass(frozen=True, slots=True)
class BookSettings:
    """Settings of `POST /generate`, with the names and the example's values of the book's service."""

    maxlength: int = option(50, "new characters of each text, the context not counted", minimum=1, maximum=LONGEST)
    samples: int = option(5, "texts written side by side", minimum=1, maximum=MOST_CANDIDATES)


@dataclass(frozen=True, slots=True)
class Engine:
    """What the routes stand on: the desk, and what /health says of it."""

    desk: Desk
    bundle: str
    device: str


router = APIRouter()


def engine_of(request: Request) -> Engine:
    """The engine of an app; the seam where another app puts its own."""
    return request.app.state.engine


TheEngine = Annotated[Engine, Depends(engine_of)]


@router.get("/health")
async def health(engine: TheEngine) -> dict[str, str]:
    """That the engine lives, also while it writes."""
    return {"status": "ok", "bundle": engine.bundle, "device": engine.device}


@router.post("/generate", response_model=None)
async def generate(
    asked: dict[str, Any], engine: TheEngine, timed: Annotated[bool, Query(alias="time")] = False
) -> list[str] | dict[str, Any]:
    """Texts that begin with the context; with ?time=1 as the published code of the book answers, beside the seconds."""
    context = take_text(asked, "context")
    book = settings.from_request(BookSettings(), asked)
    begun = time.monotonic()
    last = await write_whole(engine.desk, context, SamplingSettings(length=book.maxlength, candidates=book.samples))
    texts = [context + one.text for one in last.candidates]
    return {"result": texts, "time": round(time.monotonic() - begun, 3)} if timed else texts


@router.post("/continue")
async def continue_text(asked: dict[str, Any], engine: TheEngine) -> Response:
    """A stream of JSON lines: {"candidates": [{"text", "reason"}], "seed", "tokens_per_second"}, the last with all reasons."""
    prompt = take_text(asked, "prompt")
    lines = stream(engine.desk, prompt, settings.from_request(SamplingSettings(), asked))
    # The first is waited for here, so that a mistake has its own status instead of a line in a good answer.
    return Lines(await anext(lines), lines)


def take_text(asked: dict[str, Any], name: str) -> str:
    """Take the text `name` out of what was asked, leaving the settings; raises BadSettings."""
    if name not in asked:
        raise BadSettings("missing", f"{name} is missing, the text to write on from; it may be empty", name=name)
    text = asked.pop(name)
    if not isinstance(text, str):
        raise BadSettings("wrong_kind", f"{name} must be a text", name=name)
    return text


async def write_whole(desk: Desk, prompt: str, chosen: SamplingSettings) -> "Update":
    """All candidates when they are finished; raises Busy if the engine ended before they were."""
    last = None
    with desk.writing(prompt, with_seed(chosen)) as writing:
        async for update in writing.updates():
            last = update
    if last is None or any(one.reason == "stopped" for one in last.candidates):
        raise closing()
    return last


async def stream(desk: Desk, prompt: str, chosen: SamplingSettings) -> AsyncGenerator[str]:
    """A JSON line for each state of the candidates; an error after the first is a line, too, and the last."""
    begun = False
    with desk.writing(prompt, with_seed(chosen)) as writing:
        try:
            async for update in writing.updates():
                yield line_of(update)
                begun = True
        except StudioError as error:
            if not begun:
                raise
            yield json.dumps({"error": {"code": error.code, "message": error.sentence}}, ensure_ascii=False) + "\n"


def line_of(update: "Update") -> str:
    """A state of all candidates as a JSON line."""
    candidates = [{"text": one.text, "reason": one.reason} for one in update.candidates]
    row = {"candidates": candidates, "seed": update.seed, "tokens_per_second": round(update.tokens_per_second, 1)}
    return json.dumps(row, ensure_ascii=False) + "\n"


class Lines(StreamingResponse):
    """A stream of JSON lines whose source is closed, and so leaves the desk, however the response ends."""

    def __init__(self, first: str, rest: AsyncGenerator[str]) -> None:
        self.rest = rest
        super().__init__(self._all(first), media_type="application/x-ndjson", headers={"Cache-Control": "no-store"})

    async def _all(self, first: str) -> AsyncIterator[str]:
        yield first
        async for line in self.rest:
            yield line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self.rest):
            await super().__call__(scope, receive, send)


def make_app(engine: Engine, rules: Rules) -> FastAPI:
    """The engine's application: routes, errors, and the gate before them all."""
    # The pages of documentation that FastAPI offers load their scripts from elsewhere; /openapi.json is all here.
    app = FastAPI(title="Moxu engine", version=VERSION, docs_url=None, redoc_url=None)
    app.state.engine = engine
    app.include_router(router)
    app.exception_handler(StudioError)(tell_mistake)
    app.exception_handler(RequestValidationError)(tell_unreadable)
    app.exception_handler(HTTPException)(tell_status)
    app.exception_handler(Exception)(tell_bug)
    app.add_middleware(Gate, rules=rules)
    if rules.origins:
        headers = ["Authorization", "Content-Type"]
        app.add_middleware(CORSMiddleware, allow_origins=rules.origins, allow_methods=["GET", "POST"], allow_headers=headers)
    return app


async def tell_mistake(_: Request, error: StudioError) -> JSONResponse:
    """One of our errors: its status, code and sentence."""
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    return refuse(status, error.code, error.sentence, {"Retry-After": "1"} if status == 503 else None)


async def tell_unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
    """A request that is no JSON object, or a query that is not what it must be; what was sent is not repeated."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return refuse(400, "not_json", "the body is not JSON")
    if first["loc"][0] == "query":
        return refuse(422, "bad_query", f"?{first['loc'][-1]} must be 1 or 0")
    return refuse(422, "not_an_object", "the body must be a JSON object, sent with the header `Content-Type: application/json`")


async def tell_status(_: Request, error: HTTPException) -> JSONResponse:
    """What the routing itself refuses, or a body that cannot be parsed at all."""
    known = {400: "the body is not JSON", 404: "there is no such page here", 405: "this page is asked in another way"}
    return refuse(error.status_code, f"http_{error.status_code}", known.get(error.status_code, error.detail))


async def tell_bug(_: Request, __: Exception) -> JSONResponse:
    """A bug: its traceback goes to the engine's own log, by the server."""
    return refuse(500, "bug", "the engine made a mistake, which stands in its log; the same request may do better later")
