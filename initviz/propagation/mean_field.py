"""Signals and gradients of very wide networks, from layer to layer (Poole et al. 2016, Schoenholz et al. 2017).

Weights have the variance σ_w² / n for n inputs, biases σ_b². q is the variance of the arguments of the activation, c
the correlation of those of two inputs, χ the factor by which the mean square of gradients changes in a layer.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from initviz.propagation.activations import Activation, activation
from initviz.propagation.quadrature import UnboundedError
from initviz.propagation.series import series
from initviz.wording import quoted

SMALLEST, LARGEST = 1e-14, 1e12
"""Variances below and above which a signal counts as gone and as without bound."""
NONE = 1e-30
"""A variance that stands for none: what is divided by it has its limit."""
STEP = 1e-4
"""Of a difference that stands for a derivative, where a function jumps."""
SAME = 1e-12
"""What a factor may differ from 1, by rounding, and still be 1."""


class DepthScales(NamedTuple):
    """In how many layers something shrinks by a factor e: negative for what grows, infinite for what stays.

    The distance of q from its fixed point, that of c from its own, and the mean square of gradients.
    """

    q: float
    c: float
    gradient: float


@dataclass(frozen=True)
class FixedPoint:
    """Where a signal arrives after many layers, and how fast. NaN is what has no value, as c without a signal."""

    q: float
    """The variance of the arguments; 0 for a signal that dies out, infinite for one that grows without bound."""
    chi: float
    """σ_w² E φ′², the growth of gradients a layer (χ₁)."""
    chi_parallel: float
    """σ_w² d/dq E φ², the growth of a small change of q: its size is below 1 where the fixed point is stable."""
    c: float
    """The correlation of two different inputs: 1 where they become the same (order), below 1 in chaos."""
    chi_c: float
    """The growth of a small change of c there."""

    @property
    def depth_scales(self) -> DepthScales:
        """In how many layers q, c and gradients get a factor e nearer."""
        return DepthScales(*depth_scale([self.chi_parallel, self.chi_c, self.chi]).tolist())


def depth_scale(factor: npt.ArrayLike) -> np.ndarray:
    """Layers in which something shrinks by a factor e that shrinks by `factor` in each: −1 / ln factor."""
    factor = np.abs(factor)
    with np.errstate(divide="ignore"):
        found = 0.0 - 1 / np.log(factor)
    return np.where(np.abs(factor - 1) <= SAME, np.inf, found)


def next_q(function: Activation, q: float, weight_variance: float, bias_variance: float) -> float:
    """The variance of the arguments in the next layer: σ_w² E φ(√q z)² + σ_b² (Poole et al. 2016).

    >>> from initviz.propagation import activation
    >>> next_q(activation("relu"), 1.0, 2.0, 0.1)
    1.1

    Args:
        function: an activation.
        q: the variance of the arguments in this layer.
        weight_variance: σ_w².
        bias_variance: σ_b².

    Raises:
        ValueError: the activation has no finite mean square there; with the fix.
    """
    if q > 0:
        return weight_variance * function.moments.square(q) + bias_variance
    return weight_variance * float(function.expression.dual(0.0).value) ** 2 + bias_variance


def next_c(function: Activation, q: float, c: float, weight_variance: float, bias_variance: float) -> float:
    """The correlation in the next layer, of two inputs that both have q: (σ_w² E φφ + σ_b²) / q′ (Poole et al. 2016).

    >>> from initviz.propagation import activation
    >>> round(next_c(activation("relu"), 1.0, 0.5, 2.0, 0.0), 6)
    0.608998

    Args:
        function: an activation.
        q: the variance of the arguments in this layer.
        c: the correlation in this layer.
        weight_variance: σ_w².
        bias_variance: σ_b².

    Raises:
        ValueError: the activation has no finite mean square there; with the fix.
    """
    after = weight_variance * function.moments.square(q) + bias_variance
    return (weight_variance * function.moments.product(q, c) + bias_variance) / after


def fixed_point(function: Activation | str, weight_variance: float, bias_variance: float = 0.0) -> FixedPoint:
    """Where a signal that starts with q = 1 arrives in a deep and very wide network (Schoenholz et al. 2017).

    >>> found = fixed_point("tanh", 1.5, 0.05)
    >>> round(found.q, 5), round(found.chi, 5), found.c, round(found.depth_scales.gradient, 3)
    (0.41804, 0.93864, 1.0, 15.791)

    Args:
        function: an activation, its name, or an expression in x.
        weight_variance: σ_w², the variance of a weight times the number of inputs.
        bias_variance: σ_b².

    Raises:
        ValueError: a variance is negative or not a number, or there is no such activation; with the fix.
    """
    function = of(function)
    weight_variance, bias_variance = (
        variance("weight_variance", weight_variance),
        variance("bias_variance", bias_variance),
    )
    q = _fixed_q(function, weight_variance, bias_variance)
    if math.isinf(q):
        return FixedPoint(q, *(math.nan,) * 4)
    at, moments = max(q, NONE), function.moments
    chi, chi_parallel = weight_variance * moments.slope_square(at), weight_variance * moments.growth(at)
    if q == 0:
        return FixedPoint(q, chi, chi_parallel, math.nan, math.nan)
    if chi <= 1 + SAME and not function.jumps:
        return FixedPoint(q, chi, chi_parallel, 1.0, chi)
    c = _fixed_c(function, q, weight_variance, bias_variance)
    if function.jumps:  # of which the slope knows nothing
        step = min(STEP, (1 - c) / 10) or STEP
        below, above = c - step, min(c + step, 1.0)
        gained = moments.product(q, above) - moments.product(q, below)
        return FixedPoint(q, chi, chi_parallel, c, weight_variance * gained / ((above - below) * q))
    return FixedPoint(q, chi, chi_parallel, c, weight_variance * moments.slope_product(q, c))


def of(function: Activation | str) -> Activation:
    """An activation, or that of a name or expression."""
    return function if isinstance(function, Activation) else activation(function)


def variance(name: str, value: float) -> float:
    """A variance as a number.

    Raises:
        ValueError: it is none.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (0 <= number < math.inf):
        raise ValueError(f"{name} is a variance, a number from 0, got {quoted(value)}. Pass for instance 1.5.")
    return number


def _fixed_q(function: Activation, weight_variance: float, bias_variance: float) -> float:
    """From q = 1 in the direction in which q moves there, to the first q that stays."""

    def excess(log_q: float) -> float:  # of the next q, as a share of q
        q = math.exp(log_q)
        return next_q(function, q, weight_variance, bias_variance) / q - 1

    try:
        start = excess(0.0)
        if abs(start) <= SAME:
            return 1.0
        step = math.copysign(0.5, start)
        at = sure = 0.0
        while math.log(SMALLEST) < at < math.log(LARGEST):
            at += step
            found = excess(at)
            if abs(found) > SAME:  # or its sign is rounding's, as far out where softplus is nearly relu
                if found * start < 0:
                    return math.exp(brentq(excess, sure, at, xtol=1e-15, rtol=1e-14))
                sure = at
    except UnboundedError:  # it has become too large
        return math.inf
    return 0.0 if start < 0 else math.inf


def _fixed_c(function: Activation, q: float, weight_variance: float, bias_variance: float) -> float:
    """The c below 1 that stays, where c = 1 does not: c ↦ c′ is convex from 0 to 1 and ends in (1, 1)."""
    square = function.moments.square(q)
    after = weight_variance * square + bias_variance
    of_series = series(function, q, square)

    def excess(c: float) -> float:
        return next_c(function, q, c, weight_variance, bias_variance) - c

    def nearly(c: float) -> float:  # which is fast
        return (weight_variance * float(of_series.at(np.array(c))) + bias_variance) / after - c

    guess = _end(nearly)
    for low, high in ((guess - off, guess + off) for off in (1e-8, 1e-4)):
        if low > 0 and high < 1 and excess(low) > 0 > excess(high):
            return float(brentq(excess, low, high, xtol=1e-14, rtol=1e-14))
    return _end(excess)


def _end(excess: Callable[[float], float]) -> float:
    """Where this, which is convex and 0 at 1, gets below 0; 1 if nowhere."""
    if excess(0.0) <= SAME:
        return 0.0
    for distance in (0.1**k for k in range(1, 10)):
        if excess(1 - distance) < 0:
            return float(brentq(excess, 0.0, 1 - distance, xtol=1e-14, rtol=1e-14))
    return 1.0
