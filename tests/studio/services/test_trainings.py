"""Trainings with a trainer that is only pretended: what it would say is written, and its lock held."""

import shutil
import threading
import time

import pytest

from pipelines import launch, locks, prepare, status
from pipelines.errors import BadSettings, BadText, Conflict, Forbidden, NotFound
from pipelines.files import append_line, read_json, write_json
from pipelines.folders import list_folders
from pipelines.ingest import ingest
from pipelines.workspace import change_meta, open_workspace
from studio.access import ADMIN, GUEST, Visitor
from studio.services import trainings
from studio.services.trainings import Trainings
from studio.words import load_words

WRITER = Visitor("ann", "writer")


@pytest.fixture
def home(encoded_workspace, tmp_path):
    folder = tmp_path / "home"
    shutil.copytree(encoded_workspace, folder)
    return open_workspace(str(folder))


@pytest.fixture
def service(home, monkeypatch):
    """The service, whose steps run here and whose trainers only take their locks."""
    held = []

    def pretend(workspace, run):
        write_json(run.status, status.read(run) | {"phase": "training", "step": status.read(run).get("step", 0)})
        held.append(locks.acquire(run.lock))
        return run

    monkeypatch.setattr(trainings, "run_step", lambda function, *arguments, **named: function(*arguments, **named))
    monkeypatch.setattr(launch, "launch", pretend)
    yield Trainings(home)
    for lock in held:
        lock.release()


@pytest.fixture
def novel(home):
    return list_folders(home.novels)[0].name


@pytest.fixture
def run(service, home, novel):
    return home.run(service.start(ADMIN, [novel], "pocket").run)


def end(home, run, phase, **more):
    """Let the pretended trainer end so: its lock is another process' to the system, and goes with the file."""
    run.lock.unlink(missing_ok=True)
    write_json(run.status, status.read(run) | {"phase": phase} | more)


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_start_prepares_and_leaves_a_run_with_what_was_asked(service, home, novel):
    started = service.start(ADMIN, [novel], "pocket", " my run ", {"minutes": 3})
    assert started.fresh
    facts = service.describe(ADMIN, started.run)
    assert (facts["title"], facts["phase"], facts["preset"]) == ("my run", "training", "pocket")
    assert read_json(home.run(started.run).manifest)["settings"]["minutes"] == 3
    assert len(list_folders(home.corpora)) == 1


def test_the_same_order_again_is_the_same_run_while_it_lives(service, home, novel, run):
    assert service.start(ADMIN, [novel], "pocket") == trainings.Started(run.id, False)
    assert service.start(ADMIN, [novel], "pocket", budget={"minutes": 2}).fresh
    end(home, run, "done")
    assert service.start(ADMIN, [novel], "pocket").fresh


def test_a_run_that_is_being_stopped_is_no_answer_to_a_start(service, home, novel, run):
    run.wish("stop").touch()
    assert service.start(ADMIN, [novel], "pocket").fresh


def test_two_presses_at_once_are_one_run(service, home, novel, monkeypatch):
    both, answers, run_here = threading.Barrier(2), [], trainings.run_step

    def slow(function, *arguments, **named):
        both.wait(5)
        return run_here(function, *arguments, **named)

    monkeypatch.setattr(trainings, "run_step", slow)
    threads = [threading.Thread(target=lambda: answers.append(service.start(ADMIN, [novel], "pocket"))) for _ in range(2)]
    threads[0].start()
    until(lambda: service._starting)
    threads[1].start()
    both.wait(5)
    for thread in threads:
        thread.join()
    assert sorted(answer.fresh for answer in answers) == [False, True]
    assert len({answer.run for answer in answers}) == len(list_folders(home.runs)) == 1
    assert service._starting == {}


def test_a_start_that_fails_can_be_tried_again(service, novel):
    for _ in range(2):
        with pytest.raises(BadSettings):
            service.start(ADMIN, [novel], "pocket", budget={"minutes": -1})
    assert service._starting == {}
    assert service.start(ADMIN, [novel], "pocket").fresh


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"novel_ids": []}, BadSettings, "no_novels"),
        ({"novel_ids": ["nobody"]}, NotFound, "no_novel"),
        ({"preset": "giant"}, NotFound, "no_preset"),
        ({"preset": "gpt2", "novel_ids": "short"}, BadText, None),
        ({"device": "7"}, BadSettings, "no_device"),
        ({"budget": {"minutes": 0.0}}, BadSettings, "out_of_range"),
    ],
)
def test_what_cannot_be_leaves_no_run(service, home, novel, tmp_path, change, error, code):
    if change.get("novel_ids") == "short":
        file = tmp_path / "short.txt"
        file.write_text("雪停了。", encoding="utf-8")
        change = change | {"novel_ids": [ingest(home, [file]).novels[0]["id"]]}
    with pytest.raises(error) as caught:
        service.start(ADMIN, **{"novel_ids": [novel], "preset": "pocket"} | change)
    assert code in (None, caught.value.code)
    assert list_folders(home.runs) == []


def test_a_full_disk_is_said_before_anything_is_written(service, home, novel, monkeypatch):
    monkeypatch.setattr(launch, "SPARE_BYTES", 10**18)
    with pytest.raises(Conflict) as caught:
        service.start(ADMIN, [novel], "pocket")
    assert caught.value.code == "disk_full"
    assert list_folders(home.runs) == []


def test_the_story_is_one_press_from_an_empty_workspace(service, workspace, monkeypatch):
    empty = Trainings(workspace)
    started = empty.try_story(ADMIN, "en")
    assert empty.describe(ADMIN, started.run)["preset"] == "pocket"
    assert empty.try_story(ADMIN, "en") == trainings.Started(started.run, False)
    assert len(list_folders(workspace.novels)) == 1


def test_a_run_belongs_to_who_started_it(service, home, novel):
    change_meta(home.novel(novel).meta, shared=True)
    run = service.start(WRITER, [novel], "pocket").run
    assert read_json(home.run(run).meta)["owner"] == "ann"
    assert [facts["run"] for facts in service.every(WRITER)] == [run]
    assert service.every(Visitor("bob", "writer")) == []


def test_the_story_and_all_that_is_made_of_it_belong_to_who_asked(service, home):
    run = home.run(service.try_story(WRITER, "en").run)
    corpus = home.corpus(read_json(run.manifest)["corpus"])
    novel = home.novel(read_json(corpus.manifest)["made_from"][0]["novel"])
    assert [read_json(thing.meta)["owner"] for thing in (novel, corpus, run)] == ["ann"] * 3


@pytest.mark.parametrize("damage", ["", "[]", "null", '"x"', "{}", "[" * 100_000])
@pytest.mark.parametrize("file", ["run.json", "meta.json", "status.json", "exit.json"])
def test_a_damaged_run_does_not_hide_the_others(service, home, novel, run, file, damage):
    other = service.start(ADMIN, [novel], "pocket", budget={"steps": 7}).run
    (home.run(other).path / file).write_text(damage, encoding="utf-8")
    assert run.id in [facts["run"] for facts in service.every(ADMIN)]
    assert [row["id"] for row in service.novels(ADMIN)] == [novel]
    service.waiting(ADMIN)


@pytest.mark.parametrize("damage", ["[]", "null", "7", "{}", "[" * 100_000])
@pytest.mark.parametrize("file", ["novel.json", "meta.json"])
def test_a_damaged_novel_is_not_offered_and_the_others_are(service, home, novel, file, damage):
    other = service.workspace.novels / "other-00000000"
    shutil.copytree(home.novel(novel).path, other)
    (other / file).write_text(damage, encoding="utf-8")
    assert [row["id"] for row in service.novels(ADMIN)] == [novel]


def test_a_guest_may_neither_start_nor_see_nor_stop(service, home, novel, run):
    assert service.every(GUEST) == []
    for forbidden in (
        lambda: service.start(GUEST, [novel], "pocket"),
        lambda: service.try_story(GUEST, "zh"),
        lambda: service.describe(GUEST, run.id),
        lambda: service.curve(GUEST, run.id),
        lambda: service.samples(GUEST, run.id),
        lambda: service.log_tail(GUEST, run.id),
        lambda: service.stop(GUEST, run.id),
        lambda: service.pause(GUEST, run.id),
        lambda: service.resume(GUEST, run.id),
        lambda: service.rename(GUEST, run.id, "x"),
        lambda: service.remove(GUEST, run.id),
    ):
        with pytest.raises(Forbidden):
            forbidden()


def test_a_part_of_an_id_is_no_id_on_a_page(service, run):
    with pytest.raises(NotFound):
        service.describe(ADMIN, run.id[:-1])


def test_a_damaged_run_is_no_reason_to_show_none(service, home, run):
    for name, text in (("odd", None), ("torn", "{"), ("empty", "{}")):
        (home.runs / name).mkdir()
        if text:
            (home.runs / name / "run.json").write_text(text, encoding="utf-8")
    assert [facts["run"] for facts in service.every(ADMIN)] == [run.id]


@pytest.mark.parametrize("wish", ["stop", "pause"])
def test_an_ending_answers_at_once_and_shows_until_it_is_done(service, home, run, monkeypatch, wish):
    climbing, done = threading.Event(), threading.Event()

    def climb(*_):
        climbing.set()
        done.wait(10)

    monkeypatch.setattr(launch, wish, climb)
    for _ in range(2):
        getattr(service, wish)(ADMIN, run.id)
    assert climbing.wait(5)
    assert service.describe(ADMIN, run.id)["wishes"] == [wish]
    assert run.wish(wish).exists()
    done.set()
    until(lambda: not service._ending)


def test_an_ending_that_fails_in_its_thread_is_logged_and_over(service, home, run, monkeypatch, caplog):
    def fail(*_):
        raise Conflict("no_start", "the trainer did not start")

    monkeypatch.setattr(launch, "stop", fail)
    service.stop(ADMIN, run.id)
    until(lambda: not service._ending)
    assert "did not start" in caplog.text


def test_what_has_ended_cannot_be_stopped_or_paused(service, home, run):
    end(home, run, "done")
    for act, code in ((service.stop, "run_ended"), (service.pause, "run_not_alive")):
        with pytest.raises(Conflict) as caught:
            act(ADMIN, run.id)
        assert caught.value.code == code


def test_an_interrupted_run_goes_on_and_a_living_one_does_already(service, home, run):
    with pytest.raises(Conflict) as caught:
        service.resume(ADMIN, run.id)
    assert caught.value.code == "run_goes_on"
    run.lock.unlink()
    assert service.describe(ADMIN, run.id)["phase"] == "interrupted"
    service.resume(ADMIN, run.id)
    assert service.describe(ADMIN, run.id)["phase"] == "training"


def test_a_finished_run_learns_as_much_again(service, home, run):
    end(home, run, "done", step=40)
    service.resume(ADMIN, run.id)
    assert read_json(run.budget) == {"steps": 80}


def test_samples_come_newest_first(service, run):
    for step in (0, 20, 40):
        append_line(run.samples, {"step": step, "prompt": "雪", "text": str(step)})
    assert [row["step"] for row in service.samples(ADMIN, run.id)] == [40, 20, 0]


def test_the_log_is_its_end_even_where_a_character_is_cut(service, run, monkeypatch):
    monkeypatch.setattr(trainings, "LOG_BYTES", 4)
    assert service.log_tail(ADMIN, run.id) == ""
    run.log.write_text("雪落下", encoding="utf-8")
    assert service.log_tail(ADMIN, run.id).endswith("下")


def test_a_run_gets_another_name_and_never_none(service, run):
    service.rename(ADMIN, run.id, "  新名 ")
    assert service.describe(ADMIN, run.id)["title"] == "新名"
    with pytest.raises(BadSettings):
        service.rename(ADMIN, run.id, "  ")


def test_a_run_at_rest_goes_to_the_trash_and_comes_back(service, home, run):
    with pytest.raises(Conflict):
        service.remove(ADMIN, run.id)
    end(home, run, "stopped")
    ticket = service.remove(ADMIN, run.id)
    assert service.every(ADMIN) == []
    assert service.restore(ADMIN, ticket) == run.id
    assert [facts["run"] for facts in service.every(ADMIN)] == [run.id]


def test_presets_are_told_in_the_pages_language(service):
    names = {row["name"]: row["sentence"] for row in service.presets(load_words("zh"))}
    assert "口袋" in names["pocket"]
    assert all(f"training.preset.{name}" in load_words(language).entries for name in names for language in ("zh", "en"))


def test_the_novels_to_choose_from_are_those_there_are(service, home, novel):
    assert [row["id"] for row in service.novels(ADMIN)] == [novel]
    (home.novels / "odd").mkdir()
    assert [row["id"] for row in service.novels(ADMIN)] == [novel]
    assert service.novels(GUEST) == []


def test_queued_runs_without_a_process_are_taken_up(service, home, run, monkeypatch):
    end(home, run, "queued")
    write_json(home.queue, [run.id])
    service.take_up()
    assert service.describe(ADMIN, run.id)["phase"] == "training"


def test_preparing_is_given_to_another_process(home, novel, monkeypatch):
    asked = []
    monkeypatch.setattr(
        trainings, "run_step", lambda function, *arguments, **named: asked.append(function) or function(*arguments, **named)
    )
    monkeypatch.setattr(launch, "launch", lambda workspace, run: run)
    Trainings(home).start(ADMIN, [novel], "pocket")
    assert asked == [prepare.prepare]


@pytest.mark.slow
def test_a_real_run_is_paused_resumed_and_stopped_from_the_page(home, novel):
    service = Trainings(home)
    run = service.start(ADMIN, [novel], "pocket", budget={"steps": 100_000}, device="cpu").run

    def reached(phase):
        return lambda: service.describe(ADMIN, run)["phase"] == phase

    until(reached("training"), 60)
    service.pause(ADMIN, run)
    until(reached("paused"), 60)
    # The trainer's process may still be about to end.
    service.resume(ADMIN, run)
    until(reached("training"), 60)
    service.stop(ADMIN, run)
    until(reached("stopped"), 60)
    until(lambda: not service._ending, 60)
    assert service.curve(ADMIN, run)["rows"]["phase"] == "stopped"
