"""Whether networks are within their band, as often as 99 % of them let expect."""

import numpy as np
from scipy.stats import binom

CHANCE = 1e-4
"""By which a band that is right fails."""


def inside(band, curves):
    """The share of whole curves, (networks, layers), that lie in a band."""
    return np.mean(((curves >= band[0]) & (curves <= band[1])).all(axis=1))


def holds(band, curves):
    """Whether not fewer curves lie in a band of 99 % than nearly always do."""
    return inside(band, curves) >= binom.ppf(CHANCE, len(curves), 0.99) / len(curves)
