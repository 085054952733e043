"""Weights without a compile when a shape changes: the draw at any positions of a tensor, alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeGuard

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from initviz.engine.cores import able, compiler_options, in_force, on_all_cores, on_cpu, platform_of
from initviz.engine.summary import PIECE
from initviz.engine.threefry import threefry
from initviz.fans.by_shape import canonical_shape
from initviz.laws.base import Law, Uniform01, in_dtype, scale_uniform
from initviz.laws.ensembles import Ensemble, Iid, Stacked
from initviz.laws.tools import JAX, Weights
from initviz.matrices import lapack

BUCKET = 2**12  # smallest padded draw
STEP = 2**14  # weights that a CPU draws or summarizes at a time, of a piece of which only the beginning is asked for
WIDE_STEP = 2**22  # the same on an accelerator, which needs more to be busy; it divides 2³²


def is_shape_free(key: jax.Array) -> bool:
    """Whether draws from this key can be made by position: threefry2x32 keys with `jax_threefry_partitionable`."""
    return bool(in_force("jax_threefry_partitionable")) and str(jax.random.key_impl(typed(key))) == "threefry2x32"


def made_in_parts(ensemble: Ensemble, key: jax.Array) -> TypeGuard[Iid | Stacked]:
    """Whether any part of a draw can be made alone: its entries are independent, and the key has positions."""
    return ensemble.independent and is_shape_free(key)


def typed(key: Any) -> jax.Array:
    """A legacy uint32 key as a new-style one.

    Raises:
        TypeError: it is no key.
    """
    if not isinstance(key, jax.Array):
        raise TypeError(f"key must be a jax PRNG key, got {key!r}. Pass for instance jax.random.key(0).")
    return key if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) else jax.random.wrap_key_data(key)


def mantissas_at(key: jax.Array, high_counter: jax.Array, low_counter: jax.Array, dtype: np.dtype) -> jax.Array:
    """The random integers below 2^nmant of which jax makes the uniforms at these 64-bit positions of a flat draw."""
    first, second = threefry(jax.random.key_data(key), high_counter, low_counter)
    info = jnp.finfo(dtype)
    width = 8 if info.nmant < 8 else info.bits  # random bits used; jax takes 8 for the dtypes with short mantissas
    unsigned = np.dtype(f"uint{info.bits}")
    if width == 64:
        bits = (first.astype(unsigned) << 32) | second.astype(unsigned)
    else:
        bits = (first ^ second).astype(np.dtype(f"uint{width}")).astype(unsigned)
    return bits >> np.array(width - info.nmant, unsigned)


def unit_of(mantissa: jax.Array, dtype: np.dtype) -> jax.Array:
    """The uniform on [0, 1) that has this mantissa: of a float in [1, 2), less 1."""
    one, unsigned = np.array(1.0, dtype), np.dtype(f"uint{jnp.finfo(dtype).bits}")
    return lax.bitcast_convert_type(mantissa.astype(unsigned) | one.view(unsigned), dtype) - one


def uniform_at(high_counter: jax.Array, low_counter: jax.Array) -> Uniform01:
    """A source of the uniforms `jax.random.uniform` would give at these 64-bit positions of a flat draw."""

    def uniform(key: jax.Array, dtype: np.dtype, low: ArrayLike, high: ArrayLike) -> jax.Array:
        return scale_uniform(unit_of(mantissas_at(key, high_counter, low_counter, dtype), dtype), low, high)

    return uniform


@partial(jax.jit, static_argnames="dtype")
def _draw_at(law: Law, key: jax.Array, high_counter: jax.Array, low_counter: jax.Array, dtype: np.dtype) -> jax.Array:
    return law.draw(uniform_at(high_counter, low_counter), key, dtype)


def _draw_range(
    law: Law,
    key: jax.Array,
    high_counter: jax.Array,
    start: jax.Array,
    count: jax.Array,
    dtype: np.dtype,
    size: int,
    step: int,
    apart: bool,
) -> jax.Array:
    """At least the first `count` of `size` draws from a position on, in steps; zeros beyond.

    Bits and weights are made `apart` on a CPU, in a loop each: what XLA fuses of both takes half as long again there.
    """
    offsets, once = lax.iota(np.uint32, step), jnp.minimum(count, np.uint32(1))  # once: XLA must not know that it is 1

    def draw_step(i: jax.Array, drawn: jax.Array) -> jax.Array:
        counter = start + i * np.uint32(step) + offsets

        def uniform(key: jax.Array, dtype: np.dtype, low: ArrayLike, high: ArrayLike) -> jax.Array:
            def mantissas(*_: jax.Array) -> jax.Array:
                return mantissas_at(key, jnp.full_like(counter, high_counter), counter, dtype)

            nothing = jnp.zeros(step, f"uint{jnp.finfo(dtype).bits}")
            made = lax.fori_loop(np.uint32(0), once, mantissas, nothing) if apart else mantissas()
            return scale_uniform(unit_of(made, dtype), low, high)

        return lax.dynamic_update_slice(drawn, law.draw(uniform, key, dtype), (i * np.uint32(step),))

    return lax.fori_loop(np.uint32(0), steps(count, step), draw_step, jnp.zeros(size, dtype))


@cache
def _draw_range_on(platform: str) -> Callable[..., jax.Array]:
    """The same, compiled for a platform."""
    compiled = partial(jax.jit, static_argnames=("dtype", "size", "step"), compiler_options=compiler_options(platform))
    return compiled(partial(_draw_range, apart=platform == "cpu"))


def draw_range(law: Law, key: jax.Array, start: int, count: int, dtype: np.dtype) -> np.ndarray:
    """`count` draws, at most a `PIECE`, from a position on, as an array of NumPy."""
    drawn = _draw_range_on(platform_of(key))(law, key, *split(start), np.uint32(count), dtype, size=PIECE, step=STEP)
    return np.asarray(drawn)[:count]


def steps(count: jax.Array, step: int) -> jax.Array:
    """How many steps a count below 2³² takes, as a uint32."""
    size = np.uint32(step)
    return count // size + (count % size > 0).astype(np.uint32)


def split(position: int) -> tuple[np.uint32, np.uint32]:
    """A 64-bit position as the two counters of threefry2x32."""
    return np.uint32(position >> 32), np.uint32(position & 0xFFFFFFFF)


def bucket(size: int) -> int:
    """The next power of two, at least BUCKET."""
    return max(BUCKET, 1 << max(size - 1, 0).bit_length())


def _host(array: Weights) -> Weights:
    """A CPU array as NumPy, without a copy; arrays elsewhere stay where they are."""
    on_host = isinstance(array, np.ndarray) or next(iter(array.devices())).platform == "cpu"
    return np.asarray(array) if on_host else array


@dataclass(frozen=True)
class ShapeFree:
    """Tools for `Ensemble.sample` that compile nothing when a shape changes."""

    def iid(self, law: Law, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype) -> Weights:
        """The first values of a padded flat draw, reshaped; in pieces on all cores where there are many."""
        size, law = math.prod(shape), in_dtype(law, dtype)
        if not on_cpu(key):
            padded = bucket(size)
            step = min(padded, WIDE_STEP)
            drawn = _draw_range_on(platform_of(key))
            return drawn(law, key, *split(0), np.uint32(size), dtype, size=padded, step=step)[:size].reshape(shape)
        flat = np.empty(size, dtype)

        def fill(start: int) -> None:
            part = flat[start : start + PIECE]
            part[:] = draw_range(law, key, start, part.size, dtype)

        for _ in on_all_cores(fill, range(0, size, PIECE)):
            pass
        return flat.reshape(shape)

    def orthonormal(self, gaussian: Weights) -> Weights:
        """QR by the LAPACK routines that jax calls on a CPU, without its compile; jax's own elsewhere."""
        if not isinstance(gaussian, np.ndarray):
            return JAX.orthonormal(gaussian)
        q, r = lapack.qr(gaussian)
        diagonal = np.diagonal(r)
        return q * (diagonal / np.abs(diagonal)).astype(q.dtype)

    def full(self, shape: tuple[int, ...], value: ArrayLike, dtype: np.dtype) -> np.ndarray:
        """A NumPy array of one value."""
        with np.errstate(over="ignore"):  # as jax does, and the plan says
            return np.full(shape, np.asarray(value), dtype)

    def numbers(self, value: ArrayLike, dtype: np.dtype) -> np.ndarray:
        """A NumPy number."""
        with np.errstate(over="ignore"):
            return np.asarray(value, dtype)


SHAPE_FREE = ShapeFree()


def draw(ensemble: Ensemble, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> Weights:
    """Weights of an ensemble, equal to `ensemble.sample` within 4 ulp: shape and dtype as asked.

    A NumPy array on a CPU, a jax array on an accelerator; compiles once per law family and dtype, on an accelerator
    also for every power of two. As in jax, 64 bits become 32 where x64 is off.

    Raises:
        TypeError, ValueError: no key, no shape or no dtype.
    """
    key, shape, dtype = typed(key), canonical_shape(shape), jax.dtypes.canonicalize_dtype(dtype)
    with able(key, dtype):
        if not is_shape_free(key):
            return _host(ensemble.sample(key, shape, dtype))
        return ensemble.sample(key, shape, dtype, SHAPE_FREE)


def draw_at(ensemble: Iid | Stacked, key: jax.Array, positions: np.ndarray, dtype: DTypeLike) -> Weights:
    """The weights at these flat positions of a draw, without drawing the others: shape of `positions`.

    Raises:
        ValueError: the key's generator cannot be addressed by position.
    """
    key = typed(key)
    if not is_shape_free(key):
        raise ValueError(
            f"part of a draw needs a threefry2x32 key and jax_threefry_partitionable, got {jax.random.key_impl(key)}. "
            "Draw the whole tensor instead."
        )
    flat = np.zeros(bucket(positions.size), np.uint64)
    flat[: positions.size] = positions.ravel()
    high, low = (flat >> np.uint64(32)).astype(np.uint32), flat.astype(np.uint32)
    dtype = jax.dtypes.canonicalize_dtype(dtype)
    law = ensemble.unit if isinstance(ensemble, Stacked) else ensemble.law
    with able(key, dtype):
        values = _host(_draw_at(in_dtype(law, dtype), key, high, low, dtype))
    values = values[: positions.size].reshape(positions.shape)
    return ensemble.scaled(np.asarray(values), positions) if isinstance(ensemble, Stacked) else values
