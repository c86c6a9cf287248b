import os
import tempfile
import time
from pathlib import Path

import pytest

from studio import arrivals


@pytest.fixture
def place():
    return Path(tempfile.gettempdir())


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_the_folder_is_gradios_while_the_studio_runs_and_gone_after(place, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    with arrivals.open_arrivals() as folder:
        (folder / "novel.txt").write_text("红", encoding="utf-8")
        assert (folder.parent, os.environ["GRADIO_TEMP_DIR"]) == (place, str(folder))
    assert list(place.glob("moxu-*")) == []


def test_the_next_studio_sweeps_what_a_killed_one_left_and_nothing_of_a_living_one(place, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    left, other = place / "moxu-uploads-killed", place / "somebody-elses"
    for folder in (left, other):
        folder.mkdir()
        (folder / "novel.txt").write_text("红", encoding="utf-8")
        (folder / "lock").touch()
        age(folder, 120)
    with arrivals.open_arrivals() as living:
        age(living, 120)
        young = place / "moxu-uploads-young"
        young.mkdir()
        arrivals.sweep(place)
        assert (left.exists(), other.exists(), living.exists(), young.exists()) == (False, True, True, True)


def test_what_nobody_fetched_for_a_day_is_forgotten_but_not_the_lock(tmp_path):
    for name in ("lock", "half", "new"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "novel.txt").write_bytes(b"x")
    for name in ("lock", "half", "whole"):
        age(tmp_path / name, 25 * 3600)
    arrivals.forget_old(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "new"]
