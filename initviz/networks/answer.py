"""The answer to a question about a network: what its signals and gradients do, measured and predicted."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from initviz.networks.gains import Gain, gains
from initviz.networks.jacobian import jacobian_values
from initviz.networks.lsuv import Lsuv, rescaled
from initviz.networks.measured import Measured, measure
from initviz.networks.network import Network
from initviz.networks.predicted import Predicted, predict
from initviz.networks.spread import gradient_spread
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
    no_jacobian: str = ""
    """Why there are none, if there are none; nothing of both while they are on their way."""
    law: JacobianLaw | Jacobian | None = None
    """What theory knows of their squares."""
    no_law: str = ""
    """Why it knows nothing, of convolutions."""
    rescaled: Lsuv | None = None
    """How its layers were rescaled."""

    @cached_property
    def verdict(self) -> Verdict:
        """Whether signals and gradients keep their size, and what would mend it, once there is theory or none."""
        return judge(self.network, self.measured, self.has_theory)

    @property
    def has_theory(self) -> bool:
        """Whether there is theory already, or a reason why there is none."""
        return self.predicted is not None or bool(self.no_theory)

    @cached_property
    def spread(self) -> np.ndarray | None:
        """Below which value 95 % of a layer's gradients are in theory, in units of their size; None without theory."""
        return None if self.predicted is None else gradient_spread(self.network.function, self.predicted.square)

    @cached_property
    def gains(self) -> tuple[Gain, ...]:
        """Every gain that is known for its activation; none of one that has none."""
        with suppress(ValueError):
            return gains(self.network.function)
        return ()


def answer_network(question: Asked, progress: Callable[[float], None]) -> Iterator[NetworkAnswer]:
    """Answers, each more complete: the first seed, theory, Jacobian, further seeds.

    Of a network that LSUV rescales, before them, the first seed with twice as many layers rescaled each time.

    Raises:
        TypeError, ValueError: the settings contradict each other, with the fix.
        Cancelled: `progress` raised it.
    """
    network, lsuv = question.network, None
    whole = question.seeds + 2 + question.lsuv

    def of_seeds(share: float) -> None:
        progress((question.lsuv + question.seeds * share + 2 * (found is not None)) / whole)

    found: NetworkAnswer | None = None
    for lsuv in rescaled(network) if question.lsuv else ():
        layers = len(lsuv.variances)
        progress(layers / network.depth / whole)
        if layers < network.depth and layers.bit_count() == 1:
            yield _judged(NetworkAnswer(question, lsuv.network, next(measure(lsuv.network)), rescaled=lsuv))
    network = lsuv.network if lsuv else network
    drawn = measure(network, question.seeds, of_seeds)
    found = NetworkAnswer(question, network, next(drawn), rescaled=lsuv)
    yield _judged(found)
    try:
        found = replace(found, predicted=predict(network))
    except ValueError as refusal:
        found = replace(found, no_theory=str(refusal))
    with suppress(ValueError):  # of an activation that has none
        found = replace(found, phases=phase_diagram(network.function))
    progress((question.lsuv + 2) / whole)
    yield _judged(found)
    try:
        found = replace(found, jacobian=jacobian_values(network))
    except ValueError as refusal:
        found = replace(found, no_jacobian=str(refusal))
    try:
        found = replace(found, law=_law(network, found.predicted))
    except ValueError as refusal:
        found = replace(found, no_law=str(refusal))
    progress((question.lsuv + 3) / whole)
    yield _judged(found)
    for measured in drawn:
        found = replace(found, measured=measured)
        yield _judged(found)


def _judged(found: NetworkAnswer) -> NetworkAnswer:
    """The same, with what a page asks of it computed, for whoever shows it has no time to."""
    found.verdict, found.gains, found.spread  # noqa: B018 - are kept
    return found


def _law(network: Network, predicted: Predicted | None) -> JacobianLaw | Jacobian | None:
    """What theory knows of the Jacobian of plain layers alike; None of others.

    A convolution that goes on around is, in the basis of frequencies, a matrix with the law of a dense layer at each;
    one tap that is orthogonal is a dense layer at each position (Xiao et al. 2018).

    Raises:
        ValueError: of such a convolution nothing is known.
    """
    plain = network.branch is None and not network.norm and not network.factors
    if predicted is None or not plain:
        return None
    ensemble = network.plan.ensemble
    if network.padding and ensemble.block is not None and not network.is_orthogonal:
        raise ValueError(
            f"no law is known of convolutions of {network.initializer}: what is orthogonal is the kernel as a matrix, "
            "and the convolution is no isometry. Choose delta_orthogonal()."
        )
    if network.kind == "conv same" and not network.is_orthogonal:
        raise ValueError("no law is known of convolutions with zeros beyond the border. Choose 'conv circular'.")
    settings = network.function, network.weight_variance
    if law := jacobian_law(*settings, network.depth, network.is_orthogonal):
        return law
    q = float(predicted.square[-1])
    if np.ptp(predicted.square) > ALIKE * q:  # of which nothing is known
        return None
    return jacobian(*settings, q, network.depth, network.is_orthogonal)
