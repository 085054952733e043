"""Statistics of draws of any size, in constant memory: chunks that fit the cache, on all cores or many devices."""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jax.typing import DTypeLike

from initviz.engine.cores import able, on_all_cores, platform_of
from initviz.engine.counting import Counting
from initviz.engine.draws import STEP, WIDE_STEP, draw, draw_range, made_in_parts, split, typed
from initviz.engine.kernels import chunk_on, rounded, statistics_on, summarize_values, summary_of, wide_dtype
from initviz.engine.meshes import on_mesh
from initviz.engine.summary import BINS, PIECE, Bins, Summary, parts, pieces
from initviz.fans.by_shape import canonical_shape
from initviz.laws.base import Law, in_dtype
from initviz.laws.ensembles import Constant, Ensemble, Stacked
from initviz.laws.tools import Weights

FAR_OFF = 8
"""Standard deviations between weights and pivot up to which the variance has an error of at most 1e-5 of itself."""
JOB = 2**24  # most weights per summary job: long enough to keep a core busy, short enough to cancel


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """Raised by a `progress` callback to stop a summary."""


def summarize_array(weights: Weights, bins: Bins) -> Summary:
    """The summary of weights that exist already, by the same arithmetic as `summarize`.

    In double precision where jax would round them: 64 bits while x64 is off, integers, what float32 just holds, what
    it takes for 0, and what lies together far from the pivot.
    """
    if not weights.size:
        return Summary.empty(bins)
    wide = wide_dtype(weights.dtype)
    exact = jnp.issubdtype(weights.dtype, jnp.inexact) and jax.dtypes.canonicalize_dtype(weights.dtype) == weights.dtype
    exact = exact and bins.fit(wide)
    if exact and not isinstance(weights, np.ndarray):
        flat, step = weights.reshape(-1), min(weights.size, WIDE_STEP)
        found = summary_of(bins, summarize_values(flat, np.uint32(flat.size), rounded(bins, wide), wide, step))
        if not _far_off(found) and (not found.zeros or _zeros(np.asarray(weights)) == found.zeros):
            return found

    def job(piece: np.ndarray) -> Summary:
        if exact:
            padded = np.zeros(PIECE, piece.dtype)
            padded[: piece.size] = piece
            numbers = rounded(bins, wide)
            found = summary_of(bins, summarize_values(padded, np.uint32(piece.size), numbers, wide, STEP))
            if not _far_off(found) and (not found.zeros or _zeros(piece) == found.zeros):
                return found
        return summarize_doubles(parts(piece), bins)

    return sum(on_all_cores(job, list(pieces(np.asarray(weights)))), Summary.empty(bins))


def _far_off(found: Summary) -> bool:
    """Whether the weights lie so far from the pivot that squares of single precision say little of their spread."""
    return found.count > 0 and not abs(found.mean - found.bins.pivot) <= FAR_OFF * found.std


def _zeros(weights: np.ndarray) -> int:
    """Real parts that are 0, of which XLA may take more to be 0: on a CPU all below the normal numbers."""
    parts = (weights.real, weights.imag) if np.iscomplexobj(weights) else (weights,)
    return sum(part.size - int(np.count_nonzero(part)) for part in parts)


def summarize_doubles(values: np.ndarray, bins: Bins) -> Summary:
    """The summary of real numbers in double precision, by NumPy."""
    with np.errstate(over="ignore", invalid="ignore"):  # what is far beyond the bins may have an infinite square
        finite = values[np.isfinite(values)]
        centred = (finite - bins.pivot) / bins.width
        place = np.clip(np.floor((finite - bins.low) / bins.width), -1, BINS).astype(np.int64) + 1
        return Summary(
            bins,
            finite.size,
            values.size - finite.size,
            finite.size - int(np.count_nonzero(finite)),
            float(centred.sum()),
            float(centred @ centred),
            float(finite.min(initial=np.inf)),
            float(finite.max(initial=-np.inf)),
            np.bincount(place, minlength=BINS + 2),
        )


def summarize(
    ensemble: Ensemble,
    key: jax.Array,
    shape: tuple[int, ...],
    dtype: DTypeLike,
    bins: Bins | None = None,
    progress: Callable[[float], None] | None = None,
    mesh: Mesh | None = None,
) -> Summary:
    """Count, moments, extremes and histogram of a draw, of any size in constant memory: no tensor is made.

    Counts and extremes are those of the draw itself, moments are within 1e-6 standard deviations of them.

    Args:
        ensemble: what is drawn; of orthogonal matrices and keys without positions the tensor is made after all.
        key: jax PRNG key.
        shape: sizes of the tensor.
        dtype: dtype of the draw.
        bins: bins of the histogram; by default over the support of the law.
        progress: called with the finished share, at last with 1; raise `Cancelled` in it to stop. What is not drawn in
            parts, such as orthogonal matrices, cannot be stopped before its end.
        mesh: devices that share the work; without it, the device in force does it alone. They may belong to several
            processes that called `jax.distributed.initialize`: all call this with equal arguments, `progress` raises in
            all or none, and each gets the whole summary.

    Raises:
        Cancelled: `progress` raised it, as it may raise anything else.
        TypeError, ValueError: no key, no shape or no dtype, or a pattern of constants does not fit the shape.
    """
    key, shape, dtype = typed(key), canonical_shape(shape), jax.dtypes.canonicalize_dtype(dtype)
    with able(key, dtype):
        if made_in_parts(ensemble, key):
            assert ensemble.marginal is not None  # independent entries have a law
            bins = bins or Bins.of(ensemble.marginal)
            spread = partial(on_mesh, mesh=mesh, most=JOB) if mesh is not None else _by_cores
            if not bins.fit(wide_dtype(dtype)):
                spread = _in_doubles
            if isinstance(ensemble, Stacked):
                found = _scaled(ensemble, key, math.prod(shape), dtype, bins)
            else:
                found = spread(in_dtype(ensemble.law, dtype), key, math.prod(shape), dtype, bins)
        else:
            if isinstance(ensemble, Constant):
                part = _summarize_constant(ensemble, shape, dtype, key, bins)
            else:
                part = _summarize_whole(ensemble, shape, dtype, key, bins)
            bins, found = part.bins, iter([(1.0, part)])
        result = Summary.empty(bins)
        for share, part in found:
            result += part
            if progress:
                progress(share)
    return result


def _by_cores(law: Law, key: jax.Array, size: int, dtype: np.dtype, bins: Bins) -> Iterator[tuple[float, Summary]]:
    """Finished share and summary of each job, on the device in force."""
    platform = platform_of(key)
    chunk, workers = chunk_on(platform), os.cpu_count() or 1 if platform == "cpu" else 1
    numbers = rounded(bins, wide_dtype(dtype))
    step = min(max(JOB // chunk, 1), -(-size // (workers * chunk)) or 1) * chunk

    counting = Counting.of(law, key, size, dtype, bins) if platform == "cpu" else None

    def one_by_one(start: int, count: int) -> Summary:
        found = statistics_on(platform)(law, key, *split(start), np.uint32(count), numbers, dtype, chunk)
        return summary_of(bins, found)

    def job(start: int) -> Summary:
        count = min(step, size - start)
        if counting is None:
            return one_by_one(start, count)
        chunks, rest = divmod(count, chunk)
        found = counting.summary(*split(start), chunks) if chunks else Summary.empty(bins)
        return found + one_by_one(start + count - rest, rest) if rest else found

    starts = range(0, size, step)
    for done, part in enumerate(on_all_cores(job, starts), 1):
        yield done / len(starts), part


def _in_doubles(law: Law, key: jax.Array, size: int, dtype: np.dtype, bins: Bins) -> Iterator[tuple[float, Summary]]:
    """The same, piece by piece, of weights that single precision just holds, but not their distances."""
    for start in range(0, size, PIECE):
        count = min(PIECE, size - start)
        drawn = draw_range(law, key, start, count, dtype)
        yield (start + count) / size, summarize_doubles(parts(drawn), bins)


def _scaled(
    ensemble: Stacked, key: jax.Array, size: int, dtype: np.dtype, bins: Bins
) -> Iterator[tuple[float, Summary]]:
    """The same, piece by piece, of weights whose scale depends on their position."""
    law = in_dtype(ensemble.unit, dtype)

    def job(start: int) -> Summary:
        positions = np.arange(start, min(start + PIECE, size))
        drawn = ensemble.scaled(draw_range(law, key, start, positions.size, dtype), positions)
        return summarize_array(drawn, bins)

    starts = range(0, size, PIECE)
    for done, part in enumerate(on_all_cores(job, starts), 1):
        yield done / len(starts), part


def _summarize_whole(
    ensemble: Ensemble, shape: tuple[int, ...], dtype: np.dtype, key: jax.Array, bins: Bins | None
) -> Summary:
    """The summary of a draw that cannot be made in parts."""
    weights = draw(ensemble, key, shape, dtype)
    return summarize_array(weights, bins or Bins.fitting(ensemble.marginal, weights))


def _summarize_constant(
    ensemble: Constant, shape: tuple[int, ...], dtype: np.dtype, key: jax.Array, bins: Bins | None
) -> Summary:
    """The summary of one value or pattern, as many times as the shape repeats it."""
    pattern = np.shape(ensemble.value)
    size = np.broadcast_to(np.zeros(pattern), shape).size  # raises where the pattern does not fit
    values = np.asarray(draw(ensemble, key, pattern, dtype))
    bins = bins or Bins.fitting(ensemble.marginal, values)
    if not size:
        return Summary.empty(bins)
    one, times = summarize_array(values, bins), size // values.size
    same = ("bins", "minimum", "maximum")
    return replace(one, **{f.name: getattr(one, f.name) * times for f in fields(one) if f.name not in same})
