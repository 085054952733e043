"""Gains keep what they are made to keep, and their calls draw weights of that size."""

import jax
import numpy as np
import pytest

from initviz.networks.gains import gains, state_of
from initviz.propagation import NAMED, activation

NORMAL = np.random.default_rng(0).standard_normal(1_000_000)


@pytest.mark.slow(keeps=4)
@pytest.mark.parametrize("name", [*NAMED, "tanh", "sigmoid", "sin(3 * x)"])
def test_gains_keep_what_they_say(name):
    function = activation(name)
    found = {each.name: each.gain for each in gains(name)}
    kept = {
        "forward": np.mean(function(NORMAL) ** 2),
        "backward": np.mean(function.slope(NORMAL) ** 2),
        "variance": np.var(function(NORMAL)),
    }
    for each, size in kept.items():
        if each in found:
            assert found[each] ** 2 * size == pytest.approx(1, rel=0.01)


def test_the_numbers_of_the_theory():
    tanh = {each.name: each for each in gains("tanh")}
    assert tanh["PyTorch"].chi == pytest.approx(1.20983, abs=5e-6)
    assert tanh["PyTorch"].state == "chaotic"
    assert tanh["critical"].gain == pytest.approx(1)
    selu = {each.name: each for each in gains("selu")}
    assert selu["PyTorch"].chi == pytest.approx(1.00367, abs=5e-6)
    assert selu["critical, with biases"].gain ** 2 == pytest.approx(0.9332, abs=2e-3)
    assert {each.name: each.state for each in gains("sigmoid")}["PyTorch"] == "ordered"
    assert [each.state for each in gains("relu") if each.name != "variance"] == ["critical"] * 4
    assert {each.name: each.gain for each in gains("relu")}["variance"] == pytest.approx(1.7128586)


@pytest.mark.parametrize("each", gains("tanh"), ids=lambda each: each.name)
def test_calls_of_jax_and_flax_draw_weights_of_that_gain(each):
    for framework in ("jax", "flax"):
        names = {}
        exec(f"import {framework}\nfrom flax import nnx" if framework == "flax" else "import jax", names)
        weights = eval(each.calls[framework], names)(jax.random.key(0), (400, 300))
        assert np.std(weights) * 20 == pytest.approx(each.gain, rel=0.01)


def test_growth_in_a_word():
    assert [state_of(chi) for chi in (0.5, 0.995, 1.005, 1.5, np.nan)] == [
        "ordered", "critical", "critical", "chaotic", "without bound",
    ]  # fmt: skip
