import threading
import time

import pytest

from pipelines import devices, locks, waiting
from pipelines.files import write_json
from pipelines.folders import RunFolder


@pytest.fixture
def new_run(workspace):
    def make(name: str, uuid: str = "cpu", alive: bool = True) -> RunFolder:
        run = RunFolder(workspace.runs / name)
        run.path.mkdir()
        write_json(run.manifest, {"device": {"uuid": uuid}})
        write_json(run.status, {"phase": "queued"})
        waiting.join(workspace, run)
        if alive:
            held.append(locks.acquire(run.lock))
        return run

    held: list[locks.Lock] = []
    yield make
    for lock in held:
        lock.release()


def test_the_first_waits_for_nobody_and_the_second_for_the_first(workspace, new_run):
    first, second = new_run("a"), new_run("b")
    assert waiting.order(workspace) == ["a", "b"]
    assert waiting.before(workspace, first, "cpu") == []
    assert waiting.before(workspace, second, "cpu") == ["a"]


def test_runs_for_another_device_are_not_in_the_way(workspace, new_run):
    new_run("a", uuid="GPU-1")
    assert waiting.before(workspace, new_run("b"), "cpu") == []


def test_a_dead_run_in_the_queue_blocks_nobody(workspace, new_run):
    new_run("a", alive=False)
    assert waiting.before(workspace, new_run("b"), "cpu") == []


def test_a_run_that_was_just_launched_keeps_its_place(workspace, new_run):
    run = new_run("a", alive=False)
    write_json(run.status, {"phase": "queued", "launched": time.monotonic()})
    assert waiting.before(workspace, new_run("b"), "cpu") == ["a"]


def test_joining_twice_keeps_one_place_and_forgets_what_no_longer_waits(workspace, new_run):
    first = new_run("a")
    second = new_run("b")
    write_json(first.status, {"phase": "done"})
    waiting.join(workspace, second)
    assert waiting.order(workspace) == ["b"]


def test_a_busy_device_is_waited_for_and_said(workspace, new_run):
    run, said = new_run("a"), []
    busy = locks.acquire(devices.lock_path("cpu"))

    def tell(why: str) -> None:
        said.append(why)
        busy.release()

    lock = waiting.wait_for_device(workspace, run, "cpu", lambda: False, tell)
    assert said == ["the device cpu is busy"]
    assert waiting.order(workspace) == []
    lock.release()


def test_a_wish_to_end_is_heard_while_waiting(workspace, new_run):
    run = new_run("a")
    busy = locks.acquire(devices.lock_path("cpu"))
    wishes = iter([False, False, True])
    assert waiting.wait_for_device(workspace, run, "cpu", lambda: next(wishes), lambda why: None) is None
    busy.release()


def test_of_many_that_want_a_device_each_gets_it_alone_and_in_order(workspace, new_run):
    runs = [new_run(f"run-{number}") for number in range(6)]
    got: list[str] = []

    def wait(run: RunFolder) -> None:
        lock = waiting.wait_for_device(workspace, run, "cpu", lambda: False, lambda why: None)
        got.append(run.id)
        lock.release()

    threads = [threading.Thread(target=wait, args=(run,)) for run in reversed(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [run.id for run in runs]


def test_a_damaged_queue_is_an_empty_one(workspace, new_run):
    workspace.queue.write_text("{", encoding="utf-8")
    assert waiting.order(workspace) == []
    new_run("a")
    assert waiting.order(workspace) == ["a"]
