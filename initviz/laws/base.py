"""What every law of one weight is: drawn from uniform random numbers in jax's arithmetic order, and known exactly.

A law is a frozen pytree. Its numbers are leaves, so that changing a scale or a bound compiles nothing. `draw` asks a
`uniform(key, dtype, low, high)` source for uniforms, so one definition serves `jax.random`, any slice of a huge tensor,
and the list of all values a small dtype can produce.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, Self, TypeVar, dataclass_transform

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from initviz.laws.by_value import ByValue
from initviz.laws.marginals import Distribution, Marginal, PointMass

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
def pytree(*static: str) -> Callable[[type[T]], type[T]]:
    """Register a dataclass as a pytree; fields named in `static` are structure, the others are traced numbers."""

    def register(cls: type[T]) -> type[T]:
        frozen: Any = dataclass(frozen=True, eq=False)(cls)
        data = [f.name for f in fields(frozen) if f.name not in static]
        return jax.tree_util.register_dataclass(frozen, data_fields=data, meta_fields=list(static))

    return register


@pytree("times", "over")
class Root(ByValue):
    """√(times · variance) / over, rounded in the dtype of the draw as jax does: a variance is cast before its root."""

    variance: Number
    times: float = 1.0
    over: float = 1.0

    def __float__(self) -> float:
        return math.sqrt(self.times * float(self.variance)) / self.over


def scale_in(scale: Number | Root, dtype: np.dtype) -> jax.Array:
    """The scale as a number of that dtype."""
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
    def distribution(self) -> Distribution:
        """Its density: every law that is drawn has one."""
        raise NotImplementedError

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
        """The largest `|w|` that the variance leads to: formula, formula with its numbers, value; None without one."""
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
        low, high = self.at_uniforms(dtype, ends).astype(float)
        return low, high

    def distinct(self, dtype: np.dtype) -> float:
        """How many values its uniforms take in a dtype, about: jax randomizes only the bits of the mantissa."""
        return 2.0 ** jnp.finfo(dtype).nmant

    def attainable(self, dtype: np.dtype, most: int | None = None) -> np.ndarray:
        """All values a draw in a dtype can take, equally likely for real laws, in mantissa order.

        jax randomizes only the mantissa bits of a uniform, so bfloat16 draws take 128 values and float8_e4m3fn ones 8.
        Where there are more than `most`, an even sample of so many.
        """
        steps = 2 ** jnp.finfo(dtype).nmant
        steps = steps if most is None else min(steps, most)
        return self.at_uniforms(dtype, np.arange(steps) / steps)

    def at_uniforms(self, dtype: np.dtype, unit: np.ndarray) -> np.ndarray:
        """The draws that these uniforms on [0, 1) give; of laws that take two, the second is spread evenly."""
        calls = iter(range(2))

        def these(key: jax.Array, dtype: np.dtype, low: ArrayLike, high: ArrayLike) -> jax.Array:
            spread = unit if next(calls) == 0 else np.arange(unit.size) * GOLDEN % 1
            return scale_uniform(jnp.asarray(spread, dtype), low, high)

        quietly = np.errstate(over="ignore", invalid="ignore")  # which is what some callers look for
        with quietly, jax.default_device(cpu()):  # a GPU has not all that a small dtype needs
            return np.asarray(in_dtype(self, dtype).draw(these, jax.random.key(0), dtype))


def cpu() -> jax.Device | None:
    """A CPU; None where jax has none, and its default device has to do."""
    with suppress(RuntimeError):
        return jax.devices("cpu")[0]
    return None


def in_dtype(law: Law, dtype: np.dtype) -> Law:
    """The law with its numbers rounded to the dtype of the draw, as jax rounds them: once, from full precision."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), law)


GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it fill the unit interval evenly (Weyl 1916)."""


def scale_uniform(unit: jax.Array, low: ArrayLike, high: ArrayLike) -> jax.Array:
    """Uniforms of [0, 1) moved to [low, high), rounded as `jax.random.uniform` rounds."""
    low, high = jnp.asarray(low, unit.dtype), jnp.asarray(high, unit.dtype)
    return jax.lax.max(low, unit * (high - low) + low)
