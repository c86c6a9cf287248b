import errno
import inspect
import logging
from types import SimpleNamespace

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.errors import NotFound
from studio.events import Page, guarded
from studio.services import open_services
from studio.words import load_words

HERE = ("127.0.0.1", 50000)
ELSEWHERE = ("192.0.2.7", 50000)


def greet(services, words, visitor, name):
    """A handler as tabs have them."""
    if name == "nobody":
        raise NotFound("no_novel", "there is no novel '<b>nobody</b>'", wanted="<b>nobody</b>")
    if name == "full":
        raise OSError(errno.ENOSPC, "No space left on device")
    if name == "bug":
        raise ZeroDivisionError("secret path /root")
    return f"{visitor.name} {words.language} {name}"


@pytest.fixture
def ask(workspace):
    """Fire the page's one event as a browser does; answers what it sends back."""
    with gr.Blocks() as blocks:
        name, answer = gr.Textbox(), gr.Textbox()
        button = gr.Button()
        page = Page(blocks, open_services(workspace), load_words("en"))
        page.on([button.click], greet, [name], [answer], action="make")
    app = gr.mount_gradio_app(FastAPI(), blocks, "/")

    def fire(value, client=HERE):
        with TestClient(app, client=client) as browser:
            return browser.post("/gradio_api/run/predict", json={"fn_index": 0, "data": [value]}).json()

    return fire


def test_a_handler_gets_services_words_and_the_visitor(ask):
    assert ask("Ann")["data"] == ["local en Ann"]


def test_an_error_becomes_a_sentence_and_its_text_stays_text(ask):
    sentence = ask("nobody")["error"]
    assert "nobody" in sentence
    assert "<b>" not in sentence


def test_a_full_disk_is_said_to_be_one(ask):
    assert ask("full")["error"] == load_words("en")("error.disk_full").replace("'", "&#x27;")


def test_a_bug_says_its_number_and_keeps_its_inside_for_the_log(ask, caplog):
    with caplog.at_level(logging.ERROR, "moxu"):
        sentence = ask("bug")["error"]
    number = caplog.records[0].args[0]
    assert number in sentence
    assert "secret" not in sentence
    assert "secret path" in caplog.text


def test_whoever_comes_from_elsewhere_may_make_nothing(ask):
    assert ask("Eve", ELSEWHERE)["error"] == load_words("en")("error.forbidden")


def test_events_are_private(workspace):
    with gr.Blocks() as blocks:
        button = gr.Button()
        page = Page(blocks, open_services(workspace), load_words("zh"))
        page.on([button.click], greet, action="see")
        page.lead(button.click, "training")
    assert [fn.api_visibility for fn in blocks.fns.values()] == ["private", "private"]


def test_a_handler_that_answers_several_times_is_called_as_one_and_its_errors_are_sentences_too():
    def handler(services, words, visitor, value):
        yield value + 1
        raise NotFound("no_novel", "there is none", wanted="x")

    run = guarded(handler, None, load_words("en"), "see")
    assert inspect.isgeneratorfunction(run)
    answers = run(SimpleNamespace(client=SimpleNamespace(host=HERE[0])), 1)
    assert next(answers) == 2
    with pytest.raises(gr.Error):
        next(answers)
