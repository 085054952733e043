"""Models in flax.nnx, by its own defaults."""

from builders import CHANNELS, CLASSES, FLAX, POSITIONS, VOCABULARY, Built
from flax import nnx


class Perceptron(nnx.Module):
    def __init__(self, width, rngs):
        self.layers = nnx.List([nnx.Linear(each, width, rngs=rngs) for each in (2 * width, width, width)])
        self.head = nnx.Linear(width, CLASSES, rngs=rngs)

    def __call__(self, x):
        for layer in self.layers:
            x = nnx.relu(layer(x))
        return self.head(x)


class Convolutional(nnx.Module):
    def __init__(self, width, rngs):
        self.stem = nnx.Conv(CHANNELS, width, (3, 3), rngs=rngs)
        self.norm = nnx.BatchNorm(width, rngs=rngs)
        self.grouped = nnx.Conv(width, width, (3, 3), strides=2, feature_group_count=4, use_bias=False, rngs=rngs)
        self.depthwise = nnx.Conv(width, width, (3, 3), feature_group_count=width, rngs=rngs)
        self.dropout = nnx.Dropout(0.1, rngs=rngs)
        self.head = nnx.Linear(width, CLASSES, rngs=rngs)

    def __call__(self, x):
        x = self.depthwise(self.grouped(nnx.relu(self.norm(self.stem(x)))))
        return self.head(self.dropout(x).mean((1, 2)))


class Block(nnx.Module):
    def __init__(self, width, rngs):
        self.before = nnx.LayerNorm(width, rngs=rngs)
        self.attention = nnx.MultiHeadAttention(4, width, num_kv_heads=2, decode=False, rngs=rngs)
        self.between = nnx.LayerNorm(width, rngs=rngs)
        self.up = nnx.Linear(width, 4 * width, rngs=rngs)
        self.down = nnx.Linear(4 * width, width, rngs=rngs)

    def __call__(self, x):
        x = x + self.attention(self.before(x))
        return x + self.down(nnx.gelu(self.up(self.between(x))))


class Transformer(nnx.Module):
    def __init__(self, width, rngs):
        self.tokens = nnx.Embed(VOCABULARY, width, rngs=rngs)
        self.positions = nnx.Param(nnx.initializers.normal(0.02)(rngs.params(), (POSITIONS, width)))
        self.blocks = nnx.List([Block(width, rngs) for _ in range(2)])
        self.last = nnx.LayerNorm(width, rngs=rngs)
        self.head = nnx.Linear(width, VOCABULARY, use_bias=False, rngs=rngs)

    def __call__(self, ids):
        x = self.tokens(ids) + self.positions[...]
        for block in self.blocks:
            x = block(x)
        return self.head(self.last(x))


def mlp(seed, width):
    return Built(Perceptron(width, nnx.Rngs(seed)), FLAX)


def cnn(seed, width):
    return Built(Convolutional(width, nnx.Rngs(seed)), FLAX)


def transformer(seed, width):
    return Built(Transformer(width, nnx.Rngs(seed)), FLAX)
