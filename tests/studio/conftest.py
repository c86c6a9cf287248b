"""What tests of the studio stand on."""

import asyncio

import pytest

from studio.services.steps import end_steps
from studio.workers import Workers


@pytest.fixture(autouse=True)
def _close_what_gradio_leaves(monkeypatch):
    """Gradio, building pages outside of an event loop, makes loops and never closes them; here warnings are errors."""
    made, make = [], asyncio.new_event_loop

    def new_event_loop():
        made.append(make())
        return made[-1]

    monkeypatch.setattr(asyncio, "new_event_loop", new_event_loop)
    yield
    for loop in made:
        loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture(autouse=True)
def _work_in_this_process(monkeypatch, request):
    """Long work is done at once and here, but in the tests that ask for `real_workers`."""
    if "real_workers" not in request.fixturenames:

        def run(self, function, *arguments, hear, stop, seconds):
            return function(*arguments, hear)

        monkeypatch.setattr(Workers, "run", run)


@pytest.fixture
def real_workers():
    """Processes of their own, gone when the test is over."""
    yield Workers()
    end_steps()
