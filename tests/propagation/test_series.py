"""Products at correlations are what they are, or there are none."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from initviz.propagation import NAMED, activation, fixed_point, phase_diagram
from initviz.propagation.moments import Integrated
from initviz.propagation.operations import FUNCTIONS
from initviz.propagation.series import TERMS, TOLERANCE, products, series

UNBOUNDED = {"exp", "expm1", "log", "log1p", "sqrt", "square", "sinh", "cosh"}
TURNING = ["x + sin(3*x)", "sin(x)**2 + 0.2*tanh(x)", "cos(3*x)", "tanh(x) + sin(x)"]
ACTIVATIONS = [*NAMED, *(name for name in FUNCTIONS if name not in UNBOUNDED), *TURNING]
SIZES = (1e-4, 1.0, 30.0, 1e3, 1e4)
CORRELATIONS = (-0.9, 0.0, 0.5, 0.99, 0.9999)


@pytest.mark.parametrize("name", ["tanh", "gelu", "elu", "relu", "sin"])
@pytest.mark.parametrize("q", [0.1, 1.0, 4.0])
def test_products_are_those_of_quadrature(name, q):
    function, c = activation(name), np.array([-0.9, -0.3, 0.0, 0.4, 0.8, 0.99, 1.0])
    expected = [function.moments.product(q, each) for each in c.tolist()]
    np.testing.assert_allclose(products(function, q, c), expected, atol=1e-6 * function.moments.square(q))


@pytest.fixture(scope="module")
def drawn():
    """Four times 2^13 pairs of independent normal numbers, spread evenly."""
    return [stats.norm.ppf(stats.qmc.Sobol(2, rng=seed).random_base2(13)).T for seed in range(4)]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_products_are_those_of_normal_numbers(name, drawn):
    function = activation(name)
    for q in SIZES:
        found, square = products(function, q, CORRELATIONS), function.moments.square(q)
        assert np.isfinite(found).all() or name in TURNING
        for c, product in zip(CORRELATIONS, found, strict=True):
            pairs = [math.sqrt(q) * np.array([z, c * z + math.sqrt(1 - c * c) * other]) for z, other in drawn]
            means = [np.mean(function(first) * function(second)) for first, second in pairs]
            mean, error = np.mean(means), np.std(means, ddof=1) / 2
            # of four means the error is known to a factor: 12 is a chance of 1e-3
            assert math.isnan(product) or abs(product - mean) <= 12 * error + 2 * TOLERANCE * square, (
                q,
                c,
                product,
                mean,
                error,
            )


def test_a_product_is_that_of_another_quadrature():
    function, q, c = activation("tanh"), 1e3, 0.99
    root, own = math.sqrt(q), math.sqrt(1 - c * c)

    def inner(w, z):  # φ(u₂) given u₁ = √q z
        return function(root * (c * z + own * w)) * stats.norm.pdf(w)

    def outer(z):
        edges = np.unique(np.clip([-9, -c * z / own, 9], -9, 9))
        given = sum(integrate.quad(inner, *ends, args=(z,), epsabs=1e-7)[0] for ends in pairwise(edges))
        return 2 * function(root * z) * given * stats.norm.pdf(z)  # as tanh is odd

    expected = sum(integrate.quad(outer, *ends, epsabs=1e-6)[0] for ends in pairwise([0, 0.3, 1, 8]))
    assert products(function, q, [c])[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("name", "q"), [
    ("tanh", 1.0), ("tanh", 1e3), ("hard_tanh", 30.0), ("relu6", 1e3), ("x + sin(3*x)", 30.0),
])  # fmt: skip
def test_the_error_of_the_series_is_a_bound(name, q):
    function, c = activation(name), np.array([-0.97, 0.9, 0.99])
    square = function.moments.square(q)
    of = series(function, q, square)
    assert of.coefficients.shape == (TERMS + 1,)
    assert of.coefficients.sum() == pytest.approx(square)
    expected = np.array([function.moments.product(q, each, 1e-9) for each in c.tolist()])
    assert (abs(of.at(c) - expected) <= of.errors(c) + 1e-9 * square).all()


def test_there_is_no_product_where_none_is_near():
    found = products(activation("tanh(x) + sin(10*x)"), 30.0, [0.5, 0.999])
    assert np.isnan(found).tolist() == [False, True]


@pytest.mark.parametrize("name", ["abs", "step", "sign", "cos", "sin(2*x)", "where(x >= 0, 2, 0.5)"])
def test_closed_forms_are_used(name):
    function = activation(name)
    assert not isinstance(function.moments, Integrated)
    of_both = Integrated(function.expression)
    expected = [of_both.product(0.7, c) for c in CORRELATIONS]
    np.testing.assert_allclose(products(function, 0.7, CORRELATIONS), expected, rtol=1e-9, atol=1e-12)


def test_the_product_of_a_tiny_sine_is_that_of_a_line():
    np.testing.assert_allclose(products(activation("sin"), 1e-14, [-0.5, 0.3]), [-0.5e-14, 0.3e-14], rtol=1e-9)


def test_a_phase_diagram_of_what_turns_often_is_that_of_fixed_points():
    (found,) = phase_diagram("sin(3*x)", [2.5, 16.0], [0.05]).depth_scale
    expected = [fixed_point("sin(3*x)", weight, 0.05).depth_scales.c for weight in (2.5, 16.0)]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
