"""Layer-sequential unit-variance initialization: weights that follow from data (Mishkin & Matas 2016)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from initviz.engine.passes import step
from initviz.networks.drawing import drawn, kind_of
from initviz.networks.network import Network
from initviz.wording import cut, plain

ALLOWED = 0.1
"""By how much a variance may differ from 1."""
MOST_TIMES = 10
"""How often a layer is rescaled at most."""


@dataclass(frozen=True, eq=False)
class Lsuv:
    """A network whose layers are rescaled, one after the other, until their h has a variance of 1."""

    network: Network
    """With the factors that were found."""
    variances: tuple[tuple[float, ...], ...]
    """Of h in each layer that was looked at: as it was, and after each time it was rescaled."""

    @property
    def times(self) -> tuple[int, ...]:
        """How often each layer was rescaled."""
        return tuple(len(each) - 1 for each in self.variances)


def lsuv(network: Network, seed: int = 0) -> Lsuv:
    """A network with factors by which h of every layer has a variance of 1, to 10 %, on the inputs of one of its seeds.

    From the first layer on: the weights of each are divided by the standard deviation of its h, over all inputs and
    units, until `|Var h − 1| < 0.1`, at most 10 times; without biases once is enough. The factors are right for this
    seed, and near it for others.

    >>> found = lsuv(Network(depth=3, width=64, activation="tanh"))
    >>> found.times, all(abs(each[-1] - 1) < 0.1 for each in found.variances)
    ((1, 1, 1), True)

    Raises:
        ValueError: h of a layer does not vary, or is not finite; with the fix.
    """
    *_, found = rescaled(network, seed)
    return found


def rescaled(network: Network, seed: int = 0) -> Iterator[Lsuv]:
    """What `lsuv` finds, layer after layer: each time with another factor, and with 1 for the layers to come."""
    kind, numbers = kind_of(network)
    layers, x, _ = drawn(replace(network, factors=()), seed)
    factors, variances = [1.0] * network.depth, []
    for layer in range(network.depth):
        seen = []
        while True:
            factor = np.float32(factors[layer] * layers.factors[layer])
            h, out = step(kind, layers.weights[layer], factor, layers.biases[layer], x, numbers)
            variance = float(np.var(np.asarray(h, float)))
            if not 0 < variance < math.inf:
                raise ValueError(
                    f"LSUV needs signals that vary and are finite, got a variance of {plain(variance)} in layer "
                    f"{layer + 1} with {cut(str(network.initializer))} and {network.activation}. Choose other weights."
                )
            seen.append(variance)
            if abs(variance - 1) < ALLOWED or len(seen) > MOST_TIMES:
                break
            factors[layer] /= math.sqrt(variance)
        variances.append(tuple(seen))
        x = out
        yield Lsuv(replace(network, factors=tuple(factors)), tuple(variances))
