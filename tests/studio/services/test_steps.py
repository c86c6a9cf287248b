import os
from pathlib import Path

import pytest

from pipelines import prepare
from pipelines.errors import Conflict, NotFound, StudioError
from studio.services.steps import run_step


def test_a_step_runs_in_another_process_and_answers():
    assert run_step(os.getpid) != os.getpid()


def test_what_it_raises_arrives_whole(workspace):
    with pytest.raises(NotFound) as caught:
        run_step(prepare.prepare, workspace, ["nobody"])
    assert (caught.value.code, caught.value.values) == ("no_novel", {"wanted": "nobody"})


def test_a_step_that_dies_is_a_sentence():
    with pytest.raises(StudioError) as caught:
        run_step(os._exit, 9)
    assert caught.value.code == "step_died"


def test_a_full_disk_is_a_sentence_and_another_trouble_stays_what_it_is(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(Conflict) as caught:
        run_step(Path.write_bytes, Path("/dev/full"), b"x" * 100_000)
    assert caught.value.code == "disk_full"
    with pytest.raises(FileNotFoundError):
        run_step(Path.read_bytes, tmp_path / "nothing")
