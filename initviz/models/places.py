"""Where a page may read files of models by their path: nowhere, until whoever serves it has named a folder."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from initviz.models.files import ModelFileError, tensors_in
from initviz.models.files.refusal import wrong
from initviz.models.tensor import Tensor
from initviz.wording import cut, near, quoted

_folder: Path | None = None
MOST = 200
"""Names that are looked through for the one that was meant."""


def open_folder(folder: str | Path | None) -> None:
    """Let pages of this process read models in this folder and below it.

    Raises:
        ValueError: there is no such folder.
    """
    global _folder
    found = None if folder is None else Path(folder).expanduser()
    if found is not None and not found.is_dir():
        raise ValueError(f"the folder of models must be there, got {quoted(str(folder))}. Name another one.")
    _folder = found and found.resolve()


def is_open() -> bool:
    """Whether there is such a folder."""
    return _folder is not None


def path_of(name: str) -> Path:
    """The file or folder that is called so there, which may be the whole path.

    Raises:
        ValueError: it is not in there, or leads out of it.
    """
    if _folder is None:
        raise ValueError(
            "a folder of models must be named to open files by path, got none. Start initviz --models FOLDER."
        )
    try:
        path = (_folder / name).resolve()
        inside, there = path.is_relative_to(_folder), path.exists()
    except (OSError, ValueError, RuntimeError):  # no name of a file, a link to itself
        inside = there = False
    if not inside or not there:
        some: list[str] = []
        with suppress(OSError):  # it is gone, or closed to this server
            some = sorted(each.name for each in _folder.iterdir() if not each.name.startswith("."))[:MOST]
        listed = f"There is for instance {cut(', '.join(some[:5]))}." if some else "It is empty."
        raise ValueError(
            f"the path must be in the folder of models, got {quoted(name)}, which is not. {near(name, some, listed)}"
        )
    return path


def tensors_at(path: Path, most: float = math.inf) -> tuple[Tensor, ...]:
    """The tensors of a file or folder, of which no message tells where on this machine it is.

    Args:
        path: of the file or folder.
        most: bytes of all tensors together: a file that is packed may hold a thousand times its size.

    Raises:
        ModelFileError: it is no model, or cannot be read on; the message says what to do.
    """
    hidden = str(path.parent) + os.sep

    def read_of(tensor: Tensor) -> Tensor:
        def read() -> np.ndarray:
            with _without(hidden):
                return tensor.read()

        return replace(tensor, read=read)

    with _without(hidden):
        found = tensors_in(path)
        size = sum(math.prod(tensor.shape) * tensor.dtype.itemsize for tensor in found)
        if size > most:
            raise wrong(path, f"hold at most {most:,} bytes of weights here", f"{size:,}", "Audit it where it is.")
        return tuple(map(read_of, found))


@contextmanager
def _without(folder: str) -> Iterator[None]:
    try:
        yield
    except ModelFileError as error:
        raise ModelFileError(str(error).replace(folder, "")) from None
