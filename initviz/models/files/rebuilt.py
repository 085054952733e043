"""What pickles of PyTorch name, all of it plain data: storages, tensors laid over them, maps."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from initviz.models.files.dtypes import STORAGES, TORCH
from initviz.models.files.refusal import Place, told, wrong
from initviz.models.files.spans import COPY, shape_of
from initviz.wording import quoted

CONVERT = (
    "Where you trust it, load it in Python and save its weights: "
    "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')."
)


@dataclass(frozen=True)
class Storage:
    """Numbers in a row: their dtype, the key that they are stored by, how many there are."""

    dtype: np.dtype
    key: str
    size: int


@dataclass(frozen=True, eq=False)
class View:
    """A tensor: a shape laid over a storage, with the steps in numbers from one index of an axis to the next."""

    storage: Storage
    dtype: np.dtype
    offset: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]

    @property
    def extent(self) -> int:
        """Numbers from its first to behind its last."""
        if 0 in self.shape:
            return 0
        return 1 + sum((size - 1) * step for size, step in zip(self.shape, self.steps, strict=True))


def _tensor(place: Place, storage: Any, offset: Any, shape: Any, steps: Any, *rest: Any) -> View:
    """`torch._utils._rebuild_tensor_v2`; the third, where bytes are told their dtype; and the first."""
    if not isinstance(storage, Storage):
        raise wrong(place, "lay tensors over storages", told(storage), CONVERT)
    dtype = rest[2] if len(rest) > 2 and isinstance(rest[2], np.dtype) else storage.dtype
    shape = shape_of(place, "a tensor", shape, dtype)
    room = storage.size * storage.dtype.itemsize // dtype.itemsize
    whole = isinstance(steps, tuple) and all(type(each) is int and each >= 0 for each in (offset, *steps))
    if not whole or len(steps) != len(shape):
        raise wrong(place, f"say how a tensor of {quoted(shape)} lies in its storage", told(steps), COPY)
    found = View(storage, dtype, offset, shape, steps)
    if math.prod(shape) > room or offset + found.extent > room:
        raise wrong(place, f"lay a tensor within its storage of {room:,} numbers", quoted(shape), CONVERT)
    return found


def _ordered(place: Place, pairs: Any = ()) -> dict[Any, Any]:
    """`collections.OrderedDict`."""
    return put({}, [each for pair in pairs for each in pair], place)


def _size(place: Place, sizes: Any = ()) -> tuple[int, ...]:
    """`torch.Size`."""
    return shape_of(place, "a tensor", sizes, np.dtype("int8"))


def put(into: Any, pairs: list[Any], place: Place) -> Any:
    """A map or list with these keys and values put into it, one after the other."""
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        if not isinstance(key, str | int | float | None):
            raise wrong(place, "have texts or numbers as keys", told(key), CONVERT)
        into[key] = value
    return into


CALLED: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": _ordered,
    "torch.Size": _size,
    **{f"torch._utils._rebuild_tensor{version}": _tensor for version in ("", "_v2", "_v3")},
    "torch._utils._rebuild_parameter": lambda place, data, *rest: data,
}
NAMES: dict[str, Any] = {
    **CALLED,
    **{f"torch.{name}": dtype for name, dtype in {**STORAGES, **TORCH}.items()},
    **{f"{module}.UntypedStorage": np.dtype("uint8") for module in ("torch", "torch.storage")},
}
"""All that a pickle may name."""
