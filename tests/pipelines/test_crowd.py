"""Jobs on several cores: results in order, and an end that leaves nothing half-done."""

import os
from pathlib import Path

import pytest

from pipelines import crowd
from pipelines.crowd import in_crowd, worth_a_crowd
from pipelines.errors import Conflict
from tests.made_books import be_killed


@pytest.fixture
def files(tmp_path):
    made = [tmp_path / f"{number}.txt" for number in range(9)]
    for number, path in enumerate(made):
        path.write_text(str(number))
    return made


def test_results_come_in_the_order_of_the_files(files):
    assert list(in_crowd(Path.read_text, files, 2)) == [str(number) for number in range(9)]


def test_an_error_ends_the_crowd_and_comes_whole(files):
    files[4].unlink()
    done = in_crowd(Path.read_text, files, 2)
    with pytest.raises(FileNotFoundError, match="No such file"):
        list(done)


def test_a_process_that_was_ended_is_a_sentence(files):
    with pytest.raises(Conflict, match="ended from outside"):
        list(in_crowd(be_killed, files, 2))


def test_processes_are_started_only_when_there_is_work_for_them(files, monkeypatch):
    monkeypatch.setattr(crowd, "_cores", lambda: 4)
    assert (worth_a_crowd(files[:3]), worth_a_crowd(2 * files)) == (1, 2)
    monkeypatch.setattr(crowd, "WORTH_BYTES", 1)
    assert worth_a_crowd(files) == 4
    assert worth_a_crowd(files[:2]) == 2
    assert worth_a_crowd([Path("gone")]) == 1


def test_long_texts_are_read_by_fewer_processes(files, monkeypatch):
    monkeypatch.setattr(crowd, "_cores", lambda: 64)
    monkeypatch.setattr(crowd, "WORTH_BYTES", 1)
    assert worth_a_crowd(2 * files) == 13
    os.truncate(files[0], 300_000_000)
    assert worth_a_crowd(2 * files) == 4
