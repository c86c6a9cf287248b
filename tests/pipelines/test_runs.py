"""Runs as real processes: started, watched, stopped, paused, killed and resumed by the commands a person has."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from pipelines import launch, status
from pipelines.files import read_json, read_lines, sha256_of
from pipelines.folders import RunFolder
from pipelines.workspace import open_workspace

pytestmark = pytest.mark.slow

TINY = [
    "--preset=pocket",
    "--batch-size=2",
    "--optimizer=adamw",
    "--learning-rate=0.002",
    "--devices=cpu",
    "--threads=1",
    "--sample-length=4",
]
ENDLESS = [*TINY, "--steps=1000000", "--evaluate-every=100000"]
DEADLINE_SECONDS = 60


@pytest.fixture
def home(encoded_workspace, tmp_path):
    """A fresh copy of a workspace whose only corpus is encoded."""
    folder = tmp_path / "home"
    shutil.copytree(encoded_workspace, folder)
    yield open_workspace(str(folder))
    for path in (folder / "runs").glob("*-*"):
        process = status.trainer_process(RunFolder(path))
        if process is not None:
            os.killpg(os.getpgid(process.pid), signal.SIGKILL)


@pytest.fixture
def runs(moxu, home):
    """Run `pipelines.runs` on the home workspace: (exit code, JSON, stderr)."""

    def call(action, *arguments):
        return moxu("runs", action, *arguments, workspace=home.root)

    return call


@pytest.fixture
def start(runs, home):
    corpus = next(home.corpora.iterdir()).name

    def begin(*flags, preset=ENDLESS) -> RunFolder:
        code, facts, error = runs("start", corpus, *preset, *flags)
        assert code == 0, error
        return home.run(facts["run"])

    return begin


def until(condition, what):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s for {what}"
        time.sleep(0.05)


def reach(run, step):
    until(lambda: status.read(run)["step"] >= step, f"step {step}")


def kill(run):
    os.kill(status.read(run)["pid"], signal.SIGKILL)
    until(lambda: not status.is_alive(run) and run.exit.exists(), "the end of a killed trainer")


def test_a_run_learns_and_leaves_a_bundle_that_evaluates_to_its_score(runs, start, moxu, home):
    run = start("--wait", "--evaluate-every=20", preset=[*TINY, "--steps=40"])
    _, facts, _ = runs("show", run.id)
    assert (facts["phase"], facts["step"]) == ("done", 40)
    rows, _ = read_lines(run.metrics)
    held_out = [row["bits_per_character"] for row in rows if row["kind"] == "held_out"]
    assert len(held_out) == 3
    assert held_out[-1] < held_out[0] - 1
    assert {row["step"] for row in read_lines(run.samples)[0]} == {0, 20, 40}
    _, score, _ = moxu("evaluate", facts["bundle"], workspace=home.root)
    assert score["bits_per_character"] == pytest.approx(facts["bits_per_character"], abs=1e-9)
    assert read_json(run.exit)["code"] == 0


def test_a_killed_run_is_interrupted_not_running_and_says_how_it_ended(runs, start):
    run = start()
    reach(run, 3)
    kill(run)
    _, facts, _ = runs("show", run.id)
    assert facts["phase"] == "interrupted"
    assert facts["exit"]["code"] == -signal.SIGKILL
    assert "SIGKILL" in facts["exit"]["reason"]


def test_a_run_killed_three_times_ends_with_the_weights_of_the_undisturbed_one(runs, start, home):
    flags = [
        "--steps=120",
        "--evaluate-every=20",
        "--keep-checkpoints=1",
        "--checkpoint-minutes=0.02",
        "--log-every=1",
        "--optimizer=muon",
    ]
    whole = start("--wait", preset=[*TINY, *flags])
    broken = start(preset=[*TINY, *flags])
    for step in (7, 33, 71):
        # By the rows of metrics, which come with every step; the status comes every two seconds.
        until(lambda step=step: len(read_lines(broken.metrics)[0]) >= step, f"row {step}")
        kill(broken)
        assert runs("resume", broken.id)[0] == 0
    until(lambda: not status.is_alive(broken), "the end")
    ends = [read_json(run.status) for run in (whole, broken)]
    assert [end["phase"] for end in ends] == ["done", "done"]
    weights = [home.bundle(end["bundle"]) / "model.safetensors" for end in ends]
    assert sha256_of(weights[0]) == sha256_of(weights[1])
    assert ends[0]["bits_per_character"] == ends[1]["bits_per_character"]
    losses = [
        {row["step"]: row["bits_per_character"] for row in read_lines(run.metrics)[0] if row["kind"] == "held_out"}
        for run in (whole, broken)
    ]
    assert losses[0] == losses[1]


def test_a_run_outlives_the_terminal_that_started_it(home):
    corpus = next(home.corpora.iterdir()).name
    command = [sys.executable, "-m", "pipelines.runs", "start", corpus, *ENDLESS, "--wait", "--workspace", str(home.root)]
    terminal = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    until(lambda: list(home.runs.glob("*/status.json")), "the run")
    run = RunFolder(next(home.runs.iterdir()))
    until(lambda: status.is_alive(run), "the trainer")
    os.killpg(terminal.pid, signal.SIGHUP)
    terminal.wait()
    reach(run, status.read(run)["step"] + 5)
    assert status.phase(run) == "training"


def test_ctrl_c_ends_the_waiting_and_not_the_run(home):
    corpus = next(home.corpora.iterdir()).name
    command = [sys.executable, "-m", "pipelines.runs", "start", corpus, *ENDLESS, "--wait", "--workspace", str(home.root)]
    person = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert "has begun" in person.stderr.readline()
    person.send_signal(signal.SIGINT)
    assert "goes on in the background" in person.communicate()[1]
    assert person.returncode == 130
    reach(RunFolder(next(home.runs.iterdir())), 2)


def test_finishing_twice_after_a_kill_makes_one_bundle(start, moxu, home):
    run = start("--wait", preset=[*TINY, "--steps=6"])
    code, facts, _ = moxu("train", run.id, workspace=home.root)
    assert (code, facts["phase"]) == (0, "done")
    assert [path.name for path in home.bundles.iterdir()] == [facts["bundle"]]


def test_stop_leaves_a_bundle_of_the_best_checkpoint(runs, start, home):
    run = start("--evaluate-every=5")
    reach(run, 6)
    code, facts, _ = runs("stop", run.id)
    assert (code, facts["phase"], facts["error"]) == (0, "stopped", None)
    made_from = read_json(home.bundle(facts["bundle"]) / "bundle.json")["made_from"]
    assert made_from["step"] == read_json(run.pointer("best"))["step"] > 0
    assert runs("stop", run.id)[0] == 2


def test_pause_frees_the_device_and_resume_goes_on_where_it_was(runs, start):
    run = start()
    reach(run, 5)
    _, paused, _ = runs("pause", run.id)
    assert (paused["phase"], paused["bundle"]) == ("paused", None)
    assert runs("resume", run.id)[0] == 0
    reach(run, paused["step"] + 3)
    rows, _ = read_lines(run.metrics)
    steps = [row["step"] for row in rows if row["kind"] == "train"]
    assert steps == sorted(set(steps))


def test_a_shutdown_signal_saves_everything_and_pauses(start):
    run = start()
    reach(run, 4)
    psutil.Process(status.read(run)["pid"]).terminate()
    until(lambda: not status.is_alive(run) and run.exit.exists(), "the end")
    assert status.phase(run) == "paused"
    assert read_json(run.exit)["reason"] == "SIGTERM"
    assert read_json(run.pointer("latest"))["step"] == status.read(run)["step"]


def test_stopping_an_interrupted_run_still_makes_its_bundle(runs, start):
    run = start("--evaluate-every=5")
    reach(run, 7)
    kill(run)
    code, facts, _ = runs("stop", run.id)
    assert (code, facts["phase"]) == (0, "stopped")
    assert facts["bundle"]


def test_stopping_a_paused_run_measures_what_it_learned_last(runs, start, home):
    run = start()
    reach(run, 60)
    paused = runs("pause", run.id)[1]["step"]
    code, facts, _ = runs("stop", run.id)
    assert (code, facts["phase"], facts["best_step"]) == (0, "stopped", paused)
    assert read_json(home.bundle(facts["bundle"]) / "bundle.json")["made_from"]["step"] == paused


def test_a_run_whose_figures_run_away_fails_with_a_sentence_and_keeps_what_was_good(runs, start, home):
    wild = ["--optimizer=adamw", "--learning-rate=1", "--weight-decay=10", "--warmup-steps=0", "--clip=0"]
    run = start(preset=[*TINY, "--steps=300", "--evaluate-every=1", *wild])
    until(lambda: not status.is_alive(run) and run.exit.exists(), "the failure")
    _, facts, _ = runs("show", run.id)
    assert (facts["phase"], facts["error"]["code"]) == ("failed", "not_finite")
    assert "NaN" not in run.metrics.read_text(encoding="utf-8")
    assert "lower --learning-rate" in facts["error"]["message"]
    # Nothing was better than the untrained network here, so stopping makes no bundle and says so.
    code, facts, error = runs("stop", run.id)
    assert (code, facts and facts["phase"], facts and facts["bundle"]) == (0, "stopped", None), error
    assert "nothing was learned" in facts["note"]


def test_a_damaged_best_checkpoint_never_becomes_a_bundle(runs, start, home):
    run = start("--evaluate-every=5")
    reach(run, 12)
    runs("pause", run.id)
    best = read_json(run.pointer("best"))["step"]
    weights = run.checkpoint(best) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000] + bytes(1000))
    _, facts, _ = runs("stop", run.id)
    assert facts["phase"] == "stopped"
    assert facts["best_step"] != best
    assert read_json(home.bundle(facts["bundle"]) / "bundle.json")["made_from"]["step"] == facts["best_step"]


def test_a_frozen_trainer_is_killed_and_its_work_becomes_a_bundle_all_the_same(runs, start, home, monkeypatch):
    monkeypatch.setattr(launch, "TERM_SECONDS", 0.5)
    run = start("--evaluate-every=5")
    reach(run, 12)
    psutil.Process(status.read(run)["pid"]).suspend()
    assert launch.stop(home, run, seconds=0.5) == "stopped"
    assert runs("show", run.id)[1]["bundle"]


def test_a_longer_budget_out_of_range_changes_nothing(runs, start):
    run = start("--wait", preset=[*TINY, "--steps=6"])
    code, _, error = runs("resume", run.id, "--steps=99999999999")
    assert (code, run.budget.exists()) == (2, False)
    assert "steps must be at most" in error


def test_what_is_no_run_or_bundle_breaks_nobody(runs, start, moxu, home):
    for place in (home.runs, home.bundles):
        (place / "odd").mkdir()
    run = start("--wait", preset=[*TINY, "--steps=6"])
    assert [row["run"] for row in runs("list")[1]["runs"]] == [run.id]
    assert [row["id"] for row in moxu("shelf", "list", workspace=home.root)[1]["bundles"]] == [status.read(run)["bundle"]]


def test_a_second_run_waits_says_so_and_starts_when_the_first_ends(runs, start):
    first, second = start(), start()
    _, facts, _ = runs("show", second.id)
    assert (facts["phase"], facts["waiting_for"]) == ("queued", "the device cpu is busy")
    assert runs("stop", first.id)[0] == 0
    reach(second, 1)
    assert status.phase(second) == "training"


def test_a_waiting_run_can_be_stopped_and_leaves_nothing(runs, start, home):
    first, second = start(), start()
    reach(first, 1)
    _, facts, _ = runs("stop", second.id)
    assert (facts["phase"], facts["bundle"]) == ("stopped", None)
    assert read_json(home.queue) == []
    assert status.is_alive(first)


def test_waiting_runs_that_lost_their_process_are_taken_up_again(runs, start):
    first, second = start(), start()
    reach(first, 1)
    kill(second)
    kill(first)
    _, facts, _ = runs("resume")
    assert facts["runs"] == [second.id]
    reach(second, 1)


def test_a_finished_run_says_what_is_left_to_do_and_can_be_taught_further(runs, start):
    run = start("--wait", preset=[*TINY, "--steps=6"])
    code, _, error = runs("resume", run.id)
    assert code == 2
    assert "--steps" in error
    assert runs("resume", run.id, "--steps=5")[0] == 2
    code, facts, _ = runs("resume", run.id, "--steps=12", "--wait")
    assert (code, facts["phase"], facts["step"]) == (0, "done", 12)


def test_two_resumes_at_once_make_one_trainer(start, home):
    run = start()
    reach(run, 2)
    kill(run)
    command = [sys.executable, "-m", "pipelines.runs", "resume", run.id, "--workspace", str(home.root)]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert sorted(process.wait() for process in both)[0] == 0
    reach(run, status.read(run)["step"] + 3)
    trainers = [process for process in psutil.process_iter(["cmdline"]) if is_trainer_of(process, run)]
    until(lambda: sum(process.is_running() for process in trainers) == 1, "a single trainer")


def is_trainer_of(process, run):
    words = process.info["cmdline"] or []
    return "pipelines.train" in words and run.id in words


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 130 MB of its own; making one takes a right that most users lack."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=130m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk to fill")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_fills_pauses_the_run_says_so_and_loses_nothing(moxu, encoded_workspace, small_disk):
    shutil.copytree(encoded_workspace, small_disk / "home")
    home = open_workspace(str(small_disk / "home"))
    corpus = next(home.corpora.iterdir()).name
    _, facts, _ = moxu("runs", "start", corpus, *TINY, "--steps=80", "--evaluate-every=10", workspace=home.root)
    run = home.run(facts["run"])
    reach(run, 15)
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(2**20))
    until(lambda: not status.is_alive(run), "the pause")
    assert status.phase(run) == "paused"
    assert "free some space" in status.read(run)["error"]["message"]
    filler.unlink()
    code, facts, error = moxu("runs", "resume", run.id, "--wait", workspace=home.root)
    assert (code, facts and facts["phase"], facts and facts["step"]) == (0, "done", 80), error


def test_a_changed_corpus_is_refused(runs, start, home):
    run = start()
    reach(run, 2)
    kill(run)
    encoding = next(next(home.corpora.iterdir()).glob("encodings/*"))
    (encoding / "train.bin").write_bytes(bytes((encoding / "train.bin").stat().st_size))
    code, _, error = runs("resume", run.id, "--wait")
    assert code == 2
    assert "train.bin" in error


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--steps=0"], "steps must be at least 1, got 0"),
        (["--preset=huge"], "there is no preset 'huge'"),
        (["--preset=base"], "too few for the preset base"),
        (["--devices=7"], "there is no device '7'"),
        (["--encoding=words"], "there is no encoding 'words'"),
    ],
)
def test_what_cannot_start_says_why_and_leaves_no_run(runs, home, flags, sentence):
    corpus = next(home.corpora.iterdir()).name
    if "--preset=base" in flags:
        shorten(home)
    code, facts, error = runs("start", corpus, *flags)
    assert (code, facts) == (2, None)
    assert sentence in error
    assert error.count("\n") == 1
    assert list(home.runs.iterdir()) == []


def shorten(home):
    """Leave a training text of 1,000 tokens, fewer than two windows of 1,024."""
    encoding = next(next(home.corpora.iterdir()).glob("encodings/*"))
    manifest = read_json(encoding / "encoding.json")
    from pipelines.files import write_json

    (encoding / "train.bin").write_bytes((encoding / "train.bin").read_bytes()[:2000])
    write_json(encoding / "encoding.json", manifest | {"train_tokens": 1000})


def test_an_unknown_corpus_or_run_is_one_sentence(runs):
    for arguments in (("start", "nothing"), ("show", "nothing"), ("stop", "nothing"), ("resume", "nothing")):
        code, _, error = runs(*arguments)
        assert code == 2
        assert error.startswith("there is no ")
