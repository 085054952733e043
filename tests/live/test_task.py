"""Background work: the newest request only, one job at a time, outcomes as they come, failures among them."""

import asyncio
import os
import sys
import threading
import time

import pytest

from initviz.live import task as module
from initviz.live.task import NICE, Task


class Jobs:
    """Jobs that end when told to, and what became of them."""

    def __init__(self):
        self.started, self.taken, self.reports, self.running = [], [], [], 0
        self.gates = {}
        self.task = Task(self.run, lambda payload, outcome: self.taken.append((payload, outcome)), self.report)

    def report(self, busy, share):
        self.reports.append(busy)

    def run(self, payload, progress):
        self.running += 1
        assert self.running == 1, "two jobs at once"
        self.started.append(payload)
        if gate := self.gates.get(payload):
            assert gate.wait(20)
        self.running -= 1
        if payload == "bad":
            raise ValueError("bad request")
        return f"answer to {payload}"

    def gate(self, payload):
        self.gates[payload] = threading.Event()
        return self.gates[payload]

    async def ended(self):
        await until(lambda: self.task._worker.done())


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def test_only_the_first_and_the_newest_request_run():
    async def scenario():
        jobs = Jobs()
        gate = jobs.gate(0)
        jobs.task.ask(0)
        await until(lambda: jobs.started)
        for payload in (1, 2, 3):
            jobs.task.ask(payload)
        await asyncio.sleep(0.05)
        assert jobs.started == [0]
        gate.set()
        await jobs.ended()
        return jobs

    jobs = asyncio.run(scenario())
    assert jobs.started == [0, 3]
    assert jobs.taken == [(0, "answer to 0"), (3, "answer to 3")]  # a drag shows what it can
    assert jobs.task.current
    assert jobs.task.finished


def test_requests_one_after_the_other_all_run():
    async def scenario():
        jobs = Jobs()
        for payload in range(4):
            jobs.task.ask(payload)
            await jobs.ended()
        return jobs

    assert asyncio.run(scenario()).started == [0, 1, 2, 3]


def test_a_long_job_is_reported_and_a_short_one_is_not(monkeypatch):
    async def scenario():
        jobs = Jobs()
        monkeypatch.setattr(module, "PATIENCE", 20)
        jobs.task.ask("short")
        await jobs.ended()
        assert jobs.reports == []
        monkeypatch.setattr(module, "PATIENCE", 0)
        gate = jobs.gate("long")
        jobs.task.ask("long")
        await until(lambda: jobs.reports)
        assert jobs.reports == [True]
        gate.set()
        await jobs.ended()
        assert jobs.reports == [True, False]
        assert [outcome for _, outcome in jobs.taken] == ["answer to short", "answer to long"]

    asyncio.run(scenario())


@pytest.mark.parametrize("patience", [0, 20])
def test_what_a_job_raises_is_its_outcome_and_does_not_wedge_it(patience, monkeypatch):
    async def scenario():
        monkeypatch.setattr(module, "PATIENCE", patience)
        jobs = Jobs()
        jobs.task.ask("bad")
        await jobs.ended()
        jobs.task.ask("good")
        await jobs.ended()
        (_, failure), good = jobs.taken
        assert repr(failure) == "ValueError('bad request')"
        assert good == ("good", "answer to good")
        assert jobs.reports in ([], [True, False], [True, False, True, False])

    asyncio.run(scenario())


def test_a_request_that_waits_is_not_lost_when_somebody_told_raises(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0)

    async def scenario():
        def tell(busy, share):
            raise KeyError("told")

        taken, gate = [], threading.Event()
        task = Task(lambda payload, progress: gate.wait(20) and payload, lambda *both: taken.append(both), tell)
        task.ask(1)
        await asyncio.sleep(0.01)
        task.ask(2)
        gate.set()
        await until(lambda: taken and taken[-1][0] == 2 and task._worker.done())
        return taken

    taken = asyncio.run(scenario())
    assert taken[-1][0] == 2  # with its outcome, or with what was raised, if that came before it was taken
    assert "KeyError('told')" in map(repr, (outcome for _, outcome in taken))


def test_the_job_runs_off_the_event_loop_and_its_outcome_arrives_on_it():
    threads = {}

    async def scenario():
        task = Task(lambda *_: threads.update(job=threading.get_ident()),
                    lambda *_: threads.update(taken=threading.get_ident()))  # fmt: skip
        task.ask(None)
        await until(lambda: len(threads) == 2)
        assert threads["job"] != threading.get_ident()
        assert threads["taken"] == threading.get_ident()

    asyncio.run(scenario())


def test_quick_jobs_wait_for_no_long_one():
    release, before, seen = threading.Event(), Task.in_flight, []

    def quick(payload, progress):
        seen.append(Task.in_flight)
        return str(payload)

    async def scenario():
        long = [Task(lambda *_: release.wait(20), lambda *_: None) for _ in range(40)]
        for task in long:
            task.ask(None)
        await asyncio.sleep(0)
        assert Task.in_flight == before
        taken = []
        Task(quick, lambda *both: taken.append(both), is_quick=lambda payload: payload < 5).ask(4)
        await until(lambda: taken)
        assert taken == [(4, "4")]
        release.set()
        await until(lambda: all(task._worker.done() for task in long))

    asyncio.run(scenario())
    assert seen == [before + 1]
    assert Task.in_flight == before


def test_long_jobs_wait_for_quick_ones_between_their_steps(monkeypatch):
    """As jax computes in threads that do not stand back."""
    monkeypatch.setattr(module, "REST", 1e9)
    monkeypatch.setattr(module, "LONGEST_REST", 3.0)  # each step, should a job of another test be in flight
    release, started, steps = threading.Event(), threading.Event(), []

    def quick(payload, progress):
        started.set()
        assert release.wait(20)

    def long(payload, progress):
        for step in range(3):
            time.sleep(0.001)
            progress(step / 3)
            steps.append(step)

    async def scenario():
        first = Task(quick, lambda payload, outcome: None, is_quick=lambda payload: True)
        second = Task(long, lambda payload, outcome: None)
        first.ask(0)
        await until(started.is_set)
        second.ask(0)
        await asyncio.sleep(0.2)
        assert steps == []
        release.set()
        await until(lambda: steps == [0, 1, 2])

    asyncio.run(scenario())


def test_long_jobs_wait_for_some_times_as_long_as_they_worked(monkeypatch):
    monkeypatch.setattr(Task, "in_flight", 1)
    for worked, waited in ((0.02, 3 * 0.02), (100.0, 0.5)):
        start = time.monotonic()
        end = module._let_quick_ones_pass(start - worked)
        assert waited <= end - start + 1e-3 < waited + 5.0
    monkeypatch.setattr(Task, "in_flight", 0)
    monkeypatch.setattr(Task, "calm", 0.0)
    waited = []
    for _ in range(5):
        start = time.monotonic()
        module._let_quick_ones_pass(start - 100)
        waited.append(time.monotonic() - start)
    assert min(waited) < 0.4


def test_long_jobs_stand_back_for_others():
    found = {}

    def job(name, progress):
        found[name] = os.getpriority(os.PRIO_PROCESS, 0)

    async def scenario():
        task = Task(job, lambda *_: None, is_quick=lambda name: name == "quick")
        for name in ("quick", "long"):
            task.ask(name)
            await until(lambda name=name: name in found)

    before = os.getpriority(os.PRIO_PROCESS, 0)
    asyncio.run(scenario())
    of_a_thread = sys.platform == "linux"  # elsewhere a priority is that of a process, which is left alone
    assert found == {"quick": before, "long": max(before, NICE) if of_a_thread else before}
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_without_an_event_loop_the_outcome_is_there_at_once():
    taken = []
    task = Task(lambda payload, progress: payload + 1, lambda *both: taken.append(both))
    task.ask(1)
    assert taken == [(1, 2)]
    assert task.current
    assert task.finished
    assert task.now(5) == 6
    assert taken == [(1, 2)]  # whoever computes it now has it


def test_what_a_job_raises_is_raised_to_whoever_computes_it_now():
    taken = []

    def refuse(payload, progress):
        raise ValueError(payload)

    task = Task(refuse, lambda payload, outcome: taken.append(str(outcome)))
    task.ask("no")
    assert taken == ["no"]
    with pytest.raises(ValueError, match=r"^now$"):
        task.now("now")
    assert taken == ["no"]


def slow(started, release):
    """A job that waits to be released, and reports progress meanwhile."""

    def job(payload, progress):
        started.set()
        while not release.wait(0.01):
            progress(0.5)
        return payload

    return job


def test_progress_is_reported_while_the_job_is_long(monkeypatch):
    monkeypatch.setattr(module, "ATTENTION", 0)

    async def scenario():
        reports, started, release = [], threading.Event(), threading.Event()
        task = Task(slow(started, release), lambda *_: None, lambda *report: reports.append(report))
        task.ask("first")
        await until(lambda: len(reports) > 2)
        release.set()
        await until(task._worker.done)
        return reports

    reports = asyncio.run(scenario())
    assert reports[0] == (True, None)
    assert set(reports[1:-1]) == {(True, 0.5)}
    assert reports[-1] == (False, None)


def test_what_is_given_up_ends_and_is_not_taken():
    async def scenario():
        taken, started = [], threading.Event()
        task = Task(slow(started, threading.Event()), lambda *both: taken.append(both))
        task.ask("first")
        await asyncio.to_thread(started.wait)
        assert not task.current
        task.give_up()
        assert task.current
        await until(task._worker.done)
        return taken

    assert asyncio.run(scenario()) == []


def test_a_newer_request_ends_the_older_one():
    async def scenario():
        taken, started, release = [], threading.Event(), threading.Event()
        task = Task(slow(started, release), lambda payload, outcome: taken.append(outcome))
        task.ask("first")
        await asyncio.to_thread(started.wait)
        task.ask("second")
        await asyncio.sleep(0.05)  # the first hears of it
        release.set()
        await until(lambda: task.current)
        return taken

    assert asyncio.run(scenario()) == ["second"]


def parts(gates, ended):
    """A job that yields a part at each gate it passes."""

    def job(payload, progress):
        try:
            for place, gate in enumerate(gates):
                assert gate.wait(20)
                yield f"{payload}{place}"
        finally:
            ended.append(payload)

    return job


def test_every_part_of_an_outcome_is_taken_as_it_comes():
    async def scenario():
        gates, taken, ended = [threading.Event() for _ in range(3)], [], []
        task = Task(parts(gates, ended), lambda payload, outcome: taken.append(outcome))
        task.ask("a")
        for count, gate in enumerate(gates, 1):
            gate.set()
            await until(lambda count=count: len(taken) == count)
            assert task.current
            if count < 3:
                assert not task.finished
        await until(lambda: task.finished)
        return taken, ended

    assert asyncio.run(scenario()) == (["a0", "a1", "a2"], ["a"])


def test_parts_that_are_stale_are_neither_computed_nor_taken():
    async def scenario():
        gates, taken, ended = [threading.Event() for _ in range(3)], [], []
        task = Task(parts(gates, ended), lambda payload, outcome: taken.append(outcome))
        gates[0].set()
        task.ask("a")
        await until(lambda: taken)
        task.ask("b")
        for gate in gates:
            gate.set()
        await until(lambda: task.finished)
        return taken, ended

    taken, ended = asyncio.run(scenario())
    assert ended == ["a", "b"]
    assert "a2" not in taken
    assert taken[-1] == "b2"


def test_parts_come_in_order_without_an_event_loop():
    taken = []
    task = Task(lambda payload, progress: (payload + part for part in range(3)), lambda *both: taken.append(both[1]))
    task.ask(10)
    assert taken == [10, 11, 12]
    assert task.now(20) == 22
