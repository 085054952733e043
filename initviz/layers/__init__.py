"""Layers whose weights are to be initialized."""

from initviz.layers.base import Kept, Layer, LayerQuestion, Layouts, LetterSizes, parse_letters
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
    GroupedQueryAttention,
    RawShape,
    Stack,
    resolve,
)

__all__ = [
    "LAYERS", "AttentionOutput", "AttentionProjection", "Conv", "ConvTranspose", "Dense", "DepthwiseConv", "Einsum",
    "Embedding", "Experts", "GroupedQueryAttention", "Kept", "Layer", "LayerQuestion", "Layouts", "LetterSizes",
    "RawShape", "Stack", "parse_letters", "resolve",
]  # fmt: skip
