"""How gradients spread: as those of wide networks do that are drawn, and exactly where that is known."""

import numpy as np
import pytest
from scipy.special import ndtri

from initviz.engine.passes import PLACES, REACH
from initviz.initializers import variance_scaling
from initviz.networks import Network, NetworkStudy, measure, predict
from initviz.networks.spread import NORMAL, gradient_spread
from initviz.propagation import activation


def test_gradients_through_linear_layers_are_normal_and_half_of_those_through_relu_are_0():
    square = np.array([0.5, 2.0, 1e-30])
    np.testing.assert_allclose(gradient_spread(activation("linear"), square), NORMAL, rtol=1e-3)
    np.testing.assert_allclose(gradient_spread(activation("relu"), square), ndtri(0.9) * 2**0.5, rtol=1e-3)
    assert np.isnan(gradient_spread(activation("relu"), np.array([0.0, np.inf, np.nan]))).all()


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("settings", [
    {}, {"activation": "tanh", "initializer": variance_scaling(2.5, "fan_in", "normal"), "bias_std": 0.3},
    {"activation": "gelu", "branch": 0.3, "norm": "rms"}, {"activation": "tanh", "kind": "conv circular", "width": 48},
])  # fmt: skip
def test_gradients_of_wide_networks_spread_so(settings):
    network = Network(**({"depth": 5, "width": 400, "batch": 64} | settings))
    *_, found = measure(network, 4)
    edges = np.linspace(-REACH, REACH, PLACES + 1)
    counts = found.gradient_counts.sum(axis=0)
    symmetric = counts + counts[:, ::-1]
    below = np.cumsum(symmetric, axis=1) / symmetric.sum(axis=1, keepdims=True)
    measured = [np.interp(0.95, each, edges[1:]) for each in below]
    expected = gradient_spread(network.function, predict(network, bands=False).square)
    np.testing.assert_allclose(
        measured, expected, rtol=0.03
    )  # of some 10⁵ values, of which those of a layer hang together


def test_histograms_of_gradients_have_every_value():
    network = Network(depth=3, width=16)
    (found,) = measure(network, 1)
    assert found.gradient_counts.shape == (1, 3, PLACES)
    assert found.gradient_counts.sum(axis=-1).tolist() == [[16 * 16] * 3]
    zeros = found.gradient_counts[0, :, PLACES // 2]
    assert (zeros > 0.4 * 256).all()  # where relu is flat


def test_an_answer_has_the_spread_where_it_has_theory():
    assert NetworkStudy(depth=3, width=16, seeds=1).answer().spread.shape == (3,)
    assert NetworkStudy("uniform", depth=3, width=16, seeds=1).answer().spread is None
