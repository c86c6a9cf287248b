import time

import psutil
import pytest

from pipelines import locks, status
from pipelines.files import read_json, write_json
from pipelines.folders import RunFolder


@pytest.fixture
def run(workspace):
    folder = RunFolder(workspace.runs / "20260101-000000-梦")
    folder.control.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("announced", status.ALIVE)
def test_an_announced_life_counts_only_while_the_lock_is_held(run, announced):
    write_json(run.status, {"phase": announced, "step": 3})
    assert status.phase(run) == "interrupted"
    lock = locks.acquire(run.lock)
    assert status.phase(run) == announced
    lock.release()


@pytest.mark.parametrize("announced", status.ENDED)
def test_an_announced_end_is_believed(run, announced):
    write_json(run.status, {"phase": announced, "step": 3})
    assert status.phase(run) == announced


def test_a_held_lock_without_a_heartbeat_for_a_minute_is_stalled_whatever_the_clock_says(run):
    lock = locks.acquire(run.lock)
    write_json(run.status, {"phase": "training", "beat": time.monotonic() - 61, "heartbeat": "2099-01-01"})
    assert status.is_stalled(run)
    write_json(run.status, {"phase": "training", "beat": time.monotonic() - 59, "heartbeat": "1999-01-01"})
    assert not status.is_stalled(run)
    lock.release()
    assert not status.is_stalled(run)


def test_a_trainer_is_known_by_pid_and_start_time_never_by_a_pid_alone(run):
    lock = locks.acquire(run.lock)
    process = psutil.Process()
    write_json(run.status, {"phase": "training", "pid": process.pid, "process_started": status.started_at(process)})
    assert status.trainer_process(run) == process
    write_json(run.status, {"phase": "training", "pid": process.pid, "process_started": "another boot:100"})
    assert status.trainer_process(run) is None
    lock.release()


def test_the_announcer_writes_phases_at_once_and_notes_with_the_next_beat(run, monkeypatch):
    monkeypatch.setattr(status, "HEARTBEAT_SECONDS", 0.01)
    with status.Announcer(run) as announcer:
        announcer.say(phase="training", step=1)
        assert read_json(run.status)["phase"] == "training"
        announcer.note(step=2)
        deadline = time.monotonic() + 10
        while read_json(run.status)["step"] != 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert read_json(run.status)["step"] == 2


def test_what_an_earlier_end_said_is_not_said_of_a_run_that_goes_on(run):
    ended = {"phase": "stopped", "step": 7, "note": "nothing was learned yet", "error": {"code": "x"}, "ending": "stopped"}
    write_json(run.status, ended | {"waiting_for": "behind another"})
    with status.Announcer(run):
        told = read_json(run.status)
    assert [told[name] for name in ("note", "error", "ending", "waiting_for")] == [None] * 4
    assert told["step"] == 7


def test_wishes_are_known_names_only_and_vanish_when_granted(run):
    for name in ("stop", "save_now", "dance"):
        run.wish(name).touch()
    assert status.wishes(run) == {"stop", "save_now"}
    status.grant(run, "stop")
    assert status.wishes(run) == {"save_now"}
