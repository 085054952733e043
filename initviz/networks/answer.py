"""The answer to a question about a network: what its signals and gradients do, measured and predicted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from initviz.networks.jacobian import jacobian_values
from initviz.networks.lsuv import Lsuv, lsuv
from initviz.networks.measured import Measured, measure
from initviz.networks.network import Network
from initviz.networks.predicted import Predicted, predict
from initviz.networks.verdict import Verdict, judge
from initviz.propagation.jacobian import Jacobian, jacobian
from initviz.propagation.jacobian_law import JacobianLaw, jacobian_law
from initviz.propagation.phases import PhaseDiagram, phase_diagram

ALIKE = 0.01
"""By how much the size of a signal may differ between layers that count as alike."""


class Asked(Protocol):
    """What is asked: a network, and how often it is drawn."""

    @property
    def network(self) -> Network:
        """What is drawn."""

    @property
    def seeds(self) -> int:
        """How many times."""

    @property
    def lsuv(self) -> bool:
        """Whether its layers are rescaled."""


@dataclass(frozen=True, eq=False, repr=False)
class NetworkAnswer:
    """A network drawn some times, and the theory of it. Frozen, and whole in itself, though a later one has more."""

    question: Any
    network: Network
    measured: Measured
    predicted: Predicted | None = None
    no_theory: str = ""
    """Why there is no theory, if there is none; nothing of both while it is on its way."""
    phases: PhaseDiagram | None = None
    jacobian: np.ndarray | None = None
    """Singular values of the Jacobian of the first network at its first input, descending."""
    law: JacobianLaw | Jacobian | None = None
    """What theory knows of their squares."""
    rescaled: Lsuv | None = None
    """How its layers were rescaled."""
    no_jacobian: str = ""
    """Why there are none, if there are none; nothing of both while they are on their way."""

    @cached_property
    def verdict(self) -> Verdict:
        """Whether signals and gradients keep their size, and what would mend it."""
        return judge(self.network, self.measured)


def answer_network(question: Asked, progress: Callable[[float], None]) -> Iterator[NetworkAnswer]:
    """Answers, each more complete: the first seed, theory, Jacobian, further seeds.

    Raises:
        TypeError, ValueError: the settings contradict each other, with the fix.
        Cancelled: `progress` raised it.
    """
    network = question.network
    rescaled = lsuv(network) if question.lsuv else None
    network = rescaled.network if rescaled else network
    drawn = measure(network, question.seeds)
    found = NetworkAnswer(question, network, next(drawn), rescaled=rescaled)
    progress(1 / (question.seeds + 1))
    yield found
    try:
        found = replace(found, predicted=predict(network))
    except ValueError as refusal:
        found = replace(found, no_theory=str(refusal))
    progress(1 / (question.seeds + 1))
    found = replace(found, phases=phase_diagram(network.function))
    yield found
    try:
        found = replace(found, jacobian=jacobian_values(network), law=_law(network, found.predicted))
    except ValueError as refusal:
        found = replace(found, no_jacobian=str(refusal))
    progress(2 / (question.seeds + 1))
    yield found
    for measured in drawn:
        found = replace(found, measured=measured)
        progress(min((1 + measured.seeds) / (question.seeds + 1), 1.0))
        yield found


def _law(network: Network, predicted: Predicted | None) -> JacobianLaw | Jacobian | None:
    """What theory knows of the Jacobian of dense layers alike; None of others."""
    plain = network.branch is None and not network.norm and not network.padding and not network.factors
    if predicted is None or not plain:
        return None
    settings = network.function, network.weight_variance
    if law := jacobian_law(*settings, network.depth, network.is_orthogonal):
        return law
    q = float(predicted.square[-1])
    if np.ptp(predicted.square) > ALIKE * q:  # of which nothing is known
        return None
    return jacobian(*settings, q, network.depth, network.is_orthogonal)
