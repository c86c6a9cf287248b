"""Starts one trainer, waits for it, and records how it ended, also when it was killed. Small, and without torch.

    python -m pipelines.supervise RUN_ID --workspace DIR

It stands between the launcher and the trainer, in the trainer's process group, and outlives a SIGTERM to that group.
"""

import signal
import subprocess
import sys

from pipelines import status
from pipelines.command import parser, workspace_of
from pipelines.folders import RunFolder


def main(argv: list[str] | None = None) -> int:
    """Run the trainer of RUN_ID in this process group; returns its exit code."""
    made = parser("supervise", "start one trainer and record how it ends")
    made.add_argument("run")
    arguments = made.parse_args(argv)
    workspace = workspace_of(arguments)
    run = workspace.run(arguments.run)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    command = [sys.executable, "-m", "pipelines.train", run.id, "--workspace", str(workspace.root)]
    code = subprocess.Popen(command, stdin=subprocess.DEVNULL).wait()
    record(run, code)
    return code


def record(run: RunFolder, code: int) -> None:
    """Write exit.json unless the trainer did, or another trainer holds the run by now."""
    if not run.exit.exists() and not status.is_alive(run):
        status.write_exit(run, code, reason(code))


def reason(code: int) -> str:
    """An exit code in words; negative codes are signals on POSIX (`subprocess.Popen.returncode`)."""
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name
    return f"killed by {name}" + (" (by a person, or by the system for want of memory)" if name == "SIGKILL" else "")


if __name__ == "__main__":
    sys.exit(main())
