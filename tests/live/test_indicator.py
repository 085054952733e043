"""The busy bar: shown for long jobs with what is known of them, and a button that stops them."""

import param
import pytest

from initviz.live.feed import STOPPED, Feed
from initviz.live.indicator import HIDDEN, SHOWN, Indicator


class Settings(param.Parameterized):
    question = param.Parameter(1)


@pytest.fixture
def idle():
    """A feed that nobody looks at."""
    return Feed(Settings(), lambda question, progress: question, lambda question: True)


def test_it_shows_how_far_a_long_job_is_and_hides(idle):
    indicator = Indicator(idle)
    assert (indicator.layout.styles, indicator.bar.variant) == (HIDDEN, "determinate")
    idle.busy = True
    assert (indicator.layout.styles, indicator.bar.variant) == (SHOWN, "indeterminate")
    idle.progress = 0.256
    assert (indicator.bar.variant, indicator.bar.value) == ("determinate", 26)
    idle.param.update(busy=False, progress=None)
    assert (indicator.layout.styles, indicator.bar.variant) == (HIDDEN, "determinate")


def test_it_looks_at_nothing_and_stops_what_runs(idle):
    indicator = Indicator(idle)
    assert idle.answer is None
    idle.busy = True
    indicator.stop.clicks += 1
    assert idle.failure == STOPPED


def test_what_was_stopped_is_run_again(idle):
    indicator = Indicator(idle)
    shown = []
    subscription = idle.subscribe(lambda feed: shown.append(feed.answer))
    idle.settings.question = 2
    assert idle.answer == 2
    idle.param.update(busy=True, progress=0.5, waiting=True, stale=True)
    indicator.stop.clicks += 1
    assert (idle.stopped, idle.busy, idle.progress) == (True, False, None)
    assert (indicator.layout.styles, indicator.layout[0].styles, indicator.stop.label) == (SHOWN, HIDDEN, "run again")
    idle._answered = None  # as if it had not come
    indicator.stop.clicks += 1
    assert (idle.answer, idle.failure, idle.stale) == (2, "", False)
    assert (indicator.layout.styles, indicator.stop.label) == (HIDDEN, "stop")
    subscription.end()
