"""What tests of the studio stand on."""

import asyncio

import pytest


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
