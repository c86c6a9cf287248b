"""A run from outside: start it, see what it does, stop, pause, resume and follow it. Never imports torch.

python -m pipelines.runs start CORPUS_ID --preset pocket [--minutes 5] [--wait]
python -m pipelines.runs list | show RUN | follow RUN | stop RUN | pause RUN | resume [RUN]
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from pipelines import command, launch, status, training_settings
from pipelines.errors import Conflict
from pipelines.files import read_lines, read_object
from pipelines.folders import RunFolder, list_folders
from pipelines.workspace import Workspace

FOLLOW_SECONDS = 0.5
LONGEST_PATIENCE = 86_400.0
SHOWN = (
    "step",
    "total_steps",
    "progress",
    "activity",
    "waiting_for",
    "bits_per_character",
    "bits_per_character_is_estimate",
    "training_bits_per_character",
    "tokens_per_second",
    "seconds",
    "seconds_left",
    "best_step",
    "bundle",
    "note",
    "device",
    "error",
    "pid",
)


def describe(run: RunFolder) -> dict[str, Any]:
    """What is true of a run now: its phase and what it last measured."""
    announced, manifest = status.read(run), read_object(run.manifest)
    exit_facts = read_object(run.exit) if run.exit.exists() else None
    return {
        "run": run.id,
        "name": manifest["name"],
        "phase": status.phase(run),
        "stalled": status.is_stalled(run),
        **{key: announced.get(key) for key in SHOWN},
        "corpus": manifest["corpus"],
        "encoding": manifest["encoding"],
        "preset": manifest["preset"],
        "exit": exit_facts,
    }


def line_of(facts: dict[str, Any]) -> str:
    """One human line about a run."""
    parts = [f"{facts['run']}: {facts['phase']}{' (stalled)' if facts['stalled'] else ''}"]
    if facts["step"]:
        parts.append(f"step {facts['step']}" + (f" of {facts['total_steps']}" if facts["total_steps"] else ""))
    if facts["bits_per_character"] is not None:
        about = "about " if facts["bits_per_character_is_estimate"] else ""
        parts.append(f"{about}{facts['bits_per_character']:.3f} bits per character held out")
    if facts["tokens_per_second"]:
        parts.append(f"{facts['tokens_per_second']:.0f} tokens per second")
    if facts["phase"] == "queued" and facts["waiting_for"]:
        parts.append(f"waits: {facts['waiting_for']}")
    if facts["bundle"]:
        parts.append(f"bundle {facts['bundle']}")
    elif facts["note"]:
        parts.append(facts["note"])
    if facts["phase"] == status.INTERRUPTED:
        parts.append(f"go on with `runs resume {facts['run']}`")
    if facts["error"]:
        parts.append(facts["error"]["message"])
    return ", ".join(parts)


def wait(run: RunFolder, hear: Callable[[dict[str, Any]], None] = lambda row: None) -> dict[str, Any]:
    """Wait until the run's trainer has ended and describe it; `hear` gets each new row of metrics meanwhile."""
    try:
        offset, alive = 0, True
        while alive:
            alive = status.is_alive(run)
            rows, offset = read_lines(run.metrics, offset)
            for row in rows:
                hear(row)
            time.sleep(FOLLOW_SECONDS if alive else 0)
    except KeyboardInterrupt:
        sentence = f"run {run.id} goes on in the background; `runs follow {run.id}` shows it, `runs stop {run.id}` ends it"
        raise KeyboardInterrupt(sentence) from None
    return describe(run)


def print_row(row: dict[str, Any]) -> None:
    """A row of metrics on stderr."""
    print(row_line(row), file=sys.stderr, flush=True)


def row_line(row: dict[str, Any]) -> str:
    """A row of metrics for a person."""
    if row["kind"] == "held_out":
        return f"step {row['step']:>7}  held out {row['bits_per_character']:.3f} bits per character (estimate)"
    return f"step {row['step']:>7}  learning {row['bits_per_character']:.3f}  {row['tokens_per_second']:>9.0f} tokens per second"


def require_good_end(facts: dict[str, Any]) -> None:
    """Raise for a run that did not end well: Conflict for what a person can mend, RuntimeError for a bug."""
    error = facts["error"]
    if facts["phase"] == "failed" and error and error["code"] == "bug":
        raise RuntimeError(f"{facts['run']}: {error['message']} (its log.txt has the traceback)")
    if facts["phase"] in ("failed", status.INTERRUPTED) or error:
        raise Conflict("run_failed", line_of(facts), run=facts["run"])


def main(argv: list[str] | None = None) -> int:
    """The command `runs`."""
    return command.execute(_parser(), argv, act)


def act(arguments: argparse.Namespace) -> command.Result:
    """Do one action on the workspace's runs."""
    return ACTIONS[arguments.action](command.workspace_of(arguments), arguments)


def _parser() -> command.Parser:
    made = command.parser("runs", "start, watch and steer training runs")
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    start = _action(actions, "start", "start a run in the background")
    start.add_argument("corpus", metavar="CORPUS_ID")
    start.add_argument("--encoding", default="", metavar="E", help="else the corpus' newest")
    start.add_argument("--name", default="", metavar="N", help="else the corpus and the preset")
    start.add_argument("--devices", default="auto", metavar="D", help="auto, cpu, or a GPU's number")
    start.add_argument("--wait", action="store_true", help="return when the run has ended")
    training_settings.add_flags(start)
    _action(actions, "list", "all runs, newest last")
    for name, sentence in (("show", "what a run does"), ("follow", "print a run's metrics until it ends")):
        _action(actions, name, sentence).add_argument("run", metavar="RUN")
    for name, sentence in (
        ("stop", "end a run with a bundle of its best checkpoint"),
        ("pause", "save everything, free the device"),
    ):
        made_action = _action(actions, name, sentence)
        made_action.add_argument("run", metavar="RUN")
        made_action.add_argument(
            "--patience", type=_patience, default=launch.STOP_SECONDS, metavar="SECONDS", help="before SIGTERM"
        )
    resume = _action(actions, "resume", "go on from the newest checkpoint; without RUN: all queued runs that lost their process")
    resume.add_argument("run", metavar="RUN", nargs="?")
    resume.add_argument("--steps", type=int, metavar="N", help="steps in all, to teach a finished run further")
    resume.add_argument("--wait", action="store_true", help="return when the run has ended")
    return made


def _patience(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= LONGEST_PATIENCE:
        raise ValueError
    return seconds


def _action(actions: Any, name: str, sentence: str) -> command.Parser:
    made = actions.add_parser(name, help=sentence, description=sentence, allow_abbrev=False)
    command.add_shared(made)
    return made


def _start(workspace: Workspace, arguments: argparse.Namespace) -> command.Result:
    preset, training = training_settings.from_flags(arguments)
    order = launch.Order(arguments.corpus, arguments.encoding, preset, training, arguments.name, arguments.devices)
    return _answer(launch.start(workspace, order), arguments.wait)


def _resume(workspace: Workspace, arguments: argparse.Namespace) -> command.Result:
    if arguments.run is None:
        taken_up = [run.id for run in launch.resume_waiting(workspace)]
        return {"runs": taken_up}, f"taken up: {', '.join(taken_up) or 'none waited'}"
    return _answer(launch.resume(workspace, workspace.run(arguments.run), arguments.steps), arguments.wait)


def _answer(run: RunFolder, waited: bool) -> command.Result:
    """Describe a run that was just launched, or, when waited for, how it ended."""
    if not waited:
        facts = describe(run)
        return facts, line_of(facts)
    facts = describe(run)
    begun = f"run {run.id} has begun in the background" if facts["phase"] != "queued" else line_of(facts)
    print(begun, file=sys.stderr, flush=True)
    facts = wait(run, print_row) if sys.stderr.isatty() else wait(run)
    require_good_end(facts)
    return facts, line_of(facts)


def _list(workspace: Workspace, arguments: argparse.Namespace) -> command.Result:
    found = [RunFolder(path) for path in list_folders(workspace.runs)]
    every = [describe(run) for run in found if run.manifest.exists()]
    broken = [run.id for run in found if not run.manifest.exists()]
    lines = [line_of(facts) for facts in every] + [f"{name}: no run, it has no run.json" for name in broken]
    return {"runs": every, "broken": broken}, "\n".join(lines) or "no runs yet"


def _show(workspace: Workspace, arguments: argparse.Namespace) -> command.Result:
    facts = describe(workspace.run(arguments.run))
    return facts, line_of(facts)


def _follow(workspace: Workspace, arguments: argparse.Namespace) -> command.Result:
    facts = wait(workspace.run(arguments.run), print_row)
    return facts, line_of(facts)


def _stop(workspace: Workspace, arguments: argparse.Namespace) -> command.Result:
    run = workspace.run(arguments.run)
    launch.stop(workspace, run, arguments.patience)
    return _ended(run, "stopped", "done")


def _pause(workspace: Workspace, arguments: argparse.Namespace) -> command.Result:
    run = workspace.run(arguments.run)
    launch.pause(run, arguments.patience)
    return _ended(run, "paused", "done")


def _ended(run: RunFolder, *wanted: str) -> command.Result:
    """Describe a run that was to end in one of these phases; raises Conflict when it did not end so."""
    facts = describe(run)
    if facts["phase"] not in wanted or facts["error"]:
        raise Conflict("not_ended_so", line_of(facts), run=run.id)
    return facts, line_of(facts)


ACTIONS = {
    "start": _start,
    "list": _list,
    "show": _show,
    "follow": _follow,
    "stop": _stop,
    "pause": _pause,
    "resume": _resume,
}

if __name__ == "__main__":
    sys.exit(main())
