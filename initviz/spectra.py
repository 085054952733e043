"""Singular values of a matrix, and their laws: Marchenko-Pastur, one with an outlier, and point masses."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


def singular_values(matrix) -> np.ndarray:
    """Singular values, descending: (m, n) -> (min(m, n),), float32 or float64, in the units of the weights.

    On a CPU by SciPy's LAPACK, which compiles nothing; on an accelerator by `jax.numpy.linalg`, where the matrix is.
    Half and quarter precision is widened to float32 first.

    Raises:
        ValueError: the matrix holds NaN or infinity.
    """
    on_accelerator = isinstance(matrix, jax.Array) and matrix.device.platform != "cpu"
    xp = jnp if on_accelerator else np
    matrix = xp.asarray(matrix)
    if matrix.dtype not in (np.float32, np.float64, np.complex64, np.complex128):
        matrix = matrix.astype(np.float32)
    if 0 in matrix.shape:
        return np.zeros(0, np.float32)
    if not bool(xp.isfinite(matrix).all()):
        raise ValueError("singular values need finite weights, got NaN or infinity. Draw in a wider dtype.")
    if on_accelerator:
        return np.asarray(jnp.linalg.svd(matrix, compute_uv=False))
    from scipy import linalg

    return linalg.svdvals(matrix, check_finite=False)


class Expected(NamedTuple):
    """Expected value of a statistic and its standard deviation from draw to draw."""

    mean: float
    sd: float
    quantile: Callable | None = None
    """Its quantile function, where it is known and far from that of a normal law."""


class Spectrum:
    """Law of the singular values of one random matrix: a continuous bulk, single points, or both."""

    name: str
    bulk_count: int = 0
    """How many singular values belong to the bulk."""
    points: tuple[tuple[float, int], ...] = ()
    """Pairs (position, count) of the singular values outside the bulk."""
    edges: tuple[float, float] | None = None
    """Ends of the bulk as the matrix grows; None without a bulk."""
    largest: Expected | None = None
    """The largest singular value of a matrix of this size; None where no formula is known to hold."""
    smallest: Expected | None = None
    """The smallest one, likewise."""

    def pdf(self, s) -> np.ndarray:
        """Density of the bulk at s, which integrates to 1 over the bulk."""
        return np.zeros_like(np.asarray(s, float))

    def cdf(self, s) -> np.ndarray:
        """Fraction of all singular values at most s."""
        s = np.asarray(s, float)
        count = self.bulk_count + sum(n for _, n in self.points)
        return sum((n / count * (s >= x) for x, n in self.points), np.zeros_like(s))


@dataclass(frozen=True)
class Points(Spectrum):
    """Singular values at known positions, each with its count."""

    values: tuple[tuple[float, int], ...]

    name = "exact values"

    @classmethod
    def repeated(cls, value: float, count: int):
        """`count` times the same value."""
        return cls(((value, count),))

    @property
    def points(self):
        """Those values that occur, largest first."""
        return tuple(sorted(((float(x), n) for x, n in self.values if n), reverse=True))

    @property
    def largest(self):
        """The largest, without spread."""
        return Expected(self.points[0][0], 0.0) if self.points else None

    @property
    def smallest(self):
        """The smallest, without spread."""
        return Expected(self.points[-1][0], 0.0) if self.points else None


class Edge(NamedTuple):
    """Mean and standard deviation of a Tracy-Widom law."""

    mean: float
    sd: float


# Tracy & Widom 1996 (β = 1) and 1994 (β = 2), mean and variance as computed by Bornemann 2010.
TRACY_WIDOM = {False: Edge(-1.2065335745820, 1.607781034581**0.5), True: Edge(-1.7710868074116, 0.8131947928329**0.5)}


@dataclass(frozen=True)
class MarchenkoPastur(Spectrum):
    """Singular values of a rows × columns matrix of independent entries, mean 0 and E|w|² = sigma².

    The density is the limit of large matrices of these proportions (Marchenko & Pastur 1967), whatever the law of the
    entries. `largest` and `smallest` are for this size (Ma 2012, Johansson 2000, Edelman 1988).
    """

    rows: int
    columns: int
    sigma: float
    complex: bool = False

    name = "Marchenko–Pastur"

    @property
    def bulk_count(self):
        """min(rows, columns)."""
        return min(self.rows, self.columns)

    @property
    def edges(self):
        """σ |√rows ± √columns|."""
        a, b = math.sqrt(self.rows), math.sqrt(self.columns)
        return self.sigma * abs(a - b), self.sigma * (a + b)

    def pdf(self, s):
        """p(s) = √((s₊² - s²)(s² - s₋²)) / (π σ² k s), k = min(rows, columns)."""
        s = np.asarray(s, float) / self.sigma  # in these units σ² neither vanishes nor overflows
        low, high = (edge / self.sigma for edge in self.edges)
        inside = (s >= low) & (s <= high) & (s > 0)
        safe = np.where(inside, s, 1.0)
        product = np.maximum((high**2 - safe**2) * (safe**2 - low**2), 0)
        density = np.sqrt(product) / (math.pi * self.bulk_count * safe)
        if low == 0:  # the quarter circle of a square matrix starts at its top, not at 0/0
            density = np.where(s == 0, high / (math.pi * self.bulk_count), density)
            inside |= s == 0
        return np.where(inside, density, 0.0) / self.sigma

    def cdf(self, s):
        """The closed form in λ = s²/(σ² max): see Marchenko & Pastur 1967."""
        large, small = max(self.rows, self.columns), self.bulk_count
        y = small / large
        a, b = (1 - math.sqrt(y)) ** 2, (1 + math.sqrt(y)) ** 2
        x = np.clip((np.asarray(s, float) / self.sigma) ** 2 / large, max(a, 1e-300), b)

        def arcsin(z):
            return np.arcsin(np.clip(z, -1, 1))

        total = np.sqrt(np.maximum((b - x) * (x - a), 0)) + (1 + y) * (math.pi / 2 + arcsin((2 * x - a - b) / (b - a)))
        total -= (1 - y) * (math.pi / 2 + arcsin(((a + b) * x - 2 * a * b) / (x * (b - a))))
        return np.clip(total / (2 * math.pi * y), 0, 1)

    def quantile(self, p):
        """Singular value with cdf p, interpolated on a grid that is fine at the edges: within 1e-6 of the width."""
        grid, values = self._table
        return np.interp(p, values, grid)

    @cached_property
    def _table(self):
        low, high = self.edges
        grid = low + (high - low) * np.sin(np.linspace(0, math.pi / 2, 4001)) ** 2
        return grid, self.cdf(grid)

    @property
    def largest(self):
        """Soft edge: √(μ + τ TW) to first order, with Ma's centring for real entries; None for a vector.

        Within 0.15 standard deviations of simulated means from 2 × 2 on, for real and complex normal entries.
        """
        return self._soft_edge(+1) if self.bulk_count > 1 else None

    @property
    def smallest(self):
        """Hard edge for a square matrix, soft edge for one far from square; None between, where neither holds.

        Both are limits of large matrices for entries that are not normal: None too for a square matrix of fewer than
        `SMALLEST_HARD_EDGE` rows. The soft edge counts where its spread is at most `SOFT_EDGE_SPREAD` of it: within
        0.2 standard deviations there.
        """
        small = self.bulk_count
        if self.rows == self.columns:
            if small < SMALLEST_HARD_EDGE:
                return None
            law, unit = HARD_EDGE[self.complex], self.sigma / math.sqrt(small)
            return Expected(unit * law.mean, unit * law.sd, lambda p: unit * law.quantile(p))
        edge = self._soft_edge(-1) if small > 1 else None
        return edge if edge and edge.sd < SOFT_EDGE_SPREAD[self.complex] * edge.mean else None

    def _soft_edge(self, side: int) -> Expected:
        """Largest (side = 1) or smallest (-1) value: τ / (2√μ) = |1/b ± 1/a|^⅓ / 2 with √μ = a ± b."""
        shift = 0 if self.complex else 0.5
        a, b = math.sqrt(max(self.rows, self.columns) - shift), math.sqrt(self.bulk_count - shift)
        centre, unit, edge = a + side * b, (1 / b + side / a) ** (1 / 3) / 2, TRACY_WIDOM[self.complex]
        return Expected(self.sigma * (centre + side * unit * edge.mean), self.sigma * unit * edge.sd)


# √n s_min/σ =: t of square Gaussian matrices (Edelman 1988). Real: P(t > x) = exp(-x²/2 - x), so the mean is
# √(2πe) Φ(-1) and the second moment 2 - 2 · mean. Complex: t² ~ Exp(1).
_REAL_MEAN = math.sqrt(2 * math.pi * math.e) * math.erfc(1 / math.sqrt(2)) / 2
_COMPLEX_MEAN = math.sqrt(math.pi) / 2
HARD_EDGE = {
    False: Expected(
        _REAL_MEAN, math.sqrt(2 - 2 * _REAL_MEAN - _REAL_MEAN**2), lambda p: np.sqrt(1 - 2 * np.log1p(-p)) - 1
    ),
    True: Expected(_COMPLEX_MEAN, math.sqrt(1 - _COMPLEX_MEAN**2), lambda p: np.sqrt(-np.log1p(-p))),
}
SMALLEST_HARD_EDGE = 16
# The expansion of √(μ + τ TW) to first order is used where the smallest value varies by at most this share of itself;
# beyond, simulated means of real (complex) normal matrices leave it by more than 0.1 (0.2) standard deviations.
SOFT_EDGE_SPREAD = {False: 0.1, True: 0.05}


@dataclass(frozen=True)
class Spiked(Spectrum):
    """Entries with a mean: one outlier above a Marchenko-Pastur bulk (Benaych-Georges & Nadakuditi 2012)."""

    bulk: MarchenkoPastur
    mean: float

    name = "Marchenko–Pastur and outlier"

    @property
    def spike(self) -> float:
        """θ = |mean| √(rows · columns), the singular value of the mean alone."""
        return self.mean * math.sqrt(self.bulk.rows * self.bulk.columns)

    @property
    def outlier(self) -> float | None:
        """√((θ² + σ² rows)(θ² + σ² columns)) / θ where θ > σ (rows · columns)^¼; else the mean leaves no trace."""
        rows, columns, theta = self.bulk.rows, self.bulk.columns, self.spike / self.bulk.sigma  # in units of σ
        if theta <= (rows * columns) ** 0.25:
            return None
        return self.bulk.sigma * math.sqrt((theta**2 + rows) * (theta**2 + columns)) / theta

    @property
    def points(self):
        """The outlier, if there is one."""
        return () if self.outlier is None else ((self.outlier, 1),)

    @property
    def bulk_count(self):
        """All singular values but the outlier."""
        return self.bulk.bulk_count - len(self.points)

    @property
    def edges(self):
        """Those of the bulk; None for a single row or column, which has nothing but the outlier."""
        return self.bulk.edges if self.bulk_count else None

    def pdf(self, s):
        """Density of the bulk."""
        return self.bulk.pdf(s) if self.bulk_count else np.zeros_like(np.asarray(s, float))

    def cdf(self, s):
        """Fraction of all singular values, the outlier included, at most s."""
        return super().cdf(s) + self.bulk_count / self.bulk.bulk_count * self.bulk.cdf(s)

    @property
    def largest(self):
        """The outlier, which varies by about one σ; without one, the edge of the bulk."""
        return self.bulk.largest if self.outlier is None else Expected(self.outlier, self.bulk.sigma)

    @property
    def smallest(self):
        """That of the bulk."""
        return self.bulk.smallest if self.bulk_count else self.largest
