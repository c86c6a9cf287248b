import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.errors import StudioError
from pipelines.gate import LARGEST_BODY_BYTES
from studio.routes import manuscripts
from studio.server import answer_error
from studio.services import open_services

HOSTILE = "${x} <img src=x onerror=alert(1)> </textarea>\n“𠮷”"


@pytest.fixture
def client(workspace):
    app = FastAPI()
    app.state.services = open_services(workspace)
    app.add_exception_handler(StudioError, answer_error)
    app.include_router(manuscripts.router)
    headers = {"Host": "localhost", "X-Moxu-Language": "zh"}
    with TestClient(app, client=("127.0.0.1", 1), headers=headers) as made:
        yield made


@pytest.fixture
def place(client):
    return "/api/manuscripts/" + client.post("/api/manuscripts", json={"title": "雪落长街"}).json()["id"]


def change(at, text, removed=0, **more):
    return {"at": at, "removed": removed, "inserted": text, **more}


def save(client, place, base, *changes):
    return client.patch(place, json={"base_version": base, "changes": list(changes)})


def code_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_what_is_saved_is_read_again_with_the_models_words(client, place):
    origin = {"by": "model", "bundle": "石头记", "seed": 7, "settings": {"temperature": 0.7, "evil": "text"}, "mark": "p:1:0:end"}
    assert save(client, place, 0, change(0, HOSTILE), change(1, "玉", **origin)).json() == {"version": 2}
    found = client.get(place).json()
    assert found["text"] == HOSTILE[0] + "玉" + HOSTILE[1:]
    assert (found["version"], found["models"], found["mark"], found["title"]) == (2, [[1, 2]], "p:1:0:end", "雪落长街")
    assert [one["id"] for one in client.get("/api/manuscripts").json()] == [found["id"]]


def test_another_windows_change_is_a_409_with_a_sentence(client, place):
    save(client, place, 0, change(0, "theirs"))
    answer = save(client, place, 0, change(0, "mine"))
    assert code_of(answer) == (409, "manuscript_changed")
    assert "另一个窗口" in answer.json()["error"]["message"]


def test_renamed_deleted_and_back(client, place):
    assert client.post(place + "/rename", json={"title": "新名"}).json()["title"] == "新名"
    ticket = client.delete(place).json()["ticket"]
    assert code_of(client.get(place)) == (404, "no_manuscript")
    assert client.post("/api/manuscripts/restore", json={"ticket": ticket}).json()["title"] == "新名"
    assert client.get(place).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"base_version": 0}, "wrong_kind"),
        ({"base_version": True, "changes": []}, "wrong_kind"),
        ({"base_version": 0, "changes": ["x"]}, "wrong_kind"),
        ({"base_version": 0, "changes": [{"at": "0", "removed": 0, "inserted": ""}]}, "wrong_kind"),
        ({"base_version": 0, "changes": [change(0, "x", by="nobody")]}, "unknown_choice"),
        ({"base_version": 0, "changes": [change(5, "x")]}, "splice_misfit"),
        ({"base_version": 0, "changes": [change(0, "x")] * 1001}, "wrong_kind"),
        ([], "no_object"),
    ],
)
def test_a_bad_change_is_refused_and_changes_nothing(client, place, body, code):
    assert code_of(client.patch(place, json=body)) == (422, code)
    assert client.get(place).json()["version"] == 0


def test_half_a_character_and_numbers_that_json_has_not_do_no_harm(client, place):
    half = '{"base_version": 0, "changes": [{"at": 0, "removed": 0, "inserted": "\\ud83d"}]}'
    assert code_of(client.patch(place, content=half)) == (422, "lone_surrogate")
    odd = '{"base_version": 0, "changes": [{"at": 0, "removed": 0, "inserted": "x", "by": "model", "settings": {"a": NaN}}]}'
    assert client.patch(place, content=odd).json() == {"version": 1}


def test_too_much_at_once_has_a_sentence(client, place):
    answer = save(client, place, 0, change(0, "字" * (LARGEST_BODY_BYTES // 3)))
    assert code_of(answer) == (422, "request_too_large")
    assert "{" not in answer.json()["error"]["message"]
    assert code_of(client.patch(place, content=b"\xff")) == (422, "no_object")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[" * 200_000, "no_object"),
        (b'{"title":' * 50_000, "no_object"),
        (b'{"title": "\\ud800"}', "lone_surrogate"),
        (b'{"\\udfff": 1}', "lone_surrogate"),
    ],
)
def test_what_no_page_sends_is_a_sentence_and_no_bug(client, content, code):
    assert code_of(client.post("/api/manuscripts", content=content)) == (422, code)


def test_one_damaged_manuscript_does_not_hide_the_others(client, place, workspace):
    other = client.post("/api/manuscripts", json={"title": "另一部"}).json()["id"]
    for damage in ("", "{", "[]", "null", "[" * 100_000):
        (workspace.manuscripts / "local" / other / "meta.json").write_text(damage, encoding="utf-8")
        titles = {one["id"]: one["title"] for one in client.get("/api/manuscripts").json()}
        assert titles == {place.rpartition("/")[2]: "雪落长街", other: other}
