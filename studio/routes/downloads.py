"""Downloads: a finished model as one zip, made while it is sent; a novel's clean text, made by a process of its own before."""

import io
import shutil
import zipfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from studio.routes.asking import Asking

router = APIRouter(prefix="/api")
CHUNK_BYTES = 1 << 20
MEDIA_TYPES = {"txt": "text/plain; charset=utf-8", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


@router.get("/bundles/{wanted}/check")
def check(wanted: str, asked: Asking) -> dict[str, str | int]:
    """That the model is whole, hash by hash; an error says what is wrong with it."""
    files = asked.services.shelf.verified(asked.visitor, wanted)
    return {"bundle": wanted, "bytes": sum(path.stat().st_size for path in files)}


@router.get("/bundles/{wanted}/download")
def download(wanted: str, asked: Asking) -> StreamingResponse:
    """The model as a zip of a folder with its name: a standard Hugging Face folder, without what is only of this shelf."""
    files = asked.services.shelf.verified(asked.visitor, wanted)
    return Sending(zipped(wanted, files), f"{wanted}.zip")


class Sending(StreamingResponse):
    """Sends a zip part by part, and lets go of its files however that ends: a client that leaves would keep them open."""

    def __init__(self, parts: Generator[bytes], name: str) -> None:
        super().__init__(parts, media_type="application/zip", headers=attachment(name))
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._parts.close()


@router.get("/novels/{wanted}/clean.{kind}")
def clean_text(wanted: str, kind: str, asked: Asking) -> FileResponse:
    """The current cleaning of a novel as a txt, json or parquet file."""
    made, name = asked.services.novels.copies.make(asked.visitor, wanted, kind)
    return SendingOnce(made, media_type=MEDIA_TYPES[kind], headers=attachment(name))


class SendingOnce(FileResponse):
    """Sends a file, and deletes the folder it lies in however that ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await run_in_threadpool(shutil.rmtree, Path(self.path).parent, ignore_errors=True)


def attachment(name: str) -> dict[str, str]:
    """Headers under which a browser saves what comes, by a name in any script (RFC 6266, RFC 8187)."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": disposition, "Cache-Control": "no-store"}


def zipped(folder: str, files: Sequence[Path]) -> Generator[bytes]:
    """A zip of the files inside one folder, in parts of about a megabyte; stored, since weights do not compress."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for path in files:
            # The size it states beforehand makes zipfile write zip64 where it must.
            entry = zipfile.ZipInfo.from_file(path, f"{folder}/{path.name}", strict_timestamps=False)
            with path.open("rb") as source, archive.open(entry, "w") as target:
                while chunk := source.read(CHUNK_BYTES):
                    target.write(chunk)
                    yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """Where zipfile writes: forgets what was taken, and cannot go back."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken
