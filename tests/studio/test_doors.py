import re

import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from pipelines.gate import Rules
from studio.doors import HEADERS, Door
from studio.server import make_app
from studio.services import open_services
from studio.services.shelf import Shelf

OURS = "127.0.0.1:7860"


@pytest.fixture
def behind():
    """An app behind the door that counts who came in."""
    app = FastAPI()
    came = []

    @app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
    async def enter(path: str) -> PlainTextResponse:
        came.append(path)
        if path == "bug":
            raise RuntimeError
        return PlainTextResponse("in", 404 if path == "missing" else 200)

    app.add_middleware(Door, rules=Rules("127.0.0.1"))
    return TestClient(app, base_url=f"http://{OURS}", raise_server_exceptions=False), came


@pytest.fixture
def studio(workspace):
    return TestClient(make_app(open_services(workspace), "127.0.0.1"), base_url=f"http://{OURS}", client=("127.0.0.1", 50000))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:7860", "localhost:7860", "LOCALHOST", "[::1]:7860"])
def test_names_of_this_machine_come_in(behind, host):
    client, came = behind
    assert client.get("/", headers={"Host": host}).status_code == 200
    assert came == [""]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.7", "", "localhost.", "[::1", "a@127.0.0.1.x"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_foreign_names_stay_outside(behind, host, method):
    client, came = behind
    answer = client.request(method, "/", headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]["code"], came) == (403, "foreign_host", [])


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8080", "http://127.0.0.1:7860.evil.example", ""]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_foreign_pages_change_nothing(behind, origin, method):
    client, came = behind
    answer = client.request(method, "/", headers={"Origin": origin})
    assert (answer.status_code, answer.json()["error"]["code"], came) == (403, "foreign_origin", [])


def test_our_own_pages_and_programs_without_origin_may_change_things(behind):
    client, came = behind
    for headers in ({"Origin": f"http://{OURS}"}, {}):
        assert client.post("/", headers=headers).status_code == 200
    assert len(came) == 2


@pytest.mark.parametrize("path", ["/", "/missing"])
def test_every_answer_has_the_headers(behind, path):
    client, _ = behind
    for headers in ({}, {"Host": "evil.example"}):
        answer = client.get(path, headers=headers)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_bug_is_a_sentence_with_a_number_and_has_the_headers_too(studio, monkeypatch, caplog):
    monkeypatch.setattr(Shelf, "verified", lambda *_: 1 / 0)
    client = TestClient(studio.app, base_url=f"http://{OURS}", client=("127.0.0.1", 50000), raise_server_exceptions=False)
    answer = client.get("/api/bundles/none/download", headers={"X-Moxu-Language": "en"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "bug")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    number = re.search(r"[0-9a-f]{8}", answer.json()["error"]["message"]).group()
    assert f"bug {number}" in caplog.text


def test_the_studio_stands_behind_its_door(studio):
    assert studio.get("/health").json()["status"] == "ok"
    for answer in (
        studio.get("/health"),
        studio.get("/api/bundles/none/download"),
        studio.get("/assets/none.css"),
        studio.get("/x"),
    ):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert studio.get("/zh/", headers={"Host": "evil.example"}).status_code == 403
    refused = studio.post("/zh/gradio_api/upload", headers={"Origin": "http://evil.example"}, files={"files": b"x"})
    assert refused.status_code == 403


@pytest.mark.parametrize("known", [True, False], ids=["of known length", "in chunks"])
def test_gradio_is_not_sent_more_than_a_page_ever_sends(behind, known):
    client, came = behind
    large = b"x" * 2_000_001
    content = large if known else iter([large[:1_000_000], large[1_000_000:]])
    answer = client.post("/zh/gradio_api/queue/join", content=content)
    assert (answer.status_code, answer.json()["error"]["code"], came) == (413, "too_large", [])


@pytest.mark.parametrize(("path", "size"), [("/zh/gradio_api/queue/join", 2_000_000), ("/zh/gradio_api/upload", 2_000_001)])
def test_what_is_small_enough_and_uploads_come_in_whole(path, size):
    app = FastAPI()

    @app.post("/{path:path}")
    async def measure(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    app.add_middleware(Door, rules=Rules("127.0.0.1"))
    browser = TestClient(app, base_url=f"http://{OURS}", client=("127.0.0.1", 50000))
    assert browser.post(path, content=b"x" * size).text == str(size)


def test_who_may_make_nothing_brings_no_files(behind):
    client, came = behind
    answer = client.post("/zh/gradio_api/upload", content=b"x", headers={"Host": OURS})
    assert (answer.status_code, answer.json()["error"]["code"], came) == (403, "forbidden", [])
