"""Finished models for tests of the shelf: small, with the run, the corpus and the novel they were made from."""

import json
from pathlib import Path

from pipelines.files import append_line, write_json
from pipelines.folders import RunFolder
from pipelines.workspace import Workspace, write_meta
from tests.tiny_model import network, write_bundle

RUN, CORPUS, NOVEL = "20261121-184142-story", "story-0a1b2c3d", "story-4e5f6071"


def stand(workspace: Workspace, name: str = "story", title: str = "船到江心", **facts) -> Path:
    """A model on the shelf, kept at step 2 of the run that `leave_traces` writes."""
    made_from = {"run": RUN, "step": 2, "corpus": CORPUS, "encoding": "char-40"}
    made_with = {"moxu": "0.1.0", "preset": "pocket", "settings": {"learning_rate": 0.006, "minutes": None}}
    scores = {"bits_per_character": 7.42, "loss": 4.5, "characters": 2945}
    known = {"title": name, "created": "2026-11-21T18:42:05+00:00", "scores": scores}
    known |= {"made_from": made_from, "made_with": made_with} | facts
    folder = write_bundle(workspace.root / "made" / name, network(), known).rename(workspace.bundles / name)
    write_meta(workspace.bundle_meta(folder), title)
    return folder


def leave_traces(workspace: Workspace) -> RunFolder:
    """The run, the corpus and the novel behind `stand`."""
    run = RunFolder(workspace.runs / RUN)
    for path, title in ((run.path, "story"), (workspace.corpora / CORPUS, "江心集"), (workspace.novels / NOVEL, "船到江心")):
        path.mkdir()
        write_meta(path / "meta.json", title)
    write_json(workspace.corpora / CORPUS / "corpus.json", {"made_from": [{"novel": NOVEL}, {"novel": "gone-01234567"}]})
    for step, held_out, training in ((0, 11.3, 11.2), (2, 7.4, 6.0), (4, 7.9, 3.0)):
        append_line(run.metrics, {"kind": "held_out", "step": step, "bits_per_character": held_out})
        append_line(run.metrics, {"kind": "train", "step": step, "bits_per_character": training})
        for prompt in ("冬麦", "三月"):
            append_line(run.samples, {"step": step, "prompt": prompt, "text": f"写到第{step}步。\n<b>雨</b>"})
    return run


def damage(folder: Path) -> None:
    """Let a model's weights not be those it was made with, and its facts be unreadable."""
    (folder / "bundle.json").write_text("{", encoding="utf-8")


def rewrite(path: Path, **changes) -> None:
    """Change values of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")
