from pipelines import locks, supervise
from pipelines.files import read_json, write_json
from pipelines.folders import RunFolder


def new_run(workspace):
    run = RunFolder(workspace.runs / "a")
    run.path.mkdir()
    return run


def test_a_killed_trainers_end_is_recorded_in_words(workspace):
    run = new_run(workspace)
    supervise.record(run, -9)
    assert read_json(run.exit)["code"] == -9
    assert "SIGKILL" in read_json(run.exit)["reason"]


def test_what_the_trainer_wrote_itself_stays(workspace):
    run = new_run(workspace)
    write_json(run.exit, {"code": 0, "reason": "done"})
    supervise.record(run, -9)
    assert read_json(run.exit)["code"] == 0


def test_a_trainer_that_found_the_run_taken_records_nothing(workspace):
    run = new_run(workspace)
    lock = locks.acquire(run.lock)
    supervise.record(run, 2)
    assert not run.exit.exists()
    lock.release()
