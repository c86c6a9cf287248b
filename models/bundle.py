"""The finished-model folder: what stands in it, written, read and verified without torch.

    model.safetensors  config.json  generation_config.json  tokenizer.json  tokenizer_config.json
    bundle.json        our facts: shape, made_from, made_with, scores, sha256 of every other file
    README.md          a model card for people

Any Hugging Face tool opens it as a GPT-2. A folder without bundle.json is read, too, with every number of its
config.json checked before anything is allocated. Knows nothing of workspaces.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import tokenizer
from models.card import card
from models.shape import ModelShape
from pipelines.errors import BadSettings, BrokenArtifact

FORMAT = 1
WEIGHTS, CONFIG, FACTS, CARD = "model.safetensors", "config.json", "bundle.json", "README.md"
LARGEST_CONFIG_BYTES = 64_000
LARGEST_FACTS_BYTES = 4_000_000
LARGEST_HEADER_BYTES = 16_000_000
WEIGHT_TYPES = ("F32", "F16", "BF16")
LARGEST_PARAMETERS = 4_000_000_000
LARGEST_SCORE = 1e100
# Field of config.json -> size of the shape and its largest value.
SIZES = {
    "vocab_size": ("vocabulary", 1_000_000),
    "n_positions": ("context", 131_072),
    "n_layer": ("layers", 256),
    "n_head": ("heads", 256),
    "n_embd": ("width", 16_384),
}
# Facts that others read, and what each must be where it is there.
KINDS: dict[str, type[str] | type[dict[str, Any]]] = {
    "title": str,
    "created": str,
    "scores": dict,
    "made_from": dict,
    "made_with": dict,
}
# Fields that change the arithmetic, and the values with which our network is the same; absent ones take the first.
ARITHMETIC: dict[str, tuple[Any, ...]] = {
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "layer_norm_epsilon": (1e-5,),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished model on disk: its folder, its shape, and its facts (empty for a folder that Moxu did not make)."""

    folder: Path
    shape: ModelShape
    facts: dict[str, Any]

    @property
    def weights(self) -> Path:
        return self.folder / WEIGHTS


def write(folder: Path, weights: Path, shape: ModelShape, tokenizer_folder: Path, facts: dict[str, Any]) -> None:
    """Fill the existing, empty `folder` with a bundle.

    `weights` is a safetensors file in transformers' layout; `facts` are `title`, `made_from`, `made_with`, `scores` and
    whatever else bundle.json shall keep. Raises BrokenArtifact if the vocabulary is not the network's.
    """
    cutter = tokenizer.Tokenizer.load(tokenizer_folder)
    if cutter.vocabulary_size != shape.vocabulary:
        sizes = {"pieces": cutter.vocabulary_size, "wanted": shape.vocabulary}
        message = "the vocabulary has {pieces} pieces and the network {wanted}".format(**sizes)
        raise BrokenArtifact("other_vocabulary", message, "write the bundle with the run's own encoding", **sizes)
    shutil.copyfile(weights, folder / WEIGHTS)
    shutil.copyfile(tokenizer_folder / tokenizer.TOKENIZER_FILE, folder / tokenizer.TOKENIZER_FILE)
    tokenizer.write_config(folder, shape.context)
    _write_json(folder / CONFIG, config_of(shape, cutter.end_of_text))
    _write_json(folder / "generation_config.json", _marks(cutter.end_of_text))
    (folder / CARD).write_text(card(shape, facts), encoding="utf-8", newline="\n")
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name != FACTS}
    _write_json(folder / FACTS, facts | {"format": FORMAT, "shape": shape.to_json(), "files": files})


def config_of(shape: ModelShape, end_of_text: int) -> dict[str, Any]:
    """config.json: the values of transformers' GPT2Config, and `n_ctx`, which its first versions read."""
    sizes = {field: getattr(shape, name) for field, (name, _) in SIZES.items()}
    dropouts = {"embd_pdrop": 0.0, "resid_pdrop": 0.0, "attn_pdrop": 0.0}
    arithmetic = {field: values[0] for field, values in ARITHMETIC.items()}
    rest = {"architectures": ["GPT2LMHeadModel"], "n_ctx": shape.context, "n_inner": None, "dtype": "float32"}
    return arithmetic | rest | sizes | dropouts | _marks(end_of_text)


def _marks(end_of_text: int) -> dict[str, int]:
    return {"bos_token_id": end_of_text, "eos_token_id": end_of_text, "pad_token_id": end_of_text}


def read(folder: Path) -> Bundle:
    """The bundle in `folder`, or any Hugging Face GPT-2 folder with safetensors; its hashes are `verify`'s matter.

    Raises BrokenArtifact, in one sentence, for anything that is not a GPT-2 this network can be.
    """
    shape = shape_of(read_object(folder / CONFIG, LARGEST_CONFIG_BYTES))
    if not (folder / WEIGHTS).is_file():
        raise _broken(f"{folder} holds no {WEIGHTS}")
    facts = read_object(folder / FACTS, LARGEST_FACTS_BYTES) if (folder / FACTS).exists() else {}
    if facts and facts.get("format") != FORMAT:
        found = shown(facts.get("format"))
        message = f"the bundle {folder.name} has format {found}, this Moxu knows {FORMAT}"
        raise BrokenArtifact("newer_format", message, "open it with a newer Moxu", found=found)
    if facts and facts.get("shape") != shape.to_json():
        raise _broken(f"{FACTS} and {CONFIG} of {folder.name} name different shapes")
    _check_facts(folder, facts)
    return Bundle(folder, shape, facts)


def _check_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Raise BrokenArtifact for the first fact of a kind that nobody could read."""
    for name, kind in KINDS.items():
        if not isinstance(facts.get(name, kind()), kind):
            raise _broken(f"{FACTS} of {folder.name} says {name} is {shown(facts[name])}")
    for name, value in facts.get("scores", {}).items():
        # A comparison is false for NaN, and no whole number is too long for it.
        if value is not None and not (type(value) in (int, float) and abs(value) <= LARGEST_SCORE):
            raise _broken(f"{FACTS} of {folder.name} says the score {shown(name)} is {shown(value)}")


def shape_of(config: dict[str, Any]) -> ModelShape:
    """The shape a GPT-2 config.json names, every value checked; raises BrokenArtifact naming the first bad one."""
    for field, values in ARITHMETIC.items():
        if config.get(field, values[0]) not in values:
            raise _broken(f"{CONFIG} says {field} is {shown(config[field])}, and this network needs {values[0]}")
    sizes = {name: _size(config, field, largest) for field, (name, largest) in SIZES.items()}
    if config.get("n_inner") not in (None, 4 * sizes["width"]):
        raise _broken(f"{CONFIG} says n_inner is {shown(config['n_inner'])}, and this network needs {4 * sizes['width']}")
    try:
        shape = ModelShape(**sizes)
    except BadSettings as error:
        raise _broken(f"{CONFIG}: {error.message}") from error
    if shape.parameters > LARGEST_PARAMETERS:
        raise _broken("%s names %.1f billion parameters, more than fit here" % (CONFIG, shape.parameters / 1e9))
    return shape


def _size(config: dict[str, Any], field: str, largest: int) -> int:
    value = config.get(field)
    if type(value) is not int or not 1 <= value <= largest:
        raise _broken(f"{CONFIG} says {field} is {shown(value)}, and a whole number from 1 to {largest} is needed")
    return value


def require_weights(folder: Path, shape: ModelShape) -> None:
    """Compare the header of the weights with the shape, reading no weight; raises BrokenArtifact for the first difference.

    Names may lack the prefix `transformer.`; a head and the masks of older transformers are passed over.
    """
    found = {name.removeprefix("transformer."): row for name, row in _header(folder / WEIGHTS).items()}
    for name, sizes in weight_sizes(shape).items():
        row = found.pop(name, None)
        if not isinstance(row, dict) or row.get("shape") != list(sizes) or row.get("dtype") not in WEIGHT_TYPES:
            raise _broken(f"{WEIGHTS} of {folder.name} has no weight {name} of the sizes {sizes}")
    for name in found:
        if name not in ("__metadata__", "lm_head.weight") and not name.endswith((".attn.bias", ".attn.masked_bias")):
            raise _broken(f"{WEIGHTS} of {folder.name} holds {shown(name)}, which does not belong to a GPT-2 of its shape")


def weight_sizes(shape: ModelShape) -> dict[str, tuple[int, ...]]:
    """The sizes of every weight as transformers lays them out, by its name without `transformer.`."""
    width = shape.width
    sizes: dict[str, tuple[int, ...]] = {"wte.weight": (shape.vocabulary, width), "wpe.weight": (shape.context, width)}
    norms, maps = ["ln_f"], []
    for layer in range(shape.layers):
        norms += [f"h.{layer}.ln_1", f"h.{layer}.ln_2"]
        maps += [(f"h.{layer}.attn.c_attn", width, 3 * width), (f"h.{layer}.attn.c_proj", width, width)]
        maps += [(f"h.{layer}.mlp.c_fc", width, 4 * width), (f"h.{layer}.mlp.c_proj", 4 * width, width)]
    for name in norms:
        sizes |= {f"{name}.weight": (width,), f"{name}.bias": (width,)}
    for name, wide_in, wide_out in maps:
        sizes |= {f"{name}.weight": (wide_in, wide_out), f"{name}.bias": (wide_out,)}
    return sizes


def _header(path: Path) -> dict[str, Any]:
    """The JSON header of a safetensors file: its length in 8 bytes, then itself."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > min(LARGEST_HEADER_BYTES, path.stat().st_size):
                raise _broken(f"{path} has a header that does not fit")
            header = json.loads(file.read(length))
    except FileNotFoundError as error:
        raise _broken(f"{path} is missing") from error
    except (ValueError, RecursionError) as error:
        raise _broken(f"{path} is not a readable safetensors file") from error
    if not isinstance(header, dict):
        raise _broken(f"{path} is not a readable safetensors file")
    return header


def verify(folder: Path) -> None:
    """Compare every file with the hash in bundle.json; raises BrokenArtifact for a changed, missing or unlisted hash."""
    files = read_object(folder / FACTS, LARGEST_FACTS_BYTES).get("files")
    if not isinstance(files, dict) or WEIGHTS not in files:
        raise _broken(f"{FACTS} of {folder.name} holds no hashes")
    for name, wanted in files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise _broken(f"the bundle {folder.name} lacks the file {shown(name)}")
        if sha256_of(path) != wanted:
            raise _broken(f"{name} of the bundle {folder.name} has changed since it was made")


def shown(value: object) -> str:
    """A value of a foreign file as an error may name it: one short line."""
    return repr(value)[:60]


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def read_object(path: Path, largest_bytes: int) -> dict[str, Any]:
    """A JSON object from a file of bounded size; raises BrokenArtifact."""
    try:
        if not path.is_file():
            raise _broken(f"{path.parent} holds no {path.name}")
        if path.stat().st_size > largest_bytes:
            raise _broken(f"{path} is larger than {largest_bytes // 1000} kB")
        value = json.loads(path.read_text(encoding="utf-8"))
        # Escapes can spell half of a surrogate pair, which could be neither shown nor written again.
        json.dumps(value, ensure_ascii=False).encode()
    except OSError as error:
        raise _broken(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise _broken(f"{path} is not readable JSON") from error
    if not isinstance(value, dict):
        raise _broken(f"{path} is not a JSON object")
    return value


def _broken(message: str) -> BrokenArtifact:
    return BrokenArtifact("broken_bundle", message, "take the whole folder from where the model was made")
