import contextlib
import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import files
from pipelines.errors import BrokenArtifact, Conflict


class DiskFullError(OSError):
    """What the failing seam raises, so that no other error passes for it."""


class Failing:
    """Lets the n-th call through this seam fail as a full disk does."""

    def __init__(self, real, number):
        self.real, self.left = real, number

    def __call__(self, *arguments, **keywords):
        self.left -= 1
        if self.left == 0:
            raise DiskFullError(errno.ENOSPC, "No space left on device")
        return self.real(*arguments, **keywords)


@pytest.mark.parametrize("number", range(1, 4))
def test_a_disk_that_fills_leaves_the_old_json_or_the_new_never_a_mix(tmp_path, monkeypatch, number):
    path = tmp_path / "a.json"
    files.write_json(path, {"value": "old"})
    failing = Failing(os.fsync, number)
    monkeypatch.setattr(os, "fsync", failing)
    with contextlib.suppress(DiskFullError):
        files.write_json(path, {"value": "new"})
    assert files.read_json(path)["value"] in ("old", "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("number", range(1, 7))
def test_a_folder_is_published_whole_or_not_at_all(tmp_path, monkeypatch, number):
    monkeypatch.setattr(os, "fsync", Failing(os.fsync, number))
    folder = tmp_path / "thing"
    with contextlib.suppress(DiskFullError), files.publish(folder) as partial:
        files.write_text(partial / "one", "1")
        files.write_text(partial / "two", "2")
    left = [entry.name for entry in tmp_path.iterdir()]
    assert left in ([], ["thing"])
    if left:
        assert sorted(entry.name for entry in folder.iterdir()) == ["one", "two"]


def test_publishing_over_a_finished_folder_is_refused_and_changes_nothing(tmp_path):
    with files.publish(tmp_path / "thing") as partial:
        files.write_text(partial / "a", "first")
    with pytest.raises(Conflict), files.publish(tmp_path / "thing") as partial:
        files.write_text(partial / "a", "second")
    assert files.read_text(tmp_path / "thing" / "a") == "first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing"]


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers(), max_size=3), max_size=8), st.data())
def test_reading_by_offset_never_skips_repeats_or_tears_a_row(tmp_path_factory, rows, data):
    path = tmp_path_factory.mktemp("lines") / "rows.jsonl"
    for row in rows:
        files.append_line(path, row)
    whole = path.read_bytes() if path.exists() else b""
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    first, offset = files.read_lines(path)
    path.write_bytes(whole)
    second, _ = files.read_lines(path, offset)
    assert first + second == rows


def test_dropping_rows_drops_a_torn_last_line_too(tmp_path):
    path = tmp_path / "rows.jsonl"
    for step in range(5):
        files.append_line(path, {"step": step})
    path.write_bytes(path.read_bytes() + b'{"step": 5, "lo')
    files.keep_lines(path, lambda row: row["step"] <= 2)
    files.append_line(path, {"step": 3})
    assert [row["step"] for row in files.read_lines(path)[0]] == [0, 1, 2, 3]


def test_a_row_after_a_torn_one_is_not_lost_with_it(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2, "lo')
    files.append_line(path, {"step": 3})
    assert [row["step"] for row in files.read_lines(path)[0]] == [1, 3]


def test_a_number_that_json_does_not_have_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.append_line(tmp_path / "rows.jsonl", {"loss": float("nan")})


def test_sweeping_takes_only_what_our_own_writers_left(tmp_path):
    ours = ["book-0123abcd.89abcdef.partial", ".status.json.0123abcd"]
    theirs = ["thesis.partial", "notes.txt", ".bashrc", "step-5"]
    for name in ours + theirs:
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    files.sweep_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(theirs)


def test_broken_json_is_named(tmp_path):
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    with pytest.raises(BrokenArtifact, match=r"a\.json"):
        files.read_json(tmp_path / "a.json")


def test_too_little_room_is_said_before_anything_is_written(tmp_path):
    with pytest.raises(Conflict, match="MB free"):
        files.require_space(tmp_path, 10**18, "this run")
