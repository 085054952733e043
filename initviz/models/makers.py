"""What modules sum with what they hold: for each kind of layer, the role of its weight.

A weight with more axes in front than its module has of its own belongs to so many copies, as `nnx.vmap`, `nnx.scan` and
`eqx.filter_vmap` make them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from initviz.fans.by_operation import einsum
from initviz.models.tensor import BY_MODULE, Role

Axes = tuple[int, ...]


@dataclass(frozen=True)
class Held:
    """An array that a module holds."""

    module: Any
    name: str
    """Of the attribute: "kernel"."""
    shape: tuple[int, ...]
    at: str = ""
    """The attribute that the module itself is, of the one above it."""
    above: Any = None
    """The module that holds this one."""

    def role(
        self,
        kind: str,
        inputs: Axes = (),
        outputs: Axes = (),
        batch: Axes = (),
        rank: int = 2,
        forward: Fraction = Fraction(1),
        backward: Fraction = Fraction(1),
    ) -> Role | None:
        """The role of a weight with so many axes; those in front of them are copies. None where some are missing."""
        copies = len(self.shape) - rank
        if copies < 0:
            return None
        ins, outs, alone = (tuple(axis + copies for axis in axes) for axes in (inputs, outputs, batch))
        return Role(kind, ins, outs, (*range(copies), *alone), BY_MODULE, forward, backward)


Maker = Callable[[Held], Role | None]
"""Gives the role of what a module holds, if it can tell."""


def vector(kind: str) -> Maker:
    """What has no inputs."""
    return lambda held: Role(kind, known_by=BY_MODULE)


def matrix(inputs: int, outputs: int, kind: str = "Dense") -> Maker:
    """Rows and columns."""
    return lambda held: held.role(kind, (inputs,), (outputs,))


def table(held: Held) -> Role | None:
    """Rows of which one is picked, so that nothing is summed."""
    return held.role("Embedding", (), (1,), (0,))


def token(held: Held) -> Role | None:
    """A row that is put before others, of shape (1, 1, features)."""
    return held.role("Embedding", (), (2,), (0, 1), rank=3)


def projection(inputs: int, outputs: int) -> Maker:
    """A matrix of attention: its output merges the heads, all others split them."""

    def make(held: Held) -> Role | None:
        attention = any("Attention" in cls.__name__ for cls in type(held.above).__mro__)
        kind = "AttentionOutput" if held.at.startswith(("out", "output")) else "AttentionProjection"
        return held.role(kind if attention else "Dense", (inputs,), (outputs,))

    return make


def _product(size: Any) -> int:
    """The product of what one number, several or none say of each axis."""
    return 1 if size is None else size if isinstance(size, int) else math.prod(size)


def _share(module: Any, taps: int, *names: str) -> Fraction:
    """One part of so many, which a module says under one of these names, for all axes or for each."""
    size = next((getattr(module, name) for name in names if hasattr(module, name)), None)
    return Fraction(1, size**taps if isinstance(size, int) else _product(size))


def convolution(last: bool) -> Maker:
    """A convolution of any rank whose channels are the last axes, as in flax, or the first ones, as in PyTorch."""

    def make(held: Held) -> Role | None:
        taps, inputs = len(held.module.kernel_size), _channels(held.module)
        groups = getattr(held.module, "groups", getattr(held.module, "feature_group_count", 1))
        stride = _share(held.module, taps, "stride", "strides")
        kind = "DepthwiseConv" if 1 < groups == inputs else "Conv"
        axes = (taps, taps + 1) if last else (1, 0)
        return held.role(kind, axes[:1], axes[1:], rank=taps + 2, backward=stride / groups)

    return make


def _channels(module: Any) -> int:
    return next(getattr(module, name) for name in ("in_features", "in_channels") if hasattr(module, name))


def transposed(held: Held) -> Role | None:
    """flax's transposed convolution."""
    taps = len(held.module.kernel_size)
    inputs, outputs = (taps + 1, taps) if held.module.transpose_kernel else (taps, taps + 1)
    return held.role("ConvTranspose", (inputs,), (outputs,), rank=taps + 2,
                     forward=_share(held.module, taps, "strides"))  # fmt: skip


def transposed_inputs_first(held: Held) -> Role | None:
    """PyTorch's transposed convolution: (inputs, outputs / groups, *taps)."""
    taps = len(held.module.kernel_size)
    forward = _share(held.module, taps, "stride") / held.module.groups
    return held.role("ConvTranspose", (0,), (1,), rank=taps + 2, forward=forward)


def transposed_outputs_first(held: Held) -> Role | None:
    """Equinox's transposed convolution: (outputs, inputs / groups, *taps)."""
    taps = len(held.module.kernel_size)
    stride = _share(held.module, taps, "stride")
    return held.role("ConvTranspose", (1,), (0,), rank=taps + 2, forward=stride,
                     backward=Fraction(1, held.module.groups))  # fmt: skip


def linear(held: Held) -> Role | None:
    """flax's Linear, which in a recurrent cell may be the one that reads the hidden state."""
    recurrent = any(cls.__name__ == "RNNCellBase" for cls in type(held.above).__mro__)
    return held.role("Recurrent" if recurrent and held.at in HIDDEN else "Dense", (0,), (1,))


HIDDEN = {"hi", "hf", "hg", "ho", "hr", "hz", "hn", "dense_h"}
"""Names that cells of flax give to what reads the hidden state."""


def linear_general(held: Held) -> Role | None:
    """flax's Linear over several axes: of copies, of inputs, of outputs."""
    sizes = len(held.module.batch_axis), len(held.module.in_features), len(held.module.out_features)
    batch, inputs, outputs = sizes
    ends = batch, batch + inputs, batch + inputs + outputs
    heads = {(1, 2): "AttentionProjection", (2, 1): "AttentionOutput"}
    attention = any("Attention" in cls.__name__ for cls in type(held.above).__mro__)
    kind = heads.get((inputs, outputs), "Dense") if attention else "Dense"
    return held.role(kind, tuple(range(batch, ends[1])), tuple(range(*ends[1:])), tuple(range(batch)), rank=ends[2])


def by_equation(held: Held) -> Role | None:
    """flax's Einsum, whose equation may be given only when it is called."""
    kernel, equation = tuple(held.module.kernel_shape), held.module.einsum_str
    try:
        letters = equation.split("->")[0].split(",")[1].strip()
        found = einsum(equation, dict(zip(letters, kernel, strict=True)))
    except (AttributeError, IndexError, ValueError):
        return None
    return held.role("Einsum", found.axes("in"), found.axes("out"), found.axes("batch"), len(kernel), found.forward)


def bilinear(held: Held) -> Role | None:
    """PyTorch's product of two inputs: (outputs, inputs, inputs)."""
    return held.role("Einsum", (1, 2), (0,), rank=3)
