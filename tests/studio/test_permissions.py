"""Every event and every route, asked by somebody else: nothing of another's is told, and nothing of it changes."""

import hashlib
import inspect
import itertools
import json
from types import SimpleNamespace

import gradio as gr
import pytest
from starlette.testclient import TestClient

from pipelines import launch, manuscripts, trash
from pipelines.cleanings import clean_novel
from pipelines.files import write_json
from pipelines.ingest import ingest_file
from pipelines.manuscripts import Change, Splice
from pipelines.workspace import change_meta
from studio import access
from studio.access import GUEST, Visitor
from studio.server import make_app
from studio.services import open_services, questions, trainings
from studio.shell import build_page
from studio.words import load_words
from tests.small_shelf import leave_traces, stand

OWNER, SECRET = "grace", "秘而不宣"
WISHES = ("take", "look", "leave")
OTHERS = pytest.mark.parametrize("visitor", [Visitor("bob", "writer"), GUEST], ids=["another writer", "a guest"])


@pytest.fixture
def hers(workspace, tmp_path):
    """The ids of a novel, a run, a bundle and a manuscript of hers, and the tickets of what she threw away."""
    text = tmp_path / "novel.txt"
    text.write_text(f"第一章 {SECRET}\n" + f"{SECRET}她说。\n" * 400, encoding="utf-8")
    novels = [ingest_file(workspace, text, title="novel", owner=OWNER).novels[0]["id"] for _ in range(2)]
    papers = [manuscripts.create(workspace, OWNER, "paper") for _ in range(2)]
    for paper in papers:
        manuscripts.save(paper, [Change(Splice(0, 0, SECRET))], 0)
    run = leave_traces(workspace)
    write_json(run.manifest, {"name": SECRET})
    bundles = [stand(workspace, name) for name in ("story", "thrown")]
    for meta in workspace.root.rglob("meta.json"):
        change_meta(meta, owner=OWNER, title=SECRET)
    thrown = (workspace.novels / novels[1], papers[1].path, bundles[1])
    tickets = [trash.discard(workspace, path) for path in thrown]
    clean_novel(workspace.novel(novels[0]))
    questions.keep(workspace, text, SECRET, OWNER)
    (kept,) = questions.place_of(workspace).iterdir()
    return [novels[0], run.id, bundles[0].name, papers[0].id, *tickets, kept.name]


@pytest.fixture
def services(workspace, hers, monkeypatch):
    monkeypatch.setattr(launch, "launch", lambda workspace, run: run)
    monkeypatch.setattr(trainings, "run_step", lambda function, *arguments, **named: function(*arguments, **named))
    return open_services(workspace)


def contents(workspace):
    files = [
        path for path in workspace.root.rglob("*") if path.is_file() and path.name not in ("lock", "queue.lock", "queue.json")
    ]
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def wishes(hers):
    """What a forged event may carry in each of its inputs."""
    several = [hers, {"run": hers[1], "novels": hers}, {"ticket": hers[4], "instead": hers[0]}]
    forged = [json.dumps({"id": hers[place], "do": what, "encoding": "gb18030"}) for place in (0, -1) for what in WISHES]
    return [*hers, *several, *forged, None, "", 1, "gb18030", "../" + hers[0], hers[0][:3], "a\x00b", "x" * 4096]


def told(answer):
    return json.dumps(answer, ensure_ascii=False, default=lambda value: getattr(value, "__dict__", str(value)))


@OTHERS
def test_no_event_tells_or_changes_what_is_anothers(services, workspace, hers, visitor, monkeypatch):
    monkeypatch.setattr(access, "visitor_from", lambda _: visitor)
    before = contents(workspace)
    request = SimpleNamespace(client=SimpleNamespace(host="192.0.2.7"))
    for event in build_page(services, load_words("zh")).fns.values():
        for one, other in itertools.product(wishes(hers), (hers[0], None)) if event.fn else ():
            values = [one, *[other] * (len(event.inputs) - 1)][: len(event.inputs)]
            try:
                answer = event.fn(request, *values)
                # What works for long answers several times.
                answer = list(answer) if inspect.isgenerator(answer) else answer
            except gr.Error as error:
                answer = error.message
            assert SECRET not in told(answer), event.name
    after = contents(workspace)
    assert {path: after.get(path) for path in before} == before


@OTHERS
def test_no_route_tells_or_changes_what_is_anothers(services, workspace, hers, visitor, monkeypatch):
    monkeypatch.setattr(access, "visitor_from", lambda _: visitor)
    before = contents(workspace)
    novel, run, bundle, paper, *tickets, _ = hers
    asked = [
        *[("GET", f"/api/manuscripts/{paper}", None), ("DELETE", f"/api/manuscripts/{paper}", None)],
        *[("PATCH", f"/api/manuscripts/{paper}", {"base_version": 1, "changes": [{"at": 0, "removed": 1, "inserted": ""}]})],
        *[
            ("POST", f"/api/manuscripts/{paper}/rename", {"title": "x"}),
            ("POST", "/api/continue", {"bundle": bundle, "prompt": ""}),
        ],
        *[("POST", "/api/manuscripts/restore", {"ticket": ticket}) for ticket in tickets],
        *[("GET", f"/api/bundles/{bundle}/{what}", None) for what in ("check", "download")],
        *[("GET", f"/api/novels/{novel}/clean.{kind}", None) for kind in ("txt", "json", "parquet", "exe")],
        ("GET", f"/api/runs/{run}/curve", None),
        *[("GET", f"/api/openings/{name}", None) for name in (bundle, bundle[:2])],
    ]
    with TestClient(make_app(services, "127.0.0.1"), client=("127.0.0.1", 1), base_url="http://127.0.0.1") as browser:
        answers = [browser.request(method, path, json=body) for method, path, body in asked]
        assert SECRET not in browser.get("/api/manuscripts").text
    assert {answer.status_code for answer in answers} <= {403, 404}
    assert [answer.text for answer in answers if SECRET in answer.text] == []
    assert contents(workspace) == before
