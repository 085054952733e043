"""Singular values of a matrix."""

import jax
import jax.numpy as jnp
import numpy as np

from initviz.matrices import lapack


def singular_values(matrix) -> np.ndarray:
    """Singular values, descending: (m, n) -> (min(m, n),), float32 or float64, in the units of the weights.

    On a CPU by SciPy's LAPACK, which compiles nothing; on an accelerator by `jax.numpy.linalg`, where the matrix is.
    Half and quarter precision is widened to float32 first.

    Raises:
        ValueError: the matrix holds NaN or infinity.
    """
    on_accelerator = isinstance(matrix, jax.Array) and matrix.device.platform != "cpu"
    xp = jnp if on_accelerator else np
    matrix = widened(xp.asarray(matrix))
    if 0 in matrix.shape:
        return np.zeros(0, np.float32)
    require_finite(matrix, xp)
    if on_accelerator:
        return np.asarray(jnp.linalg.svd(matrix, compute_uv=False))
    return lapack.singular_values(matrix)


def widened(array):
    """The array in a dtype that LAPACK knows: as it is, or in float32 where it is of another one."""
    known = array.dtype in (np.float32, np.float64, np.complex64, np.complex128)
    return array if known else array.astype(np.float32)


def require_finite(array, xp=np) -> None:
    """Refuse NaN and infinity.

    Raises:
        ValueError: there is one.
    """
    if not bool(xp.isfinite(array).all()):
        raise ValueError("singular values need finite weights, got NaN or infinity. Draw in a wider dtype.")
