"""LSUV: the variance of every layer is 1 after it, and how often each was rescaled."""

import numpy as np
import pytest

from initviz.engine import Cancelled
from initviz.engine.passes import step
from initviz.initializers import he_normal, normal, orthogonal
from initviz.networks import Network, NetworkStudy, lsuv, measure
from initviz.networks.drawing import drawn, kind_of


@pytest.mark.parametrize("settings", [
    {}, {"activation": "tanh", "initializer": normal(0.5)}, {"bias_std": 0.5, "initializer": orthogonal()},
    {"branch": 1.0, "activation": "tanh"}, {"kind": "conv circular", "width": 16},
], ids=str)  # fmt: skip
def test_every_layer_has_a_variance_of_1(settings):
    network = Network(**{"depth": 6, "width": 64, **settings})
    found = lsuv(network, 3)
    assert found.times == tuple(len(each) - 1 for each in found.variances)
    assert max(found.times) <= 10
    if not network.bias_std:
        assert max(found.times) <= 1
    kind, numbers = kind_of(found.network)
    layers, x, _ = drawn(found.network, 3)
    for layer, seen in enumerate(found.variances):
        h, x = step(kind, layers.weights[layer], layers.factors[layer], layers.biases[layer], x, numbers)
        assert np.var(h) == pytest.approx(seen[-1], rel=1e-4)
        assert abs(np.var(h) - 1) < 0.1
        assert all(abs(each - 1) >= 0.1 for each in seen[:-1])
    (measured,) = measure(found.network)
    np.testing.assert_allclose(measured.square[0], 1, atol=0.8)  # of another seed


def test_signals_that_do_not_vary_are_refused():
    with pytest.raises(ValueError, match=r".") as refusal:
        lsuv(Network(normal(0.0), depth=3, width=16))
    assert str(refusal.value) == (
        "LSUV needs signals that vary and are finite, got a variance of 0 in layer 1 with normal(stddev=0.0) and relu. "
        "Choose other weights."
    )


def test_large_biases_end_after_ten_times():
    found = lsuv(Network(he_normal(), depth=2, width=32, bias_std=3.0))
    assert found.times[0] == 10  # the variance of the biases alone is 9


def test_layers_are_seen_to_be_rescaled_one_after_the_other():
    shares, study = [], NetworkStudy(normal(0.5), depth=6, width=64, activation="tanh", seeds=2, lsuv=True)
    *partial, first = (found for found in study.answers(shares.append) if found.predicted is None)
    assert [len(found.rescaled.variances) for found in (*partial, first)] == [1, 2, 4, 6]
    for found in partial:
        layers = len(found.rescaled.times)
        np.testing.assert_allclose(found.measured.square[0, :layers], 1, atol=0.15)
        assert found.measured.square[0, layers] > 2
        assert found.network.factors == first.network.factors[:layers] + (1.0,) * (6 - layers)
        assert found.verdict.mend is None
    assert first.network.factors == study.answer().network.factors
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1


def test_rescaling_is_stopped_after_any_layer():
    def stop(share):
        raise Cancelled

    with pytest.raises(Cancelled):
        next(NetworkStudy(depth=6, width=16, lsuv=True).answers(stop))
