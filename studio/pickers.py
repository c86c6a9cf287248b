"""Choosing among things on the disk: Gradio's choosers without its check against the list that the server remembers.

That list is forgotten when the studio restarts under an open page, and is another tab's by then. Every handler looks the id
up itself, and says in a sentence when it is gone.
"""

from typing import Any

import gradio as gr


class Picker(gr.Dropdown):
    """One of many, by id."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return payload


class ManyPicker(gr.CheckboxGroup):
    """Any number of them, by id."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return payload


class CardPicker(gr.Radio):
    """One of a few, each shown as a card."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return payload
