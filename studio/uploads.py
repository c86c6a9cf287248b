"""Files that a visitor uploads: with the names they had, and gone from Gradio's folder once they are read."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from studio import arrivals


@dataclass(frozen=True, slots=True)
class Upload:
    """Where Gradio put a file, and what its person calls it."""

    path: Path
    name: str


class UploadBox(gr.File):
    """Takes any number of files of any kind, for their content is judged, not their names."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        """Gradio has checked that the paths are of files uploaded here; its own `preprocess` leaves empty files behind."""
        files = [] if payload is None else getattr(payload, "root", payload)
        return [
            Upload(Path(file.path), file.orig_name or Path(file.path).name)
            for file in (files if isinstance(files, list) else [files])
        ]


def forget(uploads: list[Upload]) -> None:
    """Delete Gradio's copies, and those that were forgotten before; nothing outside its folder."""
    place = Path(get_upload_folder()).resolve()
    arrivals.forget_old(place)
    for upload in uploads:
        path = upload.path.resolve()
        if place not in path.parents:
            continue
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
            if path.parent != place:
                path.parent.rmdir()
