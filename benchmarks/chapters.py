"""How well chapters are found, checked and compared: headings of real novels, gaps and repeats made on purpose, speed.

python benchmarks/chapters.py [--novels FOLDER]

H1: the share of headings found, and lines wrongly taken for one, per 100,000 characters. What is right is known by the novels'
own numbering; every other line that is taken for a heading is wrong. H2: deletions and doublings of chapters,
drawn by a fixed seed, that are reported exactly.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines.chapters import Chapter, chapter_places, find_chapters
from pipelines.chapters.numbering import check
from pipelines.cleaning import clean
from pipelines.duplicates import Telling, find_duplicates, tell
from pipelines.sources import decode_source

NOVELS = Path(__file__).resolve().parents[2] / "shared" / "data"
# How many chapters each has by its own numbering, and the numbers that stand in it twice.
KNOWN: dict[str, tuple[int, tuple[int, ...]]] = {
    "zh/hongloumeng_utf8.txt": (120, ()),
    "zh/xiyouji_utf8bom.txt": (100, ()),
    "zh_big5/fengshenyanyi_big5.txt": (100, ()),
    "zh_big5/laocanyouji_big5hkscs.txt": (20, ()),
    "zh_gb/honglou_gb18030_pages_ads.txt": (120, ()),
    "zh_gb/sanguo_gbk_wrapped40.txt": (120, (35,)),
    "en/pg1013_first_men_in_the_moon.raw.txt": (26, ()),
    "en/tinyshakespeare.txt": (0, ()),
}
DELETIONS = 100
STYLES: dict[str, Callable[[int], str]] = {
    "第12章 题": lambda n: f"第{n}章 题{n}",
    "Chapter 12": lambda n: f"Chapter {n}",
    "12": str,
    "12、题": lambda n: f"{n}、题{n}",
    "第12回题": lambda n: f"第{n}回题{n}",
}


def main() -> None:
    """Measure everything and print one JSON object."""
    made = argparse.ArgumentParser(description="How well chapters are found, checked and compared.")
    made.add_argument("--novels", type=Path, default=NOVELS)
    folder = made.parse_args().novels
    texts = {name: decode_source(folder / name)[1].text for name in KNOWN}
    summary = {
        "H1_raw": headings(texts),
        "H1_cleaned": headings({name: clean(text).text for name, text in texts.items()}, once=True),
        "H2": numbering(texts["zh/hongloumeng_utf8.txt"]),
        "headings_written_otherwise": {style: written(write) for style, write in STYLES.items()},
        "speed": speed(texts),
        "duplicates": editions(texts),
    }
    print(json.dumps(summary, ensure_ascii=False, indent=1))


def headings(texts: dict[str, str], once: bool = False) -> dict[str, Any]:
    """H1 for each text and in all; `once`: chapters that stand twice are there once."""
    rows: dict[str, Any] = {}
    for name, text in texts.items():
        count, twice = KNOWN[name]
        wanted = sorted([*range(1, count + 1), *(() if once else twice)])
        rows[name] = _compared(wanted, [place.heading.number for place in chapter_places(text)])
    wanted, found, wrong = (sum(row[key] for row in rows.values()) for key in ("wanted", "found", "wrong"))
    characters = sum(map(len, texts.values()))
    return rows | {"found": found / wanted, "wrong_per_100k": 1e5 * wrong / characters}


def _compared(wanted: list[int], numbers: Sequence[int | None]) -> dict[str, int]:
    """How many of the wanted numbers are found, and how many other headings are, those without a number, too."""
    left = list(numbers)
    for number in wanted:
        if number in left:
            left.remove(number)
    return {"wanted": len(wanted), "found": len(numbers) - len(left), "wrong": len(left)}


def numbering(text: str) -> dict[str, int]:
    """H2: so many times some chapters are taken out of the text or doubled, and the report says exactly that."""
    drawn, chapters = random.Random(0), [chapter for chapter in find_chapters(text) if chapter.number]
    right = 0
    for _ in range(DELETIONS):
        gone = set(drawn.sample(range(1, len(chapters)), drawn.randint(1, 8)))
        twice = set(drawn.sample(range(2, len(chapters) + 1), drawn.randint(0, 3))) - gone
        parts = [text[one.start : one.end] * (1 + (one.number in twice)) for one in chapters if one.number not in gone]
        flaws = check(find_chapters("".join(parts)))
        missing = {number for flaw in flaws if flaw.kind == "missing" for number in range(flaw.first, flaw.last + 1)}
        repeated = {flaw.first for flaw in flaws if flaw.kind == "repeated"}
        right += (missing, repeated) == (gone, twice) and not any(flaw.kind == "disorder" for flaw in flaws)
    return {"tried": DELETIONS, "right": right}


def written(write: Callable[[int], str], count: int = 200) -> dict[str, int]:
    """A book of made prose with its headings written one way."""
    body = "话说天下大势，分久必合，合久必分。\n" * 60
    numbers = [chapter.number for chapter in find_chapters("".join(f"{write(n)}\n{body}" for n in range(1, count + 1)))]
    return _compared(list(range(1, count + 1)), numbers)


def speed(texts: dict[str, str]) -> dict[str, float]:
    """Megabytes of UTF-8 in a second."""
    everything = "\n".join(texts.values())
    body = "话说天下大势，分久必合。\n" * 80
    many = "".join(f"第{n}章 风\n{body}" for n in range(1, 20_001))
    rates = {
        "chapters": _rate(everything, find_chapters),
        "chapters_20000_headings": _rate(many, find_chapters),
        "chapters_no_headings": _rate(body * 4_000, find_chapters),
        "sketches": _rate(everything, lambda text: told("", text)),
    }
    return {name: round(rate, 1) for name, rate in rates.items()}


def _rate(text: str, act: Callable[[str], object]) -> float:
    begun = time.perf_counter()
    act(text)
    return len(text.encode()) / 1e6 / (time.perf_counter() - begun)


def told(novel: str, text: str) -> Telling:
    """What the search for duplicates keeps of a text."""
    return tell(novel, ((number, one.title, text[one.start : one.end]) for number, one in enumerate(find_chapters(text), 1)))


def editions(texts: dict[str, str]) -> dict[str, Any]:
    """The two editions of 红楼梦 among the other novels, as they came and cleaned; and copies that were changed on purpose."""
    cleaned = {name: clean(text).text for name, text in texts.items()}
    results = {how: _twice([told(*item) for item in some.items()]) for how, some in (("raw", texts), ("cleaned", cleaned))}
    return results | {"changed_copies": changed(cleaned["zh/xiyouji_utf8bom.txt"])}


def _twice(novels: Sequence[Telling]) -> dict[str, Any]:
    found = find_duplicates(novels)
    shares = {f"{share.a} in {share.b}": share.share for share in found.novels}
    across = sum(pair.novel_a != pair.novel_b for pair in found.pairs)
    return {"pairs_across_novels": across, "pairs_within": len(found.pairs) - across, "shares": shares}


def changed(text: str) -> dict[str, float]:
    """The share of chapters that are still found when one letter in so many is another."""
    chapters = find_chapters(text)
    rows: dict[str, float] = {}
    for every in (50, 100, 200, 400):
        other = "".join("口" if place % every == 0 and letter.isalpha() else letter for place, letter in enumerate(text))
        pairs = find_duplicates([told("a", text), _as_cut("b", other, chapters)]).pairs
        rows[f"1 in {every}"] = round(sum(pair.novel_a != pair.novel_b for pair in pairs) / len(chapters), 3)
    return rows


def _as_cut(novel: str, text: str, chapters: Sequence[Chapter]) -> Telling:
    """A text cut where another of its length is."""
    return tell(novel, ((number, one.title, text[one.start : one.end]) for number, one in enumerate(chapters, 1)))


if __name__ == "__main__":
    main()
