"""Layers whose weights are to be initialized."""

from initviz.layers.base import Kept, Layer, LayerQuestion, Layouts, LetterSizes, Size, Sizes, parse_letters
from initviz.layers.catalogue import (
    LAYERS,
    AttentionOutput,
    AttentionProjection,
    Conv,
    ConvTranspose,
    Dense,
    DepthwiseConv,
    Einsum,
    Embedding,
    Experts,
    Stack,
)

__all__ = [
    "LAYERS", "AttentionOutput", "AttentionProjection", "Conv", "ConvTranspose", "Dense", "DepthwiseConv", "Einsum",
    "Embedding", "Experts", "Kept", "Layer", "LayerQuestion", "Layouts", "LetterSizes", "Size", "Sizes", "Stack",
    "parse_letters",
]  # fmt: skip
