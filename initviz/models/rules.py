"""What the name and the shape of a tensor tell of what it is for: a rule for each kind of layer.

A name alone leaves things open, such as the groups of a convolution, its stride, in which order a square matrix is
kept. What is then assumed stands at the rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import jax.numpy as jnp

from initviz.models import names
from initviz.models.names import is_named, words
from initviz.models.siblings import Siblings, is_table, without
from initviz.models.tensor import BY_NAME, BY_SHAPE, Role, Tensor


@dataclass(frozen=True)
class Seen:
    """A tensor as the rules see it: its shape without copies."""

    tensor: Tensor
    shape: tuple[int, ...]
    above: list[str]
    last: str
    known: Siblings

    @property
    def rank(self) -> int:
        """Number of axes of one copy."""
        return len(self.shape)

    @property
    def nearest(self) -> list[str]:
        """The last name and the one above it, which say what it is for."""
        return [*self.above[-1:], self.last]

    def split(self, kind: str, first: int, last: int, batch: tuple[int, ...] = (), sure: str = BY_NAME) -> Role:
        """A role of two axes of which one is the input."""
        outputs_last = self.known.is_output_last(self.tensor.path, self.shape[first], self.shape[last])
        inputs, outputs = (first, last) if outputs_last else (last, first)
        return Role(kind, (inputs,), (outputs,), batch, sure)


def named_role(tensor: Tensor, known: Siblings) -> Role:
    """What a tensor among its siblings is for, in the order of the axes that it has."""
    *above, last = words(tensor.path)
    axis = known.copies.get(tensor.path)
    seen = Seen(tensor, known.shapes[tensor.path], above, last, known)
    role = next(found for rule in RULES if (found := rule(seen)))
    named = role.in_axes, role.out_axes, role.batch_axes
    if axis is None or not any(named):
        return role
    inputs, outputs, batch = (tuple(each + (each >= axis) for each in axes) for axes in named)
    return replace(role, in_axes=inputs, out_axes=outputs, batch_axes=(axis, *batch))


def _state(seen: Seen) -> Role | None:
    mask = seen.last == "bias" and seen.rank > 2 and "attn" in seen.above  # of GPT-2
    norm = is_named(names.NORM, *seen.above[-1:]) or seen.known.is_beside_scale(seen.tensor.path)
    statistics = (seen.last in ("mean", "var") and norm) or (seen.last == "weight_v" and seen.rank == 1)
    named = seen.last in names.STATE or names.STATE_ROOTS & set(seen.above) or mask or statistics
    if named or not jnp.issubdtype(seen.tensor.dtype, jnp.inexact):
        return Role("state", known_by=BY_NAME if named else BY_SHAPE)
    return None


def _vector(seen: Seen) -> Role | None:
    norm = is_named(names.NORM, *seen.above[-1:])
    if names.LAYER_SCALE.fullmatch(seen.last) or (is_named(names.LAYER_SCALE, *seen.nearest) and seen.rank == 1):
        return Role("layer scale", known_by=BY_NAME)
    if is_named(names.BIAS, seen.last) and not is_table(seen.tensor.path):
        norm = norm or seen.known.is_beside_scale(seen.tensor.path)
        return Role("norm bias" if norm else "bias", known_by=BY_NAME)
    if seen.last in names.SCALE:  # of ConvNeXt a block of layers has one
        of_branch = seen.last == "gamma" and not norm and seen.known.holds_layers(seen.tensor.path)
        return Role("layer scale" if of_branch else "norm scale", known_by=BY_NAME)
    if names.LENGTHS.fullmatch(seen.last):
        return Role("other", known_by=BY_NAME)
    if is_named(names.SLOPE, *seen.nearest):
        return Role("slope", known_by=BY_NAME)
    if seen.rank > 1:
        return None
    if seen.last == "weight" and seen.rank == 1:  # one slope for all is the default of PyTorch's PReLU
        alone = seen.shape == (1,) and not norm and not seen.known.bias_of(seen.tensor.path)
        return Role("slope" if alone else "norm scale", known_by=BY_NAME if norm else BY_SHAPE)
    if seen.rank and _table(seen):
        return _table(seen)
    return Role("bias" if seen.known.is_beside_matrix(seen.tensor.path) else "other")


def _table(seen: Seen) -> Role | None:
    """Rows of which some are picked, to which no bias belongs: time_embed/0 of diffusion models is a dense layer."""
    if seen.known.bias_of(seen.tensor.path):
        return None
    if is_table(seen.tensor.path) or is_named(names.TOKEN, seen.last):
        return Role("Embedding", (), (seen.rank - 1,), tuple(range(seen.rank - 1)), BY_NAME)
    return None


def _experts(seen: Seen) -> Role | None:
    stacked = seen.rank == 2 and seen.rank < len(seen.tensor.shape)  # which their biases tell
    if seen.rank not in (2, 3) or not is_named(names.EXPERTS, seen.last, *seen.above):
        return None
    if seen.rank == 3:
        return seen.split("Experts", 1, 2, (0,))
    return seen.split("Experts", 0, 1) if stacked and not is_named(names.ROUTER, *seen.nearest) else None


def _heads(seen: Seen) -> Role | None:
    """Axes of heads: which of them is the input is told by the bias, the width of the model, or else flax's order."""
    bias = seen.known.bias_of(seen.tensor.path)
    convolution = is_named(names.CONVOLUTION, *seen.above)
    if not 2 < seen.rank < 5 or names.OUTPUTS_FIRST.fullmatch(seen.last) or convolution:
        return None
    axes = tuple(range(seen.rank))
    wide = [axis for axis in axes if seen.shape[axis] == seen.known.width]
    if is_named(names.HEADS_SPLIT, *seen.nearest) or (seen.rank == 3 and bias == seen.shape[1:]):
        told = [axis for axis in axes if bias == without(seen.shape, axis)]
        inputs = told[0] if told else wide[0] if len(wide) == 1 else 0
        outputs = tuple(axis for axis in axes if axis != inputs)
        sure = BY_NAME if is_named(names.HEADS_SPLIT, *seen.nearest) else BY_SHAPE
        return Role("AttentionProjection", (inputs,), outputs, (), sure)
    if seen.rank == 3 and is_named(names.HEADS_MERGED, *seen.nearest):
        return Role("AttentionOutput", (0, 1), (2,), (), BY_NAME)
    return None


def _recurrent(seen: Seen) -> Role | None:
    held = seen.above[-1:] if seen.last == "kernel" else []
    return seen.split("Recurrent", 0, 1) if seen.rank == 2 and is_named(names.HIDDEN, seen.last, *held) else None


def _low_rank(seen: Seen) -> Role | None:
    kind = next(
        (f"LoRA {each}" for each in "ab" for name in (*seen.above, seen.last) if name.startswith(f"lora_{each}")), None
    )
    return seen.split(kind, 0, 1) if kind and seen.rank == 2 else None


def _side_by_side(seen: Seen) -> Role | None:
    """Matrices in one array, one of whose axes is as wide as the model, such as those of a gate and of its branch."""
    told = names.OUTPUTS_FIRST.fullmatch(seen.last) or is_named(names.CONVOLUTION, seen.last, *seen.above)
    if seen.rank != 3 or told or seen.known.width not in seen.shape[1:]:
        return None
    return seen.split("Dense", 1, 2, (0,), BY_SHAPE)


def _convolution(seen: Seen) -> Role | None:
    """Taps between channels: groups and stride are not told, and taken for 1."""
    if seen.rank < 3:
        return None
    axes = tuple(range(seen.rank))
    named = seen.last in names.KERNELS and (seen.rank > 3 or is_named(names.CONVOLUTION, *seen.above))
    sure = BY_NAME if named else BY_SHAPE
    if is_named(names.DEPTHWISE, seen.last):  # Keras: (*taps, channels, multiplier)
        return Role("DepthwiseConv", (), axes[-1:], axes[-2:-1], BY_NAME)
    bias = seen.known.bias_of(seen.tensor.path)
    first = seen.shape[0] != seen.shape[-1] and bias == seen.shape[:1]
    swapped = is_named(names.TRANSPOSED, *seen.above)
    outputs_first = names.OUTPUTS_FIRST.fullmatch(seen.last)
    inputs_first = bias == seen.shape[1:2] if bias and seen.shape[0] != seen.shape[1] else swapped
    if outputs_first and inputs_first:  # as PyTorch's transposed ones keep them
        return Role("ConvTranspose", axes[:1], axes[1:2], (), BY_NAME if swapped else BY_SHAPE)
    if first or outputs_first:
        return Role("Conv", axes[1:2], axes[:1], (), sure)
    kind = "DepthwiseConv" if is_named(names.DEPTHWISE, *seen.above) else "Conv"
    if kind == "DepthwiseConv" and seen.shape[-2] > 1:  # flax and Haiku have one input a group, Keras all channels
        return Role(kind, (), axes[-1:], axes[-2:-1], sure)
    if swapped:  # flax keeps inputs before outputs
        before = is_named(names.OUTPUTS_BEFORE, *seen.nearest)
        told = bias in (seen.shape[-2:-1], seen.shape[-1:]) and seen.shape[-2] != seen.shape[-1]
        inputs, outputs = (-1, -2) if (bias == seen.shape[-2:-1] if told else before) else (-2, -1)
        return Role("ConvTranspose", (axes[inputs],), (axes[outputs],), (), sure)
    return Role(kind, axes[-2:-1], axes[-1:], (), sure)


def _matrix(seen: Seen) -> Role | None:
    sure = (
        BY_NAME
        if names.unnumbered(seen.last) in names.KERNELS or names.OUTPUTS_FIRST.fullmatch(seen.last)
        else BY_SHAPE
    )
    return seen.split("Dense", 0, 1, (), sure) if seen.rank == 2 else None


RULES: tuple[Callable[[Seen], Role | None], ...] = (
    _state, _vector, _table, _experts, _heads, _recurrent, _low_rank, _side_by_side, _convolution,
    _matrix, lambda seen: Role("other"),
)  # fmt: skip
"""Each gives the role of what it knows; the first that knows one has the say."""
