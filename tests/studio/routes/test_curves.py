import shutil

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines import launch
from pipelines.errors import StudioError
from pipelines.files import append_line, write_json
from pipelines.folders import list_folders
from pipelines.workspace import open_workspace
from studio.access import ADMIN
from studio.routes import curves
from studio.server import answer_error
from studio.services import open_services, trainings


@pytest.fixture
def app(encoded_workspace, tmp_path, monkeypatch):
    folder = tmp_path / "home"
    shutil.copytree(encoded_workspace, folder)
    monkeypatch.setattr(trainings, "run_step", lambda function, *arguments, **named: function(*arguments, **named))
    monkeypatch.setattr(launch, "launch", lambda workspace, run: run)
    app = FastAPI()
    app.state.services = open_services(open_workspace(str(folder)))
    app.include_router(curves.router)
    app.add_exception_handler(StudioError, answer_error)
    return app


@pytest.fixture
def run(app):
    service = app.state.services.trainings
    novel = list_folders(service.workspace.novels)[0].name
    found = service.workspace.run(service.start(ADMIN, [novel], "pocket").run)
    write_json(found.status, {"phase": "done", "step": 10, "best_step": 10})
    append_line(found.metrics, {"kind": "train", "step": 10, "bits_per_character": 5.0})
    return found


def ask(app, path, client=("127.0.0.1", 5), **query):
    with TestClient(app, client=client) as browser:
        return browser.get(f"/api/runs/{path}/curve", params=query, headers={"X-Moxu-Language": "en"})


def test_the_curve_comes_whole_and_then_by_increments(app, run):
    first = ask(app, run.id).json()
    assert (first["run"], first["fresh"], first["rows"]["train"]) == (run.id, True, [[10, 5.0]])
    second = ask(app, run.id, after=first["cursor"], line=first["line"]).json()
    assert (second["fresh"], second["rows"]["train"]) == (False, [])


def test_a_run_that_is_not_there_is_a_sentence_in_the_pages_language(app):
    answer = ask(app, "nobody")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_run")


def test_who_is_not_at_this_machine_sees_no_curve(app, run):
    assert ask(app, run.id, client=("192.0.2.7", 5)).status_code == 403


def test_a_path_is_no_run(app, run):
    assert ask(app, "..%2f..%2fetc").status_code == 404
