"""What the pages may ask of the shelf: the finished models, what each was made from, renaming one, taking one away."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models import bundle
from models.shape import ModelShape
from pipelines import shelf, trash
from pipelines.errors import BrokenArtifact, NotFound
from pipelines.files import read_json, read_lines
from pipelines.folders import CorpusFolder, NovelFolder, RunFolder, list_folders
from pipelines.trash import Discarded
from pipelines.workspace import Workspace
from studio import access
from studio.access import Action, Visitor

# What a small picture can show of a curve.
MOST_POINTS = 160
MOST_SAMPLES = 3
Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Volume:
    """A finished model as the shelf lists it; `trouble` is why it cannot be used."""

    id: str
    title: str
    made: datetime
    size: int
    parameters: int = 0
    bits: float | None = None
    corpus: str = ""
    trouble: BrokenArtifact | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Bits per character by step: on chapters held out, and on those it learned from."""

    held_out: list[Point]
    training: list[Point]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a model wrote after a prompt."""

    step: int
    prompt: str
    text: str


@dataclass(frozen=True, slots=True)
class Details:
    """All that is known of one model; curve and samples are those of its run, empty when that is gone."""

    volume: Volume
    shape: ModelShape
    facts: dict[str, Any]
    novels: list[str]
    run: str
    curve: Curve
    samples: list[Sample]

    @property
    def step(self) -> int | None:
        """The step of the run that was kept."""
        step = self.facts.get("made_from", {}).get("step")
        return step if type(step) is int else None


class Shelf:
    """The shelf of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def volumes(self, visitor: Visitor) -> list[Volume]:
        """Every model the visitor may see, the damaged ones too, newest first."""
        folders = [folder for folder in list_folders(self.workspace.bundles) if self._may(visitor, "see", folder)]
        return sorted((self._volume(visitor, folder) for folder in folders), key=lambda volume: volume.made, reverse=True)

    def details(self, visitor: Visitor, wanted: str) -> Details:
        """All that is known of a model; raises NotFound, or BrokenArtifact for a damaged one."""
        folder = self.folder(visitor, "see", wanted)
        found = bundle.read(folder)
        made_from = found.facts.get("made_from", {})
        run = self._run(visitor, made_from.get("run"))
        corpus = self._corpus(visitor, made_from.get("corpus"))
        return Details(
            volume=self._volume(visitor, folder),
            shape=found.shape,
            facts=found.facts,
            novels=self._novels(visitor, corpus) if corpus else [],
            run=run.id if run else "",
            curve=_curve(read_lines(run.metrics)[0]) if run else Curve([], []),
            samples=_samples(read_lines(run.samples)[0], made_from.get("step")) if run else [],
        )

    def verified(self, visitor: Visitor, wanted: str) -> list[Path]:
        """The files of a model whose every hash is right, its facts last; raises NotFound or BrokenArtifact."""
        folder = self.folder(visitor, "see", wanted)
        bundle.verify(folder)
        return [folder / name for name in (*bundle.read(folder).facts["files"], bundle.FACTS)]

    def rename(self, visitor: Visitor, wanted: str, title: str) -> str:
        """Give a model another title and return it as it was kept."""
        return shelf.rename(self.workspace, self.folder(visitor, "change", wanted), title)

    def discard(self, visitor: Visitor, wanted: str) -> str:
        """Move a model to the trash and return the ticket that brings it back."""
        return trash.discard(self.workspace, self.folder(visitor, "change", wanted))

    def discarded(self, visitor: Visitor) -> list[tuple[str, Discarded]]:
        """The models in the trash that the visitor may bring back, each with its title, the last deleted first."""
        found = [entry for entry in trash.entries(self.workspace) if entry.ticket.startswith("bundles/")]
        mine = [entry for entry in found if access.may(visitor, "change", access.thing_of(entry.meta))]
        return [(_title(entry.path), entry) for entry in mine]

    def restore(self, visitor: Visitor, ticket: str) -> str:
        """Bring a model back from the trash and return its id."""
        access.require(visitor, "change", access.thing_of(trash.find(self.workspace, ticket).meta))
        return trash.restore(self.workspace, ticket).name

    def folder(self, visitor: Visitor, action: Action, wanted: str) -> Path:
        """The folder of the model with exactly this id; raises NotFound, or Forbidden."""
        for folder in list_folders(self.workspace.bundles):
            if folder.name == wanted:
                access.require(visitor, action, access.thing_of(self.workspace.bundle_meta(folder)))
                return folder
        raise NotFound("no_bundle", f"there is no bundle {wanted!r}", "it may have been deleted", wanted=wanted)

    def _may(self, visitor: Visitor, action: Action, folder: Path) -> bool:
        return access.may(visitor, action, access.thing_of(self.workspace.bundle_meta(folder)))

    def _volume(self, visitor: Visitor, folder: Path) -> Volume:
        sizes = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        try:
            row = shelf.describe(self.workspace, folder)
        except BrokenArtifact as trouble:
            return Volume(folder.name, _title(folder), _moment(folder, None), sizes, trouble=trouble)
        corpus = self._corpus(visitor, row["made_from"].get("corpus"))
        return Volume(
            id=folder.name,
            title=row["title"],
            made=_moment(folder, row["created"]),
            size=sizes,
            parameters=row["parameters"],
            bits=row["scores"].get("bits_per_character"),
            corpus=_title(corpus.path) if corpus else "",
        )

    def _corpus(self, visitor: Visitor, wanted: object) -> CorpusFolder | None:
        found = _named(list_folders(self.workspace.corpora), wanted)
        corpus = CorpusFolder(found) if found else None
        return corpus if corpus and access.may(visitor, "see", access.thing_of(corpus.meta)) else None

    def _run(self, visitor: Visitor, wanted: object) -> RunFolder | None:
        found = _named(list_folders(self.workspace.runs), wanted)
        run = RunFolder(found) if found else None
        return run if run and access.may(visitor, "see", access.thing_of(run.meta)) else None

    def _novels(self, visitor: Visitor, corpus: CorpusFolder) -> list[str]:
        """The titles of the novels in a corpus; those that are gone are called by their ids."""
        made_from = _object(corpus.manifest).get("made_from", [])
        known = {path.name: NovelFolder(path) for path in list_folders(self.workspace.novels)}
        titles = []
        for name in (row.get("novel") for row in made_from if isinstance(row, dict)):
            novel = known.get(str(name))
            if novel is None or access.may(visitor, "see", access.thing_of(novel.meta)):
                titles.append(_title(novel.path) if novel else str(name))
        return titles


def _named(folders: Iterable[Path], wanted: object) -> Path | None:
    """The folder of that very name: names in a foreign bundle.json are looked up, never joined to a path."""
    return next((folder for folder in folders if folder.name == wanted), None)


def _title(folder: Path) -> str:
    title = _object(folder / "meta.json").get("title")
    return title if isinstance(title, str) and title else folder.name


def _object(path: Path) -> dict[str, Any]:
    """A JSON object that is only told of: nothing where it is missing or damaged."""
    try:
        value = read_json(path)
    except (BrokenArtifact, OSError):
        return {}
    return value if isinstance(value, dict) else {}


def _moment(folder: Path, created: str | None) -> datetime:
    """When a model was made; of one without a date, when its facts or else its folder last changed."""
    try:
        return datetime.fromisoformat(created or "").astimezone(UTC)
    except (ValueError, OverflowError):
        facts = folder / bundle.FACTS
        return datetime.fromtimestamp((facts if facts.exists() else folder).stat().st_mtime, UTC)


def _curve(rows: list[dict[str, Any]]) -> Curve:
    kinds = {
        kind: [point for row in rows if row.get("kind") == kind and (point := _point(row))] for kind in ("held_out", "train")
    }
    return Curve(_thinned(kinds["held_out"]), _thinned(kinds["train"]))


def _point(row: dict[str, Any]) -> Point | None:
    step, bits = row.get("step"), row.get("bits_per_character")
    if isinstance(step, int) and isinstance(bits, int | float) and math.isfinite(bits):
        return step, float(bits)
    return None


def _thinned(points: list[Point]) -> list[Point]:
    """At most MOST_POINTS of them, the first and the last always."""
    if len(points) <= MOST_POINTS:
        return points
    last = len(points) - 1
    return [points[round(place * last / (MOST_POINTS - 1))] for place in range(MOST_POINTS)]


def _samples(rows: list[dict[str, Any]], step: object) -> list[Sample]:
    """What the run wrote last at or before the step that was kept."""
    if type(step) is not int:
        return []
    made = [
        Sample(row["step"], str(row.get("prompt", "")), str(row.get("text", "")))
        for row in rows
        if type(row.get("step")) is int and row["step"] <= step
    ]
    # A step at which somebody wished for samples again has more than one lot; the last is the newest.
    latest = {sample.prompt: sample for sample in made if sample.step == made[-1].step}
    return list(latest.values())[:MOST_SAMPLES]
