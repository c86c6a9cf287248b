import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import sampling
from pipelines.errors import BadSettings
from pipelines.sampling_settings import SamplingSettings, candidate_seed, with_seed
from pipelines.settings import check
from tests import tiny_model  # noqa: F401  one thread is enough

V = 12
NOTHING = torch.zeros(V, dtype=torch.bool)
PLAIN = SamplingSettings(seed=0, candidates=2, temperature=1.0, top_p=1.0, repetition_penalty=1.0)
LOGITS = st.lists(st.floats(-8, 8, width=32), min_size=V, max_size=V).map(lambda row: torch.tensor([row, row[::-1]]))
IDS = st.lists(st.integers(0, V - 1), min_size=1, max_size=9)


def choose(logits, history=((0,), (0,)), exempt=NOTHING, **changes):
    chosen = replace(PLAIN, **changes)
    return sampling.next_ids(logits, torch.tensor(history), exempt, chosen, sampling.generators(chosen)).tolist()


@settings(deadline=None)
@given(LOGITS, IDS, st.floats(1.0, 2.0))
def test_the_penalty_takes_the_same_from_every_recent_id_and_nothing_from_others(logits, recent, penalty):
    lowered = sampling.penalise(logits, torch.tensor([recent, recent]), NOTHING, penalty)
    expected = torch.zeros(V)
    expected[recent] = 20 * (1 - 1 / penalty)
    assert torch.allclose(logits - lowered, expected.expand(2, -1), atol=1e-5)


@settings(deadline=None)
@given(st.lists(st.integers(-64, 64), min_size=V, max_size=V), IDS, st.integers(-32, 32), st.integers(0, 2**31 - 1))
def test_a_constant_added_to_all_logits_changes_nothing(row, recent, constant, seed):
    logits = torch.tensor([row, row[::-1]]) / 8  # eighths add without rounding
    history = [recent, recent]
    same = {"temperature": 0.5, "top_p": 0.9, "repetition_penalty": 1.25, "seed": seed}
    assert choose(logits, history, **same) == choose(logits + constant, history, **same)


def test_exempt_ids_and_ids_before_the_window_are_not_penalised():
    exempt = NOTHING.clone()
    exempt[3] = True
    logits = torch.zeros(2, V)
    assert sampling.penalise(logits, torch.tensor([[3, 4], [3, 3]]), exempt, 1.2).nonzero().tolist() == [[0, 4]]
    row = torch.zeros(2, V)
    row[:, 5], row[:, 6] = 2.0, 1.0
    history = ((5, 5, 1, 2), (5, 5, 1, 2))
    assert choose(row, history, repetition_penalty=2.0, penalty_window=2, top_k=1) == [5, 5]
    assert choose(row, history, repetition_penalty=2.0, penalty_window=3, top_k=1) == [6, 6]


@settings(deadline=None)
@given(LOGITS, IDS)
def test_temperature_zero_is_the_largest_logit_and_nothing_else(logits, recent):
    chosen = choose(logits, [recent, recent], temperature=0, repetition_penalty=2.0, top_k=3, top_p=0.05)
    assert chosen == logits.argmax(-1).tolist()


@settings(deadline=None)
@given(LOGITS, IDS)
def test_top_k_of_one_is_greedy_with_the_penalty(logits, recent):
    lowered = sampling.penalise(logits, torch.tensor([recent, recent]), NOTHING, 1.5)
    chosen = torch.tensor(choose(logits, [recent, recent], top_k=1, repetition_penalty=1.5))
    assert torch.equal(lowered.gather(1, chosen[:, None])[:, 0], lowered.amax(-1))  # of equal ones, any


@settings(deadline=None)
@given(LOGITS, st.integers(1, V), st.integers(0, 1000))
def test_top_k_chooses_among_the_k_likeliest(logits, k, seed):
    for row, place in zip(logits, choose(logits, top_k=k, seed=seed), strict=True):
        assert (row > row[place]).sum() < k


@settings(deadline=None)
@given(LOGITS, st.floats(0.05, 0.99), st.integers(0, 1000))
def test_top_p_chooses_a_token_before_which_less_than_p_is_used_up(logits, p, seed):
    for row, place in zip(logits, choose(logits, top_p=p, seed=seed), strict=True):
        probabilities = row.softmax(-1)
        assert probabilities[row > row[place]].sum() < p + 1e-5


@settings(deadline=None)
@given(LOGITS, st.floats(0.05, 1.0), st.integers(0, V), st.integers(0, 1000))
def test_looking_at_the_likeliest_first_chooses_what_sorting_all_chooses(logits, p, k, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "FIRST_LOOK", 2)
        few = choose(logits, top_p=p, top_k=k, seed=seed)
    few, of_all = (torch.tensor(ids)[:, None] for ids in (few, choose(logits, top_p=p, top_k=k, seed=seed)))
    assert torch.equal(logits.gather(1, few), logits.gather(1, of_all))  # of equal ones, any


def test_a_token_as_likely_as_the_temperature_makes_it():
    logits = torch.tensor([[1.0, 0.0, -1.0]]).expand(2, -1)
    stream = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    chosen = replace(PLAIN, temperature=0.5)
    drawn = [sampling.next_ids(logits, torch.zeros(2, 1, dtype=torch.long), torch.zeros(3, dtype=torch.bool), chosen, stream)
             for _ in range(3000)]  # fmt: skip
    shares = torch.stack(drawn).flatten().bincount(minlength=3) / 6000
    assert torch.allclose(shares, (logits[0] / 0.5).softmax(-1), atol=0.02)


@settings(deadline=None)
@given(LOGITS, st.integers(0, 2**31 - 1))
def test_equal_seeds_choose_equally_and_each_candidate_alone(logits, seed):
    assert choose(logits, seed=seed) == choose(logits, seed=seed)
    alone = replace(PLAIN, seed=seed, candidates=1)
    first = sampling.next_ids(logits[:1], torch.tensor([[0]]), NOTHING, alone, sampling.generators(alone)).tolist()
    assert first == choose(logits, seed=seed)[:1]


def test_candidates_have_different_streams():
    assert len({candidate_seed(seed, place) for seed in range(20) for place in range(64)}) == 20 * 64
    logits = torch.zeros(64, 5000)
    chosen = replace(PLAIN, candidates=64)
    history = torch.zeros(64, 1, dtype=torch.long)
    drawn = sampling.next_ids(logits, history, torch.zeros(5000, dtype=torch.bool), chosen, sampling.generators(chosen))
    assert len(set(drawn.tolist())) > 55


def test_a_seed_is_drawn_once_and_kept():
    drawn = with_seed(SamplingSettings())
    assert drawn.seed is not None
    assert with_seed(drawn) == drawn
    with pytest.raises(ValueError, match="no seed"):
        sampling.generators(SamplingSettings())


@pytest.mark.parametrize(
    ("name", "value"),
    [("length", 0), ("candidates", 65), ("temperature", 2.5), ("temperature", float("nan")), ("top_p", 0.0), ("top_k", -1),
     ("repetition_penalty", 0.9), ("penalty_window", 0), ("seed", -1)],
)  # fmt: skip
def test_a_setting_out_of_range_is_named(name, value):
    with pytest.raises(BadSettings, match=name.replace("_", " ")):
        check(replace(SamplingSettings(), **{name: value}))


def test_the_settings_are_declared_without_torch():
    script = "import sys, pipelines.sampling_settings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
