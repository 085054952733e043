"""What a network is shown: pairs of inputs."""

import math
from functools import lru_cache

import jax
import numpy as np

from initviz.networks.network import Network

PAIR = 0.5
"""The correlation of the two inputs of a pair, of normal numbers with variance 1."""


def inputs_of(network: Network, key: jax.Array) -> np.ndarray:
    """Its inputs, (batch, *positions, width), neighbours a pair: by chance, but for digits, which have no key.

    Their root mean square is `input_std`. Of a one-hot input a unit is √width times that and the others are 0; in a
    pair two different ones, and so at every position.
    """
    chance = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    with np.errstate(over="ignore"):  # what float32 has not is infinite
        return (network.input_std * MADE[network.inputs](network, chance)).astype(np.float32)


def correlations_of(network: Network) -> tuple[float, ...]:
    """The correlations of the inputs of its pairs; one that all have, where that is so but for chance.

    Empty for digits in convolutions where each position sees another choice of pixels.
    """
    if network.inputs == "digits":
        pairs = _digits(network).reshape(-1, 2, *network.positions, network.width)
        found = np.mean(pairs[:, 0] * pairs[:, 1], axis=-1).reshape(len(pairs), -1)
        return tuple(found[:, 0].tolist()) if np.allclose(found, found[:, :1]) else ()
    return (PAIR if network.inputs == "gaussian" else 0.0,)


def _gaussian(network: Network, chance: np.random.Generator) -> np.ndarray:
    first, second = chance.standard_normal((2, network.batch // 2, *network.positions, network.width))
    return _paired(first, PAIR * first + math.sqrt(1 - PAIR**2) * second)


def _one_hot(network: Network, chance: np.random.Generator) -> np.ndarray:
    shape, width = (network.batch // 2, *network.positions), network.width
    first = chance.integers(width, size=shape)
    other = (first + chance.integers(1, width, size=shape)) % width
    return math.sqrt(width) * np.eye(width)[_paired(first, other)]


def _paired(first: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.stack([first, other], axis=1).reshape(-1, *first.shape[1:])


def _digits(network: Network, chance: np.random.Generator | None = None) -> np.ndarray:
    """The first images, in their order."""
    return seen_by(network, digits()[0][: network.batch])


def seen_by(network: Network, images: np.ndarray) -> np.ndarray:
    """Images as a network sees them: unit j of `width` pixel ⌊64 j / width⌋ of the 64; of each the mean square is 1.

    Of a convolution each position sees them from its own pixel on, so that all have signals of one size.
    """
    pixels = np.arange(network.width) * images.shape[1] // network.width
    start = np.arange(math.prod(network.positions)).reshape(*network.positions, 1)
    seen = images[:, (start + pixels) % images.shape[1]]
    return seen / np.sqrt(np.mean(seen**2, axis=-1, keepdims=True))


@lru_cache(maxsize=1)
def digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's handwritten digits, (images, pixels), less the mean of all pixels; and which ones they are."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return images - images.mean(), labels.astype(np.int32)


MADE = {"gaussian": _gaussian, "one-hot": _one_hot, "digits": _digits}
