"""Where torch puts a network that a command loads: the one device that `--device` names."""

import os

import torch

from pipelines import devices
from pipelines.devices import CPU, Device
from pipelines.errors import BadSettings

AUTO = "auto"


def place(wanted: str) -> tuple[Device, torch.device]:
    """The device for `auto`, `cpu` or a GPU's index, and torch's name for it; this process sees no other GPU afterwards.

    Raises BadSettings if there is no such device, or this torch cannot use it; `auto` then takes the CPU.
    """
    device = devices.choose(wanted)
    if device.kind == "cpu":
        return device, torch.device("cpu")
    os.environ["CUDA_VISIBLE_DEVICES"] = device.uuid
    if torch.cuda.is_available():
        return device, torch.device("cuda")
    if wanted == AUTO:
        return CPU, torch.device("cpu")
    message = f"this torch ({torch.__version__}) cannot use the device {wanted}"
    raise BadSettings("no_device", message, "choose cpu, or install a torch with CUDA", value=wanted)
