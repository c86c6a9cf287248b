import asyncio
import threading
from types import SimpleNamespace

import pytest

from pipelines.desk import Busy, Desk
from pipelines.errors import BrokenArtifact
from pipelines.sampling_settings import SamplingSettings

CHOSEN = SamplingSettings()


class Pen:
    """A writer whose every token waits for the test; it notes what it writes and where it was stopped."""

    def __init__(self):
        self.tokens = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.log = []

    def write(self, prompt, _, stop):
        self.log.append(prompt)
        self.begun.release()
        for number in range(1, 4):
            self.tokens.acquire()
            if stop():
                self.log.append(f"{prompt} stopped at {number}")
                return
            yield SimpleNamespace(text=f"{prompt}{number}")


async def read(desk, prompt):
    with desk.writing(prompt, CHOSEN) as writing:
        return [update.text async for update in writing.updates()]


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def test_one_text_at_a_time_in_the_order_of_asking():
    async def scene():
        pen = Pen()
        desk = Desk(pen.write, 5)
        readers = [asyncio.create_task(read(desk, prompt)) for prompt in "abc"]
        await until(lambda: pen.log == ["a"])
        pen.tokens.release(9)
        assert [texts[-1] for texts in await asyncio.gather(*readers)] == ["a3", "b3", "c3"]
        assert pen.log == ["a", "b", "c"]

    asyncio.run(scene())


def test_a_full_line_refuses_and_a_place_that_was_left_is_free_again():
    async def scene():
        pen = Pen()
        desk = Desk(pen.write, 1)
        first, second = (asyncio.create_task(read(desk, prompt)) for prompt in "ab")
        await until(lambda: pen.log == ["a"])
        with pytest.raises(Busy, match="1 are waiting"):
            await read(desk, "c")
        second.cancel()
        await asyncio.wait([second])
        third = asyncio.create_task(read(desk, "d"))
        pen.tokens.release(9)
        assert (await first)[-1] == "a3"
        assert (await third)[-1] == "d3"
        assert pen.log == ["a", "d"]

    asyncio.run(scene())


def test_a_reader_that_goes_away_ends_the_writing_within_a_token():
    async def scene():
        pen = Pen()
        desk = Desk(pen.write, 1)
        reader = asyncio.create_task(read(desk, "a"))
        pen.tokens.release(1)
        await until(lambda: pen.log == ["a"])
        reader.cancel()
        await asyncio.wait([reader])
        pen.tokens.release(1)
        await until(lambda: desk.idle_seconds() > 0)
        assert pen.log[-1] in ("a stopped at 1", "a stopped at 2")

    asyncio.run(scene())


def test_a_reader_that_never_reads_holds_nobody_up():
    async def scene():
        pen = Pen()
        pen.tokens.release(6)
        desk = Desk(pen.write, 0)
        with desk.writing("a", CHOSEN):
            await until(lambda: desk.idle_seconds() > 0)
            assert (await read(desk, "b"))[-1] == "b3"

    asyncio.run(scene())


def test_the_loop_answers_others_while_the_thread_writes():
    async def scene():
        pen = Pen()
        desk = Desk(pen.write, 1)
        reader = asyncio.create_task(read(desk, "a"))
        await until(lambda: pen.log == ["a"])
        assert desk.idle_seconds() == 0.0
        pen.tokens.release(3)
        await reader
        await until(lambda: desk.idle_seconds() > 0)

    asyncio.run(scene())


def test_what_the_writer_raises_reaches_the_reader_and_the_next_is_served():
    def write(prompt, _, __):
        if prompt == "bad":
            raise BrokenArtifact("not_finite", "no numbers")
        yield SimpleNamespace(text=prompt)

    async def scene():
        desk = Desk(write, 1)
        with pytest.raises(BrokenArtifact):
            await read(desk, "bad")
        assert await read(desk, "good") == ["good"]

    asyncio.run(scene())


def test_a_closing_desk_stops_who_is_first_and_refuses_the_rest():
    async def scene():
        pen = Pen()
        desk = Desk(pen.write, 3)
        first, second = (asyncio.create_task(read(desk, prompt)) for prompt in "ab")
        await until(lambda: pen.log == ["a"])
        await asyncio.sleep(0)
        desk.close()
        pen.tokens.release(1)
        assert await first == []
        for asking in (second, read(desk, "c")):
            with pytest.raises(Busy, match="about to end"):
                await asking
        assert pen.log == ["a", "a stopped at 1"]

    asyncio.run(scene())


def test_news_come_seldom_enough_and_the_last_always_comes():
    def write(*_):
        for number in range(5000):
            yield SimpleNamespace(text=number)

    texts = asyncio.run(read(Desk(write, 0), ""))
    assert texts[-1] == 4999
    assert len(texts) < 100
