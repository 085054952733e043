"""The law of one of many weights that are drawn at several scales: a mixture of the same law, each scale at its share.

A stack of layers whose scales differ has it as a whole: its histogram is that of all slices together.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from initviz.laws.base import Law
from initviz.laws.marginals import Distribution, Marginal

HALVINGS = 100
"""Bisections until a quantile has all its digits."""


def risen(function: Callable[[np.ndarray], np.ndarray], goal: np.ndarray, low: Any, high: Any) -> np.ndarray:
    """Where a function that grows reaches each goal, by bisection between two bounds."""
    low, high = np.broadcast_to(low, goal.shape).astype(float), np.broadcast_to(high, goal.shape).astype(float)
    for _ in range(HALVINGS):
        middle = low + (high - low) / 2
        short = function(middle) < goal
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return high


@dataclass(frozen=True)
class MixedDistribution(Distribution):
    """Several scales of a distribution, each with its share; `family` is the distribution of scale 1."""

    scales: tuple[float, ...] = field(kw_only=True)
    shares: tuple[float, ...] = field(kw_only=True)

    def _of_each(self, method: str, x: npt.ArrayLike) -> np.ndarray:
        """Of every scale, along a last axis."""
        return getattr(self.family, method)(np.asarray(x, float)[..., None] / np.array(self.scales))

    def pdf(self, x: npt.ArrayLike) -> np.ndarray:
        """Density at x."""
        return self._of_each("pdf", x) @ (np.array(self.shares) / np.array(self.scales))

    def cdf(self, x: npt.ArrayLike) -> np.ndarray:
        """Probability of at most x."""
        return self._of_each("cdf", x) @ np.array(self.shares)

    def ppf(self, p: npt.ArrayLike) -> np.ndarray:
        """x with cdf(x) = p, which lies between the quantiles of the single scales."""
        p = np.asarray(p, float)
        ends = np.multiply.outer(self.family.ppf(p), (min(self.scales), max(self.scales)))
        inside = np.isfinite(ends).all(-1) & (p > 0) & (p < 1)
        found = np.where(p > 0.5, ends.max(-1), ends.min(-1))
        found[inside] = risen(self.cdf, p[inside], ends[inside].min(-1), ends[inside].max(-1))
        return found

    def isf(self, p: npt.ArrayLike) -> np.ndarray:
        """x with cdf(x) = 1 - p."""
        return self.ppf(1 - np.asarray(p, float))

    def support(self) -> tuple[float, float]:
        """That of the smallest or the largest scale."""
        ends = np.multiply.outer(self.family.support(), (min(self.scales), max(self.scales)))
        return float(ends.min()), float(ends.max())

    def mean(self) -> float:
        """Expected value."""
        return self.moments[0]

    @cached_property
    def moments(self) -> tuple[float, float, float, float]:
        """Mean, variance, skewness and excess kurtosis."""
        mean, variance, skewness, excess = self.family.moments
        scales, shares = np.array(self.scales), np.array(self.shares)
        pooled = float(shares @ scales) * mean
        apart, widths = scales * mean - pooled, scales * variance**0.5
        second = float(shares @ (widths**2 + apart**2))
        third = float(shares @ (skewness * widths**3 + 3 * widths**2 * apart + apart**3))
        fourth = float(
            shares
            @ ((excess + 3) * widths**4 + 4 * skewness * widths**3 * apart + 6 * (widths * apart) ** 2 + apart**4)
        )
        return pooled, second, third / second**1.5, fourth / second**2 - 3


@dataclass(frozen=True)
class Mixture(Marginal):
    """A law at several scales: ascending, at least 0, not all of them 0; each has its share of the weights."""

    one: Law
    """The law of scale 1."""
    scales: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def complex(self) -> bool:  # type: ignore[override]
        """As that of scale 1 is."""
        return self.one.complex

    @property
    def standard(self) -> tuple[Marginal, float]:
        """With 1 as its largest scale, and that scale."""
        top = self.scales[-1]
        return Mixture(self.one, tuple(scale / top for scale in self.scales), self.shares), top

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """Scale and share of each of its laws."""
        return tuple(zip(self.scales, self.shares, strict=True))

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """The weights of scale 0."""
        return tuple((0.0, share) for scale, share in self.parts if not scale)

    @cached_property
    def distribution(self) -> Distribution | None:
        """That of the weights of other scales than 0."""
        drawn = [(scale, share) for scale, share in self.parts if scale]
        scales, shares = zip(*drawn, strict=True)
        return MixedDistribution(
            self.one.distribution, scales=scales, shares=tuple(share / sum(shares) for share in shares)
        )

    @cached_property
    def moments(self) -> tuple[float, float, float, float]:
        """Mean, variance, third and fourth central moment, zeros included."""
        assert self.distribution is not None
        mean, variance, skewness, excess = self.distribution.moments
        mass = self.continuous_mass
        pooled = mass * mean
        apart = mean - pooled
        third, fourth = skewness * variance**1.5, (excess + 3) * variance**2
        return (
            pooled,
            mass * (variance + apart**2) + (1 - mass) * pooled**2,
            mass * (third + 3 * variance * apart + apart**3) - (1 - mass) * pooled**3,
            mass * (fourth + 4 * third * apart + 6 * variance * apart**2 + apart**4) + (1 - mass) * pooled**4,
        )

    @property
    def mean(self) -> float:
        """Expected weight."""
        return self.moments[0]

    @property
    def variance(self) -> float:
        """Expected squared distance from the mean."""
        return self.moments[1]

    @property
    def kurtosis(self) -> float:
        """Fourth central moment over the squared variance."""
        return self.moments[3] / self.variance**2

    def distinct(self, dtype: np.dtype) -> float:
        """How many values the uniforms take in a dtype, see `Law.distinct`."""
        return self.one.distinct(dtype)

    def reach(self, dtype: np.dtype) -> tuple[float, float]:
        """Smallest and largest draw, see `Law.reach`."""
        low, high = self.one.reach(dtype)
        return low * self.scales[-1 if low < 0 else 0], high * self.scales[-1 if high > 0 else 0]

    def ends(self, tails: npt.ArrayLike) -> np.ndarray:
        """Of one among as many weights of each scale as its share says: see `Marginal.ends`."""
        tails = np.asarray(tails, float)
        quantiles = np.stack([self.one.quantile(tails), self.one.quantile(1 - tails)])
        reach = np.multiply.outer(quantiles, (0.0, self.scales[0], self.scales[-1]))
        low, high = reach.min(-1), reach.max(-1)
        found = np.stack(
            [
                risen(lambda x: self.tails(x)[0], tails, low[0], high[0]),
                risen(lambda x: -self.tails(x)[1], -tails, low[1], high[1]),
            ]
        )
        return np.where(np.abs(found) < 1e-30 * self.scales[-1], 0.0, found)  # the atom there

    def tails(self, x: npt.ArrayLike) -> np.ndarray:
        """Of that one: the power of the number of weights is then the probability of none beyond."""
        x = np.asarray(x, float)
        scales, shares = np.array(self.scales), np.array(self.shares)
        with np.errstate(divide="ignore", invalid="ignore"):
            below = np.where(scales > 0, self.one.cdf(x[..., None] / scales), x[..., None] >= 0)
            return np.stack([-np.expm1(np.log1p(-below) @ shares), -np.expm1(np.log(below) @ shares)])
