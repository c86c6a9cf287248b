"""Settings declared once: a dataclass whose fields carry a sentence and a range gives flags, checks, JSON and a form.

Fields are made by `option`; fields of one `group` exclude each other, and naming one on the command line clears the rest.
Knows nothing of what the settings mean.
"""

import argparse
import dataclasses
import json
import math
import types
import typing
from typing import TYPE_CHECKING, Any, TypeVar

from pipelines.errors import BadSettings, BrokenArtifact

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S", bound="DataclassInstance")
# What JSON may hold for a field of a type, and how a sentence calls it.
JSON_TYPES: dict[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float), str: (str,), tuple: (list,)}
KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list of texts",
}
LONGEST_SHOWN = 60


def option(
    default: Any,
    sentence: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    group: str = "",
) -> Any:
    """A dataclass field with its sentence (with the unit), its inclusive range or its choices, and its group."""
    metadata = {"sentence": sentence, "minimum": minimum, "maximum": maximum, "choices": choices, "group": group}
    return dataclasses.field(default=default, metadata=metadata)


def flag_of(name: str) -> str:
    """`batch_size` -> `--batch-size`."""
    return "--" + name.replace("_", "-")


def check(settings: S) -> None:
    """Raise BadSettings, naming field, range and value, for the first field outside its range."""
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if value is None or field.metadata == {}:
            continue
        if field.metadata["choices"] and value not in field.metadata["choices"]:
            raise _refusal(field, f"one of {', '.join(field.metadata['choices'])}", value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            _check_range(field, value)


def _check_range(field: dataclasses.Field[Any], value: float) -> None:
    minimum, maximum = field.metadata["minimum"], field.metadata["maximum"]
    if not math.isfinite(value):
        raise _refusal(field, "a finite number", value)
    if minimum is not None and value < minimum:
        raise _refusal(field, f"at least {minimum}", value)
    if maximum is not None and value > maximum:
        raise _refusal(field, f"at most {maximum}", value)


def _refusal(field: dataclasses.Field[Any], allowed: str, value: object) -> BadSettings:
    message = f"{field.name.replace('_', ' ')} must be {allowed}, got {value}"
    limits = limits_of(field.metadata["minimum"], field.metadata["maximum"])
    return BadSettings("out_of_range", message, name=field.name, allowed=limits, value=value)


def limits_of(minimum: float | None, maximum: float | None) -> str:
    """A range in signs, for a sentence in any language."""
    if minimum is not None and maximum is not None:
        return f"{minimum}–{maximum}"
    return f"≥ {minimum}" if minimum is not None else f"≤ {maximum}" if maximum is not None else "< ∞"


def add_flags(parser: argparse.ArgumentParser, cls: "type[DataclassInstance]") -> None:
    """Add a flag for every field of `cls`; a flag that is not given leaves no trace in the namespace."""
    group = parser.add_argument_group("settings")
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        if field.metadata == {}:
            continue
        keywords: dict[str, Any] = {"default": argparse.SUPPRESS, "help": _help(field)}
        kind = value_type(hints[field.name])
        if kind is bool:
            keywords["action"] = argparse.BooleanOptionalAction
        elif kind is tuple:
            keywords["action"] = "append"
        else:
            keywords |= {"type": kind, "metavar": kind.__name__.upper()}
        group.add_argument(flag_of(field.name), **keywords)


def value_type(hint: Any) -> type:
    """The type of a value: `int | None` -> int, `tuple[str, ...]` -> tuple."""
    if isinstance(hint, types.UnionType):
        return next(part for part in typing.get_args(hint) if part is not type(None))
    return typing.get_origin(hint) or hint


def _help(field: dataclasses.Field[Any]) -> str:
    minimum, maximum, choices = (field.metadata[key] for key in ("minimum", "maximum", "choices"))
    parts = [field.metadata["sentence"]]
    if choices:
        parts.append(f"one of {', '.join(choices)}")
    if span := _range(minimum, maximum):
        parts.append(span)
    if field.default is not None and field.default != ():
        parts.append(f"default {field.default}")
    return " · ".join(parts).replace("%", "%%")


def _range(minimum: float | None, maximum: float | None) -> str:
    """`1..10`, `1..` or nothing."""
    if minimum is None and maximum is None:
        return ""
    return f"{'' if minimum is None else minimum}..{'' if maximum is None else maximum}"


def from_flags(base: S, arguments: argparse.Namespace) -> S:
    """`base` with the values that were given as flags; raises BadSettings for a value outside its range."""
    return replace(base, given(base, arguments))


def given(base: S, arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that were named on the command line, by field name."""
    names = [field.name for field in dataclasses.fields(base)]
    return {name: getattr(arguments, name) for name in names if hasattr(arguments, name)}


def replace(base: S, changes: dict[str, Any]) -> S:
    """`base` with `changes`, lists made tuples, the other fields of a changed group cleared; checked."""
    changes = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
    fields = {field.name: field for field in dataclasses.fields(base)}
    groups = {fields[name].metadata.get("group") for name in changes} - {"", None}
    cleared = {name: None for name, field in fields.items() if field.metadata.get("group") in groups}
    settings = dataclasses.replace(base, **(cleared | changes))
    check(settings)
    return settings


def to_argv(settings: S, base: S) -> list[str]:
    """The flags that turn `base` into `settings`: `from_flags(base, parse(to_argv(settings, base))) == settings`."""
    argv: list[str] = []
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.metadata == {} or value == getattr(base, field.name) or value is None:
            continue
        flag = flag_of(field.name)
        if isinstance(value, bool):
            argv.append(flag if value else flag.replace("--", "--no-", 1))
        else:
            argv += [f"{flag}={part}" for part in (value if isinstance(value, tuple) else (value,))]
    return argv


def to_json(settings: S) -> dict[str, Any]:
    """The settings as a JSON object."""
    return dataclasses.asdict(settings)


def from_json(cls: type[S], values: dict[str, Any]) -> S:
    """The settings from a JSON object; absent fields take their defaults.

    Raises BrokenArtifact for a field this version does not know, BadSettings for a value outside its range.
    """
    known = {field.name for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise BrokenArtifact(
            "unknown_setting",
            f"this version does not know the setting {unknown[0]}",
            "open it with a newer Moxu",
            name=unknown[0],
        )
    settings = cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
    check(settings)
    return settings


def from_request(base: S, values: dict[str, Any]) -> S:
    """`base` with the values that a client sent, their types checked too; raises BadSettings for the first that cannot be."""
    hints = typing.get_type_hints(type(base))
    for name, value in values.items():
        if name not in hints:
            message = f"there is no setting {json.dumps(name)[:LONGEST_SHOWN]}"
            raise BadSettings("unknown_setting", message, f"the settings are {', '.join(hints)}", name=name[:LONGEST_SHOWN])
        kind, optional = value_type(hints[name]), isinstance(hints[name], types.UnionType)
        right = type(value) in JSON_TYPES[kind] and (kind is not tuple or all(isinstance(part, str) for part in value))
        if not (right or (value is None and optional)):
            message = f"{name.replace('_', ' ')} must be {KINDS[kind]}, got {json.dumps(value)[:LONGEST_SHOWN]}"
            raise BadSettings("wrong_kind", message, name=name)
    return replace(base, values)


def to_markdown(cls: "type[DataclassInstance]") -> str:
    """A table of the settings for the documentation: flag, default, range, sentence."""
    lines = ["| flag | default | range | what it is |", "|---|---|---|---|"]
    for field in dataclasses.fields(cls):
        minimum, maximum, choices = (field.metadata[key] for key in ("minimum", "maximum", "choices"))
        allowed = ", ".join(choices) or _range(minimum, maximum)
        default = "" if field.default in (None, ()) else field.default
        lines.append(f"| `{flag_of(field.name)}` | {default} | {allowed} | {field.metadata['sentence']} |")
    return "\n".join(lines)
