"""Fans: how many inputs feed one output and how many outputs one input feeds, counted from a shape and its axes."""

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from initviz.wording import cut, quoted

Axis = int | Sequence[int]


class NegativeSizeError(TypeError, ValueError):
    """A shape with a negative size: jax raises TypeError for most initializers and ValueError for orthogonal."""


def canonical_shape(shape: int | Iterable[int]) -> tuple[int, ...]:
    """A shape as a tuple of non-negative Python integers; one integer stands for a vector, as in `jax.numpy.zeros`.

    Raises:
        TypeError: a size is not a concrete integer.
        NegativeSizeError: a size is negative.
    """
    try:
        sizes = (
            tuple(operator.index(size) for size in shape) if hasattr(shape, "__iter__") else (operator.index(shape),)
        )
    except TypeError:
        raise TypeError(
            f"Shapes must be 1D sequences of concrete values of integer type, got {cut(str(shape))}. "
            "Write whole numbers, such as (256, 128)."
        ) from None
    if any(size < 0 for size in sizes):
        raise NegativeSizeError(
            f"shape must have every element be nonnegative, got {sizes} (negative dimensions are not allowed). "
            "Use sizes of at least 1."
        )
    return sizes


def canonical_axes(axis: Axis, rank: int, name: str = "axis") -> tuple[int, ...]:
    """Axes as a tuple counted from the front: (-1, 3) -> (2,).

    Raises:
        TypeError: an axis is not an integer.
        IndexError: an axis does not exist in a tensor of that rank.
    """
    try:
        axes = tuple(operator.index(a) for a in axis) if hasattr(axis, "__iter__") else (operator.index(axis),)
    except TypeError:
        raise TypeError(
            f"{name} must be an integer or a sequence of integers (tuple indices must be integers), "
            f"got {quoted(axis)}. Write for instance -2 or (0, 1)."
        ) from None
    for a in axes:
        if not -rank <= a < rank:
            raise IndexError(
                f"{name} = {axis!r}: tuple index out of range for a shape with {rank} "
                f"{'axis' if rank == 1 else 'axes'}. Choose from {-rank} to {rank - 1}."
                if rank
                else f"{name} = {axis!r}: tuple index out of range, a scalar has no axes. Pass {name}=()."
            )
    return tuple(a % rank for a in axes)


@dataclass(frozen=True)
class Mode:
    """A rule that makes one number n of the two fans."""

    formula: str
    numbers: str
    rule: Callable[[float, float], float]


MODES = {
    "fan_in": Mode(r"n = n_\mathrm{in}", "{fan_in}", lambda fan_in, fan_out: fan_in),
    "fan_out": Mode(r"n = n_\mathrm{out}", "{fan_out}", lambda fan_in, fan_out: fan_out),
    "fan_avg": Mode(
        r"n = \frac{n_\mathrm{in} + n_\mathrm{out}}{2}",
        r"\frac{{{fan_in} + {fan_out}}}{{2}}",
        lambda fan_in, fan_out: (fan_in + fan_out) / 2,
    ),
    "fan_geo_avg": Mode(
        r"n = \sqrt{n_\mathrm{in} \, n_\mathrm{out}}",
        r"\sqrt{{{fan_in} \cdot {fan_out}}}",
        lambda fan_in, fan_out: (fan_in * fan_out) ** 0.5,
    ),
}


@dataclass(frozen=True)
class Fans:
    """The fans of a weight tensor and the axes they were counted on. Axes count from the front."""

    shape: tuple[int, ...]
    in_axes: tuple[int, ...]
    out_axes: tuple[int, ...]
    batch_axes: tuple[int, ...]

    def __str__(self) -> str:
        return f"fan_in {self.fan_in:,.10g}, fan_out {self.fan_out:,.10g}"

    def _size(self, axes: tuple[int, ...]) -> int:
        return math.prod(self.shape[a] for a in axes)

    @property
    def in_size(self) -> int:
        """Product of the input axes."""
        return self._size(self.in_axes)

    @property
    def out_size(self) -> int:
        """Product of the output axes."""
        return self._size(self.out_axes)

    @property
    def batch_size(self) -> int:
        """Product of the batch axes: independent copies, no part of any fan."""
        return self._size(self.batch_axes)

    @property
    def receptive_field(self) -> float:
        """Number of taps each input-output pair shares (9 for a 3×3 convolution); 0 for an empty tensor."""
        denominator = self.in_size * self.out_size * self.batch_size
        return math.prod(self.shape) / denominator if denominator else 0

    @property
    def fan_in(self) -> float:
        """Terms summed for one output: in_size × receptive field."""
        return self.in_size * self.receptive_field

    @property
    def fan_out(self) -> float:
        """Outputs fed by one input: out_size × receptive field."""
        return self.out_size * self.receptive_field

    @property
    def shared_axes(self) -> tuple[int, ...]:
        """Axes named more than once, which divides the receptive field by them twice."""
        named = self.in_axes + self.out_axes + self.batch_axes
        return tuple(sorted({a for a in named if named.count(a) > 1}))

    @property
    def roles(self) -> tuple[str, ...]:
        """What each axis counts as: "in", "out", "batch" or "field"; "in+out" where axes are shared."""
        named = {"in": self.in_axes, "out": self.out_axes, "batch": self.batch_axes}
        return tuple(
            "+".join(role for role, axes in named.items() if axis in axes) or "field" for axis in range(len(self.shape))
        )

    def pick(self, mode: str) -> float:
        """The number n that divides the scale: fan_in, fan_out, their mean or their geometric mean.

        Raises:
            ValueError: `mode` is none of `MODES`.
        """
        return MODES[check_mode(mode)].rule(self.fan_in, self.fan_out)


def check_mode(mode: str) -> str:
    """The mode itself, if `MODES` has it."""
    if not isinstance(mode, str) or mode not in MODES:
        raise ValueError(f"invalid mode for variance scaling initializer: {mode}. Choose one of {', '.join(MODES)}.")
    return mode


def count_fans(shape: int | Iterable[int], in_axis: Axis = -2, out_axis: Axis = -1, batch_axis: Axis = ()) -> Fans:
    """Fans of a weight tensor by jax's rule: every axis not named belongs to the receptive field.

    PyTorch counts on its own layout (dim 1 × rest, dim 0 × rest) and Keras on the last two axes without a batch
    axis; the three agree for dense layers and plain convolutions and on little else.

    Raises:
        TypeError: a size or an axis is not an integer.
        ValueError: fewer than two axes and the default `in_axis`, or a negative size.
        IndexError: an axis does not exist.
    """
    shape = canonical_shape(shape)
    if isinstance(in_axis, int) and in_axis == -2 and len(shape) <= 1:
        raise ValueError(
            f"Can't compute input and output sizes of a {len(shape)}-dimensional weights tensor with default in_axis. "
            "Must be at least 2D or specify in_axis explicitly."
        )
    rank = len(shape)
    return Fans(
        shape,
        canonical_axes(in_axis, rank, "in_axis"),
        canonical_axes(out_axis, rank, "out_axis"),
        canonical_axes(batch_axis, rank, "batch_axis"),
    )
