"""Open the studio: `python app.py`, then http://127.0.0.1:7860. Trainings are processes of their own and outlive it."""

import argparse
import asyncio
import contextlib
import ipaddress
import logging
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn

from pipelines import trash
from pipelines.command import Parser, Result, execute, parser, workspace_of
from pipelines.errors import BadSettings, Forbidden
from pipelines.serve import BACKLOG, bind, ending_on_sigterm, url_of
from studio.arrivals import open_arrivals

if TYPE_CHECKING:
    from fastapi import FastAPI

PORT = 7860
FAREWELL_SECONDS = 2


def make_parser() -> Parser:
    """The flags of the studio (design.md §3)."""
    made = parser("app", "Open the studio in a browser.")
    made.prog = "app.py"
    made.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on; only this machine's own")
    made.add_argument("--port", type=int, default=PORT, metavar="PORT", help=f"default {PORT}; 0 takes a free one")
    made.add_argument("--mode", default="local", choices=("local", "team", "public"), help="who uses it; only local for now")
    made.add_argument("--share", action="store_true", help="refused until there are accounts")
    return made


def require_local(arguments: argparse.Namespace) -> None:
    """Refuse whatever would let others in; raises Forbidden or BadSettings."""
    if not 0 <= arguments.port <= 65535:
        raise BadSettings(
            "out_of_range",
            f"port must be within 0..65535, got {arguments.port}",
            name="port",
            value=arguments.port,
            allowed="0–65535",
        )
    wish = "--share" if arguments.share else f"--mode {arguments.mode}" if arguments.mode != "local" else ""
    if not wish and not is_loopback(arguments.host):
        wish = f"--host {arguments.host}"
    if wish:
        message = f"{wish} would let others use everything here, since the studio has no accounts yet"
        raise Forbidden("no_accounts", message, "leave it away; the studio listens on 127.0.0.1", wish=wish)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def act(arguments: argparse.Namespace) -> Result:
    """Serve until Ctrl-C."""
    require_local(arguments)
    workspace = workspace_of(arguments)
    trash.sweep(workspace)
    # uvicorn hands a signal on when it has ended, so that all that is open here closes.
    with ending_on_sigterm(), bind(arguments.host, arguments.port) as bound, open_arrivals():
        # Gradio takes seconds to import, and neither --help nor a refusal needs it.
        from studio.server import make_app
        from studio.services import open_services

        with contextlib.closing(open_services(workspace)) as services:
            server = uvicorn.Server(configuration(make_app(services, arguments.host)))
            threading.Thread(target=services.trainings.take_up, name="take-up", daemon=True).start()
            bound.listen(BACKLOG)
            url = url_of(bound, arguments.host)
            print(f"Moxu is open at {url} · Ctrl-C closes it, trainings go on", file=sys.stderr, flush=True)
            try:
                server.run([bound])
            except KeyboardInterrupt:
                raise KeyboardInterrupt("Moxu is closed; trainings go on") from None
    return {}, ""


def configuration(application: "FastAPI") -> uvicorn.Config:
    """How the web server runs: quiet, and not waiting long for pages that stay open."""
    made = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(is_news)
    return made


def is_news(record: logging.LogRecord) -> bool:
    """Whether a line of the server's log tells anything; that it let go of open pages at the end does not."""
    let_go = record.exc_info and record.exc_info[0] and issubclass(record.exc_info[0], asyncio.CancelledError)
    return not let_go and "graceful shutdown exceeded" not in record.getMessage()


def main(argv: list[str] | None = None) -> int:
    """The command `app.py`."""
    return execute(make_parser(), argv, act)


if __name__ == "__main__":
    sys.exit(main())
