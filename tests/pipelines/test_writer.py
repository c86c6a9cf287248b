from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import gpt
from models.shape import ModelShape
from pipelines.errors import BadText, BrokenArtifact
from pipelines.sampling_settings import SamplingSettings
from pipelines.writer import Writer, prompt_room
from tests.tiny_model import TEXT, constant, network, only_characters, shape, tokenizer, write_bundle

CHOSEN = SamplingSettings(seed=7, length=20, candidates=3)


def writer(model=None):
    return Writer(model or only_characters(network()), tokenizer())


def texts(update):
    return [one.text for one in update.candidates]


def reasons(update):
    return [one.reason for one in update.candidates]


def last(model, prompt, chosen, **more):
    *_, update = writer(model).continue_text(prompt, chosen, **more)
    return update


@pytest.mark.parametrize("context", [1, 2, 3, 5, 32])
@pytest.mark.parametrize("length", [1, 2, 90])
def test_a_continuation_has_exactly_the_new_characters_asked_for_past_any_context(context, length):
    update = last(only_characters(network(shape(context))), TEXT[:40], replace(CHOSEN, length=length, top_k=3))
    assert [len(text) for text in texts(update)] == 3 * [length]
    assert reasons(update) == 3 * ["length"]


def test_equal_seeds_write_equal_texts_and_candidates_differ():
    one, two = last(None, "黛玉", CHOSEN), last(None, "黛玉", CHOSEN)
    assert texts(one) == texts(two)
    assert len(set(texts(one))) == 3
    assert texts(last(None, "黛玉", replace(CHOSEN, seed=8))) != texts(one)


def test_a_seed_that_is_not_given_is_drawn_and_told():
    update = last(None, "黛玉", replace(CHOSEN, seed=None))
    assert texts(last(None, "黛玉", replace(CHOSEN, seed=update.seed))) == texts(update)


def test_texts_only_grow_and_every_update_holds_all_candidates():
    updates = list(writer(network()).continue_text("黛玉", replace(CHOSEN, length=60)))
    for before, after in pairwise(updates):
        assert all(new.startswith(old) for old, new in zip(texts(before), texts(after), strict=True))
        assert after.tokens > before.tokens
    assert all(reasons(updates[-1]))
    assert updates[-1].tokens_per_second > 0


def greedy_by_hand(model, prompt, count):
    """Greedy writing the slow way: the whole window read anew for every token, and slid by a block when it is full."""
    cutter, context = tokenizer(), model.shape.context
    window, written = cutter.encode(prompt).tolist()[-prompt_room(context, count) :], []
    while len(written) < count:
        assert len(window) <= context
        with torch.no_grad():
            written.append(model(torch.tensor([window]))[0, -1].argmax().item())
        window = window + written[-1:] if len(window) < context else (window + written[-1:])[-max(1, context * 3 // 4) :]
    return cutter.decode(written)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 30), st.integers(0, 5))
def test_the_cache_and_the_slide_write_what_reading_everything_anew_writes(context, begin, prompt_length, seed):
    model = only_characters(network(shape(context), seed))
    prompt = TEXT[begin : begin + prompt_length]
    update = last(model, prompt, replace(CHOSEN, temperature=0, length=25, candidates=2))
    assert texts(update) == 2 * [greedy_by_hand(model, prompt, 25)]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(1, 80), st.integers(1, 300))
def test_no_position_ever_reaches_the_context(context, length, prompt_length):
    model, furthest = only_characters(network(shape(context, layers=1))), []
    read = model.hidden

    def watched(ids, cache=None):
        furthest.append((cache.length if cache else 0) + ids.shape[1])
        return read(ids, cache)

    model.hidden = watched
    last(model, (TEXT * 3)[:prompt_length], replace(CHOSEN, length=length))
    assert max(furthest) <= context


@pytest.mark.parametrize(
    ("context", "length", "room"),
    [(1024, 120, 904), (1024, 10, 960), (1024, 5000, 768), (128, 120, 64), (64, 10, 32), (2, 10, 1), (1, 10, 1)],
)
def test_the_prompt_leaves_a_reserve_for_what_is_to_be_written(context, length, room):
    assert prompt_room(context, length) == room


def test_of_a_long_prompt_only_the_tail_matters():
    tail = TEXT[-40:]
    assert texts(last(None, "囧" * 100_000 + tail, CHOSEN)) == texts(last(None, tail, CHOSEN))


def test_the_prompt_is_fed_bare_and_an_empty_one_begins_with_end_of_text():
    made = writer()
    assert made.prompt_ids("黛玉", 10) == tokenizer().encode("黛玉").tolist()
    assert made.prompt_ids("", 10) == [tokenizer().end_of_text]
    assert len(texts(last(None, "", replace(CHOSEN, top_k=3)))[0]) == 20


def test_end_of_text_ends_a_candidate_and_is_never_shown():
    chosen = replace(CHOSEN, candidates=8, length=5, temperature=1, repetition_penalty=1)
    update = last(constant({"<|endoftext|>": 0.0, "玉": 2.0}), "黛", chosen)
    assert set(reasons(update)) == {"end_of_text", "length"}
    for one in update.candidates:
        assert one.text == "玉" * len(one.text)
        assert (len(one.text) == 5) == (one.reason == "length")


def test_a_candidate_that_ended_at_once_has_no_text():
    update = last(constant({"<|endoftext|>": 0.0}), "黛", CHOSEN)
    assert (texts(update), reasons(update), update.tokens) == (["", "", ""], 3 * ["end_of_text"], 3)


def test_half_a_character_waits_for_its_other_half():
    half = writer(constant({"<0xE5>": 0.0}))
    shown = [texts(update)[0] for update in half.continue_text("黛", replace(CHOSEN, length=2, temperature=0))]
    assert shown == ["", "\ufffd", "\ufffd\ufffd"]


def test_stopping_keeps_what_was_written_so_far():
    asked = iter([False, False, True])
    updates = list(writer().continue_text("黛玉", CHOSEN, stop=lambda: next(asked)))
    assert len(updates) == 3
    assert reasons(updates[-1]) == 3 * ["stopped"]
    assert texts(updates[-1]) == texts(updates[-2])
    assert updates[-1].tokens == 6


def test_the_penalty_keeps_a_network_that_knows_one_word_from_saying_it_twice():
    model = constant({"玉": 2.0, "黛": 1.0})
    chosen = replace(CHOSEN, length=6, top_k=1, candidates=1)
    assert texts(last(model, "紫", replace(chosen, repetition_penalty=1.0))) == ["玉玉玉玉玉玉"]
    assert texts(last(model, "紫", replace(chosen, repetition_penalty=1.2)))[0].startswith("玉黛")


def test_writing_draws_nothing_from_torchs_own_random_numbers_and_leaves_the_mode():
    model = network()
    model.train()
    before = torch.get_rng_state()
    last(model, "黛玉", CHOSEN)
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training


def test_a_reader_that_goes_away_leaves_the_network_as_it_was():
    model = network()
    model.train()
    updates = writer(model).continue_text("黛玉", CHOSEN)
    next(updates)
    assert not model.training
    updates.close()
    assert model.training


def test_figures_that_are_no_numbers_are_a_broken_artifact():
    model = network()
    with torch.no_grad():
        model.transformer.ln_f.bias[0] = float("nan")
    with pytest.raises(BrokenArtifact, match="no numbers"):
        last(model, "黛玉", CHOSEN)


def test_half_a_surrogate_pair_in_the_prompt_is_bad_text_however_far_back():
    with pytest.raises(BadText, match="lone surrogate"):
        last(None, "\ud83d" + TEXT * 9, CHOSEN)


def test_a_bundle_whose_weights_changed_is_not_opened(tmp_path):
    folder = write_bundle(tmp_path / "tiny", network())
    assert texts(last(Writer.open(folder).network, "黛玉", CHOSEN)) == texts(last(network(), "黛玉", CHOSEN))
    (folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(BrokenArtifact, match="has changed"):
        Writer.open(folder)


def test_a_vocabulary_that_is_not_the_networks_is_not_opened(tmp_path):
    folder = write_bundle(tmp_path / "tiny", network())
    other = ModelShape(tokenizer().vocabulary_size + 1, 32, 2, 2, 16)
    config = (folder / "config.json").read_text(encoding="utf-8")
    (folder / "bundle.json").unlink()
    (folder / "config.json").write_text(config.replace(f'"vocab_size": {other.vocabulary - 1}', f'"vocab_size": {other.vocabulary}'), encoding="utf-8")  # fmt: skip  # noqa: E501
    gpt.save_weights(network(other), folder / "model.safetensors")
    with pytest.raises(BrokenArtifact, match="the vocabulary of tiny has"):
        Writer.open(folder)


def test_drawn_text_never_holds_half_a_character_or_a_control_character():
    writer = Writer(network(), tokenizer())
    chosen = SamplingSettings(length=60, candidates=4, seed=1, temperature=2.0, top_p=1.0, repetition_penalty=1.0)
    *_, last = writer.continue_text("黛玉", chosen)
    for candidate in last.candidates:
        assert "\ufffd" not in candidate.text
        assert all(character in "\n\t" or character.isprintable() or ord(character) > 0x9F for character in candidate.text)
