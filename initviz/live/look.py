"""A closer look as a feed of its own: a probe at the answer that another feed shows."""

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from initviz.live.feed import Feed
from initviz.live.subscription import Subscription
from initviz.live.task import Task
from initviz.live.turns import Turns
from initviz.probes import Probe


@dataclass(frozen=True)
class LookQuestion:
    """A probe with its settings, and the answer to look closer at."""

    probe: type[Probe]
    settings: tuple[tuple[str, Any], ...]
    answer: Any


@cache
def turns(probe: type[Probe]) -> Turns:
    """Those of all looks by this probe, on all pages."""
    return Turns(probe.share)


class Look(Feed):
    """What a probe finds in the answer of another feed, which is looked at only while somebody looks at this one.

    A look that takes a share of the time waits for its turn, and lets every quick answer go first: in a class that
    moves its sliders it would take more time than they do.
    """

    def __init__(self, probe: Probe, of: Feed):
        self.of = of
        self._followed: dict[Subscription, Subscription] = {}
        super().__init__(probe, _find, lambda question: False)

    @property
    def question(self) -> LookQuestion | None:
        """The probe as it is set now, and the answer on show; None where there is none yet."""
        if self.of.answer is None:
            return None
        return LookQuestion(type(self.settings), self.settings.values(), self.of.answer)

    def watched(self) -> list[str]:
        """Those of the probe."""
        return list(self.settings.arguments)

    def rest(self) -> float:
        """Until the answer has been on show for as long as the probe says, and until it is its turn, which is taken."""
        probe = type(self.settings)
        left = probe.rest - 1000 * (time.monotonic() - self.of.since)
        if left <= 0 and probe.share < 1 and (Task.in_flight or not turns(probe).granted()):
            left = probe.rest
        return max(left, 0)

    def look(self, subscription: Subscription) -> None:
        """Somebody looks, and on the same page at the other feed, too."""
        super().look(subscription)
        self._followed[subscription] = self.of.subscribe(lambda feed: self.ask())

    def look_away(self, subscription: Subscription) -> None:
        """Somebody looks no more; others go on, though what had to wait may have waited on the page that is closed."""
        super().look_away(subscription)
        if subscription in self._followed:
            self._followed.pop(subscription).end()
            if self._followed:
                self.ask_again()


def _find(question: LookQuestion, progress) -> Any:
    probe = question.probe(**dict(question.settings))
    if question.probe.share == 1:
        return probe.answer(question.answer, progress)
    with turns(question.probe).taken():
        return probe.answer(question.answer, progress)
