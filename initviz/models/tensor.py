"""One tensor of a model: where it is, what shape it has, what its axes are, and how its weights are read."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from initviz.fans.by_shape import Fans, count_fans

BY_MODULE, BY_NAME, BY_SHAPE = "module", "name", "shape"
"""How what a tensor is for is known, from the surest to the least sure."""


@dataclass(frozen=True)
class Role:
    """What a tensor is for: the kind of weight, and which of its axes are inputs, outputs and independent copies.

    Axes that are named in none of the three are taps, as in `fans.by_shape`.
    """

    kind: str
    """One of `roles.KINDS`: "Dense", "Conv", "Embedding", "bias", "norm scale", …"""
    in_axes: tuple[int, ...] = ()
    out_axes: tuple[int, ...] = ()
    batch_axes: tuple[int, ...] = ()
    known_by: str = BY_SHAPE
    """`BY_MODULE`, `BY_NAME` or `BY_SHAPE`."""
    forward: Fraction = Fraction(1)
    """Share of inputs × taps that one output sums, as in `by_operation.Contraction`: strides of transposed ones."""
    backward: Fraction = Fraction(1)
    """Share of outputs × taps that one input feeds: groups and strides, which no axis tells."""

    def fans(self, shape: tuple[int, ...]) -> Fans | None:
        """Those of weights of this shape by what its axes are for, as jax counts them; None where none are outputs."""
        if not self.out_axes or 0 in shape:
            return None
        return count_fans(shape, self.in_axes, self.out_axes, self.batch_axes)


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor of a model, compared by identity."""

    path: str
    """Names from the root, between slashes: "h/0/attn/c_proj/kernel"."""
    shape: tuple[int, ...]
    dtype: np.dtype
    """As stored; bfloat16 and float8 are those of ml_dtypes, which jax brings."""
    read: Callable[[], np.ndarray]
    """Gives the weights, those of a file anew each time, so that no two need be in memory together."""
    holder: str = ""
    """Class of the module that holds it, such as "flax.nnx.Linear"; empty where only names are known."""
    role: Role | None = None
    """What it is for, where its holder says so; else `roles.role_of` tells by name and shape."""
    same: object = None
    """Equal, and not None, for two paths that share one array in memory: they are tied."""
