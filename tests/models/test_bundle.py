import contextlib
import json
import os
import shutil
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from models import bundle, gpt
from models.shape import ModelShape
from models.tokenizer import Tokenizer
from pipelines.errors import BrokenArtifact
from pipelines.sampling_settings import SamplingSettings
from pipelines.writer import Writer
from tests.tiny_model import TEXT, network, only_characters, shape, tokenizer, write_bundle

FACTS = {
    "title": "红楼梦",
    "made_from": {"run": "20260101-run", "step": 40, "corpus": "c-1", "encoding": "char-400"},
    "made_with": {"moxu": "0.1.0", "settings": {"steps": 40}},
    "scores": {"bits_per_character": 5.25, "loss": 3.6, "characters": 1000},
}
CONFIG = {"model_type": "gpt2", "vocab_size": 40, "n_positions": 16, "n_embd": 8, "n_layer": 2, "n_head": 2}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write_bundle(tmp_path_factory.mktemp("bundles") / "tiny", only_characters(network()), FACTS)


@pytest.fixture(scope="module")
def theirs(made):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(made), AutoTokenizer.from_pretrained(made)


def plain_folder(tmp_path, **changes):
    """A Hugging Face GPT-2 folder that Moxu did not make."""
    config = {key: value for key, value in (CONFIG | changes).items() if value != "absent"}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    return tmp_path


def test_a_bundle_says_its_shape_and_facts_and_the_hash_of_every_file(made):
    found = bundle.read(made)
    assert found.shape == shape()
    assert {key: found.facts[key] for key in FACTS} == FACTS
    assert set(found.facts["files"]) | {"bundle.json"} == {path.name for path in made.iterdir()}
    assert found.facts["files"]["model.safetensors"] == bundle.sha256_of(found.weights)
    bundle.verify(made)


def test_transformers_opens_a_bundle_as_gpt2_with_the_same_logits_and_ids(made, theirs):
    model, cutter = theirs
    assert type(model).__name__ == "GPT2LMHeadModel"
    assert model.config.eos_token_id == model.generation_config.eos_token_id == 0
    ids = torch.tensor([tokenizer().encode(TEXT).tolist()[:32]])
    assert cutter(TEXT)["input_ids"][:32] == ids[0].tolist()
    with torch.no_grad():
        assert (model(ids).logits - network_of(made)(ids)).abs().max() <= 1e-4


def network_of(folder):
    return gpt.open_network(folder / "model.safetensors", bundle.read(folder).shape, torch.device("cpu"))


@pytest.mark.parametrize("prompt", ["黛玉道：", "紫鹃", "The rain", "囧"])
def test_transformers_writes_the_same_greedy_text(made, theirs, prompt):
    model, cutter = theirs
    given = cutter(prompt, return_tensors="pt")
    written = model.generate(**given, max_new_tokens=20, do_sample=False)
    *_, last = Writer.open(made).continue_text(prompt, SamplingSettings(length=20, candidates=2, temperature=0))
    assert [one.text for one in last.candidates] == 2 * [cutter.decode(written[0, given["input_ids"].shape[1] :])]


def test_the_vocabulary_of_a_bundle_is_the_encodings_and_knows_the_context(made):
    assert Tokenizer.load(made).pieces == tokenizer().pieces
    assert json.loads((made / "tokenizer_config.json").read_text(encoding="utf-8"))["model_max_length"] == 32


def test_the_code_on_the_model_card_runs(made, monkeypatch, capsys):
    monkeypatch.chdir(made)
    code = (made / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    exec(code, {})
    assert capsys.readouterr().out.startswith("One day")


def test_reading_a_bundle_needs_no_torch(made):
    script = f"""import sys; from pathlib import Path; from models import bundle
bundle.verify(bundle.read(Path({str(made)!r})).folder); sys.exit('torch' in sys.modules)"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_vocabulary_of_another_size_is_refused(tmp_path):
    other = ModelShape(tokenizer().vocabulary_size + 1, 32, 2, 2, 16)
    with pytest.raises(BrokenArtifact, match="the vocabulary has"):
        write_bundle(tmp_path / "tiny", network(other))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "README.md"])
def test_a_changed_or_missing_file_is_found_and_named(made, tmp_path, name):
    copy = shutil.copytree(made, tmp_path / "copy")
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(BrokenArtifact, match=f"{name} of the bundle copy has changed"):
        bundle.verify(copy)
    (copy / name).unlink()
    with pytest.raises(BrokenArtifact, match=f"lacks the file '{name}'"):
        bundle.verify(copy)


def test_hashes_never_lead_out_of_the_folder(made, tmp_path):
    copy = shutil.copytree(made, tmp_path / "copy")
    facts = json.loads((copy / "bundle.json").read_text(encoding="utf-8"))
    facts["files"]["../secret"] = "0"
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (copy / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BrokenArtifact, match="lacks the file"):
        bundle.verify(copy)


def test_a_folder_that_moxu_did_not_make_is_read_without_facts(tmp_path):
    found = bundle.read(plain_folder(tmp_path))
    assert (found.shape, found.facts) == (ModelShape(40, 16, 2, 2, 8), {})
    with pytest.raises(BrokenArtifact, match=r"holds no bundle\.json"):
        bundle.verify(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_embd", 65_536),
        ("n_embd", "absent"),
        ("n_embd", 8.0),
        ("n_embd", "8"),
        ("n_layer", True),
        ("n_layer", 0),
        ("n_head", 3),
        ("n_positions", -1),
        ("vocab_size", 10**12),
        ("vocab_size", [40]),
        ("n_inner", 7),
        ("model_type", "llama"),
        ("activation_function", "relu"),
        ("layer_norm_epsilon", 1e-6),
        ("scale_attn_by_inverse_layer_idx", True),
        ("tie_word_embeddings", False),
        ("add_cross_attention", {"a": 1}),
    ],
)
def test_a_config_this_network_cannot_be_is_refused_in_one_sentence(tmp_path, field, value):
    with pytest.raises(BrokenArtifact) as caught:
        bundle.read(plain_folder(tmp_path, **{field: value}))
    assert field in caught.value.sentence or "width must be a multiple of heads" in caught.value.sentence
    assert "\n" not in caught.value.sentence


def test_a_network_too_large_is_refused_before_anything_is_allocated(tmp_path):
    with pytest.raises(BrokenArtifact, match="billion parameters"):
        bundle.read(plain_folder(tmp_path, n_embd=16_384, n_layer=256, n_head=256))


@pytest.mark.parametrize("content", ["", "[]", "{", "null", "[" * 20_000, " " * 70_000, "\ud800"])
def test_a_config_that_is_no_object_is_refused(tmp_path, content):
    (plain_folder(tmp_path) / "config.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(BrokenArtifact):
        bundle.read(tmp_path)


@pytest.mark.parametrize("facts", ["{}x", "[1]", '{"format": 2}', '{"format": 1, "shape": {"layers": 3}}'])
def test_facts_that_do_not_fit_are_refused(tmp_path, facts):
    (plain_folder(tmp_path) / "bundle.json").write_text(facts, encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        bundle.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", 3),
        ("title", None),
        ("title", "\ud800"),
        ("scores", "great"),
        ("scores", {"loss": "low"}),
        ("scores", {"loss": True}),
        ("scores", {"loss": float("nan")}),
        ("scores", {"loss": 10**400}),
        ("made_from", [1]),
        ("made_with", "care"),
    ],
)
def test_facts_of_other_kinds_are_refused_in_one_sentence(tmp_path, name, value):
    facts = {"format": 1, "shape": ModelShape(40, 16, 2, 2, 8).to_json(), "scores": {"bits_per_character": None, "loss": 3}}
    (plain_folder(tmp_path) / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")
    bundle.read(tmp_path)
    (tmp_path / "bundle.json").write_text(json.dumps(facts | {name: value}), encoding="utf-8")
    with pytest.raises(BrokenArtifact) as caught:
        bundle.read(tmp_path)
    assert "\n" not in caught.value.sentence
    caught.value.sentence.encode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None)])
def test_a_config_that_is_no_file_is_refused(tmp_path, make):
    (plain_folder(tmp_path) / "config.json").unlink()
    make(tmp_path / "config.json")
    with pytest.raises(BrokenArtifact, match=r"holds no config\.json"):
        bundle.read(tmp_path)


def test_a_folder_without_weights_or_config_is_refused(tmp_path):
    with pytest.raises(BrokenArtifact, match=r"holds no config\.json"):
        bundle.read(tmp_path)
    (plain_folder(tmp_path) / "model.safetensors").unlink()
    with pytest.raises(BrokenArtifact, match=r"holds no model\.safetensors"):
        bundle.read(tmp_path)


def test_the_sizes_of_weights_are_the_networks(made):
    state = gpt.to_safetensors_state(network())
    assert {name.removeprefix("transformer."): tuple(tensor.shape) for name, tensor in state.items()} == bundle.weight_sizes(
        shape()
    )
    bundle.require_weights(made, shape())


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("transformer.wpe.weight"),
        lambda state: state.update(extra=torch.zeros(1)),
        lambda state: state.update({"transformer.wpe.weight": torch.zeros(8, 8)}),
        lambda state: state.update({"transformer.ln_f.bias": torch.zeros(16, dtype=torch.int64)}),
    ],
)
def test_weights_of_other_names_or_sizes_are_refused_by_their_header(tmp_path, change):
    state = gpt.to_safetensors_state(network())
    with contextlib.suppress(KeyError):
        change(state)
    save_file(state, tmp_path / "model.safetensors")
    with pytest.raises(BrokenArtifact):
        bundle.require_weights(tmp_path, shape())


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\x02" + b"\0" * 7 + b"[]", b"\x01" + b"\0" * 7 + b"{", b"\xff" * 100])
def test_a_header_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(BrokenArtifact):
        bundle.require_weights(tmp_path, shape())
