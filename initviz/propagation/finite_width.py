"""Relu networks of finite width: the size of a signal is random, and how much is known (Hanin & Nica 2018)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from initviz.wording import quoted


class LogSquare(NamedTuple):
    """Mean and variance of the logarithm of a mean square, or of a squared gradient, at the end over the start."""

    mean: float
    variance: float

    @property
    def median(self) -> float:
        """Of the mean square itself, as the logarithm is nearly normal."""
        return math.exp(self.mean)

    def band(self, coverage: float = 0.99) -> tuple[float, float]:
        """Between which the mean square lies in this share of networks, as the logarithm is nearly normal."""
        reach = special.ndtri((1 + coverage) / 2) * math.sqrt(self.variance)
        return math.exp(self.mean - reach), math.exp(self.mean + reach)


def log_square(widths: Sequence[int]) -> LogSquare:
    """How the mean square of a signal changes in relu layers of these widths, with normal weights of variance 2/fan_in.

    Its mean stays 1, its median falls: in a layer of n units the mean square gets a factor 2/n χ² with B degrees of
    freedom, where B, the number of active units, is binomial (n, ½); exact where no layer is silent. To leading order
    the mean is −5/2 β and the variance 5 β, β = Σ 1/n. The same holds for the square of a gradient
    (Hanin & Nica 2018).

    >>> found = log_square([100] * 50)
    >>> round(found.mean, 4), round(found.variance, 4), round(found.median, 2)
    (-1.271, 2.597, 0.28)

    Args:
        widths: units of each layer.

    Raises:
        ValueError: a width is no whole number from 1; with the fix.
    """
    parts = []
    for width in widths:
        if not isinstance(width, int | np.integer) or isinstance(width, bool) or width < 1:
            raise ValueError(f"widths must be whole numbers from 1, got {quoted(width)}. Pass for instance [100] * 50.")
        parts.append(_of_one(int(width)))
    return LogSquare(math.fsum(mean for mean, _ in parts), math.fsum(variance for _, variance in parts))


def _of_one(width: int) -> tuple[float, float]:
    active = np.arange(1, width + 1)
    log_share = special.gammaln(width + 1) - special.gammaln(active + 1) - special.gammaln(width - active + 1)
    share = np.exp(log_share - special.logsumexp(log_share))
    means = math.log(4 / width) + special.digamma(active / 2)
    mean = float(share @ means)
    return mean, float(share @ (special.polygamma(1, active / 2) + (means - mean) ** 2))
