"""Products of an activation at two correlated arguments, for many correlations at once."""

import math

import numpy as np
import numpy.typing as npt

from initviz.propagation.activations import Activation
from initviz.propagation.moments import Integrated
from initviz.propagation.quadrature import nodes, normalized_hermite

TERMS = 256
"""Of the series."""


def terms(function: Activation, q: float, square: float) -> np.ndarray:
    """The coefficients of E φφ in the correlation, of arguments with variance q: (TERMS + 1,).

    They are the squares of those of φ(√q z) in normalized Hermite polynomials (Poole et al. 2016); what is left of
    `square`, E φ², beyond `TERMS` counts as the next one.
    """
    root = math.sqrt(q)
    z, weights = nodes(np.array(function.kinks) / root)
    with np.errstate(all="ignore"):
        values = function(root * z) * weights
    squares = np.square(normalized_hermite(z, TERMS) @ values)
    return np.append(squares, max(square - squares.sum(), 0))


def polynomial(coefficients: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Sum of coefficients[…, k] x^k."""
    found = np.zeros_like(x)
    for k in range(coefficients.shape[-1] - 1, -1, -1):
        found = found * x + coefficients[..., k]
    return found


def products(function: Activation, q: float, c: npt.ArrayLike) -> np.ndarray:
    """E φ(u₁) φ(u₂) for each of these correlations, by closed forms, or to about 1e-6 of E φ² by the series.

    >>> from initviz.propagation import activation
    >>> products(activation("tanh"), 1.0, [-1.0, 0.0, 1.0]).round(5)
    array([-0.39429,  0.     ,  0.39429])
    """
    moments, c = function.moments, np.asarray(c, float)
    if not isinstance(moments, Integrated):
        return np.array([moments.product(q, each) for each in c.ravel().tolist()]).reshape(c.shape)
    return polynomial(terms(function, q, moments.square(q)), c)
