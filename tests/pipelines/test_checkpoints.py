import random

import pytest
import torch

from models.gpt import GPT
from models.shape import ModelShape
from pipelines import checkpoints, optimizers, settings
from pipelines.checkpoints import Position
from pipelines.errors import BrokenArtifact, Conflict
from pipelines.files import read_json
from pipelines.folders import RunFolder
from pipelines.training_settings import TrainingSettings

SHAPE = ModelShape(vocabulary=20, context=8, layers=1, heads=2, width=8)


@pytest.fixture
def run(workspace):
    folder = RunFolder(workspace.runs / "a")
    folder.checkpoints.mkdir(parents=True)
    return folder


@pytest.fixture
def taught():
    model = GPT(SHAPE)
    made = optimizers.build(model, settings.replace(TrainingSettings(), {"steps": 5}))
    ids = torch.zeros(2, 8, dtype=torch.long)
    model.loss(ids, ids).backward()
    made.step(1.0)
    return model, made


def test_a_checkpoint_gives_back_weights_state_and_position(run, taught):
    model, made = taught
    checkpoints.save(run, model, made, Position(step=7, tokens=70, seconds=1.5, learning_seconds=1.0))
    other = GPT(SHAPE)
    again = optimizers.build(other, settings.replace(TrainingSettings(), {"steps": 5}))
    position = checkpoints.load(run, other, again, 7)
    assert position == Position(7, 70, 1.5, 1.0)
    assert all(torch.equal(value, again.state()[name]) for name, value in made.state().items())
    assert all(torch.equal(*pair) for pair in zip(model.parameters(), other.parameters(), strict=True))
    assert read_json(run.pointer("latest")) == {"step": 7}


def test_a_flipped_bit_is_found_and_the_checkpoint_before_it_used(run, taught):
    for step in (1, 2):
        checkpoints.save(run, *taught, Position(step=step))
    for name in (checkpoints.MODEL, checkpoints.OPTIMIZER):
        path = run.checkpoint(2) / name
        whole = path.read_bytes()
        place = random.Random(name).randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert checkpoints.good_steps(run) == [1]
        next(run.checkpoints.glob("damaged-2-*")).rename(run.checkpoint(2))
        path.write_bytes(whole)
    assert checkpoints.good_steps(run) == [1, 2]


def test_weights_that_are_no_numbers_are_never_saved(run, taught):
    model, made = taught
    checkpoints.save(run, model, made, Position(step=1))
    with torch.no_grad():
        next(model.parameters())[0] = float("nan")
    with pytest.raises(BrokenArtifact, match="at step 2"):
        checkpoints.save(run, model, made, Position(step=2))
    assert checkpoints.good_steps(run) == [1]
    assert read_json(run.pointer("latest")) == {"step": 1}


def test_a_half_written_checkpoint_is_not_seen_and_swept(run, taught):
    checkpoints.save(run, *taught, Position(step=1))
    (run.checkpoints / "step-2.partial").mkdir()
    assert checkpoints.good_steps(run) == [1]
    checkpoints.sweep(run)
    assert [path.name for path in run.checkpoints.glob("step-*")] == ["step-1"]


def test_the_best_and_the_latest_are_kept(run, taught):
    held_out = {0: 9.0, 1: 3.0, 2: 5.0, 3: 4.0}
    for step in range(5):
        checkpoints.save(run, *taught, Position(step=step))
    checkpoints.prune(run, keep=2, held_out=held_out)
    assert checkpoints.steps(run) == [1, 3, 4]
    assert checkpoints.point_best(run, held_out) == 1
    assert read_json(run.pointer("best")) == {"step": 1, "bits_per_character": 3.0}


def test_without_an_evaluated_checkpoint_there_is_no_best(run, taught):
    checkpoints.save(run, *taught, Position(step=1))
    with pytest.raises(Conflict):
        checkpoints.point_best(run, {})
