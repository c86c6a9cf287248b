"""The steps from a novel to a continuation, each a function and a command; nothing here imports gradio."""

import os

VERSION = "0.1.0"

# Before torch loads its OpenMP: a thread that waits by spinning long is fatal when another program wants the core. Measured
# on two cores: a twentieth of the default costs a tenth when idle and saves up to nine tenths when not (docs/log.md).
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
