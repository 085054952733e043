"""Singular values of a convolution as the linear map it is, on a whole input."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from initviz.matrices.sliding import PLAIN, Operator, Sliding
from initviz.matrices.svd import require_finite, singular_values, widened

CHUNK = 2**18
"""Entries of the matrices decomposed at a time: 2 to 4 MB, and well under a second."""


def convolution_spectrum(
    kernel: npt.ArrayLike,
    sizes: tuple[int, ...],
    progress: Callable[[float], None] | None = None,
    sliding: Sliding = PLAIN,
    decompose: Callable[[np.ndarray], np.ndarray] = singular_values,
) -> np.ndarray:
    """All singular values, descending, of a convolution of an input of `sizes` with a kernel, in any units.

    The kernel has the axes (*taps, inputs / groups, outputs), with one to three spatial axes; `sliding` says how it
    moves. As many values as the matrix from all inputs to all outputs has, in float32 or float64.

    With circular padding, and sizes that are multiples of the stride, they are those of one small matrix per group and
    frequency ω: Σ K(x) exp(-iωx) (Sedghi, Gupta & Long 2019), its taps apart by where in a stride they fall; of a real
    kernel half of the frequencies are computed, as -ω repeats ω. Otherwise the matrix of each group is decomposed.
    Never more than `CHUNK` entries, or one matrix, are held at a time; after each such part `progress(share)` is called
    with the share done, and may raise to cancel. Paddings are those of jax's `conv_general_dilated` and
    `conv_transpose`; PyTorch and Keras put the zeros of SAME elsewhere for some strides.

    >>> convolution_spectrum(np.ones((3, 1, 1)), (4,), sliding=Sliding(padding="VALID")).round(3).tolist()
    [2.236, 1.0]

    Args:
        kernel: the weights.
        sizes: of the input, one per spatial axis.
        progress: called with the share done.
        sliding: stride, dilation, groups, padding and whether it is transposed.
        decompose: what gives the singular values of one matrix where there is none per frequency.

    Raises:
        ValueError: not one to three spatial axes; sizes that do not fit; NaN or infinity in the kernel.
    """
    weights = widened(np.asarray(kernel))
    operator = sliding.on(weights.shape, sizes)
    dtype = np.zeros(0, weights.dtype).real.dtype
    if not weights.size:
        return np.zeros(operator.count, dtype)
    require_finite(weights)
    groups = operator.split(weights.reshape(operator.taps, *weights.shape[-2:]))
    done = progress or (lambda share: None)
    if operator.whole:
        found = _by_frequency(operator, groups, done)
    else:
        parts = []
        for group, each in enumerate(groups):
            parts.append(decompose(operator.matrix(each)))
            done((group + 1) / len(groups))
        found = np.concatenate(parts)
    everything = np.zeros(operator.count, dtype)
    everything[: found.size] = np.sort(found)[::-1]
    return everything


def _by_frequency(operator: Operator, groups: np.ndarray, progress: Callable[[float], None]) -> np.ndarray:
    """Singular values of the matrices of all groups and frequencies."""
    coarse = tuple(axis.coarse for axis in operator.axes)
    frequencies, repeats = half(coarse) if np.isrealobj(groups) else (np.arange(operator.coarse), None)
    dtype = np.result_type(groups.dtype, np.complex64)
    rows, columns = operator.block
    flat = groups.reshape(len(groups), operator.taps, -1).astype(dtype)
    step = max(CHUNK // (len(groups) * rows * columns), 1)
    values = []
    for start in range(0, len(frequencies), step):
        waves = operator.waves(frequencies[start : start + step]).astype(dtype)
        matrices = (waves[:, None] @ flat).reshape(-1, rows, columns)
        values.append(np.linalg.svd(matrices, compute_uv=False).reshape(len(waves), -1))
        progress((start + len(waves)) / len(frequencies))
    found = np.concatenate(values)
    return (found if repeats is None else np.repeat(found, repeats, axis=0)).ravel()


def half(sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """One of each pair of frequencies ω and -ω, as flat positions among all, and how many it stands for: 1 or 2."""
    flat = np.arange(math.prod(sizes))
    index = np.unravel_index(flat, sizes)
    partner = np.ravel_multi_index([-i % size for i, size in zip(index, sizes, strict=True)], sizes)
    kept = flat <= partner
    return flat[kept], np.where(partner == flat, 1, 2)[kept]
