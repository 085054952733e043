"""What a network is shown: pairs of inputs."""

import math

import jax
import numpy as np

from initviz.networks.network import Network

PAIR = 0.5
"""The correlation of the two inputs of a pair, of normal numbers with variance 1."""


def inputs_of(network: Network, key: jax.Array) -> np.ndarray:
    """Its inputs, (batch, width), neighbours a pair."""
    chance = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    first, second = chance.standard_normal((2, network.batch // 2, network.width))
    other = PAIR * first + math.sqrt(1 - PAIR**2) * second
    inputs = np.stack([first, other], axis=1).reshape(network.batch, network.width)
    return (network.input_std * inputs).astype(np.float32)
