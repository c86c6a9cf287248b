"""The engines: one process for a bundle, two at most, and a death that costs a sentence."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing

import pytest

from pipelines import devices, locks
from pipelines.devices import Device
from pipelines.errors import BrokenArtifact, NotFound, StudioError
from studio.access import ADMIN
from studio.services import engine_process
from studio.services.engine_process import EngineFailed, failure
from studio.services.engines import Engines
from tests.tiny_model import constant, write_bundle

ASKED = {"prompt": "黛", "length": 3, "candidates": 2, "seed": 1}
ENDLESS = {"prompt": "黛", "length": 100_000, "candidates": 1, "seed": 1}
# An engine that is no engine: it answers every request alike, slowly, and needs no torch.
FAKE = """
import http.server, json, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        self.send_response(200)
        self.end_headers()
        for length in range(1, asked['length'] + 1):
            reason = 'length' if length == asked['length'] else None
            row = {'candidates': [{'text': '玉' * length, 'reason': reason}], 'seed': 1, 'tokens_per_second': 1.0}
            self.wfile.write((json.dumps(row) + chr(10)).encode())
            self.wfile.flush()
            time.sleep(0.02)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(json.dumps({'url': f'http://127.0.0.1:{server.server_port}'}), flush=True)
server.serve_forever()
"""


@pytest.fixture
def bundles(workspace):
    return [write_bundle(workspace.bundles / name, constant({"玉": 2.0})).name for name in ("石头记", "second", "third")]


@pytest.fixture
def engines(workspace):
    made = Engines(workspace)
    yield made
    made.close()


@pytest.fixture
def fake(monkeypatch):
    """Engines start a process that says what the test wants."""

    def say(script):
        monkeypatch.setattr(engine_process, "command", lambda *_: [sys.executable, "-c", script])

    say(FAKE)
    return say


def rows_of(engines, bundle, asked=ASKED):
    async def ask():
        return [row async for row in engines.continue_text(ADMIN, bundle, asked)]

    return asyncio.run(ask())


def wait_for(true):
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_real_engine_starts_writes_and_ends(engines, bundles):
    first, *rows = rows_of(engines, bundles[0])
    assert first == {"state": "loading", "before": 0}
    assert [one["text"] for one in rows[-1]["candidates"]] == ["玉玉玉", "玉玉玉"]
    engine = engines.open(ADMIN, bundles[0])
    assert rows_of(engines, bundles[0])[0]["state"] == "reading"
    engines.close()
    assert engine.over.is_set()


def test_two_who_ask_at_once_start_one_process(engines, bundles, fake):
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: engines.open(ADMIN, bundles[0]), range(8)))
    assert len(set(map(id, found))) == 1
    with ThreadPoolExecutor(2) as threads:
        texts = list(threads.map(lambda _: rows_of(engines, bundles[0])[-1]["candidates"][0]["text"], range(2)))
    assert texts == ["玉玉玉"] * 2


def test_at_most_two_are_loaded_and_the_one_asked_longest_ago_ends(engines, bundles, fake):
    first, second = (engines.open(ADMIN, name) for name in bundles[:2])
    engines.open(ADMIN, bundles[0])
    third = engines.open(ADMIN, bundles[2])
    assert (first.alive, second.alive, third.alive) == (True, False, True)
    wait_for(second.over.is_set)


def test_one_that_writes_is_not_the_one_to_end(engines, bundles, fake):
    first, second = (engines.open(ADMIN, name) for name in bundles[:2])
    with first.asked():
        engines.open(ADMIN, bundles[2])
    assert (first.alive, second.alive) == (True, False)


def test_a_killed_engine_costs_a_sentence_and_the_next_who_asks_has_a_new_one(engines, bundles, fake):
    async def ask():
        seen, begun = [], 0.0
        try:
            async for row in engines.continue_text(ADMIN, bundles[0], ENDLESS):
                if "candidates" in row and not seen:
                    begun = time.monotonic()
                    os.kill(engines.open(ADMIN, bundles[0]).pid, signal.SIGKILL)
                seen += [row] if "candidates" in row else []
        except StudioError as error:
            return seen, error, time.monotonic() - begun
        raise AssertionError

    seen, error, seconds = asyncio.run(ask())
    assert seen
    assert error.code == "engine_died"
    assert seconds < 1
    assert rows_of(engines, bundles[0])[-1]["candidates"][0]["text"] == "玉玉玉"


def test_one_that_ended_between_two_requests_costs_nothing(engines, bundles, fake):
    rows_of(engines, bundles[0])
    os.kill(engines.open(ADMIN, bundles[0]).pid, signal.SIGKILL)
    assert rows_of(engines, bundles[0])[-1]["candidates"][0]["text"] == "玉玉玉"


def test_who_leaves_leaves_the_engine_free(engines, bundles, fake):
    async def leave():
        async with aclosing(engines.continue_text(ADMIN, bundles[0], ENDLESS)) as rows:
            async for row in rows:
                if "candidates" in row:
                    return

    asyncio.run(leave())
    assert engines.open(ADMIN, bundles[0]).asking == 0


def test_one_that_is_asked_already_says_how_many_are_before(engines, bundles, fake):
    rows_of(engines, bundles[0])
    with engines.open(ADMIN, bundles[0]).asked():
        assert rows_of(engines, bundles[0])[0] == {"state": "queued", "before": 1}


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("import sys; sys.exit('there is no such thing')", "engine_failed"),
        ("import os; os.kill(os.getpid(), 9)", "engine_memory"),
        ("raise MemoryError", "engine_memory"),
        ("print('no json')", "engine_failed"),
    ],
)
def test_a_start_that_fails_says_why(engines, bundles, fake, script, code):
    fake(script)
    with pytest.raises(EngineFailed) as met:
        rows_of(engines, bundles[0])
    assert met.value.code == code


def test_the_reason_is_the_last_line_of_what_it_said():
    assert failure(1, "Traceback\n  ...\nOSError: no such file\n\n").values == {"why": "OSError: no such file"}
    assert failure(3, "").values == {"why": "exit code 3"}


def test_a_model_that_is_gone_or_damaged_starts_nothing(engines, bundles, workspace):
    with pytest.raises(NotFound):
        engines.open(ADMIN, "nobody")
    (workspace.bundle(bundles[0]) / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(BrokenArtifact):
        engines.open(ADMIN, bundles[0])
    shutil.rmtree(workspace.bundle(bundles[1]))
    with pytest.raises(NotFound):
        engines.open(ADMIN, bundles[1])


def test_a_training_has_the_gpu_first(engines, bundles, fake, monkeypatch):
    gpu = Device("cuda", "GPU-1", "a card", 0)
    monkeypatch.setattr(devices, "choose", lambda _: gpu)
    assert engine_process.free_device() == gpu
    engine = engines.open(ADMIN, bundles[0])
    engine.ready.result(20)
    lock = locks.acquire(devices.lock_path(gpu.uuid))
    try:
        wait_for(engine.over.is_set)
        assert engine.yielded
        assert engine_process.free_device() == devices.CPU
    finally:
        lock.release()


def test_on_the_cpu_a_training_ends_no_engine():
    lock = locks.acquire(devices.lock_path("cpu"))
    try:
        assert not engine_process.taken(devices.CPU)
    finally:
        lock.release()


def test_models_are_offered_newest_first_without_the_damaged(engines, bundles, workspace):
    os.utime(workspace.bundle("second") / "config.json", (9e9, 9e9))
    (workspace.bundle("third") / "config.json").write_text(json.dumps({}))
    assert [one.id for one in engines.bundles(ADMIN)] == ["second", "石头记"]
