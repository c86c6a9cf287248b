"""What an open studio costs: seconds until its first page, memory, and processor time while nobody looks.

python benchmarks/opening.py [--rounds 5] [--idle-seconds 60]
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"http://\S+")
PATIENCE_SECONDS = 120


def main() -> None:
    """Open the studio some times, the last time long enough to see it idle."""
    made = argparse.ArgumentParser(description="What an open studio costs.")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--idle-seconds", type=float, default=60.0)
    arguments = made.parse_args()
    rounds = [measure(0.0) for _ in range(arguments.rounds - 1)] + [measure(arguments.idle_seconds)]
    seconds = [row["seconds_to_first_page"] for row in rounds]
    summary = {
        "seconds_to_first_page": {"median": statistics.median(seconds), "all": seconds},
        "megabytes": {"median": statistics.median(row["megabytes"] for row in rounds)},
        "idle_percent_of_a_core": rounds[-1]["idle_percent_of_a_core"],
    }
    print(json.dumps(summary, indent=1))


def measure(idle_seconds: float) -> dict[str, float]:
    """One studio over an empty workspace, from its start to its first page, and then left alone."""
    with tempfile.TemporaryDirectory() as place:
        begun = time.monotonic()
        command = [sys.executable, "app.py", "--port", "0", "--workspace", place]
        with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) as studio:
            try:
                address = first_address(studio)
                page = urllib.request.urlopen(address + "/", timeout=PATIENCE_SECONDS).read()
                seconds = time.monotonic() - begun
                process = psutil.Process(studio.pid)
                return {
                    "seconds_to_first_page": round(seconds, 2),
                    "page_bytes": len(page),
                    "megabytes": round(process.memory_info().rss / 1e6, 1),
                    "idle_percent_of_a_core": idle(process, idle_seconds),
                }
            finally:
                studio.terminate()


def first_address(studio: "subprocess.Popen[str]") -> str:
    """Where the studio says that it is open."""
    assert studio.stderr is not None
    for line in studio.stderr:
        if found := ADDRESS.search(line):
            return found.group()
    raise RuntimeError("the studio ended before it was open")


def idle(process: psutil.Process, seconds: float) -> float:
    """Percent of one core that the process uses while nobody asks it for anything."""
    if not seconds:
        return float("nan")
    time.sleep(2)
    before, begun = sum(process.cpu_times()[:2]), time.monotonic()
    time.sleep(seconds)
    return round(100 * (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - begun), 2)


if __name__ == "__main__":
    main()
