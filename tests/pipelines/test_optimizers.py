import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.gpt import GPT
from models.shape import ModelShape
from pipelines import optimizers, settings
from pipelines.training_settings import TrainingSettings

SHAPE = ModelShape(vocabulary=20, context=8, layers=2, heads=2, width=8)


def chosen(**changes):
    return settings.replace(TrainingSettings(), {"steps": 10} | changes)


def teach(model, taught, steps):
    for step in range(steps):
        torch.manual_seed(step)
        ids = torch.randint(0, 20, (4, 9))
        model.loss(ids[:, :-1], ids[:, 1:]).backward()
        taught.step(1.0)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_state_that_was_kept_and_put_back_teaches_exactly_on(optimizer):
    torch.manual_seed(0)
    straight = GPT(SHAPE)
    taught = optimizers.build(straight, chosen(optimizer=optimizer))
    teach(straight, taught, 3)
    resumed = GPT(SHAPE)
    resumed.load_state_dict(straight.state_dict())
    again = optimizers.build(resumed, chosen(optimizer=optimizer))
    again.load({name: value.clone() for name, value in taught.state().items()})
    teach(straight, taught, 3)
    teach(resumed, again, 3)
    for one, other in zip(straight.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_every_parameter_is_taught_by_exactly_one_optimizer(optimizer):
    model = GPT(SHAPE)
    taught = optimizers.build(model, chosen(optimizer=optimizer))
    groups = [group for member in taught.members.values() for group in member.param_groups]
    held = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(held) == sorted(id(parameter) for parameter in model.parameters())


@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(0, 100), st.floats(0, 1))
def test_the_rate_is_a_share_that_ends_at_zero(step, progress, warmup, decay):
    settings_ = chosen(warmup_steps=warmup, decay_share=decay)
    assert 0 <= optimizers.rate_scale(step, progress, settings_) <= 1
    assert optimizers.rate_scale(step, 1.0, settings_) == 0 or decay == 0


def test_the_rate_rises_stays_and_falls():
    settings_ = chosen(warmup_steps=10, decay_share=0.5)
    scales = [optimizers.rate_scale(step, step / 100, settings_) for step in (0, 9, 40, 75)]
    assert scales == [0.1, 1.0, 1.0, 0.5]
