"""Laws of a single weight, as theory: moments, density, distribution function and quantiles.

A marginal is a continuous part (a distribution of `scipy.stats`) plus atoms, values taken with positive probability.
Everything here is real and dimensionless, in the units of the weights; a complex weight is described by the law of a
part of it, real or imaginary: random ones share it, and of a constant either is taken half of the time.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Distribution:
    """A family of `scipy.stats` with its shape arguments, scaled and shifted; its methods are the family's.

    What SciPy itself returns for these arguments makes a family of its own, which takes a millisecond, and is not known
    to be equal to another one.
    """

    family: Any
    shape_arguments: tuple[float, ...] = ()
    loc: float = 0.0
    scale: float = 1.0

    def pdf(self, x: npt.ArrayLike) -> np.ndarray:
        """Density at x."""
        return self._of_family("pdf", x)

    def cdf(self, x: npt.ArrayLike) -> np.ndarray:
        """Probability of at most x."""
        return self._of_family("cdf", x)

    def ppf(self, p: npt.ArrayLike) -> np.ndarray:
        """x with cdf(x) = p."""
        return self._of_family("ppf", p)

    def isf(self, p: npt.ArrayLike) -> np.ndarray:
        """x with cdf(x) = 1 - p, to all digits where p is small."""
        return self._of_family("isf", p)

    def support(self) -> tuple[float, float]:
        """Smallest interval that holds every value."""
        return self._of_family("support")

    def mean(self) -> float:
        """Expected value."""
        return self._of_family("mean")

    def _of_family(self, method: str, *at: npt.ArrayLike) -> Any:
        return getattr(self.family, method)(*at, *self.shape_arguments, loc=self.loc, scale=self.scale)

    @property
    def standard_moments(self) -> tuple[float, float, float, float]:
        """Those of location 0 and scale 1."""
        return _standard_moments(self.family, self.shape_arguments)

    @property
    def moments(self) -> tuple[float, float, float, float]:
        """Mean, variance, skewness and excess kurtosis."""
        mean, variance, skewness, excess = self.standard_moments
        return self.loc + self.scale * mean, self.scale**2 * variance, skewness, excess


@lru_cache(maxsize=256)  # SciPy needs milliseconds for some of them, and a drag over a scale leaves them as they are
def _standard_moments(family: Any, shape_arguments: tuple[float, ...]) -> tuple[float, float, float, float]:
    mean, variance, skewness, excess = map(float, family.stats(*shape_arguments, moments="mvsk"))
    return mean, variance, skewness, excess


class Marginal:
    """The law of one weight. Subclasses give `distribution`, and `atoms` where single values carry mass."""

    complex = False
    """Whether it is the law of either part of a complex weight."""
    gaussian = False
    """Whether sums of draws are normal and sums of their squares χ², exactly."""

    @property
    def standard(self) -> tuple["Marginal", float]:
        """The law of weight / scale, and the scale in units of the weights."""
        return self, 1.0

    @property
    def distribution(self) -> Distribution | None:
        """The continuous part, or None where there is none."""
        raise NotImplementedError

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """Pairs (value, probability) of the values taken with positive probability."""
        return ()

    @property
    def continuous_mass(self) -> float:
        """Probability of not landing on an atom."""
        return 1.0 - sum(mass for _, mass in self.atoms)

    @cached_property
    def _moments(self) -> tuple[float, float, float]:
        """Mean, second and fourth raw moment of the whole law; the fourth is NaN where the law has no density."""
        first = sum(mass * value for value, mass in self.atoms)
        second = sum(mass * value * value for value, mass in self.atoms)  # a power too large would raise
        if self.distribution is None:
            return first, second, float("nan")
        mean, variance, skewness, excess = self.distribution.moments
        fourth = (excess + 3) * variance**2 + 4 * skewness * variance**1.5 * mean + 6 * variance * mean**2 + mean**4
        mass = self.continuous_mass
        return (
            first + mass * mean,
            second + mass * (variance + mean**2),
            sum(p * value**4 for value, p in self.atoms) + mass * fourth,
        )

    @property
    def mean(self) -> float:
        """Expected weight."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """Expected squared distance from the mean."""
        if self.distribution is not None and not self.atoms:
            return self.distribution.moments[1]
        return max(self._moments[1] - self._moments[0] * self._moments[0], 0.0)

    @property
    def std(self) -> float:
        """Square root of the variance."""
        return self.variance**0.5

    @property
    def kurtosis(self) -> float:
        """Fourth central moment over the squared variance (3 for a normal law); NaN for a law without density."""
        if self.distribution is None or not self.variance:
            return float("nan")
        if not self.atoms:
            return self.distribution.moments[3] + 3
        return self._moments[2] / self.variance**2  # laws with atoms here are symmetric about 0

    @property
    def support(self) -> tuple[float, float]:
        """Smallest interval that holds every weight; infinite ends where the law is unbounded."""
        ends = [value for value, _ in self.atoms]
        if self.distribution is not None:
            ends += [float(end) for end in self.distribution.support()]
        return min(ends), max(ends)

    def ends(self, tails: npt.ArrayLike) -> np.ndarray:
        """The places below which and above which one weight lies with these probabilities: (2, ...)."""
        tails = np.asarray(tails, float)
        return np.stack([self.quantile(tails), self.quantile(1 - tails)])

    def tails(self, x: npt.ArrayLike) -> np.ndarray:
        """The probabilities of one weight of at most and of more than x: (2, ...)."""
        below = self.cdf(x)
        return np.stack([below, 1 - below])

    def pdf(self, x: npt.ArrayLike) -> np.ndarray:
        """Density at x, which integrates to `continuous_mass`: atoms have none."""
        if self.distribution is None:
            return np.zeros_like(np.asarray(x, float))
        return self.continuous_mass * self.distribution.pdf(x)

    def cdf(self, x: npt.ArrayLike) -> np.ndarray:
        """Probability of a weight of at most x."""
        x = np.asarray(x, float)
        below = sum((mass * (x >= value) for value, mass in self.atoms), np.zeros_like(x))
        return below if self.distribution is None else below + self.continuous_mass * self.distribution.cdf(x)

    def quantile(self, p: npt.ArrayLike) -> np.ndarray:
        """Smallest x with cdf(x) >= p."""
        p = np.asarray(p, float)
        if not self.atoms:
            return self._continuous_quantile(p)
        result, below = np.full_like(p, np.nan), 0.0
        for value, mass in sorted(self.atoms):
            start = below + self.continuous_mass * (self.distribution.cdf(value) if self.distribution else 0.0)
            result = np.where(np.isnan(result) & (p < start), self._continuous_quantile(p - below), result)
            result = np.where(np.isnan(result) & (p <= start + mass), value, result)
            below += mass
        return np.where(np.isnan(result), self._continuous_quantile(p - below), result)

    def _continuous_quantile(self, mass: np.ndarray) -> np.ndarray:
        if self.distribution is None:
            return np.full_like(mass, self.support[1])
        return self.distribution.ppf(np.clip(mass / self.continuous_mass, 0, 1))


@dataclass(frozen=True)
class PointMass(Marginal):
    """Every weight is `value`."""

    value: float

    distribution = None

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """One atom of probability 1."""
        return ((float(self.value), 1.0),)


@dataclass(frozen=True)
class EitherOf(Marginal):
    """Each weight is one of two numbers with equal probability: the sphere in one dimension, or the parts of c."""

    first: float
    second: float

    distribution = None

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """Two atoms of probability 1/2, or one where both are the same."""
        low, high = sorted((float(self.first), float(self.second)))
        return ((low, 1.0),) if low == high else ((low, 0.5), (high, 0.5))


@dataclass(frozen=True)
class Sphere(Marginal):
    """One coordinate of a uniform point on the sphere of that radius in `dimension` real dimensions (at least 2).

    x²/radius² ~ Beta(1/2, (N-1)/2), so (1 + x/radius)/2 ~ Beta((N-1)/2, (N-1)/2): arcsine for N = 2, uniform for N = 3,
    close to normal beyond.
    """

    radius: float
    dimension: int

    @property
    def standard(self) -> tuple[Marginal, float]:
        """On the unit sphere, and the radius."""
        return Sphere(1.0, self.dimension), float(self.radius)

    @cached_property
    def distribution(self) -> Distribution:
        """A symmetric beta law on [-radius, radius]."""
        from scipy import stats

        shape = (self.dimension - 1) / 2
        radius = float(self.radius)
        return Distribution(stats.beta, (shape, shape), -radius, 2 * radius)


@dataclass(frozen=True)
class Sparse(Marginal):
    """The law of one of many weights of which only a share `density` is not exactly 0, but follows `nonzero`."""

    nonzero: Marginal
    density: float

    @property
    def distribution(self) -> Distribution | None:
        """The continuous part of the non-zero weights."""
        return self.nonzero.distribution

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """The zeros, and the atoms of the non-zero law."""
        zero = ((0.0, 1.0 - self.density),) if self.density < 1 else ()
        return zero + tuple((value, mass * self.density) for value, mass in self.nonzero.atoms)


def sphere(radius: float, dimension: int) -> Marginal:
    """The law of one coordinate of a uniform point on a sphere, in any dimension and for any radius."""
    if not float(radius):
        return PointMass(0.0)
    return EitherOf(-radius, radius) if dimension == 1 else Sphere(radius, dimension)
