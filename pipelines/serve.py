"""The engine process: one finished model behind HTTP, until a signal or idleness ends it; without torch until it loads.

python -m pipelines.serve BUNDLE [--host 127.0.0.1] [--port 8000] [--token TOKEN] [--idle-minutes N]

What it answers is `pipelines.engine`, who may ask `pipelines.gate`. With --json the one object is printed when it listens.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import json
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn

from pipelines import leash, settings
from pipelines.command import GOOD, INTERRUPTED, Parser, Result, execute, parser, workspace_of
from pipelines.desk import Desk
from pipelines.engine import Engine, make_app
from pipelines.errors import BadSettings, Conflict, Forbidden
from pipelines.gate import Rules
from pipelines.generate import find_bundle
from pipelines.serve_settings import TOKEN_VARIABLE, ServeSettings, with_token

BACKLOG = 128
# Connections that are still being answered when the engine ends get so long to be told.
FAREWELL_SECONDS = 2
# A network's reading of a long prompt cannot be interrupted; the process does not wait for it longer than this.
LAST_SECONDS = 5.0
ORIGIN = re.compile(r"https?://[^/\s]+")


class Server(uvicorn.Server):
    """uvicorn's server, which closes the desk before it waits for the answers, and in any case ends."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self.desk = desk
        self.code = GOOD

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.code = INTERRUPTED if sig == signal.SIGINT else GOOD
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.desk.close()
        last = threading.Timer(LAST_SECONDS, os._exit, [self.code])
        last.daemon = True
        last.start()
        await super().shutdown(sockets)

    async def serve_until_idle(self, listener: socket.socket, idle_seconds: float) -> None:
        """Serve until a signal, or until nobody has been at the desk for so long; 0 waits for ever."""
        watching = asyncio.create_task(self._end_when_idle(idle_seconds)) if idle_seconds else None
        await self.serve([listener])
        if watching is not None:
            watching.cancel()

    async def _end_when_idle(self, seconds: float) -> None:
        while (idle := self.desk.idle_seconds()) < seconds:
            await asyncio.sleep(max(0.05, seconds - idle))
        self.should_exit = True


def open_engine(folder: Path, device: str, waiting: int) -> Engine:
    """Load a bundle behind a desk; raises BrokenArtifact or BadSettings."""
    # torch takes a second to import, and `--help` needs none.
    from pipelines.placement import place
    from pipelines.writer import Writer

    computed_on, torch_device = place(device)
    return Engine(Desk(Writer.open(folder, torch_device).continue_text, waiting), folder.name, computed_on.name)


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to the address, not yet listening; raises Conflict if it is taken, BadSettings for no address."""
    try:
        # An empty name would stand for every address there is.
        found = socket.getaddrinfo(host or ".", port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = f"{host!r} is no address of this machine"
        raise BadSettings("bad_host", message, "use 127.0.0.1, or 0.0.0.0 for every network", value=host) from error
    # A name may stand for several addresses; people expect localhost to be 127.0.0.1.
    family, kind, _, _, address = min(found, key=lambda row: row[0] != socket.AF_INET)
    bound = socket.socket(family, kind)
    with _sentence(host, port, bound):
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    return bound


@contextlib.contextmanager
def _sentence(host: str, port: int, bound: socket.socket) -> Generator[None]:
    """Turn what the system says of an address that cannot be had into a sentence, and close the socket."""
    try:
        yield
    except OSError as error:
        bound.close()
        message = f"{host} port {port} cannot be listened on ({error.strerror})"
        raise Conflict(
            "port_taken", message, "end what uses it, or choose another --port; 0 takes a free one", port=port
        ) from error


def rules_of(chosen: ServeSettings, bound: socket.socket) -> Rules:
    """Who may ask; raises Forbidden for an open door to other machines, BadSettings for an origin that is none."""
    address = ipaddress.ip_address(bound.getsockname()[0].partition("%")[0])
    if not address.is_loopback and chosen.token is None:
        message = f"on {chosen.host} other machines reach the engine, so it needs a token"
        raise Forbidden("needs_token", message, f"set {TOKEN_VARIABLE}, or listen on 127.0.0.1", host=chosen.host)
    origins = tuple(origin.rstrip("/") for origin in chosen.origin)
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            message = f"origin must be a site like https://example.org, got {origin!r}"
            raise BadSettings("bad_origin", message, name="origin", value=origin)
    return Rules(chosen.host, chosen.token, origins)


def url_of(bound: socket.socket, host: str) -> str:
    """Where clients reach it."""
    return f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"


def serve(engine: Engine, rules: Rules, listener: socket.socket, idle_seconds: float) -> None:
    """Answer until the end; Ctrl-C raises KeyboardInterrupt."""
    config = uvicorn.Config(
        make_app(engine, rules),
        access_log=False,
        log_level="error",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL_SECONDS,
        ws="none",
    )
    asyncio.run(Server(config, engine.desk).serve_until_idle(listener, idle_seconds))


def announce(engine: Engine, url: str, as_json: bool) -> None:
    """Say where it listens, in time for whoever started it and waits for the line."""
    facts = {"url": url, "pid": os.getpid(), "bundle": engine.bundle, "device": engine.device}
    line = f"{engine.bundle} writes at {url} on {engine.device}; Ctrl-C ends it"
    print(json.dumps(facts, ensure_ascii=False) if as_json else line, flush=True)


def act(arguments: argparse.Namespace) -> Result:
    if arguments.on_leash:
        leash.end_with_stdin()
    chosen = with_token(settings.from_flags(ServeSettings(), arguments))
    folder = find_bundle(workspace_of(arguments), arguments.bundle)
    with ending_on_sigterm(), bind(chosen.host, chosen.port) as bound:
        rules = rules_of(chosen, bound)
        engine = open_engine(folder, arguments.device, chosen.waiting)
        with _sentence(chosen.host, chosen.port, bound):
            bound.listen(BACKLOG)
        announce(engine, url_of(bound, chosen.host), getattr(arguments, "json", False))
        serve(engine, rules, bound, 60 * chosen.idle_minutes)
    return {}, ""


@contextlib.contextmanager
def ending_on_sigterm() -> Generator[None]:
    """SIGTERM ends the command as it should, also while it loads; the server puts its own handler over this one."""
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(_: int, __: FrameType | None) -> NoReturn:
    """SIGTERM is the ordinary end of an engine."""
    raise SystemExit(GOOD)


def make_parser() -> Parser:
    made = parser("serve", "Answer over HTTP with a finished model.")
    made.add_argument("bundle", metavar="BUNDLE", help="id of a bundle, or the path of its folder")
    made.add_argument("--device", default="auto", metavar="DEVICE", help="auto, cpu, or a GPU's number")
    made.add_argument("--on-leash", action="store_true", help="end when stdin ends, as for a program that starts an engine")
    settings.add_flags(made, ServeSettings)
    return made


def main(argv: list[str] | None = None) -> int:
    return execute(make_parser(), argv, act)


if __name__ == "__main__":
    sys.exit(main())
