"""Statistics of draws of any size, in constant memory: chunks that fit the cache, on all cores."""

import math
import os
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from initviz.engine.cores import on_all_cores
from initviz.engine.draws import PIECE, bucket, draw, in_dtype, is_shape_free, split, typed, uniform_at
from initviz.ensembles import Ensemble, Iid
from initviz.laws import Law
from initviz.summary import BINS, Bins, Summary

CHUNK = 2**16  # weights per pass of the summary loop: large enough for the loop to vanish, small enough for the cache
JOB = 2**24  # most weights per summary job: long enough to keep a core busy, short enough to cancel


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """Raised by a `progress` callback to stop a summary."""


def _wide(dtype):
    """The real dtype that statistics of weights of this dtype are computed in."""
    return np.dtype(np.float64 if np.dtype(dtype) in (np.float64, np.complex128) else np.float32)


def _parts(weights, wide):
    """Weights as real numbers: themselves, or both parts of complex ones, flat.

    The barrier keeps XLA from skipping the rounding to a small dtype on the way from the draw to the wide one.
    """
    weights = lax.optimization_barrier(weights)
    if jnp.issubdtype(weights.dtype, jnp.complexfloating):
        return jnp.concatenate([weights.real.ravel(), weights.imag.ravel()]).astype(wide)
    return weights.ravel().astype(wide)


def _add_two(total, error, x):
    """total + x and the running rounding error (Neumaier 1974)."""
    new = total + x
    error += jnp.where(jnp.abs(total) >= jnp.abs(x), (total - new) + x, (x - new) + total)
    return new, error


def _accumulate(state, values, valid, bins):
    """One chunk added to the running statistics. `bins` is (low, width, pivot); BINS + 2 slots and one to discard."""
    histogram, not_finite, zeros, total, total_error, squares, squares_error, minimum, maximum = state
    low, width, pivot = bins
    finite = valid & jnp.isfinite(values)
    index = jnp.clip(jnp.floor((values - low) / width), -1, BINS).astype(np.int32) + 1
    histogram = histogram.at[jnp.where(finite, index, BINS + 2)].add(1, mode="promise_in_bounds")
    centred = jnp.where(finite, (values - pivot) / width, 0)
    total, total_error = _add_two(total, total_error, centred.sum())
    squares, squares_error = _add_two(squares, squares_error, (centred * centred).sum())
    return (
        histogram,
        not_finite + (valid & ~finite).sum(dtype=np.int32),
        zeros + (finite & (values == 0)).sum(dtype=np.int32),
        total,
        total_error,
        squares,
        squares_error,
        jnp.minimum(minimum, jnp.where(finite, values, jnp.inf).min()),
        jnp.maximum(maximum, jnp.where(finite, values, -jnp.inf).max()),
    )


def _start(wide):
    zero, count = jnp.zeros((), wide), jnp.zeros((), np.int32)
    return jnp.zeros(BINS + 3, np.int32), count, count, zero, zero, zero, zero, zero + jnp.inf, zero - jnp.inf


@partial(jax.jit, static_argnames="dtype")
def _summarize_range(law: Law, key, high_counter, start, count, bins, dtype):
    """Statistics of draws start … start + count - 1 within one block of 2³² positions; nothing is kept of them."""
    offsets = lax.iota(np.uint32, CHUNK)

    def chunk(i, state):
        done = i.astype(np.uint32) * np.uint32(CHUNK)
        counter = start + done + offsets
        weights = law.draw(uniform_at(jnp.full_like(counter, high_counter), counter), key, dtype)
        values = _parts(weights, _wide(dtype))
        valid = offsets < count - done
        return _accumulate(state, values, jnp.tile(valid, values.size // CHUNK), bins)

    chunks = (count + np.uint32(CHUNK - 1)) // np.uint32(CHUNK)
    return lax.fori_loop(jnp.int32(0), chunks.astype(np.int32), chunk, _start(_wide(dtype)))


@partial(jax.jit, static_argnames="wide")
def _summarize_values(weights, count, bins, wide):
    values = _parts(weights, wide)
    valid = jnp.tile(lax.iota(np.int32, weights.size) < count, values.size // weights.size)
    return _accumulate(_start(wide), values, valid, bins)


def _summary(bins: Bins, state) -> Summary:
    histogram, not_finite, zeros, total, total_error, squares, squares_error, minimum, maximum = map(np.asarray, state)
    return Summary(
        bins,
        int(histogram[:-1].sum(dtype=np.int64)),
        int(not_finite),
        int(zeros),
        float(total) + float(total_error),
        float(squares) + float(squares_error),
        float(minimum),
        float(maximum),
        histogram[:-1].astype(np.int64),
    )


def summarize_array(weights, bins: Bins) -> Summary:
    """The summary of weights that exist already, by the same arithmetic as `summarize`."""
    wide = _wide(weights.dtype)
    numbers = jnp.asarray([bins.low, bins.width, bins.pivot], wide)
    flat = weights.reshape(-1)
    step = PIECE if isinstance(flat, np.ndarray) else max(flat.size, 1)

    def job(start: int) -> Summary:
        part = flat[start : start + step]
        padding = bucket(part.size) - part.size
        padded = np.concatenate([part, np.zeros(padding, part.dtype)]) if isinstance(part, np.ndarray) else part
        return _summary(bins, _summarize_values(padded, np.int32(part.size), numbers, wide))

    return sum(on_all_cores(job, range(0, flat.size, step)), Summary.empty(bins))


def summarize(
    ensemble: Ensemble,
    key,
    shape: tuple[int, ...],
    dtype,
    bins: Bins | None = None,
    progress: Callable[[float], None] | None = None,
) -> Summary:
    """Count, moments, extremes and histogram of a draw, of any size in constant memory: no tensor is made.

    Args:
        ensemble: what is drawn; those without independent entries, or keys without positions, are drawn as a whole.
        key: jax PRNG key.
        shape: sizes of the tensor.
        dtype: dtype of the draw.
        bins: bins of the histogram; by default over the support of the law.
        progress: called with the finished share, from 0 to 1; raise `Cancelled` in it to stop.
    """
    key, dtype = typed(key), np.dtype(dtype)
    marginal = ensemble.marginal
    if not isinstance(ensemble, Iid) or not is_shape_free(key):
        weights = draw(ensemble, key, shape, dtype)
        values = np.asarray(weights)
        return summarize_array(weights, bins or (Bins.of(marginal) if marginal else Bins.covering(values)))
    bins = bins or Bins.of(marginal)
    size, law = math.prod(shape), in_dtype(ensemble.law, dtype)
    numbers = jnp.asarray([bins.low, bins.width, bins.pivot], _wide(dtype))
    share = -(-size // (os.cpu_count() or 1))
    step = min(JOB, -(-share // CHUNK) * CHUNK or CHUNK)

    def job(start: int) -> Summary:
        count = np.uint32(min(step, size - start))
        return _summary(bins, _summarize_range(law, key, *split(start), count, numbers, dtype))

    result, starts = Summary.empty(bins), range(0, size, step)
    for done, part in enumerate(on_all_cores(job, starts), 1):
        result += part
        if progress:
            progress(done / len(starts))
    return result
