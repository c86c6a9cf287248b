"""What may go wrong, designed: every error a person can cause or meet is one of these.

    StudioError            code, message, hint
    ├── BadText            cannot decode, empty, too short after cleaning
    ├── BadSettings        a value, its name, the allowed range
    ├── NotFound           no such novel, corpus, run, bundle
    ├── Conflict           exists already; run is alive; disk full; device taken
    │   └── NameTaken      an artifact of that name was there first
    ├── Forbidden          this visitor may not do that
    └── BrokenArtifact     hash or format does not match its manifest

This module imports nothing of ours, so that every layer, `models` included, may raise these.
"""

from typing import Any


class StudioError(Exception):
    """An error with a sentence for the person who met it.

    `code` names the sentence for translation, `message` says what happened and why (naming the value),
    `hint` says what to do, and `values` are what a translated sentence needs.
    """

    def __init__(self, code: str, message: str, hint: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.values = values

    @property
    def sentence(self) -> str:
        """One line: what and why, then what to do."""
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Come whole out of another process: pickle would call the class with the message alone."""
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[StudioError], arguments: tuple[Any, ...]) -> StudioError:
    return kind.__new__(kind, *arguments)


class BadText(StudioError):
    """The text cannot be decoded, is empty, or is too short after cleaning."""


class BadSettings(StudioError):
    """A setting is outside its range."""


class NotFound(StudioError):
    """There is no such novel, corpus, run or bundle."""


class Conflict(StudioError):
    """The wish collides with what is: it exists already, the run is alive, the disk is full."""


class NameTaken(Conflict):
    """There is an artifact of that name already; another name will do."""


class Forbidden(StudioError):
    """This visitor may not do that."""


class BrokenArtifact(StudioError):
    """A file's hash or format does not match its manifest."""
