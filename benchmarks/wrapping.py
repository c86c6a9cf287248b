"""How well hard-wrapped lines are found and joined, and Project Gutenberg's frame removed: figures U1-U3 and C6.

python benchmarks/wrapping.py NOVELS [--json]

U1 which novels' lines were cut, and how; U2 real paragraphs cut at 34 and 40 characters and joined again: precision and
recall of the paragraphs' ends; U3 whether anything but white space changed; C6 the share of characters of NAME.expected.txt
that NAME.raw.txt comes to without its frame.
"""

import argparse
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines.rules import BY_NAME
from pipelines.rules.widths import cut_sections, lines_of
from pipelines.sources import decode_source

# The novels whose lines are known to be cut; those of all the others are paragraphs or verse.
CUT = ("wrapped", "pages", "pg1013")
COLUMNS = (34, 40)
LAYOUTS = ("blank", "indent", "none")
PARAGRAPHS = 2_000
NO_START, NO_END = "。，、；：！？．”’」』）》…—", "“‘「『（《"


def main() -> None:
    """Measure every text in the folder."""
    made = argparse.ArgumentParser(description="How well hard-wrapped lines are found and joined.")
    made.add_argument("novels", type=Path, help="a folder of novels, searched for *.txt")
    made.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = made.parse_args()
    texts = {path: _cleaned(decode_source(path)[1].text, "newlines") for path in sorted(arguments.novels.rglob("*.txt"))}
    found = {
        "U1, U3": [detection(path.name, text) for path, text in texts.items()],
        "U2": [row for path, text in texts.items() for row in round_trips(path.name, text)],
        "C6": [row for path, text in texts.items() for row in frame(path, text, texts)],
    }
    print(json.dumps(found, ensure_ascii=False, indent=1) if arguments.json else "\n\n".join(map(_table, found.values())))


def _cleaned(text: str, *rules: str) -> str:
    for name in rules:
        text, _ = BY_NAME[name].apply(text)
    return text


def detection(name: str, text: str) -> dict[str, Any]:
    """What share of the lines is found to be cut, at which width and in which layout, and what joining them changes."""
    text = _cleaned(text, "page_marks")
    lines = lines_of(text)
    cuts = list(cut_sections(lines))
    kinds = Counter(f"{cut.width} {cut.layout}" for _, _, cut in cuts)
    joined, edits = BY_NAME["wrapped_lines"].apply(text)
    return {
        "novel": name,
        "lines cut": round(sum(end - start for start, end, _ in cuts) / max(len(lines), 1), 3),
        "cells, layout": kinds.most_common(1)[0][0] if kinds else "",
        "joins": len(edits),
        "right": bool(edits) == any(sign in name for sign in CUT),
        "same characters": _bare(joined) == _bare(text),
    }


def round_trips(name: str, text: str) -> Iterator[dict[str, Any]]:
    """Cut a novel's paragraphs and join them again, in every layout and width; nothing for a text that is no prose."""
    paragraphs = _paragraphs(name, text)
    for layout in LAYOUTS:
        for columns in COLUMNS:
            cut = "\n".join(_cut(paragraph, columns, layout) for paragraph in paragraphs)
            joined = _cleaned(cut, "wrapped_lines")
            precision, recall = _score(_ends(paragraphs), _ends(joined.split("\n")))
            row = {"novel": name, "layout": layout, "columns": columns, "precision": precision, "recall": recall}
            if paragraphs:
                yield row | {"same characters": _bare(joined) == _bare(cut)}


def _paragraphs(name: str, text: str) -> list[str]:
    """The paragraphs of a novel as it came, or of an English one as its blank lines part them; none of short lines."""
    if any(sign in name for sign in CUT):
        blocks = text.split("\n\n") if text.isascii() else []
    else:
        blocks = text.split("\n")
    found = [" ".join(block.split()) for block in blocks if block.strip()][:PARAGRAPHS]
    return found if len(found) >= 200 and sum(map(len, found)) >= 60 * len(found) else []


def _cut(paragraph: str, columns: int, layout: str) -> str:
    """A paragraph in lines of so many full-width characters, or twice as many letters."""
    indent = "" if layout != "indent" else "    " if paragraph.isascii() else "　　"
    lines = textwrap.wrap(indent + paragraph, 2 * columns) if paragraph.isascii() else _kinsoku(indent + paragraph, columns)
    return "\n".join(lines) + ("\n" if layout == "blank" else "")


def _kinsoku(rest: str, columns: int) -> list[str]:
    """Lines of so many characters with the prohibitions that Chinese typesetting knows."""
    lines = []
    while len(rest) > columns:
        at = columns
        while at > columns - 4 and (rest[at] in NO_START or rest[at - 1] in NO_END):
            at -= 1
        lines.append(rest[:at])
        rest = rest[at:]
    return [*lines, rest]


def _ends(paragraphs: Sequence[str]) -> set[int]:
    """Where paragraphs end, in characters that are no white space."""
    return set(accumulate(len(_bare(paragraph)) for paragraph in paragraphs))


def _score(true: set[int], found: set[int]) -> tuple[float, float]:
    """Precision and recall of the ends that were found."""
    right = len(true & found)
    return round(right / max(len(found), 1), 4), round(right / max(len(true), 1), 4)


def frame(path: Path, text: str, texts: dict[Path, str]) -> Iterator[dict[str, Any]]:
    """How much of the expected text is left when the frame is removed, for a text that has one to compare with."""
    expected = texts.get(path.with_name(path.name.replace(".raw.", ".expected.")))
    if ".raw." in path.name and expected is not None:
        wanted, got = expected.strip().split("\n"), _cleaned(text, "gutenberg").strip().split("\n")
        blocks = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
        common = sum(len(line) + 1 for block in blocks for line in wanted[block.a : block.a + block.size])
        size = max(sum(map(len, lines)) + len(lines) for lines in (wanted, got))
        yield {"novel": path.name, "characters in common": round(common / size, 6)}


def _bare(text: str) -> str:
    return "".join(text.split())


def _table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows below a head, in columns."""
    if not rows:
        return ""
    cells = [list(rows[0]), *([str(cell) for cell in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)


if __name__ == "__main__":
    main()
