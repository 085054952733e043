"""Products of square matrices: moments, quarter circle, simulation, and growth rates."""

import math
from itertools import pairwise

import numpy as np
import pytest
from oracles import SIGMAS
from scipy import integrate

from initviz.spectra import FussCatalan, MarchenkoPastur, lyapunov_exponents

LAYERS = [1, 2, 3, 5, 12]


def moment(law, k):
    top = law.edges[1]
    return integrate.quad(lambda t: np.sin(t) ** (4 * k) * law.pdf(top * np.sin(t) ** 2) * top * np.sin(2 * t),
                          0, math.pi / 2, limit=400)[0] * (top / law.unit) ** (2 * k)  # fmt: skip


@pytest.mark.parametrize("layers", LAYERS)
def test_the_moments_are_fuss_catalan_numbers(layers):
    law = FussCatalan(100, 0.3, layers)
    for k in range(4):
        expected = math.comb((layers + 1) * k, k) / (layers * k + 1)
        assert moment(law, k) == pytest.approx(expected, rel=1e-5 if k == 0 else 1e-7)


@pytest.mark.parametrize("layers", LAYERS)
def test_the_density_integrates_to_the_cdf(layers):
    law = FussCatalan(64, 0.1, layers)
    low, high = law.edges
    assert low == 0
    points = high * np.array([0.05, 0.3, 0.7, 0.95])
    for a, b in pairwise(points):
        assert law.cdf(b) - law.cdf(a) == pytest.approx(integrate.quad(law.pdf, a, b)[0], abs=1e-8)
    assert law.cdf(np.array([-1, 0, high, 2 * high])) == pytest.approx([0, 0, 1, 1], abs=1e-12)
    assert law.pdf(np.array([-1, high * 1.01])).tolist() == [0, 0]
    assert np.isfinite(law.pdf(np.linspace(0, high, 101))).all()


@pytest.mark.parametrize("layers", LAYERS)
def test_the_quantile_inverts_the_cdf(layers):
    law = FussCatalan(64, 0.1, layers)
    p = np.linspace(0, 1, 101)
    assert law.cdf(law.quantile(p)) == pytest.approx(p, abs=1e-5)


def test_one_layer_is_the_quarter_circle():
    law, known = FussCatalan(50, 0.4, 1), MarchenkoPastur(50, 50, 0.4)
    assert law.edges == pytest.approx(known.edges)
    s = np.linspace(0, known.edges[1] * 1.1, 40)
    assert law.pdf(s) == pytest.approx(known.pdf(s), abs=1e-9)
    assert law.cdf(s) == pytest.approx(known.cdf(s), abs=1e-9)
    assert law.quantile(0.3) == pytest.approx(known.quantile(0.3), rel=1e-6)
    assert law.largest.mean == pytest.approx(known.largest.mean, abs=0.05 * known.largest.sd)


@pytest.mark.parametrize("layers", [2, 3])
def test_products_of_drawn_matrices_follow_the_law(layers):
    size, draws, rng = 64, 40, np.random.default_rng(layers)
    factors = rng.normal(0, 0.2, (layers, draws, size, size))
    product = factors[0]
    for factor in factors[1:]:
        product = product @ factor
    values = np.sort(np.linalg.svd(product, compute_uv=False), axis=None)
    law = FussCatalan(size, 0.2, layers)
    ranks = np.arange(1, values.size + 1) / values.size
    assert np.max(np.abs(ranks - law.cdf(values))) < 2 / size  # one or two values of a single matrix
    # exact: E Σ s² = size · unit², to whose relative variance every layer adds about 2 / size²
    found = (values**2).mean() / law.unit**2
    spread = (2 * layers / size**2 / draws) ** 0.5
    assert abs(found - 1) < 2 * SIGMAS * spread


DRAWS = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "uniform": lambda rng, shape: rng.uniform(-(3**0.5), 3**0.5, shape),
    "complex": lambda rng, shape: (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / 2**0.5,
}


@pytest.mark.parametrize("entries", DRAWS)
@pytest.mark.parametrize(("size", "layers", "draws"), [(16, 2, 1000), (32, 4, 500), (64, 8, 100), (100, 2, 100)])
def test_the_largest_value_of_a_product_is_as_expected(entries, size, layers, draws):
    rng, shape = np.random.default_rng(size), (draws, size, size)
    product = np.eye(size)
    for _ in range(layers):
        product = product @ (DRAWS[entries](rng, shape) / size**0.5)
    found = np.linalg.svd(product, compute_uv=False)[:, 0]
    expected = FussCatalan(size, size**-0.5, layers, entries == "complex").largest
    error = SIGMAS * found.std() / draws**0.5
    assert abs(found.mean() - expected.mean) < error + 0.3 * expected.sd  # the edge, without TW, is 1.2 to 3 away
    assert abs(found.std() / expected.sd - 1) < SIGMAS / (2 * draws) ** 0.5 + 0.15
    outside = (found < expected.quantile(0.005)) | (found > expected.quantile(0.995))
    assert outside.sum() <= 0.02 * draws + SIGMAS * (0.02 * draws) ** 0.5


def test_growth_rates_of_deep_products():
    rates = lyapunov_exponents(16)
    assert rates.shape == (16,)
    assert np.all(np.diff(rates) < 0)
    # the sum is E log|det| of one matrix: half the sum of E log χ²
    rng = np.random.default_rng(0)
    logs = np.linalg.slogdet(rng.normal(size=(4000, 16, 16)))[1]
    assert abs(logs.mean() - rates.sum()) < SIGMAS * logs.std() / 4000**0.5
    # the first is the growth of one vector's norm
    norms = np.log(np.linalg.norm(rng.normal(size=(20_000, 16)), axis=1))
    assert abs(norms.mean() - rates[0]) < SIGMAS * norms.std() / 20_000**0.5
