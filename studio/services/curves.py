"""A run's curves from its metrics file, whole or from where a browser left off, held to what the file is now."""

import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines import status
from pipelines.files import read_lines
from pipelines.folders import RunFolder
from studio.charts import Point, ascending, thinned

KINDS = ("train", "held_out")
DIGITS = 4
TAIL_BYTES = 256
# How soon a browser may ask again: of a run that learns, of one that waits or has just ended; never of another.
LIVELY_SECONDS = 1
QUIET_SECONDS = 5
JUST_ENDED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a browser is in a metrics file: its byte offset, and a sum of the bytes before it, so that it stands there still."""

    offset: int
    tail: int

    def __str__(self) -> str:
        return f"{self.offset}-{self.tail:08x}"


def read_curve(run: RunFolder, after: str = "", line: str = "") -> dict[str, Any]:
    """The points after the cursor `after`; all of them, thinned, when the cursor or the file's `line` is not what it was.

    A file changes its line when a resumed run takes back what came after its checkpoint.
    """
    known = line_of(run.metrics)
    offset = offset_of(run.metrics, after) if line == known else None
    rows, end = read_lines(run.metrics, offset or 0)
    points = {kind: ascending([_point(row) for row in rows if row.get("kind") == kind]) for kind in KINDS}
    if offset is None:
        points = {kind: thinned(found) for kind, found in points.items()}
    announced, phase = status.read(run), status.phase(run)
    return {
        "run": run.id,
        "line": known,
        "cursor": str(place_at(run.metrics, end)),
        "fresh": offset is None,
        "rows": points | {"best_step": announced.get("best_step"), "phase": phase},
        "again": again_seconds(run, phase),
    }


def _point(row: dict[str, Any]) -> Point:
    return int(row["step"]), round(float(row["bits_per_character"]), DIGITS)


def line_of(metrics: Path) -> str:
    """A name for the file's history: another when it was replaced by one with fewer rows."""
    if not metrics.is_file():
        return ""
    with metrics.open("rb") as file:
        return f"{metrics.stat().st_ino:x}-{zlib.crc32(file.readline()):08x}"


def place_at(metrics: Path, offset: int) -> Place:
    """The place at a byte of the file."""
    if not offset:
        return Place(0, 0)
    with metrics.open("rb") as file:
        file.seek(max(0, offset - TAIL_BYTES))
        return Place(offset, zlib.crc32(file.read(min(offset, TAIL_BYTES))))


def offset_of(metrics: Path, cursor: str) -> int | None:
    """The byte a cursor means; None for one of another file, past the end, or inside what is now another line."""
    digits = cursor.partition("-")[0]
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18 or not metrics.exists():
        return None
    offset = int(digits)
    stands = offset <= metrics.stat().st_size and str(place_at(metrics, offset)) == cursor
    return offset if stands else None


def again_seconds(run: RunFolder, phase: str) -> int | None:
    """When asking again may bring something new."""
    if phase in ("preparing", "training"):
        return LIVELY_SECONDS
    ended = run.exit if run.exit.exists() else run.status
    young = ended.exists() and time.time() - ended.stat().st_mtime < JUST_ENDED_SECONDS
    return QUIET_SECONDS if phase == "queued" or young else None
