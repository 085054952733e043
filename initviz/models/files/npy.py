"""The head of NumPy's own files: shape, dtype, order. Read by its few words, not as Python, which nesting can crash.

Format: NumPy, `numpy.lib.format`, versions 1 to 3.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from initviz.models.files.dtypes import NAMED
from initviz.models.files.refusal import ModelFileError, Place, broken, reading, wrong
from initviz.models.files.spans import fill, number_of_bytes, shape_of, size_of
from initviz.models.tensor import Tensor
from initviz.wording import cut, printable, several

MAGIC = b"\x93NUMPY"
FIX = "Write it with numpy.save."
LONGEST = 10_000
"""Characters that NumPy, too, reads of a head."""
DIGITS = 19
"""Of the largest size that can be."""
_WORDS = {"descr": r"'([^']*)'|(\[.*\])", "fortran_order": "(True|False)", "shape": r"\(([\d, ]*)\)"}


@dataclass(frozen=True)
class Head:
    """What an array says of itself, and how many bytes it takes to say so."""

    shape: tuple[int, ...]
    dtype: np.dtype
    turned: bool
    """Whether the first axis runs fastest."""
    size: int

    def read(self, file: IO[bytes], place: Place) -> np.ndarray:
        """The numbers, which a file goes on with."""
        if self.turned:
            return fill(np.empty(self.shape[::-1], self.dtype), file, place).T
        return fill(np.empty(self.shape, self.dtype), file, place)


def head(file: IO[bytes], place: Place) -> Head:
    """The head of an array of numbers that a file goes on with.

    Raises:
        ModelFileError: it has none, or one of something else than numbers.
    """
    begin = _exactly(file, len(MAGIC) + 2, place)
    if not begin.startswith(MAGIC) or begin[-2] not in (1, 2, 3):
        raise broken(place, "it does not begin as an array", FIX)
    counted = _exactly(file, 2 if begin[-2] == 1 else 4, place)
    length = int.from_bytes(counted, "little")
    if length > LONGEST:
        raise wrong(place, f"have a head of at most {LONGEST:,} bytes", f"{length:,}", FIX)
    text = _exactly(file, length, place).decode("latin1")
    said = {name: re.search(rf"['\"]{name}['\"]\s*:\s*(?:{word})", text) for name, word in _WORDS.items()}
    missing = [name for name, found in said.items() if found is None]
    if missing:
        raise broken(place, f"its head does not say {' and '.join(missing)}", FIX)
    simple, records = said["descr"].groups()  # type: ignore[union-attr]
    dtype = _numbers(simple, records, place)
    sizes = re.findall(r"\d+", said["shape"][1])  # type: ignore[index]
    if any(len(each) > DIGITS for each in sizes):
        raise wrong(place, "have sizes that a file can hold", cut(sizes[0]), FIX)
    shape = shape_of(place, "the array", [int(each) for each in sizes], dtype)
    return Head(shape, dtype, said["fortran_order"][1] == "True", len(begin) + len(counted) + length)  # type: ignore[index]


def _numbers(simple: str | None, records: str | None, place: Place) -> np.dtype:
    """The dtype of an array of numbers."""
    if records is not None or simple is None:
        names = printable(", ".join(re.findall(r"\(\s*'([^']*)'", records or "")))
        raise wrong(place, "hold one array of numbers", f"records of {cut(names)}", "Save one.")
    if re.fullmatch(r"[<>|=]?O\d*", simple):
        raise ModelFileError(
            f"{printable(str(place))} holds Python objects, which are not read. Save an array of numbers."
        )
    if simple in NAMED:
        return NAMED[simple]
    if not re.fullmatch(r"[<>|=]?[biufcV?]\d{0,2}", simple):
        raise wrong(place, "hold numbers", f"the dtype {cut(printable(simple))}", "Save an array of numbers.")
    try:
        return np.dtype(simple)
    except (TypeError, ValueError):
        raise wrong(place, "hold numbers", f"the dtype {simple}", "Save an array of numbers.") from None


def _exactly(file: IO[bytes], size: int, place: Place) -> bytes:
    found = b""
    while len(found) < size:
        more = file.read(size - len(found))
        if not more:
            raise broken(place, f"EOF: its head goes on for {several(size - len(found), 'byte')}", FIX)
        found += more
    return found


def dtype_of(found: Head, place: Place) -> np.dtype:
    """The dtype; of two bytes without a name it is bfloat16, the only such number that NumPy writes without one.

    Raises:
        ModelFileError: the file does not tell it.
    """
    if found.dtype.kind != "V":
        return found.dtype
    if found.dtype.itemsize == 2:
        return NAMED["bfloat16"]
    size = several(found.dtype.itemsize, "byte")
    raise ModelFileError(f"{printable(str(place))} does not tell its dtype, got {size} a number. Save it as float32.")


def npy(path: Path) -> Iterator[Tensor]:
    """The one tensor of a .npy file, by the name of the file.

    Raises:
        ModelFileError: it is none of numbers, or longer or shorter than its head says.
    """
    size = size_of(path)
    with reading(path), path.open("rb") as file:
        found = head(file, path)
    dtype, takes = dtype_of(found, path), found.size + number_of_bytes(found.shape, found.dtype)
    if takes != size:
        raise wrong(path, f"have {takes:,} bytes, as its head says", f"{size:,}", FIX)
    yield Tensor(path.stem, found.shape, dtype, partial(_read, path, found, dtype))


def _read(path: Path, found: Head, dtype: np.dtype) -> np.ndarray:
    with reading(path), path.open("rb", buffering=0) as file:
        file.seek(found.size)
        return found.read(file, path).view(dtype)
