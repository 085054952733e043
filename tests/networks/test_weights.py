"""Standardized weights are drawn once, kept within a budget, and their memory serves one network at a time."""

from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest

from initviz.engine.passes import layer_key
from initviz.initializers import (
    constant,
    delta_orthogonal,
    glorot_uniform,
    he_normal,
    lecun_normal,
    normal,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
)
from initviz.networks import Network, measure, measured, weights
from initviz.networks.drawing import drawn

DRAWN = [
    he_normal(), glorot_uniform(), normal(0.3), uniform(0.2), orthogonal(1.7), constant(0.5),
    truncated_normal(0.1, lower=-1.0, upper=3.0), normal(np.linspace(0.1, 1, 16)), normal(0.0),
]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_kept():
    """None of the weights that other tests have drawn."""
    weights._kept.clear()


@pytest.fixture
def filled(monkeypatch):
    """How many layers were drawn, each time."""
    times = []

    def counted(memory, ensemble, keys, first, shape):
        times.append(len(keys))
        fill(memory, ensemble, keys, first, shape)

    fill = weights.fill
    monkeypatch.setattr(weights, "fill", counted)
    return times


@pytest.mark.parametrize("initializer", DRAWN, ids=str)
def test_weights_times_factors_are_those_of_the_initializer(initializer):
    network = Network(initializer, depth=3, width=16)
    layers = drawn(network, 2).layers
    for layer in range(3):
        expected = initializer(layer_key(network.keys(2)[0], layer), (16, 16), "float32")
        found = layers.factors[layer] * layers.weights[layer]
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-7)


def test_kernels_too():
    network = Network(delta_orthogonal(1.5), depth=1, width=8, kind="conv same")
    layers = drawn(network, 0).layers
    expected = network.initializer(layer_key(network.keys(0)[0], 0), (3, 3, 8, 8), "float32")
    np.testing.assert_allclose(layers.factors[0] * layers.weights[0], expected.reshape(72, 8), atol=1e-6)


def test_only_what_is_new_is_drawn(filled):
    settings = {"depth": 5, "width": 16}
    for initializer in (variance_scaling(2.0, "fan_in", "normal"), variance_scaling(0.5, "fan_out", "normal"),
                        normal(0.1)):  # fmt: skip
        list(measure(Network(initializer, bias_std=0.1, **settings)))
        list(measure(Network(initializer, activation="tanh", branch=0.5, **settings)))
    assert filled == [5]
    list(measure(Network(normal(0.1), depth=3, width=16)))
    list(measure(Network(normal(0.1), depth=9, width=16)))
    assert filled == [5, 4]
    list(measure(Network(normal(0.1), depth=9, width=16, seed=1)))
    list(measure(Network(lecun_normal(), depth=9, width=16)))
    assert filled == [5, 4, 9, 9]
    with jax.threefry_partitionable(False):
        list(measure(Network(normal(0.1), depth=9, width=16)))
    assert filled == [5, 4, 9, 9, 9]


def test_no_more_is_kept_than_the_budget_and_memory_is_used_again(monkeypatch, filled):
    monkeypatch.setattr(weights, "BUDGET", 3 * 5 * 16 * 16 * 4)

    def layers(seed):
        return drawn(Network(depth=5, width=16), seed).layers

    held = layers(0)
    before = held.weights[:5].copy()
    places = [layers(seed).weights.ctypes.data for seed in range(1, 6)]
    assert len(weights._kept) == 3
    assert held.weights.ctypes.data not in places  # it is in use
    np.testing.assert_array_equal(held.weights[:5], before)
    assert places[3] == places[0]  # the oldest that nobody has
    assert filled == [5] * 6
    np.testing.assert_array_equal(layers(0).weights[:5], before)
    assert filled == [5] * 7
    layers(0)
    assert filled == [5] * 7
    drawn(Network(depth=20, width=16), 0)  # larger than all that may be kept
    drawn(Network(depth=20, width=16), 0)
    assert filled == [5] * 7 + [15, 20]


def test_no_more_networks_are_kept_than_the_most(monkeypatch, filled):
    monkeypatch.setattr(weights, "MOST_KEPT", 2)
    for seed in (0, 1, 0, 2, 0, 1):  # 1 is forgotten for 2, as 0 was used since
        drawn(Network(depth=5, width=16), seed)
    assert len(weights._kept) == 2
    assert filled == [5] * 4


def test_threads_have_weights_of_their_own(monkeypatch):
    monkeypatch.setattr(weights, "BUDGET", 4 * 4 * 32 * 32 * 4)
    networks = [Network(depth=4, width=32, seed=seed) for seed in range(8)]
    expected = [next(measure(network)).square for network in networks]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda network: next(measure(network)).square, networks * 6))
    for one, other in zip(found, expected * 6, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_are_held_until_the_results_are_there(monkeypatch):
    """`run` returns before it has read them: whatever it returns asks when it is read."""
    free, run = [], measured.run

    class Later:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            free.extend(kept.free for kept in weights._kept.values())
            return np.asarray(self.values)

    def started(kind, layers, *others):
        found = jax.tree.map(np.array, run(kind, layers, *others))
        return jax.tree.map(Later, found)

    monkeypatch.setattr(measured, "run", started)
    list(measure(Network(depth=3, width=16)))
    assert free
    assert not any(free)


def test_memory_that_jax_has_read_is_used_again(monkeypatch):
    """jax holds it until it is called once more."""
    monkeypatch.setattr(weights, "BUDGET", 20 * 64 * 64 * 4)
    monkeypatch.setattr(weights, "GRACE", 1000)  # on a busy machine
    places = set()
    for seed in range(6):
        list(measure(Network(depth=20, width=64, seed=seed)))
        places |= {kept.memory.ctypes.data for kept in weights._kept.values()}
    assert len(places) == 1


def test_memory_of_a_deep_network_counts_as_deep_whoever_has_it(monkeypatch):
    monkeypatch.setattr(weights, "BUDGET", 20 * 16 * 16 * 4)

    def pages():
        return sum(kept.size for kept in weights._kept.values())

    drawn(Network(depth=12, width=16), 0)
    (deep,) = (kept.memory for kept in weights._kept.values())
    places = {seed: drawn(Network(depth=5, width=16), seed).layers.weights.ctypes.data for seed in range(1, 6)}
    assert deep.ctypes.data not in places.values()  # it is given back, not kept for less
    assert len(weights._kept) == 4
    assert pages() == weights.BUDGET
    assert drawn(Network(depth=6, width=16), 6).layers.weights.ctypes.data in places.values()
    drawn(Network(depth=2, width=16), 6)
    assert max(kept.most for kept in weights._kept.values()) == 6
    assert pages() <= weights.BUDGET
