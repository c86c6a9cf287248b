import json
import threading

import pytest
import torch
from starlette.testclient import TestClient

from pipelines.desk import Desk
from pipelines.engine import Engine, make_app
from pipelines.gate import Rules
from pipelines.sampling_settings import SamplingSettings
from pipelines.writer import Writer
from tests.tiny_model import constant, network, only_characters, tokenizer

RULES = Rules("127.0.0.1")


def writer(model=None):
    return Writer(model or only_characters(network()), tokenizer())


def client_of(write, rules=RULES, **more):
    app = make_app(Engine(Desk(write, 2), "石头记", "CPU"), rules)
    return TestClient(app, base_url="http://127.0.0.1:8000", **more)


@pytest.fixture
def client():
    return client_of(writer().continue_text)


@pytest.fixture
def tireless():
    """A client of an engine that never comes to the end of a chapter by itself."""
    return client_of(writer(constant({"玉": 2.0})).continue_text)


def lines(response):
    return [json.loads(line) for line in response.text.splitlines()]


def code(response):
    return response.status_code, response.json()["error"]["code"]


def test_health_names_the_bundle_and_the_device(client):
    assert client.get("/health").json() == {"status": "ok", "bundle": "石头记", "device": "CPU"}


def test_generate_answers_a_bare_list_of_texts_that_begin_with_the_context(tireless):
    answer = tireless.post("/generate", json={"context": "黛玉", "maxlength": 7, "samples": 4})
    assert answer.status_code == 200
    texts = answer.json()
    assert [len(text) for text in texts] == 4 * [2 + 7]
    assert all(text.startswith("黛玉") for text in texts)


def test_generate_without_numbers_takes_those_of_the_example(tireless):
    assert [len(text) for text in tireless.post("/generate", json={"context": ""}).json()] == 5 * [50]


def test_asked_for_the_time_it_answers_as_the_published_code(tireless):
    answer = tireless.post("/generate?time=1", json={"context": "黛", "maxlength": 3, "samples": 2}).json()
    assert set(answer) == {"result", "time"}
    assert [len(text) for text in answer["result"]] == [4, 4]
    assert answer["time"] >= 0


def test_continue_streams_all_candidates_and_ends_with_every_reason(tireless):
    answer = tireless.post("/continue", json={"prompt": "黛玉", "length": 200, "candidates": 3, "seed": 7})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    rows = lines(answer)
    assert all(set(row) == {"candidates", "seed", "tokens_per_second"} for row in rows)
    assert [one["reason"] for one in rows[-1]["candidates"]] == 3 * ["length"]
    assert [one["reason"] for one in rows[0]["candidates"]] == 3 * [""]
    assert [len(one["text"]) for one in rows[-1]["candidates"]] == 3 * [200]


def test_equal_requests_write_what_the_writer_writes(client):
    asked = {"prompt": "黛玉", "length": 30, "candidates": 2, "seed": 7, "temperature": 1}
    first, second = (lines(client.post("/continue", json=asked))[-1] for _ in range(2))
    chosen = SamplingSettings(length=30, candidates=2, seed=7, temperature=1.0)
    *_, alone = writer().continue_text("黛玉", chosen)
    assert first["candidates"] == second["candidates"]
    assert [one["text"] for one in first["candidates"]] == [one.text for one in alone.candidates]


def test_a_seed_that_was_not_given_is_drawn_and_told(client):
    asked = {"prompt": "", "length": 30, "candidates": 1}
    drawn = lines(client.post("/continue", json=asked))[-1]
    again = lines(client.post("/continue", json=asked | {"seed": drawn["seed"]}))[-1]
    assert again["candidates"] == drawn["candidates"]


@pytest.mark.parametrize(
    ("path", "asked", "sentence"),
    [
        ("/continue", {"prompt": "", "temperature": 3}, "temperature must be at most 2.0, got 3"),
        ("/continue", {"prompt": "", "temperature": "hot"}, 'temperature must be a number, got "hot"'),
        ("/continue", {"prompt": "", "top_p": None}, "top p must be a number, got null"),
        ("/continue", {"prompt": "", "length": 1.5}, "length must be a whole number, got 1.5"),
        ("/continue", {"prompt": "", "candidates": True}, "candidates must be a whole number, got true"),
        ("/continue", {"prompt": "", "temprature": 1}, 'there is no setting "temprature"'),
        ("/continue", {"length": 5}, "prompt is missing"),
        ("/continue", {"prompt": 5}, "prompt must be a text"),
        ("/generate", {"context": "", "maxlength": 0}, "maxlength must be at least 1, got 0"),
        ("/generate", {"context": "", "maxlength": -1}, "maxlength must be at least 1, got -1"),
        ("/generate", {"context": "", "maxlength": 10**9}, "maxlength must be at most 100000, got 1000000000"),
        ("/generate", {"context": "", "samples": 1000}, "samples must be at most 64, got 1000"),
        ("/generate", {"prompt": ""}, "context is missing"),
        ("/generate", [], "must be a JSON object"),
        ("/generate", None, "must be a JSON object"),
        ("/generate?time=soon", {"context": ""}, "?time must be 1 or 0"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_value_and_range(client, path, asked, sentence):
    answer = client.post(path, json=asked)
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe\x00", 400),
        (b"[" * 100_000, 400),
        (b'{"context": ' + b"9" * 5000 + b"}", 400),
        (b'{"context": "\\ud83d"}', 422),
        (b'{"context": "", "\\ud83d": 1}', 422),
        (b'{"context": "", "maxlength": NaN}', 422),
        (b'{"context": "", "maxlength": 1e999}', 422),
    ],
)
def test_whatever_comes_is_answered_with_a_sentence(client, body, status):
    answer = client.post("/generate", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message"}


def test_what_is_not_sent_as_json_is_not_guessed_at(client):
    answer = client.post("/generate", content=b'{"context": ""}', headers={"Content-Type": "text/plain"})
    assert code(answer) == (422, "not_an_object")


def test_pages_that_are_not_there_and_ways_that_are_not_open_are_sentences(client):
    assert code(client.get("/nothing")) == (404, "http_404")
    assert code(client.get("/generate")) == (405, "http_405")
    assert client.get("/docs").status_code == 404


def test_damaged_weights_are_a_sentence_and_the_engine_lives_on():
    model = network()
    with torch.no_grad():
        model.transformer.ln_f.bias[0] = float("nan")
    client = client_of(writer(model).continue_text)
    for path, asked in (("/generate", {"context": "黛"}), ("/continue", {"prompt": "黛"})):
        answer = client.post(path, json=asked)
        assert code(answer) == (500, "not_finite")
        assert "damaged" in answer.json()["error"]["message"]
    assert client.get("/health").status_code == 200


def test_an_error_in_the_middle_of_a_stream_is_its_last_line():
    def write(prompt, chosen, stop):
        good = writer().continue_text(prompt, chosen, stop)
        yield next(good)
        told.wait(10)
        from_nan = network()
        with torch.no_grad():
            from_nan.transformer.ln_f.bias[0] = float("nan")
        yield from writer(from_nan).continue_text(prompt, chosen, stop)

    told = threading.Event()
    # The reader has the first line when the news of it could be a fifteenth of a second old.
    threading.Timer(0.2, told.set).start()
    rows = lines(client_of(write).post("/continue", json={"prompt": "黛"}))
    assert "candidates" in rows[0]
    assert rows[-1]["error"]["code"] == "not_finite"


def test_a_bug_is_a_sentence_without_its_traceback():
    def write(*_):
        raise ZeroDivisionError("secret text")
        yield

    answer = client_of(write, raise_server_exceptions=False).post("/generate", json={"context": "黛"})
    assert code(answer) == (500, "bug")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_too_many_are_told_to_come_again_and_health_answers_meanwhile():
    begun, go_on = threading.Event(), threading.Event()

    def write(prompt, chosen, stop):
        begun.set()
        go_on.wait(10)
        yield from writer().continue_text(prompt, chosen, stop)

    asked = {"context": "黛", "maxlength": 3, "samples": 1}
    answers = []
    with client_of(write) as client:
        asking = [threading.Thread(target=lambda: answers.append(client.post("/generate", json=asked))) for _ in range(6)]
        for one in asking:
            one.start()
        assert begun.wait(10)
        assert client.get("/health").status_code == 200
        while len(answers) < 3:
            asking[-1].join(0.05)
        assert {code(answer) for answer in answers} == {(503, "busy")}
        assert answers[0].headers["retry-after"] == "1"
        go_on.set()
        for one in asking:
            one.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503, 503, 503]


def test_a_named_site_may_ask_from_its_pages_and_others_get_no_leave():
    client = client_of(writer().continue_text, Rules("127.0.0.1", "secret", ("https://mine.example",)))
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    leave = client.options("/generate", headers=wish | {"Origin": "https://mine.example"})
    assert leave.status_code == 200
    assert leave.headers["access-control-allow-origin"] == "https://mine.example"
    assert client.options("/generate", headers=wish | {"Origin": "https://evil.example"}).status_code == 400
    shown = {"Origin": "https://mine.example", "Authorization": "Bearer secret"}
    answer = client.post("/generate", json={"context": "", "maxlength": 1, "samples": 1}, headers=shown)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://mine.example")


def test_the_engine_describes_itself_without_pages_from_elsewhere(client):
    assert set(client.get("/openapi.json").json()["paths"]) == {"/health", "/generate", "/continue"}
