"""The only package that knows jit, devices and chunks: weights and summaries without a compile when a shape changes.

With `jax_threefry_partitionable` (jax's default since 0.5) value i of a draw depends on the key and i alone, so any
part of any tensor can be made from its positions. Every kernel below is compiled for a law family and a dtype, on
accelerators also for a size bucket; shapes, scales, bounds and fans are traced.
"""

from initviz.engine.apart import singular_values_apart
from initviz.engine.cores import devices
from initviz.engine.draws import draw, draw_at, is_shape_free, made_in_parts
from initviz.engine.summaries import Cancelled, summarize, summarize_array

__all__ = ["Cancelled", "devices", "draw", "draw_at", "is_shape_free", "made_in_parts", "singular_values_apart",
           "summarize", "summarize_array"]  # fmt: skip
