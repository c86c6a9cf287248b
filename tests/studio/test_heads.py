"""What comes first in a page's <head>."""

import asyncio

import pytest
from starlette.responses import HTMLResponse

from studio.heads import Head

PAGE = "<!doctype html><html><head><title>墨续</title></head><body><head></body></html>"


def answer(path, method="GET", headers=()):
    """Ask for a path of an app whose every page is PAGE; returns the headers and the body."""
    seen, sent = [], []

    async def app(scope, receive, send):
        seen.append(scope)
        await HTMLResponse(PAGE)(scope, receive, send)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    asyncio.run(Head(app, ["/zh/"], "<script></script>")(scope, None, send))
    return seen[0], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent).decode()


def test_a_pages_head_begins_with_what_it_was_given():
    _, headers, body = answer("/zh/")
    assert body == PAGE.replace("<head>", "<head><script></script>", 1)
    assert int(headers[b"content-length"]) == len(body.encode())


@pytest.mark.parametrize("path", ["/", "/zh", "/en/", "/zh/config", "/assets/page.js"])
def test_nothing_else_is_touched(path):
    assert answer(path)[2] == PAGE


def test_the_page_is_asked_for_uncompressed():
    scope, _, _ = answer("/zh/", headers=[(b"accept-encoding", b"br"), (b"host", b"127.0.0.1")])
    assert scope["headers"] == [(b"host", b"127.0.0.1")]
