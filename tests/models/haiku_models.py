"""Models in Haiku, by its own defaults: what their `init` returns."""

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from builders import CHANNELS, CLASSES, PIXELS, POSITIONS, VOCABULARY, Built

from initviz.initializers import ones, truncated_normal, variance_scaling, zeros
from initviz.models.trees import tensors_of


def perceptron(x, width):
    return hk.nets.MLP([width] * 3 + [CLASSES])(x)


def convolutional(x, width):
    x = jax.nn.relu(hk.LayerNorm(-1, True, True)(hk.Conv2D(width, 3)(x)))
    x = hk.Conv2D(width, 3, 2, feature_group_count=4, with_bias=False)(x)
    return hk.Linear(CLASSES)(hk.DepthwiseConv2D(1, 3)(x).mean((1, 2)))


def transformer_of(ids, width):
    x = hk.Embed(VOCABULARY, width, name="tokens")(ids) + hk.Embed(POSITIONS, width, name="positions")(ids % POSITIONS)
    for _ in range(2):
        y = hk.LayerNorm(-1, True, True)(x)
        x = x + hk.MultiHeadAttention(4, width // 4, w_init=hk.initializers.VarianceScaling(2.0))(y, y, y)
        y = hk.LayerNorm(-1, True, True)(x)
        x = x + hk.Linear(width)(jax.nn.gelu(hk.Linear(4 * width)(y)))
    return hk.Linear(VOCABULARY, with_bias=False)(hk.LayerNorm(-1, True, True)(x))


def built(function, seed, example, width):
    params = hk.transform(lambda x: function(x, width)).init(jax.random.key(seed), example)
    laws = {"*/b": zeros, "*/scale": ones, "*/offset": zeros, "*/embeddings": truncated_normal(1.0),
            "*multi_head_attention*/w": variance_scaling(2.0, "fan_in", "truncated_normal")}  # fmt: skip
    weights = (each for each in tensors_of(params) if each.path.endswith("/w"))
    cut = {each.path: truncated_normal(1 / np.sqrt(np.prod(each.shape[:-1]))) for each in weights}
    return Built(params, laws | cut)  # the normal is cut without being widened for it


def mlp(seed, width):
    return built(perceptron, seed, jnp.ones((1, 2 * width)), width)


def cnn(seed, width):
    return built(convolutional, seed, jnp.ones((1, PIXELS, PIXELS, CHANNELS)), width)


def transformer(seed, width):
    return built(transformer_of, seed, jnp.ones((1, POSITIONS), int), width)
