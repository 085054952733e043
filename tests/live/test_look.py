"""Closer looks as feeds: of the answer on show, no sooner than the probe says, and not more often."""

import asyncio
import time
from contextlib import nullcontext

import param
import pytest
from bokeh.models import Div
from served import on, page

from initviz.live import feed as feed_module
from initviz.live import look as module
from initviz.live.feed import STOPPED, Feed
from initviz.live.look import Look
from initviz.live.task import Task
from initviz.probes import Probe


class Settings(param.Parameterized):
    question = param.Parameter(1)


class Twice(Probe):
    """As many times the answer as it is set to."""

    arguments = ("times",)
    times = param.Integer(2)

    def answer(self, result, progress=None):
        if result == 13:
            raise ValueError("13 is not looked at. Choose another.")
        return self.times * result


class Resting(Twice):
    rest = 60


class Sparing(Twice):
    rest = 20
    share = 0.01


class Counted(list):
    def __call__(self, question, progress):
        self.append(question)
        return question


@pytest.fixture
def asked():
    return Counted()


@pytest.fixture
def of(asked):
    return Feed(Settings(), asked, lambda question: True)


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def test_it_finds_in_the_answer_of_the_other_feed_and_follows_it(of, asked):
    found = []
    look = Look(Twice(), of)
    look.subscribe(lambda look: found.append(look.answer))
    of.settings.question = 3
    look.settings.times = 4
    assert found == [None, 2, 6, 12]
    assert asked == [1, 3]
    assert look.result == 12


def test_it_looks_at_the_other_feed_only_while_somebody_looks_at_it(of, asked):
    look = Look(Twice(), of)
    of.settings.question = 2
    assert asked == []
    subscription = look.subscribe(lambda look: None)
    assert look.answer == 4
    subscription.end()
    of.settings.question = 3
    assert asked == [2]
    look.settings.times = 5
    look.subscribe(lambda look: None)
    assert asked == [2, 3]
    assert look.answer == 15


def test_what_it_refuses_is_its_own_failure(of):
    look = Look(Twice(), of)
    look.subscribe(lambda look: None)
    of.settings.question = 13
    assert (of.failure, look.failure) == ("", "13 is not looked at. Choose another.")
    of.settings.question = 2
    assert (look.failure, look.answer) == ("", 4)


def test_there_is_nothing_to_ask_before_there_is_an_answer():
    def refuse(question, progress):
        raise ValueError("no")

    of = Feed(Settings(), refuse, lambda question: True)
    look = Look(Twice(), of)
    look.subscribe(lambda look: None)
    assert (look.question, look.answer, look.failure, look.waiting) == (None, None, "", False)


def test_on_a_page_it_waits_until_an_answer_has_been_on_show_and_its_own_settings_do_not_wait(of):
    async def scenario():
        found, waited = [], []
        async with page(Div()) as (document, _):
            look = Look(Resting(), of)
            on(document, lambda: look.subscribe(lambda look: found.append(look.answer)))
            for question in (2, 3, 4):
                on(document, lambda question=question: setattr(of.settings, "question", question))
                await until(lambda question=question: of.answer == question)
            assert look.stale
            await until(lambda: look.answer == 8)
            waited.append(time.monotonic() - of.since)
            assert found == [None, 8]  # the answers between were not looked at
            before = time.monotonic()
            on(document, lambda: setattr(look.settings, "times", 3))
            await until(lambda: look.answer == 12)
            waited.append(time.monotonic() - before)
        return waited

    after_an_answer, after_a_setting = asyncio.run(scenario())
    assert after_an_answer >= Resting.rest / 1000
    assert after_a_setting < after_an_answer


def test_it_goes_on_on_another_page_when_one_is_closed_while_it_waits(of):
    async def scenario():
        look = Look(Resting(), of)
        async with page(Div()) as (first, _), page(Div()) as (second, _):
            for document in (first, second):
                on(document, lambda document=document: opened.append(look.subscribe(lambda look: None)))
            await until(lambda: look.waiting and len(opened) == 2)
            on(first, opened[0].end)
            await until(lambda: look.answer == 2)
            on(second, lambda: setattr(of.settings, "question", 2))
            await until(lambda: look.answer == 4)
            on(second, opened[1].end)
            await until(lambda: not look._followed)

    opened = []
    asyncio.run(scenario())


def test_a_look_that_was_stopped_while_it_waited_stays_stopped(of):
    async def scenario():
        async with page(Div()) as (document, _):
            look = Look(Resting(), of)
            on(document, lambda: look.subscribe(lambda look: None))
            await until(lambda: look.waiting)
            look.stop()
            await asyncio.sleep(3 * Resting.rest / 1000)
            return look.answer, look.failure

    assert asyncio.run(scenario()) == (None, STOPPED)


def test_one_update_at_a_time_is_on_its_way_to_ask_again(of, monkeypatch):
    async def scenario():
        scheduled = []
        schedule = feed_module.update_page
        monkeypatch.setattr(feed_module, "update_page", lambda update, delay=0, document=None: (
            scheduled.append(update) if update.__name__ == "ask_again" else None, schedule(update, delay, document)
        ))  # fmt: skip
        async with page(Div()) as (document, _):
            look = Look(Resting(), of)
            on(document, lambda: look.subscribe(lambda look: None))
            await until(lambda: look.waiting)
            for question in range(2, 9):
                on(document, lambda question=question: setattr(of.settings, "question", question))
                await until(lambda question=question: of.answer == question)
            waited = len(scheduled)
            await until(lambda: look.answer == 16)
        return waited

    assert asyncio.run(scenario()) < 7


def test_a_sparing_look_waits_for_its_turn_and_for_quick_answers(of, monkeypatch):
    asked, granted = [], [False, True]

    class Turn:
        def granted(self):
            asked.append(Task.in_flight)
            return granted.pop(0)

        def taken(self):
            return nullcontext()

    async def scenario():
        monkeypatch.setattr(module, "turns", lambda probe: Turn())
        async with page(Div()) as (document, _):
            look = Look(Sparing(), of)
            monkeypatch.setattr(Task, "in_flight", 1)
            on(document, lambda: look.subscribe(lambda look: None))
            await until(lambda: of.answer == 1)
            await asyncio.sleep(0.1)
            assert (asked, look.answer) == ([], None)  # somebody waits for a quick answer
            monkeypatch.setattr(Task, "in_flight", 0)
            await until(lambda: look.answer == 2)

    asyncio.run(scenario())
    assert asked == [0, 0]
    assert granted == []


def test_all_looks_by_one_probe_share_their_turns():
    assert module.turns(Sparing) is module.turns(Sparing)
    assert module.turns(Sparing) is not module.turns(Resting)
