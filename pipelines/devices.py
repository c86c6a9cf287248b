"""Which devices this machine has, asked without torch, and their locks, which are of the machine and not of a workspace."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import BadSettings

QUERY = ["nvidia-smi", "--query-gpu=index,uuid,name", "--format=csv,noheader"]
QUERY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Device:
    """A place to train: `kind` is `cpu` or `cuda`; `uuid` names its lock; `index` is nvidia-smi's number, -1 for the CPU."""

    kind: str
    uuid: str
    name: str
    index: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


CPU = Device("cpu", "cpu", "CPU", -1)


def gpus() -> list[Device]:
    """The NVIDIA GPUs that `CUDA_VISIBLE_DEVICES` lets this process see, in nvidia-smi's order; none without a driver."""
    if shutil.which(QUERY[0]) is None:
        return []
    try:
        done = subprocess.run(QUERY, capture_output=True, text=True, timeout=QUERY_SECONDS, check=True)
    except (subprocess.SubprocessError, OSError):
        return []
    return visible(parse_query(done.stdout), os.environ.get("CUDA_VISIBLE_DEVICES"))


def parse_query(output: str) -> list[Device]:
    """`0, GPU-8a…, NVIDIA H200` lines -> devices."""
    rows = [[part.strip() for part in line.split(",", 2)] for line in output.splitlines()]
    return [Device("cuda", row[1], row[2], int(row[0])) for row in rows if len(row) == 3 and row[0].isdigit()]


def visible(devices: list[Device], setting: str | None) -> list[Device]:
    """The devices that a `CUDA_VISIBLE_DEVICES` setting of indices or uuids leaves; None leaves all."""
    if setting is None:
        return devices
    names = [name.strip() for name in setting.split(",") if name.strip()]
    return [
        device
        for device in devices
        if str(device.index) in names or any(device.uuid.startswith(name) for name in names if not name.isdigit())
    ]


def choose(wanted: str) -> Device:
    """The device for `auto` (the first GPU, else the CPU), `cpu`, or a GPU's index; raises BadSettings."""
    if wanted == "cpu":
        return CPU
    found = gpus()
    if wanted == "auto":
        return found[0] if found else CPU
    for device in found:
        if wanted in (str(device.index), device.uuid):
            return device
    if "," in wanted:
        raise BadSettings("several_devices", f"devices {wanted}: this version trains on one device", "name one", value=wanted)
    names = ", ".join(["cpu", *(f"{device.index} ({device.name})" for device in found)])
    raise BadSettings("no_device", f"there is no device {wanted!r}", f"choose auto or one of: {names}", value=wanted)


def lock_path(uuid: str) -> Path:
    """The lock file of a device, in the system's temp folder, open to every user of the machine."""
    folder = Path(tempfile.gettempdir()) / "moxu-devices"
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        folder.chmod(0o1777)
    path = folder / f"{uuid}.lock"
    if not path.exists():
        path.touch()
        # Whatever the umask says: the device is every user's.
        path.chmod(0o666)
    return path
