"""What is kept of a draw: counts, moments, extremes and a histogram, as a monoid."""

from dataclasses import dataclass, fields

import numpy as np

from initviz.laws.marginals import Marginal

BINS = 128
MERGES = [2**k for k in range(int(np.log2(BINS)) - 2)]
"""How many bins a coarser one is made of, so that there are 128, 64, … 8."""
WIDEST = 5.5  # standard deviations either side of an unbounded law: float32 normals end at -5.42 and +5.22


NARROWEST = 1e-33  # of all bins together: in float32 the width of one is a normal number, not flushed to 0


def _widened(low: float, high: float) -> tuple[float, float]:
    margin = max(1e-6 * (high - low) or 0.5 * abs(low) or 0.5, (NARROWEST - (high - low)) / 2)
    return low - margin, high + margin


@dataclass(frozen=True)
class Bins:
    """`BINS` equal bins from `low` to `high`, and the pivot that moments are summed about."""

    low: float
    high: float
    pivot: float

    @property
    def width(self) -> float:
        """Width of one bin."""
        return (self.high - self.low) / BINS

    @property
    def edges(self) -> np.ndarray:
        """The BINS + 1 edges."""
        return np.linspace(self.low, self.high, BINS + 1)

    @classmethod
    def of(cls, marginal: Marginal):
        """Bins over the support of a law, or the part of it within 5.5 standard deviations of its continuous part.

        The ends are nudged outward by a millionth of the width, so that a value rounded onto an end is inside.
        """
        ends = [value for value, _ in marginal.atoms]
        if marginal.distribution is not None:
            mean, variance, *_ = marginal.distribution.moments
            reach = WIDEST * variance**0.5
            ends += [float(end) for end in np.clip(marginal.distribution.support(), mean - reach, mean + reach)]
        low, high = min(ends), max(ends)
        return cls(*_widened(low, high), marginal.mean)

    @classmethod
    def covering(cls, values: np.ndarray):
        """Bins over the finite values themselves, for a draw without a known law."""
        finite = values[np.isfinite(values)]
        if not finite.size:
            return cls(-0.5, 0.5, 0.0)
        low, high = float(finite.min()), float(finite.max())
        return cls(*_widened(low, high), float(finite.mean()))


@dataclass(frozen=True)
class Summary:
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
    def empty(cls, bins: Bins):
        """The summary of no weights: the unit of the monoid."""
        return cls(bins, 0, 0, 0, 0.0, 0.0, float("inf"), float("-inf"), np.zeros(BINS + 2, np.int64))

    def __add__(self, other):
        if self.bins != other.bins:
            raise ValueError(
                f"summaries add only over equal bins, got {self.bins} and {other.bins}. Pass the same bins."
            )
        lesser = {"bins": self.bins, "minimum": min(self.minimum, other.minimum),
                  "maximum": max(self.maximum, other.maximum)}  # fmt: skip
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self) if f.name not in lesser}
        return Summary(**lesser, **sums)

    def __eq__(self, other):
        return isinstance(other, Summary) and all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
        )

    __hash__ = None

    @property
    def mean(self) -> float:
        """Mean of the finite weights; NaN if there are none."""
        return self.bins.pivot + self.bins.width * self.total / self.count if self.count else float("nan")

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
