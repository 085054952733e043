"""How far gradients spread around 0 in wide layers: they are normal, times a slope of the activation."""

import numpy as np
from scipy.special import ndtr, ndtri

from initviz.propagation import Activation

HIGH = 0.95
"""Share of all values below the upper of two lines."""
NORMAL = float(ndtri(HIGH))
"""Where it is of normal values of size 1."""
VALUES, FINE, FARTHEST = 400, 161, 4.0
"""How many normal values of h there are, each as likely; at how many places their shares are counted, and how far."""
SPACING = 0.01
"""Powers of ten from one mean square to the next of which there is a spread; those between take the nearest."""


def gradient_spread(function: Activation, square: np.ndarray) -> np.ndarray:
    """Below which value 95 % of a layer's gradients with respect to h are, in units of the root of their mean square.

    >>> from initviz.propagation import activation
    >>> gradient_spread(activation("linear"), np.array([1.0])).round(2)
    array([1.64])

    Args:
        function: the activation φ.
        square: mean square q of h, which is normal, in each layer: gradients are φ′(h) times a normal number.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.round(np.log10(square) / SPACING)
    levels, which = np.unique(place, return_inverse=True)
    return np.array([_spread(function, 10 ** (level * SPACING)) for level in levels])[which]


def _spread(function: Activation, q: float) -> float:
    """The same at one mean square; NaN where there are no gradients."""
    if not 0 < q < np.inf:
        return np.nan
    z = ndtri((np.arange(VALUES) + 0.5) / VALUES)
    slope = np.abs(function.slope(np.sqrt(q) * z))
    size = np.sqrt(np.mean(slope * slope))
    if not 0 < size < np.inf:
        return np.nan
    t = np.linspace(0, FARTHEST, FINE)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        below = np.where(slope > 0, ndtr(t[:, None] * size / slope), 1.0).mean(axis=1)
    return float(np.interp(HIGH, below, t))
