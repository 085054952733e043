"""Exported code is spelled out or refused with the reason; tests/frameworks runs it."""

import math

import flax.nnx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import CASES

from initviz.initializers import (
    constant,
    delta_orthogonal,
    he_normal,
    normal,
    orthogonal,
    truncated_normal,
    variance_scaling,
)
from initviz.layers import AttentionProjection, RawShape
from initviz.layers.translations import translations

SHAPE = (3, 3, 24, 20)
PLANS = {str(case): case for case in CASES if case.small == (7, 5)}


def run(code, **names):
    """The value of exported code, which is our own and short."""
    return eval(code, names)


def code_of(initializer, framework, shape=SHAPE, dtype="float32"):
    found = {
        each.framework: each
        for each in translations(initializer, initializer.plan(shape, dtype), RawShape(shape=shape))
    }
    return found[framework]


@pytest.mark.parametrize("case", PLANS.values(), ids=str)
def test_jax_and_flax_code_draws_the_same_weights(case):
    initializer, key = case.build(), jax.random.key(2)
    expected = initializer(key, case.small, np.float32)
    for framework in ("jax", "flax"):
        code = code_of(initializer, framework, case.small).code
        found = run(code, jax=jax, flax=flax, jnp=jnp, Array=jnp.asarray)(key, case.small, np.float32)
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-7)


INFINITE = [constant(math.inf), truncated_normal(1.0, lower=-math.inf, upper=math.inf)]


@pytest.mark.parametrize("initializer", INFINITE, ids=repr)
def test_numbers_that_are_not_finite_are_code_too(initializer):
    for framework in ("jax", "flax"):
        code = code_of(initializer, framework, (4, 6)).code
        found = run(code, jax=jax, flax=flax)(jax.random.key(0), (4, 6))
        np.testing.assert_allclose(found, initializer(jax.random.key(0), (4, 6)), rtol=2e-6)


def test_what_else_the_code_needs_is_said():
    assert code_of(he_normal(), "jax", dtype="bfloat16").note == "Call it with the dtype bfloat16 for these draws."
    narrow = normal(0.3, dtype="bfloat16")  # whose code draws what it says where nobody asks for another dtype
    assert code_of(narrow, "jax", dtype="float32").note == "Call it with the dtype float32 for these draws."
    assert code_of(narrow, "flax", dtype="bfloat16").note == ""
    assert code_of(normal(0.3, dtype=float), "jax").note == ""
    pattern = code_of(constant(np.array([1.0, 2.0])), "Keras", (3, 2))
    assert (pattern.code, pattern.note) == ("", "Keras has no initializer for a pattern of values.")
    assert code_of(constant(math.nan), "PyTorch").note == "The value is not finite."
    cut = truncated_normal(1.0, lower=0.0, upper=math.inf)
    assert code_of(cut, "PyTorch").code == "torch.nn.init.trunc_normal_(weight, std=1.0, a=0.0, b=5.41998291015625)"
    assert code_of(INFINITE[1], "Keras").code == "keras.initializers.RandomNormal(stddev=1.0)"
    nothing = variance_scaling(0.0, "fan_in", "truncated_normal")
    assert code_of(nothing, "Keras").code == "keras.initializers.Constant(0.0)"
    assert code_of(nothing, "PyTorch").code == "torch.nn.init.constant_(weight, 0.0)"


def test_the_code_of_other_frameworks_is_spelled_out():
    assert code_of(he_normal(), "Keras").code == (
        "keras.initializers.VarianceScaling(scale=2.0, mode='fan_in', distribution='truncated_normal')"
    )
    law = he_normal().plan(SHAPE).ensemble.law
    std = float(law.scale)
    assert code_of(he_normal(), "PyTorch").code == (
        f"torch.nn.init.trunc_normal_(weight, std={std!r}, a={-2 * std!r}, b={2 * std!r})"
    )
    assert code_of(constant(3), "PyTorch").code == "torch.nn.init.constant_(weight, 3.0)"
    assert code_of(constant(3), "Keras").code == "keras.initializers.Constant(3.0)"


@pytest.mark.parametrize(("initializer", "framework", "dtype", "note"), [
    (delta_orthogonal(), "PyTorch", "float32", "PyTorch has no delta-orthogonal kernel."),
    (delta_orthogonal(), "Keras", "float32", "Keras has no delta-orthogonal kernel."),
    (he_normal(), "Keras", "complex64", "Keras initializes no complex weights."),
    (orthogonal(column_axis=0), "PyTorch", "float32",
     "PyTorch's orthogonal_ sets axis 0 of a weight of shape (24, 8, 3, 3) against the rest, which is not axis 0 of "
     "(3, 3, 8, 24) against the rest, as here."),
    (truncated_normal(1.0, lower=-1.0), "Keras", "float32", "Keras cuts a normal at ±2 standard deviations only."),
])  # fmt: skip
def test_laws_without_a_counterpart_say_so(initializer, framework, dtype, note):
    found = code_of(initializer, framework, (3, 3, 8, 24), dtype)
    assert (found.code, found.note) == ("", note)


@pytest.mark.parametrize(("initializer", "call"), [
    (normal(np.float64(0.5)), "normal(stddev=0.5)"),
    (truncated_normal(1.0, upper=np.float32(np.inf)), "truncated_normal(stddev=1.0, upper=float('inf'))"),
    (constant([0.0, math.inf]), "constant(value=jax.numpy.array([0.0, float('inf')]))"),
    (he_normal(in_axis=np.array([0]), out_axis=(np.int64(1),)), "he_normal(in_axis=(0,), out_axis=(1,))"),
    (he_normal(dtype=np.dtype("float16")), "he_normal(dtype='float16')"),
    (he_normal(dtype=float), "he_normal(dtype=float)"),
], ids=repr)  # fmt: skip
def test_values_of_any_library_are_plain_code(initializer, call):
    assert code_of(initializer, "jax", (3, 2)).code == f"jax.nn.initializers.{call}"


def test_a_program_imports_what_it_uses():
    assert code_of(constant([0, 1]), "flax", (3, 2)).program == (
        "import flax.nnx\nimport jax\nflax.nnx.initializers.constant(value=jax.numpy.array([0, 1]))"
    )
    assert code_of(he_normal(), "PyTorch").program.startswith("import torch\ntorch.nn.init.")
    assert code_of(he_normal(), "Keras").program.startswith("import keras\nkeras.initializers.")


def test_a_long_array_is_not_written_out():
    found = code_of(constant(np.arange(100.0)), "jax", (3, 100))
    assert (found.code, found.note) == ("", "An array of 100 values is too long to write out: pass your own.")


def test_flax_layers_that_flatten_first_get_the_law_by_numbers():
    def of(initializer):
        layer = AttentionProjection(embed=24, heads=4, head_dim=6)
        return translations(initializer, initializer.plan(layer.kernel), layer)[1]

    where = "For kernel_init of nnx.MultiHeadAttention or nnx.LinearGeneral, which gets the shape (24, 24)."
    scale = float(he_normal().plan((24, 4, 6)).ensemble.law.scale)
    assert (of(he_normal()).code, of(he_normal()).note) == (
        f"flax.nnx.initializers.truncated_normal(stddev={scale!r})", where
    )  # fmt: skip
    assert of(constant(0.5)).code == "flax.nnx.initializers.constant(value=0.5)"
    assert of(orthogonal(column_axis=0)).code == "flax.nnx.initializers.orthogonal(column_axis=0)"
    assert of(orthogonal()).note == f"{where} No call there has this law."
