"""Singular values, and what every law of them shares: quantiles, typical values, points and unions."""

import jax.numpy as jnp
import numpy as np
import pytest

from initviz.matrices.svd import singular_values
from initviz.spectra import (
    Expected,
    FussCatalan,
    Jacobi,
    MarchenkoPastur,
    Points,
    Spectrum,
    Spiked,
    Union,
)

BULK = MarchenkoPastur(40, 20, 0.3)
LAWS = {
    "bulk": BULK,
    "square": MarchenkoPastur(20, 20, 0.3),
    "outlier": Spiked(BULK, 0.5),
    "no-outlier": Spiked(BULK, 0.01),
    "vector": Spiked(MarchenkoPastur(20, 1, 0.3), 0.5),
    "points": Points(((2.0, 1), (0.0, 3))),
    "zeros": Points.repeated(0.0, 5),
    "block": Jacobi(20, 30, 100, 2.0),
    "block-atom": Jacobi(60, 70, 100, 2.0),
    "half-block": Jacobi(50, 50, 100, 2.0),
    "product": FussCatalan(20, 0.3, 3),
    "union": Union(((BULK, 7), (Spiked(BULK, 0.5), 2), (Spiked(BULK, 0.9), 1))),
    "union-of-kinds": Union(((BULK, 2), (Jacobi(60, 70, 100, 2.0), 1), (Points.repeated(3.0, 4), 1))),
}
every_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)


@every_law
def test_the_quantile_is_the_smallest_value_that_reaches_p(law):
    p = np.linspace(0, 1, 301)[1:-1]
    x = law.quantile(p)
    width = max([*(law.edges or (0, 0)), *(at for at, _ in law.points)]) or 1.0
    assert np.all(np.diff(x) >= 0)
    assert np.all(law.cdf(x + 1e-5 * width) >= p)
    assert np.all(law.cdf(x - 1e-5 * width) <= p)
    assert np.isin(x, [at for at, _ in law.points]).sum() >= sum(n - 1 for _, n in law.points) / law.count * 298 - 1
    assert law.quantile(0.5).shape == ()


@every_law
def test_typical_values_descend_and_follow_the_law(law):
    ideal = law.ideal(law.count)
    assert ideal.shape == (law.count,)
    assert np.all(np.diff(ideal) <= 0)
    for expected, found in ((law.largest, ideal[0]), (law.smallest, ideal[-1])):
        if expected:
            assert found == pytest.approx(expected.median)
    inner = ideal[1:-1]
    middles = ((np.arange(law.count) + 0.5) / law.count)[::-1][1:-1]
    assert inner == pytest.approx(np.sort(law.quantile(middles))[::-1], rel=1e-12)
    for at, count in law.points[1:]:
        assert np.sum(np.isclose(ideal, at)) >= count - 1
    assert law.ideal(0).size == 0


@every_law
def test_counts_names_and_ends(law):
    assert law.count == law.bulk_count + sum(n for _, n in law.points)
    assert len(law.point_names) == len(law.points)
    assert all(law.point_names)
    assert (law.edges is None) == (law.bulk_count == 0)
    assert law.cdf(np.array([-1.0, 1e3])) == pytest.approx([0, 1])
    assert law.name
    if law.edges:
        s = np.linspace(*law.edges, 20_001)
        middle = (s[1:] + s[:-1]) / 2
        mass = law.pdf(middle) * np.diff(s)
        assert mass.sum() == pytest.approx(1, abs=2e-2)  # coarse: poles and roots at the ends
        assert law.bulk_cdf(s[15_000]) - law.bulk_cdf(s[5_000]) == pytest.approx(mass[5_000:15_000].sum(), abs=1e-6)


def test_a_law_of_nothing():
    law = Spectrum()
    assert law.pdf(1.0) == law.cdf(1.0) == law.bulk_cdf(1.0) == 0
    assert law.count == Points(()).count == 0
    assert Union(()).edges is Union(()).largest is None
    assert Union(()).cdf(np.array([1.0])).tolist() == [0]


def test_the_median_of_an_expectation():
    assert Expected(2.0, 1.0).median == 2
    assert Expected(2.0, 1.0, lambda p: 3 * p).median == 1.5


def test_points_have_plain_names():
    assert Points.repeated(1.5, 4).point_names == ("all equal",)
    assert Points.repeated(0.0, 4).point_names == ("zeros",)
    assert Points(((1.5, 4), (0.0, 2))).point_names == ("equal values", "zeros")
    assert Points(((0.0, 2), (1.5, 1)), ("zeros", "rank one")).point_names == ("rank one", "zeros")
    assert Spiked(BULK, 0.5).point_names == ("outlier of the mean",)
    assert Spiked(BULK, 0.01).point_names == ()


def test_a_union_pools_its_parts():
    other = MarchenkoPastur(60, 30, 0.5)
    law = Union(((BULK, 3), (other, 1), (Spiked(BULK, 0.5), 2)))
    s = np.linspace(0, 8, 101)
    counts = np.array([60, 30, 40])
    each = np.array([BULK.cdf(s), other.cdf(s), Spiked(BULK, 0.5).cdf(s)])
    assert law.cdf(s) == pytest.approx(counts @ each / 130)
    bulks = np.array([60, 38, 30])
    pdfs = np.array([BULK.pdf(s), Spiked(BULK, 0.5).rest.pdf(s), other.pdf(s)])
    assert law.pdf(s) == pytest.approx(bulks @ pdfs / 128)
    assert law.bulk_count == 128
    assert law.points == ((Spiked(BULK, 0.5).outlier, 2),)
    assert law.edges == (min(BULK.edges[0], other.edges[0]), max(BULK.edges[1], other.edges[1]))
    assert law.largest is law.smallest is None
    assert law.name == "Marchenko–Pastur, Marchenko–Pastur and outlier"


def test_a_union_of_points_is_exact():
    law = Union(((Points.repeated(1.5, 4), 3), (Points(((1.5, 2), (0.5, 1))), 2)))
    assert law.points == ((1.5, 12), (1.5, 4), (0.5, 2)) or law.points == ((1.5, 16), (0.5, 2))
    assert (law.largest, law.smallest) == (Expected(1.5, 0.0), Expected(0.5, 0.0))
    assert Union(((Points.repeated(1.5, 4), 3),)).points == ((1.5, 12),)


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
