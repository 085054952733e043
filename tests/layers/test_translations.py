"""Exported code runs where its framework is installed, and draws the same law."""

import math
import re

import flax.nnx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import CASES, SIGMAS
from scipy import stats

from initviz.initializers import constant, delta_orthogonal, he_normal, orthogonal, truncated_normal, variance_scaling
from initviz.layers import AttentionProjection, ConvTranspose, Dense, DepthwiseConv, RawShape
from initviz.layers.translations import DEFAULTS, translate

SHAPE = (3, 3, 24, 20)
PLANS = {str(case): case for case in CASES if case.small == (7, 5)}


def run(code, **names):
    """The value of exported code, which is our own and short."""
    return eval(code, names)


def code_of(initializer, framework, shape=SHAPE, dtype="float32"):
    found = {
        each.framework: each for each in translate(initializer, initializer.plan(shape, dtype), RawShape(shape=shape))
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


LAWS = [
    he_normal(), he_normal(in_axis=(0, 1), out_axis=(2, 3)), variance_scaling(1.5, "fan_avg", "uniform"),
    variance_scaling(0.5, "fan_out", "normal"), variance_scaling(1.0, "fan_geo_avg", "truncated_normal"),
    truncated_normal(0.3), constant(0.25), orthogonal(1.5),
]  # fmt: skip


def same_law(values, initializer, shape):
    """Whether weights follow the law of an initializer, by Kolmogorov's test; orthogonal ones by their products."""
    marginal = initializer.plan(shape).ensemble.marginal
    if marginal is not None and marginal.distribution is None:
        return bool(np.all(np.isin(values, [value for value, _ in marginal.atoms])))
    if initializer.function == "orthogonal":
        matrix = values.reshape(-1, shape[-1])
        return np.allclose(matrix.T @ matrix, initializer.scale**2 * np.eye(shape[-1]), atol=1e-4)
    standard_error = ((marginal.kurtosis - 1) / (4 * values.size)) ** 0.5
    right_std = abs(values.std() / marginal.std - 1) < SIGMAS * standard_error
    return bool(right_std and stats.kstest(values.ravel(), marginal.cdf).pvalue > 1e-3)


def test_a_wrong_law_is_noticed():
    values = np.asarray(he_normal()(jax.random.key(0), SHAPE)) * 1.1
    assert not same_law(values, he_normal(), SHAPE)
    assert same_law(values / 1.1, he_normal(), SHAPE)


@pytest.mark.parametrize("initializer", LAWS, ids=repr)
def test_keras_code_draws_the_same_law(initializer, keras):
    keras.utils.set_random_seed(3)
    made = run(code_of(initializer, "Keras").code, keras=keras)
    assert same_law(np.asarray(made(SHAPE), np.float64), initializer, SHAPE)


@pytest.mark.parametrize("layer", [DepthwiseConv(), ConvTranspose(), AttentionProjection(), Dense()], ids=repr)
def test_keras_code_of_a_layer_draws_the_law_in_that_layers_shape(layer, keras):
    keras.utils.set_random_seed(5)
    plan = he_normal().plan(layer.kernel)
    found = {each.framework: each for each in translate(he_normal(), plan, layer)}["Keras"]
    made = run(found.code, keras=keras)
    if isinstance(made, keras.initializers.VarianceScaling) and isinstance(layer, AttentionProjection):
        pytest.fail("he_normal here is not what EinsumDense would make of it")
    weights = np.asarray(made(layer.layouts().keras.shape), np.float64)
    assert weights.std() == pytest.approx(plan.ensemble.marginal.std, rel=SIGMAS / (2 * weights.size) ** 0.5)


INFINITE = [constant(math.inf), truncated_normal(1.0, lower=-math.inf, upper=math.inf)]


@pytest.mark.parametrize("initializer", INFINITE, ids=repr)
def test_numbers_that_are_not_finite_are_code_too(initializer):
    for framework in ("jax", "flax"):
        code = code_of(initializer, framework, (4, 6)).code
        found = run(code, jax=jax, flax=flax)(jax.random.key(0), (4, 6))
        np.testing.assert_allclose(found, initializer(jax.random.key(0), (4, 6)), rtol=2e-6)


def test_what_else_the_code_needs_is_said():
    assert code_of(he_normal(), "jax", dtype="bfloat16").note == "Call it with the dtype bfloat16 for these draws."
    pattern = code_of(constant(np.array([1.0, 2.0])), "Keras", (3, 2))
    assert (pattern.code, pattern.note) == ("", "Keras has no initializer for a pattern of values.")
    assert code_of(constant(math.nan), "PyTorch").note == "The value is not finite."
    cut = truncated_normal(1.0, lower=0.0, upper=math.inf)
    assert code_of(cut, "PyTorch").code == "torch.nn.init.trunc_normal_(weight, std=1.0, a=0.0, b=float('inf'))"
    assert code_of(INFINITE[1], "Keras").code == "keras.initializers.RandomNormal(stddev=1.0)"
    nothing = variance_scaling(0.0, "fan_in", "truncated_normal")
    assert code_of(nothing, "Keras").code == "keras.initializers.Constant(0.0)"
    assert code_of(nothing, "PyTorch").code == "torch.nn.init.constant_(weight, 0.0)"


@pytest.mark.parametrize("initializer", LAWS, ids=repr)
def test_torch_code_draws_the_same_law(initializer, torch):
    torch.manual_seed(3)
    weight = torch.empty(SHAPE[::-1])  # outputs first
    run(code_of(initializer, "PyTorch").code, torch=torch, weight=weight)
    assert same_law(np.asarray(weight, np.float64).transpose(3, 2, 1, 0), initializer, SHAPE)


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
    (orthogonal(column_axis=0), "PyTorch", "float32", "PyTorch orthogonalizes against the outputs only."),
    (truncated_normal(1.0, lower=-1.0), "Keras", "float32", "Keras cuts a normal at ±2 standard deviations only."),
])  # fmt: skip
def test_laws_without_a_counterpart_say_so(initializer, framework, dtype, note):
    found = code_of(initializer, framework, (3, 3, 8, 24), dtype)
    assert (found.code, found.note) == ("", note)


def test_every_default_is_a_call_that_runs():
    for default in DEFAULTS:
        weights = default.call()(jax.random.key(0), (64, 8, 16))
        assert np.isfinite(weights).all()
        assert default.code == repr(default.call())


# What each framework's own layer draws by default: its weights, and the same kernel's shape here.
FLAX = {
    "Linear, Conv, ConvTranspose, Einsum": [
        (lambda: flax.nnx.Einsum("btd,dhk->bthk", (64, 4, 16), rngs=flax.nnx.Rngs(0)).kernel, (64, 4, 16)),
        (lambda: flax.nnx.Linear(200, 150, rngs=flax.nnx.Rngs(0)).kernel, (200, 150)),
        (lambda: flax.nnx.Conv(24, 32, (3, 3), rngs=flax.nnx.Rngs(0)).kernel, (3, 3, 24, 32)),
        (lambda: flax.nnx.ConvTranspose(24, 32, (3, 3), rngs=flax.nnx.Rngs(0)).kernel, (3, 3, 24, 32)),
    ],
    "MultiHeadAttention, LinearGeneral: query, key, value": [
        (lambda: flax.nnx.MultiHeadAttention(4, 64, rngs=flax.nnx.Rngs(0), decode=False).query.kernel, (64, 4, 16)),
        (lambda: flax.nnx.LinearGeneral(64, (4, 16), rngs=flax.nnx.Rngs(0)).kernel, (64, 4, 16)),
    ],
    "MultiHeadAttention, LinearGeneral: output": [
        (lambda: flax.nnx.MultiHeadAttention(4, 64, rngs=flax.nnx.Rngs(0), decode=False).out.kernel, (4, 16, 64)),
    ],
    "Embed": [(lambda: flax.nnx.Embed(300, 64, rngs=flax.nnx.Rngs(0)).embedding, (300, 64))],
}


@pytest.mark.parametrize("default", [d for d in DEFAULTS if d.framework == "flax"], ids=lambda d: d.layer)
def test_flax_layers_draw_their_default(default):
    for build, shape in FLAX[default.layer]:
        weights = np.asarray(build()[...], np.float64)
        assert weights.shape == shape
        assert same_law(weights, default.call(), shape)


def calls_of(framework):
    """The calls for a framework's defaults, by the first layer that has each."""
    return {
        re.split("[,:]", default.layer)[0]: default.call() for default in DEFAULTS if default.framework == framework
    }


def test_keras_layers_draw_their_default(keras):
    dense, conv = keras.layers.Dense(150), keras.layers.Conv2D(32, 3)
    dense.build((None, 200))
    conv.build((None, 9, 9, 24))
    query = keras.layers.EinsumDense("btd,dhk->bthk", (None, 4, 16))
    query.build((None, 5, 64))
    calls = calls_of("Keras")
    for kernel, layer in ((dense.kernel, "Dense"), (conv.kernel, "Dense"), (query.kernel, "MultiHeadAttention")):
        assert same_law(np.asarray(kernel, np.float64), calls[layer], tuple(kernel.shape))


def test_torch_layers_draw_their_default(torch):
    torch.manual_seed(0)
    calls = calls_of("PyTorch")
    found = {
        "Linear": (torch.nn.Linear(200, 150).weight, (1, 0)),
        "ConvTranspose1d": (torch.nn.ConvTranspose1d(24, 32, 5).weight, (2, 0, 1)),
        "MultiheadAttention": (torch.nn.MultiheadAttention(64, 4).in_proj_weight[:64].reshape(4, 16, 64), (2, 0, 1)),
        "Embedding": (torch.nn.Embedding(100, 40).weight, (0, 1)),
    }
    for layer, (weight, order) in found.items():
        weights = weight.detach().numpy().transpose(order).astype(np.float64)
        assert same_law(weights, calls[layer], weights.shape)


def test_defaults_of_torch_have_the_bounds_it_documents():
    calls = calls_of("PyTorch")
    kernel = (3, 3, 24, 32)
    assert calls["Linear"].plan(kernel).ensemble.marginal.support[1] == pytest.approx(1 / math.sqrt(9 * 24))
    assert calls["ConvTranspose1d"].plan(kernel).ensemble.marginal.support[1] == pytest.approx(1 / math.sqrt(9 * 32))
    fused = calls["MultiheadAttention"].plan((512, 8, 64)).ensemble.marginal
    assert fused.std == pytest.approx(1 / math.sqrt(2 * 512))
