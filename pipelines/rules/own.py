"""The writer's own rules: find and replace, plain or by a regular expression, stopped when they take too long.

A pattern that a person types may never end: `(a+)+$` on a row of a's. The `regex` library gives up after a time that we set,
where Python's own `re` would have to be killed with its process. Its counted repeats are counters, so that
`(a{1,1000}){1,1000}` costs nothing to compile.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

import regex

from pipelines.errors import BadSettings
from pipelines.rules.rule import Edit, Rule

LONGEST_NAME = 60
LONGEST_PATTERN = 2_000
# More than any wish for a novel; a rule that wants more would fill the memory with its edits.
MOST_MATCHES = 2_000_000
MOST_INSERTED = 20_000_000
_LONGEST_REASON = 120
# What the library raises for patterns that it cannot read: its own error, flags that exclude each other, too many brackets.
_UNREADABLE = (regex.error, ValueError, RecursionError, OverflowError)
# What a replacement is made of: texts, and groups by their numbers.
_Parts = tuple[str | int, ...]


class RuleStopped(BadSettings):
    """A rule of the writer's was stopped midway, so none of its edits count; `values["name"]` is its name without `own:`."""


@dataclass(frozen=True, slots=True)
class OwnRule:
    r"""Replace every `find` by `replace`; as a `regex`, `^` and `$` are a line's ends, `\1` and `\g<name>` are groups.

    Raises BadSettings for a name, a pattern or a replacement that cannot be used. Unlike the rules of the catalogue it need
    not be idempotent.
    """

    name: str
    find: str
    replace: str = ""
    regex: bool = False
    case: bool = True

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_texts(self)
        if self.regex:
            _parts(self, _compiled(self))

    @classmethod
    def from_json(cls, values: Any) -> "OwnRule":
        """The rule of a JSON object; raises BadSettings for any other thing, an unknown field or a value of another type."""
        kinds = {field.name: field.type for field in fields(cls)}
        if not isinstance(values, dict) or not {"name", "find"} <= set(values) <= set(kinds):
            raise _misshapen()
        if any(type(value) is not kinds[name] for name, value in values.items()):
            raise _misshapen()
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def rule(self, seconds: float = 2.0) -> Rule:
        """The rule `own:<name>`; on one text it raises RuleStopped after `seconds`, or for edits beyond all measure.

        The seconds are the processor's, as the library counts them, so that a busy machine stops no rule that is quick.
        """
        sentence = f"Replace {self.find[:LONGEST_NAME]!r} by {self.replace[:LONGEST_NAME]!r}."
        return Rule(f"own:{self.name}", 0, False, "high", sentence, lambda text: _edits(self, text, seconds))


def _misshapen() -> BadSettings:
    message = "a rule of your own is an object with the texts name, find and replace and the switches regex and case"
    return BadSettings("own_rule_shape", message, "give at least name and find, and nothing else")


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"a rule's name has 1 to {LONGEST_NAME} characters on one line, got {name[:LONGEST_NAME]!r}"
        raise BadSettings("own_rule_name", message, "choose another name", most=LONGEST_NAME)


def _check_texts(rule: OwnRule) -> None:
    if not rule.find:
        raise BadSettings("own_rule_empty", f"the rule {rule.name} has nothing to find", "say what to find", name=rule.name)
    if max(len(rule.find), len(rule.replace)) > LONGEST_PATTERN:
        message = f"the rule {rule.name} is longer than {LONGEST_PATTERN} characters"
        raise BadSettings("own_rule_long", message, "make two rules of it", name=rule.name, most=LONGEST_PATTERN)
    if any("\ud800" <= character <= "\udfff" for character in rule.find + rule.replace):
        message = f"the rule {rule.name} holds half a character, which no file can hold"
        raise BadSettings("own_rule_half", message, "type that place anew", name=rule.name)


def _compiled(rule: OwnRule) -> Any:
    flags = regex.MULTILINE if rule.case else regex.MULTILINE | regex.IGNORECASE
    try:
        return regex.compile(rule.find if rule.regex else regex.escape(rule.find), flags)
    except _UNREADABLE as error:
        reason = "too many brackets" if isinstance(error, RecursionError) else str(error)[:_LONGEST_REASON]
        message = f"the pattern of the rule {rule.name} cannot be read: {reason}"
        raise BadSettings("own_rule_pattern", message, "mend the pattern", name=rule.name, reason=reason) from None


_ESCAPES = regex.compile(r"\\(?:g<(\w{1,100})>|([1-9][0-9]?)|(.?))", regex.DOTALL)
_SIGNS = {"n": "\n", "t": "\t"}


def _parts(rule: OwnRule, pattern: Any) -> _Parts:
    """The replacement of a rule, taken apart; raises BadSettings for a group that its pattern lacks."""
    if not rule.regex:
        return (rule.replace,)
    parts: list[str | int] = []
    done = 0
    for match in _ESCAPES.finditer(rule.replace):
        part = _part(*match.groups(), pattern)
        if part is None:
            message = f"the replacement of the rule {rule.name} has {match.group()}, and its pattern has no such group"
            raise BadSettings("own_rule_group", message, r"write \\ for a backslash", name=rule.name, reference=match.group())
        parts += (rule.replace[done : match.start()], part)
        done = match.end()
    return (*parts, rule.replace[done:])


def _part(name: str | None, number: str | None, sign: str | None, pattern: Any) -> str | int | None:
    """What stands for an escape: a text, or a group's number; None if there is no such group or sign."""
    if sign is not None:
        return _SIGNS.get(sign) or (sign if sign and not sign.isalnum() else None)
    word = name or number or ""
    group = int(word) if word.isdecimal() else pattern.groupindex.get(word)
    return group if group is not None and group <= pattern.groups else None


def _edits(rule: OwnRule, text: str, seconds: float) -> Iterator[Edit]:
    left, name = MOST_INSERTED, f"own:{rule.name}"
    changes = _by_pattern(rule, text, seconds) if rule.regex or not rule.case else _plain(rule, text)
    for count, (at, removed, inserted) in enumerate(changes):
        left -= len(inserted)
        if count == MOST_MATCHES or left < 0:
            raise _boundless(rule)
        if removed != inserted:
            yield Edit(name, at, removed, inserted)


def _plain(rule: OwnRule, text: str) -> Iterator[tuple[int, str, str]]:
    at = text.find(rule.find)
    while at >= 0:
        yield at, rule.find, rule.replace
        at = text.find(rule.find, at + len(rule.find))


def _by_pattern(rule: OwnRule, text: str, seconds: float) -> Iterator[tuple[int, str, str]]:
    pattern = _compiled(rule)
    parts = _parts(rule, pattern)
    groups = [part for part in parts if isinstance(part, int)]
    same = "" if groups else "".join(map(str, parts))
    try:
        for match in pattern.finditer(text, timeout=seconds):
            yield match.start(), match.group(), _filled(rule, parts, match) if groups else same
    except TimeoutError:
        message = f"the rule {rule.name} was stopped after {seconds:g} seconds"
        raise RuleStopped("own_rule_slow", message, "make its pattern simpler", name=rule.name, seconds=f"{seconds:g}") from None
    except MemoryError:
        raise _boundless(rule) from None


def _filled(rule: OwnRule, parts: _Parts, match: Any) -> str:
    """A replacement with a match's groups in it; raises RuleStopped before it makes one beyond all measure."""
    if sum(match.end(part) - match.start(part) for part in parts if isinstance(part, int)) > MOST_INSERTED:
        raise _boundless(rule)
    return "".join([part if isinstance(part, str) else match[part] or "" for part in parts])


def _boundless(rule: OwnRule) -> RuleStopped:
    message = f"the rule {rule.name} would change more than {MOST_MATCHES:,} places or add {MOST_INSERTED:,} characters"
    return RuleStopped("own_rule_boundless", message, "make it find less", name=rule.name)
