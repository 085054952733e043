"""One pass forward and one backward through a network of equal layers: statistics of every layer, or its Jacobian.

Numbers are traced: compiled for a width, a batch, an activation and a kind of layer, and not again for scales, biases,
slopes or depths.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from initviz.engine.cores import on_all_cores, on_cpu
from initviz.engine.draws import draw, draw_range, is_shape_free
from initviz.engine.summary import PIECE
from initviz.laws.base import in_dtype
from initviz.laws.ensembles import Ensemble, Iid

PLACES = 64
"""Of the histograms of a layer, from −`REACH` to `REACH`; what lies beyond is in the first and the last."""
REACH = 4.0
EPSILON = 1e-6
"""Added to a mean square by which a norm divides, as in flax; PyTorch's layer norm adds 1e-5, that of Keras 1e-3."""
FLAT = 0.05
"""At which share of the largest slope one counts as saturated."""
TINY = float(np.finfo(np.float32).tiny)
TAPS = 3
"""Positions that a convolution sums along an axis."""


class Numbers(NamedTuple):
    """What is traced."""

    branch: Any
    """Factor of a residual branch."""
    activation: tuple[Any, ...]
    """Numbers of the activation."""
    steepest: Any
    """The largest slope of the activation."""


class Layered(NamedTuple):
    """The layers of a network, of which the first `depth` are there."""

    weights: Any
    """(layers, inputs, width), of which `inputs` is the width, or its `TAPS`² times of a convolution."""
    factors: Any
    """What the weights of a layer are multiplied by, (layers,)."""
    biases: Any
    """(layers, width)."""
    depth: Any
    """How many layers there are, at most those of the weights."""


@dataclass(frozen=True)
class Kind:
    """What a layer does with x: its structure. h = norm(x) W + b, and φ(h), or x + branch φ(h) where it is residual."""

    activation: Callable[[tuple[Any, ...]], Callable[[Any], Any]]
    """From its numbers the function; equal for equal structures."""
    residual: bool = False
    norm: str = ""
    """"layer" or "rms"; or none."""
    norm_after: bool = False
    """Whether the norm is of what leaves the layer, not of what enters the branch."""
    padding: str = ""
    """Of a convolution of (batch, rows, columns, width): "wrap" around, or "constant" for zeros; empty without one."""

    def before(self, x: jax.Array) -> jax.Array:
        """What is multiplied by the weights: for a convolution the positions around each one, side by side."""
        x = x if self.norm_after else self._normed(x)
        if not self.padding:
            return x
        _, rows, columns, _ = x.shape
        padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode=self.padding)
        taps = [padded[:, i : i + rows, j : j + columns] for i in range(TAPS) for j in range(TAPS)]
        return jnp.concatenate(taps, axis=-1)

    def after(self, x: jax.Array, h: jax.Array, numbers: Numbers) -> jax.Array:
        """What leaves the layer."""
        out = self.activation(numbers.activation)(h)
        out = x + numbers.branch * out if self.residual else out
        return self._normed(out) if self.norm_after else out

    def _normed(self, x: jax.Array) -> jax.Array:
        if not self.norm:
            return x
        x = x - x.mean(axis=-1, keepdims=True) if self.norm == "layer" else x
        return x * lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + EPSILON)


class Statistics(NamedTuple):
    """Statistics of every layer, along the first axis, in single precision: what is below 1e-38 is 0."""

    square: Any
    """Mean square of h."""
    gradient: Any
    """Mean square of the gradient with respect to h, of a random one at the end with mean square 1 in what leaves."""
    correlation: Any
    """Of h for pairs of inputs: sum of products over the root of the sums of squares."""
    dead: Any
    """Share of units that give 0 for every input of the batch."""
    flat: Any
    """Share of values of h at which the slope is at most `FLAT` of the largest that the activation has."""
    counts: Any
    """Histogram of h in units of the root of its mean square, (layers, PLACES)."""
    leaves: Any
    """Mean square of what leaves the layer."""
    gradient_counts: Any
    """Histogram of the gradient with respect to h, as that of h."""


def room(most: int, shape: tuple[int, ...]) -> np.ndarray:
    """Memory for weights of so many layers, (most, inputs, width) in float32; all axes of the shape but the last are
    inputs.

    It is aligned as jax takes it over without a copy; pages that are not set take none.
    """
    inputs, width = math.prod(shape[:-1]), shape[-1]
    size, step = most * inputs * width, 64 // 4
    raw = np.empty(size + step, np.float32)
    start = (-raw.ctypes.data % 64) // 4
    return raw[start : start + size].reshape(most, inputs, width)


def layer_key(weights: jax.Array, layer: Any) -> jax.Array:
    """The key of a layer's weights."""
    return jax.random.fold_in(weights, layer)


@partial(jax.jit, static_argnames="count")
def layer_keys(weights: jax.Array, count: int) -> jax.Array:
    """Those of so many layers."""
    return jax.vmap(lambda layer: layer_key(weights, layer))(jnp.arange(count))


def fill(memory: np.ndarray, ensemble: Ensemble, keys: Sequence[jax.Array], first: int, shape: tuple[int, ...]) -> None:
    """Draw weights into layers of such a memory from the first on, one key a layer; on all cores if in parts."""
    if not (isinstance(ensemble, Iid) and is_shape_free(keys[0]) and on_cpu(keys[0])):
        for layer, key in enumerate(keys, first):
            memory[layer] = draw(ensemble, key, shape, np.float32).reshape(memory.shape[1:])
        return
    law, flat = in_dtype(ensemble.law, np.dtype(np.float32)), memory.reshape(len(memory), -1)

    def piece(job: tuple[int, int]) -> None:
        layer, start = job
        part = flat[first + layer, start : start + PIECE]
        part[:] = draw_range(law, keys[layer], start, part.size, part.dtype)

    jobs = [(layer, start) for layer in range(len(keys)) for start in range(0, flat.shape[1], PIECE)]
    for _ in on_all_cores(piece, jobs):
        pass


def _product(x: jax.Array, weights: jax.Array) -> jax.Array:
    """Their product in full float32: a GPU would take 10 bits of each number, which 50 layers make a percent."""
    return jnp.matmul(x, weights, precision=lax.Precision.HIGHEST)


@partial(jax.jit, static_argnames="kind")
def step(
    kind: Kind, weights: jax.Array, factor: jax.Array, biases: jax.Array, x: jax.Array, numbers: Numbers
) -> tuple[jax.Array, jax.Array]:
    """h of one layer, and what leaves it."""
    h = factor * (_product(kind.before(x), weights.astype(x.dtype))) + biases
    return h, kind.after(x, h, numbers)


def _forward(kind: Kind, layers: Layered, x: jax.Array, numbers: Numbers) -> tuple[jax.Array, jax.Array]:
    """What enters each layer, and its h: both (layers, *x.shape), zeros beyond the depth."""
    nothing = jnp.zeros((len(layers.weights), *x.shape), x.dtype)

    def layer(i: jax.Array, state: Any) -> Any:
        x, entered, before = state
        h, out = step(kind, layers.weights[i], layers.factors[i], layers.biases[i], x, numbers)
        return out, entered.at[i].set(x), before.at[i].set(h)

    return lax.fori_loop(jnp.zeros_like(layers.depth), layers.depth, layer, (x, nothing, nothing))[1:]


def _backward(
    kind: Kind, layers: Layered, i: jax.Array, x: jax.Array, h: jax.Array, numbers: Numbers
) -> tuple[jax.Array, Callable[[jax.Array], tuple[jax.Array, jax.Array]]]:
    """What leaves layer i; and from the gradient with respect to it, those with respect to h and to what enters."""
    out, from_after = jax.vjp(lambda x, h: kind.after(x, h, numbers), x, h)
    _, from_before = jax.vjp(kind.before, x)

    def pull(gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
        past, of_h = from_after(gradient)
        through = _product(layers.factors[i] * of_h, layers.weights[i].astype(x.dtype).T)
        return of_h, past + from_before(through)[0]

    return out, pull


@partial(jax.jit, static_argnames="kind")
def run(kind: Kind, layers: Layered, x: jax.Array, end: jax.Array, numbers: Numbers) -> Statistics:
    """Statistics of the layers that there are; zeros beyond.

    Args:
        kind: the structure of a layer.
        layers: weights and biases.
        x: inputs, (batch, width), or (batch, rows, columns, width) for a convolution; neighbours are the pairs.
        end: the gradient at the end, of the shape of x.
        numbers: what else is traced.
    """
    entered, before = _forward(kind, layers, x, numbers)
    zeros = jnp.zeros(len(layers.weights), x.dtype)
    none = jnp.zeros((len(layers.weights), PLACES), jnp.int32)
    nothing = Statistics(zeros, zeros, zeros, zeros, zeros, none, zeros, none)

    def layer(back: jax.Array, state: Any) -> Any:
        gradient, found = state
        i = layers.depth - 1 - back
        out, pull = _backward(kind, layers, i, entered[i], before[i], numbers)
        of_h, below = pull(gradient)
        statistics = _statistics(kind, before[i], of_h, out, numbers)
        return below, jax.tree.map(lambda every, one: every.at[i].set(one), found, statistics)

    return lax.fori_loop(jnp.zeros_like(layers.depth), layers.depth, layer, (end, nothing))[1]


@partial(jax.jit, static_argnames="kind")
def jacobian(kind: Kind, layers: Layered, x: jax.Array, numbers: Numbers) -> jax.Array:
    """∂ output / ∂ input of the whole network at an input: (size, size) of its size, a row an output.

    In the precision of the input: all unit vectors are sent backward at once.
    """
    entered, before = _forward(kind, layers, x[None], numbers)

    def layer(back: jax.Array, gradients: jax.Array) -> jax.Array:
        i = layers.depth - 1 - back
        return jax.vmap(_backward(kind, layers, i, entered[i], before[i], numbers)[1])(gradients)[1]

    ends = jnp.eye(x.size, dtype=x.dtype).reshape(x.size, 1, *x.shape)
    return lax.fori_loop(jnp.zeros_like(layers.depth), layers.depth, layer, ends).reshape(x.size, x.size)


def _statistics(kind: Kind, h: jax.Array, of_h: jax.Array, out: jax.Array, numbers: Numbers) -> Statistics:
    square, of_square, function = jnp.mean(h * h), jnp.mean(of_h * of_h), kind.activation(numbers.activation)
    y, slope = jax.jvp(function, (h,), (jnp.ones_like(h),))
    unit = h / jnp.maximum(jnp.max(jnp.abs(h)), TINY)  # of which no product overflows or vanishes
    unit = unit * lax.rsqrt(jnp.maximum(jnp.mean(unit * unit, axis=-1, keepdims=True), TINY))
    pairs = unit.reshape(-1, 2, *h.shape[1:])
    return Statistics(
        square,
        of_square,
        jnp.mean(pairs[:, 0] * pairs[:, 1]),
        jnp.mean((y == 0).reshape(-1, h.shape[-1]).all(axis=0), dtype=h.dtype),
        jnp.mean(jnp.abs(slope) <= FLAT * numbers.steepest, dtype=h.dtype),
        _counts(h, square),
        jnp.mean(out * out),
        _counts(of_h, of_square),
    )


def _counts(values: jax.Array, square: jax.Array) -> jax.Array:
    """Histogram of values in units of the root of their mean square."""
    place = jnp.clip((values * lax.rsqrt(jnp.maximum(square, TINY)) + REACH) * (PLACES / (2 * REACH)), 0, PLACES - 1)
    return jnp.zeros(PLACES, jnp.int32).at[place.astype(jnp.int32).ravel()].add(1)
