"""The real operation of every layer, to count on: each layer's inputs and what it does with them and its kernel."""

import math

import jax
import jax.numpy as jnp
from jax import lax

from initviz.layers import Layer, parse_letters

SIDE = 24  # of a convolution's inputs along each axis: room for an interior
EQUATIONS = {
    "Dense": "bi,io->bo",
    "GroupedQueryAttention": "btd,dhk->bthk",
    "AttentionOutput": "bthk,hkd->btd",
    "Experts": "ebi,eio->ebo",
    "Stack": "lbi,lio->lbo",
}


def axes(value, rank: int) -> tuple[int, ...]:
    """One number, or one per axis."""
    return tuple(value) * rank if len(value) == 1 else tuple(value)


def operation(layer: Layer):
    """(shape of the inputs, (inputs, kernel) -> outputs, output -> its interior, inputs -> theirs)."""
    name = type(layer).__name__
    if name == "Embedding":
        return (8, layer.tokens), lambda x, kernel: x @ kernel, ..., ...
    if hasattr(layer, "kernel_size"):
        return _convolution(layer)
    if name == "AttentionProjection":
        equation = "btd,dchk->btchk" if layer.fused else "btd,dhk->bthk"
    elif name == "Einsum":
        equation = layer.equation.replace("...", "")
    else:
        equation = EQUATIONS[name]
    inputs, kernel = equation.split("->")[0].split(",")
    sizes = dict(zip(kernel, layer.kernel, strict=True))
    if name == "Einsum":
        sizes |= parse_letters(layer.sizes)
    shape = tuple(sizes.get(letter, 16) for letter in inputs)
    return shape, lambda x, kernel: jnp.einsum(equation, x, kernel), ..., ...


def _convolution(layer: Layer):
    rank = len(layer.kernel_size)
    spatial = "DHW"[-rank:]
    numbers = ("N" + spatial + "C", spatial + "IO", "N" + spatial + "C")
    stride = axes(layer.stride, rank)
    channels = layer.channels if hasattr(layer, "channels") else layer.inputs
    shape = (2, *(SIDE,) * rank, channels)

    def interior(side: int, step: int) -> slice:
        """The middle half or so, whole periods of a stride long."""
        length = side // 2 // step * step
        start = (side - length) // 2
        return slice(start, start + length)

    if hasattr(layer, "transpose_kernel"):

        def apply(x, kernel):
            return lax.conv_transpose(x, kernel, stride, "SAME", dimension_numbers=numbers,
                                      transpose_kernel=layer.transpose_kernel)  # fmt: skip

        outputs = tuple(interior(SIDE * step, step) for step in stride)
        inputs = tuple(interior(SIDE, 1) for _ in stride)
    else:
        groups = layer.groups if hasattr(layer, "groups") else layer.channels
        dilation = axes(layer.dilation, rank) if hasattr(layer, "dilation") else (1,) * rank

        def apply(x, kernel):
            return lax.conv_general_dilated(x, kernel, stride, "SAME", rhs_dilation=dilation,
                                            dimension_numbers=numbers, feature_group_count=groups)  # fmt: skip

        outputs = tuple(interior(math.ceil(SIDE / step), 1) for step in stride)
        inputs = tuple(interior(SIDE, step) for step in stride)
    return shape, apply, (slice(None), *outputs), (slice(None), *inputs)


def inputs_for(layer: Layer, key, ones: bool):
    """Inputs of the layer: ones, or independent numbers of mean square 1; rows of an embedding are picked."""
    shape = operation(layer)[0]
    if type(layer).__name__ == "Embedding":
        return jax.nn.one_hot(jnp.arange(shape[0]) % layer.tokens, layer.tokens)
    return jnp.ones(shape) if ones else jax.random.normal(key, shape)


def counted_fans(layer: Layer) -> tuple[float, float]:
    """Terms summed per output and outputs fed per input, counted with a kernel of ones away from the borders."""
    _, apply, outputs, inputs = operation(layer)
    x, kernel = inputs_for(layer, None, ones=True), jnp.ones(layer.kernel)
    y, pull = jax.vjp(lambda x: apply(x, kernel), x)
    (fed,) = pull(jnp.ones_like(y))
    return float(y[outputs].mean()), float(fed[inputs].mean())
