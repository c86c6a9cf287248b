import json

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.errors import NotFound, StudioError
from studio.routes import continuations
from studio.routes.continuations import LONGEST_PROMPT
from studio.server import answer_error
from studio.services import open_services
from studio.services.engine_process import EngineFailed

ROW = {"candidates": [{"text": "玉", "reason": "length"}], "seed": 7, "tokens_per_second": 1.0}


class FakeEngines:
    """Engines that say what the test wants, and remember what they were asked and that they were left."""

    def __init__(self, rows, error=None):
        self.rows, self.error = rows, error
        self.asked, self.left = None, False

    async def continue_text(self, visitor, bundle, asked):
        self.asked = (visitor.name, bundle, asked)
        try:
            for row in self.rows:
                yield row
            if self.error:
                raise self.error
        finally:
            self.left = True

    def close(self):
        pass


@pytest.fixture
def ask(workspace):
    def begin(engines, body, language="zh"):
        app = FastAPI()
        services = open_services(workspace)
        object.__setattr__(services, "engines", engines)
        app.state.services = services
        app.add_exception_handler(StudioError, answer_error)
        app.include_router(continuations.router)
        headers = {"Host": "localhost", "X-Moxu-Language": language}
        with TestClient(app, client=("127.0.0.1", 1), headers=headers) as client:
            return client.post("/api/continue", json=body)

    return begin


def lines(answer):
    return [json.loads(line) for line in answer.text.splitlines()]


def test_states_and_candidates_come_as_lines(ask):
    engines = FakeEngines([{"state": "loading", "before": 0}, ROW])
    answer = ask(engines, {"bundle": "石头记", "prompt": "黛", "length": 20, "temperature": 1})
    assert lines(answer) == [{"state": "loading", "before": 0}, ROW]
    visitor, bundle, asked = engines.asked
    assert (visitor, bundle, asked["prompt"], asked["length"], asked["temperature"]) == ("local", "石头记", "黛", 20, 1)
    assert isinstance(asked["seed"], int)
    assert engines.left


def test_only_the_end_of_a_long_text_is_sent_on(ask):
    engines = FakeEngines([ROW])
    ask(engines, {"bundle": "b", "prompt": "头" + "尾" * LONGEST_PROMPT})
    assert engines.asked[2]["prompt"] == "尾" * LONGEST_PROMPT


@pytest.mark.parametrize(("language", "words"), [("zh", "意外停了"), ("en", "stopped unexpectedly")])
def test_what_breaks_midway_is_the_last_line_in_the_pages_language(ask, language, words):
    answer = ask(FakeEngines([ROW], EngineFailed("engine_died", "x")), {"bundle": "b", "prompt": ""}, language)
    assert answer.status_code == 200
    first, last = lines(answer)
    assert first == ROW
    assert last["error"]["code"] == "engine_died"
    assert words in last["error"]["message"]


def test_a_model_that_is_gone_has_its_own_status(ask):
    answer = ask(FakeEngines([], NotFound("no_bundle", "x", wanted="b")), {"bundle": "b", "prompt": ""})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_bundle")


@pytest.mark.parametrize("wrong", [{"temperature": 9}, {"nonsense": 1}, {"prompt": 7}, {"bundle": None}, {"length": "x"}])
def test_a_wrong_wish_asks_no_engine(ask, wrong):
    engines = FakeEngines([ROW])
    assert ask(engines, {"bundle": "b", "prompt": ""} | wrong).status_code == 422
    assert engines.asked is None
