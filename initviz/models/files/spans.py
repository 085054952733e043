"""Weights between two bytes of a file, which are read when they are asked for, and the shapes that fit there."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from initviz.models.files.refusal import Place, reading, told, wrong
from initviz.wording import quoted, several

MOST_AXES = 32
LARGEST_BYTES = 2**62
"""More than any disk has: what NumPy can count with."""
PIECE = 2**24
"""Bytes that are read at a time: what is unpacked from a file takes as much memory beside the array."""
COPY = "Copy or download it again."


def size_of(path: Path) -> int:
    """Bytes of a file, which must be a plain one: a pipe would be waited for, a device has no end."""
    with reading(path):
        if not path.exists():
            raise FileNotFoundError
        if not path.is_file():
            got = "a folder" if path.is_dir() else "a device or a pipe"
            raise wrong(path, "be a plain file", got, "Name a file.")
        return path.stat().st_size


def part(path: Path, start: int, size: int) -> bytes:
    """At most so many bytes of a file from one on."""
    with reading(path), path.open("rb") as file:
        file.seek(start)
        return file.read(size)


def shape_of(path: Place, name: Any, sizes: Any, dtype: np.dtype) -> tuple[int, ...]:
    """Sizes that a stranger has written, as a shape.

    Raises:
        ModelFileError: they are none.
    """
    few = isinstance(sizes, list | tuple) and len(sizes) <= MOST_AXES
    whole = few and all(type(size) is int and 0 <= size < LARGEST_BYTES for size in sizes)
    if not whole or math.prod(max(size, 1) for size in sizes) * dtype.itemsize > LARGEST_BYTES:
        raise wrong(path, f"give whole sizes of {quoted(name)}", told(sizes), COPY)
    return tuple(sizes)


def number_of_bytes(shape: tuple[int, ...], dtype: np.dtype) -> int:
    """What weights of this shape take."""
    return math.prod(shape) * dtype.itemsize


def fill(array: np.ndarray, file: IO[bytes], path: Place) -> np.ndarray:
    """An array of which the bytes are those that a file goes on with.

    Raises:
        ModelFileError: there are too few.
    """
    bytes_left = array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")
    while bytes_left:
        got = file.readinto(bytes_left[:PIECE])  # type: ignore[attr-defined]
        if not got:
            raise wrong(path, f"go on for {several(len(bytes_left), 'byte')}", "its end", COPY)
        bytes_left = bytes_left[got:]
    return array


def weights_at(path: Path, start: int, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """The weights that stand from a byte of a file on, in memory.

    They are not mapped: a file that somebody shortens meanwhile would end the process.
    """
    with reading(path), path.open("rb", buffering=0) as file:
        file.seek(start)
        return fill(np.empty(shape, dtype), file, path)


def later(path: Path, start: int, shape: tuple[int, ...], dtype: np.dtype) -> Callable[[], np.ndarray]:
    """A function that reads these weights."""
    return partial(weights_at, path, start, shape, dtype)
