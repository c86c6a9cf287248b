"""The studio's door: who may speak to it at all, and the headers on whatever it answers.

Host: only names of this machine, so that a web page cannot reach in by a name of its own (DNS rebinding). Origin: no foreign
page may change anything. The rules are those of the engine's gate; unlike it, the studio takes large uploads in parts, and
only those: what else Gradio is sent it reads whole into memory, so that is bounded here. The studio's own routes bound theirs.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.gate import LARGEST_BODY_BYTES, SAFE_METHODS, Oversized, Rules, read_body, refuse
from studio import access

UPLOAD_PATH = "/gradio_api/upload"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
}


class Door:
    """ASGI middleware before pages and routes."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = self.rules.refusal(scope) or refused_upload(scope)
        if refusal is None and is_bounded(scope):
            await self._read_first(scope, receive, send_with_headers)
        else:
            await (refusal or self.app)(scope, receive, send_with_headers)

    async def _read_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request whose body is small enough."""
        try:
            body: bytes | None = await read_body(receive)
        except Oversized:
            message = f"a page sends at most {LARGEST_BODY_BYTES // 1_000_000} MB at once"
            await refuse(413, "too_large", message)(scope, receive, send)
            return
        except ClientDisconnect:
            return

        async def replay() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            message, body = {"type": "http.request", "body": body, "more_body": False}, None
            return message

        await self.app(scope, replay, send)


def is_bounded(scope: Scope) -> bool:
    """Whether a request is one that Gradio reads whole: all that brings something but an upload."""
    path = scope["path"]
    return scope["method"] not in SAFE_METHODS and "/gradio_api/" in path and not path.endswith(UPLOAD_PATH)


def refused_upload(scope: Scope) -> JSONResponse | None:
    """Why this visitor may bring no files: Gradio takes them in before any event of ours is asked."""
    if not scope["path"].endswith(UPLOAD_PATH):
        return None
    visitor = access.visitor_from((scope.get("client") or (None,))[0])
    return None if access.may(visitor, "make") else refuse(403, "forbidden", "you may not bring files here")
