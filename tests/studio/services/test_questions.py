import os
import time

import pytest

from pipelines.errors import Forbidden, NotFound
from studio.access import ADMIN, GUEST, Visitor
from studio.services.questions import KEPT_DAYS, Questions, guess_in, keep, likeliest, place_of

ANN, BEN = Visitor("ann", "writer"), Visitor("ben", "writer")
RUSSIAN = ("Тихо лодка шла по реке. " * 5).encode("cp1251")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(RUSSIAN)
    return path


@pytest.fixture
def asked(workspace, file):
    keep(workspace, file, "лодка.txt", "ann")
    return Questions(workspace)


def test_a_kept_file_is_asked_about_with_its_likeliest_readings(asked, file):
    (question,) = asked.all(ANN)
    assert (question.name, len(question.guesses)) == ("лодка.txt", 3)
    assert question.guesses[0].sample.startswith("Тихо лодка")
    assert asked.folder(ANN, question.id).original.read_bytes() == file.read_bytes()


def test_nobody_else_is_asked_or_may_answer(asked):
    (question,) = asked.all(ANN)
    for other in (BEN, GUEST):
        assert asked.all(other) == []
        for ask in (asked.folder, asked.name, asked.forget):
            with pytest.raises(Forbidden):
                ask(other, question.id)
    assert asked.all(ANN) == [question]


@pytest.mark.parametrize("wanted", [None, "", "..", "../novels", 7, "gone"])
def test_a_question_that_is_not_asked_is_not_found(asked, wanted):
    with pytest.raises(NotFound):
        asked.forget(ANN, wanted)


def test_a_forgotten_file_is_gone(asked):
    asked.forget(ANN, asked.all(ANN)[0].id)
    assert asked.all(ANN) == []


def test_what_nobody_answered_for_a_month_is_swept_and_what_is_damaged_is_not_asked(asked, workspace, file):
    keep(workspace, file, "b.txt", "ann")
    (path,) = [path for path in place_of(workspace).iterdir() if path.name == asked.all(ANN)[0].id]
    then = time.time() - (KEPT_DAYS + 1) * 24 * 3600
    os.utime(path, (then, then))
    # A studio that is opened begins with that.
    asked = Questions(workspace)
    (left,) = asked.all(ANN)
    asked.folder(ADMIN, left.id).original.unlink()
    assert asked.all(ANN) == []


def test_readings_are_shown_from_where_the_text_has_more_than_ascii(tmp_path):
    path = tmp_path / "gutenberg.txt"
    path.write_bytes(b"Produced by somebody, who wrote a very long head.\r\n" * 100 + "第一回　靈根育孕源流出".encode("big5"))
    assert [guess.sample for guess in likeliest(path) if "靈根育孕" in guess.sample]


def test_a_file_of_wide_characters_is_shown_from_its_start(tmp_path):
    path = tmp_path / "wide.txt"
    path.write_bytes(("plain head " * 100 + "第一回").encode("utf-16-le"))
    assert guess_in(path, "utf-16-le").sample.startswith("plain head")


def test_only_encodings_of_the_list_are_tried(file):
    assert guess_in(file, "koi8_r").sample
    for wrong in ("", "zip", "rot13", "utf-7"):
        with pytest.raises(NotFound):
            guess_in(file, wrong)
