"""Arrays from files that anybody may have written: nothing in them is executed."""

import io
import math
import os
import sys
from pathlib import Path
from typing import IO

import jax.numpy as jnp
import numpy as np

from initviz.command.refusal import RefusedError, near
from initviz.models.files import npy, npz, zips
from initviz.models.files.npy import FIX
from initviz.models.files.refusal import ModelFileError
from initviz.settings.choices import LARGEST
from initviz.wording import several


def array_in(path: str, name: str | None = None, dtype: str | None = None) -> np.ndarray:
    """The array in a .npy file, or one of a .npz file; "-" reads the input. Large ones stay on disk until looked at.

    Args:
        path: of the file.
        name: of the array in a .npz file, needed where there are several.
        dtype: of a file that does not tell its own, such as one of bfloat16.

    Raises:
        RefusedError: there is no such file, or it has no array that can be read; the message says what to do.
    """
    try:
        if path == "-":
            return _told(_read(io.BytesIO(sys.stdin.buffer.read()), "the input", name), "the input", dtype)
        if Path(path).is_dir():
            raise RefusedError(f"FILE must be a .npy or .npz file, got the folder {path}. Name a file in it.")
        with open(path, "rb") as file:
            found = _read(file, path, name)
    except FileNotFoundError:
        raise RefusedError(f"there is no file {path}. {_beside(path)}") from None
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ModelFileError as error:
        raise RefusedError(str(error)) from None
    return _told(found, path, dtype)


def _beside(path: str) -> str:
    """Which file in the same folder was probably meant."""
    folder, name = os.path.split(path)
    try:
        there = {Path(each).stem: each for each in os.listdir(folder or ".") if each.endswith((".npy", ".npz"))}
        meant = near(Path(name).stem, list(there), "")  # what all names of such files end with makes none alike
        return next((f"Did you mean {there[stem]}?" for stem in there if meant == f"Did you mean {stem}?"), FIX)
    except OSError:
        return FIX


def _read(file: IO[bytes], path: str, name: str | None) -> np.ndarray:
    begins = file.read(len(npy.MAGIC))
    file.seek(0)
    if begins.startswith(zips.MAGIC):
        return _of_archive(file, path, name)
    if begins != npy.MAGIC:
        got = "an empty file" if not begins else "something else"
        raise RefusedError(f"{path} must be a .npy or .npz file, got {got}. {FIX}")
    if name is not None:
        raise RefusedError(f"--array is of .npz files, got it for {path}, which has one array. Leave it out.")
    found = npy.head(file, path)
    _affordable(found, path)
    if not isinstance(file, io.BufferedReader) or not math.prod(found.shape):
        return found.read(file, path)
    try:
        order = "F" if found.turned else "C"
        return np.memmap(path, found.dtype, "r", found.size, found.shape, order)
    except (ValueError, OSError) as error:  # it is shorter than its head says
        raise ModelFileError(f"{path} cannot be read, it may be cut off: {error}. {FIX}") from None


def _affordable(found: npy.Head, path: str) -> None:
    """Refuse more weights than can be looked at, by what the head of the array says."""
    size = math.prod(found.shape)
    if size > LARGEST:
        raise RefusedError(f"{path} must hold at most {LARGEST:,} weights, got {size:,}. Save a part of them.")


def _of_archive(file: IO[bytes], path: str, name: str | None) -> np.ndarray:
    there = npz.arrays(file, path)
    member = there[_chosen(list(there), path, name)]
    found = npz.head_of(file, member, path)
    _affordable(found, f"{member.name.removesuffix(npz.NPY)} in {path}")
    return npz.array(file, member, found, path)


def _chosen(names: list[str], path: str, name: str | None) -> str:
    known = ", ".join(names[:20]) + ", …" * (len(names) > 20)
    if not names:
        raise RefusedError(f"{path} has no array in it. Write it with numpy.savez.")
    if name is None and len(names) > 1:
        raise RefusedError(f"{path} has {len(names)} arrays, {known}. Choose one, for instance --array {names[0]}.")
    if name is not None and name not in names:
        raise RefusedError(f"{path} has no array {name!r}, but {known}. {near(name, names, 'Choose one of them.')}")
    return names[0] if name is None else name


def _told(array: np.ndarray, path: str, dtype: str | None) -> np.ndarray:
    """The array; where the file does not tell its dtype, as NumPy's files do not of bfloat16, with the one given."""
    if array.dtype.kind in "biufc":
        return array
    try:
        wanted = None if dtype is None else jnp.dtype(dtype)
    except TypeError:
        wanted = None
    if wanted is None or wanted.itemsize != array.dtype.itemsize:
        likely = {1: "float8_e4m3fn", 2: "bfloat16"}.get(array.dtype.itemsize)
        fix = f"Add for instance --dtype {likely}." if likely else "Save it as float32."
        raise RefusedError(
            f"{path} does not tell its dtype, got {several(array.dtype.itemsize, 'byte')} a number. {fix}"
        )
    return array.view(wanted)
