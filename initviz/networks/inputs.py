"""What a network is shown: pairs of inputs."""

import math
from functools import lru_cache

import jax
import numpy as np

from initviz.networks.network import Network

PAIR = 0.5
"""The correlation of the two inputs of a pair, of normal numbers with variance 1."""


def inputs_of(network: Network, key: jax.Array) -> np.ndarray:
    """Its inputs, (batch, width), neighbours a pair: by chance, but for digits, which are the same for every key.

    Their root mean square is `input_std`. Of a one-hot input a unit is √width times that and the others are 0; in a
    pair two different ones.
    """
    chance = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    return (network.input_std * MADE[network.inputs](network, chance)).astype(np.float32)


def correlations_of(network: Network) -> tuple[float, ...]:
    """The correlations of the inputs of its pairs; one that all have, where that is so but for chance."""
    if network.inputs == "digits":
        first, other = np.moveaxis(_digits(network), 0, -1).reshape(network.width, -1, 2).T
        return tuple(np.mean(first * other, axis=-1).tolist())
    return (PAIR if network.inputs == "gaussian" else 0.0,)


def _gaussian(network: Network, chance: np.random.Generator) -> np.ndarray:
    first, second = chance.standard_normal((2, network.batch // 2, network.width))
    return _paired(first, PAIR * first + math.sqrt(1 - PAIR**2) * second)


def _one_hot(network: Network, chance: np.random.Generator) -> np.ndarray:
    pairs, width = network.batch // 2, network.width
    first = chance.integers(width, size=pairs)
    other = (first + chance.integers(1, width, size=pairs)) % width
    return math.sqrt(width) * np.eye(width)[_paired(first, other)]


def _paired(first: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.stack([first, other], axis=1).reshape(-1, *first.shape[1:])


def _digits(network: Network, chance: np.random.Generator | None = None) -> np.ndarray:
    """The first images, in their order: unit j of `width` sees pixel ⌊64 j / width⌋ of the 64, less the mean of all."""
    images = _images()[: network.batch]
    seen = images[:, np.arange(network.width) * images.shape[1] // network.width]
    return seen / np.sqrt(np.mean(seen**2, axis=-1, keepdims=True))


@lru_cache(maxsize=1)
def _images() -> np.ndarray:
    """scikit-learn's handwritten digits, (images, pixels), less the mean of all pixels."""
    from sklearn.datasets import load_digits

    images = load_digits().data
    return images - images.mean()


MADE = {"gaussian": _gaussian, "one-hot": _one_hot, "digits": _digits}
