"""Training of a network of equal layers with a linear one behind, step by step.

Numbers are traced, as in a pass; an optimizer is compiled by its name.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from initviz.engine.passes import Kind, Numbers

MOMENTUM = 0.9
"""Of gradient descent."""


def _sgd(rate: Any) -> Any:
    import optax  # takes a second

    return optax.sgd(rate, momentum=MOMENTUM)


def _adam(rate: Any) -> Any:
    import optax

    return optax.adam(rate)


OPTIMIZERS = {"sgd": _sgd, "adam": _adam}
"""What may train: gradient descent with momentum, and Adam; by the names of optax."""


class Weights(NamedTuple):
    """All that is trained."""

    layers: Any
    """(layers, inputs, width); what a recipe multiplies them by is in them."""
    biases: Any
    """(layers, width)."""
    branches: Any
    """Of residual layers, (layers,)."""
    out: Any
    """(width, classes)."""
    out_biases: Any


def _judged(kind: Kind, weights: Weights, numbers: Numbers, images: jax.Array, labels: jax.Array) -> Any:
    """Mean cross entropy of images, and the share of them that is told right."""

    def layer(x: jax.Array, own: Any) -> Any:
        matrix, biases, branch = own
        h = kind.before(x) @ matrix + biases
        return kind.after(x, h, Numbers(branch, numbers.activation, numbers.steepest)), None

    x, _ = lax.scan(layer, images, (weights.layers, weights.biases, weights.branches))
    x = x.reshape(len(x), -1, x.shape[-1]).mean(axis=1)
    logits = x @ weights.out + weights.out_biases
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
    return -jnp.mean(chosen), jnp.mean(logits.argmax(axis=1) == labels)


judge = partial(jax.jit, static_argnames="kind")(_judged)
"""The same, compiled."""


@partial(jax.jit, static_argnames=("kind", "optimizer"))
def step(
    kind: Kind, optimizer: str, weights: Weights, state: Any, numbers: Numbers, rate: jax.Array, batch: Any
) -> tuple[Weights, Any, jax.Array]:
    """Weights and state after one more step, and log₁₀ of update over weights by layer."""
    gradients, _ = jax.grad(lambda weights: _judged(kind, weights, numbers, *batch), has_aux=True)(weights)
    layers, biases, branches, *out = gradients
    gradients = Weights(layers, biases, jnp.where(numbers.branch == 0, branches, 0.0), *out)
    updates, state = OPTIMIZERS[optimizer](rate).update(gradients, state, weights)
    size, of = (jnp.sqrt(jnp.mean(each.layers**2, axis=(1, 2))) for each in (updates, weights))
    return jax.tree.map(jnp.add, weights, updates), state, jnp.log10(size) - jnp.log10(of)
