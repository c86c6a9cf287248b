"""The application: what its process loads, and that every event of the pages asks who is there."""

import subprocess
import sys

import pytest

from pipelines.workspace import open_workspace
from studio.access import EVERYTHING
from studio.server import QUEUE_SECONDS, make_app
from studio.services import open_services
from studio.shell import build_page
from studio.words import LANGUAGES, load_words

BUILD = """
import asyncio, sys
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


def test_gradio_still_looks_for_queued_events_as_seldom_as_it_is_told():
    blocks = build_page(open_services(open_workspace()), load_words("zh"))
    blocks.queue()
    assert blocks._queue.sleep_when_free < QUEUE_SECONDS


def test_both_pages_are_mounted_behind_one_door():
    app = make_app(open_services(open_workspace()), "127.0.0.1")
    assert {f"/{language}" for language in LANGUAGES} <= {getattr(route, "path", "") for route in app.routes}
