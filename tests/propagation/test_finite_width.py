"""Relu networks of finite width, and Jacobians: recorded numbers and simulations."""

import math

import numpy as np
import pytest
from oracles import refused
from recorded import NUMBERS

from initviz.propagation import activation, jacobian, log_square


@pytest.mark.parametrize("name", ["5.hanin_nica_n32_L10", "5.hanin_nica_n100_L50"])
def test_recorded_laws_of_the_size(name):
    entry = NUMBERS[name]
    found = log_square([entry["inputs"]["n"]] * entry["inputs"]["L"])
    assert [found.mean, found.variance] == pytest.approx(entry["value"], abs=entry["tolerance"])


def test_the_size_in_small_networks():
    chance, sizes = np.random.default_rng(0), []
    for _ in range(4000):
        x = chance.standard_normal(20)
        start = np.mean(x**2)
        for width in (20, 30, 16):
            x = np.maximum(x @ chance.normal(0, math.sqrt(2 / x.size), (x.size, width)), 0)
        sizes.append(math.log(np.mean(x**2) / start))
    law = log_square([20, 30, 16])
    assert np.mean(sizes) == pytest.approx(law.mean, abs=4 * math.sqrt(law.variance / 4000))
    assert np.var(sizes) == pytest.approx(law.variance, rel=4 * math.sqrt(3 / 4000))
    low, high = law.band(0.9)
    assert np.mean((low < np.exp(sizes)) & (np.exp(sizes) < high)) == pytest.approx(0.9, abs=0.03)


def test_widths_are_whole_numbers():
    message = "widths must be whole numbers from 1, got 0. Pass for instance [100] * 50."
    refused(ValueError, message, log_square, [8, 0])


def test_to_leading_order_a_layer_adds_five_over_its_width():
    law = log_square([1000] * 10)
    assert law.variance == pytest.approx(0.05, rel=0.01)
    assert law.mean == pytest.approx(-0.025, rel=0.01)


@pytest.mark.parametrize("name", [name for name in NUMBERS if name.startswith("5.jac_") and "small" not in name])
def test_recorded_jacobians(name):
    entry = NUMBERS[name]
    inputs = entry["inputs"]
    tanh = inputs["act"] == "tanh"
    found = jacobian(inputs["act"], 1.05 if tanh else 2.0, 0.02592 if tanh else 1.0, inputs["L"], inputs["orth"])
    assert found.spread == pytest.approx(entry["value"][0], abs=1e-4)
    assert found.largest == pytest.approx(float(entry["value"][1]), abs=1e-6, nan_ok=True)


def test_recorded_edges():
    for name in ("5.lam_max_L10", "5.lam_max_L50"):
        entry = NUMBERS[name]
        layers = entry["inputs"]["L"]
        found = [
            jacobian("linear", 1, 1, layers),
            jacobian("relu", 2, 1, layers),
            jacobian("relu", 2, 1, layers, orthogonal=True),
        ]
        assert [each.largest for each in found] == pytest.approx(entry["value"], abs=1e-6)
    entry, small = NUMBERS["5.jac_tanh_orth_small_q"], 0.001
    assert jacobian("tanh", 1, small, 1, orthogonal=True).spread / small**2 == pytest.approx(
        entry["value"], abs=entry["tolerance"]
    )


@pytest.mark.parametrize(
    ("name", "weight_variance", "orthogonal"), [("relu", 2.0, False), ("relu", 2.0, True), ("tanh", 1.2, True)]
)
def test_jacobians_of_wide_networks(name, weight_variance, orthogonal):
    function, width, layers, squares = activation(name), 120, 4, []
    for seed in range(40):
        chance = np.random.default_rng(seed)
        u, product = chance.standard_normal(width), np.eye(width)
        for _ in range(layers):
            weights = chance.standard_normal((width, width))
            weights = np.linalg.qr(weights)[0] if orthogonal else weights / math.sqrt(width)
            weights *= math.sqrt(weight_variance)
            product = (weights * function.slope(u)) @ product
            u = chance.standard_normal(width)  # of one size in every layer, which is all that counts
        squares.append(np.linalg.svd(product, compute_uv=False) ** 2)
    found = jacobian(function, weight_variance, 1.0, layers, orthogonal)
    means = np.mean(squares, axis=1)
    assert means.mean() == pytest.approx(found.mean, abs=4 * means.std() / math.sqrt(39))
    spread = np.var(squares, axis=1) / means**2
    assert spread.mean() == pytest.approx(found.spread, abs=4 * spread.std() / math.sqrt(39) + 0.03 * found.spread)


def test_layers_are_whole_numbers():
    refused(ValueError, "layers must be a whole number from 1, got 0. Pass for instance 50.", jacobian, "relu", 2, 1, 0)


def test_jacobians_without_a_signal_and_beyond_all_numbers():
    assert jacobian("elu", 1.0, 0.0, 5).mean == pytest.approx(1)
    assert jacobian("relu", 4.0, 1.0, 2000).mean == math.inf
