"""What is found of several studies side by side: one more of them in every answer, all in the same bins."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np

from initviz import engine
from initviz.answers.answer import seen
from initviz.answers.question import Question
from initviz.checks.arrays import as_array
from initviz.checks.judgement import Judged, judge
from initviz.compare.coupling import Coupled, couplings
from initviz.compare.numbers import Row, rows
from initviz.compare.question import ComparisonQuestion, Entry
from initviz.engine.summary import Bins
from initviz.networks.lsuv import rescaled
from initviz.networks.measured import Measured, measure
from initviz.networks.network import Network
from initviz.networks.predicted import Predicted, predict
from initviz.networks.question import NetworkQuestion
from initviz.networks.training import Trained, train
from initviz.settings.knobs import REFUSALS

Progress = Callable[[float], None]
FAILURES = (*REFUSALS, MemoryError, jax.errors.JaxRuntimeError)
"""What keeps one of several from being found, and leaves the others as they are."""
EVERY = 5
"""Steps of training between its numbers."""


@dataclass(frozen=True, eq=False)
class Signals:
    """What becomes of signals and gradients in a network."""

    measured: Measured
    predicted: Predicted | None
    """None where there is no theory."""


@dataclass(frozen=True, eq=False)
class Found:
    """What is found of one entry: what its look asks for, or why there is nothing."""

    entry: Entry
    what: Any = None
    """A `Judged`, `Signals` or a `Trained` of one network; None where `failure` says why."""
    failure: str = ""


@dataclass(frozen=True, eq=False)
class ComparisonAnswer:
    """The first of what is compared, or all of it. Frozen, and whole in itself, though a later one has more."""

    question: ComparisonQuestion
    all: tuple[Found, ...]
    """In order, those that failed among them."""

    @cached_property
    def found(self) -> tuple[Found, ...]:
        """Those of which something was found."""
        return tuple(each for each in self.all if each.what is not None)

    @property
    def whole(self) -> bool:
        """Whether nothing is to come."""
        return len(self.all) == len(self.question.entries)

    @cached_property
    def coupled(self) -> tuple[Coupled, ...]:
        """Which draws share a key, and what they have in common by that; nothing of networks."""
        if self.question.look != "draws":
            return ()
        return couplings([each.entry for each in self.found], [each.what for each in self.found])

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The numbers of draws side by side, with what differs; nothing of networks."""
        if self.question.look != "draws":
            return ()
        return rows([each.entry for each in self.found], [each.what for each in self.found])

    @cached_property
    def trained(self) -> Trained | None:
        """All trainings as one; None of no training."""
        if self.question.look != "training" or not self.found:
            return None
        each = [found.what for found in self.found]
        return Trained(
            tuple(one.networks[0] for one in each), each[0].total, each[0].steps,
            np.concatenate([one.loss for one in each]), np.concatenate([one.accuracy for one in each]),
            tuple(one.updates[0] for one in each),
        )  # fmt: skip


class Comparer:
    """Answers to questions of one comparison, each with one more entry; what was found before is not found anew."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}
        self._binned: dict[Any, Judged] = {}

    def know(self, question: Question, answer: Judged) -> None:
        """Have the answer to the question of a draw, which somebody had before."""
        self._known = self._known | {_of_draw(question): answer}

    def __call__(self, question: ComparisonQuestion, progress: Progress) -> Iterator[ComparisonAnswer]:
        """Answers, each more complete: the first entry, the first two, and so on; of what is quick all at once.

        Raises:
            Cancelled: `progress` raised it.
        """
        count, known, finished = len(question.entries), self._known, {}
        found: list[Found] = []
        for place, entry in enumerate(question.entries):

            def of_entry(share: float, place: int = place) -> None:
                progress((place + share) / count)

            asked = _asked(question, entry)
            try:
                what = known[asked] if asked in known else FIND[question.look](question, entry, of_entry)
                finished[asked] = what
                found.append(Found(entry, what))
            except FAILURES as failure:
                found.append(Found(entry, failure=str(failure) or type(failure).__name__))
            progress((place + 1) / count)
            # What is kept is what this question is about, and no more: weights take memory.
            self._known = finished if place + 1 == count else known | finished
            if place + 1 == count or not question.is_quick:
                yield self._answer(question, found)

    def _answer(self, question: ComparisonQuestion, found: list[Found]) -> ComparisonAnswer:
        """With what a page asks of it computed, for whoever shows it has no time to."""
        if question.look == "draws":
            found = self._in_common_bins(question, found)
        answer = ComparisonAnswer(question, tuple(found))
        answer.rows, answer.coupled, answer.trained  # noqa: B018 - are kept
        return answer

    def _in_common_bins(self, question: ComparisonQuestion, found: list[Found]) -> list[Found]:
        """The same, all in bins that hold what is there and what is to come."""
        drawn = [each.what for each in found] + [None] * (len(question.entries) - len(found))
        bins = common_bins(question.entries, drawn)
        if bins is None:
            return found
        binned, result = {}, []
        for each in found:
            if each.what is not None:
                place = each.entry.question, bins
                known = self._binned.get(place)
                binned[place] = known or in_bins(each.entry, each.what, bins)
                each = replace(each, what=binned[place])
            result.append(each)
        self._binned = binned
        return result


def _asked(question: ComparisonQuestion, entry: Entry) -> tuple[Any, ...]:
    """All that what is found of an entry depends on."""
    if question.look == "draws":
        return _of_draw(entry.question)
    return question.look, entry.network, question.steps, question.learning_rate


def _of_draw(question: Question) -> tuple[Any, ...]:
    return "draws", question


def _draw(question: ComparisonQuestion, entry: Entry, progress: Progress) -> Judged:
    plan, observation = seen(entry.question, progress)
    return Judged(plan, observation, judge(plan, observation))


def _network(asked: NetworkQuestion) -> Network:
    """The network, rescaled if it is to be."""
    if not asked.lsuv:
        return asked.network
    *_, last = rescaled(asked.network)
    return last.network


def _signals(question: ComparisonQuestion, entry: Entry, progress: Progress) -> Signals:
    network, predicted = _network(entry.network), None
    *_, measured = measure(network, entry.network.seeds, progress)
    with suppress(ValueError):  # of an activation or a network without a theory
        predicted = predict(network, bands=False)
    return Signals(measured, predicted)


def _trained(question: ComparisonQuestion, entry: Entry, progress: Progress) -> Trained:
    networks, steps, rate = [_network(entry.network)], question.steps, question.learning_rate
    *_, last = train(networks, steps, rate, EVERY, progress=progress)
    return last


FIND: dict[str, Callable[[ComparisonQuestion, Entry, Progress], Any]] = {
    "draws": _draw,
    "networks": _signals,
    "training": _trained,
}
"""How what is looked for is found."""


def common_bins(entries: Sequence[Entry], draws: Sequence[Judged | None]) -> Bins | None:
    """The narrowest bins over the laws and the given weights of all; None where nothing has any.

    Args:
        entries: what is compared.
        draws: of each, None of those that are to come or fail.
    """
    found = []
    for entry, draw in zip(entries, draws, strict=True):
        with suppress(*FAILURES):
            found += _bins(entry.question, draw)
    return Bins.union(*found) if found else None


def _bins(question: Question, draw: Judged | None) -> list[Bins]:
    if question.weights:
        return [Bins.covering(as_array(question.weights.array))]
    with np.errstate(over="ignore"):
        plan = draw.plan if draw else question.initializer.plan(question.shape, question.dtype)
    if plan.ensemble.marginal is not None:
        return [Bins.of(plan.ensemble.marginal)]
    value = getattr(plan.ensemble, "value", None)
    return [] if value is None else [Bins.covering(np.asarray(value))]


def in_bins(entry: Entry, draw: Judged, bins: Bins) -> Judged:
    """The same draw, its histogram in these bins; its checks stay those of the bins of its own law."""
    observation, plan = draw.observation, draw.plan
    if observation.weights is not None:
        summary = engine.summarize_array(observation.weights, bins)
    else:
        with entry.question.in_force():
            summary = engine.summarize(plan.ensemble, entry.question.key, plan.shape, plan.dtype, bins)
    result = replace(draw, observation=replace(observation, summary=summary))
    result.band, result.reach, result.spectrum  # noqa: B018 - are kept
    return result
