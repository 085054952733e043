"""What is kept of a draw: counts, moments, extremes and a histogram, as a monoid."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from initviz.laws.by_value import ByValue
from initviz.laws.marginals import Marginal
from initviz.laws.mixture import Mixture
from initviz.laws.tools import Weights

BINS = 128
MERGES = [2**k for k in range(int(np.log2(BINS)) - 2)]
"""How many bins a coarser one is made of, so that there are 128, 64, … 8."""
WIDEST = 5.5  # standard deviations either side of an unbounded law: float32 normals end at -5.42 and +5.22


FARTHEST = 4
"""How many times the range of a law's bins those for weights that somebody brought reach beyond it, to each side."""
NARROWEST = 1e-33  # of all bins together: in float32 the width of one is a normal number, not flushed to 0

HUGE = 1e307  # beyond it bins would have no room


def _widened(low: float, high: float) -> tuple[float, float]:
    margin = max(1e-6 * (high - low) or 0.5 * abs(low) or 0.5, (NARROWEST - (high - low)) / 2)
    return low - margin, high + margin


def _amid(low: float, high: float) -> float:
    """The least high end above this one with which 0 is amid a bin: at an edge it might be in either."""
    bins_below = BINS * -low / (high - low)
    return low - low * BINS / (np.ceil(bins_below - 0.5) - 0.5) if bins_below > 1 else high


PIECE = 2**18
"""Most weights that a CPU draws or summarizes at once: they stay in the cache, and the pieces share the cores."""


def pieces(weights: np.ndarray) -> Iterator[np.ndarray]:
    """The weights of an array of any layout in flat pieces of at most `PIECE`, without a copy of the whole.

    In the order of memory where that is without gaps.
    """
    if weights.flags.forc or weights.size <= PIECE:
        flat = weights.ravel(order="K")
        yield from (flat[start : start + PIECE] for start in range(0, flat.size, PIECE))
        return
    longest = int(np.argmax(weights.shape))
    for half in np.array_split(weights, 2, axis=longest):
        yield from pieces(half)


def parts(weights: np.ndarray) -> np.ndarray:
    """Flat weights as real numbers in double precision: themselves, or both parts of complex ones."""
    if np.iscomplexobj(weights):
        weights = np.concatenate([weights.real, weights.imag])
    return weights.astype(np.float64)


@dataclass(frozen=True)
class Bins:
    """`BINS` equal bins from `low` to `high`, and the pivot that moments are summed about."""

    low: float
    high: float
    pivot: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"bins must go up from low to high, got {self.low} and {self.high}. Exchange or move one.")

    def fit(self, dtype: np.dtype) -> bool:
        """Whether a real dtype holds the distance of any two places in these bins."""
        return self.high - self.low < float(np.finfo(dtype).max) / 4

    @property
    def width(self) -> float:
        """Width of one bin."""
        return (self.high - self.low) / BINS

    @property
    def edges(self) -> np.ndarray:
        """The BINS + 1 edges."""
        return np.linspace(self.low, self.high, BINS + 1)

    @classmethod
    def nowhere(cls) -> Self:
        """Bins where there is nothing finite to put into them."""
        return cls(-0.5, 0.5, 0.0)

    @classmethod
    def of(cls, marginal: Marginal) -> Self:
        """Bins over the support of a law, or the part of it within 5.5 standard deviations of its continuous part.

        The ends are nudged outward by a millionth of the width, so that a value rounded onto an end is inside.
        """
        ends = [value for value, _ in marginal.atoms]
        if marginal.distribution is not None:
            mean, variance, *_ = marginal.distribution.moments
            reach = WIDEST * variance**0.5
            ends += [float(end) for end in np.clip(marginal.distribution.support(), mean - reach, mean + reach)]
        ends = [end for end in ends if abs(end) < HUGE]
        if not ends:  # weights that are NaN or infinite
            return cls.nowhere()
        low, high = _widened(min(ends), max(ends))
        if isinstance(marginal, Mixture) and marginal.atoms:
            high = max(high, float(_amid(low, high)))
        return cls(low, high, marginal.mean if np.isfinite(marginal.mean) else 0.0)

    @classmethod
    def covering(cls, values: Weights) -> Self:
        """Bins over the finite values themselves, or parts of complex ones."""
        low, high, total, count = np.inf, -np.inf, 0.0, 0
        for piece in pieces(np.asarray(values)):
            real = parts(piece)
            finite = real[np.isfinite(real)]
            low, high = finite.min(initial=low), finite.max(initial=high)
            with np.errstate(over="ignore"):
                total, count = total + float(finite.sum()), count + finite.size
        if not count or max(-low, high) >= HUGE:
            return cls.nowhere()
        pivot = total / count if np.isfinite(total) else float(low + (high - low) / 2)
        return cls(*_widened(float(low), float(high)), pivot)

    @classmethod
    def fitting(cls, marginal: Marginal | None, values: Weights) -> Self:
        """Bins over the support of a law, or over the values where none is known."""
        return cls.of(marginal) if marginal else cls.covering(values)

    def reaching(self, others: "Bins") -> "Bins":
        """These bins, or wider ones that reach as far as others: at most `FARTHEST` ranges farther to each side.

        The pivot is that of the others: of weights that somebody has, which may be anywhere.
        """
        most = FARTHEST * (self.high - self.low)
        low = min(self.low, max(others.low, self.low - most))
        high = max(self.high, min(others.high, self.high + most))
        return replace(self, low=low, high=high, pivot=others.pivot)

    @classmethod
    def union(cls, *bins: "Bins") -> Self:
        """The narrowest bins over all of these, so that what is summarized in them can be compared.

        >>> Bins.union(Bins(-1.0, 2.0, 0.0), Bins(0.0, 3.0, 1.0))
        Bins(low=-1.0, high=3.0, pivot=0.5)
        """
        pivot = sum(each.pivot for each in bins) / len(bins)
        return cls(min(each.low for each in bins), max(each.high for each in bins), pivot)


@dataclass(frozen=True, eq=False)
class Summary(ByValue):
    """Statistics of many weights; `a + b` is the summary of both together. Complex weights count as two real parts.

    `count` is of finite values; `histogram` has BINS + 2 entries, below and above the bins included.
    """

    bins: Bins
    count: int
    not_finite: int
    zeros: int
    total: float
    """Sum of (w - pivot) / width of a bin: in these units nothing overflows or vanishes, whatever the scale."""
    squares: float
    """Sum of ((w - pivot) / width of a bin)²."""
    minimum: float
    maximum: float
    histogram: np.ndarray

    @classmethod
    def empty(cls, bins: Bins) -> Self:
        """The summary of no weights: the unit of the monoid."""
        return cls(bins, 0, 0, 0, 0.0, 0.0, float("inf"), float("-inf"), np.zeros(BINS + 2, np.int64))

    def __add__(self, other: "Summary") -> "Summary":
        if self.bins != other.bins:
            raise ValueError(
                f"summaries add only over equal bins, got {self.bins} and {other.bins}. Pass the same bins."
            )
        return Summary(
            self.bins,
            self.count + other.count,
            self.not_finite + other.not_finite,
            self.zeros + other.zeros,
            self.total + other.total,
            self.squares + other.squares,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.histogram + other.histogram,
        )

    @property
    def mean(self) -> float:
        """Mean of the finite weights, between the smallest and the largest; NaN if there are none."""
        if not self.count:
            return float("nan")
        mean = self.bins.pivot + self.bins.width * self.total / self.count
        return min(max(mean, self.minimum), self.maximum)  # which rounding could leave

    @property
    def std(self) -> float:
        """Standard deviation about the mean, dividing by the count; NaN without weights, 0 for equal ones exactly."""
        if not self.count:
            return float("nan")
        if self.minimum == self.maximum:
            return 0.0
        return self.bins.width * max(self.squares / self.count - (self.total / self.count) ** 2, 0.0) ** 0.5

    @property
    def inside(self) -> np.ndarray:
        """Counts of the BINS bins."""
        return self.histogram[1:-1]

    def coarse(self) -> tuple[np.ndarray, np.ndarray]:
        """Edges and counts of as many bins as the count supports (Rice's rule 2 ∛n), made of whole bins."""
        wanted = 2 * max(self.count, 1) ** (1 / 3)
        merge = next((m for m in MERGES if BINS / m <= wanted), MERGES[-1])
        return self.bins.edges[::merge], self.inside.reshape(-1, merge).sum(1)
