"""Arrays of jax, NumPy and PyTorch as tensors of a model; PyTorch is known by its names and never imported."""

import math
import sys
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np

from initviz.models.tensor import Tensor

AS_BITS = {
    "bfloat16": ("int16", ml_dtypes.bfloat16),
    "float8_e4m3fn": ("uint8", ml_dtypes.float8_e4m3fn),
    "float8_e4m3fnuz": ("uint8", ml_dtypes.float8_e4m3fnuz),
    "float8_e5m2": ("uint8", ml_dtypes.float8_e5m2),
    "float8_e5m2fnuz": ("uint8", ml_dtypes.float8_e5m2fnuz),
    "float8_e8m0fnu": ("uint8", ml_dtypes.float8_e8m0fnu),
}
"""Dtypes of PyTorch that NumPy lacks: the integer their bits are read as, and the dtype that they then are."""
NO_WEIGHTS_YET = "model must have weights, got none yet at {path}: {what}. {fix}"


def from_torch(value: Any) -> bool:
    """Whether a value, or a class that it is made from, is PyTorch's."""
    return any(cls.__module__.partition(".")[0] == "torch" for cls in type(value).__mro__)


def is_torch_tensor(value: Any) -> bool:
    """Whether it is a tensor of PyTorch, or a parameter."""
    return from_torch(value) and hasattr(value, "detach") and hasattr(value, "data_ptr")


def is_array(value: Any) -> bool:
    """Whether it is an array of jax, NumPy or PyTorch, with values or without."""
    return isinstance(value, np.ndarray | jax.Array | jax.ShapeDtypeStruct) or is_torch_tensor(value)


def tensor_at(path: str, value: Any) -> Tensor | None:
    """An array as the tensor of a model; None for PRNG keys, and for arrays of anything but numbers.

    Raises:
        ValueError: the array has no values yet.
    """
    if is_torch_tensor(value):
        return _of_torch(path, value)
    if isinstance(value, jax.ShapeDtypeStruct | jax.core.Tracer):
        what = f"a {type(value).__name__} of shape {value.shape}"
        fix = "Build the model without jax.eval_shape, nnx.eval_shape or jax.jit around this call."
        raise ValueError(NO_WEIGHTS_YET.format(path=path or "its root", what=what, fix=fix))
    if isinstance(value, np.ndarray):
        if value.dtype != bool and not jnp.issubdtype(value.dtype, np.number):
            return None
        same = (value.__array_interface__["data"][0], value.shape, value.strides) if value.size else None
        return Tensor(path, value.shape, value.dtype, lambda: np.asarray(value), same=same)
    if jnp.issubdtype(value.dtype, jax.dtypes.prng_key) or (value.dtype == np.uint32 and value.shape == (2,)):
        return None
    if value.is_deleted():
        fix = "Pass the model that the last step of training returned: its old arrays were donated."
        raise ValueError(NO_WEIGHTS_YET.format(path=path, what="an array that was deleted", fix=fix))
    return Tensor(path, value.shape, np.dtype(value.dtype), lambda: np.asarray(value), same=id(value))


def _of_torch(path: str, value: Any) -> Tensor | None:
    kind = type(value).__name__
    lazy = kind.startswith("Uninitialized")
    if lazy or value.is_meta or kind == "FakeTensor":
        what, fix = (
            (f"an {kind}", "Run one batch through the lazy module first.")
            if lazy
            else ("a tensor on the meta device", "Build the model outside torch.device('meta') and initialize it.")
        )
        raise ValueError(NO_WEIGHTS_YET.format(path=path, what=what, fix=fix))
    dtype = torch_dtype(value)
    if dtype is None:
        return None
    shape = tuple(value.shape)
    strided = math.prod(shape) and str(value.layout) == "torch.strided"
    same = (value.device, value.data_ptr(), shape, value.stride()) if strided else None
    return Tensor(path, shape, dtype, lambda: read_torch(value), same=same)


def torch_dtype(value: Any) -> np.dtype | None:
    """NumPy's name for a dtype of PyTorch; None for one of packed or quantized numbers."""
    name = str(value.dtype).removeprefix("torch.")
    if name in AS_BITS:
        return np.dtype(AS_BITS[name][1])
    try:
        return np.dtype(name)
    except TypeError:
        return None


def read_torch(value: Any) -> np.ndarray:
    """A tensor of PyTorch as an array with the same bits, from whatever device, apart from gradients.

    One on the CPU is not copied.
    """
    value = value.detach()
    if hasattr(value, "full_tensor"):  # of several machines
        value = value.full_tensor()
    value = value.to_dense() if str(value.layout) != "torch.strided" else value
    value = value.resolve_conj().resolve_neg().cpu()
    name = str(value.dtype).removeprefix("torch.")
    if name not in AS_BITS:
        return value.numpy()
    integer, dtype = AS_BITS[name]
    bits = value.reshape(-1).view(getattr(sys.modules["torch"], integer)).numpy()
    return bits.view(dtype).reshape(tuple(value.shape))
