"""The shell around every command: flags, one line or one JSON object on stdout, errors as one sentence on stderr.

Exit codes: 0 good, 2 the user's mistake, 130 Ctrl-C, 1 a bug (with its traceback).
"""

import argparse
import errno
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TypeVar

from pipelines import VERSION
from pipelines.errors import BadSettings, StudioError
from pipelines.files import NO_SPACE
from pipelines.workspace import Workspace, open_workspace

T = TypeVar("T")
Result = tuple[dict[str, Any], str]
GOOD, BUG, MISTAKE, INTERRUPTED = 0, 1, 2, 130
REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
MISNAMED = frozenset({errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR})


class NothingDone(StudioError):
    """The command did nothing, and its manifest says why: it is printed with --json, then the sentence, with exit code 2."""

    def __init__(self, code: str, message: str, manifest: dict[str, Any]) -> None:
        super().__init__(code, message)
        self.manifest = manifest


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are ours: one sentence, not a page of usage."""

    def error(self, message: str) -> NoReturn:
        raise BadSettings("bad_flags", f"{self.prog}: {message}", f"see `{self.prog} --help`")


def parser(step: str, sentence: str) -> Parser:
    """A parser for `python -m pipelines.<step>` with the flags that all commands share."""
    made = Parser(prog=f"python -m pipelines.{step}", description=sentence, allow_abbrev=False)
    made.add_argument("--version", action="version", version=f"Moxu {VERSION}")
    add_shared(made)
    return made


def add_shared(made: argparse.ArgumentParser) -> None:
    """The flags of every command and subcommand."""
    made.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print exactly one JSON object")
    made.add_argument("--workspace", metavar="DIR", default=argparse.SUPPRESS, help="else $MOXU_HOME, else ~/moxu")


def workspace_of(arguments: argparse.Namespace) -> Workspace:
    """The workspace that the flags name."""
    return open_workspace(getattr(arguments, "workspace", None))


def execute(made: Parser, argv: list[str] | None, act: Callable[[argparse.Namespace], Result]) -> int:
    """Parse, act, print the manifest or the human line, and turn errors into a sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return _perform(act, made.parse_args(argv))
    except StudioError as error:
        return _say(error.sentence, MISTAKE)
    except KeyboardInterrupt as interrupt:
        return _say(str(interrupt) or "interrupted; nothing is left half-written, run the same command again", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except UnicodeEncodeError as error:
        return _say(f"{error.object!r} holds half a character, which no file can; choose another name or text", MISTAKE)
    except OSError as error:
        sentence = system_sentence(error)
        if sentence is None:
            raise
        return _say(sentence, MISTAKE)


def _perform(act: Callable[[argparse.Namespace], Result], arguments: argparse.Namespace) -> int:
    """Act and print the manifest or the human line; of a command that did nothing, the manifest and why."""
    as_json, failure = getattr(arguments, "json", False), ""
    try:
        manifest, line = act(arguments)
    except NothingDone as nothing:
        manifest, line, failure = nothing.manifest, "", nothing.sentence
    # A command that spoke while it lived has nothing left to say.
    if shown := json.dumps(manifest, ensure_ascii=False) if as_json and manifest else line:
        print(shown, flush=True)
    return _say(failure, MISTAKE) if failure else GOOD


def system_sentence(error: OSError) -> str | None:
    """What to tell a person of an error of the disk; None if it is not theirs to mend."""
    if error.errno in NO_SPACE:
        return "the disk is full; nothing is left half-written: free some space and run the same command again"
    if error.errno in REFUSED:
        return f"{error.filename} may not be read or written ({error.strerror}); check its permissions or choose another place"
    if error.errno in MISNAMED:
        return f"{error.filename} is no place to read or write ({error.strerror}); choose another name"
    return None


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return code


def progress(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Yield the items, drawing a bar on stderr when it is a terminal."""
    shown = sys.stderr.isatty()
    for done, item in enumerate(items, start=1):
        yield item
        if shown:
            filled = 30 * done // max(total, 1)
            print(f"\r{label} [{'█' * filled}{'·' * (30 - filled)}] {done}/{total}", end="", file=sys.stderr, flush=True)
    if shown:
        print(file=sys.stderr)
