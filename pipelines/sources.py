"""The files that a person names: their bytes and their text, or one sentence why not."""

from pathlib import Path

from pipelines.decode import Decoded, decode
from pipelines.errors import BadText, NotFound

LARGEST_BYTES = 2 * 1024**3


def read_source(path: Path, largest_bytes: int = LARGEST_BYTES) -> bytes:
    """The bytes of a file that a person named.

    Raises NotFound if there is none; BadText if it is a folder or no ordinary file, too large, or may not be read.
    """
    try:
        if not path.exists():
            raise NotFound("no_file", f"there is no file {path}", "check the name", file=str(path))
        if path.is_dir():
            raise BadText("folder", f"{path} is a folder", "name the files in it", file=str(path))
        if not path.is_file():
            raise BadText("no_ordinary_file", f"{path} is no ordinary file", "choose a text file", file=str(path))
        if (size := path.stat().st_size) > largest_bytes:
            message = "%s has %.1f GB, more than the %.1f GB a text may have" % (path, size / 1e9, largest_bytes / 1e9)
            sizes = {"gigabytes": f"{size / 1e9:.1f}", "most": f"{largest_bytes / 1e9:.1f}"}
            raise BadText("too_large", message, "split it", file=str(path), **sizes)
        return path.read_bytes()
    except PermissionError as error:
        raise BadText("no_permission", f"{path} may not be read", "check its permissions", file=str(path)) from error
    except (OSError, ValueError) as error:
        raise BadText("unreadable", f"{path} cannot be read ({error})", "check the disk and the name", file=str(path)) from error


def decode_source(path: Path, encoding: str | None = None) -> tuple[bytes, Decoded]:
    """The bytes of a file that a person named, and their text; raises as `read_source` and `decode`, naming the file."""
    data = read_source(path)
    try:
        return data, decode(data, encoding)
    except BadText as error:
        raise BadText(error.code, f"{path.name}: {error.message}", error.hint, **error.values) from error
