"""Singular values of the input–output Jacobian of deep and wide networks (Pennington, Schoenholz & Ganguli 2017)."""

import math
from dataclasses import dataclass

import numpy as np

from initviz.propagation.activations import Activation
from initviz.propagation.mean_field import NONE, of, variance
from initviz.propagation.moments import Moments
from initviz.wording import quoted


@dataclass(frozen=True)
class Jacobian:
    """The squared singular values of ∏ D W, D the slopes of the activation in a layer; the limit of large widths."""

    mean: float
    """(σ_w² E φ′²)^L."""
    spread: float
    """Variance of the squares over their squared mean: 0 where all directions keep their size alike."""
    largest: float
    """The upper edge of the squares; NaN where there is no closed form for it."""

    @property
    def landmarks(self) -> dict[str, float]:
        """Singular values that are known, by what they are."""
        return {"root mean square": self.mean**0.5, "largest": self.largest**0.5}

    @property
    def per_decade(self) -> tuple[np.ndarray, np.ndarray]:
        """Empty: more than the landmarks is not known."""
        return np.zeros(0), np.zeros(0)


def jacobian(
    function: Activation | str, weight_variance: float, q: float, layers: int, orthogonal: bool = False
) -> Jacobian:
    """Mean and spread of the squared singular values of the Jacobian, and their edge where it is known.

    The spread is L (μ₂/μ₁² − 1 − s), μ_k = E φ′^(2k), with s = −1 for independent and 0 for orthogonal weights: relu
    cannot be isometric, tanh with orthogonal weights nearly can (Pennington, Schoenholz & Ganguli 2017).

    >>> jacobian("relu", 2.0, 1.0, 8).spread, jacobian("relu", 2.0, 1.0, 8, orthogonal=True).spread
    (16.0, 8.0)

    Args:
        function: an activation, its name, or an expression in x.
        weight_variance: σ_w².
        q: the variance of the arguments in every layer.
        layers: how many.
        orthogonal: whether weights are σ_w times orthogonal ones.

    Raises:
        ValueError: layers are no whole number from 1, or a variance is none; with the fix.
    """
    if not isinstance(layers, int | np.integer) or isinstance(layers, bool) or layers < 1:
        raise ValueError(f"layers must be a whole number from 1, got {quoted(layers)}. Pass for instance 50.")
    function = of(function)
    weight_variance, q = variance("weight_variance", weight_variance), variance("q", q)
    first, second = (function.moments.slope_square(max(q, NONE), power) for power in (1, 2))
    with np.errstate(over="ignore"):
        mean = float(np.float64(weight_variance * first) ** layers)
    spread = layers * (second / first**2 - (1 if orthogonal else 0)) if first else math.nan
    return Jacobian(mean, spread, mean * _edge(function.moments, layers, orthogonal))


def _edge(moments: Moments, layers: int, orthogonal: bool) -> float:
    """The upper edge over the mean, where all slopes that are not 0 have one size: all of them, or half; else NaN."""
    match moments.active_share, orthogonal:
        case 1.0, True:
            return 1.0
        case 1.0, False:
            return (layers + 1) * (1 + 1 / layers) ** layers
        case 0.5, True:
            return layers * (1 + 1 / (layers - 1)) ** (layers - 1) if layers > 1 else 2.0
        case 0.5, False:
            z = (math.sqrt(layers**2 + 1) - layers + 1) / (2 * layers)
            return (1 + z) / z * (1 + 2 * z) ** layers
    return math.nan
