"""Products of an activation at two correlated arguments, for many correlations at once, with their error."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from initviz.propagation.activations import Activation
from initviz.propagation.moments import Integrated, marks
from initviz.propagation.quadrature import NotIntegrableError, nodes, normalized_hermite

TERMS = 256
"""Of the series."""
FINENESS = (4, 8, 16, 32)
"""Parts of panels of the rules for its coefficients: the first that is no better than the one before is taken."""
SETTLED = 1e-9
"""Of E φ²: by how much coefficients of two rules differ, together, where no finer one is needed."""
TOLERANCE = 1e-4
"""Of E φ²: what a product may be off by. Of what is farther off nothing is said."""
CLOSER, HALVINGS = 1e-6, 2
"""Of the quadrature that is asked where the series does not do: its tolerance, and how often it halves its panels."""


class Series(NamedTuple):
    """E φ(u₁) φ(u₂) by the powers of the correlation."""

    coefficients: np.ndarray
    """(TERMS + 1,), none negative. The last one is all that is left of E φ²."""
    error: float
    """By how much the others may be off, together."""

    def at(self, c: np.ndarray) -> np.ndarray:
        """The sum at these correlations."""
        return polynomial(self.coefficients, c)

    def errors(self, c: np.ndarray) -> np.ndarray:
        """What the sum may be off by: what is left is a sum of later powers with coefficients that are not negative."""
        rest = self.coefficients[-1] * np.abs(c) ** TERMS
        return self.error + np.where(c < 0, 2 * rest, np.where(c < 1, rest, 0.0))


def series(function: Activation, q: float, square: float) -> Series:
    """The series for arguments with variance q, of which `square` is E φ².

    Its coefficients are the squares of those of φ(√q z) in normalized Hermite polynomials (Poole et al. 2016).
    """
    root = math.sqrt(q)
    edges = tuple(np.append(function.kinks, marks(q)) / root)
    found, error = _squares(function, root, edges, FINENESS[0]), math.inf
    for parts in FINENESS[1:]:
        before, found = found, _squares(function, root, edges, parts)
        error = float(np.abs(found - before).sum())
        if error <= SETTLED * square:
            break
    rest = square - float(found.sum())
    return Series(np.append(found, max(rest, 0.0)), max(error, -rest))


def _squares(function: Activation, root: float, edges: tuple[float, ...], parts: int) -> np.ndarray:
    z, weights, polynomials = _rule(edges, parts)
    with np.errstate(all="ignore"):
        values = function(root * z) * weights
    return np.square(polynomials @ values)


@lru_cache(maxsize=4)  # of any small variance, where there is no kink but at 0
def _rule(edges: tuple[float, ...], parts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, weights, and the Hermite polynomials there."""
    z, weights = nodes(edges, parts)
    return z, weights, normalized_hermite(z, TERMS)


def polynomial(coefficients: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Sum of coefficients[…, k] x^k."""
    found = np.zeros_like(x)
    for k in range(coefficients.shape[-1] - 1, -1, -1):
        found = found * x + coefficients[..., k]
    return found


def products(function: Activation, q: float, c: npt.ArrayLike) -> np.ndarray:
    """E φ(u₁) φ(u₂) for each of these correlations: by closed forms, by the series, or by quadrature.

    To `TOLERANCE` of E φ²; NaN where none of them is that near, as of a function with many turns.

    >>> from initviz.propagation import activation
    >>> products(activation("tanh"), 1.0, [-1.0, 0.0, 1.0]).round(5)
    array([-0.39429,  0.     ,  0.39429])
    """
    moments, c = function.moments, np.asarray(c, float)
    if moments.in_closed_form:
        return np.array([moments.product(q, each) for each in c.ravel().tolist()]).reshape(c.shape)
    square = moments.square(q)
    of = series(function, q, square)
    found, far = of.at(c), ~(of.errors(c) <= TOLERANCE * square)
    found[far] = [_by_quadrature(function, q, each) for each in c[far].tolist()]
    return found


@lru_cache(maxsize=256)  # correlations settle, and ask the same in every layer
def _by_quadrature(function: Activation, q: float, c: float) -> float:
    try:
        return Integrated(function.expression).product(q, c, CLOSER, HALVINGS)
    except NotIntegrableError:
        return math.nan
