"""Settings as inputs of a page, made from where they are declared, so that no range is written twice.

A field gives the type, the default and the range; the page gives the words, the step, and a narrower range if it wants one.
"""

import dataclasses
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.settings import value_type
from studio.words import Words

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Input = gr.Slider | gr.Number


@dataclass(frozen=True, slots=True)
class Shown:
    """How a page shows a field: as a slider, or as a number to type; a range that is left away is the declared one."""

    name: str
    step: float = 1
    minimum: float | None = None
    maximum: float | None = None
    slider: bool = True

    def span(self, field: dataclasses.Field[Any]) -> tuple[float, float]:
        """The range shown, which lies within the declared one; ValueError if it does not."""
        lowest, highest = field.metadata["minimum"], field.metadata["maximum"]
        span = (lowest if self.minimum is None else self.minimum, highest if self.maximum is None else self.maximum)
        if not lowest <= span[0] < span[1] <= highest:
            raise ValueError(f"{self.name} is declared within {lowest}..{highest}, and shown as {span[0]}..{span[1]}")
        return span


def make_inputs(
    cls: "type[DataclassInstance]", shown: Sequence[Shown], words: Words, prefix: str
) -> dict[str, gr.Slider | gr.Number]:
    """An input for each field, in this order; its label is the word `<prefix>.<name>`, its sentence `<prefix>.<name>_info`."""
    fields = {field.name: field for field in dataclasses.fields(cls)}
    hints = typing.get_type_hints(cls)
    made: dict[str, Input] = {}
    for one in shown:
        low, high = one.span(fields[one.name])
        about: dict[str, Any] = {
            "label": words(f"{prefix}.{one.name}"),
            "info": words(f"{prefix}.{one.name}_info"),
            "interactive": True,
        }
        default: Any = fields[one.name].default
        if one.slider:
            made[one.name] = gr.Slider(low, high, default, step=one.step, buttons=[], **about)
        else:
            whole = 0 if value_type(hints[one.name]) is int else None
            made[one.name] = gr.Number(default, minimum=low, maximum=high, step=one.step, precision=whole, **about)
    return made
