"""The law of the squared singular values of the Jacobian of deep and wide networks, for slopes of 0 and ±1."""

import math
from dataclasses import dataclass

import numpy as np

from initviz.propagation.activations import Activation
from initviz.propagation.jacobian import jacobian
from initviz.propagation.mean_field import of
from initviz.propagation.quadrature import TINY

POINTS = 800
LEAST_SHARE = 1e-30
"""Share of the mean, about, down to which the law is followed: 1e-12 for few layers, for many a 1000th of the mass."""
BISECTIONS = 60


@dataclass(frozen=True, eq=False)
class JacobianLaw:
    """Of the squares: a share of zeros, and a density or one point for the others; the limit of large widths."""

    zeros: float
    """Share of directions that are lost: those that a relu sets to 0."""
    squares: np.ndarray
    """Where the density is known, ascending; a single number where all others are that."""
    density: np.ndarray
    """Per unit of the square; together with the zeros it comes to 1. Infinite at a single number."""

    @property
    def landmarks(self) -> dict[str, float]:
        """Singular values that are known, by what they are: all, if they are one number, or the largest."""
        what = "largest" if len(self.squares) > 1 else "all but 0" if self.zeros else "all"
        return {what: float(self.squares[-1]) ** 0.5}

    @property
    def per_decade(self) -> tuple[np.ndarray, np.ndarray]:
        """log₁₀ of singular values, ascending, and the density of those logarithms; empty of a single number."""
        if len(self.squares) == 1:
            return np.zeros(0), np.zeros(0)
        return np.log10(self.squares) / 2, 2 * math.log(10) * self.squares * self.density


def jacobian_law(
    function: Activation | str, weight_variance: float, layers: int, orthogonal: bool = False
) -> JacobianLaw | None:
    """The law whose mean, spread and edge `jacobian` gives; None where slopes take other values than 0 and ±1.

    The S-transforms of the layers multiply (Pennington, Schoenholz & Ganguli 2018): for a share p of slopes that are
    not 0, in units of the mean, M⁻¹(z) = (1 + z)/z · ((p + z)/p)^L for independent weights, and ((p + z)/(p + p z))^L
    in it for orthogonal ones. The density of the logarithm of a square x is the imaginary part of that z with
    M⁻¹(z) = x, over π: the curve on which M⁻¹ is real is followed by the angle at −p.

    >>> found = jacobian_law("relu", 2.0, 10)
    >>> found.zeros, round(float(found.squares[-1]), 1)
    (0.5, 54.4)

    Args:
        function: an activation, its name, or an expression in x.
        weight_variance: σ_w².
        layers: how many.
        orthogonal: whether weights are σ_w times orthogonal ones.

    Raises:
        ValueError: layers are no whole number from 1, or the variance is none; with the fix.
    """
    function = of(function)
    mean = jacobian(function, weight_variance, 1.0, layers, orthogonal).mean
    share = function.moments.active_share
    if share is None or not 0 < mean < math.inf:
        return None
    if orthogonal and (share == 1 or layers == 1):
        return JacobianLaw(1 - share, np.array([mean / share]), np.array([math.inf]))
    log_x, height = (_orthogonal if orthogonal else _independent)(share, layers)
    with np.errstate(under="ignore", over="ignore"):
        squares = np.exp(math.log(mean) + log_x)
    kept = (squares > TINY) & (squares < math.inf)
    return JacobianLaw(1 - share, squares[kept], height[kept] / (math.pi * squares[kept]))


def _from_ends(layers: int) -> np.ndarray:
    """Shares of an angle from near 0 to near 1: dense at 0, where the squares vanish as its power, to the edge at 1."""
    start = min(LEAST_SHARE ** (1 / max(layers, 5)), 1e-3 / layers)
    small = np.geomspace(start, 0.5, POINTS // 2, endpoint=False)
    return np.concatenate([small, 1 - np.linspace(1, 0, POINTS // 2, endpoint=False) ** 2 / 2])


def _independent(share: float, layers: int) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of squares over their mean, and the imaginary part of z = −share + distance · e^(i angle) there.

    The arguments of M⁻¹ must cancel: arg z − arg(1 + z) = layers · angle, which fixes the distance.
    """
    turns = layers + (share == 1)  # without zeros −share and −1 are one point
    rest = _from_ends(layers) * math.pi  # turns times what the angle has left
    angle = (math.pi - rest) / turns
    low, high = np.full_like(angle, -200.0), np.full_like(angle, 20.0)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        distance = np.exp(middle)
        across, along = distance * np.sin(angle), distance * np.cos(angle)
        turned = np.arctan2(across, share - along)  # π − arg z
        if share < 1:
            turned = turned + np.arctan2(across, 1 - share + along)
        low, high = np.where(turned < rest, middle, low), np.where(turned < rest, high, middle)
    distance = np.exp(low)
    across, along = distance * np.sin(angle), distance * np.cos(angle)
    log_x = np.log(np.hypot(1 - share + along, across) / np.hypot(along - share, across))
    return log_x + layers * np.log(distance / share), across


def _orthogonal(share: float, layers: int) -> tuple[np.ndarray, np.ndarray]:
    """The same, in u = (z + share)/(z + 1), of which M⁻¹ is (1 − share)/(u − share) (u/share)^layers.

    So arg(u − share) is layers times arg u, and the triangle of 0, share and u gives all lengths.
    """
    rest = _from_ends(layers) * math.pi
    angle = math.pi - rest
    third = np.sin(angle * (1 - 1 / layers))
    size, beyond = share * np.sin(rest) / third, share * np.sin(angle / layers) / third
    u = size * np.exp(1j * angle / layers)
    log_x = np.log((1 - share) / beyond) + layers * np.log(size / share)
    return log_x, ((u - share) / (1 - u)).imag
