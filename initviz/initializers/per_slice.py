"""A number for each slice of a stacked kernel."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from initviz.settings.texts import number_code
from initviz.wording import quoted


class PerSlice(tuple[Any, ...]):
    """One number for each slice along the stacked axis of a kernel, be it of layers or of experts.

    It is spread once the shape is known: along the `batch_axis` of the initializer, in a study along the axis that the
    layer keeps apart. An array says itself along which axis it differs, as in jax.

    >>> from initviz import Study
    >>> from initviz.layers import Stack
    >>> study = Study("normal", layer=Stack(depth=3), stddev=PerSlice(1, 1/2, 1/4))
    >>> study.question.initializer
    normal(stddev=[[[1.0]], [[0.5]], [[0.25]]])
    """

    def __new__(cls, *numbers: float | complex) -> "PerSlice":
        """Of these numbers.

        Raises:
            TypeError: one of them is no number, or not known yet, as under `jax.jit`.
        """
        for each in numbers:
            if not _is_number(each):
                raise TypeError(
                    f"PerSlice takes a known number for each slice, got {quoted(each)}. Pass for instance "
                    "PerSlice(1, 0.5), or an array that says along which axis it differs, such as "
                    "jax.numpy.array(...)[:, None, None], without PerSlice."
                )
        return super().__new__(cls, numbers)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        return f"PerSlice({', '.join(map(number_code, self))})"

    __str__ = __repr__

    def along(self, axis: int, rank: int) -> np.ndarray:
        """As an array that broadcasts along an axis of a tensor with so many."""
        return np.array(self).reshape([-1 if each == axis else 1 for each in range(rank)])


def _is_number(value: Any) -> bool:
    """Whether it is one real or complex number of any library."""
    if isinstance(value, jax.core.Tracer | list | tuple) or np.ndim(value):
        return False
    dtype = value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype
    return bool(jnp.issubdtype(dtype, np.number) or jnp.issubdtype(dtype, np.bool_))
