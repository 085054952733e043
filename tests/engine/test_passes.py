"""One pass through a network against plain jax, layer by layer, and what compiles."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from initviz.engine import passes
from initviz.engine.passes import layer_key
from initviz.initializers import he_normal, orthogonal
from initviz.networks import Network, measure
from initviz.networks.drawing import kind_of
from initviz.networks.inputs import inputs_of

KINDS = [
    {}, {"branch": 0.5}, {"norm": "rms"}, {"norm": "layer", "branch": 1.0},
    {"norm": "layer", "branch": 1.0, "norm_after": True},
    {"activation": "leaky_relu(x, 0.2)", "bias_std": 0.3}, {"activation": "gelu", "initializer": orthogonal()},
]  # fmt: skip


@pytest.mark.slow(keeps=3)
@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_statistics_are_those_of_plain_jax(settings):
    network = Network(depth=5, width=24, batch=4, **settings)
    (found,) = measure(network)
    weights_key, biases_key, inputs_key = network.keys(0)
    chance = np.random.default_rng(np.asarray(jax.random.key_data(biases_key)))
    biases = network.bias_std * chance.standard_normal((5, 24))
    end = chance.standard_normal((4, 24))
    with jax.enable_x64(True):
        weights = [
            jnp.asarray(network.initializer(layer_key(weights_key, i), (24, 24), "float32"), float) for i in range(5)
        ]

        def normed(x):
            x = x - x.mean(-1, keepdims=True) if network.norm == "layer" else x
            return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + passes.EPSILON) if network.norm else x

        def run(nudges, seen=None, left=None):
            x = jnp.asarray(inputs_of(network, inputs_key), float)
            for weight, bias, nudge in zip(weights, biases, nudges, strict=True):
                h = (x if network.norm_after else normed(x)) @ weight + bias + nudge
                if seen is not None:
                    seen.append(h)
                y = network.function.expression.jax(h)
                x = y if network.branch is None else x + network.branch * y
                x = normed(x) if network.norm_after else x
                if left is not None:
                    left.append(x)
            return (x * end).sum()

        before, left, nothing = [], [], jnp.zeros((5, 4, 24))
        run(nothing, before, left)
        gradients = jax.grad(run)(nothing)
    h = np.array(before)
    np.testing.assert_allclose(found.square[0], np.mean(h**2, axis=(1, 2)), rtol=1e-4)
    np.testing.assert_allclose(found.leaves[0], np.mean(np.square(left), axis=(1, 2)), rtol=1e-4)
    np.testing.assert_allclose(found.gradient[0], np.mean(np.square(gradients), axis=(1, 2)), rtol=1e-3)
    cosines = [np.mean([a @ b / np.sqrt(a @ a * (b @ b)) for a, b in layer.reshape(2, 2, 24)]) for layer in h]
    np.testing.assert_allclose(found.correlation[0], cosines, atol=1e-4)
    assert found.counts.sum(axis=-1).tolist() == [[4 * 24] * 5]
    dead = np.mean((network.function(h) == 0).all(axis=1), axis=-1)
    np.testing.assert_allclose(found.dead[0], dead, atol=1e-6)


def test_nothing_is_compiled_when_a_number_moves():
    settings = {"depth": 3, "width": 16, "branch": 0.5, "activation": "leaky_relu(x, 0.1)"}
    list(measure(Network(**settings)))
    compiled = passes.run._cache_size()
    for changed in [{"depth": 7}, {"branch": 0.25}, {"bias_std": 0.1}, {"activation": "leaky_relu(x, 0.3)"},
                    {"seed": 4}, {"initializer": he_normal(in_axis=-1, out_axis=-2)}]:  # fmt: skip
        list(measure(Network(**settings | changed)))
    assert passes.run._cache_size() == compiled


def test_weights_are_those_of_the_initializer_and_kept_without_a_copy():
    keys = [jax.random.key(i) for i in range(3)]
    for initializer in (he_normal(), orthogonal()):
        found = passes.room(5, (32, 32))
        assert found.shape == (5, 32, 32)
        assert found.ctypes.data % 64 == 0
        passes.fill(found, initializer.plan((32, 32)).ensemble, keys, 1, (32, 32))
        for key, weights in zip(keys, found[1:], strict=False):
            np.testing.assert_allclose(weights, initializer(key, (32, 32)), rtol=1e-5, atol=1e-6)
    assert kind_of(Network())[0] == kind_of(Network(depth=3))[0]
