"""Laws of statistics of N independent weights: their mean, and their mean square distance from the law's mean.

Both are averages of N independent copies of one variable, and both laws are given in standard units: mean 0, variance
1. Normal weights have the normal and the χ² law exactly. Other laws are convolved numerically below `EXACT` copies,
where a normal approximation alarms too often (4σ twenty times as often, for the squares of 16 normal weights); from
there on a gamma law with the right skewness (Pearson 1895) stands in: 0.945 to 1.007 of a tail of 0.5 % at 256 copies,
for uniform laws to normal ones cut at 2 and 10 standard deviations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from initviz.laws.marginals import Marginal

COVERAGE = 0.99
"""Probability that a statistic of a fresh draw lies in its range, if the theory holds."""
TAILS = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
EXACT = 256
"""Copies from which on the gamma law replaces the convolution."""

_NEGLIGIBLE = 1e-12  # probability left out at either end of one copy
_POINTS = 2**13


@dataclass(frozen=True)
class Gamma:
    """The gamma law of that skewness, shifted and scaled to mean 0 and variance 1 (Pearson's type III); normal at 0."""

    skewness: float

    smallest = 1e-300
    """Least probability of a tail that is still told from 0."""

    @property
    def _shape(self) -> float:
        return 4 / self.skewness**2

    @property
    def _is_normal(self) -> bool:
        return abs(self.skewness) < 1e-6  # beyond a shape of 1e12 the gamma functions of SciPy lose digits

    def cdf(self, z) -> np.ndarray:
        """Probability of at most z."""
        from scipy import special

        if self._is_normal:
            return special.ndtr(z)
        tail = special.gammainc if self.skewness > 0 else special.gammaincc
        return tail(self._shape, self._shifted(z))

    def sf(self, z) -> np.ndarray:
        """Probability of more than z, without loss of digits."""
        from scipy import special

        if self._is_normal:
            return special.ndtr(-np.asarray(z))
        tail = special.gammaincc if self.skewness > 0 else special.gammainc
        return tail(self._shape, self._shifted(z))

    def tails(self, z: float) -> tuple[float, float]:
        """Probabilities of at most and of more than z."""
        return float(self.cdf(z)), float(self.sf(z))

    def quantile(self, p) -> np.ndarray:
        """z with cdf p."""
        from scipy import special

        if self._is_normal:
            return special.ndtri(p)
        inverse = special.gammaincinv if self.skewness > 0 else special.gammainccinv
        return np.sign(self.skewness) * (inverse(self._shape, p) - self._shape) / self._shape**0.5

    def _shifted(self, z):
        return np.maximum(self._shape + np.sign(self.skewness) * self._shape**0.5 * np.asarray(z, float), 0.0)


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A law by a table of its distribution function, linear in between."""

    grid: np.ndarray
    table: np.ndarray

    smallest = 1e-12
    """Least probability of a tail that is told from 0: below is the noise of the Fourier transform."""

    def cdf(self, z) -> np.ndarray:
        """Probability of at most z."""
        return np.interp(z, self.grid, self.table, left=0.0, right=1.0)

    def sf(self, z) -> np.ndarray:
        """Probability of more than z."""
        return 1 - self.cdf(z)

    def tails(self, z: float) -> tuple[float, float]:
        """Probabilities of at most and of more than z."""
        return float(self.cdf(z)), float(self.sf(z))

    def quantile(self, p) -> np.ndarray:
        """z with cdf p."""
        return np.interp(p, self.table, self.grid)


def _points(count: int) -> int:
    """Points of the lattice. The density of few squares is singular or steep at 0, which takes a finer one."""
    return _POINTS if count > 4 else 2**17


@lru_cache(maxsize=256)
def _first(law: Marginal) -> Marginal:
    """The first law seen that equals this one: it has computed its moments already."""
    return law


def standard(marginal: Marginal) -> tuple[Marginal, float]:
    """The law of weight / scale, the same object for every scale, and the scale in units of the weights.

    What takes SciPy milliseconds is computed once for it, and not again while a scale is dragged.
    """
    unit, scale = marginal.standard
    return _first(unit), scale


@dataclass(frozen=True, eq=False)
class _Copy:
    """One of the independent variables that are averaged: its distribution function and the range that matters."""

    cdf: Callable
    mean: float
    low: float
    high: float

    def lattice(self, step: float) -> tuple[int, np.ndarray]:
        """First index k and probabilities of the points k · step that the variable is rounded to."""
        first, last = int(np.floor(self.low / step)), int(np.ceil(self.high / step))
        masses = np.diff(self.cdf((np.arange(first, last + 2) - 0.5) * step))
        return first, masses / masses.sum()

    @cached_property
    def shape(self) -> tuple[float, float]:
        """Standard deviation and skewness."""
        step = (self.high - self.low) / (2 * _POINTS)
        first, masses = self.lattice(step)
        apart = (first + np.arange(masses.size)) * step - self.mean
        squared = apart * apart
        std = (masses @ squared) ** 0.5
        return float(std), float(masses @ (squared * apart) / std**3)


@lru_cache(maxsize=64)
def _value(unit: Marginal) -> _Copy:
    """One weight in standard units. (Re + Im) / √2 of a complex one of uniform phase has the law of its real part."""
    low, high = (unit.quantile(np.array([_NEGLIGIBLE, 1 - _NEGLIGIBLE])) - unit.mean) / unit.std
    grid = np.linspace(low, high, _POINTS // 2)  # a table, since SciPy's distribution functions are slow
    table = unit.cdf(unit.mean + unit.std * grid)
    return _Copy(lambda z: np.interp(z, grid, table, left=0.0, right=1.0), 0.0, float(low), float(high))


@lru_cache(maxsize=64)
def _square(unit: Marginal) -> _Copy:
    """((w - mean) / std)² of a real weight, |w|² / E|w|² of a complex one: mean 1."""
    if unit.complex:
        modulus_squared = unit.modulus_squared
        power = modulus_squared.mean()
        high = float(modulus_squared.isf(_NEGLIGIBLE)) / power
        return _Copy(lambda y: modulus_squared.cdf(y * power), 1.0, 0.0, high)

    value = _value(unit)

    def cdf(y):
        reach = np.sqrt(np.maximum(y, 0))
        return value.cdf(reach) - value.cdf(-reach)

    return _Copy(cdf, 1.0, 0.0, max(value.low**2, value.high**2))


@lru_cache(maxsize=256)
def _sum(copy: _Copy, count: int) -> Tabulated:
    """The sum of `count` copies in standard units: a lattice convolved with itself by a Fourier transform.

    The mean and variance of what is rounded to the lattice are put right, which leaves an error of third order.
    """
    width, (std, _) = copy.high - copy.low, copy.shape
    if count == 1:
        grid = copy.low + width * np.linspace(0, 1, _POINTS) ** 2  # fine where a square has its singular density
        return Tabulated((grid - copy.mean) / std, copy.cdf(grid))
    points = _points(count)
    window = min(count * width, 2 * width + 16 * count**0.5 * std)  # a leap of one copy beside 8 σ of the others
    step = window / (points - 2 * EXACT)  # rounding widens each copy by up to two points
    _, masses = copy.lattice(step)
    convolved = np.fft.irfft(np.fft.rfft(masses, points) ** count, points)
    index = np.arange(masses.size)
    mean = masses @ index
    variance = masses @ (index - mean) ** 2
    start = 0 if count * (masses.size - 1) < points else round(count * mean) - points // 2
    places = start + np.arange(points)
    # A point stands for the half step on either side.
    grid = (places + 0.5 - count * mean) / (count * variance) ** 0.5
    table = np.maximum.accumulate(np.cumsum(np.maximum(convolved[places % points], 0)))
    return Tabulated(grid, table / table[-1])


def _copies(marginal: Marginal, count: int) -> int:
    return count // 2 if marginal.complex else count


def _average(copy: _Copy, count: int) -> Gamma | Tabulated:
    return _sum(copy, count) if count < EXACT else Gamma(copy.shape[1] / count**0.5)


def mean_law(marginal: Marginal, count: int) -> Gamma | Tabulated:
    """The law of √N (sample mean - mean) / std for N = count independent weights.

    Of complex weights the parts are pooled and `count` is that of parts: n weights give 2n, whose mean is that of n
    copies of a part, divided by √2.
    """
    if marginal.gaussian:
        return Gamma(0.0)
    return _average(_value(standard(marginal)[0]), _copies(marginal, count))


def square_law(marginal: Marginal, count: int) -> Gamma | Tabulated:
    """The law of (mean of (w - mean)² / variance - 1) / `square_error` for `count` independent weights.

    Of complex weights the parts are pooled and `count` is that of parts; the mean of their squares is that of |w|² / 2.
    For normal weights it is χ² with `count` degrees of freedom, shifted and scaled.
    """
    if marginal.gaussian:
        return Gamma((8 / count) ** 0.5)
    return _average(_square(standard(marginal)[0]), _copies(marginal, count))


def square_error(marginal: Marginal, count: int) -> float:
    """Standard deviation of (mean of (w - mean)²) / variance: √((κ - 1) / N) with kurtosis κ for N real weights.

    Half of it is the relative standard error of a sample's standard deviation.
    """
    if marginal.gaussian:
        return (2 / count) ** 0.5
    return _square(standard(marginal)[0]).shape[0] / _copies(marginal, count) ** 0.5
