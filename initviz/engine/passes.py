"""One pass forward and one backward through a network of equal layers, of which statistics of every layer are kept.

Numbers are traced: compiled for a width, a batch, an activation and a kind of layer, and not again for scales, biases,
slopes or depths.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from initviz.engine.draws import draw
from initviz.laws.ensembles import Ensemble

PLACES = 64
"""Of the histograms of a layer, from −`REACH` to `REACH`; what lies beyond is in the first and the last."""
REACH = 4.0
EPSILON = 1e-6
"""Added to a mean square by which a norm divides, as flax does."""
FLAT = 0.05
"""At which share of the largest slope one counts as saturated."""
TINY = float(np.finfo(np.float32).tiny)


class Numbers(NamedTuple):
    """What is traced."""

    branch: Any
    """Factor of a residual branch."""
    activation: tuple[Any, ...]
    """Numbers of the activation."""
    steepest: Any
    """The largest slope of the activation."""


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

    def before(self, x: jax.Array) -> jax.Array:
        """What is multiplied by the weights."""
        return x if self.norm_after else self._normed(x)

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


class Layers(NamedTuple):
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


def stack(ensemble: Ensemble, keys: Sequence[jax.Array], most: int, width: int) -> np.ndarray:
    """Weights of each layer, one key a layer, (most, width, width) in float32; what lies beyond the keys is not set.

    Its memory is aligned as jax takes it over without a copy; pages that are not set take none.
    """
    size, step = most * width * width, 64 // 4
    raw = np.empty(size + step, np.float32)
    start = (-raw.ctypes.data % 64) // 4
    found = raw[start : start + size].reshape(most, width, width)
    for layer, key in enumerate(keys):
        found[layer] = draw(ensemble, key, (width, width), np.float32)
    return found


@partial(jax.jit, static_argnames="kind")
def run(
    kind: Kind, weights: jax.Array, biases: jax.Array, depth: jax.Array, x: jax.Array, end: jax.Array, numbers: Numbers
) -> Layers:
    """Statistics of the first `depth` layers; zeros beyond.

    Args:
        kind: the structure of a layer.
        weights: (layers, width, width), inputs first.
        biases: (layers, width).
        depth: how many layers there are, at most those of the weights.
        x: inputs, (batch, width); neighbours are the pairs.
        end: the gradient at the end, (batch, width).
        numbers: what else is traced.
    """
    most, (batch, width) = len(weights), x.shape
    entered = jnp.zeros((most, batch, width), x.dtype)
    before = jnp.zeros((most, batch, width), x.dtype)
    zeros = jnp.zeros(most, x.dtype)
    found = Layers(zeros, zeros, zeros, zeros, zeros, jnp.zeros((most, PLACES), jnp.int32))

    def forward(i: jax.Array, state: Any) -> Any:
        x, entered, before = state
        h = kind.before(x) @ weights[i] + biases[i]
        out = kind.after(x, h, numbers)
        return out, entered.at[i].set(x), before.at[i].set(h)

    _, entered, before = lax.fori_loop(0, depth, forward, (x, entered, before))

    def backward(back: jax.Array, state: Any) -> Any:
        gradient, found = state
        i = depth - 1 - back
        h = before[i]
        _, transpose = jax.vjp(lambda x, h: kind.after(x, h, numbers), entered[i], h)
        past, of_h = transpose(gradient)
        _, through = jax.vjp(kind.before, entered[i])
        statistics = _statistics(kind, h, of_h, numbers)
        found = jax.tree.map(lambda every, one: every.at[i].set(one), found, statistics)
        return past + through(of_h @ weights[i].T)[0], found

    return lax.fori_loop(0, depth, backward, (end, found))[1]


def _statistics(kind: Kind, h: jax.Array, of_h: jax.Array, numbers: Numbers) -> Layers:
    square, function = jnp.mean(h * h), kind.activation(numbers.activation)
    y, slope = jax.jvp(function, (h,), (jnp.ones_like(h),))
    unit = h / jnp.maximum(jnp.max(jnp.abs(h)), TINY)  # of which no product overflows or vanishes
    unit = unit * lax.rsqrt(jnp.maximum(jnp.mean(unit * unit, axis=-1, keepdims=True), TINY))
    pairs = unit.reshape(-1, 2, h.shape[-1])
    place = jnp.clip((h * lax.rsqrt(jnp.maximum(square, TINY)) + REACH) * (PLACES / (2 * REACH)), 0, PLACES - 1)
    return Layers(
        square,
        jnp.mean(of_h * of_h),
        jnp.mean(pairs[:, 0] * pairs[:, 1]),
        jnp.mean((y == 0).all(axis=0), dtype=h.dtype),
        jnp.mean(jnp.abs(slope) <= FLAT * numbers.steepest, dtype=h.dtype),
        jnp.zeros(PLACES, jnp.int32).at[place.astype(jnp.int32).ravel()].add(1),
    )
