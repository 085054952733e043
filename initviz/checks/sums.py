"""Laws of sums of independent variables, of one kind or of several, in standard units: mean 0, variance 1."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

EXACT = 256
"""Copies from which on the gamma law replaces the convolution."""

POINTS = 2**13
"""Of a lattice."""


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


@dataclass(frozen=True, eq=False)
class Copy:
    """One of the independent variables that are averaged: its distribution function and the range that matters."""

    cdf: Callable
    mean: float
    low: float
    high: float
    known: tuple[float, float] | None = None
    """Its shape, where that is known already."""

    def lattice(self, step: float) -> tuple[int, np.ndarray]:
        """First index k and probabilities of the points k · step that the variable is rounded to."""
        first, last = int(np.floor(self.low / step)), int(np.ceil(self.high / step))
        masses = np.diff(self.cdf((np.arange(first, last + 2) - 0.5) * step))
        return first, masses / masses.sum()

    def moved(self, factor: float, shift: float = 0.0) -> "Copy":
        """A positive factor times it, and something added."""
        cdf, (std, skewness) = self.cdf, self.shape
        mean, low, high = (factor * x + shift for x in (self.mean, self.low, self.high))
        return Copy(lambda x: cdf((np.asarray(x) - shift) / factor), mean, low, high, (factor * std, skewness))

    @cached_property
    def shape(self) -> tuple[float, float]:
        """Standard deviation and skewness."""
        if self.known:
            return self.known
        step = (self.high - self.low) / (2 * POINTS)
        first, masses = self.lattice(step)
        apart = (first + np.arange(masses.size)) * step - self.mean
        squared = apart * apart
        std = (masses @ squared) ** 0.5
        return float(std), float(masses @ (squared * apart) / std**3)


def _points(count: int) -> int:
    """Points of the lattice. The density of few squares is singular or steep at 0, which takes a finer one."""
    return POINTS if count > 4 else 2**17


Several = tuple[tuple[Copy, int], ...]
"""Variables of several kinds, and how many there are of each."""


def spread_of(copies: Several) -> float:
    """Standard deviation of the sum."""
    return sum(count * copy.shape[0] ** 2 for copy, count in copies) ** 0.5


def sum_law(copies: Several) -> "Gamma | Tabulated":
    """The law of their sum: convolved where they are few, or few of them make up most of it, else a gamma law."""
    variances = [copy.shape[0] ** 2 for copy, _ in copies]
    total = sum(count * variance for (_, count), variance in zip(copies, variances, strict=True))
    squares = sum(count * variance**2 for (_, count), variance in zip(copies, variances, strict=True))
    if total**2 < EXACT * squares * (1 - 1e-9):
        return convolved(copies)
    third = sum(count * copy.shape[1] * copy.shape[0] ** 3 for copy, count in copies)
    return Gamma(third / total**1.5)


def lattice_step(copies: Several) -> float:
    """Between two points of the lattice that they are rounded to; of a single one the widest step of its table."""
    count, widths = sum(times for _, times in copies), [copy.high - copy.low for copy, _ in copies]
    if count == 1:
        return 2 * max(widths) / POINTS
    longest = sum(times * width for (_, times), width in zip(copies, widths, strict=True))
    window = min(longest, 2 * max(widths) + 16 * spread_of(copies))  # a leap of one copy beside 8 σ of the others
    return window / (_points(count) - 2 * EXACT)  # rounding widens each copy by up to two points


@lru_cache(maxsize=256)
def convolved(copies: Several) -> Tabulated:
    """The sum in standard units: lattices convolved by a Fourier transform.

    The mean and variance of what is rounded to the lattice are put right, which leaves an error of third order.
    """
    count = sum(times for _, times in copies)
    if count == 1:
        ((copy, _),) = copies
        width, (std, _) = copy.high - copy.low, copy.shape
        grid = copy.low + width * np.linspace(0, 1, POINTS) ** 2  # fine where a square has its singular density
        return Tabulated((grid - copy.mean) / std, copy.cdf(grid))
    points, step = _points(count), lattice_step(copies)
    transform, mean, variance, length = np.ones(points // 2 + 1, complex), 0.0, 0.0, 0
    for copy, times in copies:
        _, masses = copy.lattice(step)
        index = np.arange(masses.size)
        own = masses @ index
        transform *= np.fft.rfft(masses, points) ** times
        mean, variance = mean + times * own, variance + times * (masses @ (index - own) ** 2)
        length += times * (masses.size - 1)
    convolved = np.fft.irfft(transform, points)
    start = 0 if length < points else round(mean) - points // 2
    places = start + np.arange(points)
    # A point stands for the half step on either side.
    grid = (places + 0.5 - mean) / variance**0.5
    table = np.maximum.accumulate(np.cumsum(np.maximum(convolved[places % points], 0)))
    return Tabulated(grid, table / table[-1])
