"""The studio as one web application: its own routes first, then a page for each language, behind one door."""

import contextlib
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Scope

from pipelines.engine import STATUSES
from pipelines.errors import StudioError
from pipelines.files import NO_SPACE, READ_ONLY
from pipelines.gate import Rules
from studio import charts, routes
from studio.arrivals import LARGEST_BYTES
from studio.doors import HEADERS, Door
from studio.events import explain
from studio.heads import Head
from studio.routes.asking import language_of
from studio.services import Services
from studio.shell import build_page
from studio.theme import make_theme
from studio.words import LANGUAGES, load_words, preferred

logger = logging.getLogger("moxu")
ASSETS = Path(__file__).resolve().parents[1] / "assets"
LANGUAGE_COOKIE = "moxu-language"
# Gradio looks a thousand times a second for queued events otherwise, which costs 6-8 % of a core for ever (gradio.md §2b).
QUEUE_SECONDS = 0.1
STYLES = ("style", "library", "cleaning", "outline", "training", "writing", "shelf")
HEAD = '<link rel="icon" type="image/svg+xml" href="/assets/seal.svg">' + "".join(
    f'<link rel="stylesheet" href="/assets/{name}.css">' for name in STYLES
)
# Gradio adds its `head` after it has chosen theme and language and built the tabs; this is there before.
FIRST = "".join(f'<script src="/assets/{name}.js"></script>' for name in ("page", "controls"))


class Fresh(StaticFiles):
    """Our own files; a browser asks each time whether its copy is still right, so that no page mixes old scripts with new."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def make_app(services: Services, host: str) -> FastAPI:
    """The application over these services, for a server that listens on `host`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    app.state.services = services
    app.add_exception_handler(StudioError, answer_error)
    app.add_exception_handler(OSError, answer_unwritable)
    app.add_exception_handler(Exception, answer_bug)
    app.include_router(routes.router)
    app.add_api_route("/", home, methods=["GET", "HEAD"])
    app.add_api_route("/assets/plotly.min.js", plotly_script, methods=["GET"])
    app.add_api_route("/manifest.json", manifest, methods=["GET"])
    app.add_api_route("/favicon.ico", icon, methods=["GET"])
    app.mount("/assets", Fresh(directory=ASSETS))
    for language in LANGUAGES:
        _mount(app, services, language)
    app.add_middleware(Head, paths=[f"/{language}/" for language in LANGUAGES], head=FIRST)
    app.add_middleware(Door, rules=Rules(host))
    return app


@contextlib.asynccontextmanager
async def living(app: FastAPI) -> AsyncGenerator[None]:
    """While the server runs; its engines end with it, also by a signal, after which nothing else would run."""
    yield
    await run_in_threadpool(app.state.services.close)


def _mount(app: FastAPI, services: Services, language: str) -> None:
    blocks = build_page(services, load_words(language))
    blocks.queue(api_open=False, default_concurrency_limit=4)
    # A private attribute; a test holds that it is still there.
    blocks._queue.sleep_when_free = QUEUE_SECONDS
    gr.mount_gradio_app(
        app,
        blocks,
        f"/{language}",
        theme=make_theme(),
        head=HEAD,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        max_file_size=LARGEST_BYTES,
        blocked_paths=[str(services.workspace.root)],
    )


async def home(request: Request) -> RedirectResponse:
    """To the page in the language that was chosen here before, else the browser's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    language = chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{language}/{query}", headers={"Cache-Control": "no-store"})


async def plotly_script() -> FileResponse:
    """Plotly from the installed package, so that charts need no network."""
    return FileResponse(charts.SCRIPT, media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


async def manifest() -> FileResponse:
    """What a browser asks for that offers to keep the studio like a program; Gradio's pages name it."""
    return FileResponse(ASSETS / "manifest.json", media_type="application/manifest+json")


async def icon() -> FileResponse:
    """The seal, for browsers that ask by habit."""
    return FileResponse(ASSETS / "seal.svg", media_type="image/svg+xml")


async def answer_error(request: Request, error: Exception) -> JSONResponse:
    """An error of a route as a code and a sentence in the page's language."""
    if not isinstance(error, StudioError):
        raise error
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    sentence = load_words(language_of(request)).error(error)
    return JSONResponse({"error": {"code": error.code, "message": sentence}}, status)


async def answer_unwritable(request: Request, error: Exception) -> JSONResponse:
    """A full or read-only disk as a sentence, without a traceback for every try to save; what else the system says is a bug."""
    if not (isinstance(error, OSError) and error.errno in NO_SPACE | READ_ONLY):
        raise error
    code = "disk_full" if error.errno in NO_SPACE else "read_only"
    sentence = explain(load_words(language_of(request)), error)
    return JSONResponse({"error": {"code": code, "message": sentence}}, 507)


async def answer_bug(request: Request, error: Exception) -> JSONResponse:
    """What nobody foresaw in a route, as a sentence; it is answered outside of the door."""
    sentence = explain(load_words(language_of(request)), error)
    return JSONResponse({"error": {"code": "bug", "message": sentence}}, 500, headers=HEADERS)
