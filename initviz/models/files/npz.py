"""NumPy's archives of arrays: a zip of .npy files."""

import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from initviz.models.files.npy import FIX, Head, dtype_of, head
from initviz.models.files.refusal import Place, broken, reading, wrong
from initviz.models.files.spans import number_of_bytes, size_of
from initviz.models.files.zips import Member, members, unpacking
from initviz.models.tensor import Tensor
from initviz.wording import cut, printable

NPY = ".npy"


def arrays(file: IO[bytes], place: Place) -> dict[str, Member]:
    """The members of an archive that are arrays, by the names they were saved under.

    Raises:
        ModelFileError: it is no archive that can be read.
    """
    found = members(file, place, FIX)
    return {name.removesuffix(NPY): member for name, member in found.items() if name.endswith(NPY)}


def _inside(member: Member, place: Place) -> str:
    """An array in a message."""
    return f"{cut(printable(member.name.removesuffix(NPY)))} in {place}"


def head_of(file: IO[bytes], member: Member, place: Place) -> Head:
    """What an array in an archive says of itself, which fits what the archive says of it.

    Raises:
        ModelFileError: it holds no numbers, or has more or less of them than it says.
    """
    inside = _inside(member, place)
    with unpacking(inside, FIX):
        found = head(member.open(file), inside)
    takes = found.size + number_of_bytes(found.shape, found.dtype)
    if takes != member.size:
        raise wrong(inside, f"have {takes:,} bytes, as its head says", f"{member.size:,}", FIX)
    return found


def array(file: IO[bytes], member: Member, found: Head, place: Place) -> np.ndarray:
    """The array itself.

    Raises:
        ModelFileError: it is damaged.
    """
    inside = _inside(member, place)
    with unpacking(inside, FIX):
        opened = member.open(file)
        check, left = 0, found.size
        while left and (skipped := opened.read(left)):
            check, left = zlib.crc32(skipped, check), left - len(skipped)
        numbers = found.read(opened, inside)
        if zlib.crc32(numbers.ravel("K").view(np.uint8).data, check) != member.check:
            raise broken(inside, "its bytes are not those that were saved", FIX)
        return numbers


def npz(path: Path) -> Iterator[Tensor]:
    """The tensors of an archive, in the order of their bytes.

    Raises:
        ModelFileError: it is no archive of numbers that can be read.
    """
    size_of(path)
    with reading(path), path.open("rb") as file:
        for name, member in arrays(file, path).items():
            found = head_of(file, member, path)
            dtype = dtype_of(found, _inside(member, path))
            yield Tensor(name, found.shape, dtype, partial(_read, path, member, found, dtype))


def _read(path: Path, member: Member, found: Head, dtype: np.dtype) -> np.ndarray:
    with reading(path), path.open("rb") as file:
        return array(file, member, found, path).view(dtype)
