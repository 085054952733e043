"""Singular values of large matrices in a process of their own, which can be stopped and holds up no session."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import numpy.typing as npt

from initviz.matrices.svd import singular_values

CALIBRATION = 1024
"""Rows and columns of the matrix timed to estimate how long a larger one takes."""
ATTENTION = 0.2
"""Seconds between reports of progress."""
DECOMPOSE = """
import sys
import numpy as np
import numpy.typing as npt
from scipy import linalg
dtype, rows, columns = sys.argv[1:]
matrix = np.fromfile(sys.stdin.buffer, dtype).reshape(int(rows), int(columns))
sys.stdout.buffer.write(linalg.svdvals(matrix, check_finite=False).tobytes())
"""


def singular_values_apart(matrix: npt.ArrayLike, progress: Callable[[float], None]) -> np.ndarray:
    """`singular_values`, by LAPACK in another process: (m, n) -> (min(m, n),).

    LAPACK does not say how far it is: the share given to `progress` is that of the time estimated from a smaller
    matrix, and stays at 99 % if the estimate was too short. What `progress` raises ends the other process at once.

    Raises:
        ValueError: the matrix holds NaN or infinity.
        MemoryError: the other process was stopped, in general for lack of memory.
    """
    matrix = np.asarray(matrix)
    if matrix.dtype not in (np.float32, np.float64, np.complex64, np.complex128):
        matrix = matrix.astype(np.float32)
    if not np.isfinite(matrix).all():
        return singular_values(matrix)  # which says what is wrong
    estimate = _seconds(matrix)
    real = np.zeros((), matrix.dtype).real.dtype
    command = [sys.executable, "-c", DECOMPOSE, matrix.dtype.str, *map(str, matrix.shape)]
    with tempfile.TemporaryFile() as given:  # a pipe would have to be fed between the reports
        matrix.tofile(given)
        given.seek(0)
        process = subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    started = time.monotonic()
    try:
        while True:
            progress(min((time.monotonic() - started) / estimate, 0.99))
            with suppress(subprocess.TimeoutExpired):
                found, said = process.communicate(timeout=ATTENTION)
                break
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise MemoryError(
            f"the singular values of a {matrix.shape[0]} × {matrix.shape[1]} matrix could not be computed "
            f"({said.decode().strip().splitlines()[-1:] or 'stopped'}). Choose a smaller shape."
        )
    return np.frombuffer(found, real)


def _seconds(matrix: np.ndarray) -> float:
    """Estimated time to decompose a matrix: that of a corner of it, times the ratio of m n min(m, n)."""
    corner = np.array(matrix[:CALIBRATION, :CALIBRATION])
    started = time.monotonic()
    singular_values(corner)

    def cost(rows: int, columns: int) -> int:
        return rows * columns * min(rows, columns)

    return (time.monotonic() - started) * cost(*matrix.shape) / cost(*corner.shape) + ATTENTION
