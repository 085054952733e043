"""Convolutional networks: plain jax, the theory of wide ones, and what they have no theory of."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from bands import holds
from jax import lax

from initviz.engine import passes
from initviz.engine.passes import layer_key
from initviz.initializers import delta_orthogonal, he_normal, orthogonal, variance_scaling
from initviz.networks import Network, jacobian_values, measure, predict
from initviz.networks.inputs import inputs_of
from initviz.networks.network import KINDS, POSITIONS

CONVOLUTIONS = [kind for kind, padding in KINDS.items() if padding]
NETWORKS = 40
CRITICAL = variance_scaling(1.0, "fan_in", "normal")


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("kind", CONVOLUTIONS)
@pytest.mark.parametrize("settings", [
    {}, {"initializer": delta_orthogonal(), "activation": "tanh"},
    {"initializer": orthogonal(), "branch": 0.5, "norm": "layer", "bias_std": 0.2},
    {"branch": 1.0, "norm": "rms", "norm_after": True},
], ids=str)  # fmt: skip
def test_statistics_are_those_of_plain_jax(kind, settings):
    network = Network(depth=3, width=12, batch=4, kind=kind, **settings)
    (found,) = measure(network)
    weights_key, biases_key, inputs_key = network.keys(0)
    chance, shape = np.random.default_rng(np.asarray(jax.random.key_data(biases_key))), (4, *POSITIONS, 12)
    biases = network.bias_std * chance.standard_normal((3, 12))
    end = chance.standard_normal(shape)
    with jax.enable_x64(True):
        kernels = [
            jnp.asarray(network.initializer(layer_key(weights_key, i), (3, 3, 12, 12), "float32"), float)
            for i in range(3)
        ]

        def convolved(x, kernel):
            if kind == "conv circular":
                x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="wrap")
            padding = "VALID" if kind == "conv circular" else "SAME"
            return lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))

        def normed(x):
            x = x - x.mean(-1, keepdims=True) if network.norm == "layer" else x
            return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + passes.EPSILON) if network.norm else x

        def run(nudges, seen=None):
            x = jnp.asarray(inputs_of(network, inputs_key), float)
            for kernel, bias, nudge in zip(kernels, biases, nudges, strict=True):
                h = convolved(x if network.norm_after else normed(x), kernel) + bias + nudge
                if seen is not None:
                    seen.append(h)
                y = network.function.expression.jax(h)
                x = y if network.branch is None else x + network.branch * y
                x = normed(x) if network.norm_after else x
            return (x * end).sum()

        before, nothing = [], jnp.zeros((3, *shape))
        run(nothing, before)
        gradients = jax.grad(run)(nothing)
    h = np.array(before)
    np.testing.assert_allclose(found.square[0], np.mean(h**2, axis=(1, 2, 3, 4)), rtol=1e-4)
    np.testing.assert_allclose(found.gradient[0], np.mean(np.square(gradients), axis=(1, 2, 3, 4)), rtol=1e-3)
    unit = h / np.linalg.norm(h, axis=-1, keepdims=True)
    cosines = np.mean(np.sum(unit[:, ::2] * unit[:, 1::2], axis=-1), axis=(1, 2, 3))
    np.testing.assert_allclose(found.correlation[0], cosines, atol=1e-4)
    dead = np.mean((network.function(h) == 0).all(axis=(1, 2, 3)), axis=-1)
    np.testing.assert_allclose(found.dead[0], dead, atol=1e-6)
    assert found.counts.sum(axis=-1).tolist() == [[h[0].size] * 3]


CASES = {
    "relu": {}, "tanh": {"initializer": CRITICAL, "activation": "tanh", "bias_std": 0.1},
    "delta": {"initializer": delta_orthogonal(2**0.5)}, "orthogonal": {"initializer": orthogonal(2**0.5)},
    "same delta": {"initializer": delta_orthogonal(), "activation": "tanh", "kind": "conv same"},
    "residual": {"initializer": CRITICAL, "activation": "tanh", "branch": 0.3}, "digits": {"inputs": "digits"},
    "norm": {"norm": "layer"},
}  # fmt: skip


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("case", CASES)
def test_networks_are_within_their_band(case):
    settings = {"kind": "conv circular"} | CASES[case]
    network = Network(depth=8, width=24, batch=2, **settings)
    *_, found = measure(network, NETWORKS)
    theory = predict(network)
    for name in ("square", "gradient"):
        assert holds(getattr(theory, f"{name}_band"), getattr(found, name))
    *_, found = measure(Network(depth=4, width=128, batch=8, **settings), 4)
    np.testing.assert_allclose(found.square.mean(axis=0), theory.square[:4], rtol=0.2)
    if theory.correlation is not None and settings.get("inputs") != "digits":
        np.testing.assert_allclose(found.correlation.mean(axis=0), theory.correlation[:4], atol=0.05)


def test_the_variance_of_weights_counts_what_an_output_sums():
    for initializer, expected in ((he_normal(), 2), (delta_orthogonal(1.5), 2.25), (orthogonal(1.5), 2.25)):
        network = Network(initializer, depth=2, width=16, kind="conv circular")
        assert network.weight_variance == pytest.approx(expected)
        assert network.plan.shape == (3, 3, 16, 16)


def test_digits_in_convolutions_have_one_correlation_where_positions_see_the_same_pixels():
    settings = {"depth": 2, "batch": 4, "kind": "conv circular", "inputs": "digits"}
    x = inputs_of(Network(width=64, **settings), jax.random.key(0))
    np.testing.assert_allclose(x[:, 0, 0], np.roll(x[:, 0, 1], 1, axis=-1), rtol=1e-5)
    np.testing.assert_allclose(np.mean(x**2, axis=-1), 1, rtol=1e-5)
    assert predict(Network(width=128, **settings)).correlation.shape == (2,)
    assert predict(Network(width=24, **settings)).correlation is None


def test_nothing_is_compiled_when_a_number_moves():
    settings = {"depth": 3, "width": 8, "kind": "conv same", "branch": 0.5}
    list(measure(Network(**settings)))
    compiled = passes.run._cache_size()
    for changed in [{"depth": 7}, {"branch": 0.25}, {"bias_std": 0.1}, {"initializer": delta_orthogonal(2.0)}]:
        list(measure(Network(**settings | changed)))
    assert passes.run._cache_size() == compiled


@pytest.mark.parametrize(("call", "message"), [
    (lambda: Network(kind="conv"),
     "kind must be one of 'dense', 'conv circular', 'conv same', got 'conv'. Use 'dense'."),
    (lambda: Network(kind="conv same", width=256), "width of a convolution must be a whole "
     "number from 2 to 128, got 256. Use 128."),
    (lambda: jacobian_values(Network(kind="conv same", width=32)),
     "the Jacobian is computed of up to 16 channels, got 32. Use width=16."),
    (lambda: predict(Network(kind="conv same", width=16)),
     "the theory is of convolutions whose positions are all alike, got 'conv same', at whose border zeros enter. "
     "Choose 'conv circular'."),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_the_fix(call, message):
    with pytest.raises(ValueError, match=r".") as refusal:
        call()
    assert str(refusal.value) == message
