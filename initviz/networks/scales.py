"""Scales of weights and branches that papers give by depth and width, as numbers."""

import math

from initviz.networks.network import whole

GPT2_STD = 0.02
"""Of all of its weights but those into the stream."""
FIXUP_LAYERS = 2
"""Layers of a branch."""


def gpt2_std(layers: int) -> float:
    """Of the weights that lead into the stream of a GPT-2 with that many blocks: 0.02 / √(2 L) (Radford et al. 2019).

    >>> round(gpt2_std(12), 7)
    0.0040825
    """
    return GPT2_STD / math.sqrt(2 * layers)


def fixup_scale(branches: int, layers: int = FIXUP_LAYERS) -> float:
    """By what He's weights are multiplied in each branch of that many layers: L^(−1/(2m − 2)) (Zhang et al. 2019).

    >>> round(fixup_scale(54), 6)
    0.136083

    Raises:
        ValueError: layers are no whole number from 2.
    """
    whole("layers", layers, 2, 1000)
    return branches ** (-1 / (2 * layers - 2))


def tfixup_scales(layers: int) -> tuple[float, float]:
    """By what weights of a decoder and an encoder are multiplied: (9N)^(−¼), 0.67 N^(−¼) (Huang et al. 2020).

    >>> [round(scale, 6) for scale in tfixup_scales(6)]
    [0.368894, 0.428092]
    """
    return (9 * layers) ** -0.25, 0.67 * layers**-0.25


def deepnorm_scales(layers: int) -> tuple[float, float]:
    """α, by which the stream is multiplied, and β, by which weights are: (2N)^¼, (8N)^(−¼) (Wang et al. 2022).

    Of a decoder alone.

    >>> [round(scale, 6) for scale in deepnorm_scales(200)]
    [4.472136, 0.158114]
    """
    return (2 * layers) ** 0.25, (8 * layers) ** -0.25


def spectral_std(inputs: int, outputs: int) -> float:
    """Of normal weights whose norm as a matrix is √(outputs / inputs) (Yang, Simon & Bernstein 2023).

    >>> round(spectral_std(1024, 4096), 7), round(spectral_std(4096, 1024), 7)
    (0.0208333, 0.0052083)
    """
    return math.sqrt(outputs / inputs) / (math.sqrt(inputs) + math.sqrt(outputs))
