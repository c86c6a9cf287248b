import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from models import gpt
from models.shape import ModelShape
from pipelines.errors import BrokenArtifact
from tests.tiny_model import network

SHAPE = ModelShape(vocabulary=50, context=16, layers=2, heads=2, width=8)


def ids(batch: int = 2, tokens: int = 16, seed: int = 0) -> torch.Tensor:
    return torch.randint(SHAPE.vocabulary, (batch, tokens), generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def twin(tmp_path):
    """Our network, and transformers' with the same weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    ours = network(SHAPE)
    config = GPT2Config(
        vocab_size=50, n_positions=16, n_embd=8, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0,
        embd_pdrop=0.0, resid_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    config.save_pretrained(tmp_path)
    gpt.save_weights(ours, tmp_path / "model.safetensors")
    return ours, GPT2LMHeadModel.from_pretrained(tmp_path)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
def test_the_network_has_as_many_parameters_as_its_shape_says(vocabulary, context, layers, heads, size):
    shape = ModelShape(vocabulary, context, layers, heads, heads * size)
    assert sum(weight.numel() for weight in gpt.GPT(shape).parameters()) == shape.parameters


def test_the_82m_network_has_exactly_81_894_144_parameters():
    with torch.device("meta"):
        model = gpt.GPT(ModelShape(vocabulary=13317, context=1024, layers=10, heads=12, width=768))
    assert sum(weight.numel() for weight in model.parameters()) == 81_894_144


def test_logits_are_those_of_transformers(twin):
    ours, theirs = twin
    with torch.no_grad():
        assert (ours(ids()) - theirs(ids()).logits).abs().max() <= 1e-4


def test_loss_and_gradients_are_those_of_transformers(twin):
    ours, theirs = twin
    batch = ids(tokens=13)
    loss = ours.loss(batch[:, :-1], batch[:, 1:])
    loss.backward()
    their_loss = theirs(batch, labels=batch).loss
    their_loss.backward()
    assert abs(loss - their_loss) <= 1e-5
    for name, weight in ours.named_parameters():
        their_gradient = gpt._turned(name, theirs.get_parameter(name).grad)
        assert (weight.grad - their_gradient).abs().max() <= 1e-4, name


def test_a_fresh_network_is_as_unsure_as_a_fair_die_and_initialised_as_gpt2():
    torch.manual_seed(0)
    model = gpt.GPT(ModelShape(vocabulary=500, context=32, layers=8, heads=2, width=64))
    state = model.state_dict()
    assert state["transformer.wte.weight"].std().item() == pytest.approx(0.02, rel=0.1)
    assert state["transformer.h.0.mlp.c_fc.weight"].std().item() == pytest.approx(0.02, rel=0.1)
    assert state["transformer.h.0.mlp.c_proj.weight"].std().item() == pytest.approx(0.02 / 4, rel=0.1)
    assert not state["transformer.h.0.mlp.c_fc.bias"].any()
    batch, targets = torch.randint(500, (2, 4, 32))
    assert model.loss(batch, targets).item() == pytest.approx(torch.tensor(500.0).log().item(), abs=0.1)


def test_dropout_acts_only_while_learning():
    torch.manual_seed(0)
    model = gpt.GPT(SHAPE, dropout=0.5)
    assert not torch.equal(model(ids()), model(ids()))
    model.eval()
    assert torch.equal(model(ids()), model(ids()))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=8))
def test_reading_in_parts_with_a_cache_is_reading_at_once(parts):
    tokens = min(sum(parts), 16)
    model, batch = network(SHAPE), ids(tokens=tokens)
    cache = gpt.Cache(SHAPE, 2, 16, torch.device("cpu"), torch.float32)
    with torch.no_grad():
        logits = [model(part, cache) for part in batch.split([*clipped(parts, tokens)], dim=1)]
        assert (torch.cat(logits, dim=1) - model(batch)).abs().max() <= 1e-5
    assert cache.length == tokens


def clipped(parts, total):
    for part in parts:
        size = min(part, total)
        total -= size
        if size:
            yield size


def test_a_prompt_read_once_serves_every_candidate():
    model, prompt, after = network(SHAPE), ids(1, 5), ids(3, 4, seed=1)
    one = gpt.Cache(SHAPE, 1, 5, torch.device("cpu"), torch.float32)
    many = gpt.Cache(SHAPE, 3, 16, torch.device("cpu"), torch.float32)
    with torch.no_grad():
        model(prompt, one)
        many.adopt(one)
        whole = model(torch.cat([prompt.expand(3, -1), after], dim=1))[:, 5:]
        assert (model(after, many) - whole).abs().max() <= 1e-5


def test_no_position_reaches_the_context():
    model = network(SHAPE)
    with pytest.raises(ValueError, match="17 tokens from position 0 on do not fit a context of 16"):
        model(ids(tokens=17))
    cache = gpt.Cache(SHAPE, 2, 6, torch.device("cpu"), torch.float32)
    model(ids(tokens=6), cache)
    with pytest.raises(ValueError, match="1 tokens from position 6 on do not fit a context of 6"):
        model(ids(tokens=1), cache)


def test_nats_are_the_cross_entropy_of_the_scored_tokens():
    model, windows = network(SHAPE), ids(tokens=9).numpy()
    scored = ids(tokens=8, seed=3).numpy() % 2 == 0
    with torch.no_grad():
        each = -model(torch.from_numpy(windows[:, :-1])).log_softmax(-1)
    targets = torch.from_numpy(windows[:, 1:, None])
    expected = each.gather(2, targets)[..., 0][torch.from_numpy(scored)].sum().item()
    assert model.nats(windows, scored) == pytest.approx(expected, rel=1e-5)


def test_weights_come_back_from_their_file_and_say_whose_they_are(tmp_path):
    model, path = network(SHAPE), tmp_path / "model.safetensors"
    gpt.save_weights(model, path)
    again = gpt.open_network(path, SHAPE, torch.device("cpu"))
    assert all(torch.equal(weight, again.state_dict()[name]) for name, weight in model.state_dict().items())
    assert not again.training
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"format": "pt"}
        assert file.get_slice("transformer.h.0.attn.c_attn.weight").get_shape() == [8, 24]
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118


def test_weights_named_as_in_the_original_gpt2_files_are_read():
    model, again = network(SHAPE), gpt.GPT(SHAPE)
    state = {name.removeprefix("transformer."): tensor for name, tensor in gpt.to_safetensors_state(model).items()}
    state |= {f"h.{layer}.attn.bias": torch.ones(1, 1, 16, 16) for layer in range(2)}
    state |= {"h.0.attn.masked_bias": torch.tensor(-1e4), "lm_head.weight": state["wte.weight"].clone()}
    gpt.load_state(again, state)
    assert torch.equal(again(ids()), model(ids()))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda state: state.pop("transformer.ln_f.bias"), "ln_f.bias is missing"),
        (lambda state: state.update(extra=torch.zeros(1)), "extra does not belong"),
        (lambda state: state.update({"transformer.wpe.weight": torch.zeros(8, 8)}), r"sizes \(8, 8\).*\(16, 8\)"),
        (lambda state: state.update({"lm_head.weight": torch.zeros(50, 8)}), "not tied"),
    ],
)
def test_weights_of_another_network_are_refused(change, why):
    state = gpt.to_safetensors_state(network(SHAPE))
    change(state)
    with pytest.raises(BrokenArtifact, match=why):
        gpt.load_state(gpt.GPT(SHAPE), state)


def test_a_torn_or_missing_weights_file_is_broken(tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(BrokenArtifact, match="missing"):
        gpt.load_weights(gpt.GPT(SHAPE), path)
    gpt.save_weights(network(SHAPE), path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(BrokenArtifact, match="not a readable safetensors"):
        gpt.load_weights(gpt.GPT(SHAPE), path)


def test_half_precision_weights_are_read_as_fp32(tmp_path):
    path, model = tmp_path / "model.safetensors", network(SHAPE)
    save_file({name: tensor.half() for name, tensor in gpt.to_safetensors_state(model).items()}, path)
    again = gpt.open_network(path, SHAPE, torch.device("cpu"))
    assert again.transformer.wte.weight.dtype == torch.float32
    assert load_file(path)["transformer.wte.weight"].dtype == torch.float16
    assert (again(ids()) - model(ids())).abs().max() < 0.1
