"""The names of an archive's members, repaired: Chinese Windows wrote them in GBK or Big5 without saying so."""

import contextlib
import re
import struct
import zipfile
from collections.abc import Sequence

from pipelines.decode import decode
from pipelines.decode.legibility import likeliest
from pipelines.errors import BadText

UTF8_FLAG = 0x800
# Info-ZIP's "Unicode path" field: a version, the checksum of the plain name, the name in UTF-8.
UNICODE_PATH = 0x7075
# A few characters may be valid in all of these; they are read in the one that makes the best sense of them.
USUAL = ("utf-8", "gb18030", "big5hkscs", "cp932")
FEW_BYTES = 200
_SEPARATORS = re.compile(r"[/\\]+")


def member_names(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The path of each member, as its maker read it; the bytes of all unmarked names are taken together to tell."""
    told = [_told(info) for info in members]
    bare = [_bytes_of(info) for info, name in zip(members, told, strict=True) if not name]
    repaired = iter(_decoded(bare))
    return [name or next(repaired) for name in told]


def base_name(name: str) -> str:
    """What stands behind the last slash of either kind, so that no name leads anywhere; a drive's letter goes, too."""
    return re.sub(r"^[A-Za-z]:", "", _SEPARATORS.split(name.rstrip("/\\"))[-1])


def is_hidden(name: str) -> bool:
    """Whether a member is something that a system added: `__MACOSX/…`, `.DS_Store`, `Thumbs.db`."""
    parts = _SEPARATORS.split(name)
    base = parts[-1]
    hidden = base.startswith(".") and base.strip(".") != ""
    return "__MACOSX" in parts or hidden or base.lower() in ("thumbs.db", "desktop.ini")


def _told(info: zipfile.ZipInfo) -> str:
    """The name where the archive says how it is written, or where it is plain ASCII; else ""."""
    if info.flag_bits & UTF8_FLAG or info.orig_filename.isascii():
        return info.orig_filename
    return _unicode_path(info.extra)


def _unicode_path(extra: bytes) -> str:
    """The name in UTF-8 that some packers add, or ""."""
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        if kind == UNICODE_PATH and size > 5:
            return extra[place + 9 : place + 4 + size].decode("utf-8", "ignore")
        place += 4 + size
    return ""


def _bytes_of(info: zipfile.ZipInfo) -> bytes:
    """The name's bytes, which the standard library has read as cp437."""
    return info.orig_filename.encode("cp437", "replace")


def _decoded(names: list[bytes]) -> list[str]:
    """The names, read in the one encoding that all together speak for."""
    joined = b"\n".join(names)
    if not names:
        return []
    encoding = _encoding_of(joined)
    return [name.decode(encoding, "replace") for name in names]


def _encoding_of(joined: bytes) -> str:
    if len(joined) >= FEW_BYTES:
        with contextlib.suppress(BadText):
            return decode(joined).encoding
    return max(("cp437", *USUAL), key=lambda codec: _sense(joined, codec))


def _sense(data: bytes, codec: str) -> float:
    """How much sense the names make in an encoding; nothing is worse than one they are not valid in."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return -10.0
    return likeliest(text)
