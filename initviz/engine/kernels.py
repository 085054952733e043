"""The loops behind every summary: statistics of a range of a draw, chunk by chunk, of which nothing is kept."""

from collections.abc import Callable, Iterable
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike, DTypeLike

from initviz.engine.cores import compiler_options
from initviz.engine.draws import WIDE_STEP, steps, uniform_at
from initviz.engine.summary import BINS, Bins, Summary
from initviz.laws.base import Law

CHUNK = 2**16  # weights per pass of the loop: enough for the loop to vanish, few enough for the cache; it divides 2³²
LANES = 2**7  # columns of a chunk that sums and extremes are computed of, side by side

Statistics = tuple[jax.Array, ...]
"""Histogram, zeros, total and its error, squares and their error, smallest, largest."""


def chunk_on(platform: str) -> int:
    """Weights per pass of the loop on a platform."""
    return CHUNK if platform == "cpu" else WIDE_STEP


def wide_dtype(dtype: DTypeLike) -> np.dtype:
    """The real dtype that statistics of weights of this dtype are computed in."""
    return np.dtype(np.float64 if np.dtype(dtype) in (np.float64, np.complex128) else np.float32)


def _parts(weights: jax.Array, wide: np.dtype) -> jax.Array:
    """Weights as real numbers: themselves, or both parts of complex ones, flat.

    The barrier keeps XLA from skipping the rounding to a small dtype on the way from the draw to the wide one.
    """
    weights = lax.optimization_barrier(weights)
    if jnp.issubdtype(weights.dtype, jnp.complexfloating):
        return jnp.concatenate([weights.real.ravel(), weights.imag.ravel()]).astype(wide)
    return weights.ravel().astype(wide)


def _add_two(total: jax.Array, error: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """total + x and the running rounding error (Neumaier 1974)."""
    new = total + x
    error += jnp.where(jnp.abs(total) >= jnp.abs(x), (total - new) + x, (x - new) + total)
    return new, error


def _accumulate(state: Statistics, values: jax.Array, valid: jax.Array, bins: jax.Array) -> Statistics:
    """One chunk added to the running statistics. `bins` is `rounded(...)`.

    The histogram has BINS + 2 slots, one for what is not finite, and one for what is not valid. Sums and extremes are
    kept apart for every column of the chunk, which a CPU computes side by side; the barrier does the same for places.
    """
    histogram, zeros, total, total_error, squares, squares_error, minimum, maximum = state
    low, per_width, pivot = bins
    columns = partial(jnp.reshape, shape=(-1, total.size))
    finite = jnp.isfinite(values)
    place = jnp.where(finite, jnp.clip(jnp.floor((values - low) * per_width), -1, BINS).astype(np.int32) + 1, BINS + 2)
    place = lax.optimization_barrier(jnp.where(valid, place, BINS + 3))
    finite &= valid
    centred = jnp.where(finite, (values - pivot) * per_width, 0)
    total, total_error = _add_two(total, total_error, columns(centred).sum(0))
    squares, squares_error = _add_two(squares, squares_error, columns(centred * centred).sum(0))
    return (
        histogram.at[place].add(1, mode="promise_in_bounds"),
        zeros + columns(finite & (values == 0)).sum(0, np.int32),
        total,
        total_error,
        squares,
        squares_error,
        jnp.minimum(minimum, columns(jnp.where(finite, values, jnp.inf)).min(0)),
        jnp.maximum(maximum, columns(jnp.where(finite, values, -jnp.inf)).max(0)),
    )


def _start(wide: np.dtype, size: int) -> Statistics:
    """Statistics of nothing, for chunks of that size."""
    zeros = jnp.zeros(LANES if size % LANES == 0 else 1, wide)
    return jnp.zeros(BINS + 4, np.int32), zeros.astype(np.int32), *4 * (zeros,), zeros + jnp.inf, zeros - jnp.inf


def statistics(
    law: Law,
    key: jax.Array,
    high_counter: jax.Array,
    start: jax.Array,
    count: jax.Array,
    bins: jax.Array,
    dtype: np.dtype,
    chunk: int,
) -> Statistics:
    """Statistics of the `count` draws from a 64-bit position on, given as two counters; the position is a multiple of
    `chunk`. At most 2³⁰ draws, so that no counter of the result overflows."""
    offsets = lax.iota(np.uint32, chunk)

    def draw(i: jax.Array) -> jax.Array:
        low = start + i * np.uint32(chunk)
        high = high_counter + (low < start).astype(np.uint32)  # past a multiple of 2³², which no chunk straddles
        counter = low + offsets
        return law.draw(uniform_at(jnp.full_like(counter, high), counter), key, dtype)

    def add(i: jax.Array, state: tuple[Statistics, jax.Array]) -> tuple[Statistics, jax.Array]:
        """Draw a chunk and add the one before: XLA would draw one that is not stored again for each statistic."""
        i = i.astype(np.uint32)
        sums, before = state
        values = _parts(before, wide_dtype(dtype))
        valid = (i > 0) & (offsets < count - (i - 1) * np.uint32(chunk))
        return _accumulate(sums, values, jnp.tile(valid, values.size // chunk), bins), draw(i)

    chunks = ((count + np.uint32(chunk - 1)) // np.uint32(chunk)).astype(np.int32)
    nothing = _start(wide_dtype(dtype), chunk), jnp.zeros(chunk, dtype)
    return lax.fori_loop(jnp.int32(0), chunks + 1, add, nothing)[0]


@cache
def statistics_on(platform: str) -> Callable[..., Statistics]:
    """`statistics` compiled for a platform."""
    return jax.jit(statistics, static_argnames=("dtype", "chunk"), compiler_options=compiler_options(platform))


@partial(jax.jit, static_argnames=("wide", "step"))
def summarize_values(weights: jax.Array, count: jax.Array, bins: jax.Array, wide: np.dtype, step: int) -> Statistics:
    """Statistics of the first `count` of these weights, in steps; no step is larger than all of them."""
    offsets = lax.iota(np.uint32, step)

    def add(i: jax.Array, sums: Statistics) -> Statistics:
        begin = i * np.uint32(step)
        start = jnp.minimum(begin, np.uint32(weights.size - step))  # the last step may go over some weights again
        places = start + offsets
        values = _parts(lax.dynamic_slice(weights, (start,), (step,)), wide)
        valid = jnp.tile((places >= begin) & (places < count), values.size // step)
        return _accumulate(sums, values, valid, bins)

    return lax.fori_loop(np.uint32(0), steps(count, step), add, _start(wide, step))


def rounded(bins: Bins, wide: np.dtype) -> np.ndarray:
    """Low end, bins per unit and pivot in the dtype that statistics are computed in, 0 where they are below its normal
    numbers, as XLA takes them on a CPU.

    A product, not a quotient: XLA replaces a division by a product in some programs (those for several devices) and not
    in others, and a weight at an edge would change its bin.
    """
    numbers = np.array([bins.low, 1 / bins.width, bins.pivot])
    return np.where(np.abs(numbers) < np.finfo(wide).tiny, 0.0, numbers).astype(wide)


def summary_of(bins: Bins, state: Iterable[ArrayLike]) -> Summary:
    """What a loop returns, as a summary.

    The loop centres and scales by rounded numbers. What that shifts is made good here, in double precision:
    without it a law far narrower than its mean, such as one cut to (3, 3.0001), would lose its moments.
    """
    histogram, zeros, total, total_error, squares, squares_error, minimum, maximum = map(np.asarray, state)
    _, per_width, pivot = rounded(bins, total.dtype).tolist()
    histogram = histogram.astype(np.int64)
    inside, count = histogram[: BINS + 2], int(histogram[: BINS + 2].sum())
    summed, squared = (
        float(lanes.sum(dtype=np.float64) + errors.sum(dtype=np.float64))
        for lanes, errors in ((total, total_error), (squares, squares_error))
    )
    unit, shift = 0.0, 0.0
    if count:
        scale = per_width * bins.width
        unit, shift = 1 / scale if scale else np.nan, (pivot - bins.pivot) / bins.width  # 0: bins beyond the dtype
    return Summary(
        bins,
        count,
        int(histogram[BINS + 2]),
        int(zeros.sum(dtype=np.int64)),
        unit * summed + count * shift,
        unit * unit * squared + 2 * shift * unit * summed + count * shift * shift,
        float(minimum.min()),
        float(maximum.max()),
        inside,
    )
