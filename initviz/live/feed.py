"""A feed: settings, one background task, and the newest answer, which whoever subscribes is told."""

import logging
import time
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any

import jax
import param

from initviz.live.subscription import Subscription
from initviz.live.task import Task
from initviz.live.updates import can_wait, update_page
from initviz.live.watching import watch
from initviz.settings import knobs

REFUSALS = (*knobs.REFUSALS, MemoryError, jax.errors.JaxRuntimeError)
"""What a job raises whose message is meant to be read; anything else is a fault of ours, and the log has all of it."""
STOPPED = "Stopped. Run it again, or change a setting."
LOG = logging.getLogger(__name__)


class Feed(param.Parameterized):
    """The newest answer to what its settings ask, computed while somebody looks: who has subscribed to `answer`.

    Any number of views may look, on any pages, and are told the same. The same question is not answered twice. A job
    that yields shows each answer in place of the one before.

    Args:
        settings: what is asked: anything with a watchable `question`, frozen and compared by value; may be replaced.
        job: `job(question, progress)`, see `Task`.
        is_quick: whether the job for a question waits for no long one, see `Task`.
        first: the answer to what the settings ask now, if it is there already.
    """

    settings = param.Parameter(doc="What is asked: anything with a watchable question.")
    answer = param.Parameter(None, doc="The newest answer; None before the first.")
    failure = param.String("", doc="Why there is no answer to what was asked last; empty where there is one.")
    stale = param.Boolean(True, doc="Whether the answer is to another question than the settings ask now.")
    waiting = param.Boolean(False, doc="Whether neither answer nor failure is of what was asked last.")
    busy = param.Boolean(False, doc="Whether a job has been running for long.")
    progress = param.Number(None, bounds=(0, 1), allow_None=True, doc="The share of a long job that is done, if known.")

    def __init__(
        self,
        settings: Any,
        job: Callable[[Any, Callable[[float], None]], Any],
        is_quick: Callable[[Any], bool] = attrgetter("is_quick"),
        first: Any = None,
    ):
        self._task = Task(job, self._take, self._report, is_quick)
        self._looking: set[Subscription] = set()
        self._asked: Any = None  # what is answered, refused, given up or on its way
        self._answered: Any = None
        self._asks_again = 0.0
        self.since = 0.0
        """When the answer came, by `time.monotonic`."""
        super().__init__(settings=settings)
        self._follow()
        if first is not None:
            self._asked = self.question
            self._take(self._asked, first)

    # -- for those who look -------------------------------------------------------------------------------------

    def subscribe(self, view: Callable[["Feed"], None], *names: str, delay: float = 0) -> Subscription:
        """Call `view(feed)` now and after every change of these parameters, `answer` and `failure` if none are named.

        It is called on the page that subscribes. What it raises goes to the log and becomes the failure; others are
        told all the same.

        Args:
            view: what shows the feed.
            names: parameters; whoever subscribes to `answer` looks, until the subscription ends.
            delay: milliseconds after a change until it is called on a served page, unless a newer answer came.
        """
        return Subscription(self, view, names or ("answer", "failure"), delay)

    @property
    def result(self) -> Any:
        """The whole answer to what the settings ask now, computed at once if it is not on show yet.

        Raises:
            Exception: what the job raised, such as ValueError where the settings contradict each other.
        """
        question = self.question
        if not self.failure and question == self._answered and self._task.finished:
            return self.answer
        self._asked = question
        try:
            outcome = self._task.now(question)
        except Exception as failure:
            self._take_here(question, failure)
            raise
        self._take_here(question, outcome)
        return outcome

    def stop(self) -> None:
        """Give up what is on its way, and say so."""
        if self.waiting or self.busy:
            self._give_up()
            self._asked = self.question
            self.param.update(waiting=False, busy=False, progress=None, failure=STOPPED)

    @property
    def stopped(self) -> bool:
        """Whether what is asked now was given up by `stop`."""
        return self.failure == STOPPED and not self.waiting

    def run_again(self) -> None:
        """Ask what was stopped once more."""
        if self.stopped:
            self._asked, self.failure = None, ""
            self.ask()

    # -- what is asked ------------------------------------------------------------------------------------------

    @property
    def question(self) -> Any:
        """What is asked now; None for nothing."""
        return self.settings.question

    def watched(self) -> list[str]:
        """Names of the parameters of the settings that change the question."""
        return ["question"]

    def rest(self) -> float:
        """Milliseconds for which the question of now has to wait on a served page; 0 if it may be answered."""
        return 0

    @param.depends("settings", watch=True)
    def _settings_replaced(self) -> None:
        self._watcher.inst.param.unwatch(self._watcher)
        self._follow()
        self.ask()

    def _follow(self) -> None:
        """Follow the settings, which keep no feed alive that is forgotten."""
        self._watcher = watch(self.settings, self._asked_anew, self.watched())

    def _asked_anew(self, *_events) -> None:
        self.ask()

    def ask(self) -> None:
        """Answer the question of now, if somebody looks and it is neither answered, refused, stopped nor on its way."""
        question = self.question
        if question == self._asked:
            self.stale = question is None or question != self._answered
            return
        self._forget_part()
        stale = question is None or question != self._answered
        wanted = stale and self._looking and question is not None
        wait = self.rest() if wanted and can_wait() else 0
        if wanted and not wait:
            self._asked = question
            self.param.update(stale=True, waiting=True)
            self._task.ask(question)
            return
        self._task.give_up()
        if not stale:
            self._asked = question
            self.param.update(stale=False, waiting=False, failure="")
            return
        self._asked = None
        self.param.update(stale=True, waiting=question is not None)
        if wait and self._asks_again < time.monotonic():  # or an update that asks again is on its way
            self._asks_again = time.monotonic() + wait / 1000
            update_page(self.ask_again, wait)

    def ask_again(self) -> None:
        """Ask what had to wait."""
        self._asks_again = 0.0
        self.ask()

    def _give_up(self) -> None:
        """Give up what is on its way."""
        self._forget_part()
        self._task.give_up()

    def _forget_part(self) -> None:
        """Of an answer that is not whole yet, let its question be asked again."""
        if self._asked == self._answered and not self._task.finished:
            self._answered = None

    def look(self, subscription: Subscription) -> None:
        """Somebody looks."""
        self._looking.add(subscription)
        self.ask()

    def look_away(self, subscription: Subscription) -> None:
        """Somebody looks no more; what is on its way for nobody is given up."""
        if subscription in self._looking:
            self._looking.remove(subscription)
            if not self._looking and (self.waiting or not self._task.finished):
                self._give_up()
                self._asked = None

    # -- what comes of it ---------------------------------------------------------------------------------------

    def _take(self, question: Any, outcome: Any) -> None:
        if isinstance(outcome, Exception):
            self._answered = None if question == self._answered else self._answered  # by a part of what failed
            refused = isinstance(outcome, REFUSALS)
            now = {"failure": (str(outcome) or type(outcome).__name__) if refused else _fault(outcome)}
        else:
            self._answered, self.since = question, time.monotonic()
            now = {"answer": outcome, "failure": ""}
        self.param.update(stale=self.question != self._answered, waiting=not self._task.current, **now)

    def _take_here(self, question: Any, outcome: Any) -> None:
        take = partial(self._take, question, outcome)
        update_page(take) if self._looking else take()

    def _report(self, busy: bool, share: float | None) -> None:
        self.param.update(busy=busy, progress=share)

    def view_failed(self, failure: Exception) -> None:
        """Take what a view raised: others are told all the same."""
        message = _fault(failure)
        self.failure = self.failure or message


def _fault(failure: Exception) -> str:
    """What to read about a failure that nobody thought of; the log has the traceback."""
    LOG.error("unexpected failure", exc_info=failure)
    return (
        f"A fault of initviz ({type(failure).__name__}: {failure}) leaves these settings without an answer. "
        "Choose others, and report it with the log."
    )
