"""Small HTML, built from elements: every text and every attribute is escaped, so that a novel's words stay words."""

import html
from dataclasses import dataclass

VOID = frozenset({"br", "hr", "img", "input"})


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML that `tag` made; whatever is not Markup is text."""

    html: str

    def __str__(self) -> str:
        return self.html


Child = Markup | str | int | float | None


def tag(name: str, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """An element. `class_` stands for class, `data_x` for data-x; a None or False attribute is left away, so is a None child."""
    written = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None and value is not False)
    if name in VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Children side by side."""
    return Markup(
        "".join(child.html if isinstance(child, Markup) else html.escape(str(child)) for child in children if child is not None)
    )


def _attribute(key: str, value: str | int | float | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
