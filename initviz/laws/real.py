"""Real laws of one weight, each drawn from one uniform a weight: uniform, normal, truncated normal."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Self

import jax
import jax.numpy as jnp
import numpy as np

from initviz.laws.base import Law, Number, Root, Uniform01, pytree, scale_in
from initviz.laws.marginals import Distribution
from initviz.wording import number, squared


def standard_normal(uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
    """erf⁻¹ of a uniform on (-1, 1): a normal draw short of its factor √2."""
    above_minus_one = np.nextafter(np.array(-1.0, dtype), np.array(0.0, dtype), dtype=dtype)
    return jax.lax.erf_inv(uniform(key, dtype, above_minus_one, np.array(1.0, dtype)))


def sqrt2(dtype: np.dtype) -> np.ndarray:
    """√2 in that dtype."""
    return np.array(np.sqrt(2), dtype)


@pytree("low")
class Uniform(Law):
    """Uniform on [low · scale, scale) with low 0 or -1. `uniform(scale)` of the reference is not centred: low is 0."""

    scale: Number | Root
    low: float = 0.0

    @property
    def formula(self) -> str:
        """Centred, or starting at 0."""
        return r"\mathcal{U}[-b,\ b)" if self.low else r"\mathcal{U}[0,\ s)"

    @property
    def numbers(self) -> str:
        """Its ends."""
        scale = float(self.scale)
        return rf"\mathcal{{U}}[{number(self.low * scale)},\ {number(scale)})"

    @property
    def bound(self) -> tuple[str, str, float] | None:
        """√3 σ, if it is centred."""
        scale = float(self.scale)
        return (
            (r"b = \sqrt{3}\,\sigma", rf"\sqrt{{3}} \cdot {number(scale / math.sqrt(3))}", scale) if self.low else None
        )

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """The centred uniform law of that variance: scale √(3 variance)."""
        return cls(Root(variance, times=3), low=-1.0)

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """One uniform a weight."""
        return uniform(key, dtype, self.low, 1.0) * scale_in(self.scale, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """`scipy.stats.uniform`."""
        from scipy import stats

        scale = float(self.scale)
        return Distribution(stats.uniform, (), self.low * scale, (1 - self.low) * scale)


@pytree()
class Normal(Law):
    """Normal with mean 0 and standard deviation `scale`."""

    scale: Number | Root

    gaussian = True
    formula = r"\mathcal{N}(0,\ \sigma^2)"

    @property
    def numbers(self) -> str:
        """Its standard deviation, squared."""
        return rf"\mathcal{{N}}(0,\ {squared(float(self.scale))})"

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """The normal law of that variance."""
        return cls(Root(variance))

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """One uniform a weight. (√2 · scale) · erf⁻¹(u): the order of jax 0.12; before, √2 · erf⁻¹(u) came first."""
        return (scale_in(self.scale, dtype) * sqrt2(dtype)) * standard_normal(uniform, key, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """`scipy.stats.norm`."""
        from scipy import stats

        return Distribution(stats.norm, scale=float(self.scale))


@dataclass(frozen=True)
class TruncatedNormalDistribution(Distribution):
    """`scipy.stats.truncnorm`, whose own moments lose all digits where the cuts are close together (SciPy 1.17)."""

    @property
    def standard_moments(self) -> tuple[float, float, float, float]:
        """By quadrature."""
        return truncated_moments(*self.shape_arguments)


@lru_cache(maxsize=256)
def truncated_moments(lower: float, upper: float) -> tuple[float, float, float, float]:
    """Mean, variance, skewness and excess kurtosis of a standard normal between two cuts, however close or far out.

    Gauss-Legendre quadrature over where the density is above e⁻⁴⁰ of its largest, all distances taken from its end: no
    difference of large numbers.

    >>> round(truncated_moments(3.0, 3.0001)[1] ** 0.5 / (0.0001 / 12**0.5), 6)
    1.0
    """
    mode = min(max(0.0, lower), upper)
    reach = math.hypot(mode, math.sqrt(80))
    start, end = (  # seen from the mode
        max(lower - mode, -80 / max(reach - mode, 1e-9)),
        min(upper - mode, 80 / max(reach + mode, 1e-9)),
    )
    nodes, weights = np.polynomial.legendre.leggauss(64)
    along = (end - start) * (nodes + 1) / 2
    mass = weights * np.exp(-(start + along) * (start + along + 2 * mode) / 2)
    mass /= mass.sum()
    mean = float(mass @ along)
    apart = (along - mean) / (end - start)  # so that no power is too small for a float
    second, third, fourth = (float(mass @ apart**power) for power in (2, 3, 4))
    mean, skewness = (0.0, 0.0) if lower == -upper else (mode + start + mean, third / second**1.5)
    return mean, (end - start) ** 2 * second, skewness, fourth / second**2 - 3


# Standard deviation of a standard normal cut at ±2: c² = 1 - 4 φ(2) / erf(√2), which jax and Keras paste as 0.8796.
TRUNCATED_STD = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


NOTHING_BEYOND = 50.0
"""Standard deviations beyond which a double has no probability of a normal law left."""


def cut_bound(scale: Root) -> tuple[str, str, float]:
    """The cut at 2 standard deviations of a law widened by 1/c."""
    sigma, c = number(math.sqrt(float(scale.variance))), number(scale.over)
    return r"b = \frac{2 \sigma}{c}", rf"\frac{{2 \cdot {sigma}}}{{{c}}}", 2 * float(scale)


@pytree()
class TruncatedNormal(Law):
    """`scale` times a standard normal conditioned on lower < z < upper."""

    scale: Number | Root
    lower: Number = -2.0
    upper: Number = 2.0

    @property
    def cut(self) -> tuple[float, float]:
        """Its bounds, of which either may be infinite."""
        return float(self.lower), float(self.upper)

    @property
    def formula(self) -> str:
        """With the correction that keeps the variance, or without."""
        if isinstance(self.scale, Root):
            return r"\mathcal{N}(0,\ \sigma^2 / c^2),\ |w| < b"
        return r"s \cdot \mathcal{N}(0,\ 1),\ s\,\ell < w < s\,u"

    @property
    def numbers(self) -> str:
        """Standard deviation before the cut, and the cuts."""
        scale = float(self.scale)
        low, high = (number(scale and scale * float(cut)) for cut in (self.lower, self.upper))  # not 0 · ∞
        return rf"\mathcal{{N}}(0,\ {squared(scale)})\ \text{{on}}\ ({low},\ {high})"

    @property
    def bound(self) -> tuple[str, str, float] | None:
        """2σ/c with c the standard deviation of a standard normal cut at ±2, where the variance is corrected by it."""
        return cut_bound(self.scale) if isinstance(self.scale, Root) else None

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """Cut at ±2 and widened by 1/0.8796, so that the variance after the cut is the one asked for."""
        return cls(Root(variance, over=TRUNCATED_STD))

    def distinct(self, dtype: np.dtype) -> float:
        """As many as there are between erf(lower/√2) and erf(upper/√2), which far out is few."""
        ends = np.array([math.erf(float(cut) / math.sqrt(2)) for cut in (self.lower, self.upper)], dtype).astype(float)
        spacing = float(jnp.finfo(dtype).eps) * float(abs(ends).max()) / 2
        return min(float(ends[1] - ends[0]) / spacing, super().distinct(dtype)) if spacing else 1.0

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """One uniform a weight: √2 erf⁻¹(u) with u between erf(lower/√2) and erf(upper/√2), clipped inside."""
        lower, upper = jnp.asarray(self.lower, dtype), jnp.asarray(self.upper, dtype)
        root2 = sqrt2(dtype)
        inverse = np.array(1, dtype) / root2  # XLA makes jax's division by √2 this product, which shows in far cuts
        u = uniform(key, dtype, jax.lax.erf(lower * inverse), jax.lax.erf(upper * inverse))
        infinity = np.array(np.inf, dtype)
        inside = (jax.lax.nextafter(lower, infinity), jax.lax.nextafter(upper, -infinity))
        return jnp.clip(root2 * jax.lax.erf_inv(u), *inside) * scale_in(self.scale, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """`scipy.stats.truncnorm`, with moments of its own."""
        from scipy import stats

        low, high = float(self.lower), float(self.upper)
        cuts = low if low > -NOTHING_BEYOND else -np.inf, high if high < NOTHING_BEYOND else np.inf
        return TruncatedNormalDistribution(stats.truncnorm, cuts, scale=float(self.scale))
