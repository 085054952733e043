"""Checkpoints of orbax: folders of zarr arrays, each in files of its own or all in a database, OCDBT.

They are read by tensorstore, which orbax itself reads them with: it runs nothing of what it reads. What it is told to
allocate is looked at before.
"""

import math
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from initviz.models.files.dtypes import NAMED
from initviz.models.files.refusal import ModelFileError, broken, reading, wrong
from initviz.models.files.spans import COPY, part, shape_of, size_of
from initviz.models.files.strict_json import LARGEST_JSON, json_object
from initviz.models.tensor import Tensor
from initviz.wording import printable, quoted

DATABASE, NAMES = "manifest.ocdbt", "_METADATA"
HEADS = {".zarray": "zarr", "zarr.json": "zarr3"}
"""Drivers by the file that describes an array."""
MOST_FILES = 1_000_000
DENSEST = 2000
"""How many times all its files an array of a checkpoint may be: zstd packs zeros without bound."""
WITHOUT = "Save it from there with safetensors.flax.save_file, or pip install orbax-checkpoint."


def checkpoints(folder: Path, deep: int = 2) -> list[Path]:
    """The folders that are checkpoints: this one, or those in it, such as its steps and their items."""
    with reading(folder):
        if (folder / DATABASE).is_file() or (folder / NAMES).is_file():
            return [folder]
        inside = sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())
        if any((each / head).is_file() for each in inside for head in HEADS):
            return [folder]
    return [found for each in inside if deep for found in checkpoints(each, deep - 1)]


def orbax(folder: Path) -> Iterator[Tensor]:
    """The arrays of a checkpoint in the order of their names, which stand between slashes.

    Raises:
        ModelFileError: tensorstore is missing; the checkpoint is none, or promises more than it can hold.
    """
    try:
        import tensorstore
    except ImportError:
        raise wrong(folder, "be read with tensorstore", "a Python without it", WITHOUT) from None
    most = DENSEST * _size(folder) + 2**20
    base = {"driver": "file", "path": f"{folder.resolve().as_posix()}/"}
    store = {"driver": "ocdbt", "base": base} if (folder / DATABASE).is_file() else base
    context = tensorstore.Context({"cache_pool": {"total_bytes_limit": 0}, "data_copy_concurrency": {"limit": 2},
                                   "file_io_concurrency": {"limit": 2}})  # fmt: skip
    keys = _asked(folder, lambda: tensorstore.KvStore.open(store, context=context).result().list().result())
    names = _names(folder)
    for key in sorted(keys):
        path, _, head = key.decode(errors="surrogateescape").rpartition("/")
        if head in HEADS and path:
            spec = {"driver": HEADS[head], "kvstore": {**store, "path": f"{store.get('path', '')}{path}/"}}
            array = _asked(folder, partial(_opened, tensorstore, spec, context))
            name = names.get(path, path.replace(".", "/"))
            shape, dtype = _checked(folder, name, array, most)
            yield Tensor(name, shape, dtype, partial(_asked, folder, partial(_read, array)))


def _opened(tensorstore: Any, spec: dict[str, Any], context: Any) -> Any:
    return tensorstore.open(spec, context=context, open=True, read=True).result()


def _read(array: Any) -> np.ndarray:
    return np.asarray(array.read().result())


def _asked(folder: Path, ask: Any) -> Any:
    """What tensorstore answers; whatever it raises as a message."""
    try:
        with reading(folder):
            return ask()
    except ModelFileError:
        raise
    except Exception as error:  # it promises no kinds
        raise broken(folder, str(error).replace(f"{folder.resolve().as_posix()}/", ""), COPY) from None


def _checked(folder: Path, name: str, array: Any, most: int) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype of an array that takes no more memory than its checkpoint can fill."""
    dtype = NAMED.get(array.dtype.name)
    if dtype is None:
        raise wrong(folder, f"have {quoted(name)} of numbers", quoted(array.dtype.name), "Save it as float32.")
    shape = shape_of(folder, name, tuple(map(int, array.shape)), dtype)
    chunk = tuple(size or 1 for size in array.chunk_layout.read_chunk.shape or ())
    if max(math.prod(shape), math.prod(chunk)) * dtype.itemsize > most:
        got = f"the shape {quoted(shape)}, in chunks of {quoted(chunk)}"
        raise wrong(folder, f"have {quoted(name)} of at most {most:,} bytes, {DENSEST} times its files", got, COPY)
    return shape, dtype


def _size(folder: Path) -> int:
    """Bytes of all files of a checkpoint, which are plain ones that lie in it."""
    total, count = 0, 0
    root = folder.resolve()
    for place, folders, files in os.walk(root):
        for name in [*folders, *files]:
            each, count = Path(place, name), count + 1
            if root not in each.resolve().parents or not (each.is_file() or each.is_dir()) or count > MOST_FILES:
                fix = "Copy all of it into one folder."
                raise wrong(folder, f"have at most {MOST_FILES:,} plain files of its own", printable(name), fix)
            total += each.stat().st_size if each.is_file() else 0
    return total


def _names(folder: Path) -> dict[str, str]:
    """Paths by the names in the store, where dots in names and between them look alike."""
    file = folder / NAMES
    if not file.is_file() or size_of(file) > LARGEST_JSON:
        return {}
    found = json_object(part(file, 0, LARGEST_JSON), file, "its text").get("tree_metadata", {})
    names = {}
    for entry in found.values() if isinstance(found, dict) else ():
        keys = entry.get("key_metadata") if isinstance(entry, dict) else None
        words = [str(each.get("key")) for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []
        names[".".join(words)] = "/".join(words)
    return names
