"""The projections of attention: queries, keys and values, of as many heads or of fewer, and the output."""

import math
from dataclasses import replace

from initviz.fans.by_operation import check_sizes, einsum
from initviz.layers.base import Kept, Layer, Layouts
from initviz.settings.knobs import Flag, Size

BY_EQUATION = (
    "Keras (3.15) counts EinsumDense and its attention layers by their equation; earlier ones by the last two axes."
)

FLATTENED = (
    "flax's MultiHeadAttention and LinearGeneral flatten the kernel first, so that axes of it do not fit there. "
    + BY_EQUATION
)


class AttentionProjection(Layer):
    """Queries, keys or values of every head, y_hk = Σ_d x_d W_dhk; or all three at once."""

    title = "Attention query, key or value"
    arguments = ("embed", "heads", "head_dim", "fused")
    embed = Size(512, doc="Features of a token.")
    heads = Size(8, doc="Heads.")
    head_dim = Size(64, doc="Features per head.")
    fused = Flag(False, doc="One kernel for queries, keys and values together.")

    def contraction(self):
        """(embed, heads, head_dim), or (embed, 3, heads, head_dim)."""
        sizes = {"d": self.embed, "h": self.heads, "k": self.head_dim}
        return einsum("btd,dchk->btchk", sizes | {"c": 3}) if self.fused else einsum("btd,dhk->bthk", sizes)

    def layouts(self):
        """flax initializes, and PyTorch keeps, one matrix; only PyTorch has a fused one."""
        features = self.heads * self.head_dim
        if self.fused:
            return Layouts(None, Kept.by_torch(self.kernel, (1, 2, 3), 0), None)
        by_equation = replace(Kept.by_keras(self.kernel), fans=(self.embed, features))
        argument = "kernel_init of nnx.MultiHeadAttention or nnx.LinearGeneral"
        return Layouts((self.embed, features), Kept.by_torch(self.kernel, (1, 2), 0), by_equation, FLATTENED, argument)


class GroupedQueryAttention(Layer):
    """Keys or values whose heads are shared by several query heads, y_gk = Σ_d x_d W_dgk (Ainslie et al. 2023).

    Its queries are those of `AttentionProjection`, its output is `AttentionOutput`.
    """

    title = "Grouped-query attention key or value"
    arguments = ("embed", "heads", "kv_heads", "head_dim", "fused")
    embed = Size(512, doc="Features of a token.")
    heads = Size(8, doc="Heads of the queries.")
    kv_heads = Size(2, doc="Heads of keys and of values, each shared by as many query heads.")
    head_dim = Size(64, doc="Features per head.")
    fused = Flag(False, doc="One kernel for queries, keys and values together.")

    def contraction(self):
        """(embed, kv_heads, head_dim), or (embed, heads + 2 kv_heads, head_dim)."""
        check_sizes("heads and kv_heads", (self.heads, self.kv_heads))
        if self.heads % self.kv_heads:
            raise ValueError(
                f"kv_heads must divide the heads, got {self.kv_heads} for {self.heads}. "
                f"Use for instance {math.gcd(self.heads, self.kv_heads)}."
            )
        heads = self.heads + 2 * self.kv_heads if self.fused else self.kv_heads
        return einsum("btd,dhk->bthk", {"d": self.embed, "h": heads, "k": self.head_dim})

    def layouts(self):
        """flax initializes one matrix; in PyTorch that is a Linear; Keras keeps three axes."""
        flat = self.embed, math.prod(self.kernel[1:])
        linear = Kept.by_torch(self.kernel, (1, 2), 0)
        torch = "PyTorch's attention (enable_gqa) has no weights of its own: this is the Linear before it."
        if self.fused:
            return Layouts(None, linear, None, torch)
        by_equation = replace(Kept.by_keras(self.kernel), fans=flat)
        argument = "kernel_init of nnx.MultiHeadAttention or nnx.LinearGeneral"
        return Layouts(flat, linear, by_equation, f"{FLATTENED} {torch}", argument)


class AttentionOutput(Layer):
    """The projection that merges the heads, y_d = Σ_hk x_hk W_hkd."""

    title = "Attention output"
    arguments = ("heads", "head_dim", "embed")
    heads = Size(8, doc="Heads.")
    head_dim = Size(64, doc="Features per head.")
    embed = Size(512, doc="Features of a token.")

    def contraction(self):
        """(heads, head_dim, embed)."""
        return einsum("bthk,hkd->btd", {"h": self.heads, "k": self.head_dim, "d": self.embed})

    def layouts(self):
        """flax initializes, and PyTorch keeps, one matrix."""
        features = self.heads * self.head_dim
        by_equation = replace(Kept.by_keras(self.kernel), fans=(features, self.embed))
        argument = "out_kernel_init of nnx.MultiHeadAttention, or kernel_init of nnx.LinearGeneral"
        return Layouts((features, self.embed), Kept.by_torch(self.kernel, 2, (0, 1)), by_equation, FLATTENED, argument)
