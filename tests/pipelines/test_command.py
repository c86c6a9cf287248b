import errno
import json

import pytest

from pipelines import command
from pipelines.errors import NotFound


def run(act, argv=()):
    return command.execute(command.parser("test", "a test"), list(argv), act)


def raising(error):
    def act(arguments):
        raise error

    return act


def test_a_result_is_one_line_or_one_json_object(capsys):
    assert run(lambda arguments: ({"名": 1}, "a line")) == 0
    assert capsys.readouterr().out == "a line\n"
    assert run(lambda arguments: ({"名": 1}, "a line"), ["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"名": 1}


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (NotFound("no_novel", "there is no novel 'x'", "there are: none yet"), 2, "there is no novel 'x'; there are: none yet"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 2, "/x may not be read or written"),
        (OSError(errno.EROFS, "Read-only file system", "/x"), 2, "/x may not be read or written"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "/x"), 2, "/x is no place"),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"), 2, "'\\udcff' holds half a character"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (KeyboardInterrupt("the run goes on"), 130, "the run goes on"),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code(capsys, error, code, sentence):
    assert run(raising(error)) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(sentence)
    assert output.err.count("\n") == 1


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))


def test_a_wrong_flag_is_one_sentence(capsys):
    assert run(lambda arguments: ({}, ""), ["--nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
