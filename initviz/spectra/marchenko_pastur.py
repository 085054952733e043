"""Marchenko-Pastur laws of independent entries, with their finite-size ends, and with the outlier that a mean makes."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from initviz.spectra.base import LIMIT, Expected, Spectrum
from initviz.spectra.tracy_widom import TRACY_WIDOM


def root_integral(x: npt.ArrayLike, low: float, high: float) -> np.ndarray:
    """∫ √((t - low)(high - t)) / t dt from `low` to x, for 0 <= low <= x <= high; to the last digits at both ends."""
    x = np.clip(x, low, high)
    left, right = np.sqrt(x - low), np.sqrt(high - x)
    total = left * right + (low + high) * np.arctan2(left, right)
    return total - 2 * math.sqrt(low * high) * np.arctan2(math.sqrt(high) * left, math.sqrt(low) * right)


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
    excess: float = 0.0
    """Excess kurtosis of an entry."""

    name = "Marchenko–Pastur"
    holds = LIMIT

    @property
    def bulk_count(self) -> int:
        """min(rows, columns)."""
        return min(self.rows, self.columns)

    @property
    def edges(self) -> tuple[float, float]:
        """`σ |√rows ± √columns|`."""
        a, b = math.sqrt(self.rows), math.sqrt(self.columns)
        return self.sigma * abs(a - b), self.sigma * (a + b)

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
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

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """The closed form in λ = s²/(σ² max): see Marchenko & Pastur 1967."""
        large, small = max(self.rows, self.columns), self.bulk_count
        y = small / large
        low, high = (1 - math.sqrt(y)) ** 2, (1 + math.sqrt(y)) ** 2
        squared = (np.maximum(s, 0.0) / self.sigma) ** 2 / large
        return np.clip(root_integral(squared, low, high) / (2 * math.pi * y), 0, 1)

    @property
    def largest(self) -> Expected | None:
        """Soft edge: √(μ + τ TW) to first order, with Ma's centring for real entries; None for a vector.

        Of normal entries the mean is within 0.15 standard deviations of simulation from 2 × 2 on. That of uniform
        entries lies up to 0.4 lower, and they vary less, so that their range is wider than need be: its 99 % are left
        by at most 1.7 % of simulated draws of either law, real or complex, from 2 × 2 to 300 × 100.
        """
        return self._soft_edge(+1) if self.bulk_count > 1 else None

    @property
    def smallest(self) -> Expected | None:
        """Hard edge for a square matrix, soft edge for one far from square; None between, where neither holds.

        The hard edge is exact for complex normal entries and else a limit (`SMALLEST_HARD_EDGE`). The soft one is
        √μ exp(-τ TW / 2), Ma's form, which stays above 0 (`MOST_SOFT_EDGE`), where the entries have no heavy tail
        (`MOST_EXCESS`).
        """
        small = self.bulk_count
        if self.rows == self.columns:
            if small < SMALLEST_HARD_EDGE:
                return None
            return HARD_EDGE[self.complex].scaled(self.sigma / math.sqrt(small))
        holds = self._relative_spread <= MOST_SOFT_EDGE and self.excess <= MOST_EXCESS * math.sqrt(small)
        return self._soft_edge(-1) if small > 1 and holds else None

    @property
    def doubt(self) -> str:
        """Both are those of normal entries: light tails move them inward, heavy ones outward, see `PER_EXCESS`."""
        off = PER_EXCESS * abs(self.excess)
        if off < NO_DOUBT or not (self.largest or self.smallest):
            return ""
        where = "nearer the middle" if self.excess < 0 else "farther from the middle"
        return f"for normal entries: those of this law lie up to {off:.1g} of that {where}"

    @property
    def _sides(self) -> tuple[float, float]:
        """Roots of the longer and the shorter side, with Ma's shift for real entries."""
        shift = 0 if self.complex else 0.5
        return math.sqrt(max(self.rows, self.columns) - shift), math.sqrt(self.bulk_count - shift)

    @property
    def _relative_spread(self) -> float:
        """τ, how much the logarithm of the smallest squared value varies per unit of TW."""
        longer, shorter = self._sides
        return (1 / shorter - 1 / longer) ** (1 / 3) / (longer - shorter)

    def _soft_edge(self, side: int) -> Expected:
        """Largest (side = 1) or smallest (-1) value: τ / (2√μ) = |1/b ± 1/a|^⅓ / 2 with √μ = a ± b."""
        (longer, shorter), law = self._sides, TRACY_WIDOM[self.complex]
        if side > 0:
            centre, unit = self.sigma * (longer + shorter), self.sigma * (1 / shorter + 1 / longer) ** (1 / 3) / 2
            return Expected(centre + unit * law.mean, unit * law.sd, lambda p: centre + unit * law.quantile(p))
        spread = self._relative_spread
        centre = self.sigma * (longer - shorter) * math.exp(0 if self.complex else spread**2 / 16)
        return law.exponential(centre, -spread / 2)


# Standard deviations by which an extreme value differs from that of normal entries, per unit of excess kurtosis. Of
# uniform and truncated normal entries 0.29 to 0.32 are simulated for the largest value, up to 0.30 for the smallest,
# from 17 × 17 to 300 × 4; it falls slowly with the size.
PER_EXCESS, NO_DOUBT = 0.33, 0.05
# Largest τ (see `_relative_spread`) for which the soft edge counts. Up to it simulated means of normal entries differ
# by at most 0.12 and of uniform ones by 0.41 standard deviations, and at most 1.6 % of draws leave the 99 % range of
# either, real or complex; at 0.5 normal means are already 0.28 off, and at 1 nearly one standard deviation.
MOST_SOFT_EDGE = 0.3
# Largest excess kurtosis, over √min(rows, columns), up to which the smallest value follows it: simulated draws leave
# the 99 % range in 1.0 to 1.2 % of cases at 0.19, in 1.7 % at 0.43 and in 5.5 to 8 % at 1 and 2.
MOST_EXCESS = 0.2
# √n s_min/σ =: t of square Gaussian matrices (Edelman 1988). Real: P(t > x) = exp(-x²/2 - x), so the mean is
# √(2πe) Φ(-1) and the second moment 2 - 2 · mean. Complex: t² ~ Exp(1).
_REAL_MEAN = math.sqrt(2 * math.pi * math.e) * math.erfc(1 / math.sqrt(2)) / 2
_COMPLEX_MEAN = math.sqrt(math.pi) / 2
HARD_EDGE = {
    False: Expected(
        _REAL_MEAN,
        math.sqrt(2 - 2 * _REAL_MEAN - _REAL_MEAN**2),
        lambda p: np.sqrt(1 - 2 * np.log1p(-np.asarray(p))) - 1,
    ),
    True: Expected(_COMPLEX_MEAN, math.sqrt(1 - _COMPLEX_MEAN**2), lambda p: np.sqrt(-np.log1p(-np.asarray(p)))),
}
# Rows from which the hard edge counts: simulated means of uniform entries are 0.20 standard deviations off at 4 and
# 0.32 at 2, and 1.7 % of draws leave the 99 % range at 4, 1.2 % at 16.
SMALLEST_HARD_EDGE = 4


@dataclass(frozen=True)
class Spiked(Spectrum):
    """Entries with a mean: one outlier above a Marchenko-Pastur bulk (Benaych-Georges & Nadakuditi 2012)."""

    bulk: MarchenkoPastur
    mean: float
    skewness: float = 0.0
    """Of an entry: positive where the longer tail is on the side of the mean."""
    excess: float = 0.0
    """Excess kurtosis of an entry."""

    name = "Marchenko–Pastur and outlier"
    holds = LIMIT

    @property
    def spike(self) -> float:
        """`θ = |mean| √(rows · columns)`, the singular value of the mean alone."""
        return abs(self.mean) * math.sqrt(self.bulk.rows * self.bulk.columns)

    @property
    def outlier(self) -> float | None:
        """√((θ² + σ² rows)(θ² + σ² columns)) / θ where θ > σ (rows · columns)^¼; else the mean leaves no trace."""
        rows, columns, theta = self.bulk.rows, self.bulk.columns, self.spike / self.bulk.sigma  # in units of σ
        if theta <= (rows * columns) ** 0.25:
            return None
        return self.bulk.sigma * math.sqrt((theta**2 + rows) * (theta**2 + columns)) / theta

    @property
    def points(self) -> tuple[tuple[float, int], ...]:
        """The outlier, if there is one."""
        return () if self.outlier is None else ((self.outlier, 1),)

    @property
    def point_names(self) -> tuple[str, ...]:
        """The outlier, by where it comes from."""
        return ("outlier of the mean",) * len(self.points)

    @property
    def bulk_count(self) -> int:
        """All singular values but the outlier."""
        return self.bulk.bulk_count - len(self.points)

    @property
    def rest(self) -> MarchenkoPastur:
        """The bulk, in one row and one column fewer where the mean takes up a direction of each."""
        taken = len(self.points)
        return replace(self.bulk, rows=self.bulk.rows - taken, columns=self.bulk.columns - taken)

    @property
    def edges(self) -> tuple[float, float] | None:
        """Those of the rest; None for a single row or column, which has nothing but the outlier."""
        return self.rest.edges if self.bulk_count else None

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Density of the rest."""
        return self.rest.pdf(s) if self.bulk_count else np.zeros_like(np.asarray(s, float))

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """That of the rest."""
        return self.rest.bulk_cdf(s) if self.bulk_count else np.zeros_like(np.asarray(s, float))

    @property
    def largest(self) -> Expected | None:
        """The outlier with its centre for this size; well below the threshold the edge of the bulk; None near it.

        Its variance is σ² (halved for complex entries) times the mean of the squared overlaps of its two singular
        vectors with the mean's: (1 - mn/t²) (t/(t + m) + t/(t + n)) / 2 with t = θ²/σ², nearly 1 for a strong mean.
        Entries that are not normal add (μ κ₃ + κ₄ / 4n) / (σ² + n μ²), and the same with m: how the norm of a long
        column varies, s.d. √Var(w²) / (2 √E w²) for n = 1.
        The position counts m - 1 and n - 1 directions, since noise along those two vectors is in θ already.
        """
        if not self.outlier:
            return self.bulk.largest if self._strength <= WEAK_MEAN else None
        if self._strength < STRONG_MEAN:
            return None
        rows, columns, sigma = self.bulk.rows, self.bulk.columns, self.bulk.sigma
        t = (self.spike / sigma) ** 2
        overlap = (1 - rows * columns / t**2) * (t / (t + rows) + t / (t + columns)) / 2
        centre = math.sqrt((t + rows - 1) * (t + columns - 1) / t)
        mean = self.mean / sigma
        beyond = sum(
            (mean * self.skewness + self.excess / (4 * side)) / (1 + side * mean**2) for side in (rows, columns)
        )
        return Expected(sigma * centre, sigma * math.sqrt((overlap + beyond) / (2 if self.bulk.complex else 1)))

    @property
    def doubt(self) -> str:
        """That of the rest, which the outlier does not share."""
        if not self.outlier:
            return self.bulk.doubt
        return f"the smallest {doubt}" if self.smallest and (doubt := self.rest.doubt) else ""

    @property
    def _strength(self) -> float:
        """θ over its threshold: the mean leaves a trace above 1."""
        return self.spike / self.bulk.sigma / (self.bulk.rows * self.bulk.columns) ** 0.25

    @property
    def smallest(self) -> Expected | None:
        """That of the rest."""
        return self.rest.smallest if self.bulk_count else self.largest


# Strengths of a mean between which the largest value follows neither the edge nor the outlier: at 0.8 up to 2.5 % of
# simulated draws leave the 99 % range of the edge, at 1 up to 10 %; at 1.5 up to 2.9 % of real draws leave that of the
# outlier in 1 to 4 rows (0.7 % in 64 × 32), from 1.75 on at most 2.0 %.
WEAK_MEAN, STRONG_MEAN = 0.75, 1.75
