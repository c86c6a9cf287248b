import json
import math
import os
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import gpt
from models.shape import ModelShape
from pipelines import encode, evaluate
from pipelines.command import MISTAKE
from pipelines.errors import BadSettings, BadText
from pipelines.files import write_json
from tests.tiny_model import TEXT, constant, network, shape, tokenizer, write_bundle, write_corpus

SHAPE = ModelShape(vocabulary=50, context=16, layers=2, heads=2, width=8)
LENGTHS = st.lists(st.integers(1, 90), min_size=1, max_size=5)
HELD_OUT = "黛玉道：“你又来了。”囧\n" * 8


def chapters_of(lengths, seed=0):
    stream = np.random.default_rng(seed)
    return [np.concatenate([[0], stream.integers(0, 50, length - 1)]).astype(np.uint16) for length in lengths]


def independent_bits_per_character(folder, chapters, characters):
    """The Hugging Face guide's sliding window with plain transformers: no line of ours."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    context, nats = model.config.n_positions, 0.0
    for ids in chapters:
        previous_end = 0
        for begin in range(0, len(ids), context // 2):
            end = min(begin + context, len(ids))
            window = torch.tensor([ids[begin:end].tolist()])
            with torch.no_grad():
                log_p = model(window).logits[0, :-1].double().log_softmax(-1)
            scores = log_p.gather(1, window[0, 1:, None])[:, 0]
            new = end - max(previous_end, 1)
            nats -= scores[len(scores) - new :].sum().item() if new else 0.0
            previous_end = end
            if end == len(ids):
                break
    return nats / math.log(2) / sum(characters)


@pytest.mark.parametrize("lengths", [[70, 1, 2, 16, 17, 33], [5], [200, 31]])
def test_bits_per_character_are_those_of_plain_transformers(tmp_path, lengths):
    model = network(shape(context=16))
    folder = write_bundle(tmp_path / "tiny", model)
    chapters, characters = chapters_of(lengths), [max(1, length - 2) for length in lengths]
    score = evaluate.score_chapters(model, chapters, characters)
    assert score.bits_per_character == pytest.approx(independent_bits_per_character(folder, chapters, characters), abs=1e-4)
    assert score.tokens == sum(lengths) - len(lengths)
    assert score.loss == pytest.approx(score.bits_per_character * math.log(2) * sum(characters) / score.tokens)
    assert (score.characters, score.estimate) == (sum(characters), False)


@given(st.integers(1, 300), st.integers(2, 40))
def test_every_id_but_the_first_is_scored_once_after_at_least_half_a_window(length, context):
    windows = list(evaluate.overlapping(0, length, context))
    assert [place for window in windows for place in range(window.scored, window.end)] == list(range(1, length))
    for window in windows:
        assert window.end - window.begin <= context
        assert window.scored - window.begin >= (1 if window.begin == 0 else context - context // 2)


@given(LENGTHS, st.integers(1, 40))
def test_windows_side_by_side_score_every_id_once(lengths, context):
    windows = list(evaluate.side_by_side(lengths, context))
    scored = [(window.chapter, place) for window in windows for place in range(window.scored, window.end)]
    assert scored == [(chapter, place) for chapter, length in enumerate(lengths) for place in range(1, length)]
    assert all(window.end - window.begin - 1 <= context for window in windows)


@given(st.integers(1, 300), st.integers(0, 5000))
def test_an_estimate_spreads_its_windows_evenly_over_all_the_text(count, budget):
    windows = list(evaluate.side_by_side([10 * count + 1], 10))
    places = [window.begin // 10 for window in evaluate.spread(windows, budget)]
    assert len(places) == min(count, max(1, budget // 10))
    steps = [after - before for before, after in pairwise([-1, *places])]
    assert all(step >= 1 for step in steps)
    assert max(steps[1:], default=1) - min(steps[1:], default=1) <= 1


def test_an_estimate_of_everything_is_near_the_score_and_says_it_is_one():
    model, chapters = network(SHAPE), chapters_of([60, 40])
    score = evaluate.score_chapters(model, chapters, [59, 39])
    guess = evaluate.estimate(model, chapters, [59, 39], 10_000)
    assert guess.estimate
    assert (guess.tokens, guess.characters) == (score.tokens, score.characters)
    assert guess.bits_per_character == pytest.approx(score.bits_per_character, rel=0.1)


def test_an_estimate_of_one_window_is_the_score_of_the_one_in_the_middle():
    model, chapters = network(SHAPE), chapters_of([60])
    inputs, targets = (torch.from_numpy(part[None].astype(np.int64)) for part in (chapters[0][32:48], chapters[0][33:49]))
    guess = evaluate.estimate(model, chapters, [118], 16)
    assert guess.loss == pytest.approx(model.loss(inputs, targets).item(), rel=1e-5)
    assert (guess.tokens, guess.characters) == (16, 32)
    assert guess.bits_per_character == pytest.approx(guess.loss / math.log(2) / 2)


def test_a_constant_network_scores_what_arithmetic_says():
    model = constant({"玉": 0.0, "黛": 0.0})
    ids = tokenizer().encode("玉黛玉玉黛" * 20)
    score = evaluate.score_chapters(model, [np.concatenate([[0], ids])], [100])
    assert score.bits_per_character == pytest.approx(1.0, abs=1e-4)
    assert score.loss == pytest.approx(math.log(2), abs=1e-4)


def test_scoring_draws_no_random_numbers_and_restores_the_mode():
    model = gpt.GPT(SHAPE, dropout=0.5)
    before = torch.get_rng_state()
    first, second = (evaluate.score_chapters(model, chapters_of([40]), [39]) for _ in range(2))
    evaluate.estimate(model, chapters_of([40]), [39], 10)
    assert first == second
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training
    model.eval()
    evaluate.score_chapters(model, chapters_of([40]), [39])
    assert not model.training


def test_how_windows_are_batched_changes_nothing(monkeypatch):
    model, chapters = network(SHAPE), chapters_of([100, 3, 50])
    batched = evaluate.score_chapters(model, chapters, [1, 1, 1])
    monkeypatch.setattr(evaluate, "LARGEST_LOGITS", 1)
    assert evaluate.score_chapters(model, chapters, [1, 1, 1]).loss == pytest.approx(batched.loss, rel=1e-6)


def test_nothing_to_score_is_a_sentence():
    with pytest.raises(BadText, match="no text to score"):
        evaluate.score_chapters(network(SHAPE), chapters_of([1]), [0])
    with pytest.raises(BadText, match="no text to score"):
        evaluate.estimate(network(SHAPE), [], [], 100)
    with pytest.raises(BadSettings, match="context must be at least 2"):
        evaluate.score_chapters(network(ModelShape(50, 1, 1, 1, 4)), chapters_of([9]), [8])


@pytest.fixture
def world(workspace):
    """A corpus with its encoding, and of the same network a bundle and a run."""
    corpus = write_corpus(workspace, [(TEXT, False), (HELD_OUT, True), ("宝玉。", True)])
    encoding = encode.encode(corpus)
    model = network()
    made_from = {"run": "r", "step": 40, "corpus": corpus.id, "encoding": encoding.id}
    write_bundle(workspace.bundles / "石头记", model, {"title": "石头记", "made_from": made_from})
    run = workspace.new_run("石头记-试")
    run.checkpoint(40).mkdir(parents=True)
    gpt.save_weights(model, run.checkpoint(40) / "model.safetensors")
    write_json(run.pointer("best"), {"step": 40})
    write_json(run.manifest, {"shape": model.shape.to_json(), "corpus": corpus.id, "encoding": encoding.id})
    return workspace, corpus, run, model


def say(capsys, *arguments):
    code = evaluate.main([*arguments, "--device", "cpu", "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else {}, said.err


def test_a_bundle_and_its_run_score_the_same_on_the_held_out_chapters(world, capsys):
    workspace, _, run, model = world
    code, of_bundle, _ = say(capsys, "石头记")
    assert code == 0
    assert of_bundle["bundle"] == "石头记"
    assert (of_bundle["characters"], of_bundle["chapters"], of_bundle["estimate"]) == (len(HELD_OUT) + 3, 2, False)
    of_run = say(capsys, run.id)[1]
    assert (of_run["run"], of_run["step"]) == (run.id, 40)
    assert of_run["bits_per_character"] == of_bundle["bits_per_character"]
    opened = encode.open_encoding(workspace.corpus("红楼梦").encoding())
    score = evaluate.score_chapters(model, opened.valid, opened.valid_characters)
    assert of_bundle["bits_per_character"] == score.bits_per_character
    assert (of_bundle["loss"], of_bundle["tokens"]) == (score.loss, score.tokens)


def test_a_file_is_one_chapter_whose_newlines_are_one_character(world, tmp_path, capsys):
    (tmp_path / "text.txt").write_bytes(HELD_OUT.replace("\n", "\r\n").encode("gb18030"))
    _, _, run, model = world
    ids = np.concatenate([[0], tokenizer().encode(HELD_OUT)])
    score = evaluate.score_chapters(model, [ids], [len(HELD_OUT)])
    for wanted in ("石头记", run.id):
        said = say(capsys, wanted, "--file", str(tmp_path / "text.txt"))[1]
        assert said["bits_per_character"] == pytest.approx(score.bits_per_character, rel=1e-9)
        assert (said["characters"], said["chapters"]) == (len(HELD_OUT), 1)


def test_people_read_one_line(world, capsys):
    assert evaluate.main(["石头记", "--device", "cpu"]) == 0
    out = capsys.readouterr().out
    assert "bits per character over" in out
    assert out.count("\n") == 1


def test_a_corpus_that_is_gone_is_said_with_a_way_out(world, tmp_path, capsys):
    _, corpus, _, _ = world
    corpus.path.rename(corpus.path.with_name("other"))
    code, _, err = say(capsys, "石头记")
    assert code == MISTAKE
    assert f"({corpus.id}) is not in this workspace; give a text with --file" in err
    (tmp_path / "text.txt").write_text(HELD_OUT, encoding="utf-8")
    assert say(capsys, "石头记", "--file", str(tmp_path / "text.txt"))[0] == 0


def test_a_corpus_that_holds_nothing_out_is_said_with_a_way_out(workspace, capsys):
    corpus = write_corpus(workspace, [(TEXT, False)])
    made_from = {"corpus": corpus.id, "encoding": encode.encode(corpus).id}
    write_bundle(workspace.bundles / "石头记", network(), {"title": "石头记", "made_from": made_from})
    code, _, err = say(capsys, "石头记")
    assert (code, err) == (MISTAKE, "its corpus holds out no chapter; give a text with --file\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing"], "there is no bundle or run 'nothing'"),
        (["石头记", "--file", "/nowhere.txt"], "there is no file /nowhere.txt"),
        (["石头记", "--device", "9"], "there is no device '9'"),
    ],
)
def test_a_mistake_is_one_sentence(world, capsys, arguments, why):
    assert evaluate.main(arguments) == MISTAKE
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert why in said.err


def test_a_run_without_a_checkpoint_says_to_wait(world, capsys):
    _, _, run, _ = world
    run.pointer("best").unlink()
    code, _, err = say(capsys, run.id)
    assert code == MISTAKE
    assert "no evaluated checkpoint yet" in err


def test_figures_that_are_no_numbers_are_said(world, capsys):
    _, _, run, model = world
    with torch.no_grad():
        model.transformer.ln_f.bias[0] = float("nan")
    gpt.save_weights(model, run.checkpoint(40) / "model.safetensors")
    code, _, err = say(capsys, run.id)
    assert code == MISTAKE
    assert "no numbers" in err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_file_that_is_no_text_is_said_by_name(world, tmp_path, capsys):
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, why in [("empty.txt", "empty.txt: the file is empty"), ("folder", "is a folder"), ("pipe", "is no ordinary file")]:
        code, _, err = say(capsys, "石头记", "--file", str(tmp_path / name))
        assert code == MISTAKE
        assert why in err
