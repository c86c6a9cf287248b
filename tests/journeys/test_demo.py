"""The whole way on the bundled stories, as a newcomer walks it."""

import json
import subprocess
import sys

import pytest

from pipelines.workspace import open_workspace

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("story", "title"), [("zh", "船到江心"), ("en", "The-Remarks-Column")])
def test_the_demo_goes_the_whole_way_and_leaves_everything_it_names(moxu, tmp_path, story, title):
    code, facts, told = moxu("demo", "--story", story, "--minutes", "0.1", workspace=tmp_path / "home")
    assert code == 0, told
    assert [line.split()[0] for line in told.splitlines() if line[:1].isdigit()] == ["1", "2", "3", "4", "5", "6"]
    home = open_workspace(str(tmp_path / "home"))
    assert home.novel(facts["novel"]).id.startswith(title)
    assert home.corpus(facts["corpus"]).encoding().manifest.exists()
    assert home.run(facts["run"]).metrics.exists()
    assert (home.bundle(facts["bundle"]) / "model.safetensors").exists()
    assert 3 < facts["bits_per_character"] < 12
    assert facts["continuation"]
    assert facts["seconds"] > 6


def test_the_demo_twice_keeps_both_apart(moxu, tmp_path):
    both = [moxu("demo", "--minutes", "0.05", workspace=tmp_path / "home")[1] for _ in range(2)]
    for name in ("novel", "corpus", "run", "bundle"):
        assert both[0][name] != both[1][name]


def test_a_demo_without_json_tells_a_person_how_to_go_on(project, tmp_path):
    command = [sys.executable, "-m", "pipelines.demo", "--minutes", "0.05", "--workspace", str(tmp_path / "home")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("7 generate")
    assert "pipelines.ingest" in done.stdout
    with pytest.raises(json.JSONDecodeError):
        json.loads(done.stdout)
