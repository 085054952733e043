"""What signals and gradients really do in networks that are drawn: measured, seed by seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import jax
import numpy as np

from initviz.engine.passes import Kind, Numbers, Statistics, run
from initviz.networks.drawing import drawn, kind_of
from initviz.networks.network import Network, whole

SHOWN = (1, 2, 4, 8, 16, 32, 64)
"""After how many seeds there is a new answer."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Statistics of every layer of several networks that differ by their seeds: arrays of (seeds, layers)."""

    network: Network
    square: np.ndarray
    """Mean square of h, in single precision: what is below 1e-38 is 0."""
    gradient: np.ndarray
    """Mean square of the gradient with respect to h; of what leaves the network it is 1."""
    correlation: np.ndarray
    """Of h for both inputs of a pair: their cosine, the mean over pairs."""
    dead: np.ndarray
    """Share of units that give 0 for every input of the batch."""
    flat: np.ndarray
    """Share of values at which the slope of the activation is nearly 0."""
    counts: np.ndarray
    """Histogram of h in units of the root of its mean square, (seeds, layers, bins)."""
    leaves: np.ndarray
    """Mean square of what leaves a layer: of the stream in residual networks, which a norm before h hides from it."""
    gradient_counts: np.ndarray
    """Histogram of the gradient with respect to h, as that of h."""

    @property
    def seeds(self) -> int:
        """How many networks there are."""
        return len(self.square)


def measure(
    network: Network, seeds: int = 1, progress: Callable[[float], None] = lambda share: None
) -> Iterator[Measured]:
    """Answers of more and more seeds: the first at once, the last of all.

    >>> [found.seeds for found in measure(Network(depth=4, width=16), 3)]
    [1, 2, 3]

    Args:
        network: what is drawn.
        seeds: how often.
        progress: called after every seed with the finished share; what it raises ends the measuring.

    Raises:
        ValueError: seeds are no whole number from 1; with the fix.
    """
    whole("seeds", seeds, 1, 10_000)
    kind, numbers = kind_of(network)
    found: list[Statistics] = []
    for seed in range(seeds):
        found.append(_one(network, kind, numbers, seed))
        progress((seed + 1) / seeds)
        if seed + 1 in SHOWN or seed + 1 == seeds:
            of_all: Statistics = jax.tree.map(lambda *each: np.array(each), *found)
            yield Measured(network, *of_all)


def _one(network: Network, kind: Kind, numbers: Numbers, seed: int) -> Statistics:
    given = drawn(network, seed)  # held until there are results: `run` returns before it has read the weights
    found = run(kind, *given, numbers)
    return jax.tree.map(lambda each: np.asarray(each)[: network.depth], found)
