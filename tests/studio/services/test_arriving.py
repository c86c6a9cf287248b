import io
import json
import pickle
import threading
import zipfile

import pytest

from pipelines.errors import BadText, Conflict, Forbidden, StudioError
from pipelines.files import read_json
from studio.access import GUEST, Visitor
from studio.services import arriving
from studio.services.arriving import Arriving
from studio.services.questions import Questions, keep
from studio.workers import Stopped

ANN, BEN = Visitor("ann", "writer"), Visitor("ben", "writer")
TEXT = "第一章 春\n花开了。\n第二章 夏\n蝉在叫。\n第三章 秋\n叶子落了。\n"
UNCLEAR = ("Тихо лодка шла по реке. " * 5).encode("cp1251")


class Here:
    """Workers that work in this process, each call counted."""

    def __init__(self):
        self.calls = 0

    def run(self, function, *arguments, hear, stop, seconds):
        self.calls += 1
        if stop.is_set():
            raise Stopped
        return function(*arguments, hear)


@pytest.fixture
def coming(workspace):
    made = Arriving(workspace, Here())
    made.workspace = workspace
    return made


@pytest.fixture
def put(tmp_path):
    def write(name, data):
        path = tmp_path / f"upload-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(data)
        return path, name

    return write


def bring(coming, *files, encoding=None, visitor=ANN):
    """Bring files in; returns what became of each, and what was let go."""
    forgotten = []
    coming.start(visitor, files, encoding, forgotten.append)
    batch = list(coming.watch(visitor))[-1]
    return batch.done, forgotten


def zipped(**members):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def code(arrival):
    return arrival.error.code if isinstance(arrival.error, StudioError) else type(arrival.error)


def test_each_file_is_told_of_and_let_go_and_a_bad_one_stops_no_other(coming, put, tmp_path):
    files = [put("a.txt", TEXT.encode()), put("b.png", b"\x89PNG\r\n\x1a\n" + bytes(50)), put("", ("又" + TEXT).encode("gbk"))]
    missing = (tmp_path / "gone", "gone.txt")
    done, forgotten = bring(coming, *files, missing)
    assert [[row["title"] for row in one.novels] for one in done] == [["a"], [], ["untitled"], []]
    assert [code(one) for one in done if one.error] == ["not_text", "no_file"]
    assert done[3].error.values["file"] == "gone.txt"
    assert forgotten == [path for path, _ in (*files, missing)]


def test_novels_are_their_visitors(coming, put):
    done, _ = bring(coming, put("a.txt", TEXT.encode()))
    folder = coming.workspace.novel(done[0].novels[0]["id"])
    assert read_json(folder.meta)["owner"] == "ann"
    with pytest.raises(Forbidden):
        coming.start(GUEST, [put("a.txt", TEXT.encode())], None, lambda file: None)


def test_what_is_here_already_is_not_brought_twice_but_another_writer_may_have_it(coming, put):
    for visitor, here in ((ANN, 0), (ANN, 1), (BEN, 0)):
        (single, packed), _ = bring(
            coming, put("a.txt", TEXT.encode()), put("z.zip", zipped(x=("另" + TEXT).encode())), visitor=visitor
        )
        assert (code(single) == "already_here", len(packed.skipped)) == (bool(here), here)


def test_a_little_text_is_read_at_once_and_the_rest_by_a_process(coming, put):
    bring(coming, put("a.txt", TEXT.encode()))
    assert coming._workers.calls == 0
    bring(coming, put("z.zip", zipped(x=("另" + TEXT).encode())))
    bring(coming, put("b.txt", ("再\n" + TEXT * 20_000).encode()))
    assert coming._workers.calls == 2


def test_members_are_called_as_they_are_inside_and_unclear_ones_are_asked_about(coming, put):
    members = {"in/a.txt": TEXT.encode(), "in/ru.txt": UNCLEAR, "p.png": b"\x89PNG\r\n\x1a\n" + bytes(50)}
    (arrival,), _ = bring(coming, put("all.zip", zipped(**members)))
    assert {one.file: one.code for one in arrival.skipped} == {"in/ru.txt": "encoding_unclear", "p.png": "not_text"}
    (question,) = Questions(coming.workspace).all(ANN)
    assert question.name == "ru.txt"
    assert Questions(coming.workspace).folder(ANN, question.id).original.read_bytes() == UNCLEAR


def test_an_answer_makes_the_novel_and_a_wrong_one_asks_again(coming, put):
    bring(coming, put("ru.txt", UNCLEAR))
    questions = Questions(coming.workspace)
    (question,) = questions.all(ANN)
    folder = questions.folder(ANN, question.id).path
    coming.answer(ANN, folder, question.name, "utf-16-le")
    (wrong,) = list(coming.watch(ANN))[-1].done
    if wrong.error:
        assert questions.all(ANN) == [question]
        coming.answer(ANN, folder, question.name, "cp1251")
    (right,) = list(coming.watch(ANN))[-1].done
    assert right.novels[0]["title"] == "ru"
    assert questions.all(ANN) == []


def test_an_answer_given_twice_leaves_one_novel_and_no_question(coming, put):
    for _ in range(2):
        keep(coming.workspace, put("ru.txt", UNCLEAR)[0], "ru.txt", "ann")
        questions = Questions(coming.workspace)
        (question,) = questions.all(ANN)
        coming.answer(ANN, questions.folder(ANN, question.id).path, question.name, "cp1251")
        list(coming.watch(ANN))
        assert questions.all(ANN) == []
    assert len(list(coming.workspace.novels.glob("*/novel.json"))) == 1


@pytest.mark.parametrize("stop", [lambda coming: coming.stop(ANN), lambda coming: coming.close()], ids=["by hand", "at the end"])
def test_what_is_stopped_leaves_the_rest_out(coming, put, monkeypatch, stop):
    begun, go = threading.Event(), threading.Event()
    take_in = arriving.take_in

    def slowly(wish, hear):
        begun.set()
        go.wait(10)
        return take_in(wish, hear)

    monkeypatch.setattr(arriving, "take_in", slowly)
    files = [put("a.txt", TEXT.encode()), put("b.txt", ("又" + TEXT).encode())]
    coming.start(ANN, files, None, lambda file: None)
    begun.wait(10)
    stop(coming)
    go.set()
    first, second = list(coming.watch(ANN))[-1].done
    assert (len(first.novels), code(second)) == (1, Stopped)


def test_a_page_that_comes_later_sees_what_is_on_its_way_and_nobody_elses(coming, put, monkeypatch):
    go, take_in = threading.Event(), arriving.take_in
    monkeypatch.setattr(arriving, "take_in", lambda wish, hear: go.wait(10) and take_in(wish, hear))
    coming.start(ANN, [put("a.txt", TEXT.encode())], None, lambda file: None)
    assert next(coming.watch(ANN)).at_work == "a.txt"
    assert list(coming.watch(BEN)) == []
    coming.start(ANN, [put("b.txt", ("又" + TEXT).encode())], None, lambda file: None)
    go.set()
    assert [one.name for one in list(coming.watch(ANN))[-1].done] == ["a.txt", "b.txt"]
    # Once it was told it is not told again.
    assert list(coming.watch(ANN)) == []


def test_a_full_disk_is_told_of_the_file_it_stopped(coming, put, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(arriving, "ingest_source", full)
    done, _ = bring(coming, put("a.txt", TEXT.encode()))
    assert done[0].error.errno == 28


def test_what_comes_back_from_a_process_is_whole(put, workspace):
    path, name = put("a.png", b"\x89PNG\r\n\x1a\n" + bytes(50))
    arrival = pickle.loads(pickle.dumps(arriving.take_in(arriving.Wish(workspace.root, path, name, None, "ann"), print)))
    assert isinstance(arrival.error, BadText)
    assert json.dumps(arrival.error.values)
    assert not isinstance(arrival.error, Conflict)


def test_what_comes_after_a_stop_is_not_left_out_with_it(coming, put, monkeypatch):
    begun, go, take_in = threading.Event(), threading.Event(), arriving.take_in

    def slowly(wish, hear):
        begun.set()
        go.wait(10)
        return take_in(wish, hear)

    monkeypatch.setattr(arriving, "take_in", slowly)
    coming.start(ANN, [put("a.txt", TEXT.encode())], None, lambda file: None)
    begun.wait(10)
    coming.stop(ANN)
    coming.start(ANN, [put("b.txt", ("又" + TEXT).encode())], None, lambda file: None)
    go.set()
    (arrival,) = list(coming.watch(ANN))[-1].done
    assert [row["title"] for row in arrival.novels] == ["b"]
