"""The steps from a novel to a continuation, each a function and a command; nothing here imports gradio."""

import os

VERSION = "0.1.0"

# Before torch loads its OpenMP: threads that wait by spinning are fatal when another program wants the core. Measured on
# two cores with one of them busy: 20 to 1,000 tokens per second written (docs/log.md, 2026-11-21).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
