"""SciPy's LAPACK, called so that other threads run meanwhile: one visitor's large matrix stops no other's page.

`scipy.linalg.svdvals` (1.17, 1.18) and `qr` (1.18) hold Python's global lock while they compute, more than a second for
2048 × 2048. NumPy's routines let go of it, but take half as long again. ctypes lets go of it, too, and the
addresses are in the table that SciPy keeps for Cython, so these are the same routines and the same numbers.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

LETTERS = {"f": "s", "d": "d", "F": "c", "D": "z"}
"""Character of a dtype -> first letter of the routines for it."""
Argument = np.ndarray | bytes | int
"""What a routine takes: its letters, its sizes, and the memory it reads and writes."""


def singular_values(matrix: np.ndarray) -> np.ndarray:
    """Singular values, descending: (m, n) -> (min(m, n),), in the precision of the matrix; `scipy.linalg.svdvals`.

    Raises:
        LinAlgError: no convergence.
    """
    rows, columns = matrix.shape
    given = np.array(matrix, order="F")  # is overwritten
    found = np.zeros(min(rows, columns), given.real.dtype)
    unused = np.zeros(1, given.dtype)
    scratch = [np.zeros(8 * found.size, given.real.dtype)] if np.iscomplexobj(given) else []
    integers = np.zeros(8 * found.size, np.intc)
    arguments = b"N", rows, columns, given, rows, found, unused, 1, unused, 1
    if _run("gesdd", given.dtype, arguments, (*scratch, integers)):
        raise np.linalg.LinAlgError(f"the singular values of a {rows} × {columns} matrix did not converge.")
    return found


def qr(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal columns Q and a triangle R with Q R = matrix: (m, n) -> (m, k), (k, n), where k = min(m, n).

    `scipy.linalg.qr(matrix, mode="economic")`.
    """
    rows, columns = matrix.shape
    fewer = min(rows, columns)
    packed = np.array(matrix, order="F")
    factors = np.zeros(fewer, packed.dtype)
    _run("geqrf", packed.dtype, (rows, columns, packed, rows, factors))
    triangle = np.triu(packed[:fewer])
    assemble = "ungqr" if np.iscomplexobj(packed) else "orgqr"
    _run(assemble, packed.dtype, (rows, fewer, fewer, packed, rows, factors))
    return packed[:, :fewer], triangle


def _run(routine: str, dtype: np.dtype, before: tuple[Argument, ...], after: tuple[Argument, ...] = ()) -> int:
    """Run a routine in the room it asks for, given its arguments before and after that; 0 for success."""
    function = _routine(LETTERS[dtype.char] + routine)
    info = ctypes.c_int()

    def call(work: np.ndarray, length: int) -> None:
        references = [_reference(argument) for argument in (*before, work, length, *after)]
        function(*references, ctypes.byref(info))

    room = np.zeros(1, dtype)
    call(room, -1)
    size = int(room[0].real)
    call(np.zeros(size, dtype), size)
    return info.value


def _reference(argument: Argument) -> Any:
    """What Fortran gets: an address, always."""
    if isinstance(argument, np.ndarray):
        return argument.ctypes.data_as(ctypes.c_void_p)
    return ctypes.c_char_p(argument) if isinstance(argument, bytes) else ctypes.byref(ctypes.c_int(argument))


@cache
def _routine(name: str) -> Callable[..., None]:
    """A routine by its address."""
    from scipy.linalg import cython_lapack

    name_of, address_of = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]
    address_of.restype, address_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    capsule = cython_lapack.__pyx_capi__[name]
    return ctypes.CFUNCTYPE(None)(address_of(capsule, name_of(capsule)))
