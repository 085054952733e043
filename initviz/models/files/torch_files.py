"""What torch.save writes: a zip of a pickle and storages, or, before 2020, pickles with the storages behind them."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from initviz.models.files.pickles import tree
from initviz.models.files.rebuilt import CONVERT, Storage, View
from initviz.models.files.refusal import broken, reading, wrong
from initviz.models.files.spans import COPY, part, size_of, weights_at
from initviz.models.files.trees import leaves
from initviz.models.files.zips import members, unpacking
from initviz.models.tensor import Tensor
from initviz.wording import quoted, several

PICKLE = "/data.pkl"
LONGEST_PICKLE = 2**25
LOOSEST = 8
"""How many times its own size a tensor may be spread over in its storage."""
OLD, VERSION = 0x1950A86A20F9469CFC6C, 1001
"""How files before 2020 begin."""


def torch_zip(path: Path) -> Iterator[Tensor]:
    """The tensors of a file, in the order of its maps; names from nested maps stand between slashes.

    Raises:
        ModelFileError: it holds anything but tensors, which is named, or they do not fit into the file.
    """
    size_of(path)
    with reading(path), path.open("rb") as file:
        found = members(file, path, COPY)
        pickles = [name for name in found if name.endswith(PICKLE)]
        if len(pickles) != 1 or found[pickles[0]].size > LONGEST_PICKLE:
            got = f"{several(len(pickles), 'pickle')} in it"
            raise wrong(path, f"have one pickle of at most {LONGEST_PICKLE:,} bytes", got, CONVERT)
        folder, pickled = pickles[0].removesuffix(PICKLE), found[pickles[0]]
        with unpacking(path, COPY):
            order = found.get(f"{folder}/byteorder")
            if order and order.size < 10 and order.unpacked(file) != b"little":
                raise wrong(path, "have numbers with the little end first", "the big end first", CONVERT)
            data = pickled.unpacked(file)
    model = tree(io.BytesIO(data), path)

    def start(storage: Storage) -> int:
        member = found.get(f"{folder}/data/{storage.key}")
        takes = storage.size * storage.dtype.itemsize
        if member is None or member.deflated or member.size != takes:
            raise wrong(path, f"have {takes:,} bytes as storage {quoted(storage.key)}", "others or none", COPY)
        return member.start

    yield from _tensors(path, model, start)


def torch_old(path: Path) -> Iterator[Tensor]:
    """The tensors of a file from before 2020: four pickles, one of the storages' keys, and their numbers.

    Raises:
        ModelFileError: as of a newer one; it is a pickle of something else.
    """
    size = size_of(path)
    file = io.BytesIO(part(path, 0, LONGEST_PICKLE))
    if tree(file, path) != OLD or tree(file, path) != VERSION:
        raise wrong(path, "be of torch.save", "a pickle, in which there may be any code", CONVERT)
    system = tree(file, path)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise wrong(path, "have numbers with the little end first", "the big end first", CONVERT)
    model, keys = tree(file, path), tree(file, path)
    storages = {view.storage.key: view.storage for _, view in leaves(model, View, path)}
    starts, at = {}, file.tell()
    for key in keys if isinstance(keys, list) else []:
        storage = storages.get(key) if isinstance(key, str) else None
        if storage is None or int.from_bytes(part(path, at, 8), "little") != storage.size:
            raise broken(path, "its storages are not those of its tensors", COPY)
        starts[key] = at + 8
        at += 8 + storage.size * storage.dtype.itemsize
    if at > size or storages.keys() - starts.keys():
        raise broken(path, f"its storages take {at:,} bytes of {size:,}", COPY)
    yield from _tensors(path, model, lambda storage: starts[storage.key])


def _tensors(path: Path, model: Any, start: Callable[[Storage], int]) -> Iterator[Tensor]:
    for name, view in leaves(model, View, path):
        if view.extent > LOOSEST * np.prod(view.shape, dtype=object) + 2**17:
            raise wrong(path, f"hold {quoted(name)} close together", f"steps of {quoted(view.steps)}", CONVERT)
        at = start(view.storage) + view.offset * view.dtype.itemsize
        same = (str(path), view.storage.key, view.offset, view.shape, view.steps)
        yield Tensor(name or path.stem, view.shape, view.dtype, partial(_read, path, at, view), same=same)


def _read(path: Path, at: int, view: View) -> np.ndarray:
    flat = weights_at(path, at, (view.extent,), view.dtype)
    bytes_apart = tuple(step * view.dtype.itemsize for step in view.steps)
    return np.lib.stride_tricks.as_strided(flat, view.shape, bytes_apart, writeable=False)
