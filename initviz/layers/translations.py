"""The same law as code for jax, flax, PyTorch and Keras, and frameworks' defaults as calls here."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from initviz.initializers import (
    THEMSELVES,
    Initializer,
    glorot_uniform,
    lecun_normal,
    normal,
    orthogonal,
    variance_scaling,
)
from initviz.initializers.plan import Plan
from initviz.laws.base import ENDLESS
from initviz.laws.ensembles import Constant, Ensemble, Haar
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.layers import Layer

KERAS_DISTRIBUTIONS = {"truncated_normal": "truncated_normal", "normal": "untruncated_normal", "uniform": "uniform"}


@dataclass(frozen=True)
class Translation:
    """The law in one framework: an expression or a statement that runs, or why there is none."""

    framework: str
    code: str
    note: str = ""


def translate(initializer: Initializer, plan: Plan, layer: Layer) -> tuple[Translation, ...]:
    """The law of a plan in jax, flax, PyTorch and Keras, whose fans are those of the layer's weights as it keeps them.

    jax and flax get the same call, whose draws are the same too. PyTorch and Keras have other generators: only the law
    is the same, and where a framework counts other fans or does not truncate, the numbers of this shape stand in the
    code. PyTorch's statement fills a tensor `weight`; Keras's expression is an initializer.
    """
    plain_call = initializer.dtype is not None or plan.dtype == "float32"
    note = "" if plain_call else f"Call it with the dtype {plan.dtype} for these draws."
    return (
        Translation("jax", f"jax.nn.initializers.{_call(initializer)}", note),
        Translation("flax", f"flax.nnx.initializers.{_call(initializer)}", note),
        _torch(plan),
        _keras(initializer, plan, layer),
    )


def _call(initializer: Initializer) -> str:
    return initializer.function if initializer.function in THEMSELVES else repr(initializer)


# What fills a tensor `weight` by a law: kind of law -> code
TORCH: dict[type, Callable[[Any], str]] = {
    Normal: lambda law: f"normal_(weight, std={_digits(law.scale)})",
    Uniform: lambda law: f"uniform_(weight, a={_digits(law.low * float(law.scale))}, b={_digits(law.scale)})",
    TruncatedNormal: lambda law: (
        f"trunc_normal_(weight, std={_digits(law.scale)}, a={_digits(float(law.lower) * float(law.scale))}, "
        f"b={_digits(float(law.upper) * float(law.scale))})"
    ),
    Constant: lambda ensemble: f"constant_(weight, {_digits(ensemble.value)})",
    Haar: lambda ensemble: f"orthogonal_(weight, gain={_digits(ensemble.scale)})",
}
KERAS: dict[type, Callable[[Any], str]] = {
    Normal: lambda law: f"RandomNormal(stddev={_digits(law.scale)})",
    Uniform: lambda law: f"RandomUniform({_digits(law.low * float(law.scale))}, {_digits(law.scale)})",
    TruncatedNormal: lambda law: f"TruncatedNormal(stddev={_digits(law.scale)})",
    Constant: lambda ensemble: f"Constant({_digits(ensemble.value)})",
    Haar: lambda ensemble: f"Orthogonal(gain={_digits(ensemble.scale)})",
}


def _digits(x) -> str:
    """A number as code that gives it back."""
    number = float(x)
    return repr(number) if math.isfinite(number) else f"float('{number}')"


def _written(table: dict[type, Callable[[Any], str]], ensemble: Ensemble) -> str:
    law = ensemble.law or ensemble
    if ensemble.independent and not float(law.scale):
        law = Constant(0.0)  # what random laws shrink to, and frameworks refuse
    elif ensemble.independent and law.cut == ENDLESS:
        law = Normal(law.scale)
    return table[type(law)](law)


def _torch(plan: Plan) -> Translation:
    refused = _refused("PyTorch", plan)
    if refused:
        return refused
    note = ""
    if plan.ensemble.block:
        note = "For a weight with outputs first, as in nn.Linear and nn.Conv2d."
    return Translation("PyTorch", f"torch.nn.init.{_written(TORCH, plan.ensemble)}", note)


def _keras(initializer: Initializer, plan: Plan, layer: Layer) -> Translation:
    refused = _refused("Keras", plan)
    if refused:
        return refused
    if initializer.by_fans and initializer.scale:
        fans = initializer.fans(plan.shape)
        kept = layer.layouts().keras
        if kept and (fans.fan_in, fans.fan_out) == kept.fans and initializer.mode != "fan_geo_avg":
            return Translation(
                "Keras",
                f"keras.initializers.VarianceScaling(scale={_digits(initializer.scale)}, mode={initializer.mode!r}, "
                f"distribution={KERAS_DISTRIBUTIONS[initializer.distribution]!r})",
            )
    law = plan.ensemble.law
    if law and law.cut not in (None, (-2.0, 2.0), ENDLESS):
        return Translation("Keras", "", "Keras cuts a normal at ±2 standard deviations only.")
    return Translation("Keras", f"keras.initializers.{_written(KERAS, plan.ensemble)}")


def _refused(framework: str, plan: Plan) -> Translation | None:
    """Why a law has no counterpart outside jax."""
    if plan.dtype.kind == "c":
        return Translation(framework, "", f"{framework} initializes no complex weights.")
    block = plan.ensemble.block
    if plan.ensemble.sparse:
        return Translation(framework, "", f"{framework} has no delta-orthogonal kernel.")
    if block and block.column_axis != len(plan.shape) - 1:
        return Translation(framework, "", f"{framework} orthogonalizes against the outputs only.")
    marginal = plan.ensemble.marginal
    if marginal and not np.isfinite(marginal.mean):
        return Translation(framework, "", "The value is not finite.")
    if marginal is None:
        return Translation(framework, "", f"{framework} has no initializer for a pattern of values.")
    if not plan.size:
        return Translation(framework, "", "No weights.")
    return None


@dataclass(frozen=True)
class Default:
    """What a framework's layer does when nobody says otherwise, and the call here that gives the same law."""

    framework: str
    layer: str
    rule: str
    call: Callable[[], Initializer]

    @property
    def code(self) -> str:
        """The call."""
        return repr(self.call())


_third = partial(variance_scaling, 1 / 3, distribution="uniform")
DEFAULTS = (
    Default("flax", "Linear, Conv, ConvTranspose, Einsum", "lecun_normal", lecun_normal),
    Default("flax", "MultiHeadAttention, LinearGeneral: query, key, value", "lecun_normal on (embed, heads · head_dim)",
            partial(lecun_normal, in_axis=0, out_axis=(1, 2))),
    Default("flax", "MultiHeadAttention, LinearGeneral: output", "lecun_normal on (heads · head_dim, embed)",
            partial(lecun_normal, in_axis=(0, 1))),
    Default("flax", "Embed", "variance_scaling, fan_in = features",
            partial(variance_scaling, 1.0, "fan_in", "normal", out_axis=0)),
    Default("PyTorch", "Linear, Conv1d, Conv2d, Conv3d", "uniform on ±1/√fan_in (kaiming_uniform_, a = √5)",
            partial(_third, mode="fan_in")),
    Default("PyTorch", "ConvTranspose1d, 2d, 3d", "the same, with fan_in counted over the outputs",
            partial(_third, mode="fan_out")),
    Default("PyTorch", "MultiheadAttention: query, key, value",
            "xavier_uniform_ on all three, (3 · embed, embed); here each by itself",
            partial(variance_scaling, 0.5, "fan_avg", "uniform", in_axis=0, out_axis=(1, 2))),
    Default("PyTorch", "Embedding", "normal_", partial(normal, 1.0)),
    Default("Keras", "Dense, Conv1D, Conv2D, Conv3D, Conv2DTranspose", "GlorotUniform", glorot_uniform),
    Default("Keras", "MultiHeadAttention, EinsumDense: query, key, value", "GlorotUniform by the equation (3.15)",
            partial(glorot_uniform, in_axis=0, out_axis=(1, 2))),
    Default("Keras", "LSTM, GRU, recurrent kernel", "Orthogonal", orthogonal),
)  # fmt: skip
"""Defaults of kernels; biases are zeros in flax and Keras."""
