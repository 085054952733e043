"""The only module that knows jit, devices and chunks: weights and summaries without a compile when a shape changes.

With `jax_threefry_partitionable` (jax's default since 0.5) value i of a draw depends on the key and i alone, so any
part of any tensor can be made from its positions. Every kernel below is compiled for a law family, a dtype and a size
bucket; shapes, scales, bounds and fans are traced.
"""

import math
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.random import threefry2x32_p

from initviz.ensembles import JAX, Ensemble, Iid
from initviz.laws import Law, scale_uniform
from initviz.summary import BINS, Bins, Summary

CHUNK = 2**16  # weights per pass of the summary loop: large enough for the loop to vanish, small enough for the cache
BUCKET = 2**12  # smallest padded draw
PIECE = 2**18  # largest draw made at once on a CPU: it stays in the cache, and the pieces share the cores
JOB = 2**24  # most weights per summary job: long enough to keep a core busy, short enough to cancel


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """Raised by a `progress` callback to stop a summary."""


def devices() -> list:
    """Every device jax lists, accelerators first, the CPUs last."""
    found = [*jax.devices(), *jax.devices("cpu")]
    return sorted(dict.fromkeys(found), key=lambda device: (device.platform == "cpu", device.id))


def is_shape_free(key) -> bool:
    """Whether draws from this key can be made by position: threefry2x32 keys with `jax_threefry_partitionable`."""
    return bool(jax.config.jax_threefry_partitionable) and str(jax.random.key_impl(_typed(key))) == "threefry2x32"


def _typed(key):
    """A legacy uint32 key as a new-style one."""
    return key if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) else jax.random.wrap_key_data(key)


def _uniform_at(high_counter, low_counter):
    """A source of the uniforms `jax.random.uniform` would give at these 64-bit positions of a flat draw."""

    def uniform(key, dtype, low, high):
        key_data = jax.random.key_data(key)
        first, second = threefry2x32_p.bind(key_data[0], key_data[1], high_counter, low_counter)
        info = jnp.finfo(dtype)
        width = 8 if info.nmant < 8 else info.bits  # random bits used; jax takes 8 for the dtypes with short mantissas
        unsigned = np.dtype(f"uint{info.bits}")
        if width == 64:
            bits = (first.astype(unsigned) << 32) | second.astype(unsigned)
        else:
            bits = (first ^ second).astype(np.dtype(f"uint{width}")).astype(unsigned)
        one = np.array(1.0, dtype)
        mantissa = (bits >> np.array(width - info.nmant, unsigned)) | one.view(unsigned)
        return scale_uniform(lax.bitcast_convert_type(mantissa, dtype) - one, low, high)

    return uniform


@partial(jax.jit, static_argnames="dtype")
def _draw_at(law: Law, key, high_counter, low_counter, dtype):
    return law.draw(_uniform_at(high_counter, low_counter), key, dtype)


@partial(jax.jit, static_argnames=("dtype", "size"))
def _draw_range(law: Law, key, high_counter, start, dtype, size: int):
    counter = start + lax.iota(np.uint32, size)
    return law.draw(_uniform_at(jnp.full_like(counter, high_counter), counter), key, dtype)


def _split(position: int) -> tuple[np.uint32, np.uint32]:
    """A 64-bit position as the two counters of threefry2x32."""
    return np.uint32(position >> 32), np.uint32(position & 0xFFFFFFFF)


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="initviz")


def _on_all_cores(job: Callable[[int], Any], starts: range):
    """Results of `job(start)` in order, computed on all cores for the device in force here; stops early if left."""
    if len(starts) < 2:
        yield from map(job, starts)
        return
    device = jax.config.jax_default_device

    def on_device(start):
        with jax.default_device(device):
            return job(start)

    # No more in flight than there are cores, so that one session's long summary leaves room for the others'.
    waiting, pending = iter(starts), deque()
    try:
        for start in islice(waiting, os.cpu_count() or 1):
            pending.append(_workers().submit(on_device, start))
        while pending:
            result = pending.popleft().result()
            pending.extend(_workers().submit(on_device, start) for start in islice(waiting, 1))
            yield result
    finally:
        for future in pending:
            future.cancel()


def _on_cpu(key) -> bool:
    """Whether a draw from this key runs on a CPU."""
    return (jax.config.jax_default_device or next(iter(key.devices()))).platform == "cpu"


def _bucket(size: int) -> int:
    """The next power of two, at least BUCKET."""
    return max(BUCKET, 1 << max(size - 1, 0).bit_length())


def _host(array):
    """A CPU array as NumPy, without a copy; arrays elsewhere stay where they are."""
    return np.asarray(array) if array.device.platform == "cpu" else array


def _in_dtype(law: Law, dtype) -> Law:
    """The law with its numbers rounded to the dtype of the draw, as jax rounds them: once, from full precision."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), law)


@dataclass(frozen=True)
class ShapeFree:
    """Tools for `Ensemble.sample` that compile nothing when a shape changes."""

    def iid(self, law, key, shape, dtype):
        """The first values of a padded flat draw, reshaped; in pieces on all cores where there are many."""
        size, law = math.prod(shape), _in_dtype(law, dtype)
        if size <= PIECE or not _on_cpu(key):
            flat = _host(_draw_range(law, key, *_split(0), dtype, _bucket(size)))
            return flat[:size].reshape(shape)
        flat = np.empty(size, dtype)

        def fill(start):
            part = flat[start : start + PIECE]
            part[:] = np.asarray(_draw_range(law, key, *_split(start), dtype, PIECE))[: part.size]

        for _ in _on_all_cores(fill, range(0, size, PIECE)):
            pass
        return flat.reshape(shape)

    def orthonormal(self, gaussian):
        """QR by the LAPACK routines that jax calls on a CPU, without its compile; jax's own elsewhere."""
        if not isinstance(gaussian, np.ndarray):
            return JAX.orthonormal(gaussian)
        from scipy import linalg

        q, r = linalg.qr(gaussian, mode="economic", check_finite=False)
        diagonal = np.diagonal(r)
        return q * (diagonal / np.abs(diagonal)).astype(q.dtype)

    def full(self, shape, value, dtype):
        """A NumPy array of one value."""
        return np.full(shape, np.asarray(value), dtype)

    def numbers(self, value, dtype):
        """A NumPy number."""
        return np.asarray(value, dtype)


SHAPE_FREE = ShapeFree()


def draw(ensemble: Ensemble, key, shape: tuple[int, ...], dtype) -> Any:
    """Weights of an ensemble, equal to `ensemble.sample` within 4 ulp: shape and dtype as asked.

    A NumPy array on a CPU, a jax array on an accelerator; compiles once per law family, dtype and power-of-two size.
    """
    key, dtype = _typed(key), np.dtype(dtype)
    if not is_shape_free(key):
        return _host(ensemble.sample(key, shape, dtype))
    return ensemble.sample(key, shape, dtype, SHAPE_FREE)


def draw_at(ensemble: Iid, key, positions: np.ndarray, dtype) -> Any:
    """The weights at these flat positions of a draw, without drawing the others: shape of `positions`.

    Raises:
        ValueError: the key's generator cannot be addressed by position.
    """
    key = _typed(key)
    if not is_shape_free(key):
        raise ValueError(
            f"part of a draw needs a threefry2x32 key and jax_threefry_partitionable, got {jax.random.key_impl(key)}. "
            "Draw the whole tensor instead."
        )
    flat = np.zeros(_bucket(positions.size), np.uint64)
    flat[: positions.size] = positions.ravel()
    high, low = (flat >> np.uint64(32)).astype(np.uint32), flat.astype(np.uint32)
    dtype = np.dtype(dtype)
    values = _host(_draw_at(_in_dtype(ensemble.law, dtype), key, high, low, dtype))
    return values[: positions.size].reshape(positions.shape)


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
        weights = law.draw(_uniform_at(jnp.full_like(counter, high_counter), counter), key, dtype)
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
        padding = _bucket(part.size) - part.size
        padded = np.concatenate([part, np.zeros(padding, part.dtype)]) if isinstance(part, np.ndarray) else part
        return _summary(bins, _summarize_values(padded, np.int32(part.size), numbers, wide))

    return sum(_on_all_cores(job, range(0, flat.size, step)), Summary.empty(bins))


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
    key, dtype = _typed(key), np.dtype(dtype)
    marginal = ensemble.marginal
    if not isinstance(ensemble, Iid) or not is_shape_free(key):
        weights = draw(ensemble, key, shape, dtype)
        values = np.asarray(weights)
        return summarize_array(weights, bins or (Bins.of(marginal) if marginal else Bins.covering(values)))
    bins = bins or Bins.of(marginal)
    size, law = math.prod(shape), _in_dtype(ensemble.law, dtype)
    numbers = jnp.asarray([bins.low, bins.width, bins.pivot], _wide(dtype))
    share = -(-size // (os.cpu_count() or 1))
    step = min(JOB, -(-share // CHUNK) * CHUNK or CHUNK)

    def job(start: int) -> Summary:
        count = np.uint32(min(step, size - start))
        return _summary(bins, _summarize_range(law, key, *_split(start), count, numbers, dtype))

    result, starts = Summary.empty(bins), range(0, size, step)
    for done, part in enumerate(_on_all_cores(job, starts), 1):
        result += part
        if progress:
            progress(done / len(starts))
    return result
