"""The shelf of finished models: add, list, import, export, remove. A bundle is a standard Hugging Face folder.

python -m pipelines.shelf list | import PATH | export BUNDLE --to DIR | remove BUNDLE
"""

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import bundle
from models.shape import ModelShape
from pipelines import VERSION, command
from pipelines.errors import BadSettings, BrokenArtifact, Conflict, NameTaken, NotFound
from pipelines.files import NO_SPACE, PARTIAL, publish
from pipelines.folders import list_folders
from pipelines.workspace import LOCAL_OWNER, Workspace, change_meta, now, write_meta

LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Finished:
    """What becomes a bundle: a name, weights in transformers' layout, their shape, a tokenizer folder, and facts."""

    name: str
    weights: Path
    shape: ModelShape
    tokenizer: Path
    facts: dict[str, Any]
    owner: str = LOCAL_OWNER


def add(workspace: Workspace, finished: Finished) -> Path:
    """Put a finished model on the shelf and return its folder; a name that is taken gets a number."""
    folder = workspace.new_bundle(finished.name)
    try:
        with publish(folder) as partial:
            facts = finished.facts | {"created": now()}
            bundle.write(partial, finished.weights, finished.shape, finished.tokenizer, facts)
            write_meta(workspace.bundle_meta(partial), finished.name, owner=finished.owner)
    except NameTaken:  # another run of this name finished in between
        return add(workspace, finished)
    return folder


def made_by(workspace: Workspace, run: str, step: int) -> Path | None:
    """The bundle that was made from this step of this run, if there is one already."""
    for folder in list_folders(workspace.bundles):
        try:
            made_from = bundle.read(folder).facts.get("made_from", {})
        except BrokenArtifact:  # a neighbour's trouble, which `list` tells of
            continue
        if (made_from.get("run"), made_from.get("step")) == (run, step) and "imported" not in made_from:
            return folder
    return None


def describe(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """What the shelf says of a bundle; raises BrokenArtifact if it is none or its files are damaged."""
    found, meta = bundle.read(folder), workspace.bundle_meta(folder)
    # A folder that a person copied onto the shelf by hand has no meta.json.
    known = bundle.read_object(meta, bundle.LARGEST_FACTS_BYTES) if meta.exists() else found.facts
    title = known.get("title", folder.name)
    if not isinstance(title, str):
        raise BrokenArtifact("broken_bundle", f"{meta} says title is {bundle.shown(title)}", "remove that file", path=str(meta))
    facts = {"id": folder.name, "title": title, "parameters": found.shape.parameters, "scores": found.facts.get("scores", {})}
    return facts | {"made_from": found.facts.get("made_from", {}), "created": found.facts.get("created")}


def rename(workspace: Workspace, folder: Path, title: str) -> str:
    """Give a bundle another title, which is what people see; its id stays. Raises BadSettings for none or a long one."""
    title = " ".join(title.split())
    if not 1 <= len(title) <= LONGEST_TITLE or not title.isprintable():
        message = f"a title has 1 to {LONGEST_TITLE} characters, got {len(title)}"
        raise BadSettings("bad_title", message, "choose another", name="title", longest=LONGEST_TITLE)
    meta = workspace.bundle_meta(folder)
    change_meta(meta, title=title) if meta.exists() else write_meta(meta, title)
    return title


def catalogue(workspace: Workspace) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """What the shelf says of every bundle, and the id and the sentence of each folder that is none or is damaged."""
    good: list[dict[str, Any]] = []
    broken: list[dict[str, str]] = []
    for folder in list_folders(workspace.bundles):
        try:
            good.append(describe(workspace, folder))
        except BrokenArtifact as error:
            broken.append({"id": folder.name, "why": error.sentence})
    return good, broken


def import_folder(workspace: Workspace, source: Path, name: str) -> Path:
    """Copy a GPT-2 folder in safetensors onto the shelf, reading only its configuration, weights and tokenizer.

    Its scores come along if its bundle.json has hashes. Raises NotFound if there is none, BrokenArtifact if it is not such
    a folder, its hashes or its tensors' shapes do not fit, or its weights are no numbers.
    """
    if not _is_folder(source):
        raise NotFound("no_folder", f"there is no folder {source}", "give the folder of a model", path=str(source))
    found = bundle.read(source)
    if verified := "files" in found.facts:
        bundle.verify(source)
    bundle.require_weights(source, found.shape)
    # torch takes a second to import, and the rest of the shelf needs none.
    from models import gpt

    network = gpt.open_network(found.weights, found.shape, "cpu")
    if not all(weight.isfinite().all() for weight in network.parameters()):
        message = f"the weights of {source.name} are no numbers (NaN or infinite)"
        raise BrokenArtifact("not_finite", message, "take the whole folder from where the model was made")
    # Without hashes nobody knows whether the scores are those of these weights.
    kept = ("scores", "made_with") if verified else ("made_with",)
    facts = {key: value for key, value in found.facts.items() if key in kept}
    facts |= {"title": name or source.name, "made_from": {**found.facts.get("made_from", {}), "imported": source.name}}
    with tempfile.TemporaryDirectory(dir=workspace.bundles, suffix=PARTIAL) as folder:
        weights = Path(folder) / bundle.WEIGHTS
        gpt.save_weights(network, weights)
        return add(workspace, Finished(name or source.name, weights, found.shape, source, facts))


def _is_folder(path: Path) -> bool:
    """Whether there is such a folder; no name is too odd to ask."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def export(workspace: Workspace, wanted: str, target: Path) -> Path:
    """Copy a verified bundle to a folder that must not exist yet; raises Conflict if it does, or cannot be made."""
    source = workspace.bundle(wanted)
    bundle.verify(source)
    try:
        if target.exists() or target.is_symlink():
            raise Conflict("exists", f"{target} exists already", "choose a folder that does not exist yet", name=str(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        meta = workspace.bundle_meta(source).name
        with publish(target) as partial:
            shutil.copytree(source, partial, dirs_exist_ok=True, ignore=shutil.ignore_patterns(meta))
    except OSError as error:
        if error.errno in NO_SPACE:
            raise
        message = f"{target} cannot be written ({error.strerror or error})"
        raise Conflict("unusable_place", message, "choose another place", path=str(target)) from error
    return target


def remove(workspace: Workspace, wanted: str) -> str:
    """Remove a bundle by its full id, and return the id; its run and checkpoints stay."""
    folder = workspace.bundle(wanted)
    if folder.name != wanted:
        raise NotFound("no_bundle", f"there is no bundle {wanted!r}", f"to remove {folder.name}, name it in full", wanted=wanted)
    doomed = folder.with_name(folder.name + PARTIAL)
    folder.rename(doomed)
    shutil.rmtree(doomed)
    return wanted


def main(argv: list[str] | None = None) -> int:
    """The command `shelf`."""
    return command.execute(_parser(), argv, act)


def act(arguments: argparse.Namespace) -> command.Result:
    """Do one action on the workspace's bundles."""
    workspace = command.workspace_of(arguments)
    if arguments.action == "list":
        good, broken = catalogue(workspace)
        lines = [_line(facts) for facts in good] + [f"{row['id']}: broken, {row['why']}" for row in broken]
        return {"bundles": good, "broken": broken}, "\n".join(lines) or "the shelf is empty"
    if arguments.action == "import":
        folder = import_folder(workspace, Path(arguments.path), arguments.name)
        return {"bundle": folder.name, "made_with": {"moxu": VERSION}}, f"imported as {folder.name}"
    if arguments.action == "export":
        target = export(workspace, arguments.bundle, Path(arguments.to).absolute())
        return {"bundle": arguments.bundle, "to": str(target), "format": arguments.format}, f"exported to {target}"
    return {"removed": remove(workspace, arguments.bundle)}, f"removed {arguments.bundle}"


def _line(facts: dict[str, Any]) -> str:
    bits = facts["scores"].get("bits_per_character")
    score = "not measured" if bits is None else f"{bits:.3f} bits per character"
    return f"{facts['id']}: {facts['parameters']:,} parameters, {score}"


def _parser() -> command.Parser:
    made = command.parser("shelf", "the finished models")
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    command.add_shared(actions.add_parser("list", help="all bundles"))
    importing = actions.add_parser("import", help="a GPT-2 folder in safetensors")
    importing.add_argument("path", metavar="PATH")
    importing.add_argument("--name", default="", metavar="N")
    exporting = actions.add_parser("export", help="copy a bundle out of the workspace")
    exporting.add_argument("bundle", metavar="BUNDLE")
    exporting.add_argument("--to", required=True, metavar="DIR")
    exporting.add_argument("--format", default="hf", choices=("hf",))
    removing = actions.add_parser("remove", help="remove a bundle for good")
    removing.add_argument("bundle", metavar="BUNDLE")
    for action in (importing, exporting, removing):
        command.add_shared(action)
    return made


if __name__ == "__main__":
    sys.exit(main())
