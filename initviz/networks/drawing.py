"""One network as arrays: what is drawn for a seed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from initviz.engine.passes import Kind, Layered, Numbers
from initviz.networks.inputs import inputs_of
from initviz.networks.network import DEEPEST, Network
from initviz.networks.weights import weights_of
from initviz.propagation.activations import LOOKED_AT
from initviz.propagation.expressions import Part


@dataclass(frozen=True)
class _Structure:
    """An expression but for its numbers, which are traced."""

    whole: Part

    def __call__(self, numbers: tuple) -> Callable[[jax.Array], jax.Array]:
        part = self.whole.with_numbers(iter(numbers))
        return lambda x: jnp.broadcast_to(part.jax(x), x.shape).astype(x.dtype)


class Drawn(NamedTuple):
    """What one pass through a network is given."""

    layers: Layered
    inputs: np.ndarray
    """(batch, *positions, width), neighbours a pair."""
    end: np.ndarray
    """The gradient with respect to what leaves, with mean square 1 but for chance; of the shape of the inputs."""


def drawn(network: Network, seed: int) -> Drawn:
    """A network with the weights, biases and inputs of one of its seeds."""
    weights_key, biases_key, inputs_key = network.keys(seed)
    depth, width = network.depth, network.width
    unit, scale = network.plan.ensemble.standard
    weights = weights_of(unit, weights_key, depth, network.plan.shape)
    chance = np.random.default_rng(np.asarray(jax.random.key_data(biases_key)))
    factors, biases = np.ones(DEEPEST, np.float32), np.zeros((DEEPEST, width), np.float32)
    with np.errstate(over="ignore"):
        factors[:depth] = scale * np.array(network.factors or 1.0)
        biases[:depth] = network.bias_std * chance.standard_normal((depth, width))
    inputs = inputs_of(network, inputs_key)
    end = chance.standard_normal(inputs.shape).astype(np.float32)
    return Drawn(Layered(weights, factors, biases, np.int32(depth)), inputs, end)


def kind_of(network: Network) -> tuple[Kind, Numbers]:
    """What is compiled for a network, and the numbers that it then gets."""
    expression = network.function.expression
    structure = _Structure(expression.whole.with_numbers(iter([0.0] * len(expression.whole.numbers))))
    steepest = np.nanmax(np.abs(network.function.slope(LOOKED_AT)))
    kind = Kind(structure, network.branch is not None, network.norm, network.norm_after and bool(network.norm),
                network.padding)  # fmt: skip
    with np.errstate(over="ignore"):  # what float32 has not is infinite, and the verdict says so
        numbers = tuple(map(np.float32, expression.whole.numbers))
        return kind, Numbers(np.float32(network.branch or 0.0), numbers, np.float32(steepest))
