"""What people bring as weights, as one NumPy array of numbers; anything else is told what to pass."""

from collections.abc import Mapping
from types import FunctionType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from initviz.initializers.base import Initializer
from initviz.wording import several

WIDEST = {np.dtype(np.longdouble): np.dtype(np.float64), np.dtype(np.clongdouble): np.dtype(np.complex128)}
"""Dtypes that only NumPy has, and what they are computed in."""


def as_array(weights: Any) -> np.ndarray:
    """The weights as a NumPy array, of the dtype they have; without a copy where they are in this machine's memory.

    Takes NumPy and jax arrays, numbers and nested lists of them, and what has `__array__` or `__jax_array__`.

    Raises:
        TypeError: they are no array of numbers; the message says what to pass instead.
    """
    _refuse_others(weights)
    if hasattr(weights, "__jax_array__"):  # a variable of flax
        weights = weights.__jax_array__()
    if isinstance(weights, np.ma.MaskedArray) and np.ma.is_masked(weights):
        raise TypeError(
            f"weights must have no mask, got {np.ma.count_masked(weights):,} masked of {weights.size:,}. "
            "Pass weights.compressed() to leave them out, or weights.filled(0)."
        )
    try:
        array = np.asarray(weights)
    except Exception as refusal:  # whatever the library of the array raises
        raise TypeError(
            f"weights must be readable as a NumPy array, got {_kind(weights)}, which says: {_first_line(refusal)} "
            "Convert it first; of PyTorch pass tensor.detach().float().cpu().numpy()."
        ) from refusal
    if array.dtype.kind in "mM" or (array.dtype != bool and not jnp.issubdtype(array.dtype, np.number)):
        raise TypeError(f"weights must be numbers, got {_kind(weights)} of dtype {array.dtype}. {_instead(weights)}")
    return array.astype(WIDEST[array.dtype]) if array.dtype in WIDEST else array


def _refuse_others(weights: Any) -> None:
    if isinstance(weights, jax.Array) and _is_key(weights):
        raise TypeError(
            "weights must be an array, got a PRNG key. Draw with it first, for instance he_normal()(key, (256, 256))."
        )
    if isinstance(weights, Mapping):
        raise TypeError(
            f"weights must be one array, got {_kind(weights)} of {len(weights)}. "
            "Pass each by itself, for instance those of jax.tree.leaves(weights)."
        )
    if isinstance(weights, list | tuple) and any(np.ndim(getattr(each, "shape", None) or 0) for each in weights):
        raise TypeError(
            f"weights must be one array, got {_kind(weights)} of {several(len(weights), 'array')}. "
            "Pass each by itself, or np.stack(weights) if they are one tensor."
        )
    if isinstance(weights, Initializer | str | FunctionType):
        raise TypeError(
            f"weights come first, then the initializer, got {_kind(weights)}. Write check(weights, he_normal())."
        )


def _instead(weights: Any) -> str:
    """What to pass in place of what holds no numbers itself."""
    if hasattr(weights, "kernel"):  # a layer of flax
        return "Pass its kernel alone."
    return "Pass an array of numbers, for instance np.asarray(values, float)."


def _is_key(array: jax.Array) -> bool:
    """A key, new-style or legacy, which nobody has as weights."""
    legacy = array.dtype == np.uint32 and array.shape == (2,)
    return legacy or jnp.issubdtype(array.dtype, jax.dtypes.prng_key)


def _kind(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _first_line(refusal: Exception) -> str:
    text = (str(refusal).strip().splitlines() or [type(refusal).__name__])[0]
    return text if text.endswith(".") else f"{text}."
