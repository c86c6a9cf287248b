import importlib
import subprocess
import sys

import pytest

from pipelines.__main__ import STEPS


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_page_of_help_with_the_flags_all_share(step, capsys):
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"pipelines.{step}").main(["--help"])
    assert ended.value.code == 0
    assert {"--json", "--workspace"} <= set(capsys.readouterr().out.replace(",", " ").replace("]", " ").split())


def test_the_list_of_steps_names_every_command(project):
    shown = subprocess.run([sys.executable, "-m", "pipelines"], cwd=project, capture_output=True, text=True, check=True).stdout
    assert all(f"  {step}" in shown for step in STEPS)
