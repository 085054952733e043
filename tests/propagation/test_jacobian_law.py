"""The law of the squared singular values of Jacobians: its own moments and edges, and simulated networks."""

import math

import numpy as np
import pytest

from initviz.propagation import jacobian, jacobian_law
from initviz.spectra.fuss_catalan import FussCatalan

CASES = [
    ("linear", 1.0, 1, False), ("linear", 1.3, 6, False), ("relu", 2.0, 1, False), ("relu", 2.0, 8, False),
    ("relu", 1.5, 50, False), ("relu", 2.0, 2, True), ("relu", 2.0, 8, True), ("relu", 2.2, 60, True),
    ("relu", 2.0, 200, False), ("linear", 1.0, 200, False),
]  # fmt: skip


def integral(law, power):
    """E s^(2 power) of what is not 0: over the logarithm, in which the density is bounded."""
    return np.trapezoid(law.density * law.squares ** (power + 1), np.log(law.squares))


@pytest.mark.parametrize(("name", "weight_variance", "layers", "orthogonal"), CASES)
def test_its_moments_and_its_edge_are_those_of_the_jacobian(name, weight_variance, layers, orthogonal):
    law = jacobian_law(name, weight_variance, layers, orthogonal)
    found = jacobian(name, weight_variance, 1.0, layers, orthogonal)
    assert (np.diff(law.squares) > 0).all()
    assert (law.density > 0).all()
    near = 2e-3 if layers < 100 else 0.2  # of many layers much is below 1e-300
    assert integral(law, 0) + law.zeros == pytest.approx(1, abs=near)
    assert integral(law, 1) == pytest.approx(found.mean, rel=3e-3)
    assert integral(law, 2) == pytest.approx(found.mean**2 * (1 + found.spread), rel=3e-3)
    assert law.squares[-1] == pytest.approx(found.largest, rel=1e-6)


def test_linear_networks_have_the_law_of_products():
    law, product = jacobian_law("linear", 1.0, 4), FussCatalan(1, 1.0, 4)
    s = np.sqrt(law.squares[50:-1])
    np.testing.assert_allclose(2 * s * law.density[50:-1], product.pdf(s), rtol=1e-6)


def test_isometries_are_points():
    law = jacobian_law("linear", 4.0, 3, orthogonal=True)
    assert (law.zeros, law.squares.tolist()) == (0, [64.0])
    law = jacobian_law("relu", 2.0, 1, orthogonal=True)
    assert (law.zeros, law.squares.tolist()) == (0.5, [2.0])


@pytest.mark.parametrize("orthogonal", [False, True])
def test_simulated_relu_networks_have_it(orthogonal):
    width, layers, networks = 300, 5, 4
    law = jacobian_law("relu", 2.0, layers, orthogonal)
    squares = []
    for seed in range(networks):
        chance, product = np.random.default_rng(seed), np.eye(width)
        for _ in range(layers):
            weights = chance.standard_normal((width, width))
            weights = np.linalg.qr(weights)[0] if orthogonal else weights / math.sqrt(width)
            product = math.sqrt(2) * (weights * (chance.standard_normal(width) > 0)) @ product
        squares.append(np.linalg.svd(product, compute_uv=False) ** 2)
    found = np.sort(np.concatenate(squares))
    steps = np.diff(np.log(law.squares)) * ((law.density * law.squares)[1:] + (law.density * law.squares)[:-1]) / 2
    cdf = 1 - np.cumsum(steps[::-1])[::-1]
    at = np.interp(np.log(np.maximum(found, 1e-12)), np.log(law.squares[:-1]), cdf)
    share = (np.arange(found.size) + 0.5) / found.size
    positive = found > 1e-12
    zeros = 1 - positive.mean()  # the most that a layer sets to 0, which is beyond half by chance
    assert zeros == pytest.approx(law.zeros, abs=4 * 0.5 / math.sqrt(width) + 0.02)
    assert np.abs(at - share)[positive].max() < 0.05


def test_other_slopes_and_sizes_have_none():
    assert jacobian_law("tanh", 1.0, 3) is None
    assert jacobian_law("leaky_relu", 1.0, 3) is None
    assert jacobian_law("relu", 0.0, 3) is None
    assert jacobian_law("relu", 9.0, 2000) is None
