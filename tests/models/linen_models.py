"""Models in flax.linen, by its own defaults: what their `init` returns."""

import jax
import jax.numpy as jnp
from builders import CHANNELS, CLASSES, FLAX, PIXELS, POSITIONS, VOCABULARY, Built
from flax import linen as nn


class Perceptron(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x):
        for _ in range(3):
            x = nn.relu(nn.Dense(self.width)(x))
        return nn.Dense(CLASSES)(x)


class Convolutional(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.BatchNorm(use_running_average=True)(nn.Conv(self.width, (3, 3))(x)))
        x = nn.Conv(self.width, (3, 3), strides=2, feature_group_count=4, use_bias=False)(x)
        x = nn.Conv(self.width, (3, 3), feature_group_count=self.width)(x)
        return nn.Dense(CLASSES)(x.mean((1, 2)))


class Block(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x):
        x = x + nn.MultiHeadDotProductAttention(4, name="attention")(nn.LayerNorm()(x))
        return x + nn.Dense(self.width)(nn.gelu(nn.Dense(4 * self.width)(nn.LayerNorm()(x))))


class Transformer(nn.Module):
    width: int
    scanned: bool = False

    @nn.compact
    def __call__(self, ids):
        x = nn.Embed(VOCABULARY, self.width)(ids)
        x = x + self.param("positions", nn.initializers.normal(0.02), (POSITIONS, self.width))
        if self.scanned:
            copies = {"variable_axes": {"params": 0}, "split_rngs": {"params": True}, "length": 3}
            x, _ = nn.scan(lambda block, x, _: (block(x), None), **copies)(Block(self.width, name="layers"), x, None)
        else:
            for _ in range(2):
                x = Block(self.width)(x)
        return nn.Dense(VOCABULARY, use_bias=False)(nn.LayerNorm()(x))


def initialized(module, seed, example):
    return Built(module.init(jax.random.key(seed), example), FLAX)


def mlp(seed, width):
    return initialized(Perceptron(width), seed, jnp.ones((1, 2 * width)))


def cnn(seed, width):
    return initialized(Convolutional(width), seed, jnp.ones((1, PIXELS, PIXELS, CHANNELS)))


def transformer(seed, width, scanned=False):
    return initialized(Transformer(width, scanned), seed, jnp.ones((1, POSITIONS), int))
