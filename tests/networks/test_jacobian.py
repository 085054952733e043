"""Singular values of Jacobians of networks that are drawn: plain jax, theory, and what compiles."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from initviz.engine import passes
from initviz.engine.passes import layer_key
from initviz.initializers import delta_orthogonal, he_normal, lecun_normal, normal, orthogonal, variance_scaling
from initviz.networks import Network, NetworkStudy, jacobian_values
from initviz.networks.drawing import drawn
from initviz.networks.inputs import inputs_of
from initviz.propagation import fixed_point, jacobian

KINDS = [
    {}, {"branch": 0.5}, {"norm": "rms"}, {"norm": "layer", "branch": 1.0},
    {"norm": "layer", "branch": 1.0, "norm_after": True}, {"activation": "gelu", "initializer": orthogonal()},
    {"activation": "leaky_relu(x, 0.2)", "bias_std": 0.3, "factors": (1.0, 2.0, 0.5, 1.5, 1.0)},
]  # fmt: skip


@pytest.mark.slow(keeps=3)
@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_it_is_the_jacobian_of_plain_jax(settings):
    network, seed = Network(depth=5, width=24, batch=4, **settings), 1
    weights_key, biases_key, inputs_key = network.keys(seed)
    chance = np.random.default_rng(np.asarray(jax.random.key_data(biases_key)))
    biases = (network.bias_std * chance.standard_normal((5, 24))).astype(np.float32)
    with jax.enable_x64(True):
        weights = [
            jnp.asarray(network.initializer(layer_key(weights_key, i), (24, 24), "float32"), float) for i in range(5)
        ]

        def normed(x):
            x = x - x.mean() if network.norm == "layer" else x
            return x / jnp.sqrt((x * x).mean() + passes.EPSILON) if network.norm else x

        def run(x):
            for weight, bias, factor in zip(weights, biases, network.factors or [1.0] * 5, strict=True):
                h = (x if network.norm_after else normed(x)) @ (factor * weight) + bias
                y = network.function.expression.jax(h)
                x = y if network.branch is None else x + network.branch * y
                x = normed(x) if network.norm_after else x
            return x

        whole = jax.jacobian(run)(jnp.asarray(inputs_of(network, inputs_key)[0], float))
    expected = np.linalg.svd(np.asarray(whole), compute_uv=False)
    found = jacobian_values(network, seed)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, atol=2e-6 * expected[0])  # weights are drawn to 4 ulp


@pytest.mark.parametrize(("settings", "weight_variance", "is_orthogonal"), [
    ({"activation": "linear", "initializer": lecun_normal()}, 1.0, False),
    ({}, 2.0, False),
    ({"initializer": orthogonal(2**0.5)}, 2.0, True),
])  # fmt: skip
def test_mean_and_spread_of_the_squares_are_those_of_theory(settings, weight_variance, is_orthogonal):
    network, seeds = Network(depth=8, width=160, **settings), 12
    squares = np.array([jacobian_values(network, seed) ** 2 for seed in range(seeds)])
    theory = jacobian(network.activation, weight_variance, 1.0, 8, is_orthogonal)
    means = squares.mean(axis=1)
    assert means.mean() == pytest.approx(theory.mean, abs=4 * means.std() / np.sqrt(seeds - 1) + 0.01)
    spread = squares.var(axis=1) / means**2
    assert spread.mean() == pytest.approx(theory.spread, abs=4 * spread.std() / np.sqrt(seeds - 1))
    assert 0.75 * theory.largest < squares.max(axis=1).mean() < 1.1 * theory.largest


def test_orthogonal_tanh_at_criticality_is_nearly_isometric_and_relu_is_not():
    critical = {"activation": "tanh", "initializer": orthogonal(1.05**0.5), "bias_std": 2.01e-5**0.5}
    small = fixed_point("tanh", 1.05, 2.01e-5)
    start = ((small.q - 2.01e-5) / 1.05) ** 0.5
    squares = jacobian_values(Network(depth=8, width=300, input_std=start, **critical)) ** 2
    theory = jacobian("tanh", 1.05, small.q, 8, orthogonal=True)
    assert theory.spread == pytest.approx(0.0342, abs=2e-4)
    assert np.var(squares) / np.mean(squares) ** 2 == pytest.approx(theory.spread, rel=0.5)
    assert np.mean(squares) == pytest.approx(theory.mean, rel=0.1)
    assert jacobian_values(Network(depth=8, width=300)).min() < 1e-6


def test_small_values_of_deep_linear_networks_are_not_rounding():
    values = jacobian_values(Network(variance_scaling(1.0, "fan_in", "normal"), depth=50, width=128,
                                     activation="linear"))  # fmt: skip
    assert 3 < values[0] < 30
    assert 1e-9 < np.median(values) < 1e-6  # 3e-8 in theory; single precision ends at 1e-6
    equal = jacobian_values(Network(orthogonal(), depth=50, width=128, activation="linear"))
    np.testing.assert_allclose(equal, 1, rtol=1e-4)


def test_nothing_is_compiled_when_a_number_moves():
    settings = {"depth": 3, "width": 16, "branch": 0.5, "activation": "leaky_relu(x, 0.1)"}
    jacobian_values(Network(**settings))
    compiled = passes.jacobian._cache_size()
    for changed in [{"depth": 7}, {"branch": 0.25}, {"bias_std": 0.1}, {"activation": "leaky_relu(x, 0.3)"},
                    {"seed": 4}, {"initializer": orthogonal()}]:  # fmt: skip
        jacobian_values(Network(**settings | changed))
    assert passes.jacobian._cache_size() == compiled


def test_what_has_no_jacobian_is_refused_with_the_fix():
    with pytest.raises(ValueError, match=r".") as refusal:
        jacobian_values(Network(width=1024))
    assert str(refusal.value) == "the Jacobian is computed of up to 512 units, got 1024. Use width=512."
    with pytest.raises(ValueError, match=r".") as refusal:
        jacobian_values(Network(normal(1e30), depth=60, width=16, activation="x**3"))
    assert str(refusal.value) == (
        "the Jacobian must be finite, got NaN or infinity in normal(stddev=1e+30) and x**3. Take smaller weights, or "
        "fewer layers."
    )


def squares_of(network, seeds):
    """Of the singular values, over their mean; and the means."""
    found = np.array([jacobian_values(network, seed) ** 2 for seed in range(seeds)])
    return found / found.mean(axis=1, keepdims=True), found.mean(axis=1)


@pytest.mark.parametrize("kind", ["conv circular", "conv same"])
def test_delta_orthogonal_convolutions_are_dense_layers_at_each_position(kind):
    settings = {"depth": 4, "width": 8, "kind": kind}
    linear = jacobian_values(Network(delta_orthogonal(1.5), activation="linear", **settings))
    np.testing.assert_allclose(linear, 1.5**4, rtol=1e-5)
    network, expected = Network(delta_orthogonal(2**0.5), **settings), []
    layers, inputs, _ = drawn(network, 0)
    for x in inputs[0].reshape(64, 8):
        whole = np.eye(8)
        for weights, factor in zip(layers.weights[:4], layers.factors[:4], strict=True):
            center = np.asarray(factor * weights, float).reshape(9, 8, 8)[4]
            h = x @ center
            whole, x = whole @ (center * (h > 0)), np.maximum(h, 0)
        expected.extend(np.linalg.svd(whole, compute_uv=False))
    np.testing.assert_allclose(jacobian_values(network), np.sort(expected)[::-1], atol=1e-5)


def test_a_circular_linear_convolution_is_its_frequencies():
    network = Network(lecun_normal(), depth=3, width=8, kind="conv circular", activation="linear")
    kernels = drawn(network, 0).layers
    product = np.eye(8)
    for weights, factor in zip(kernels.weights[:3], kernels.factors[:3], strict=True):
        kernel = np.asarray(factor * weights, float).reshape(3, 3, 8, 8)
        product = product @ np.fft.fft2(kernel, (8, 8), axes=(0, 1))
    expected = np.sort(np.linalg.svd(product, compute_uv=False).ravel())[::-1]
    np.testing.assert_allclose(jacobian_values(network), expected, rtol=1e-5, atol=1e-6 * expected[0])


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_mean_and_spread_of_circular_convolutions_are_those_of_dense_layers(activation):
    weight_variance = {"linear": 1.0, "relu": 2.0}[activation]
    initializer = variance_scaling(weight_variance, "fan_in", "normal")
    network = Network(initializer, depth=2, width=16, kind="conv circular", activation=activation)
    theory = jacobian(activation, weight_variance, 1.0, 2)
    squares, means = squares_of(network, 4)
    assert means.mean() == pytest.approx(theory.mean, rel=0.25)
    assert squares.var(axis=1).mean() == pytest.approx(theory.spread, rel=0.3)


@pytest.mark.parametrize(("settings", "known"), [
    ({"initializer": delta_orthogonal(2**0.5), "kind": "conv same"}, True), ({"kind": "conv circular"}, True),
    ({"initializer": orthogonal(2**0.5), "kind": "conv circular"}, False),
])  # fmt: skip
def test_a_convolution_has_a_law_or_it_is_said_why_not(settings, known):
    settings = {"initializer": he_normal(), **settings}
    found = NetworkStudy(depth=3, width=8, seeds=1, **settings).answer()
    assert (found.law is not None) == known
    said = (
        "no law is known of convolutions of orthogonal(scale=1.4142135623730951): what is orthogonal is the kernel as "
        "a matrix, and the convolution is no isometry. Choose delta_orthogonal()."
    )
    assert found.no_law == ("" if known else said)
