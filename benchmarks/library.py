"""What the library costs: seconds and memory to bring in and clean one text of 300 MB in two encodings, and 1,000 novels.

python benchmarks/library.py NOVELS_FOLDER [--megabytes 300] [--novels 1000] [--json]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines.decode import decode

PROJECT = Path(__file__).resolve().parents[1]
ENCODINGS = ("gb18030", "utf-8")
NOVEL_CHARACTERS = 100_000
POLL_SECONDS = 0.05


def main() -> None:
    """Make the texts, bring them in, and print a table or JSON."""
    made = argparse.ArgumentParser(description="What the library costs.")
    made.add_argument("novels_folder", type=Path)
    made.add_argument("--megabytes", type=int, default=300)
    made.add_argument("--novels", type=int, default=1000)
    made.add_argument("--json", action="store_true")
    arguments = made.parse_args()
    rows = list(measures(read_novels(arguments.novels_folder), arguments.megabytes, arguments.novels))
    if arguments.json:
        print(json.dumps({"cores": psutil.cpu_count(), "rows": rows}, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            print(
                "{what:<28} {megabytes:>7.1f} MB {seconds:>7.1f} s {peak_megabytes:>7.0f} MB at most  {novels} novels".format(
                    **row
                )
            )


def read_novels(folder: Path) -> list[str]:
    """The texts of the novels in a folder that are Chinese."""
    files = [path for path in sorted(folder.rglob("*.txt")) if path.parent.name.startswith("zh")]
    return [decode(path.read_bytes()).text for path in files]


def measures(novels: list[str], megabytes: int, many: int) -> Iterator[dict[str, Any]]:
    """A row for each thing that is brought in."""
    for encoding in ENCODINGS:
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "long.txt"
            write_long(file, novels, encoding, megabytes * 10**6)
            yield {"what": f"one text in {encoding}"} | ingest(file, Path(place) / "workspace")
            yield {"what": f"one text in {encoding}, cleaned"} | clean(file, Path(place) / "workspace")
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place) / "novels", Path(place) / "workspace"
        write_many(folder, novels, many)
        yield {"what": f"{many} novels"} | ingest(folder, home)
        yield {"what": f"{many} novels, once more"} | ingest(folder, home)
        yield {"what": f"{many} novels, cleaned"} | clean(folder, home)


def chapters(novels: list[str]) -> Iterator[str]:
    """The novels again and again, each time with a line of its own in every piece."""
    for round_ in count():
        for novel in novels:
            for start in range(0, len(novel), NOVEL_CHARACTERS):
                yield f"\n第{round_}遍，第{start}字起。\n{novel[start : start + NOVEL_CHARACTERS]}"


def write_long(file: Path, novels: list[str], encoding: str, size: int) -> None:
    """One text of about so many bytes."""
    with file.open("wb") as target:
        for chapter in chapters(novels):
            target.write(chapter.encode(encoding, "ignore"))
            if target.tell() >= size:
                return


def write_many(folder: Path, novels: list[str], many: int) -> None:
    """So many small novels, half of them in each encoding."""
    folder.mkdir()
    for number, chapter in zip(range(many), chapters(novels), strict=False):
        (folder / f"{number:04}.txt").write_bytes(f"{number}{chapter}".encode(ENCODINGS[number % 2], "ignore"))


def ingest(source: Path, home: Path) -> dict[str, Any]:
    """Bring a file or a folder in."""
    return run(source, home, "ingest", str(source))


def clean(source: Path, home: Path) -> dict[str, Any]:
    """Clean all that was brought in from a file or a folder."""
    return run(source, home, "clean", "--all")


def run(source: Path, home: Path, *words: str) -> dict[str, Any]:
    """Run a command and watch the memory of all its processes together."""
    command = [sys.executable, "-m", f"pipelines.{words[0]}", *words[1:], "--workspace", str(home), "--json"]
    begun = time.monotonic()
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(command, cwd=PROJECT, stdout=told, stderr=subprocess.DEVNULL) as process:
            peak = watch(psutil.Process(process.pid))
        seconds = time.monotonic() - begun
        told.seek(0)
        manifest = json.load(told)
    files = [source] if source.is_file() else list(source.iterdir())
    return {
        "megabytes": round(sum(file.stat().st_size for file in files) / 1e6, 1),
        "seconds": round(seconds, 1),
        "peak_megabytes": round(peak / 1e6),
        "novels": len(manifest.get("novels", [manifest.get("novel")])),
    }


def watch(process: psutil.Process) -> int:
    """The most bytes that a process and its children held at once, with the pages of mapped files."""
    peak = 0
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        peak = max(peak, sum(memory_of(one) for one in [process, *process.children(recursive=True)]))
        time.sleep(POLL_SECONDS)
    return peak


def memory_of(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


if __name__ == "__main__":
    main()
