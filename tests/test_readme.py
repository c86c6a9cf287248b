"""The README is held to what it says: its commands run, its numbers are the presets'."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from models.shape import load_preset, preset_names
from pipelines.__main__ import settings_page

FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SIZES = re.compile(r"^\| `(?P<name>[\w-]+)` \| (?P<sizes>[^|]*) \|", re.MULTILINE)


@pytest.fixture(scope="module", params=["README.md", "README.zh.md"])
def readme(request, project):
    return (project / request.param).read_text(encoding="utf-8")


def commands(text):
    lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("python -m pipelines.")]


@pytest.mark.slow
def test_the_commands_of_the_readme_run_in_their_order(project, tmp_path):
    text = (project / "README.md").read_text(encoding="utf-8")
    environment = os.environ | {"MOXU_HOME": str(tmp_path / "moxu")}
    # Whoever reads this far has run the demo.
    demo = [sys.executable, "-m", "pipelines.demo", "--minutes", "0.05"]
    subprocess.run(demo, cwd=project, env=environment, capture_output=True, check=True)
    assert len(commands(text)) >= 8
    for words in commands(text):
        # Quick, and nothing written beside the code.
        instead = {"--minutes": "0.1", "--export": str(tmp_path / "train.json")}
        quick = [instead.get(before, word) for before, word in zip(["", *words], words, strict=False)]
        done = subprocess.run(
            [sys.executable, *quick[1:]], cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr}"


def test_both_readmes_show_the_same_commands(project):
    english, chinese = ((project / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    assert commands(chinese) == commands(english)[: len(commands(chinese))]


def test_what_the_readme_points_to_is_there(project, readme):
    places = [place for place in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in place]
    assert places
    assert [place for place in places if not (project / place).exists()] == []


def test_the_table_of_presets_says_what_the_presets_are(readme):
    rows = {
        match["name"]: [int(number) for number in re.findall(r"\d+", match["sizes"].replace(",", ""))]
        for match in SIZES.finditer(readme)
    }
    assert set(rows) == set(preset_names())
    for name, numbers in rows.items():
        preset = load_preset(name)
        named = preset.sizes.values() if name != "base-512" else [preset.sizes["context"]]
        assert set(named) <= set(numbers), name


def test_the_counts_of_parameters_are_those_of_the_shapes():
    millions = {name: load_preset(name).shape(13317).parameters for name in ("base", "gpt2")}
    assert millions["base"] == 81_894_144
    assert round(millions["gpt2"] / 1e6) == 96
    assert round(load_preset("char").shape(65).parameters / 1e6, 1) == 10.8
    assert 0.9e6 < load_preset("pocket").shape(1040).parameters < 1.1e6


def test_the_page_of_settings_is_what_is_declared(project):
    assert (project / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()
