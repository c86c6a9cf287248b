import pytest

from pipelines import numerics, settings
from pipelines.folders import RunFolder
from pipelines.training_settings import TrainingSettings


@pytest.fixture
def run(workspace):
    folder = RunFolder(workspace.runs / "a")
    folder.path.mkdir()
    return folder


def chosen(**changes):
    return settings.replace(TrainingSettings(), {"steps": 10} | changes)


def test_what_a_run_began_with_it_keeps(run):
    first = numerics.decide(run, chosen(precision="bf16", threads=1), "cpu", 128)
    assert numerics.decide(run, chosen(precision="fp32", threads=2), "cpu", 128) == first


def test_another_kind_of_device_is_decided_anew(run):
    numerics.decide(run, chosen(precision="bf16", threads=1), "cuda", 128)
    assert numerics.decide(run, chosen(precision="fp32", threads=1), "cpu", 128).device == "cpu"


def test_a_narrow_network_stays_in_fp32_and_a_wide_one_is_tried(run, monkeypatch):
    monkeypatch.setattr(numerics, "_seconds", lambda dtype: 1.0 if "32" in str(dtype) else 0.2)
    assert numerics.decide(run, chosen(), "cpu", 128).precision == "fp32"
    run.numerics.unlink()
    assert numerics.decide(run, chosen(), "cpu", 768).precision == "bf16"


def test_emulated_bf16_is_not_chosen(run, monkeypatch):
    monkeypatch.setattr(numerics, "_seconds", lambda dtype: 1.0)
    assert numerics.decide(run, chosen(), "cpu", 768).precision == "fp32"
