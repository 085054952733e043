"""Entry laws: what one weight is drawn from, and how to draw it from uniform random numbers in jax's arithmetic order.

A law is a frozen pytree. Its numbers are leaves, so that changing a scale or a bound compiles nothing. `draw` asks a
`uniform(key, dtype, low, high)` source for uniforms, so one definition serves `jax.random`, any slice of a huge tensor,
and the list of all values a small dtype can produce.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Protocol, Self, TypeVar, dataclass_transform

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from initviz.laws.by_value import ByValue
from initviz.laws.marginals import Distribution, Marginal, PointMass
from initviz.wording import number, squared

T = TypeVar("T")
Number = float | jax.Array
"""A number that may be traced."""


ENDLESS = (-np.inf, np.inf)
"""The cut of a law that is cut nowhere."""


class Uniform01(Protocol):
    """A source of uniforms on [low, high), of a shape that it knows."""

    def __call__(self, key: jax.Array, dtype: np.dtype, low: ArrayLike, high: ArrayLike, /) -> jax.Array:
        """Uniforms from this key."""


@dataclass_transform(frozen_default=True)
def _pytree(*static: str) -> Callable[[type[T]], type[T]]:
    """Register a dataclass as a pytree; fields named in `static` are structure, the others are traced numbers."""

    def register(cls: type[T]) -> type[T]:
        frozen: Any = dataclass(frozen=True, eq=False)(cls)
        data = [f.name for f in fields(frozen) if f.name not in static]
        return jax.tree_util.register_dataclass(frozen, data_fields=data, meta_fields=list(static))

    return register


@_pytree("times", "over")
class Root(ByValue):
    """√(times · variance) / over, rounded in the dtype of the draw as jax does: a variance is cast before its root."""

    variance: Number
    times: float = 1.0
    over: float = 1.0

    def __float__(self) -> float:
        return math.sqrt(self.times * float(self.variance)) / self.over


def _in_dtype(scale: Number | Root, dtype: np.dtype) -> jax.Array:
    if not isinstance(scale, Root):
        return jnp.asarray(scale, dtype)
    variance = jnp.asarray(scale.variance, dtype)
    root = jnp.sqrt(variance if scale.times == 1 else scale.times * variance)
    return root if scale.over == 1 else root / jnp.asarray(scale.over, dtype)


class Law(ByValue, Marginal):
    """A law that can be drawn. `scale` multiplies a standard draw."""

    scale: Number | Root
    complex = False
    note = ""
    """What its standard deviation needs said."""

    @property
    def cut(self) -> tuple[float, float] | None:
        """Where it is cut off, in units of the scale; None for a law that is no cut one."""
        return None

    @property
    def formula(self) -> str:
        """The law in LaTeX, in symbols."""
        raise NotImplementedError

    @property
    def numbers(self) -> str:
        """The law in LaTeX, with its numbers."""
        raise NotImplementedError

    @property
    def bound(self) -> tuple[str, str, float] | None:
        """The largest |w| that the variance leads to: formula, formula with its numbers, value; None without one."""
        return None

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """The law of this family with that variance."""
        raise NotImplementedError

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """Weights of that dtype, in the shape that `uniform(key, dtype, low, high)` gives."""
        raise NotImplementedError

    @property
    def marginal(self) -> Marginal:
        """This law, or the point mass it shrinks to when its scale is 0."""
        return PointMass(0.0) if float(self.scale) == 0 else self

    @property
    def standard(self) -> tuple["Law", float]:
        """The law of scale 1, all numbers as floats, and the scale."""
        law: Any = self  # each heir is a dataclass
        numbers = {f.name: float(getattr(self, f.name)) for f in fields(law)} | {"scale": 1.0}
        return replace(law, **numbers), float(self.scale)

    @property
    def power(self) -> float:
        """E|w - mean|², which for a complex law counts both parts."""
        return self.marginal.variance * (2 if self.complex else 1)

    def reach(self, dtype: np.dtype) -> tuple[float, float]:
        """Smallest and largest real draw that the uniforms of a dtype allow, such as -5.42 σ and 5.22 σ in float32."""
        ends = np.array([0.0, 1.0 - 2.0 ** -jnp.finfo(dtype).nmant])

        def extreme_uniforms(key: jax.Array, dtype: np.dtype, low: ArrayLike, high: ArrayLike) -> jax.Array:
            return scale_uniform(jnp.asarray(ends, dtype), low, high)

        low, high = np.asarray(self.draw(extreme_uniforms, jax.random.key(0), dtype), float)
        return low, high

    def attainable(self, dtype: np.dtype) -> np.ndarray:
        """All values a draw in a dtype of at most 16 bits can take, equally likely for real laws, in mantissa order.

        jax randomizes only the mantissa bits of a uniform, so bfloat16 draws take 128 values and float8_e4m3fn ones 8.
        """
        steps = 2 ** jnp.finfo(dtype).nmant

        def all_uniforms(key: jax.Array, dtype: np.dtype, low: ArrayLike, high: ArrayLike) -> jax.Array:
            return scale_uniform(jnp.asarray(np.arange(steps) / steps, dtype), low, high)

        return np.asarray(self.draw(all_uniforms, jax.random.key(0), dtype))


def scale_uniform(unit: jax.Array, low: ArrayLike, high: ArrayLike) -> jax.Array:
    """Uniforms of [0, 1) moved to [low, high), rounded as `jax.random.uniform` rounds."""
    low, high = jnp.asarray(low, unit.dtype), jnp.asarray(high, unit.dtype)
    return jax.lax.max(low, unit * (high - low) + low)


def standard_normal(uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
    """erf⁻¹ of a uniform on (-1, 1): a normal draw short of its factor √2."""
    above_minus_one = np.nextafter(np.array(-1.0, dtype), np.array(0.0, dtype), dtype=dtype)
    return jax.lax.erf_inv(uniform(key, dtype, above_minus_one, np.array(1.0, dtype)))


def sqrt2(dtype: np.dtype) -> np.ndarray:
    """√2 in that dtype."""
    return np.array(np.sqrt(2), dtype)


@_pytree("low")
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
        return uniform(key, dtype, self.low, 1.0) * _in_dtype(self.scale, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """`scipy.stats.uniform`."""
        from scipy import stats

        scale = float(self.scale)
        return Distribution(stats.uniform, (), self.low * scale, (1 - self.low) * scale)


@_pytree()
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
        return (_in_dtype(self.scale, dtype) * sqrt2(dtype)) * standard_normal(uniform, key, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """`scipy.stats.norm`."""
        from scipy import stats

        return Distribution(stats.norm, scale=float(self.scale))


# Standard deviation of a standard normal cut at ±2: c² = 1 - 4 φ(2) / erf(√2), which jax and Keras paste as 0.8796.
TRUNCATED_STD = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


def cut_bound(scale: Root) -> tuple[str, str, float]:
    """The cut at 2 standard deviations of a law widened by 1/c."""
    sigma, c = number(math.sqrt(float(scale.variance))), number(scale.over)
    return r"b = \frac{2 \sigma}{c}", rf"\frac{{2 \cdot {sigma}}}{{{c}}}", 2 * float(scale)


@_pytree()
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
        low, high = number(scale * float(self.lower)), number(scale * float(self.upper))
        return rf"\mathcal{{N}}(0,\ {squared(scale)})\ \text{{on}}\ ({low},\ {high})"

    @property
    def bound(self) -> tuple[str, str, float] | None:
        """2σ/c with c the standard deviation of a standard normal cut at ±2, where the variance is corrected by it."""
        return cut_bound(self.scale) if isinstance(self.scale, Root) else None

    @classmethod
    def with_variance(cls, variance: Number) -> Self:
        """Cut at ±2 and widened by 1/0.8796, so that the variance after the cut is the one asked for."""
        return cls(Root(variance, over=TRUNCATED_STD))

    def draw(self, uniform: Uniform01, key: jax.Array, dtype: np.dtype) -> jax.Array:
        """One uniform a weight: √2 erf⁻¹(u) with u between erf(lower/√2) and erf(upper/√2), clipped inside."""
        lower, upper = jnp.asarray(self.lower, dtype), jnp.asarray(self.upper, dtype)
        root2 = sqrt2(dtype)
        u = uniform(key, dtype, jax.lax.erf(lower / root2), jax.lax.erf(upper / root2))
        infinity = np.array(np.inf, dtype)
        inside = (jax.lax.nextafter(lower, infinity), jax.lax.nextafter(upper, -infinity))
        return jnp.clip(root2 * jax.lax.erf_inv(u), *inside) * _in_dtype(self.scale, dtype)

    @cached_property
    def distribution(self) -> Distribution:
        """`scipy.stats.truncnorm`."""
        from scipy import stats

        return Distribution(stats.truncnorm, (float(self.lower), float(self.upper)), scale=float(self.scale))
