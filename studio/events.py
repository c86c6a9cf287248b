"""How a page's events look: each asks access first, runs a plain handler, and turns errors into sentences.

A handler is `handler(services, words, visitor, *values)`. It knows nothing of requests, and is tested without Gradio.
"""

import contextlib
import functools
import html
import inspect
import logging
import secrets
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components.base import Component
from gradio.events import Dependency

from pipelines.errors import StudioError
from pipelines.files import NO_SPACE, READ_ONLY
from studio import access
from studio.access import Action, Visitor
from studio.services import Services
from studio.words import Words

Handler = Callable[..., Any]
logger = logging.getLogger("moxu")


@dataclass(frozen=True)
class Page:
    """What the tabs are wired with: the page in one language, and what its handlers may ask for."""

    blocks: gr.Blocks
    services: Services
    words: Words

    def on(
        self,
        triggers: Sequence[Any],
        handler: Handler,
        inputs: Sequence[Component] | None = None,
        outputs: Sequence[Block] | None = None,
        *,
        action: Action,
        queue: bool | None = None,
        **more: Any,
    ) -> Dependency:
        """Run `handler` when one of the triggers fires.

        Gradio 6.31 shows the sentences of queued events only (gr.Error and gr.Info of others reach nobody), so what a person
        does is queued, and what only looks, as a timer does, is not, unless `queue` says otherwise.
        """
        return gr.on(
            list(triggers),
            guarded(handler, self.services, self.words, action),
            inputs,
            outputs,
            queue=action != "see" if queue is None else queue,
            api_visibility="private",
            **({"show_progress": "hidden"} | more),
        )

    def opened(self, tab: gr.Tab, handler: Handler, inputs: Sequence[Component], outputs: Sequence[Block]) -> Dependency:
        """Run `handler` when the page loads and whenever somebody opens the tab, so that it shows what the disk says now."""
        return self.on([self.blocks.load, tab.select], handler, inputs, outputs, action="see")

    def lead(self, after: Any, tab: str) -> Dependency:
        """Open another tab in the browser: `after` is a button's click, or the event whose success leads there."""
        return (after.success if isinstance(after, Dependency) else after)(
            None, js=f"() => moxu.open('{tab}')", queue=False, api_visibility="private"
        )


def guarded(handler: Handler, services: Services, words: Words, action: Action) -> Handler:
    """The handler as Gradio calls it: with the visitor asked for first, and errors as sentences in the page's language.

    One that yields is called as one: Gradio shows each of its answers.
    """

    def visitor_of(request: gr.Request) -> Visitor:
        visitor = access.visitor_from(request.client.host if request.client else None)
        access.require(visitor, action)
        return visitor

    @functools.wraps(handler)
    def once(request: gr.Request, *values: Any) -> Any:
        with _explained(words):
            return handler(services, words, visitor_of(request), *values)

    @functools.wraps(handler)
    def several(request: gr.Request, *values: Any) -> Any:
        with _explained(words):
            yield from handler(services, words, visitor_of(request), *values)

    run: Any = several if inspect.isgeneratorfunction(handler) else once
    # What functools.wraps copied would make Gradio ask for the handler's own parameters.
    del run.__wrapped__
    run.__annotations__ = {"request": gr.Request}
    run.action = action
    return run


@contextlib.contextmanager
def _explained(words: Words) -> Generator[None]:
    """Turn what goes wrong into a sentence over the page."""
    try:
        yield
    except gr.Error:
        raise
    except Exception as error:
        raise toast(words, explain(words, error)) from error


def explain(words: Words, error: Exception) -> str:
    """The sentence for whatever went wrong; what nobody foresaw gets a number, and stands under it in the log."""
    if isinstance(error, StudioError):
        return words.error(error)
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        return words("error.disk_full")
    if isinstance(error, OSError) and error.errno in READ_ONLY:
        logger.warning("%s", error)
        return words("error.read_only")
    number = secrets.token_hex(4)
    logger.error("bug %s", number, exc_info=error)
    return words("error.bug", number=number)


def toast(words: Words, sentence: str) -> gr.Error:
    """A sentence that appears over the page; toasts read HTML, and a sentence may hold a novel's name."""
    return gr.Error(html.escape(sentence), title=words("error.title"), duration=12, print_exception=False)


def tell(words: Words, sentence: str) -> None:
    """A sentence of success over the page."""
    gr.Info(html.escape(sentence), title=words("page.done"), duration=6)


def warn(words: Words, sentence: str) -> None:
    """A sentence over the page about something that was done because of a mistake."""
    gr.Warning(html.escape(sentence), title=words("error.title"), duration=15)
