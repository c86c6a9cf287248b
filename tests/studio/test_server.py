"""The application: what its process loads, and that every event of the pages asks who is there."""

import errno
import re
import subprocess
import sys

import pytest
from starlette.testclient import TestClient

from pipelines import manuscripts
from pipelines.workspace import open_workspace
from studio.access import EVERYTHING
from studio.server import FIRST, QUEUE_SECONDS, make_app
from studio.services import open_services
from studio.shell import build_page
from studio.words import LANGUAGES, load_words

BUILD = """
import asyncio, sys
from pipelines import manuscripts
from pipelines.workspace import open_workspace
from studio.server import make_app
from studio.services import open_services

async def build():
    make_app(open_services(open_workspace()), "127.0.0.1")

asyncio.run(build())
sys.exit(", ".join(sorted({"torch", "transformers"} & set(sys.modules))) or None)
"""


@pytest.fixture(params=LANGUAGES)
def events(request):
    """The events of the page in one language."""
    blocks = build_page(open_services(open_workspace()), load_words(request.param))
    return list(blocks.fns.values())


def test_the_studios_process_never_loads_what_learns(project):
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_event_asks_for_the_visitor_or_happens_in_the_browser_alone(events):
    assert events
    unguarded = [event.name for event in events if event.fn is not None and getattr(event.fn, "action", None) not in EVERYTHING]
    assert unguarded == []


def test_what_happens_in_the_browser_alone_is_a_script(events):
    assert [event.name for event in events if event.fn is None and not event.js] == []


def test_no_event_is_a_public_endpoint(events):
    assert {event.api_visibility for event in events} == {"private"}


def test_gradio_looks_for_queued_events_as_seldom_as_it_is_told():
    app = make_app(open_services(open_workspace()), "127.0.0.1")
    pages = [route.app.get_blocks() for route in app.routes if getattr(route, "path", "").strip("/") in LANGUAGES]
    assert [page._queue.sleep_when_free for page in pages] == [QUEUE_SECONDS] * len(LANGUAGES)
    # What Gradio does untold, by the same name: else ours would be a word that nobody hears.
    assert 0 < build_page(open_services(open_workspace()), load_words("zh"))._queue.sleep_when_free < QUEUE_SECONDS


def test_both_pages_are_mounted_behind_one_door():
    app = make_app(open_services(open_workspace()), "127.0.0.1")
    assert {f"/{language}" for language in LANGUAGES} <= {getattr(route, "path", "") for route in app.routes}


@pytest.mark.parametrize("name", ["page.js", "style.css", "vendor/codemirror.js"])
def test_a_browser_asks_each_time_whether_its_copy_of_our_files_is_still_right(name):
    app = make_app(open_services(open_workspace()), "127.0.0.1")
    with TestClient(app, client=("127.0.0.1", 1), base_url="http://127.0.0.1") as browser:
        first = browser.get(f"/assets/{name}")
        again = browser.get(f"/assets/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


def test_the_scripts_that_the_pages_begin_with_are_there(project):
    names = re.findall(r'src="/assets/([^"]+)"', FIRST)
    assert names == ["page.js", "controls.js"]
    assert all((project / "assets" / name).is_file() for name in names)


def test_what_events_call_in_the_browser_is_there_and_no_script_is_written_in_python(events, project):
    scripts = [str(event.js) for event in events if event.js]
    assert scripts
    assert [script for script in scripts if "\n" in script] == []
    written = "".join((project / "assets" / f"{name}.js").read_text(encoding="utf-8") for name in ("page", "controls"))
    offered = set(
        re.findall(r"\w+", " ".join(re.findall(r"(?:window\.moxu = |Object\.assign\(moxu, )\{(.+?)\}", written, re.DOTALL)))
    )
    called = {name for script in scripts for name in re.findall(r"\bmoxu\.(\w+)", script)}
    assert called <= offered


@pytest.mark.parametrize(
    ("trouble", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EACCES, "read_only")]
)
def test_a_disk_that_takes_nothing_is_a_sentence_and_no_bug(workspace, monkeypatch, trouble, code):
    def refuse(*_):
        raise OSError(trouble, "no")

    monkeypatch.setattr(manuscripts, "create", refuse)
    app = make_app(open_services(workspace), "127.0.0.1")
    with TestClient(app, client=("127.0.0.1", 1), base_url="http://127.0.0.1") as browser:
        answer = browser.post("/api/manuscripts", json={"title": "雪"}, headers={"X-Moxu-Language": "en"})
    assert (answer.status_code, answer.json()["error"]) == (507, {"code": code, "message": load_words("en")(f"error.{code}")})
