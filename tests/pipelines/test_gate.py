import asyncio

import pytest

from pipelines.gate import LARGEST_BODY_BYTES, Gate, Rules

OPEN = Rules("127.0.0.1")
HOST = {"host": "127.0.0.1:8000"}


class Client:
    """One request at the level of ASGI: what it sends, when it leaves, and what it hears."""

    def __init__(self, chunks=(b"",), path="/generate", method="POST", headers=None):
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in (HOST | (headers or {})).items()]
        self.scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        self.messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        self.messages[-1]["more_body"] = False
        self.left = asyncio.Event()
        self.heard = []

    async def receive(self):
        if self.messages:
            return self.messages.pop(0)
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.heard.append(message)

    @property
    def status(self):
        return self.heard[0]["status"] if self.heard else None


async def echo(_, receive, send):
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def ask(rules=OPEN, **request):
    async def scene():
        client = Client(**request)
        await Gate(echo, rules)(client.scope, client.receive, client.send)
        return client

    return asyncio.run(scene())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000", "[::1]", "nas.lan"])
def test_names_of_this_machine_and_the_given_one_pass(host):
    assert ask(Rules("nas.lan"), headers={"host": host}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "192.168.1.5:8000", "localhost.evil:1"])
def test_other_names_do_not_so_that_no_page_reaches_in_by_rebinding(host):
    assert ask(headers={"host": host}).status == 403
    assert ask(headers={"host": host}, path="/health", method="GET").status == 403


def test_an_engine_that_listens_everywhere_answers_to_bare_addresses_and_still_to_no_names():
    everywhere = Rules("0.0.0.0")
    assert ask(everywhere, headers={"host": "192.168.1.5:8000"}).status == 200
    assert ask(everywhere, headers={"host": "evil.example"}).status == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8000", 200),
        ("https://mine.example", 200),
        ("http://mine.example", 403),
        ("http://localhost:3000", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_foreign_pages_may_not_post_unless_named(origin, status):
    rules = Rules("127.0.0.1", origins=("https://mine.example",))
    assert ask(rules, headers={"origin": origin}).status == status


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer secret", 200),
        ("bearer secret", 200),
        ("Bearer secret2", 401),
        ("Bearer ", 401),
        ("Basic secret", 401),
        ("secret", 401),
        ("Bearer gehëim", 401),
    ],
)
def test_every_route_but_health_needs_the_token(header, status):
    rules = Rules("127.0.0.1", token="secret")
    assert ask(rules, headers={"authorization": header}).status == status
    assert ask(rules, path="/openapi.json", method="GET").status == 401
    assert ask(rules, path="/health", method="GET").status == 200


def test_a_body_is_handed_on_whole_up_to_the_limit_and_refused_past_it():
    chunk = b"x" * (LARGEST_BODY_BYTES // 4)
    assert ask(chunks=[chunk] * 4).heard[1]["body"] == chunk * 4
    assert ask(chunks=[chunk] * 4 + [b"x"]).status == 413


def test_a_body_without_end_is_cut_off():
    class Endless(Client):
        async def receive(self):
            return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}

    async def scene():
        client = Endless()
        await Gate(echo, OPEN)(client.scope, client.receive, client.send)
        return client.status

    assert asyncio.run(scene()) == 413


def test_a_client_that_leaves_cancels_its_answer_wherever_it_is():
    async def scene():
        client, ended = Client(), asyncio.Event()

        async def slow(_, receive, __):
            await receive()
            client.left.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        async with asyncio.timeout(10):
            await Gate(slow, OPEN)(client.scope, client.receive, client.send)
        assert ended.is_set()
        assert client.heard == []

    asyncio.run(scene())


def test_a_client_that_leaves_while_it_asks_costs_nothing():
    async def scene():
        client = Client()
        client.messages[0]["more_body"] = True
        client.left.set()
        await Gate(echo, OPEN)(client.scope, client.receive, client.send)
        return client.heard

    assert asyncio.run(scene()) == []


def test_a_bug_behind_the_gate_is_not_hidden_by_it():
    async def broken(*_):
        raise ZeroDivisionError

    async def scene():
        client = Client()
        with pytest.raises(ZeroDivisionError):
            await Gate(broken, OPEN)(client.scope, client.receive, client.send)

    asyncio.run(scene())
