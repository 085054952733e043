"""Complex entry laws. `distribution` is the law of the real part, which the imaginary part shares."""

import math
from functools import cache, cached_property
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np

from initviz.laws.base import Law, Number, Root, Uniform01, pytree, scale_in
from initviz.laws.marginals import Distribution
from initviz.laws.real import Normal, TruncatedNormal, Uniform, cut_bound, sqrt2, standard_normal
from initviz.wording import number, squared


def _real_dtype(dtype: np.dtype) -> np.dtype:
    return np.zeros((), dtype).real.dtype


def _polar(radius: jax.Array, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
    """`radius` times a uniform phase; the angle is cast to the complex dtype first, as jax does."""
    angle = 2 * np.pi * uniform(key, _real_dtype(dtype), 0.0, 1.0).astype(dtype)
    return radius.astype(dtype) * jnp.exp(1j * angle)


class ComplexLaw(Law):
    """A law of complex weights with independent, equally distributed phase."""

    complex = True

    @property
    def modulus_squared(self) -> Distribution:
        """The law of |w|², as a distribution."""
        raise NotImplementedError


@pytree()
class ComplexNormal(ComplexLaw):
    """Independent normal parts, each of variance scale²/2, so that E|w|² = scale²."""

    scale: Number | Root

    gaussian = True
    formula = r"\mathcal{CN}(0,\ \sigma^2)"

    @property
    def numbers(self) -> str:
        """Its standard deviation, squared."""
        return rf"\mathcal{{CN}}(0,\ {squared(float(self.scale))})"

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """The law with E|w|² = variance."""
        return cls(Root(variance))

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """Two uniforms a weight."""
        real_key, imaginary_key = jax.random.split(key)
        real_dtype = _real_dtype(dtype)
        real, imaginary = (
            (standard_normal(uniform, part_key, real_dtype) * sqrt2(real_dtype)).astype(dtype)
            for part_key in (real_key, imaginary_key)
        )
        standard = (real + 1j * imaginary) * (1 / sqrt2(dtype))  # XLA makes jax's division by √2 this product
        return standard * scale_in(self.scale, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """`scipy.stats.norm`."""
        from scipy import stats

        return Distribution(stats.norm, scale=float(self.scale) / math.sqrt(2))

    @cached_property
    def modulus_squared(self) -> Distribution:
        """Exponential with mean scale²."""
        from scipy import stats

        return Distribution(stats.expon, scale=float(self.scale) ** 2)


@pytree()
class Disk(ComplexLaw):
    """Uniform on the disk of radius √2 · scale, so that E|w|² = scale²."""

    scale: Number | Root

    formula = r"\mathcal{U}(|w| < b)"

    @property
    def numbers(self) -> str:
        """Its radius."""
        return rf"\mathcal{{U}}(|w| < {number(math.sqrt(2) * float(self.scale))})"

    @property
    def bound(self) -> tuple[str, str, float] | None:
        """√2 σ."""
        scale = float(self.scale)
        return r"b = \sqrt{2}\,\sigma", rf"\sqrt{{2}} \cdot {number(scale)}", math.sqrt(2) * scale

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """The law with E|w|² = variance."""
        return cls(Root(variance))

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """Two uniforms a weight: `|w|²` and the phase."""
        radius_key, angle_key = jax.random.split(key)
        radius = jnp.sqrt(2 * uniform(radius_key, _real_dtype(dtype), 0.0, 1.0))
        return _polar(radius, uniform, angle_key, dtype) * scale_in(self.scale, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """The shadow of a disk on its diameter: `scipy.stats.semicircular` of radius √2 · scale."""
        from scipy import stats

        return Distribution(stats.semicircular, scale=math.sqrt(2) * float(self.scale))

    @cached_property
    def modulus_squared(self) -> Distribution:
        """Uniform up to 2 scale²."""
        from scipy import stats

        return Distribution(stats.uniform, scale=2 * float(self.scale) ** 2)


# jax divides by this literal. It is √(1 - 5e⁻⁴) to 13 digits: the second moment of |z| < 2 without the division by
# P(|z| < 2) = 1 - e⁻⁴, so jax's complex truncated draws have E|w|² = variance / (1 - e⁻⁴), 1.9 % too much. Deriving it
# would move complex128 draws off jax's.
JAX_COMPLEX_TRUNCATED_STD = 0.95311164380491208


@pytree()
class ComplexTruncatedNormal(ComplexLaw):
    """`scale` times a standard complex normal (E|z|² = 1) conditioned on `|z| < 2`."""

    scale: Root

    formula = r"\mathcal{CN}(0,\ \sigma^2 / c^2),\ |w| < b"
    note = "0.93 % above σ: jax's constant c is not the standard deviation of what it corrects"

    @property
    def numbers(self) -> str:
        """Standard deviation before the cut, and the cut."""
        scale = float(self.scale)
        return rf"\mathcal{{CN}}(0,\ {squared(scale)})\ \text{{on}}\ |w| < {number(2 * scale)}"

    @property
    def bound(self) -> tuple[str, str, float] | None:
        """2σ/c with jax's c."""
        return cut_bound(self.scale)

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """jax's law of that nominal variance, whose actual E|w|² is variance / (1 - e⁻⁴)."""
        return cls(Root(variance, over=JAX_COMPLEX_TRUNCATED_STD))

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """Two uniforms a weight: `|z|² = -log(1 - t)`, and the phase."""
        radius_key, angle_key = jax.random.split(key)
        mass = 1 - jnp.exp(jnp.array(-4, dtype))
        t = mass * uniform(radius_key, _real_dtype(dtype), 0.0, 1.0).astype(dtype)
        return _polar(jnp.sqrt(-jnp.log(1 - t)), uniform, angle_key, dtype) * scale_in(self.scale, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """f(x) = e^{-x²} erf(√(4 - x²)) / (√π (1 - e⁻⁴)) on (-2, 2), times the scale."""
        return Distribution(_truncated_part(), scale=float(self.scale))

    @cached_property
    def modulus_squared(self) -> Distribution:
        """Exponential with mean scale², cut at 4 scale²."""
        from scipy import stats

        return Distribution(stats.truncexpon, (4.0,), scale=float(self.scale) ** 2)


@cache
def _truncated_part() -> Any:
    """The real part of a standard complex normal conditioned on |z| < 2, as a `scipy.stats` distribution."""
    from scipy import special, stats

    mass = 1 - math.exp(-4)
    # Rows y of the disk |z| < 2 up to x: Gauss-Legendre in the angle is exact to rounding for this smooth law.
    nodes, weights = np.polynomial.legendre.leggauss(64)

    class TruncatedPart(stats.rv_continuous):
        def _pdf(self, x: np.ndarray) -> np.ndarray:
            return np.exp(-(x**2)) * special.erf(np.sqrt(4 - x**2)) / (math.sqrt(math.pi) * mass)

        def _cdf(self, x: np.ndarray) -> np.ndarray:
            limit = np.arcsin(np.clip(np.asarray(x) / 2, -1, 1))
            angle = limit[..., None] / 2 * (nodes + 1)
            density = self._pdf(2 * np.sin(angle)) * 2 * np.cos(angle)
            return 0.5 + limit / 2 * (density * weights).sum(-1)

        def _ppf(self, p: np.ndarray) -> np.ndarray:
            # scipy's own search takes 10 ms a value. A table in the angle and two Newton steps reach cdf(ppf(p)) = p
            # within 1e-8.
            grid = np.linspace(-math.pi / 2, math.pi / 2, 513)
            angle = np.interp(p, self._cdf(2 * np.sin(grid)), grid)
            for _ in range(2):
                x, slope = 2 * np.sin(angle), 2 * np.cos(angle)
                angle = angle - (self._cdf(x) - p) / np.maximum(self._pdf(x) * slope, 1e-9)
            return 2 * np.sin(np.clip(angle, -math.pi / 2, math.pi / 2))

        def _stats(self) -> tuple[float, float, float, float]:
            # |z|² ~ Exp(1) below 4: E|z|² = (1 - 5e⁻⁴)/mass, E|z|⁴ = (2 - 26e⁻⁴)/mass; a part has 1/2 and 3/8 of them.
            variance = (1 - 5 * math.exp(-4)) / mass / 2
            fourth = (2 - 26 * math.exp(-4)) / mass * 3 / 8
            return 0.0, variance, 0.0, fourth / variance**2 - 3

    return TruncatedPart(a=-2, b=2, name="truncated_part")


# distribution name -> (law of real weights, law of complex weights)
LAWS: dict[str, tuple[type[Law], type[ComplexLaw]]] = {
    "truncated_normal": (TruncatedNormal, ComplexTruncatedNormal),
    "normal": (Normal, ComplexNormal),
    "uniform": (Uniform, Disk),
}


def check_distribution(distribution: str) -> str:
    """The name itself, if `LAWS` has it."""
    if not isinstance(distribution, str) or distribution not in LAWS:
        raise ValueError(
            f"invalid distribution for variance scaling initializer: {distribution}. Choose one of {', '.join(LAWS)}."
        )
    return distribution
