"""ZIP files from strangers: member by member as streams, with limits on what they may unpack to; names are only names.

A bomb is told by what its directory says, and by counting while reading, since a directory may lie.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pipelines.errors import BadText
from pipelines.formats.documents import bomb, damaged

MOST_MEMBERS = 10_000
MOST_BYTES = 4 * 1024**3
# Text packs 3:1, the most monotonous book under 50:1; below the least size a ratio says nothing.
MOST_RATIO = 100
LEAST_SUSPECT_BYTES = 16 * 1024**2
CHUNK_BYTES = 1024**2
LOCAL_HEADER_BYTES = 30
# What the standard library raises for archives that are not whole, or packed in a way it does not know.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, struct.error, ValueError, KeyError)
ENCRYPTED = 0x1


class Archive:
    """An open ZIP file; `kind` with its article is what sentences call it."""

    def __init__(self, path: Path, kind: str = "a ZIP archive") -> None:
        """Raises BadText for an archive that is damaged, too large when unpacked, or made to overwhelm."""
        self.kind = kind
        self._unpacked = 0
        self._size = path.stat().st_size
        try:
            self._zip = zipfile.ZipFile(path)
        except (*DAMAGE, OSError) as error:
            raise damaged(kind) from error
        try:
            # `is_dir` fails on an empty name, under which no file can be asked for either.
            self.members = [info for info in self._zip.infolist() if info.filename and not info.is_dir()]
            _check(self._zip.infolist(), self._size)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._zip.close()

    def named(self, name: str) -> zipfile.ZipInfo | None:
        """The member of exactly that name; None if there is none."""
        return self._zip.NameToInfo.get(name)

    def chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """A member's bytes, piece by piece; raises BadText if it is encrypted, damaged or a bomb."""
        if info.flag_bits & ENCRYPTED:
            raise BadText("locked_member", "it is locked by a password", "unlock it first and bring that")
        got = 0
        with self._opened(info) as stream:
            while chunk := self._next(stream):
                got += len(chunk)
                self._count(len(chunk), got, info)
                yield chunk

    def read(self, info: zipfile.ZipInfo, most: int) -> bytes:
        """A member's bytes, whole; raises as `chunks`, and BadText if there are more than `most`."""
        found = bytearray()
        for chunk in self.chunks(info):
            found += chunk
            if len(found) > most:
                raise bomb(len(found))
        return bytes(found)

    def extract(self, info: zipfile.ZipInfo, target: Path) -> None:
        """Write a member's bytes to a file of our own choosing; raises as `chunks`."""
        with target.open("wb") as file:
            file.writelines(self.chunks(info))

    def _opened(self, info: zipfile.ZipInfo) -> IO[bytes]:
        try:
            return self._zip.open(info)
        except (*DAMAGE, RuntimeError, OSError) as error:
            raise damaged(self.kind) from error

    def _next(self, stream: IO[bytes]) -> bytes:
        try:
            return stream.read(CHUNK_BYTES)
        except (*DAMAGE, RuntimeError, OSError) as error:
            raise damaged(self.kind) from error

    def _count(self, more: int, of_member: int, info: zipfile.ZipInfo) -> None:
        self._unpacked += more
        if self._unpacked > MOST_BYTES:
            raise bomb(self._unpacked)
        if of_member > LEAST_SUSPECT_BYTES and of_member > MOST_RATIO * max(1, min(info.compress_size, self._size)):
            raise bomb(max(info.file_size, of_member))


def _check(members: list[zipfile.ZipInfo], size: int) -> None:
    """Raise BadText for a directory that promises too much, too many, or the same bytes twice."""
    if len(members) > MOST_MEMBERS:
        message = f"it holds {len(members):,} files, more than the {MOST_MEMBERS:,} an archive may have"
        raise BadText("too_many_members", message, "unpack it and bring the folder", members=len(members), most=MOST_MEMBERS)
    promised = sum(info.file_size for info in members)
    if promised > MOST_BYTES or (promised > LEAST_SUSPECT_BYTES and promised > MOST_RATIO * size):
        raise bomb(promised)
    places = sorted((info.header_offset, info.header_offset + LOCAL_HEADER_BYTES + info.compress_size) for info in members)
    if any(end > start for (_, end), (start, _) in pairwise(places)):
        raise bomb(promised)
