"""A summary is a monoid, and its bins hold every draw of a bounded law."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initviz import engine
from initviz.engine import summarize_array
from initviz.engine.summary import BINS, Bins, Summary
from initviz.laws.ensembles import Iid
from initviz.laws.marginals import PointMass
from initviz.laws.real import Normal, TruncatedNormal, Uniform

UNIT = Bins(-4.0, 4.0, 0.5)
EXACT = st.integers(-6 * 2**16, 6 * 2**16).map(lambda number: number / 2**16)
"""Numbers whose place among the bins takes no rounding, which within 10⁻⁷ of an edge would put them in either bin."""
WEIGHTS = st.lists(EXACT | st.just(float("nan")) | st.just(0.0), max_size=30)

EPS = float(np.finfo(np.float32).eps)  # a variance is a difference of squares, each off by a few of these


def of(values, bins=UNIT):
    return summarize_array(np.array(values, np.float32), bins)


@settings(max_examples=60, deadline=None)
@given(WEIGHTS, WEIGHTS, WEIGHTS)
def test_summaries_form_a_commutative_monoid(a, b, c):
    x, y, z, unit = of(a), of(b), of(c), Summary.empty(UNIT)
    assert x + unit == unit + x == x
    assert x + y == y + x

    def close(left, right):
        exact = ("count", "not_finite", "zeros", "minimum", "maximum")
        assert [getattr(left, name) for name in exact] == [getattr(right, name) for name in exact]
        assert np.array_equal(left.histogram, right.histogram)
        assert (left.total, left.squares) == pytest.approx((right.total, right.squares), rel=1e-5, abs=1e-4)

    close((x + y) + z, x + (y + z))
    close(x + y + z, of(a + b + c))


@settings(max_examples=60, deadline=None)
@given(WEIGHTS)
def test_a_summary_counts_every_weight_once(values):
    summary, finite = of(values), np.array([v for v in values if np.isfinite(v)])
    assert summary.histogram.sum() == summary.count == finite.size
    assert summary.not_finite == len(values) - finite.size
    assert summary.zeros == np.count_nonzero(finite == 0)
    assert len(summary.inside) == BINS
    if finite.size:
        assert (summary.minimum, summary.maximum) == (finite.min(), finite.max())
        assert summary.mean == pytest.approx(finite.mean(), abs=1e-5)
        rounding = (8 * EPS) ** 0.5 * np.abs(finite - UNIT.pivot).max()
        assert summary.std == pytest.approx(finite.std(), abs=rounding)
    else:
        assert np.isnan(summary.mean)
        assert np.isnan(summary.std)
        assert (summary.minimum, summary.maximum) == (np.inf, -np.inf)


def test_weights_outside_the_bins_are_counted_at_the_ends():
    summary = of([-5, -4.5, 0, 4.2])
    assert (summary.histogram[0], summary.inside.sum(), summary.histogram[-1]) == (2, 1, 1)


@pytest.mark.parametrize("law", [Uniform(0.3), Uniform(2.0, low=-1.0), TruncatedNormal(0.5, -1.0, 3.0)], ids=str)
def test_bins_of_a_bounded_law_hold_its_support(law):
    bins = Bins.of(law)
    assert bins.low < law.support[0] < law.support[1] < bins.high
    assert bins.width * BINS == pytest.approx(bins.high - bins.low)
    assert bins.high - bins.low == pytest.approx(law.support[1] - law.support[0], rel=1e-5)
    assert bins.pivot == law.mean
    assert (bins.edges[0], bins.edges[-1], len(bins.edges)) == (bins.low, bins.high, BINS + 1)


def test_bins_of_an_unbounded_law_reach_the_last_float32_draws():
    bins = Bins.of(Normal(2.0))
    low, high = Normal(2.0).reach(np.float32)
    assert bins.low < low < high < bins.high


@pytest.mark.parametrize("value", [0.0, 3.0, -1e-6])
def test_bins_of_a_point_surround_it(value):
    bins = Bins.of(PointMass(value))
    assert bins.low < value < bins.high
    assert of([value] * 3, bins).inside.sum() == 3


def test_bins_covering_values():
    bins = Bins.covering(np.array([1.0, np.nan, 5.0, np.inf]))
    assert (bins.low, bins.high, bins.pivot) == pytest.approx((1, 5, 3), rel=1e-5)
    assert bins.low < 1
    assert bins.high > 5
    assert Bins.covering(np.array([np.nan])) == Bins(-0.5, 0.5, 0.0)
    assert Bins.covering(np.array([2.0])).low < 2 < Bins.covering(np.array([2.0])).high


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1.0, 1e20, 1e37])
def test_moments_neither_vanish_nor_overflow(scale):
    values = (scale * np.random.default_rng(0).standard_normal(1000)).astype(np.float32)
    summary = of(values, Bins.of(Normal(scale)))
    assert summary.mean == pytest.approx(values.astype(float).mean(), abs=1e-6 * scale)
    assert summary.std == pytest.approx(values.astype(float).std(), rel=1e-5)


@pytest.mark.parametrize(("count", "bins"), [(0, 8), (1, 8), (100, 8), (1000, 16), (65_536, 64), (10**6, 128)])
def test_coarse_bins_are_merged_fine_bins(count, bins):
    histogram = np.arange(BINS + 2)
    edges, counts = Summary(Bins(-1.0, 1.0, 0.0), count, 0, 0, 0.0, 0.0, -1.0, 1.0, histogram).coarse()
    assert len(counts) == len(edges) - 1 == bins
    assert counts.sum() == histogram[1:-1].sum()
    assert (edges[0], edges[-1]) == (-1.0, 1.0)
    np.testing.assert_allclose(np.diff(edges), 2 / bins)
    assert counts[0] == histogram[1 : BINS // bins + 1].sum()


def test_bins_reach_as_far_as_others_but_not_without_end():
    bins = Bins(-1.0, 1.0, 0.0)
    assert bins.reaching(Bins(-0.5, 0.5, 0.0)) == bins
    assert bins.reaching(Bins(-3.0, 0.5, 0.0)) == Bins(-3.0, 1.0, 0.0)
    assert bins.reaching(Bins(-3.0, 0.5, 0.3)) == Bins(-3.0, 1.0, 0.3)
    assert bins.reaching(Bins(-3.0, 1e9, 0.0)) == Bins(-3.0, 9.0, 0.0)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
@pytest.mark.parametrize("far", [0.0, 30.0, 1e3, 1e4, 1e5])
def test_weights_far_from_the_pivot_keep_their_moments(far, dtype):
    weights = (far + np.random.default_rng(0).normal(size=(64, 64))).astype(jnp.dtype(dtype))
    real = weights.astype(np.complex128).view(float) if dtype == "complex64" else weights.astype(float)
    for found in (summarize_array(weights, Bins(-5.0, 5.0, 0.0)),
                  summarize_array(jnp.asarray(weights), Bins(-5.0, 5.0, 0.0))):  # fmt: skip
        assert found.mean == pytest.approx(real.mean(), abs=1e-5 * (1 + real.std()))
        assert found.std == pytest.approx(real.std(), rel=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
def test_weights_below_the_normal_numbers_are_no_zeros(dtype):
    weights = np.array([[1e-39, 2e-39], [0.0, 3e-39]]).astype(jnp.dtype(dtype))
    real = weights.astype(np.complex128).view(float) if dtype == "complex64" else weights.astype(float)
    for array in (weights, jnp.asarray(weights)):
        found = summarize_array(array, Bins.covering(weights))
        assert found.zeros == np.sum(real == 0)
        assert (found.minimum, found.maximum) == (real.min(), real.max())
        assert found.std == pytest.approx(real.std())
        assert found.mean == pytest.approx(real.mean())


@pytest.mark.parametrize("size", [400, 2**17])
def test_a_mean_lies_between_the_smallest_and_the_largest(size):
    """The pivot of this law is below the normal numbers; all its draws are 0 on a CPU."""
    ensemble = Iid(Uniform(1e-38))
    found = engine.summarize(ensemble, jax.random.key(0), (size,), "float32")
    assert found.minimum <= found.mean <= found.maximum
    assert Summary(Bins(0.0, 1.0, 0.5), 3, 0, 0, 1e-3, 0.0, 0.5, 0.5, np.zeros(130, int)).mean == 0.5
