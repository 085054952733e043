"""What a law of singular values can tell, and the laws made of points or of other laws."""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt


class Expected(NamedTuple):
    """Expected value of a statistic and its standard deviation from draw to draw."""

    mean: float
    sd: float
    quantile: Callable[[npt.ArrayLike], np.ndarray] | None = None
    """Its quantile function, where it is known and far from that of a normal law."""

    @property
    def median(self) -> float:
        """Its median, which is the mean where no quantile function is given."""
        return float(self.quantile(0.5)) if self.quantile else self.mean

    def scaled(self, unit: float) -> "Expected":
        """The same of a statistic that is `unit` times as large."""
        quantile = self.quantile
        return Expected(unit * self.mean, unit * self.sd, quantile and (lambda p: unit * quantile(p)))


TABLE_POINTS = 4001
EXACT, LIMIT = "exact law", "limit of large matrices"


class Spectrum:
    """Law of the singular values of one random matrix: a continuous bulk, single points, or both."""

    holds = EXACT
    """What kind of law it is, in a few words."""

    @property
    def name(self) -> str:
        """What the law is called."""
        raise NotImplementedError

    @property
    def bulk_count(self) -> int:
        """How many singular values belong to the bulk."""
        return 0

    @property
    def points(self) -> tuple[tuple[float, int], ...]:
        """Pairs (position, count) of the singular values outside the bulk."""
        return ()

    @property
    def point_names(self) -> tuple[str, ...]:
        """What to call each of the points, in a few plain words."""
        return ()

    @property
    def edges(self) -> tuple[float, float] | None:
        """Ends of the bulk as the matrix grows; None without a bulk, or where it has no sharp ends."""
        return None

    @property
    def reach(self) -> tuple[float, float] | None:
        """Between what values the bulk lies, but for what is not worth drawing; None without a bulk."""
        return self.edges

    @property
    def largest(self) -> Expected | None:
        """The largest singular value of a matrix of this size; None where no formula is known to hold."""
        return None

    @property
    def smallest(self) -> Expected | None:
        """The smallest one, likewise."""
        return None

    @property
    def doubt(self) -> str:
        """How far off `largest` and `smallest` may be, in words; nothing where they hold."""
        return ""

    @property
    def count(self) -> int:
        """How many singular values there are, those of the bulk and the points."""
        return self.bulk_count + sum(n for _, n in self.points)

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Density of the bulk at s, which integrates to 1 over the bulk; 0 at a pole, where a curve would not end."""
        return np.zeros_like(np.asarray(s, float))

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Fraction of the bulk at most s."""
        return np.zeros_like(np.asarray(s, float))

    def cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Fraction of all singular values at most s."""
        s = np.asarray(s, float)
        bulk = self.bulk_count * self.bulk_cdf(s) if self.bulk_count else np.zeros_like(s)
        return sum((n * (s >= x) for x, n in self.points), bulk) / max(self.count, 1)

    def quantile(self, p: npt.ArrayLike) -> np.ndarray:
        """Smallest singular value with a cdf of at least p: exact at points, within 1e-5 of the width in the bulk.

        Interpolated on a grid that is fine at the edges.
        """
        grid, values = self._table
        p = np.clip(np.asarray(p, float), 0, values[-1])
        above = np.searchsorted(values, p)
        below = np.maximum(above - 1, 0)
        step = values[above] - values[below]  # 0 only at the very first value
        share = np.where(step > 0, (p - values[below]) / np.where(step > 0, step, 1), 1.0)
        return grid[below] + share * (grid[above] - grid[below])

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """Singular values, ascending, and their cdf; a point comes twice, with the cdf just below it and its own."""
        points = np.array([at for at, _ in self.points])
        just_below = np.nextafter(points, -np.inf)
        parts = [points, just_below, np.zeros(0 if points.size or self.reach else 1)]
        if self.reach:
            low, high = self.reach
            parts.append(low + (high - low) * np.sin(np.linspace(0, math.pi / 2, TABLE_POINTS)) ** 2)
        grid = np.unique(np.concatenate(parts))
        values = np.maximum.accumulate(self.cdf(grid))
        grid[np.searchsorted(grid, just_below)] = points
        return grid, values

    def ideal(self, count: int) -> np.ndarray:
        """The singular values of a typical matrix of this law, descending: (count,).

        Quantiles in the middle of equal shares; the first and the last are the medians of `largest` and `smallest`
        where those are known, since the bulk of a finite matrix ends otherwise than that of its limit.
        """
        values = np.sort(self.quantile((np.arange(count) + 0.5) / count))[::-1] if count else np.zeros(0)
        for place, expected in ((0, self.largest), (-1, self.smallest)):
            if count and expected:
                values[place] = expected.median
        return np.sort(values)[::-1]


@dataclass(frozen=True)
class Points(Spectrum):
    """Singular values at known positions, each with its count; `names` say what each is, where that is not plain."""

    values: tuple[tuple[float, int], ...]
    names: tuple[str, ...] = ()

    name = "exact values"

    @classmethod
    def repeated(cls, value: float, count: int) -> Self:
        """`count` times the same value."""
        return cls(((value, count),))

    @property
    def _named(self) -> list[tuple[float, int, str]]:
        names = self.names or ("",) * len(self.values)
        kept = [(float(x), n, name) for (x, n), name in zip(self.values, names, strict=True) if n]
        return sorted(kept, key=lambda point: -point[0])

    @property
    def points(self) -> tuple[tuple[float, int], ...]:
        """Those values that occur, largest first."""
        return tuple((x, n) for x, n, _ in self._named)

    @property
    def point_names(self) -> tuple[str, ...]:
        """The names given; else zeros are "zeros", and a single other value is "all equal"."""
        alone = "all equal" if len(self.points) == 1 else "equal values"
        return tuple(name or (alone if x else "zeros") for x, _, name in self._named)

    @property
    def largest(self) -> Expected | None:
        """The largest, without spread."""
        return Expected(self.points[0][0], 0.0) if self.points else None

    @property
    def smallest(self) -> Expected | None:
        """The smallest, without spread."""
        return Expected(self.points[-1][0], 0.0) if self.points else None


@dataclass(frozen=True)
class Union(Spectrum):
    """The singular values of several matrices pooled: each law with the number of matrices that follow it.

    Such are the values of a convolution, which are those of one matrix per frequency. `largest` and `smallest` are
    known only where nothing varies: how much matrices have in common is not said.
    """

    parts: tuple[tuple[Spectrum, int], ...]

    @property
    def holds(self) -> str:  # type: ignore[override]  # nobody sets it
        """That of a bulk, if there is one."""
        return next((law.holds for law, _ in self._bulks), EXACT)

    @property
    def name(self) -> str:
        """Those of the parts, each once."""
        return ", ".join(dict.fromkeys(law.name for law, _ in self.parts))

    @cached_property
    def _bulks(self) -> tuple[tuple[Spectrum, int], ...]:
        """Each different bulk with its count of singular values."""
        counts: Counter[Spectrum] = Counter()
        for law, times in self.parts:
            if law.bulk_count:
                counts[getattr(law, "rest", law)] += times * law.bulk_count
        return tuple(counts.items())

    @cached_property
    def _points(self) -> tuple[tuple[tuple[float, int], str], ...]:
        counts: Counter[tuple[float, str]] = Counter()
        for law, times in self.parts:
            for (position, count), name in zip(law.points, law.point_names, strict=True):
                counts[position, name] += times * count
        merged = sorted(((position, count), name) for (position, name), count in counts.items() if count)
        return tuple(reversed(merged))

    @property
    def bulk_count(self) -> int:
        """All singular values in the bulks."""
        return sum(count for _, count in self._bulks)

    @property
    def points(self) -> tuple[tuple[float, int], ...]:
        """Those of all parts, largest first; equal ones are one point."""
        return tuple(point for point, _ in self._points)

    @property
    def point_names(self) -> tuple[str, ...]:
        """As the parts call them."""
        return tuple(name for _, name in self._points)

    @property
    def edges(self) -> tuple[float, float] | None:
        """Ends of the smallest interval that holds every bulk."""
        ends = [end for law, _ in self._bulks if law.edges for end in law.edges]
        return (min(ends), max(ends)) if ends else None

    @property
    def reach(self) -> tuple[float, float] | None:
        """The smallest interval that holds what is worth drawing of every bulk."""
        ends = [end for law, _ in self._bulks if law.reach for end in law.reach]
        return (min(ends), max(ends)) if ends else None

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Density of the pooled bulks, which integrates to 1."""
        return self._pooled([law.pdf(s) for law, _ in self._bulks], s)

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Fraction of the pooled bulks at most s."""
        return self._pooled([law.bulk_cdf(s) for law, _ in self._bulks], s)

    def _pooled(self, values: list[np.ndarray], s: npt.ArrayLike) -> np.ndarray:
        shares = (count / self.bulk_count * value for value, (_, count) in zip(values, self._bulks, strict=True))
        return sum(shares, np.zeros_like(np.asarray(s, float)))

    @property
    def largest(self) -> Expected | None:
        """The largest of points that do not vary, where there is nothing else."""
        return self._extreme("largest", max)

    @property
    def smallest(self) -> Expected | None:
        """The smallest, likewise."""
        return self._extreme("smallest", min)

    def _extreme(self, which: str, pick: Callable[[Iterable[float]], float]) -> Expected | None:
        each = [getattr(law, which) for law, times in self.parts if times and law.count]
        exact = each and not self.bulk_count and all(value and value.sd == 0 for value in each)
        return Expected(pick(value.mean for value in each), 0.0) if exact else None
