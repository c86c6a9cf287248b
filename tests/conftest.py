"""What every test stands on: a home, a workspace and a temp folder of its own, and the real novels if they are there."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import hypothesis
import pytest

from pipelines.workspace import open_workspace

# How long an example takes says more about the machine than about the code; timings live in benchmarks/.
hypothesis.settings.register_profile("moxu", deadline=None)
hypothesis.settings.load_profile("moxu")


@pytest.fixture(autouse=True)
def _nobody_elses_home(tmp_path_factory, monkeypatch):
    """No test can touch the real home, the real workspace or the machine's device locks."""
    place = tmp_path_factory.mktemp("home")
    for name in ("HOME", "MOXU_HOME", "TMPDIR"):
        folder = place / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    # tempfile remembers the folder it found first.
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def workspace():
    """The empty workspace that $MOXU_HOME names, so that commands without --workspace use the same one."""
    return open_workspace()


@pytest.fixture(scope="session")
def novels():
    """The folder of real novels: $MOXU_NOVELS, else shared/data beside the repository."""
    folder = Path(os.environ.get("MOXU_NOVELS") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"there are no real novels in {folder}; set MOXU_NOVELS to their folder")
    return folder


PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def project():
    """The repository's root, where `python -m pipelines.X` runs."""
    return PROJECT


@pytest.fixture
def moxu():
    """Run one step as a person does and get (exit code, JSON object or None, stderr)."""
    return run_step


def run_step(step, *words, workspace=None):
    place = ["--workspace", str(workspace)] if workspace else []
    command = [sys.executable, "-m", f"pipelines.{step}", *map(str, words), "--json", *place]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


@pytest.fixture(scope="session")
def encoded_workspace(tmp_path_factory):
    """A workspace in which the bundled story is cleaned, assembled and encoded; to be copied, not changed."""
    place = tmp_path_factory.mktemp("encoded") / "workspace"
    novel = run_step("ingest", PROJECT / "assets" / "samples" / "zh.txt", workspace=place)[1]["novels"][0]["id"]
    assert run_step("clean", novel, workspace=place)[0] == 0
    corpus = run_step("assemble", novel, "--name", "story", workspace=place)[1]["corpus"]
    assert run_step("encode", corpus, "--kind", "char", workspace=place)[0] == 0
    return place
