import errno

import pytest

from pipelines import locks, status, train, training_settings, waiting
from pipelines.errors import BrokenArtifact, Conflict
from pipelines.files import read_json, write_json
from pipelines.folders import RunFolder


class Quiet:
    """Stands for the signals of a process that has received none."""

    received = None


@pytest.fixture
def run(workspace):
    folder = RunFolder(workspace.runs / "20260101-000000-梦")
    folder.control.mkdir(parents=True)
    folder.checkpoints.mkdir()
    write_json(folder.manifest, {"device": {"kind": "cpu", "uuid": "cpu", "name": "CPU", "index": -1}})
    return folder


def conduct(workspace, run, monkeypatch, error):
    def teach(*arguments):
        raise error

    monkeypatch.setattr(train, "teach_in_turn", teach)
    with status.Announcer(run) as announcer:
        train.conduct(workspace, run, announcer, Quiet())


def test_a_full_disk_pauses_the_run_and_says_what_to_do(workspace, run, monkeypatch):
    with pytest.raises(Conflict):
        conduct(workspace, run, monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    assert status.phase(run) == "paused"
    assert "runs resume" in read_json(run.status)["error"]["message"]
    assert read_json(run.exit)["code"] == 2


def test_a_designed_error_fails_the_run_with_its_sentence(workspace, run, monkeypatch):
    with pytest.raises(BrokenArtifact):
        conduct(workspace, run, monkeypatch, BrokenArtifact("loss_not_finite", "the loss became nan by step 7", "lower the rate"))
    assert status.phase(run) == "failed"
    assert read_json(run.exit) | {"ended": ""} == {
        "code": 2,
        "reason": "the loss became nan by step 7; lower the rate",
        "ended": "",
    }


def test_a_bug_fails_the_run_with_a_traceback_in_its_log(workspace, run, monkeypatch, capsys):
    with pytest.raises(ZeroDivisionError):
        conduct(workspace, run, monkeypatch, ZeroDivisionError("division by zero"))
    assert read_json(run.status)["error"]["code"] == "bug"
    assert read_json(run.exit)["code"] == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_run_that_is_being_trained_is_not_trained_twice(workspace, run, monkeypatch, capsys):
    monkeypatch.setattr(train, "LOCK_SECONDS", 0)
    monkeypatch.setattr(train, "Signals", Quiet)
    write_json(run.status, {"phase": "training", "step": 3})
    lock = locks.acquire(run.lock)
    assert train.main([run.id, "--workspace", str(workspace.root)]) == 2
    assert "being trained already" in capsys.readouterr().err
    assert read_json(run.status) == {"phase": "training", "step": 3}
    assert not run.exit.exists()
    lock.release()


@pytest.mark.parametrize(("wish", "phase"), [("stop", "stopped"), ("pause", "paused")])
def test_a_wish_while_waiting_ends_the_run_and_its_place_in_the_queue(workspace, run, wish, phase):
    waiting.join(workspace, run)
    run.wish(wish).touch()
    with status.Announcer(run) as announcer:
        assert train.conduct(workspace, run, announcer, Quiet()) == {"phase": phase}
    assert waiting.order(workspace) == []
    assert status.wishes(run) == set()
    assert status.phase(run) == phase


def test_a_longer_budget_replaces_the_first_one(run):
    write_json(run.manifest, {"settings": {"minutes": 5.0, "seed": 3}})
    assert training_settings.of_run(run).minutes == 5.0
    write_json(run.budget, {"steps": 900})
    longer = training_settings.of_run(run)
    assert (longer.steps, longer.minutes, longer.seed) == (900, None, 3)
