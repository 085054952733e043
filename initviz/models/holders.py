"""What modules of flax.nnx, PyTorch and Equinox hold: a table of their classes, attributes and roles."""

import re

from initviz.models.makers import (
    Held,
    Maker,
    bilinear,
    by_equation,
    convolution,
    linear,
    linear_general,
    matrix,
    projection,
    table,
    token,
    transposed,
    transposed_inputs_first,
    transposed_outputs_first,
    vector,
)  # fmt: skip
from initviz.models.tensor import Role

ROOMS = "flax.nnx", "torch.nn", "equinox.nn"
"""Modules of frameworks that show the classes of those below them."""


def known_as(cls: type) -> str:
    """The public name of a class: "flax.nnx.Linear", wherever flax keeps it."""
    room = next((room for room in ROOMS if f"{cls.__module__}.".startswith(f"{room}.")), cls.__module__)
    return f"{room}.{cls.__qualname__}"


def held_role(held: Held) -> Role | None:
    """The role of what a module holds, by its class or the first of its ancestors that is known; None for others."""
    for cls in type(held.module).__mro__:
        for pattern, make in HOLDERS.get(known_as(cls), {}).items():
            if re.fullmatch(pattern, held.name):
                return make(held)
    return None


BIAS, SCALE, SHIFT, SLOPE, STATE = map(vector, ("bias", "norm scale", "norm bias", "slope", "state"))
TORCH_LINEAR = {"weight": projection(1, 0), "bias": BIAS}
CHANNELS_LAST = {"kernel": convolution(last=True), "bias": BIAS}
CHANNELS_FIRST = {"weight": convolution(last=False), "bias": BIAS}
TORCH_NORM = {"weight": SCALE, "bias": SHIFT}
GATES = {"weight_(ih|hr).*": matrix(1, 0), "weight_hh.*": matrix(1, 0, "Recurrent"), "bias.*": BIAS}
FLAX_NORMS = "BatchNorm", "LayerNorm", "RMSNorm", "GroupNorm", "InstanceNorm"
TORCH_NORMS = "LayerNorm", "RMSNorm", "GroupNorm", "SyncBatchNorm", *(
    f"{kind}Norm{n}d" for kind in ("Batch", "Instance") for n in (1, 2, 3)
)  # fmt: skip

HOLDERS: dict[str, dict[str, Maker]] = {
    "flax.nnx.Linear": {"kernel": linear, "bias": BIAS},
    "flax.nnx.LinearGeneral": {"kernel": linear_general, "bias": BIAS},
    "flax.nnx.Einsum": {"kernel": by_equation, "bias": BIAS},
    "flax.nnx.Conv": CHANNELS_LAST,
    "flax.nnx.ConvTranspose": {"kernel": transposed, "bias": BIAS},
    "flax.nnx.Embed": {"embedding": table},
    "flax.nnx.LoRA": {"lora_a": matrix(0, 1, "LoRA a"), "lora_b": matrix(0, 1, "LoRA b")},
    "flax.nnx.PReLU": {"negative_slope": SLOPE},
    **{f"flax.nnx.{name}": {"scale": SCALE, "bias": SHIFT} for name in FLAX_NORMS},
    "torch.nn.Linear": TORCH_LINEAR,
    "torch.nn.Bilinear": {"weight": bilinear, "bias": BIAS},
    **{f"torch.nn.Conv{n}d": CHANNELS_FIRST for n in (1, 2, 3)},
    **{f"torch.nn.ConvTranspose{n}d": {"weight": transposed_inputs_first, "bias": BIAS} for n in (1, 2, 3)},
    **{f"torch.nn.{name}": {"weight": table} for name in ("Embedding", "EmbeddingBag")},
    "torch.nn.MultiheadAttention": {"(in|q|k|v)_proj_weight": matrix(1, 0, "AttentionProjection"), "in_proj_bias": BIAS,
                                    "bias_[kv]": token},
    **{f"torch.nn.{name}": TORCH_NORM for name in TORCH_NORMS},
    **{f"torch.nn.{name}": GATES for name in ("RNNBase", "RNNCellBase")},
    "torch.nn.PReLU": {"weight": SLOPE},
    "transformers.pytorch_utils.Conv1D": {"weight": matrix(0, 1), "bias": BIAS},
    "equinox.nn.Linear": TORCH_LINEAR,
    "equinox.nn.Conv": CHANNELS_FIRST,
    "equinox.nn.ConvTranspose": {"weight": transposed_outputs_first, "bias": BIAS},
    "equinox.nn.Embedding": {"weight": table},
    "equinox.nn.StateIndex": {".*": STATE},
    "equinox.nn.PReLU": {"negative_slope": SLOPE},
    **{f"equinox.nn.{name}": TORCH_NORM for name in FLAX_NORMS[:4]},
    **{f"equinox.nn.{name}": GATES for name in ("LSTMCell", "GRUCell")},
}  # fmt: skip
"""The role of each attribute, whose name is a pattern, of each class."""
