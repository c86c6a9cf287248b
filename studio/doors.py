"""The studio's door: who may speak to it at all, and the headers on whatever it answers.

Host: only names of this machine, so that a web page cannot reach in by a name of its own (DNS rebinding). Origin: no foreign
page may change anything. The rules are those of the engine's gate; unlike it, the studio takes large uploads in parts.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.gate import Rules

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

        refusal = self.rules.refusal(scope)
        await (refusal or self.app)(scope, receive, send_with_headers)
