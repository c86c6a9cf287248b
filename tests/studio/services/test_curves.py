import json
import os

import pytest

from pipelines.files import append_line, keep_lines, write_json
from pipelines.folders import RunFolder
from studio.charts import MOST_POINTS
from studio.services.curves import read_curve


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    write_json(folder.status, {"phase": "done", "step": 0, "best_step": 20})
    return folder


def learn(run, *steps, kind="train", value=5.0):
    for step in steps:
        append_line(run.metrics, {"kind": kind, "step": step, "bits_per_character": value})


def again(run, answer):
    return read_curve(run, answer["cursor"], answer["line"])


def steps(answer, kind="train"):
    return [step for step, _ in answer["rows"][kind]]


def test_a_fresh_page_gets_all_and_then_only_what_is_new(run):
    learn(run, 10, 20)
    learn(run, 20, kind="held_out")
    first = read_curve(run)
    assert (first["fresh"], steps(first), steps(first, "held_out")) == (True, [10, 20], [20])
    assert first["rows"]["best_step"] == 20
    assert steps(again(run, first)) == []
    learn(run, 30)
    second = again(run, first)
    assert (second["fresh"], steps(second), second["line"]) == (False, [30], first["line"])
    assert steps(again(run, second)) == []


def test_a_run_without_metrics_is_an_empty_curve(run):
    assert steps(read_curve(run)) == []
    first = read_curve(run)
    learn(run, 10)
    assert steps(again(run, first)) == [10]


def test_a_torn_last_line_waits_for_its_end(run):
    learn(run, 10)
    row = json.dumps({"kind": "train", "step": 20, "bits_per_character": 4.0}) + "\n"
    with run.metrics.open("a") as file:
        file.write(row[:20])
    first = read_curve(run)
    assert steps(first) == [10]
    with run.metrics.open("a") as file:
        file.write(row[20:])
    assert steps(again(run, first)) == [20]


def test_a_resume_that_took_rows_back_starts_the_curve_afresh(run):
    learn(run, 10, 20, 30)
    first = read_curve(run)
    keep_lines(run.metrics, lambda row: row["step"] <= 10)
    learn(run, 20, 30, 40, value=4.0)
    second = again(run, first)
    assert (second["fresh"], steps(second)) == (True, [10, 20, 30, 40])


def test_the_same_bytes_of_another_history_are_not_taken_for_the_old_ones(run):
    learn(run, 10, 20, value=5.0)
    first = read_curve(run)
    text = run.metrics.read_text(encoding="utf-8")
    # The same file and as long, but rewritten in place.
    run.metrics.write_text(text.replace("20", "30"), encoding="utf-8")
    assert again(run, first)["fresh"]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "99999", "5", "0", "²-1", "1" * 30, "../../etc", "0-00000000"])
def test_a_cursor_that_is_none_gets_the_whole_curve(run, cursor):
    learn(run, 10, 20)
    assert steps(read_curve(run, cursor, read_curve(run)["line"])) == [10, 20]


def test_a_long_curve_is_thinned_for_a_fresh_page(run):
    run.metrics.write_text(
        "".join(
            f'{{"kind": "train", "step": {step}, "bits_per_character": {9 if step == 7001 else 5}}}\n' for step in range(9000)
        )
    )
    points = read_curve(run)["rows"]["train"]
    assert len(points) <= MOST_POINTS
    assert (7001, 9.0) in points


def test_who_has_ended_long_ago_need_not_be_asked_again(run):
    assert read_curve(run)["again"] == 5
    os.utime(run.status, (0, 0))
    assert read_curve(run)["again"] is None
