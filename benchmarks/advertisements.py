"""How well advertisements are told from story: recall by family, precision by line, and two published regexes beside ours.

python benchmarks/advertisements.py [LABELLED] [--novels FOLDER] [--missed N] [--seed S]

LABELLED (default tests/data) holds `advertisements.tsv` and `advertisements_kept_out.tsv` (family, text and for the family
`inline` what must be left of it) and `prose.txt` (lines that must stay as they are). Every line is cleaned in the midst of
ordinary ones, as in a novel. Goals: recall 98 %, precision 99.5 %. The novels' lines count as story, but for those listed
as damage in `DAMAGE`.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines.decode import decode
from pipelines.rules import BY_NAME
from pipelines.rules.rule import patched

PROJECT = Path(__file__).resolve().parents[1]
RULES = ("markup", "remnants", "site_blocks", "metadata", "ad_spans", "ad_lines", "continued")
NOTES = (*RULES, "author_notes")
BEFORE, AFTER = "他把灯拨亮了些，望着窗外的雨出神。", "夜深了，远处传来几声犬吠。"
STORY_LEFT = 12
_LETTER = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
_MARKS = re.compile(r"[\s\W_]+")
# Lines of the novels that are no story, though nothing in the novels says so.
DAMAGE = re.compile(
    r"本站长期招收|xstt5|rain8|本站所有电子书|均由网友提供|仅供读者研究|购买正版图书|电子书版权|侵犯了您的版权"
    r"|原创书库|回目录|gutenberg|pglaf|newsletter|-{10,}"
)
# cleaning.md, facts 5 and 6: both are found in scripts that people share.
PUBLISHED = {
    "ours": None,
    r"[^\w\s\u4e00-\u9fff]+ -> space": (re.compile(r"[^\w\s\u4e00-\u9fff]+"), " "),
    r"[\x00-\x1F\x7F] -> nothing": (re.compile(r"[\x00-\x1f\x7f]"), ""),
}


def main() -> None:
    """Print the figures as one JSON object."""
    made = argparse.ArgumentParser(description="How well advertisements are told from story.")
    made.add_argument("labelled", nargs="?", type=Path, default=PROJECT / "tests" / "data")
    made.add_argument("--novels", type=Path, default=PROJECT.parent / "shared" / "data", help="a folder of clean novels, .txt")
    made.add_argument("--missed", type=int, default=0, help="show so many missed lines, never kept-out ones")
    made.add_argument("--seed", type=int, default=0)
    asked = made.parse_args()
    figures = measure(asked.labelled)
    shown = figures.pop("missed lines")
    if asked.novels.is_dir():
        figures["novels"] = measure_novels(asked.novels)
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    for line in random.Random(asked.seed).sample(shown, min(asked.missed, len(shown))):
        print("missed:", line)


def measure(folder: Path) -> dict:
    """The figures of a labelled folder, and which lines of the families that may be seen were missed."""
    families = recall(folder / "advertisements.tsv", RULES)
    notes = recall(folder / "advertisements.tsv", NOTES).get("author_note")
    families.pop("author_note", None)
    kept_out = recall(folder / "advertisements_kept_out.tsv", RULES)
    right, lines = (sum(len(rows[key]) for rows in families.values()) for key in ("right", "all"))
    prose = (folder / "prose.txt").read_text(encoding="utf-8").splitlines()
    changed, gone = wronged(prose, RULES)
    return {
        "recall": round(right / lines, 4),
        "precision": round(right / max(right + len(changed), 1), 4),
        "clean lines": {"all": len(prose), "changed": len(changed), "gone with more than 12 characters of story": gone},
        "families": {name: shares(rows) for name, rows in sorted(families.items())},
        "author_note with its rule on": shares(notes) if notes else None,
        "kept out": {"recall": share(kept_out), "families": {name: shares(rows) for name, rows in sorted(kept_out.items())}},
        "missed lines": [row for rows in families.values() for row in rows["all"] if row not in rows["right"]]
        + [f"PROSE {line}" for line in changed],
    }


def shares(rows: dict[str, list[str]]) -> str:
    return f"{len(rows['right'])}/{len(rows['all'])}"


def share(families: dict[str, dict[str, list[str]]]) -> float:
    right, lines = (sum(len(rows[key]) for rows in families.values()) for key in ("right", "all"))
    return round(right / max(lines, 1), 4)


def recall(path: Path, names: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """For each family of a labelled file its lines, and those that are cleaned rightly."""
    families: dict[str, dict[str, list[str]]] = {}
    for row in path.read_text(encoding="utf-8").split("\n"):
        if not row.strip():
            continue
        family, text, *story = row.split("\t")
        rows = families.setdefault(family, {"all": [], "right": []})
        rows["all"].append(text)
        if _bare(cleaned_line(text, names)) == (_bare(story[0]) if story else "") or (
            not story and not _LETTER.search(cleaned_line(text, names))
        ):
            rows["right"].append(text)
    return families


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def cleaned(text: str, names: Sequence[str]) -> str:
    for name in names:
        if name in BY_NAME:
            text = patched(text, list(BY_NAME[name].edits(text)))
    return text


def cleaned_line(line: str, names: Sequence[str]) -> str:
    """What is left of a line that stands between ordinary ones; a backslash and n in it is a line break."""
    text = cleaned(f"第一章\n{BEFORE}\n{line}\n{AFTER}\n", names)
    return text.partition(BEFORE)[2].rpartition(AFTER)[0].strip()


def wronged(prose: Sequence[str], names: Sequence[str]) -> tuple[list[str], int]:
    """The clean lines that were changed, and how many of them went whole with more than 12 characters of story."""
    changed, gone = [], 0
    for line in prose:
        left = cleaned_line(line, names)
        if left != line.strip():
            changed.append(f"{line}  ->  {left}")
            gone += not left and len(_LETTER.findall(line)) > STORY_LEFT
    return changed, gone


def measure_novels(folder: Path) -> dict:
    """Clean lines of real novels that our rules change, and what each way of cleaning destroys of one of them."""
    lines = changed = 0
    for _, text in _novels(folder):
        lines += text.count("\n")
        for name in RULES:
            if name in BY_NAME:
                changed += sum(not DAMAGE.search(edit.removed) for edit in BY_NAME[name].edits(text))
    return {"lines": lines, "changed": changed, "destroyed": destroyed(folder)}


def _novels(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*/*.txt")):
        if path.parent.name != "generated":
            yield path.name, decode(path.read_bytes()).text.replace("\r\n", "\n")


def destroyed(folder: Path) -> dict[str, dict[str, int]]:
    """Characters, Chinese punctuation and line breaks that each way takes from the clean novels."""
    rows = {name: dict.fromkeys(("characters", "punctuation", "line breaks"), 0) for name in PUBLISHED}
    for _, text in _novels(folder):
        for name, published in PUBLISHED.items():
            after = cleaned(text, RULES) if published is None else published[0].sub(published[1], text)
            for key, count in _COUNTED.items():
                rows[name][key] += count(text) - count(after)
    return rows


_COUNTED: dict[str, Callable[[str], int]] = {
    "characters": lambda text: len(text) - text.count(" "),
    "punctuation": lambda text: sum(text.count(mark) for mark in "。，：；！？“”…—、．"),
    "line breaks": lambda text: text.count("\n"),
}

if __name__ == "__main__":
    main()
