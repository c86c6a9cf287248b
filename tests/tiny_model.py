"""A vocabulary, networks and bundles small enough for any test."""

import json
import os
from pathlib import Path

import torch

from models import bundle, gpt
from models.shape import ModelShape
from models.tokenizer import Tokenizer
from pipelines.files import sha256_of
from pipelines.folders import CorpusFolder
from pipelines.workspace import Workspace

# A second thread gains nothing on networks this small, and loses much while other tests keep the cores busy.
torch.set_num_threads(1)
# What a test loads lies on the disk; transformers, imported later, shall ask no server.
os.environ["HF_HUB_OFFLINE"] = "1"

TEXT = "黛玉道：“你又来了。”宝玉笑道：“我来看你。”\n\n紫鹃忙倒了茶来，黛玉只不吃。\nThe rain fell.\n" * 3


def tokenizer() -> Tokenizer:
    return Tokenizer.learn([TEXT])


def shape(context: int = 32, layers: int = 2, heads: int = 2, width: int = 16) -> ModelShape:
    return ModelShape(tokenizer().vocabulary_size, context, layers, heads, width)


def network(sizes: ModelShape | None = None, seed: int = 0) -> gpt.GPT:
    """Random weights, every one of them (a fresh GPT-2 has zeros and ones that hide mistakes), in reading mode."""
    made = gpt.GPT(sizes or shape())
    stream = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            weight.copy_(torch.randn(weight.shape, generator=stream) * 0.3 + float("ln_" in name and name.endswith("weight")))
    return made.eval()


def only_characters(model: gpt.GPT) -> gpt.GPT:
    """The same with embeddings of zero for end of text and the bytes, so that greedy writing chooses characters."""
    with torch.no_grad():
        for place, piece in enumerate(tokenizer().pieces):
            if len(piece) > 1:
                model.transformer.wte.weight[place] = 0.0
    return model


def constant(logits: dict[str, float], sizes: ModelShape | None = None) -> gpt.GPT:
    """A network whose logits are always these, -30 for the pieces that are not named."""
    model = network(sizes)
    with torch.no_grad():
        model.transformer.ln_f.weight.zero_()
        model.transformer.ln_f.bias.zero_()
        model.transformer.ln_f.bias[0] = 1.0
        model.transformer.wte.weight[:, 0] = -30.0
        for piece, value in logits.items():
            model.transformer.wte.weight[tokenizer().ids[piece], 0] = value
    return model


def write_bundle(folder: Path, model: gpt.GPT, facts: dict | None = None) -> Path:
    """The model as a finished bundle."""
    folder.mkdir(parents=True)
    weights = folder.with_name(folder.name + "-weights.safetensors")
    gpt.save_weights(model, weights)
    saved = folder.with_name(folder.name + "-tokenizer")
    tokenizer().save(saved)
    bundle.write(folder, weights, model.shape, saved, facts or {"title": folder.name})
    return folder


def write_corpus(workspace: Workspace, chapters: list[tuple[str, bool]], name: str = "红楼梦") -> CorpusFolder:
    """A corpus of (text, held out) chapters, as pipelines.assemble leaves one."""
    corpus = workspace.new_corpus(name)
    corpus.path.mkdir(parents=True)
    rows = [
        {"novel": "novel-1", "title": f"第{place}回", "text": text, "held_out": held_out}
        for place, (text, held_out) in enumerate(chapters, start=1)
    ]
    corpus.chapters.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    corpus.manifest.write_text(json.dumps({"format": 1, "name": name, "sha256": sha256_of(corpus.chapters)}), encoding="utf-8")
    return corpus
