"""Laws of singular values: densities, distribution functions, and finite-size means against simulation."""

import math
from itertools import pairwise

import jax.numpy as jnp
import numpy as np
import pytest
from oracles import SIGMAS
from scipy import integrate, special

from initviz.spectra import HARD_EDGE, MarchenkoPastur, Points, Spiked, singular_values

SHAPES = [(4, 4), (64, 64), (17, 16), (8, 2), (2, 8), (784, 256), (300, 1)]
every_law = pytest.mark.parametrize("law", [MarchenkoPastur(*shape, 0.7) for shape in SHAPES], ids=str)


@every_law
def test_the_density_integrates_to_the_cdf(law):
    low, high = law.edges
    middle = np.linspace(low, high, 6)
    total = 0.0
    for a, b in pairwise(middle):
        if a < b:  # in an angle in which the square-root edges are smooth
            mass = integrate.quad(
                lambda t, a=a, b=b: law.pdf(a + (b - a) * np.sin(t) ** 2) * (b - a) * np.sin(2 * t), 0, np.pi / 2
            )
            total += mass[0]
            assert law.cdf(b) == pytest.approx(total, abs=1e-6)
    if low < high:
        assert total == pytest.approx(1, abs=1e-6)
    assert law.pdf(np.array([low * 0.99 - 1e-9, high * 1.01])).tolist() == [0, 0]
    # arcsin loses half the digits at ±1
    assert law.cdf(np.array([0, high * 1.01])) == pytest.approx([0, 1], abs=1e-8)


@every_law
def test_the_quantile_inverts_the_cdf(law):
    p = np.linspace(0.01, 0.99, 50)
    low, high = law.edges
    assert np.all(np.abs(law.cdf(law.quantile(p)) - p) <= 1e-5)
    assert np.all((law.quantile(p) >= low) & (law.quantile(p) <= high))


def test_the_density_of_a_square_matrix_is_a_quarter_circle():
    law = MarchenkoPastur(50, 50, 1 / math.sqrt(50))
    x = np.linspace(0, 2, 11)
    assert law.pdf(x) == pytest.approx(np.sqrt(4 - x**2) / np.pi, abs=1e-9)
    mean = integrate.quad(lambda s: s * law.pdf(s), 0, 2)[0]
    assert mean == pytest.approx(8 / (3 * np.pi), abs=1e-6)


def simulate(rows, columns, complex_, draws):
    """Largest and smallest singular values of Gaussian matrices with E|w|² = 1."""
    rng = np.random.default_rng([rows, columns, complex_])
    matrices = rng.normal(size=(draws, rows, columns))
    if complex_:
        matrices = (matrices + 1j * rng.normal(size=matrices.shape)) / np.sqrt(2)
    squared = np.linalg.eigvalsh(np.conj(np.swapaxes(matrices, 1, 2)) @ matrices)
    return np.sqrt(squared[:, -1]), np.sqrt(np.maximum(squared[:, 0], 0))


EDGE_SHAPES = [(2, 2), (4, 4), (16, 16), (5, 4), (8, 2), (32, 8), (64, 4), (256, 3), (40, 32), (64, 32)]
DRAWS = 3000
# The formulas are limits: for these sizes simulation leaves them by less than this many standard deviations of a draw.
BIAS = 0.2


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("shape", EDGE_SHAPES, ids=str)
def test_expected_edges_are_those_of_simulated_matrices(shape, complex_):
    law = MarchenkoPastur(*shape, 1.0, complex=complex_)
    for expected, found in zip((law.largest, law.smallest), simulate(*shape, complex_, DRAWS), strict=True):
        if expected is not None:
            allowed = BIAS + SIGMAS / DRAWS**0.5
            assert abs(expected.mean - found.mean()) < allowed * found.std()
            assert 0.8 < expected.sd / found.std() < 1.25
            if expected.quantile:
                below = np.mean(found <= expected.quantile(0.5))
                assert abs(below - 0.5) < BIAS * special.ndtr(0) + SIGMAS * 0.5 / DRAWS**0.5


def test_the_smallest_value_is_left_out_where_no_formula_holds():
    assert MarchenkoPastur(33, 32, 1.0).smallest is None
    assert MarchenkoPastur(17, 16, 1.0).smallest is None
    assert MarchenkoPastur(8, 2, 1.0).smallest is None
    assert MarchenkoPastur(32, 2, 1.0, complex=True).smallest is None
    assert MarchenkoPastur(5, 1, 1.0).largest is MarchenkoPastur(5, 1, 1.0).smallest is None


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_the_hard_edge_agrees_with_its_own_quantiles(complex_):
    law = HARD_EDGE[complex_]
    t = law.quantile((np.arange(100_000) + 0.5) / 100_000)
    assert t.mean() == pytest.approx(law.mean, abs=1e-4)
    assert t.std() == pytest.approx(law.sd, abs=1e-3)


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_edges_do_not_depend_on_which_side_is_longer_and_scale_with_sigma(complex_):
    wide, tall = (MarchenkoPastur(*shape, 1.0, complex=complex_) for shape in ((32, 128), (128, 32)))
    scaled = MarchenkoPastur(128, 32, 3.0, complex=complex_)
    for name in ("largest", "smallest"):
        assert getattr(wide, name)[:2] == getattr(tall, name)[:2]
        assert getattr(scaled, name)[:2] == pytest.approx([3 * x for x in getattr(tall, name)[:2]])


@pytest.mark.parametrize("mean", [0.5, 0.2])
def test_a_mean_makes_one_outlier(mean):
    law = Spiked(MarchenkoPastur(96, 64, 1.0), mean)
    rng = np.random.default_rng(0)
    tops = np.array([singular_values(rng.normal(mean, 1.0, (96, 64)))[:2] for _ in range(60)])
    assert law.outlier > law.bulk.edges[1]
    assert abs(tops[:, 0].mean() - law.outlier) < SIGMAS * law.largest.sd / 60**0.5
    assert abs(tops[:, 1].mean() - law.bulk.largest.mean) < law.bulk.largest.sd
    assert law.bulk_count == 63
    assert law.points == ((law.outlier, 1),)
    assert law.cdf(law.outlier - 1e-9) == pytest.approx(63 / 64)
    assert law.cdf(law.outlier) == pytest.approx(1)


def test_a_weak_mean_leaves_no_trace():
    law = Spiked(MarchenkoPastur(100, 100, 1.0), 0.09)
    assert law.outlier is None
    assert law.points == ()
    assert law.largest[:2] == law.bulk.largest[:2]
    assert law.bulk_count == 100


def test_a_vector_with_a_mean_has_nothing_but_its_norm():
    law = Spiked(MarchenkoPastur(50, 1, 0.1), 1.0)
    assert law.edges is None
    assert law.bulk_count == 0
    norms = np.linalg.norm(np.random.default_rng(1).normal(1.0, 0.1, (2000, 50)), axis=1)
    assert abs(norms.mean() - law.largest.mean) < SIGMAS * law.largest.sd / 2000**0.5 + 1e-3
    assert law.smallest == law.largest


def test_points_are_sorted_and_counted():
    law = Points(((0.0, 3), (2.0, 1), (1.0, 0)))
    assert law.points == ((2.0, 1), (0.0, 3))
    assert (law.largest.mean, law.smallest.mean) == (2.0, 0.0)
    assert law.cdf(np.array([-1, 0, 1, 2])).tolist() == [0, 0.75, 0.75, 1]
    assert law.edges is None
    assert Points.repeated(1.0, 0).largest is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_singular_values_are_numpys(dtype):
    matrix = np.random.default_rng(0).normal(size=(9, 6)).astype(dtype)
    found = singular_values(matrix)
    assert found.dtype == matrix.real.dtype
    assert np.allclose(found, np.linalg.svd(matrix, compute_uv=False), rtol=50 * np.finfo(dtype).eps)
    assert np.all(np.diff(found) <= 0)


def test_singular_values_of_short_dtypes_are_computed_in_float32():
    matrix = np.random.default_rng(0).normal(size=(9, 6))
    for dtype in (jnp.bfloat16, np.float16):
        rounded = matrix.astype(dtype)
        assert singular_values(rounded).dtype == np.float32
        assert np.allclose(singular_values(rounded), np.linalg.svd(rounded.astype(float), compute_uv=False), rtol=1e-5)
    assert singular_values(np.zeros((0, 3))).size == 0
    assert np.array_equal(singular_values(jnp.eye(2)), [1, 1])
