import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import generate
from pipelines.command import MISTAKE
from tests.tiny_model import network, only_characters, write_bundle

ROOT = Path(__file__).parents[2]
FEW = ["--length", "10", "--candidates", "2", "--seed", "7", "--device", "cpu"]


@pytest.fixture
def tiny(workspace):
    return write_bundle(workspace.bundles / "石头记", only_characters(network()))


def run(capsys, *arguments):
    code = generate.main([*arguments, *FEW])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_manifest_holds_what_others_rely_on(tiny, capsys):
    code, out, err = run(capsys, "石头记", "黛玉", "--json")
    manifest = json.loads(out)
    assert (code, err) == (0, "")
    assert manifest["prompt"] == "黛玉"
    assert (manifest["seed"], manifest["bundle"], manifest["device"]) == (7, "石头记", "CPU")
    assert manifest["tokens_per_second"] > 0
    assert manifest["settings"]["temperature"] == 0.85
    for one in manifest["candidates"]:
        assert len(one["text"]) == 10
        assert (one["reason"], one["loop"], one["copied_characters"]) == ("length", None, None)


def test_the_same_command_writes_the_same(tiny, capsys):
    first, second = (json.loads(run(capsys, "石头记", "黛玉", "--json")[1])["candidates"] for _ in range(2))
    assert first == second


def test_a_path_names_a_bundle_anywhere(tiny, tmp_path, capsys):
    moved = tiny.rename(tmp_path / "elsewhere")
    assert json.loads(run(capsys, str(moved), "黛玉", "--json")[1])["bundle"] == "elsewhere"


def test_people_read_the_candidates_with_their_prompt(tiny, capsys):
    out = run(capsys, "石头记", "黛玉")[1]
    assert out.count("\n黛玉") == 2
    assert "10 characters, long enough" in out
    assert "seed 7" in out


def test_out_writes_a_file_for_each_candidate_and_one_for_all(tiny, tmp_path, capsys):
    out = tmp_path / "deep" / "samples"
    manifest = json.loads(run(capsys, "石头记", "黛玉", "--out", str(out), "--json")[1])
    written = [one["text"] for one in manifest["candidates"]]
    assert sorted(path.name for path in out.iterdir()) == ["01.txt", "02.txt", "samples.txt"]
    assert [(out / f"0{number}.txt").read_bytes().decode() for number in (1, 2)] == [f"黛玉{text}\n" for text in written]
    whole = (out / "samples.txt").read_text(encoding="utf-8")
    assert all(text in whole for text in written)
    assert "===== SAMPLE 2 =====" in whole
    assert manifest["out"] == str(out)


def test_a_folder_that_exists_is_not_written_over(tiny, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    code, out, err = run(capsys, "石头记", "黛玉", "--out", str(tmp_path))
    assert (code, out) == (MISTAKE, "")
    assert "exists already" in err
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing", "黛玉"], "there is no bundle 'nothing'"),
        (["石头记", "\ud83d"], "lone surrogate"),
        (["石头记", "黛玉", "--temperature", "3"], "temperature must be at most 2.0, got 3.0"),
        (["石头记", "黛玉", "--top-p", "x"], "--top-p"),
        (["石头记"], "PROMPT"),
    ],
)
def test_a_mistake_is_one_sentence(tiny, capsys, arguments, why):
    code = generate.main(arguments)
    said = capsys.readouterr()
    assert (code, said.out) == (MISTAKE, "")
    assert why in said.err
    assert said.err.count("\n") == 1


def test_a_damaged_bundle_is_one_sentence(tiny, capsys):
    (tiny / "config.json").write_text("{", encoding="utf-8")
    code, out, err = run(capsys, "石头记", "黛玉")
    assert (code, out, err.count("\n")) == (MISTAKE, "", 1)


@pytest.mark.parametrize("step", ["generate", "evaluate", "encode"])
def test_help_comes_without_torch(step, tmp_path):
    script = f"""import sys; from pipelines import {step}
try: {step}.main(['--help'])
except SystemExit: sys.exit('torch' in sys.modules)"""
    home = os.environ | {"HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=home, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--json" in done.stdout
