"""Singular values of a matrix."""

from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from initviz.matrices import lapack

Array = TypeVar("Array", np.ndarray, jax.Array)


def singular_values(matrix: npt.ArrayLike) -> np.ndarray:
    """Singular values, descending: (m, n) -> (min(m, n),), float32 or float64, in the units of the weights.

    On a CPU by SciPy's LAPACK, which compiles nothing; on an accelerator by `jax.numpy.linalg`, where the matrix is.
    Half and quarter precision is widened to float32 first.

    Raises:
        ValueError: the matrix holds NaN or infinity.
    """
    if isinstance(matrix, jax.Array) and next(iter(matrix.devices())).platform != "cpu":
        there = require_finite(widened(matrix))
        return np.asarray(jnp.linalg.svd(there, compute_uv=False)) if there.size else np.zeros(0, np.float32)
    here = require_finite(widened(np.asarray(matrix)))
    return lapack.singular_values(here) if here.size else np.zeros(0, np.float32)


def widened(array: Array) -> Array:
    """The array in a dtype that LAPACK knows: as it is, or in float32 where it is of another one."""
    known = array.dtype in (np.float32, np.float64, np.complex64, np.complex128)
    return array if known else array.astype(np.float32)


def require_finite(array: Array) -> Array:
    """The array itself, if it holds neither NaN nor infinity.

    Raises:
        ValueError: there is one.
    """
    if not bool((jnp if isinstance(array, jax.Array) else np).isfinite(array).all()):
        raise ValueError("singular values need finite weights, got NaN or infinity. Draw in a wider dtype.")
    return array
