"""A real studio over a workspace, as a person starts it: `python app.py` in a process of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
START_SECONDS = 120
END_SECONDS = 20
OPEN = re.compile(r"Moxu is open at (http://\S+)")


class Studio:
    """A running studio: its address, its workspace and what it says on stderr."""

    def __init__(self, place: Path, workspace: Path, port: int = 0) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.workspace = workspace
        self.log = place / "stderr.txt"
        command = [sys.executable, "app.py", "--port", str(port), "--workspace", str(workspace)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=surroundings(place), stdout=log, stderr=log)
        self.url = self._wait()

    def _wait(self) -> str:
        """The address, once it answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            told = OPEN.search(self.log.read_text(encoding="utf-8", errors="replace"))
            with contextlib.suppress(OSError):
                if told and urllib.request.urlopen(f"{told[1]}/health", timeout=5).status == 200:
                    return told[1]
            time.sleep(0.1)
        self.close()
        raise AssertionError(f"the studio did not open:\n{self.log.read_text(encoding='utf-8', errors='replace')}")

    def close(self) -> None:
        """End it as Ctrl-C does, and whatever it started that is still there: trainers outlive it, and tests do not want them."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for number in started_over(self.workspace):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def surroundings(place: Path) -> dict[str, str]:
    """An environment with a home and a temp folder of its own, so that nobody's are touched."""
    folders = {name: place / name.lower() for name in ("HOME", "MOXU_HOME", "TMPDIR")}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    named = {name: str(folder) for name, folder in folders.items()}
    # A proxy would be asked for 127.0.0.1, too.
    return {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")} | named


def started_over(workspace: Path) -> list[int]:
    """The processes whose command names the workspace: trainers and engines; its path is like no other."""
    # Without -ww a terminal's width cuts the commands off, and pytest sets one.
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,command="], capture_output=True, text=True, check=False).stdout
    return [int(line.split(maxsplit=1)[0]) for line in listed.splitlines() if str(workspace) in line]


@contextlib.contextmanager
def running(place: Path, workspace: Path, port: int = 0) -> Iterator[Studio]:
    """A studio for the length of a block."""
    studio = Studio(place, workspace, port)
    try:
        yield studio
    finally:
        studio.close()
