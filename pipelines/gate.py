"""Who may ask the engine: a gate before every route, which reads a request whole and lets go of one whose client left.

Host: only names of this machine, so that a web page cannot reach in by a name of its own (DNS rebinding). Origin: no foreign
page, unless named. Token: everything but /health. Size: 2 MB. Knows nothing of writing.
"""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY_BYTES = 2_000_000
# What is too large is read on and dropped up to here, so that the client is still there to read the answer.
PATIENCE_BYTES = 32 * LARGEST_BODY_BYTES
PATIENCE_SECONDS = 30
OPEN_PATH = "/health"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the gate asks for.

    `token` is None where none is needed; `host` is the address that the engine was told to listen on.
    """

    host: str
    token: str | None = None
    origins: tuple[str, ...] = ()

    def refusal(self, scope: Scope) -> JSONResponse | None:
        """Why this request may not pass, if it may not."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(host):
            return refuse(403, "foreign_host", "this engine does not answer to the name in the Host header")
        if scope["method"] not in SAFE_METHODS and origin is not None and not self._is_welcome(origin, host):
            return refuse(
                403, "foreign_origin", "pages of other sites may not ask here; start the engine with --origin for yours"
            )
        if scope["path"] != OPEN_PATH and not self._holds_token(headers.get("authorization", "")):
            message = "this engine needs its token, as the header `Authorization: Bearer TOKEN`"
            return refuse(401, "no_token", message, {"WWW-Authenticate": "Bearer"})
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether a Host header is a name of this machine; of one that listens everywhere, any bare address is."""
        name = host_name(host)
        return name in LOCAL_HOSTS or name == self.host.lower() or (is_address(name) and listens_everywhere(self.host))

    def _is_welcome(self, origin: str, host: str) -> bool:
        return origin in self.origins or origin.partition("://")[2] == host

    def _holds_token(self, authorization: str) -> bool:
        if self.token is None:
            return True
        kind, _, shown = authorization.partition(" ")
        # Compared in constant time, as bytes, for a str with other than ASCII raises.
        return kind.lower() == "bearer" and hmac.compare_digest(shown.encode(), self.token.encode())


def host_name(host: str) -> str:
    """`[::1]:8000` -> `::1`; nothing for what is no host."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Whether a name is a bare IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def listens_everywhere(host: str) -> bool:
    return is_address(host) and ipaddress.ip_address(host).is_unspecified


def refuse(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as every client gets it: a code and a sentence."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


class Gate:
    """ASGI middleware before all routes."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self.rules.refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                body = await read_body(receive)
        except TimeoutError:
            message = f"the request did not arrive within {PATIENCE_SECONDS} seconds"
            await refuse(408, "too_slow", message)(scope, receive, send)
        except Oversized:
            message = f"the request is larger than {LARGEST_BODY_BYTES // 1_000_000} MB; send only the end of the text"
            await refuse(413, "too_large", message)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await while_listened(self.app(scope, _Replay(body), send), receive)


class Oversized(Exception):
    """A body of more than LARGEST_BODY_BYTES."""


async def read_body(receive: Receive) -> bytes:
    """The whole body; raises Oversized, or ClientDisconnect if the client leaves before it has asked."""
    body, size, more = bytearray(), 0, True
    while more and size <= PATIENCE_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
        if size <= LARGEST_BODY_BYTES:
            body += message.get("body", b"")
    if size > LARGEST_BODY_BYTES:
        raise Oversized
    return bytes(body)


class _Replay:
    """The `receive` of a request that was read already: its body, then nothing for ever, for the gate listens itself."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body

    async def __call__(self) -> Message:
        if self._body is None:
            await asyncio.Event().wait()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def while_listened(answer: Awaitable[None], receive: Receive) -> None:
    """Answer; if the client leaves before the end, the answer is cancelled wherever it is, in line or writing."""
    answering = asyncio.ensure_future(answer)
    listening = asyncio.ensure_future(_until_disconnect(receive))
    try:
        await asyncio.wait({answering, listening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # A server says "disconnect" also when the answer is complete; to cancel what is left of it then does no harm.
        for task in (answering, listening):
            task.cancel()
        await asyncio.wait({answering, listening})
    if not answering.cancelled():
        answering.result()


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
