"""Who may import whom: downward only, and what the studio's process loads never brings torch in."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ["models", "pipelines", "studio", "app"]
# Modules that may import torch (design.md §1); everything else starts without it.
LEARNING = "checkpoints evaluate lesson loop milestones numerics optimizers placement sampling session writer"  # of pipelines
MAY_IMPORT_TORCH = {"models/gpt.py", *(f"pipelines/{name}.py" for name in LEARNING.split())}
SOURCES = [path for layer in LAYERS for path in [*ROOT.glob(f"{layer}/**/*.py"), *ROOT.glob(f"{layer}.py")]]


def imported(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_its_own_layer_and_those_below(path):
    layer = path.relative_to(ROOT).parts[0].removesuffix(".py")
    above = LAYERS[LAYERS.index(layer) + 1 :]
    wrong = {name for name in imported(path) if name.split(".")[0] in above}
    # errors.py imports nothing itself, so every layer may raise from it.
    assert {name for name in wrong if not f"{name}.".startswith("pipelines.errors.") and name != "pipelines"} == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_learning_modules_import_torch_or_transformers(path):
    if path.relative_to(ROOT).as_posix() not in MAY_IMPORT_TORCH:
        assert {name for name in imported(path) if name.split(".")[0] in ("torch", "transformers")} == set()


@pytest.mark.parametrize(
    "module",
    [
        "runs",
        "train",
        "supervise",
        "launch",
        "shelf",
        "ingest",
        "clean",
        "assemble",
        "encode",
        "prepare",
        "demo",
        "serve",
        "engine",
        "desk",
        "gate",
    ],
)
def test_what_starts_or_watches_a_run_starts_without_torch(module):
    script = f"import sys, pipelines.{module}; sys.exit(bool({{'torch', 'transformers', 'gradio'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
