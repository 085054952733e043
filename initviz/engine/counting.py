"""Statistics of a large draw without its weights: a real law is a growing function of one integer a weight.

jax makes a uniform of the mantissa bits of its dtype: of an integer below 2²³ in float32. Here integers are counted in
cells that narrow towards either end, each cut in two where an edge of the histogram lies in it. What is left beside
the random bits is as cheap on a CPU without AVX-512 as on one with it: no inverse error function, no moments.
"""

from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Self

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from initviz.engine.cores import compiler_options
from initviz.engine.draws import mantissas_at, unit_of
from initviz.engine.kernels import BINS, CHUNK, LANES, rounded, wide_dtype
from initviz.engine.summary import Bins, Summary
from initviz.laws.base import Law, scale_uniform

LEAST = 2**22
"""Fewest weights of which moments are accurate: a mean of so many is within 1e-6 standard deviations."""
FINE = 9
"""Cells between a distance from an end and its double: 2⁹."""


Counts = tuple[jax.Array, jax.Array, jax.Array, jax.Array]
"""In each part of each cell, of zeros, and the smallest and the largest integer."""


def cell_of(mantissa: jax.Array, bits: int) -> jax.Array:
    """The cell of each integer below 2^bits: by its distance from the nearer end, in the upper half after all others.

    A float's leading bits are its logarithm, in steps of 2^-FINE of an octave.
    """
    distance = jnp.minimum(mantissa, 2**bits - 1 - mantissa)
    logarithm = lax.bitcast_convert_type((distance + 1).astype(np.float32), np.int32) >> (23 - FINE)
    cell = logarithm - (127 << FINE)
    return jnp.where(mantissa >= 2 ** (bits - 1), cell + (bits << FINE), cell)


@cache
def _cells(bits: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last integer of each cell; of a cell without any the last is before the first."""
    octave, part = np.divmod(np.arange((bits << FINE) + 1), 2**FINE)
    starts = np.ceil(np.ldexp(1 + part / 2**FINE, octave)).astype(int) - 1
    first, last = starts[:-1], np.minimum(starts[1:], 2 ** (bits - 1)) - 1
    mirrored = 2**bits - 1 - last, 2**bits - 1 - first
    return np.concatenate([first, mirrored[0]]), np.concatenate([last, mirrored[1]])


@partial(jax.jit, static_argnames="dtype")
def _weights_of(law: Law, key: jax.Array, mantissas: jax.Array, dtype: np.dtype) -> jax.Array:
    """The weights that these integers become."""
    return law.draw(lambda _, dtype, low, high: scale_uniform(unit_of(mantissas, dtype), low, high), key, dtype)


@partial(jax.jit, static_argnames="dtype", compiler_options=compiler_options("cpu"))
def _count(
    key: jax.Array, high: jax.Array, start: jax.Array, chunks: jax.Array, cuts: jax.Array, zeros: jax.Array,
    dtype: np.dtype,
) -> tuple[jax.Array, ...]:  # fmt: skip
    """Integers in each part of each cell, those that are a zero, the smallest and the largest integer.

    Of at most 2³⁰ draws in whole chunks from a 64-bit position on, a multiple of `CHUNK`. In the cells, what comes
    before the cut and what comes from it on alternate.
    """
    bits = jnp.finfo(dtype).nmant
    offsets = lax.iota(np.uint32, CHUNK)
    lanes = partial(jnp.reshape, shape=(-1, LANES))

    def draw(i: jax.Array) -> jax.Array:
        low = start + i.astype(np.uint32) * np.uint32(CHUNK)
        counter = jnp.full_like(offsets, high + (low < start).astype(np.uint32)), low + offsets
        return mantissas_at(key, *counter, dtype).astype(np.int32)

    def add(found: Counts, mantissa: jax.Array) -> Counts:
        counts, zero, smallest, largest = found
        cell = lax.optimization_barrier(cell_of(mantissa, bits))
        part = 2 * cell + (mantissa >= cuts.at[cell].get(mode="promise_in_bounds")).astype(np.int32)
        is_zero = (mantissa >= zeros[0]) & (mantissa < zeros[1])
        return (
            counts.at[part].add(1, mode="promise_in_bounds"),
            zero + lanes(is_zero).sum(0, np.int32),
            jnp.minimum(smallest, lanes(mantissa).min(0)),
            jnp.maximum(largest, lanes(mantissa).max(0)),
        )

    def step(i: jax.Array, state: tuple[Counts, jax.Array]) -> tuple[Counts, jax.Array]:
        """Draw a chunk and count the one before: XLA would draw one that is not stored again for each statistic."""
        found, before = state
        return add(found, before), draw(i)

    nothing = jnp.zeros(LANES, np.int32)
    found = jnp.zeros(2 * cuts.size, np.int32), nothing, nothing + 2**bits, nothing - 1
    found, last = lax.fori_loop(jnp.int32(1), chunks, step, (found, draw(jnp.int32(0))))
    return add(found, last)


@dataclass(frozen=True, eq=False)
class Counting:
    """How draws of a law in a dtype are counted into these bins.

    Args:
        law: real, with its numbers in the dtype.
        key: jax PRNG key of threefry2x32.
        dtype: of at most 32 bits.
        bins: of the histogram.
    """

    law: Law
    key: jax.Array
    dtype: np.dtype
    bins: Bins

    @classmethod
    def of(cls, law: Law, key: jax.Array, size: int, dtype: np.dtype, bins: Bins) -> Self | None:
        """How to count so many draws.

        None where they are few, complex or doubles, where some are not finite, where a law has so few values that it is
        a staircase within a cell, and where two edges of bins are in one cell.
        """
        bits = jnp.finfo(dtype).nmant
        if size < LEAST or law.complex or jnp.finfo(dtype).bits > 32 or law.distinct(dtype) < 2.0 ** min(bits, 16):
            return None
        found = cls(law, key, dtype, bins)
        ends = found._values(np.array([0, 2**bits - 1]))
        if not np.isfinite(ends).all() or ends[0] > ends[1] or found._cuts is None:
            return None
        _ = found._means  # before many cores ask for it
        return found

    @cached_property
    def _edges(self) -> np.ndarray:
        """The first integer whose weight lies beyond each edge of the bins; the first not below 0, the first above."""
        bits, wide = jnp.finfo(self.dtype).nmant, wide_dtype(self.dtype)
        low_end, per_width, _ = rounded(self.bins, wide)
        edges, before = np.arange(1, BINS + 2)[:, None], np.zeros((BINS + 3, 1), int)
        for shift in range(8 * ((bits - 1) // 8), -1, -8):
            asked = before + (np.arange(1, 2**8 + 1) << shift) - 1
            # in NumPy, since XLA may round a weight otherwise where it becomes part of more
            values = self._values(np.minimum(asked, 2**bits - 1)).astype(wide)
            with np.errstate(over="ignore"):  # of a cut at infinity, which ends far from all bins
                places = np.clip(np.floor((values[: BINS + 1] - low_end) * per_width), -1, BINS) + 1
            beyond = np.concatenate([places >= edges, values[-2:-1] >= 0, values[-1:] > 0]) | (asked >= 2**bits)
            before += (~beyond).sum(1, keepdims=True) << shift
        return before.ravel()

    @cached_property
    def _cuts(self) -> np.ndarray | None:
        """Where each cell is cut in two; None where two edges are in one cell."""
        bits = jnp.finfo(self.dtype).nmant
        first, _ = _cells(bits)
        cuts = np.full(first.size, 2**bits, np.int32)
        edges = self._edges[: BINS + 1]
        cells = np.asarray(cell_of(jnp.asarray(np.minimum(edges, 2**bits - 1), np.int32), bits))
        inside = (edges > first[cells]) & (edges < 2**bits)
        cuts[cells[inside]] = edges[inside]
        return cuts if len(np.unique(cells[inside])) == len(np.unique(edges[inside])) else None

    @cached_property
    def _means(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each part of a cell the bin, and the mean of its weights and of their squares in units of the bins."""
        bits = jnp.finfo(self.dtype).nmant
        first, last = _cells(bits)
        assert self._cuts is not None
        first = np.column_stack([first, np.maximum(self._cuts, first)]).ravel()
        last = np.column_stack([np.minimum(last, self._cuts - 1), last]).ravel()
        last = np.maximum(first, last)  # of a part without integers, which is counted as often as there are any
        values = self._values(np.clip([first, (first + last) // 2, (first + last + 1) // 2, last], 0, 2**bits - 1))
        half = (last - first) / 2
        bend = (half + 1) / np.maximum(6 * half, 1)

        def average(nodes: np.ndarray) -> np.ndarray:
            """Of the parabola through the ends and the middle."""
            low, middle, high = nodes[0], (nodes[1] + nodes[2]) / 2, nodes[3]
            return middle + bend * (low - 2 * middle + high)

        centred = (values - self.bins.pivot) / self.bins.width
        places = np.searchsorted(self._edges[: BINS + 1], first, side="right")
        return places, average(centred), average(centred**2)

    def _values(self, mantissas: np.ndarray) -> np.ndarray:
        """The weights that these integers become, in double precision."""
        found = _weights_of(self.law, self.key, jnp.asarray(mantissas, np.int32), self.dtype)
        return np.asarray(found).astype(float)

    def summary(self, high: np.uint32, start: np.uint32, chunks: int) -> Summary:
        """The summary of so many chunks of draws from a position on."""
        counted = _count(self.key, high, start, np.int32(chunks), self._cuts, self._edges[-2:], self.dtype)
        counts, zero, smallest, largest = map(np.asarray, counted)
        places, means, squares = self._means
        minimum, maximum = self._values(np.array([smallest.min(), largest.max()]))
        weights = counts.astype(float)
        histogram = np.bincount(places, weights, minlength=BINS + 2).astype(np.int64)
        return Summary(
            self.bins, int(counts.sum()), 0, int(zero.sum()), float(weights @ means), float(weights @ squares),
            float(minimum), float(maximum), histogram,
        )  # fmt: skip
