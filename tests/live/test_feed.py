"""Feeds: settings in, answers out to whoever looks, failures as words, and nothing computed for nobody."""

import asyncio
import gc
import logging
import threading
import weakref

import param
import pytest
from bokeh.models import Div
from served import on, page

from initviz.live import task as task_module
from initviz.live.feed import STOPPED, Feed


class Settings(param.Parameterized):
    """The least that can ask."""

    question = param.Parameter(0)


class Asked(list):
    """A job that remembers its questions; negative ones are refused, 13 is a fault of ours."""

    def __call__(self, question, progress):
        self.append(question)
        if question == 13:
            raise KeyError("thirteen")
        if question < 0:
            raise ValueError(f"question must be at least 0, got {question}. Ask 1.")
        return question * 10


def feed_of(job, settings=None, quick=True):
    return Feed(settings or Settings(), job, lambda question: quick)


class View(list):
    """What a view has shown."""

    def __call__(self, feed):
        self.append((feed.answer, feed.failure))


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def test_nothing_is_computed_until_somebody_looks():
    asked = Asked()
    feed = feed_of(asked)
    feed.settings.question = 3
    assert asked == []
    assert (feed.answer, feed.stale) == (None, True)
    view = View()
    feed.subscribe(view)
    assert asked == [3]
    assert view[-1] == (30, "")
    assert (feed.stale, feed.waiting) == (False, False)


def test_nothing_is_computed_once_nobody_looks_any_more():
    asked, view = Asked(), View()
    feed = feed_of(asked)
    subscription = feed.subscribe(view)
    subscription.end()
    feed.settings.question = 1
    assert asked == [0]
    assert feed.stale
    seen = len(view)
    feed.subscribe(view)
    assert asked == [0, 1]
    assert view[seen:] == [(0, ""), (10, "")]


def test_one_who_watches_the_state_alone_does_not_look():
    asked, states = Asked(), []
    feed = feed_of(asked)
    feed.subscribe(lambda feed: states.append(feed.stale), "stale")
    assert asked == []
    feed.subscribe(View())
    assert states == [True, False]


def test_one_recompute_per_change_and_none_for_what_is_on_show():
    asked = Asked()
    feed = feed_of(asked)
    feed.subscribe(View())
    feed.settings.question = 1
    feed.settings.param.trigger("question")
    assert feed.result == 10
    assert asked == [0, 1]


def test_two_views_of_one_feed_move_together():
    asked, first, second = Asked(), View(), View()
    feed = feed_of(asked)
    feed.subscribe(first)
    feed.subscribe(second)
    feed.settings.question = 2
    assert first[-1] == second[-1] == (20, "")
    assert asked == [0, 2]


def test_two_feeds_of_one_study_are_separate():
    settings, asked = Settings(), Asked()
    first, second = feed_of(asked, settings), feed_of(asked, settings)
    first.subscribe(View())
    settings.question = 4
    assert first.answer == 40
    assert second.answer is None


def test_settings_can_be_replaced():
    asked, view = Asked(), View()
    feed = feed_of(asked)
    feed.subscribe(view)
    old, new = feed.settings, Settings(question=5)
    feed.settings = new
    assert view[-1] == (50, "")
    old.question = 6
    assert asked == [0, 5]
    new.question = 7
    assert view[-1] == (70, "")
    feed.settings = Settings(question=7)
    assert asked == [0, 5, 7]  # the same question


def test_a_refusal_is_a_message_beside_the_last_answer_until_there_is_a_new_one():
    asked, view = Asked(), View()
    feed = feed_of(asked)
    feed.subscribe(view)
    feed.settings.question = -1
    message = "question must be at least 0, got -1. Ask 1."
    assert view[-1] == (0, message)
    assert (feed.stale, feed.waiting) == (True, False)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        feed.result  # noqa: B018 - raises
    assert str(refusal.value) == message
    feed.settings.question = 1
    assert view[-1] == (10, "")
    assert not feed.stale


def test_going_back_from_a_refusal_needs_no_new_answer():
    asked, view = Asked(), View()
    feed = feed_of(asked)
    feed.subscribe(view)
    feed.settings.question = -1
    feed.settings.question = 0
    assert view[-1] == (0, "")
    assert asked == [0, -1]
    feed.settings.question = -1
    assert feed.failure


def test_a_fault_that_nobody_thought_of_is_a_message_and_in_the_log(caplog):
    view = View()
    feed = feed_of(Asked())
    feed.subscribe(view)
    with caplog.at_level(logging.ERROR):
        feed.settings.question = 13
    assert view[-1] == (0, "A fault of initviz (KeyError: 'thirteen') leaves these settings without an answer. "
                           "Choose others, and report it with the log.")  # fmt: skip
    assert "Traceback" in caplog.text
    assert "KeyError: 'thirteen'" in caplog.text
    feed.settings.question = 1
    assert view[-1] == (10, "")


def test_a_view_that_raises_breaks_no_other_and_is_heard(caplog):
    before, after = View(), View()
    feed = feed_of(Asked())
    feed.subscribe(before)

    def broken(feed):
        if feed.answer == 10:
            raise ValueError("drawn by zero")

    feed.subscribe(broken)
    feed.subscribe(after)
    feed.settings.question = 1
    message = ("A fault of initviz (ValueError: drawn by zero) leaves these settings without an answer. "
               "Choose others, and report it with the log.")  # fmt: skip
    assert before[-1] == after[-1] == (10, message)
    assert "drawn by zero" in caplog.text
    feed.settings.question = 2
    assert before[-1] == after[-1] == (20, "")


def test_a_subscription_that_ended_is_told_nothing():
    view = View()
    feed = feed_of(Asked())
    subscription = feed.subscribe(view)
    feed.subscribe(View())
    subscription.end()
    subscription.end()
    seen = len(view)
    feed.settings.question = 1
    assert len(view) == seen


def gated(gates):
    """A job that yields a part of its answer at each gate."""

    def job(question, progress):
        for place, gate in enumerate(gates):
            assert gate.wait(20)
            yield 10 * question + place

    return job


def test_partial_answers_are_shown_in_order():
    async def scenario():
        gates, view = [threading.Event() for _ in range(3)], View()
        feed = feed_of(gated(gates))
        feed.subscribe(view)
        for place, gate in enumerate(gates):
            assert feed.answer == (place - 1 if place else None)
            gate.set()
            await until(lambda place=place: feed.answer == place)
            assert (feed.stale, feed.waiting) == (False, False)
        return [answer for answer, _ in view]

    assert asyncio.run(scenario()) == [None, 0, 1, 2]


def test_stale_partial_answers_are_dropped():
    async def scenario():
        gates, view = [threading.Event() for _ in range(3)], View()
        feed = feed_of(gated(gates))
        feed.subscribe(view)
        gates[0].set()
        await until(lambda: feed.answer == 0)
        feed.settings.question = 1
        assert feed.stale
        assert feed.waiting
        for gate in gates:
            gate.set()
        await until(lambda: feed.answer == 12)
        return [answer for answer, _ in view]

    shown = asyncio.run(scenario())
    assert shown[:2] == [None, 0]
    assert shown[-3:] == [10, 11, 12]
    assert 2 not in shown


@pytest.mark.parametrize("away", ["another question", "nobody looks", "stopped"])
def test_a_part_of_an_answer_is_asked_again_when_its_job_was_given_up(away):
    async def scenario():
        gates, view = [threading.Event() for _ in range(3)], View()
        feed = feed_of(gated(gates))
        subscription = feed.subscribe(view)
        gates[0].set()
        await until(lambda: feed.answer == 0)
        if away == "nobody looks":
            subscription.end()
            feed.subscribe(view)
        else:
            if away == "stopped":
                feed.busy = True
                feed.stop()
            feed.settings.question = 1
            feed.settings.question = 0
        assert feed.stale
        for gate in gates:
            gate.set()
        await until(lambda: feed.answer == 2)
        return feed.stale, feed.failure

    assert asyncio.run(scenario()) == (False, "")


def test_a_failure_after_a_part_is_of_the_whole():
    def job(question, progress):
        yield question
        if not question:
            raise ValueError("no")

    feed = feed_of(job)
    feed.subscribe(View())
    assert (feed.answer, feed.failure, feed.stale) == (0, "no", True)
    feed.settings.question = 1
    assert (feed.answer, feed.failure, feed.stale) == (1, "", False)
    feed.settings.question = 0
    assert (feed.answer, feed.failure) == (0, "no")


def test_the_result_is_the_whole_answer():
    feed = feed_of(lambda question, progress: (10 * question + part for part in range(3)))
    assert feed.result == 2
    assert feed.answer == 2


def test_many_changes_at_once_end_in_the_last_answer():
    async def scenario():
        asked, view = Asked(), View()
        feed = feed_of(asked)
        feed.subscribe(view)
        for question in range(1, 31):
            feed.settings.question = question
        assert feed.result == 300  # live at once, whatever runs behind
        await until(lambda: feed._task._worker.done())
        return asked, feed.answer

    asked, answer = asyncio.run(scenario())
    assert answer == 300
    assert len(asked) < 10


def slow(started):
    def job(question, progress):
        started.append(question)
        while question:
            progress(0.5)
            threading.Event().wait(0.005)
        return 10

    return job


def test_a_long_job_is_busy_can_be_stopped_and_asked_again(monkeypatch):
    monkeypatch.setattr(task_module, "PATIENCE", 0.01)
    monkeypatch.setattr(task_module, "ATTENTION", 0)

    async def scenario():
        started, view = [], View()
        feed = feed_of(slow(started), quick=False)
        feed.subscribe(view)
        await until(lambda: feed.answer == 10)
        feed.settings.question = 1
        await until(lambda: feed.progress == 0.5)
        assert feed.busy
        feed.stop()
        assert view[-1] == (10, STOPPED)
        assert not feed.waiting
        await until(lambda: not feed.busy)
        feed.stop()
        feed.settings.question = 0
        assert view[-1] == (10, "")
        feed.settings.question = 1
        await until(lambda: len(started) == 3)
        feed.stop()
        return started

    assert asyncio.run(scenario()) == [0, 1, 1]


def test_what_is_on_its_way_for_nobody_is_given_up():
    async def scenario():
        started, view = [], View()
        feed = feed_of(slow(started), Settings(question=1), quick=False)
        subscription = feed.subscribe(view)
        await until(lambda: started)
        subscription.end()
        await until(lambda: feed._task._worker.done())
        assert feed.answer is None
        feed.subscribe(view)
        await until(lambda: len(started) == 2)  # asked again, since somebody looks
        feed.stop()

    asyncio.run(scenario())


def test_going_back_while_a_job_runs_gives_it_up():
    async def scenario():
        started, view = [], View()
        feed = feed_of(slow(started), quick=False)
        feed.subscribe(view)
        await until(lambda: feed.answer == 10)
        feed.settings.question = 1
        await until(lambda: len(started) == 2)
        feed.settings.question = 0
        assert (feed.stale, feed.waiting, feed.failure) == (False, False, "")
        await until(lambda: feed._task._worker.done())
        return view, started

    view, started = asyncio.run(scenario())
    assert view[-1] == (10, "")
    assert started == [0, 1]


def test_settings_keep_no_feed_alive_that_is_forgotten():
    settings, gone = Settings(), []
    for _ in range(50):
        feed = feed_of(Asked(), settings)
        feed.subscribe(View())
        gone.append(weakref.ref(feed))
    del feed
    gc.collect()
    assert [feed() for feed in gone] == [None] * 50
    settings.question = 1
    assert not settings.param.watchers["question"]["value"]


def test_views_on_several_pages_move_together_each_in_a_message_of_its_page():
    async def scenario():
        first, second = Div(text=""), Div(text="")
        asked = Asked()
        feed = feed_of(asked)
        async with page(first) as (one, messages), page(second) as (two, others):
            on(one, lambda: feed.subscribe(lambda feed: setattr(first, "text", str(feed.answer))))
            on(two, lambda: feed.subscribe(lambda feed: setattr(second, "text", str(feed.answer))))
            await until(lambda: first.text == second.text == "0")
            await until(lambda: messages and others)
            messages.clear()
            others.clear()
            on(one, lambda: setattr(feed.settings, "question", 1))
            await until(lambda: messages and others)
        return asked, messages, others

    assert asyncio.run(scenario()) == ([0, 1], [["10"]], [["10"]])


def test_a_page_that_was_closed_is_told_nothing_more():
    async def scenario():
        asked, told = Asked(), []
        feed = feed_of(asked)
        async with page() as (document, _):
            on(document, lambda: feed.subscribe(lambda feed: told.append(feed.answer)))
            await until(lambda: told and told[-1] == 0)
        document._session_context = None
        feed.settings.question = 1
        await until(lambda: feed.answer == 10)
        feed.settings.question = 2
        await asyncio.sleep(0.05)
        return asked, told

    assert asyncio.run(scenario()) == ([0, 1], [None, 0])


def test_the_job_of_a_page_that_was_closed_is_given_up():
    async def scenario():
        started, view = [], View()
        feed = feed_of(slow(started), Settings(question=1), quick=False)
        async with page() as (document, _):
            on(document, lambda: feed.subscribe(view))
            await until(lambda: started)
            for closed in document.session_destroyed_callbacks:
                closed(document.session_context)
            await until(lambda: feed._task._worker.done())
        return feed.answer, view

    assert asyncio.run(scenario()) == (None, [(None, "")])


def test_what_has_time_is_told_later_on_a_served_page_and_only_of_the_newest():
    async def scenario():
        told, feed = [], feed_of(Asked())
        assert feed.result == 0
        async with page() as (document, _):
            on(document, lambda: feed.subscribe(lambda feed: told.append(feed.answer), "answer", delay=1500))
            for question in (1, 2, 3):
                on(document, lambda question=question: setattr(feed.settings, "question", question))
                await until(lambda question=question: feed.answer == 10 * question)
            assert told == []
            await until(lambda: told)
            await asyncio.sleep(0.2)
        return told

    assert asyncio.run(scenario()) == [30]
