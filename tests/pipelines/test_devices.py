import pytest

from pipelines import devices
from pipelines.errors import BadSettings

OUTPUT = "0, GPU-aa11, NVIDIA H200\n1, GPU-bb22, NVIDIA RTX 4060, Laptop\n"


def test_the_drivers_table_becomes_devices():
    assert [(device.index, device.uuid, device.name) for device in devices.parse_query(OUTPUT)] == [
        (0, "GPU-aa11", "NVIDIA H200"),
        (1, "GPU-bb22", "NVIDIA RTX 4060, Laptop"),
    ]


@pytest.mark.parametrize(("setting", "left"), [(None, [0, 1]), ("1", [1]), ("GPU-aa", [0]), ("", []), ("-1", [])])
def test_hidden_devices_are_left_out(setting, left):
    assert [device.index for device in devices.visible(devices.parse_query(OUTPUT), setting)] == left


def test_auto_takes_the_first_gpu_and_else_the_cpu(monkeypatch):
    monkeypatch.setattr(devices, "gpus", lambda: devices.parse_query(OUTPUT))
    assert devices.choose("auto").uuid == "GPU-aa11"
    assert devices.choose("1").uuid == "GPU-bb22"
    monkeypatch.setattr(devices, "gpus", list)
    assert devices.choose("auto") == devices.CPU


def test_a_device_that_is_not_there_is_named_beside_those_that_are(monkeypatch):
    monkeypatch.setattr(devices, "gpus", list)
    with pytest.raises(BadSettings, match="no device '3'") as caught:
        devices.choose("3")
    assert "cpu" in caught.value.hint
