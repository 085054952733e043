"""Models in Equinox, by its own defaults, which are PyTorch's but for biases of attention."""

import equinox as eqx
import jax
from builders import CHANNELS, CLASSES, POSITIONS, VOCABULARY, Built, torch_laws

from initviz.models.trees import tensors_of


class Block(eqx.Module):
    before: eqx.nn.LayerNorm
    attention: eqx.nn.MultiheadAttention
    between: eqx.nn.LayerNorm
    up: eqx.nn.Linear
    down: eqx.nn.Linear

    def __init__(self, width, key):
        keys = jax.random.split(key, 3)
        self.before, self.between = eqx.nn.LayerNorm(width), eqx.nn.LayerNorm(width)
        self.attention = eqx.nn.MultiheadAttention(4, width, key=keys[0])
        self.up = eqx.nn.Linear(width, 4 * width, key=keys[1])
        self.down = eqx.nn.Linear(4 * width, width, key=keys[2])


class Transformer(eqx.Module):
    tokens: eqx.nn.Embedding
    positions: eqx.nn.Embedding
    blocks: list[Block]
    last: eqx.nn.LayerNorm
    head: eqx.nn.Linear

    def __init__(self, width, key):
        keys = jax.random.split(key, 5)
        self.tokens = eqx.nn.Embedding(VOCABULARY, width, key=keys[0])
        self.positions = eqx.nn.Embedding(POSITIONS, width, key=keys[1])
        self.blocks = [Block(width, key) for key in keys[2:4]]
        self.last = eqx.nn.LayerNorm(width)
        self.head = eqx.nn.Linear(width, VOCABULARY, use_bias=False, key=keys[4])


def convolutional(width, key):
    keys = jax.random.split(key, 4)
    return eqx.nn.Sequential([
        eqx.nn.Conv2d(CHANNELS, width, 3, padding=1, key=keys[0]), eqx.nn.GroupNorm(4, width),
        eqx.nn.Lambda(jax.nn.relu), eqx.nn.Conv2d(width, width, 3, 2, 1, groups=4, use_bias=False, key=keys[1]),
        eqx.nn.Conv2d(width, width, 3, padding=1, groups=width, key=keys[2]),
        eqx.nn.Lambda(lambda x: x.mean((1, 2))), eqx.nn.Linear(width, CLASSES, key=keys[3]),
    ])  # fmt: skip


def built(model):
    return Built(model, torch_laws(tensors_of(model)))


def mlp(seed, width):
    return built(eqx.nn.MLP(2 * width, CLASSES, width, 3, key=jax.random.key(seed)))


def cnn(seed, width):
    return built(convolutional(width, jax.random.key(seed)))


def transformer(seed, width):
    return built(Transformer(width, jax.random.key(seed)))
