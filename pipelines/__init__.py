"""The steps from a novel to a continuation, each a function and a command; nothing here imports gradio."""

import os
import sys
from types import TracebackType

VERSION = "0.1.0"

# Before torch loads its OpenMP: threads that wait for each other by spinning long are fatal when another program wants the
# core. This much costs the smallest network a fifth when idle and keeps half its speed when not (docs/log.md, 2026-11-21).
os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def _say_interrupted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """One sentence instead of a traceback for a Ctrl-C while a command is still importing."""
    if issubclass(kind, KeyboardInterrupt):
        print("interrupted before it began; run the same command again", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


# While `python -m pipelines.X` imports this package its name is not known yet; programs that import it are left alone.
if sys.argv[:1] == ["-m"]:
    sys.excepthook = _say_interrupted
