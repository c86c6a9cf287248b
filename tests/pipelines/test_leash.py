import signal
import subprocess
import sys
import time

import psutil

# A parent that starts a process, says which, and lives until it is killed.
OF_A_STEP = "import time; from studio.services.steps import run_step; run_step(time.sleep, 600)"
ON_STDIN = """
import subprocess, sys, time
child = "import time; from pipelines import leash; leash.end_with_stdin(); print('ready', flush=True); time.sleep(600)"
made = subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
made.stdout.readline()
time.sleep(600)
"""


def orphans_of(script, project):
    """What is still there of a parent's children a while after the parent was killed."""
    code = f"if __name__ == '__main__':\n    exec({script!r})\n"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=project)
    try:
        children = wait_for(lambda: busy(parent.pid))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    _, left = psutil.wait_procs(children, timeout=10)
    for process in left:
        process.kill()
    return [" ".join(process.cmdline()) for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def busy(pid):
    """The children, once one has a thread beside its first: its leash."""
    children = psutil.Process(pid).children(recursive=True)
    return children if any(child.num_threads() > 1 for child in children) else []


def wait_for(found, seconds=60):
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def test_a_step_does_not_outlive_a_killed_studio(project):
    assert orphans_of(OF_A_STEP, project) == []


def test_what_waits_on_stdin_does_not_outlive_its_parent(project):
    assert orphans_of(ON_STDIN, project) == []
