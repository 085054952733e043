"""Singular values of a convolution as the linear map it is, on a whole input."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from initviz.matrices.svd import require_finite, widened

CHUNK = 2**18
"""Entries of the matrices decomposed at a time: 2 to 4 MB, and well under a second."""


def convolution_spectrum(
    kernel: npt.ArrayLike, sizes: tuple[int, ...], progress: Callable[[float], None] | None = None
) -> np.ndarray:
    """All singular values, descending, of the stride-1 circular convolution of an input of `sizes` with a kernel.

    The kernel has the axes (*taps, inputs, outputs), with one to three spatial axes. The values are those of the
    inputs × outputs matrices Σ K(x) exp(-iωx), one per frequency ω (Sedghi, Gupta & Long 2019): prod(sizes) ·
    min(inputs, outputs) of them, in float32 or float64 and in the units of the weights. Of a real kernel half of the
    frequencies are computed, as -ω repeats ω. Never more than `CHUNK` entries, or one matrix, are held at a time;
    after each such part `progress(share)` is called with the share done, and may raise to cancel.

    Raises:
        ValueError: not one to three spatial axes; a size that is smaller than the kernel; NaN or infinity in it.
    """
    weights = widened(np.asarray(kernel))
    *taps, inputs, outputs = require_fitting(weights.shape, sizes)
    smaller = min(inputs, outputs)
    dtype = np.zeros(0, weights.dtype).real.dtype
    if not weights.size:
        return np.zeros(math.prod(sizes) * smaller, dtype)
    require_finite(weights)
    frequencies, repeats = half(sizes) if np.isrealobj(weights) else (np.arange(math.prod(sizes)), None)
    positions = np.stack(np.unravel_index(np.arange(math.prod(taps)), taps), 1) / np.array(sizes)
    flat = weights.reshape(math.prod(taps), inputs * outputs).astype(np.result_type(dtype, np.complex64))
    step = max(CHUNK // (inputs * outputs), 1)
    values = np.empty((len(frequencies), smaller), dtype)
    for start in range(0, len(frequencies), step):
        index = np.stack(np.unravel_index(frequencies[start : start + step], sizes), 1)
        waves = np.exp(-2j * np.pi * (index @ positions.T)).astype(flat.dtype)
        matrices = (waves @ flat).reshape(len(index), inputs, outputs)
        values[start : start + step] = np.linalg.svd(matrices, compute_uv=False)
        if progress:
            progress((start + len(index)) / len(frequencies))
    everything = values if repeats is None else np.repeat(values, repeats, axis=0)
    return np.sort(everything, axis=None)[::-1]


def require_fitting(shape: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape (*taps, inputs, outputs) of a kernel, if it can be applied to an input of `sizes`.

    Raises:
        ValueError: not one to three spatial axes, not one size for each, or a size that is smaller than the kernel.
    """
    taps, sizes = tuple(shape[:-2]), tuple(sizes)
    if not 1 <= len(taps) <= 3:
        raise ValueError(
            f"a convolution needs a kernel of 3 to 5 axes, (*taps, inputs, outputs), got shape {tuple(shape)}. "
            "Use singular_values for a matrix."
        )
    if len(sizes) != len(taps) or any(size < tap for size, tap in zip(sizes, taps, strict=True)):
        raise ValueError(
            f"a circular convolution needs one input size per spatial axis, at least as large as the kernel, got "
            f"sizes {sizes} for {' × '.join(map(str, taps))} taps. Give sizes of at least {taps}."
        )
    return tuple(shape)


def half(sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """One of each pair of frequencies ω and -ω, as flat positions among all, and how many it stands for: 1 or 2."""
    flat = np.arange(math.prod(sizes))
    index = np.unravel_index(flat, sizes)
    partner = np.ravel_multi_index([-i % size for i, size in zip(index, sizes, strict=True)], sizes)
    kept = flat <= partner
    return flat[kept], np.where(partner == flat, 1, 2)[kept]


def mean_responses(taps: Sequence[int], sizes: Sequence[int]) -> tuple[tuple[float, int], ...]:
    """|Σ exp(-iωx)| over the taps x, for every frequency ω: pairs (value, how often), descending; at 0 it is all taps.

    It is what a kernel of ones does to each frequency. Equal values, to 12 digits, are counted together.
    """
    axes = [np.abs(np.fft.fft(np.ones(tap), size)) for tap, size in zip(taps, sizes, strict=True)]
    product = np.ones(1)
    for axis in axes:
        product = np.multiply.outer(product, axis).ravel()
    return tuple(sorted(Counter(np.round(product, 12).tolist()).items(), reverse=True))
