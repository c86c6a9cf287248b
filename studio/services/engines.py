"""The engines that write for the pages: one process for a bundle, started when somebody writes, at most two at a time.

A crash of one costs a sentence, never a page: the next who asks has a new one. The studio ends its engines when it closes; one
whose studio was killed ends by itself when nobody asks.
"""

import asyncio
import atexit
import contextlib
import json
import threading
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from models import bundle
from pipelines import shelf
from pipelines.errors import BrokenArtifact, NotFound, StudioError
from pipelines.folders import list_folders
from pipelines.serve_settings import ServeSettings
from pipelines.workspace import Workspace
from studio import access
from studio.access import Visitor
from studio.services.engine_process import EngineFailed, EngineProcess

MOST_LOADED = 2
CONNECT_SECONDS = 5
FAREWELL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that a visitor may write with, and its bits per character on held-out text, if they are known."""

    id: str
    title: str
    bits: float | None


class Engines:
    """The engines of a workspace; safe to ask from any thread and any event loop."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        # By bundle, the one that was asked last at the end.
        self._loaded: dict[str, EngineProcess] = {}
        self._lock = threading.Lock()
        atexit.register(self.close)

    def bundles(self, visitor: Visitor) -> list[Offered]:
        """The models that the visitor may write with, the newest first; damaged ones are the shelf's matter."""
        folders = [path for path in list_folders(self.workspace.bundles) if (path / bundle.CONFIG).exists()]
        folders.sort(key=lambda path: (path / bundle.CONFIG).stat().st_mtime, reverse=True)
        offered = []
        for folder in folders:
            with contextlib.suppress(BrokenArtifact, OSError):
                if access.may(visitor, "use", access.thing_of(self.workspace.bundle_meta(folder))):
                    offered.append(_offered(self.workspace, folder))
        return offered

    def folder(self, visitor: Visitor, bundle_id: str) -> Path:
        """The folder of a bundle that the visitor may write with.

        Raises NotFound, Forbidden, or BrokenArtifact before a process is started for nothing.
        """
        folder = self.workspace.bundle(bundle_id)
        if folder.name != bundle_id:
            raise NotFound("no_bundle", f"there is no bundle {bundle_id!r}", "choose another", wanted=bundle_id)
        access.require(visitor, "use", access.thing_of(self.workspace.bundle_meta(folder)))
        bundle.require_weights(folder, bundle.read(folder).shape)
        return folder

    def open(self, visitor: Visitor, bundle_id: str) -> EngineProcess:
        """The engine of a bundle, starting if there is none; two who ask at once get the same."""
        folder = self.folder(visitor, bundle_id)
        with self._lock:
            engine = self._loaded.pop(folder.name, None)
            if engine is None or not engine.alive:
                self._make_room()
                engine = EngineProcess(self.workspace, folder.name)
            self._loaded[folder.name] = engine
            return engine

    def forget(self, engine: EngineProcess) -> None:
        """End an engine that is of no use any more, so that the next who asks has a new one."""
        with self._lock:
            if self._loaded.get(engine.bundle) is engine:
                del self._loaded[engine.bundle]
        engine.end()

    def close(self) -> None:
        """End all of them, and wait for it."""
        with self._lock:
            engines, self._loaded = list(self._loaded.values()), {}
        for engine in engines:
            engine.end()
        deadline = time.monotonic() + FAREWELL_SECONDS
        for engine in engines:
            engine.join(max(0.0, deadline - time.monotonic()))
        atexit.unregister(self.close)

    async def continue_text(self, visitor: Visitor, bundle_id: str, asked: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        """What the engine says while it writes on: first a state, then all candidates again and again, as `pipelines.engine`.

        Closing it closes the engine's request. Raises StudioError, also in the middle.
        """
        for attempt in (1, 2):
            engine = await asyncio.to_thread(self.open, visitor, bundle_id)
            begun = False
            try:
                async for row in _answer(engine, asked):
                    begun = begun or "candidates" in row
                    yield row
                return
            except EngineFailed as error:
                self.forget(engine)
                # One that ended between two requests, as idle ones do, costs nobody a sentence.
                if begun or attempt == 2 or error.code != "engine_died":
                    raise

    def _make_room(self) -> None:
        """End the engines that were asked longest ago, those that write now last."""
        self._loaded = {name: engine for name, engine in self._loaded.items() if engine.alive}
        by_need = sorted(self._loaded, key=lambda name: self._loaded[name].asking > 0)
        for name in by_need[: max(0, len(by_need) - MOST_LOADED + 1)]:
            self._loaded.pop(name).end()


def _offered(workspace: Workspace, folder: Path) -> Offered:
    known = shelf.describe(workspace, folder)
    bits = known["scores"].get("bits_per_character")
    return Offered(known["id"], known["title"], bits if isinstance(bits, int | float) else None)


async def _answer(engine: EngineProcess, asked: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
    """One request to one engine."""
    with engine.asked() as before:
        state = "loading" if not engine.ready.done() else "queued" if before else "reading"
        yield {"state": state, "before": before}
        # Shielded, since others may wait for the same start.
        url = await asyncio.shield(asyncio.wrap_future(engine.ready))
        row: dict[str, Any] = {}
        try:
            async for row in _ask(url, engine.token, asked):
                yield row
        except httpx.TransportError as error:
            raise _lost(engine) from error
        if engine.yielded or not all(one["reason"] for one in row.get("candidates", [{"reason": None}])):
            raise _lost(engine)


async def _ask(url: str, token: str, asked: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
    """The rows of the engine's answer; raises what it refuses as a StudioError."""
    timeout = httpx.Timeout(CONNECT_SECONDS, read=None)
    # The machine's proxies and certificates have no part in speaking to a process of our own.
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=timeout) as client:
        headers = {"Authorization": f"Bearer {token}"}
        async with client.stream("POST", f"{url}/continue", json=asked, headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                raise _refused(await answer.aread())
            async for line in answer.aiter_lines():
                row = json.loads(line)
                if "error" in row:
                    raise _refused(line.encode())
                yield row


def _refused(body: bytes) -> StudioError:
    """What the engine says in its own error as one of ours."""
    error = json.loads(body)["error"]
    if error["code"] == "closing":
        return EngineFailed("engine_died", "the engine ended", "ask again; it starts anew")
    return EngineFailed(error["code"], error["message"], waiting=ServeSettings().waiting)


def _lost(engine: EngineProcess) -> EngineFailed:
    """Why an engine broke off."""
    if engine.yielded:
        message = "a training needs the GPU, so the engine left it"
        return EngineFailed("engine_yielded", message, "ask again; it then writes on the CPU, and slower")
    return EngineFailed("engine_died", "the engine ended unexpectedly", "what it wrote is kept; ask again, and it starts anew")
