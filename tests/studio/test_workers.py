import os
import threading
import time

import pytest

from pipelines.errors import BadText, Conflict, StudioError
from studio.workers import Stopped

NEVER = threading.Event()


def add(one, other, tell):
    tell(0.5)
    return one + other


def who(tell):
    return os.getpid()


def refuse(tell):
    raise BadText("no_text", "there is none", "bring some", file="x")


def fill_disk(tell):
    raise OSError(28, "No space left on device")


def sleep(seconds, tell):
    tell(0.1)
    time.sleep(seconds)


def die(tell):
    os._exit(3)


@pytest.fixture
def run(real_workers):
    def ask(function, *arguments, hear=lambda share: None, stop=NEVER, seconds=30.0):
        return real_workers.run(function, *arguments, hear=hear, stop=stop, seconds=seconds)

    return ask


def test_a_process_answers_tells_and_stays_warm(run):
    heard = []
    assert run(add, 1, 2, hear=heard.append) == 3
    assert heard == [0.5]
    first = run(who)
    assert first != os.getpid()
    assert run(who) == first


def test_an_error_comes_back_whole_and_the_process_lives_on(run):
    first = run(who)
    with pytest.raises(BadText) as caught:
        run(refuse)
    assert (caught.value.code, caught.value.values) == ("no_text", {"file": "x"})
    with pytest.raises(Conflict, match="disk"):
        run(fill_disk)
    assert run(who) == first


def test_work_is_stopped_in_the_middle_and_other_work_goes_on(run):
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Stopped):
        run(sleep, 60, stop=stop)
    assert time.monotonic() - begun < 30
    assert run(add, 1, 1) == 2


def test_work_that_takes_too_long_or_dies_is_an_error_with_a_sentence(run):
    with pytest.raises(StudioError) as caught:
        run(sleep, 60, seconds=0.3)
    assert caught.value.code == "work_slow"
    with pytest.raises(StudioError) as caught:
        run(die)
    assert caught.value.code == "step_died"
    assert run(add, 1, 1) == 2
