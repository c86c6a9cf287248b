"""The files that a person means by naming files and folders."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.errors import BadText
from pipelines.formats.documents import Skipped, skipped


def files_in(named: Sequence[Path], left_out: Path) -> tuple[list[Path], list[Skipped]]:
    """The named files and all those below the named folders, each once, by name; and the folders with nothing in them.

    Hidden ones are left out, links to folders are not followed, and nothing is looked for in `left_out`.
    """
    files: dict[Path, None] = {}
    empty: list[Skipped] = []
    for path in named:
        found = list(_below(path, left_out)) if path.is_dir() else [path]
        files |= dict.fromkeys(found)
        if not found:
            error = BadText("empty_folder", f"there is no file in the folder {path}", "name another", file=str(path))
            empty.append(skipped(str(path), error))
    return list(files), empty


def _below(folder: Path, left_out: Path) -> Iterator[Path]:
    # Whatever way leads there: `books/..` or a link.
    left_out = left_out.resolve()
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and (here / name).resolve() != left_out)
        yield from (here / name for name in sorted(names) if not name.startswith("."))
