"""Models in PyTorch, by its own defaults."""

from itertools import pairwise

import torch
from builders import CHANNELS, CLASSES, POSITIONS, VOCABULARY, Built, torch_laws
from torch import nn

from initviz.models.trees import tensors_of


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        y = self.before(x)
        x = x + self.attention(y, y, y)[0]
        return x + self.down(nn.functional.gelu(self.up(self.between(x))))


class Transformer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, width), nn.Embedding(POSITIONS, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(2))
        self.last, self.head = nn.LayerNorm(width), nn.Linear(width, VOCABULARY, bias=False)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.last(x))


def convolutional(width):
    return nn.Sequential(
        nn.Conv2d(CHANNELS, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(),
        nn.Conv2d(width, width, 3, 2, 1, groups=4, bias=False), nn.Conv2d(width, width, 3, padding=1, groups=width),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, CLASSES),
    )  # fmt: skip


def built(make, seed):
    torch.manual_seed(seed)
    model = make()
    return Built(model, torch_laws(tensors_of(model)))


def perceptron(width):
    sizes = 2 * width, width, width, width
    layers = [part for pair in pairwise(sizes) for part in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(width, CLASSES))


def mlp(seed, width):
    return built(lambda: perceptron(width), seed)


def cnn(seed, width):
    return built(lambda: convolutional(width), seed)


def transformer(seed, width):
    return built(lambda: Transformer(width), seed)
