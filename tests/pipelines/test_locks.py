import subprocess
import sys

from pipelines import locks

HOLDER = """
import pathlib, sys
from pipelines import locks
lock = locks.acquire(pathlib.Path(sys.argv[1]))
print("held", flush=True)
input()
"""


def hold_in_another_process(path, project):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_is_held_until_released(tmp_path):
    path = tmp_path / "lock"
    assert not locks.is_held(path)
    lock = locks.acquire(path)
    assert locks.is_held(path)
    assert locks.acquire(path) is None
    lock.release()
    assert not locks.is_held(path)


def test_a_killed_holder_frees_its_lock(tmp_path, project):
    process = hold_in_another_process(tmp_path / "lock", project)
    assert locks.is_held(tmp_path / "lock")
    process.kill()
    process.communicate()
    assert not locks.is_held(tmp_path / "lock")


def test_a_child_process_does_not_inherit_the_lock(tmp_path, project):
    lock = locks.acquire(tmp_path / "lock")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lock.release()
    assert not locks.is_held(tmp_path / "lock")
    child.communicate()


def test_asking_never_makes_another_asker_see_a_holder(tmp_path):
    path = tmp_path / "lock"
    locks.acquire(path).release()
    with path.open("rb+") as file:
        import portalocker

        portalocker.lock(file, portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING)
        assert not locks.is_held(path)
