import json
import shutil

import pytest

from models import gpt
from pipelines import shelf
from pipelines.errors import BrokenArtifact, Conflict, NotFound
from pipelines.files import read_json
from tests.tiny_model import network, shape, write_bundle


@pytest.fixture
def on_shelf(workspace, tmp_path):
    """A bundle named `mine` in the workspace."""
    made = write_bundle(tmp_path / "made", network(), {"title": "Mine", "scores": {"bits_per_character": 4.2}})
    folder = made.rename(workspace.bundles / "mine")
    (folder / "meta.json").write_text(json.dumps({"title": "Mine"}), encoding="utf-8")
    return folder


@pytest.fixture
def elsewhere(tmp_path):
    """A model folder outside the workspace."""
    folder = tmp_path / "elsewhere"
    write_bundle(folder, network(), {"title": "Far"})
    return folder


def test_the_shelf_lists_size_and_score(workspace, on_shelf, capsys):
    assert shelf.main(["list", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["bundles"][0]
    assert (row["id"], row["parameters"], row["scores"]["bits_per_character"]) == ("mine", shape().parameters, 4.2)


def test_an_imported_model_has_the_same_weights_under_our_manifest(workspace, elsewhere):
    folder = shelf.import_folder(workspace, elsewhere, "far")
    one, other = (gpt.open_network(path / "model.safetensors", shape(), "cpu") for path in (elsewhere, folder))
    assert all((a == b).all() for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert read_json(folder / "bundle.json")["made_from"]["imported"] == "elsewhere"
    assert [path.name for path in workspace.bundles.iterdir()] == ["far"]


def test_importing_twice_makes_two(workspace, elsewhere):
    names = [shelf.import_folder(workspace, elsewhere, "far").name for _ in range(2)]
    assert names == ["far", "far-2"]


def test_weights_that_cannot_be_the_networks_are_refused_and_nothing_is_left(workspace, elsewhere):
    (elsewhere / "bundle.json").unlink()
    config = read_json(elsewhere / "config.json")
    (elsewhere / "config.json").write_text(json.dumps(config | {"n_layer": 200}), encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        shelf.import_folder(workspace, elsewhere, "far")
    assert list(workspace.bundles.iterdir()) == []


def test_a_folder_that_is_no_model_is_refused(workspace, tmp_path):
    with pytest.raises(NotFound):
        shelf.import_folder(workspace, tmp_path / "nowhere", "")
    with pytest.raises(BrokenArtifact):
        shelf.import_folder(workspace, tmp_path, "")


def test_an_export_is_whole_verified_and_never_overwrites(workspace, on_shelf, tmp_path):
    target = shelf.export(workspace, "mine", tmp_path / "out")
    left = {path.name for path in on_shelf.iterdir()} - {path.name for path in target.iterdir()}
    assert left == {"meta.json"}
    with pytest.raises(Conflict):
        shelf.export(workspace, "mine", target)
    shutil.copy(target / "config.json", on_shelf / "model.safetensors")
    with pytest.raises(BrokenArtifact):
        shelf.export(workspace, "mine", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_removing_needs_the_full_name(workspace, on_shelf):
    with pytest.raises(NotFound, match="no bundle 'min'"):
        shelf.remove(workspace, "min")
    assert shelf.remove(workspace, "mine") == "mine"
    assert list(workspace.bundles.iterdir()) == []
