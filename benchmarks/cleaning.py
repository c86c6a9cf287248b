"""What cleaning costs and what it leaves: throughput, the ideographs and marks it takes, its laws, beside published cleaners.

python benchmarks/cleaning.py NOVELS [--rounds 5] [--json]

NOVELS is a folder of text files. C2: characters that the default rules take from each file; C3: cleaning twice is cleaning
once, no rules change nothing, undo gives every character back; C4: megabytes of UTF-8 per second on one core, each rule's
milliseconds per megabyte, and the worst rule on one line of 5 MB; C5: seconds until a preview is there, as the Clean tab has it
made, of 3 and of 20 MB. Then the tables of advertisements.py (C1), wrapping.py (U1-U3, C6) and chapters.py (H1-H2).
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines.cleaning import Recipe, clean, ideographs, undo
from pipelines.decode import decode
from pipelines.errors import StudioError
from pipelines.ingest import ingest_file
from pipelines.rules import RULES
from pipelines.workspace import open_workspace
from studio.preview_files import make_preview
from studio.workers import Workers

HERE = Path(__file__).resolve().parent
PREVIEWED = (3, 20)
PATIENCE_SECONDS = 600
MARKS = "。，：；！？“”"
ONE_LINE = "天地玄黄，宇宙洪荒。" * 166_667
# Seeds of people's own scripts (cleaning.md facts 5 and 6), and the fixer that many reach for.
PUBLISHED: dict[str, Callable[[str], str]] = {
    r"[^\w\s\u4e00-\u9fff]+ -> space": lambda text: re.sub(r"[^\w\s\u4e00-\u9fff]+", " ", text),
    r"[\x00-\x1F\x7F] -> nothing": lambda text: re.sub(r"[\x00-\x1F\x7F]", "", text),
}


def main() -> None:
    """Measure and print."""
    made = argparse.ArgumentParser(description="What cleaning costs and what it leaves.")
    made.add_argument("novels", type=Path)
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--json", action="store_true")
    arguments = made.parse_args()
    texts = read(arguments.novels)
    if not texts:
        sys.exit(f"{arguments.novels} has no text files that can be read")
    measured = {
        "files": [losses(name, text) for name, text in texts.items()],
        "laws": [laws(name, text) for name, text in texts.items()],
        "throughput": throughput(texts, arguments.rounds),
        "rules_ms_per_mb": by_rule(texts, arguments.rounds),
        "one_line_of_5_mb_seconds": one_line(),
        "preview_seconds": {f"{size} MB": preview("".join(texts.values()), size, arguments.rounds) for size in PREVIEWED},
    }
    if arguments.json:
        print(json.dumps(measured, ensure_ascii=False, indent=1))
        return
    print(table(measured), flush=True)
    for name, *words in (("advertisements", "--novels"), ("wrapping",), ("chapters", "--novels")):
        command = [sys.executable, str(HERE / f"{name}.py"), *words, str(arguments.novels)]
        subprocess.run(command, check=True)


def read(folder: Path) -> dict[str, str]:
    """The texts of the files that are any."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.txt")):
        try:
            found[path.name] = decode(path.read_bytes()).text
        except StudioError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
    return found


def losses(name: str, text: str) -> dict[str, Any]:
    """C2: what the default rules take, and what the published ones do."""
    row = {"file": name, "characters": len(text), "moxu": taken(text, clean(text).text)}
    return row | {"published": {what: taken(text, cleaner(text)) for what, cleaner in cleaners().items()}}


def cleaners() -> dict[str, Callable[[str], str]]:
    """The published cleaners; ftfy's, if it is there."""
    try:
        import ftfy
    except ImportError:
        return PUBLISHED
    return PUBLISHED | {"ftfy.fix_text": ftfy.fix_text}


def taken(before: str, after: str) -> dict[str, float]:
    """Per cent of the ideographs and of all characters, and the count of marks and line breaks, that are gone."""
    chinese = ideographs([before])
    return {
        "ideographs_percent": round(100 * (chinese - ideographs([after])) / max(chinese, 1), 4),
        "characters_percent": round(100 * (len(before) - len(after)) / len(before), 2),
        "marks": sum(before.count(mark) - after.count(mark) for mark in MARKS),
        "line_breaks": before.count("\n") - after.count("\n"),
    }


def laws(name: str, text: str) -> dict[str, Any]:
    """C3."""
    done = clean(text)
    return {
        "file": name,
        "idempotent": clean(done.text).text == done.text,
        "identity": clean(text, Recipe(())).text == text,
        "undone": undo(done.text, [stage.edits for stage in done.stages]) == text,
    }


def throughput(texts: dict[str, str], rounds: int) -> dict[str, Any]:
    """C4: the default rules and the published cleaners over all texts, interleaved; megabytes of UTF-8 per second."""
    size = sum(len(text.encode()) for text in texts.values()) / 1e6
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, cleaner in ({"moxu": lambda text: clean(text).text} | cleaners()).items():
            begun = time.perf_counter()
            for text in texts.values():
                cleaner(text)
            seconds.setdefault(name, []).append(time.perf_counter() - begun)
    return {name: spread([size / one for one in taken]) for name, taken in seconds.items()}


def spread(values: list[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median": round(statistics.median(values), 2), "min": round(min(values), 2), "max": round(max(values), 2)}


def by_rule(texts: dict[str, str], rounds: int) -> dict[str, float]:
    """The milliseconds each rule needs for a megabyte, on texts that the rules before it have been through."""
    spent: dict[str, list[float]] = {rule.name: [] for rule in RULES}
    size = sum(len(text.encode()) for text in texts.values()) / 1e6
    for _ in range(rounds):
        left = list(texts.values())
        for rule in RULES:
            begun = time.perf_counter()
            done = [rule.apply(text) for text in left]
            spent[rule.name].append(1e3 * (time.perf_counter() - begun) / size)
            left = [text for text, _ in done] if rule.default else left
    return {name: round(statistics.median(values), 2) for name, values in spent.items()}


def one_line() -> dict[str, float]:
    """The slowest rules on 5 MB without a line break."""
    spent: dict[str, float] = {}
    for rule in RULES:
        begun = time.perf_counter()
        rule.apply(ONE_LINE)
        spent[rule.name] = round(time.perf_counter() - begun, 3)
    return dict(sorted(spent.items(), key=lambda pair: -pair[1])[:5])


def preview(text: str, megabytes: int, rounds: int) -> dict[str, float]:
    """C5: seconds for the preview of a novel of that size; `first` starts the process, the others find it warm."""
    size, seconds = megabytes * 1_000_000, []
    while len(text.encode()) < size:
        text += text
    with tempfile.TemporaryDirectory() as place:
        path, workspace = Path(place) / "novel.txt", open_workspace(place + "/workspace")
        path.write_bytes(text.encode()[:size])
        novel = workspace.novel(ingest_file(workspace, path).novels[0]["id"])
        workers = Workers()
        for number in range(rounds + 1):
            begun = time.perf_counter()
            made = Path(place) / f"preview-{number}"
            told = {"hear": lambda share: None, "stop": threading.Event(), "seconds": PATIENCE_SECONDS}
            workers.run(make_preview, novel, made, Recipe(), **told)
            seconds.append(time.perf_counter() - begun)
    return {"first": round(seconds[0], 2)} | spread(seconds[1:])


def table(measured: dict[str, Any]) -> str:
    """The figures as text."""
    lines = ["C2  per cent of the ideographs taken, marks taken, line breaks taken"]
    for row in measured["files"]:
        lines.append(f"  {row['file']}")
        for name, figures in ({"moxu": row["moxu"]} | row["published"]).items():
            facts = "%8.3f %% %8d %8d" % (figures["ideographs_percent"], figures["marks"], figures["line_breaks"])
            lines.append(f"    {name:<36}{facts}")
    broken = [row["file"] for row in measured["laws"] if not (row["idempotent"] and row["identity"] and row["undone"])]
    lines.append(f"C3  idempotent, identity with no rules, undone: {'all files' if not broken else f'not {broken}'}")
    lines.append("C4  MB/s of UTF-8 on one core, median (least - most)")
    for name, speed in measured["throughput"].items():
        lines.append("    %-36s%8.2f (%.2f - %.2f)" % (name, speed["median"], speed["min"], speed["max"]))
    slow = sorted(measured["rules_ms_per_mb"].items(), key=lambda pair: -pair[1])[:12]
    lines.append("    slowest rules, ms per MB: " + ", ".join(f"{name} {cost}" for name, cost in slow))
    lines.append(
        "    one line of 5 MB, seconds: " + ", ".join(f"{n} {s}" for n, s in measured["one_line_of_5_mb_seconds"].items())
    )
    for size, cost in measured["preview_seconds"].items():
        warm = f"{cost['median']} ({cost['min']} - {cost['max']})"
        lines.append(f"C5  preview of {size}: {cost['first']} s with its process, then {warm}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
