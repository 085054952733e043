"""Latest wins: the newest request only, one job at a time."""

import asyncio
import os
import sys
import threading
import time

import pytest

from initviz.live import latest
from initviz.live.latest import NICE, Latest, Turns


class Jobs:
    """Jobs that end when told to, and what became of them."""

    def __init__(self):
        self.started, self.done, self.busy, self.running = [], [], [], 0
        self.gates = {}
        self.latest = Latest(self.run, self.done.append, self.busy.append)

    def run(self, request):
        self.running += 1
        assert self.running == 1, "two jobs at once"
        self.started.append(request)
        if gate := self.gates.get(request):
            assert gate.wait(20)
        self.running -= 1
        if request == "bad":
            raise ValueError("bad request")
        return f"answer to {request}"

    def gate(self, request):
        self.gates[request] = threading.Event()
        return self.gates[request]

    async def until(self, condition):
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0)


def test_only_the_first_and_the_newest_request_run():
    async def scenario():
        jobs = Jobs()
        gate = jobs.gate(0)
        first = asyncio.ensure_future(jobs.latest.request(0))
        await jobs.until(lambda: jobs.started)
        for request in (1, 2, 3):
            await jobs.latest.request(request)  # returns at once: a job is in flight
        assert jobs.started == [0]
        gate.set()
        await first
        return jobs

    jobs = asyncio.run(scenario())
    assert jobs.started == [0, 3]
    assert jobs.done == ["answer to 0", "answer to 3"]


def test_requests_one_after_the_other_all_run():
    async def scenario():
        jobs = Jobs()
        for request in range(4):
            await jobs.latest.request(request)
        return jobs

    assert asyncio.run(scenario()).started == [0, 1, 2, 3]


def test_a_long_job_shows_as_busy_and_a_short_one_does_not(monkeypatch):
    async def scenario():
        jobs = Jobs()
        await jobs.latest.request("short")
        assert jobs.busy == []
        monkeypatch.setattr(latest, "PATIENCE", 0)
        gate = jobs.gate("long")
        task = asyncio.ensure_future(jobs.latest.request("long"))
        await jobs.until(lambda: jobs.busy)
        assert jobs.busy == [True]
        gate.set()
        await task
        assert jobs.busy == [True, False]
        assert jobs.done == ["answer to short", "answer to long"]

    asyncio.run(scenario())


@pytest.mark.parametrize("patience", [0, 20])
def test_an_exception_does_not_wedge_it(patience, monkeypatch):
    async def scenario():
        monkeypatch.setattr(latest, "PATIENCE", patience)
        jobs = Jobs()
        with pytest.raises(ValueError, match=r"^bad request$"):
            await jobs.latest.request("bad")
        await jobs.latest.request("good")
        assert jobs.done == ["answer to good"]
        assert jobs.busy in ([], [True, False], [True, False, True, False])

    asyncio.run(scenario())


def test_the_job_runs_off_the_event_loop_and_its_outcome_arrives_on_it():
    threads = {}

    async def scenario():
        here = threading.get_ident()
        job = Latest(lambda _: threads.update(job=threading.get_ident()),
                     lambda _: threads.update(done=threading.get_ident()), lambda _: None)  # fmt: skip
        await job.request(None)
        assert threads["job"] != here
        assert threads["done"] == here

    asyncio.run(scenario())


def test_quick_jobs_wait_for_no_long_one():
    release, before = threading.Event(), Latest.in_flight

    async def scenario():
        long = [Latest(lambda _: release.wait(20), lambda _: None, lambda _: None) for _ in range(40)]
        waiting = [asyncio.ensure_future(each.request(None)) for each in long]
        await asyncio.sleep(0)
        assert Latest.in_flight == before
        done = []
        await Latest(str, done.append, lambda _: None, lambda request: request < 5).request(4)
        assert done == ["4"]
        release.set()
        await asyncio.gather(*waiting)

    asyncio.run(scenario())


def test_long_jobs_stand_back_for_others():
    found = {}

    def job(name):
        found[name] = os.getpriority(os.PRIO_PROCESS, 0)

    async def scenario():
        latest = Latest(job, lambda _: None, lambda _: None, lambda name: name == "quick")
        await latest.request("quick")
        await latest.request("long")

    before = os.getpriority(os.PRIO_PROCESS, 0)
    asyncio.run(scenario())
    of_a_thread = sys.platform == "linux"  # elsewhere a priority is that of a process, which is left alone
    assert found == {"quick": before, "long": NICE if of_a_thread else before}
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_work_in_turns_rests_for_as_long_as_its_share_demands(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    turns = Turns(0.1)
    assert turns.granted()
    assert not turns.granted()
    with turns.taken():
        now[0] += 2
        assert not turns.granted()
    now[0] += 17.9
    assert not turns.granted()
    now[0] += 0.2
    assert turns.granted()
