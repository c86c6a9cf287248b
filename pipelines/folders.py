"""What lies inside a novel, a corpus, an encoding and a run on disk: one property per path, and how a folder is found."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import NotFound
from pipelines.files import PARTIAL


@dataclass(frozen=True, slots=True)
class Folder:
    """An artifact's folder; its name is the artifact's id."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True)
class NovelFolder(Folder):
    """One novel: the untouched original, its decoded text and its cleanings, numbered from 1."""

    @property
    def manifest(self) -> Path:
        return self.path / "novel.json"

    @property
    def meta(self) -> Path:
        return self.path / "meta.json"

    @property
    def raw_text(self) -> Path:
        return self.path / "raw.txt"

    @property
    def lock(self) -> Path:
        """Held by a command that adds a cleaning."""
        return self.path / "lock"

    @property
    def cleanings(self) -> Path:
        return self.path / "cleanings"

    def original(self, extension: str) -> Path:
        return self.path / f"original{extension}"

    def cleaning(self, number: int) -> Path:
        return self.cleanings / str(number)

    def clean_text(self, number: int) -> Path:
        return self.cleaning(number) / "clean.txt"

    def report(self, number: int) -> Path:
        return self.cleaning(number) / "report.json"

    def chapters(self, number: int) -> Path:
        return self.cleaning(number) / "chapters.json"

    @property
    def outlines(self) -> Path:
        return self.path / "outlines"

    def outline(self, number: int) -> Path:
        """The chapters of a cleaning as the writer edited them, if they did."""
        return self.outlines / f"{number}.json"

    def former_outline(self, number: int) -> Path:
        """The chapters of a cleaning as they were before the last edit."""
        return self.outlines / f"{number}.former.json"


@dataclass(frozen=True, slots=True)
class EncodingFolder(Folder):
    """One encoding of a corpus: token ids of the training and the held-out chapters, and the tokenizer."""

    @property
    def manifest(self) -> Path:
        return self.path / "encoding.json"

    @property
    def train_ids(self) -> Path:
        return self.path / "train.bin"

    @property
    def valid_ids(self) -> Path:
        return self.path / "valid.bin"

    @property
    def tokenizer(self) -> Path:
        return self.path / "tokenizer"


@dataclass(frozen=True, slots=True)
class CorpusFolder(Folder):
    """One corpus: the text of its chapters, and its encodings side by side."""

    @property
    def manifest(self) -> Path:
        return self.path / "corpus.json"

    @property
    def meta(self) -> Path:
        return self.path / "meta.json"

    @property
    def chapters(self) -> Path:
        return self.path / "chapters.jsonl"

    @property
    def encodings(self) -> Path:
        return self.path / "encodings"

    def new_encoding(self, kind: str, size: int) -> EncodingFolder:
        return EncodingFolder(self.encodings / f"{kind}-{size}")

    def encoding(self, wanted: str = "") -> EncodingFolder:
        """The encoding with this id, or the newest when none is named; raises NotFound."""
        if wanted:
            return EncodingFolder(find_folder(self.encodings, wanted, "encoding"))
        existing = [EncodingFolder(path) for path in list_folders(self.encodings)]
        if not existing:
            raise NotFound(
                "no_encoding",
                f"corpus {self.id} has no encoding yet",
                f"run `python -m pipelines.encode {self.id} --kind char`",
                wanted=self.id,
            )
        return max(existing, key=lambda encoding: encoding.manifest.stat().st_mtime)


@dataclass(frozen=True, slots=True)
class RunFolder(Folder):
    """One run: what it was asked (`run.json`), what it does (`status.json`), what it measured, its checkpoints."""

    @property
    def manifest(self) -> Path:
        return self.path / "run.json"

    @property
    def meta(self) -> Path:
        return self.path / "meta.json"

    @property
    def budget(self) -> Path:
        return self.path / "budget.json"

    @property
    def numerics(self) -> Path:
        return self.path / "numerics.json"

    @property
    def status(self) -> Path:
        return self.path / "status.json"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def samples(self) -> Path:
        return self.path / "samples.jsonl"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def exit(self) -> Path:
        return self.path / "exit.json"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def ballast(self) -> Path:
        """A little room, given up when the disk is full so that the run can still say so."""
        return self.path / "ballast"

    @property
    def control(self) -> Path:
        return self.path / "control"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def wish(self, name: str) -> Path:
        """The control file of one wish: stop, pause, save_now, sample_now."""
        return self.control / name

    def checkpoint(self, step: int) -> Path:
        return self.checkpoints / f"step-{step}"

    def pointer(self, name: str) -> Path:
        """The file that names a checkpoint: `latest` or `best`."""
        return self.checkpoints / f"{name}.json"


@dataclass(frozen=True, slots=True)
class ManuscriptFolder(Folder):
    """One manuscript: its text, and every change ever made to it."""

    @property
    def manifest(self) -> Path:
        return self.path / "manuscript.json"

    @property
    def meta(self) -> Path:
        return self.path / "meta.json"

    @property
    def history(self) -> Path:
        return self.path / "history.jsonl"

    @property
    def lock(self) -> Path:
        """Held by whoever adds to the history."""
        return self.path / "lock"

    @property
    def chapters(self) -> Path:
        return self.path / "chapters"

    @property
    def text(self) -> Path:
        return self.chapters / "1.txt"


def list_folders(place: Path) -> list[Path]:
    """The finished folders in `place`, by name; none if there is no such place."""
    if not place.is_dir():
        return []
    return sorted(path for path in place.iterdir() if path.is_dir() and not path.name.endswith(PARTIAL))


def find_folder(place: Path, wanted: str, noun: str) -> Path:
    """The folder named `wanted`, else the only one whose name holds it; raises NotFound."""
    folders = list_folders(place)
    exact = [path for path in folders if path.name == wanted]
    matches = exact or [path for path in folders if wanted and wanted in path.name]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(path.name for path in matches[:5])
        raise NotFound(
            "ambiguous", f"{len(matches)} {plural(noun)} match {wanted!r} ({names})", "name one in full", wanted=wanted
        )
    known = ", ".join(path.name for path in folders[-5:]) or "none yet"
    raise NotFound(f"no_{noun}", f"there is no {noun} {wanted!r}", f"there are: {known}", wanted=wanted)


def plural(noun: str) -> str:
    return {"corpus": "corpora"}.get(noun, noun + "s")
