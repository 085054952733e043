"""Background tasks: the newest request wins, failures become outcomes, and work can be stopped."""

import asyncio
import threading

import pytest

from initviz.engine import Cancelled
from initviz.live.task import Stopped, Task


def test_without_an_event_loop_the_outcome_is_there_at_once():
    shown = []
    task = Task(lambda payload, progress: payload + 1, shown.append)
    task.ask(1)
    assert shown == [2]
    assert task.current
    assert task.ask_now(5) == 6


def test_what_a_job_raises_is_its_outcome():
    shown = []

    def refuse(payload, progress):
        raise ValueError(payload)

    task = Task(refuse, shown.append)
    task.ask("no")
    assert [str(each) for each in shown] == ["no"]
    with pytest.raises(ValueError, match="now"):
        task.ask_now("now")


def slow(started, release):
    """A job that waits to be released, and reports progress meanwhile."""

    def job(payload, progress):
        started.set()
        while not release.wait(0.01):
            progress(0.5)
        return payload

    return job


def test_stopping_gives_up_the_job_and_says_so():
    async def scenario():
        shown, busy, started = [], [], threading.Event()
        task = Task(slow(started, threading.Event()), shown.append, busy.append)
        task.ask("first")
        while not busy:
            await asyncio.sleep(0.01)
        assert not task.current
        task.stop()
        assert task.current
        async with asyncio.timeout(20):
            while task._latest._running:
                await asyncio.sleep(0.01)
        return shown, busy

    shown, busy = asyncio.run(scenario())
    assert [type(each) for each in shown] == [Stopped]
    assert str(shown[0]) == "Stopped. Change a setting to start again."
    assert busy == [True, False]


def test_a_newer_request_ends_the_older_one():
    async def scenario():
        shown, started, release = [], threading.Event(), threading.Event()
        task = Task(slow(started, release), shown.append)
        task.ask("first")
        await asyncio.to_thread(started.wait)
        task.ask("second")
        release.set()
        async with asyncio.timeout(20):
            while not task.current:
                await asyncio.sleep(0.01)
        return shown

    assert asyncio.run(scenario())[-1] == "second"


def test_leaving_is_silent():
    shown = []
    task = Task(lambda payload, progress: payload, shown.append)
    task._asked += 1
    task.leave()
    assert task.current
    assert shown == []
    task._arrived((task._asked, Cancelled()))
    assert shown == []
