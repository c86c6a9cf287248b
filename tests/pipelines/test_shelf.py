import json
import shutil

import pytest
import torch

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


def damage(folder, name, **changes):
    path = folder / name
    path.write_text(json.dumps((read_json(path) if path.exists() else {}) | changes), encoding="utf-8")


@pytest.fixture
def broken_neighbours(workspace, on_shelf):
    """Folders on the shelf that are no bundles, each for another reason."""
    (workspace.bundles / "empty").mkdir()
    changes = {"scored": ("bundle.json", {"scores": "great"}), "listed": ("bundle.json", {"made_from": [1]})}
    changes |= {"titled": ("meta.json", {"title": 3})}
    for name, (file, change) in changes.items():
        damage(shutil.copytree(on_shelf, workspace.bundles / name), file, **change)
    for name, file in (("torn", "bundle.json"), ("torn-meta", "meta.json")):
        (shutil.copytree(on_shelf, workspace.bundles / name) / file).write_text("{", encoding="utf-8")
    return ["empty", "listed", "scored", "titled", "torn", "torn-meta"]


def test_broken_neighbours_are_listed_with_the_reason_beside_the_good_ones(broken_neighbours, capsys):
    assert shelf.main(["list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in told["bundles"]] == ["mine"]
    assert [row["id"] for row in told["broken"]] == broken_neighbours
    assert shelf.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(broken_neighbours)
    assert lines[1].startswith("empty: broken, ")
    assert lines[1].endswith(told["broken"][0]["why"])


def test_broken_neighbours_hide_no_bundle_of_a_run(workspace, broken_neighbours, on_shelf):
    damage(on_shelf, "bundle.json", made_from={"run": "r", "step": 4})
    assert shelf.made_by(workspace, "r", 4) == on_shelf
    assert shelf.made_by(workspace, "r", 5) is None


def test_a_folder_put_on_the_shelf_by_hand_is_listed(workspace, on_shelf):
    (on_shelf / "meta.json").unlink()
    assert shelf.catalogue(workspace) == ([shelf.describe(workspace, on_shelf)], [])
    assert shelf.describe(workspace, on_shelf)["title"] == "Mine"


def test_a_changed_bundle_is_not_imported(workspace, elsewhere):
    with (elsewhere / "README.md").open("a", encoding="utf-8") as file:
        file.write("the best")
    with pytest.raises(BrokenArtifact, match="has changed since it was made"):
        shelf.import_folder(workspace, elsewhere, "far")
    assert list(workspace.bundles.iterdir()) == []


def test_scores_come_along_only_with_hashes(workspace, elsewhere):
    damage(elsewhere, "bundle.json", scores={"loss": 1.5})
    assert read_json(shelf.import_folder(workspace, elsewhere, "far") / "bundle.json")["scores"] == {"loss": 1.5}
    facts = read_json(elsewhere / "bundle.json")
    del facts["files"]
    (elsewhere / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")
    assert "scores" not in read_json(shelf.import_folder(workspace, elsewhere, "far") / "bundle.json")


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_weights_that_are_no_numbers_are_refused(workspace, tmp_path, value):
    model = network()
    with torch.no_grad():
        model.transformer.ln_f.bias[0] = float(value)
    with pytest.raises(BrokenArtifact, match="the weights of ill are no numbers"):
        shelf.import_folder(workspace, write_bundle(tmp_path / "ill", model), "far")
    assert list(workspace.bundles.iterdir()) == []


def test_places_that_cannot_be_are_one_sentence(on_shelf, tmp_path, capsys):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to("nowhere")
    for place in ("file", "file/x", "file/x/y", "link", "long" * 99):
        assert shelf.main(["export", "mine", "--to", str(tmp_path / place)]) == 2
        assert shelf.main(["import", str(tmp_path / place)]) == 2
        assert capsys.readouterr().err.count("\n") == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.name in ("file", "link")) == ["file", "link"]
