"""How well encodings are told: the figures E1 to E4, with other detectors beside ours on the same bytes.

python benchmarks/encoding.py NOVELS [--samples 60] [--only e1,e2,e3,e4] [--megabytes 20] [--json]

NOVELS is a folder of plain text files; those below a folder whose name ends in `gb` or `big5` are in that encoding, the
others in UTF-8. "Right" means that the undamaged bytes, read with the answer, give the original text.
"""

import argparse
import codecs
import importlib
import json
import mmap
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from pipelines.decode import decode, open_text  # noqa: E402
from pipelines.errors import BadText  # noqa: E402

Detector = Callable[[bytes], str | None]
SIZES = (20, 60, 200, 1000, 8000)
DAMAGED_SIZES = (1000, 8000)
CUTS = range(65_536, 65_541)
DELETIONS = 200
# Written for this project, since nothing Japanese or Korean is among the novels.
JAPANESE = (
    "その夜、雨が降り始めた。彼女は傘を忘れたことに気がついて、駅の階段で足を止めた。遠くで最終電車の音が聞こえる。"
    "「もう帰ろう」と兄が言ったが、誰も返事をしなかった。窓の外では街灯がひとつずつ消えていき、町は静かになった。\n"
    "古い時計屋の主人は、壊れた懐中時計を光にかざし、長いあいだ黙って眺めていた。やがて小さく笑うと、引き出しから"
    "銀色のねじを取り出した。「これはね、直すのではなく、思い出させてやるんだよ」\n"
    "朝になると、海は何事もなかったように青かった。子どもたちは砂浜を走り、カモメがその影を追いかけた。\n"
)
KOREAN = (
    "그날 밤 비가 내리기 시작했다. 그녀는 우산을 두고 온 것을 깨닫고 역 계단에서 걸음을 멈추었다. 멀리서 막차 소리가 들려왔다. "
    "“이제 돌아가자.” 오빠가 말했지만 아무도 대답하지 않았다. 창밖에서는 가로등이 하나씩 꺼지고 마을은 조용해졌다.\n"
    "낡은 시계방 주인은 고장 난 회중시계를 빛에 비추어 보며 오랫동안 말이 없었다. "
    "그러다 조용히 웃으며 서랍에서 작은 나사를 꺼냈다. "
    "“이건 고치는 게 아니라, 다시 기억하게 해 주는 거란다.”\n"
    "아침이 되자 바다는 아무 일도 없었다는 듯이 푸르렀다. 아이들은 모래밭을 달렸고, 갈매기가 그 그림자를 따라갔다.\n"
)


def main() -> None:
    """Print the tables asked for, or all of it as JSON."""
    made = argparse.ArgumentParser(description="How well encodings are told.")
    made.add_argument("novels", type=Path)
    made.add_argument("--samples", type=int, default=60)
    made.add_argument("--only", default="e1,e2,e3,e4")
    made.add_argument("--megabytes", type=int, default=20)
    made.add_argument("--json", action="store_true")
    made.add_argument("--read", choices=("ours", "plain"), help=argparse.SUPPRESS)
    arguments = made.parse_args()
    if arguments.read:
        print(json.dumps(read_once(arguments.novels, arguments.read)))
        return
    novels = dict(load(arguments.novels))
    if not novels:
        sys.exit(f"there are no .txt files in {arguments.novels}; name a folder of novels")
    detectors = available()
    figures = {
        "e1": lambda: samples_told(novels, detectors, arguments.samples),
        "e2": lambda: files_told(arguments.novels, detectors),
        "e3": lambda: large_files(novels, detectors, arguments.megabytes),
        "e4": lambda: deletions(novels),
    }
    results = {name: figures[name]() for name in arguments.only.split(",")}
    print(json.dumps(results, indent=1, ensure_ascii=False) if arguments.json else "\n\n".join(map(table, results.values())))


def load(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every novel's text, by the encoding that its folder tells of."""
    for path in sorted(folder.rglob("*.txt")):
        data = path.read_bytes()
        yield path, data.decode(true_encoding(path, data))


def true_encoding(path: Path, data: bytes) -> str:
    """The encoding of a file by the name of its folder."""
    if path.parent.name.endswith("gb"):
        return "gb18030"
    if path.parent.name.endswith("big5"):
        return next(codec for codec in ("big5", "big5hkscs", "cp950") if is_valid(data, codec))
    return "utf-8-sig"


def is_valid(data: bytes, codec: str) -> bool:
    """Whether the bytes are decoded without an error."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def ours(data: bytes) -> str | None:
    """The encoding that the studio finds."""
    try:
        return open_text(data).encoding
    except BadText:
        return None


def chain(*encodings: str) -> Detector:
    """The first encoding that raises no error."""
    return lambda data: next((codec for codec in encodings if is_valid(data, codec)), None)


def available() -> dict[str, Detector]:
    """Our detector, the strict chains, and the packages that are installed."""
    found: dict[str, Detector] = {
        "ours": ours,
        "utf8>gb18030>big5>utf16": chain("utf-8", "gb18030", "big5", "utf-16"),
        "utf8>big5>gb18030>utf16": chain("utf-8", "big5", "gb18030", "utf-16"),
    }
    if package := optional("charset_normalizer"):
        found["charset-normalizer"] = lambda data: getattr(package.from_bytes(data).best(), "encoding", None)
    if package_of_mozilla := optional("chardet"):
        found["chardet"] = lambda data: package_of_mozilla.detect(data)["encoding"]
    return found


def optional(name: str):  # noqa: ANN201
    """A package to compare with, or None and a sentence."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name} is not installed and is left out; pip install {name.replace('_', '-')}", file=sys.stderr)
        return None


def texts_for(codec: str, novels: dict[Path, str]) -> list[str]:
    """The texts that a file in this encoding could hold."""
    if codec in ("cp932", "euc_jp"):
        return [JAPANESE * 60]
    if codec == "cp949":
        return [KOREAN * 60]
    english = [text for path, text in novels.items() if text.isascii()]
    if codec == "cp1252":
        return [text.replace("'", "’").replace(" --", " –").replace("e ", "é ", 50) for text in english]
    chinese = [text for text in novels.values() if not text.isascii()]
    traditional = [text for text in chinese if text.count("說") > text.count("说")]
    return traditional if codec == "big5" else chinese


# How the table calls an encoding, what Python calls it, and its byte-order mark.
KINDS = (
    ("utf-8", "utf-8", b""),
    ("utf-8 BOM", "utf-8", codecs.BOM_UTF8),
    ("utf-16 BOM", "utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-le", "utf-16-le", b""),
    ("utf-16-be", "utf-16-be", b""),
    ("gb18030", "gb18030", b""),
    ("big5", "big5", b""),
    ("cp1252", "cp1252", b""),
    ("shift_jis", "cp932", b""),
    ("euc_jp", "euc_jp", b""),
    ("euc_kr", "cp949", b""),
)


def samples_told(novels: dict[Path, str], detectors: dict[str, Detector], count: int) -> list[dict[str, object]]:
    """E1: percent of samples told right, by encoding and damage, all sizes together."""
    rows = []
    for name, codec, mark in KINDS:
        texts = texts_for(codec, novels)
        pieces = [piece for size in SIZES for piece in cut_out(texts, codec, size - len(mark), count)] if texts else []
        for damage, spoil in SPOILED.items():
            chosen = [piece for piece in pieces if damage in ("clean", "cut") or len(piece) >= DAMAGED_SIZES[0] - 8]
            row: dict[str, object] = {"encoding": name, "damage": damage, "samples": len(chosen)}
            for detector, detect in detectors.items():
                chance = random.Random(name + damage)
                hits = [is_right(detect(mark + spoil(piece, chance)), mark + piece, codec, mark) for piece in chosen]
                row[detector] = round(100 * statistics.mean(hits), 1) if hits else None
            rows.append(row)
    return rows


def cut_out(texts: list[str], codec: str, size: int, count: int) -> Iterator[bytes]:
    """Pieces of a size in bytes, no character torn, nothing but what the encoding can spell."""
    chance = random.Random(f"{codec} {size}")
    while count:
        text = chance.choice(texts)
        start = chance.randrange(max(1, len(text) - size))
        data = text[start : start + size].encode(codec, "ignore")[:size]
        piece = data.decode(codec, "ignore").strip()
        if len(piece) * 4 > size // 4:
            count -= 1
            yield piece.encode(codec)


def _inserted(data: bytes, chance: random.Random, byte: int) -> bytes:
    place = chance.randrange(4, len(data))
    return data[:place] + bytes([byte]) + data[place:]


def _deleted(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(4, len(data))
    return data[:place] + data[place + 1 :]


def _replaced(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(4, len(data))
    return data[:place] + b"\xff" + data[place + 1 :]


SPOILED: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "clean": lambda data, chance: data,
    "cut": lambda data, chance: data[:-1],
    "0xFF": _replaced,
    "deleted": _deleted,
    "inserted": lambda data, chance: _inserted(data, chance, chance.randrange(256)),
}


def is_right(answer: str | None, data: bytes, codec: str, mark: bytes) -> bool:
    """Whether the undamaged bytes, read with the answer, give the original text."""
    try:
        return answer is not None and data.decode(answer).lstrip("\ufeff") == data[len(mark) :].decode(codec)
    except (UnicodeError, LookupError):
        return False


def files_told(folder: Path, detectors: dict[str, Detector]) -> list[dict[str, object]]:
    """E2: every file whole and cut at 65,536 to 65,540 bytes."""
    rows = []
    for path in sorted(folder.rglob("*.txt")):
        data = path.read_bytes()
        codec = true_encoding(path, data)
        row: dict[str, object] = {"file": path.name, "encoding": codec}
        for name, detect in detectors.items():
            whole = is_right(detect(data), data, codec, b"")
            cut = sum(is_right(detect(data[:size]), data, codec, b"") for size in CUTS)
            row[name] = f"{'yes' if whole else 'NO'}, cut {cut}/{len(CUTS)}"
        rows.append(row)
    return rows


def large_files(novels: dict[Path, str], detectors: dict[str, Detector], megabytes: int) -> list[dict[str, object]]:
    """E3: seconds and peak memory (beyond the interpreter's and the file's own bytes) to detect and decode a large file."""
    rows = []
    for codec in ("utf-8", "gb18030", "big5", "utf-16-le"):
        text = "\n".join(texts_for(codec, novels))
        data = text.encode(codec, "ignore")
        data = data * (megabytes * 1_000_000 // len(data) + 1)
        # No character is torn at the end.
        data = data[: megabytes * 1_000_000].decode(codec, "ignore").encode(codec)
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "large.txt"
            path.write_bytes(data)
            row = {"encoding": codec, "bytes": len(data)} | in_a_process(path)
        for name, detect in detectors.items():
            if name != "ours":
                row[f"{name}: seconds"] = seconds_of(detect, data)
        rows.append(row)
    return rows


def in_a_process(path: Path) -> dict[str, object]:
    """What reading the file costs in a process of its own, in whole and as a stream."""
    command = [sys.executable, __file__, str(path), "--read"]
    whole, stream = (
        json.loads(subprocess.run([*command, way], capture_output=True, check=True, text=True).stdout)
        for way in ("ours", "plain")
    )
    return whole | {f"stream: {key}": value for key, value in stream.items() if key != "ours"}


def read_once(path: Path, way: str) -> dict[str, object]:
    """Detect and decode one file: its encoding, seconds, and peak memory as a multiple of the file's size."""
    decode("暖身".encode())
    idle = peak_bytes()
    begun = time.perf_counter()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        if way == "ours":
            found = decode(file.read()).encoding
        else:
            stream = open_text(mapped)
            found = stream.encoding
            for _ in stream.blocks():
                pass
        seconds = time.perf_counter() - begun
    used = peak_bytes() - idle
    size = path.stat().st_size
    return {"ours": found, "seconds": round(seconds, 2), "memory / size": round(used / size, 2), "MB": round(used / 1e6, 1)}


def peak_bytes() -> float:
    """The most memory this process has had so far; not a number where the system does not tell."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found.group(1)) * 1024 if found else float("nan")


def seconds_of(detect: Detector, data: bytes) -> float:
    """How long one answer takes."""
    begun = time.perf_counter()
    detect(data)
    return round(time.perf_counter() - begun, 2)


def deletions(novels: dict[Path, str]) -> list[dict[str, object]]:
    """E4: characters damaged by the loss of one byte of GB18030, repaired and plain; and whether a clean file stays as it is."""
    rows = []
    for path, text in novels.items():
        if text.isascii():
            continue
        data = text.encode("gb18030")
        clean, chance = decode(data), random.Random(path.name)
        repaired, plain = [], []
        for _ in range(DELETIONS):
            place = chance.randrange(len(data))
            piece, begin = around(data, place)
            whole, spoiled = piece.decode("gb18030"), piece[: place - begin] + piece[place - begin + 1 :]
            repaired.append(damage(whole, decode(spoiled, "gb18030").text))
            plain.append(damage(whole, spoiled.decode("gb18030", "replace")))
        row: dict[str, object] = {"file": path.name, "clean is byte-exact": clean.text.encode(clean.encoding) == data}
        for name, counts in (("repaired", repaired), ("plain", plain)):
            cuts = statistics.quantiles(counts, n=20)
            row |= {f"{name}: median": statistics.median(counts), f"{name}: p95": cuts[18], f"{name}: most": max(counts)}
        rows.append(row)
    return rows


def around(data: bytes, place: int) -> tuple[bytes, int]:
    """Some ten thousand bytes around a place, whole lines, and where they begin."""
    begin = data.rfind(b"\n", 0, max(0, place - 5000)) + 1
    end = data.find(b"\n", place + 5000) + 1 or len(data)
    return data[begin:end], begin


def damage(before: str, after: str) -> int:
    """How many characters lie between what two texts have in common at their beginnings and at their ends."""
    most = min(len(before), len(after))
    first = next((place for place in range(most) if before[place] != after[place]), most)
    most -= first
    last = next((place for place in range(most) if before[-1 - place] != after[-1 - place]), most)
    return max(len(before), len(after)) - first - last


def table(rows: list[dict[str, object]]) -> str:
    """Rows as lines of columns."""
    if not rows:
        return "(nothing)"
    columns = list(rows[0])
    cells = [columns, *([str(row.get(column, "")) for column in columns] for row in rows)]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells)


if __name__ == "__main__":
    main()
