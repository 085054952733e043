"""Bands for the histogram and for the distribution function hold as a whole, and as often as they say."""

import time

import numpy as np
import pytest
from recorded import NUMBERS
from scipy import stats

from initviz.checks.confidence_bands import binomial_band, cdf_at, cdf_reach, dkw_probability, dkw_reach, histogram_band
from initviz.checks.sampling import COVERAGE
from initviz.engine.summary import BINS, Bins
from initviz.laws.complex import ComplexNormal, Disk
from initviz.laws.ensembles import Constant, Haar, Iid
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from tests.oracles import SIGMAS, real_parts

TRIALS = 2000
MOST = TRIALS * (1 - COVERAGE) + SIGMAS * (TRIALS * COVERAGE * (1 - COVERAGE)) ** 0.5


CASES = {
    "uniform": (Uniform(2.0, -1.0), 500), "uniform-few": (Uniform(2.0), 4), "normal": (Normal(0.1), 1000),
    "truncated": (TruncatedNormal(1.0), 300), "complex-normal": (ComplexNormal(1.0), 200), "disk": (Disk(1.0), 150),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_band_fails_as_rarely_as_stated(name):
    law, weights = CASES[name]
    ensemble, edges, values = Iid(law), Bins.of(law).edges, real_parts(law, TRIALS, weights, seed=7)
    count = values.shape[1]
    low, high = histogram_band(ensemble, edges, count)
    reach = cdf_reach(ensemble, count)
    bins_failed = distance_failed = 0
    for row in values:
        counts = np.histogram(row, edges)[0]
        bins_failed += bool(((counts < low) | (counts > high)).any())
        both = np.abs(np.arange(count)[:, None] + [0, 1] - count * law.cdf(np.sort(row))[:, None]) / count
        distance_failed += both.max() > reach  # the whole distance, not that at the edges of bins alone
    assert bins_failed <= MOST
    assert distance_failed <= MOST


@pytest.mark.parametrize("count", [64, 65_536, 2**24, 4_000_000_000])
def test_a_band_is_quick_at_every_size(count):
    law = TruncatedNormal(1.0, -2.0, 2.0)
    masses = np.diff(law.cdf(Bins.of(law).edges))
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        low, high = binomial_band(masses, count, (1 - COVERAGE) / BINS)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.1  # 0.6 ms measured; one count after the other would take minutes
    assert np.all(low <= count * masses)
    assert np.all(high >= np.floor(count * masses))
    # Exact: either tail has at most half the level, and would have more with one count less.
    level = (1 - COVERAGE) / BINS / 2
    assert np.all(stats.binom.cdf(low - 1, count, masses) < level)
    assert np.all(stats.binom.cdf(low, count, masses) >= level * (1 - 1e-6))
    assert np.all(stats.binom.sf(high, count, masses) <= level * (1 + 1e-6))


def test_a_scale_moves_the_edges_and_not_the_band():
    reference = histogram_band(Iid(TruncatedNormal(1.0)), Bins.of(TruncatedNormal(1.0)).edges, 1000)
    for scale in (0.0123, 7.7, 1e20):
        law = TruncatedNormal(scale)
        np.testing.assert_array_equal(histogram_band(Iid(law), Bins.of(law).edges, 1000), reference)
        np.testing.assert_allclose(cdf_at(law, Bins.of(law).edges), law.cdf(Bins.of(law).edges), atol=1e-8)


@pytest.mark.parametrize("cuts", [(0.0, 1e-9), (-1e-8, 1e-8), (1.0, 1.0 + 1e-9), (-7.0, -7.0 + 1e-8), (-3.0, 3.0)])
@pytest.mark.parametrize("scale", [1.0, 0.0123, 1e-20])
def test_bins_of_a_narrow_law_hold_their_shares(cuts, scale):
    """Edges are kept to digits of what they span, not of the scale: between close cuts a law is nearly uniform."""
    law, one = TruncatedNormal(scale, *cuts), TruncatedNormal(1.0, *cuts)
    edges = Bins.of(law).edges
    exact = one.cdf(np.clip(Bins.of(one).edges, *cuts))
    np.testing.assert_allclose(cdf_at(law, edges), exact, atol=16 * np.finfo(float).eps / 1e-9)
    low, high = histogram_band(Iid(law), edges, 10**6)
    expected = 10**6 * np.diff(exact)
    assert np.all((low <= expected) & (expected <= high))


def test_edges_far_beyond_a_scale_have_a_distribution_function():
    for scale in (1e-300, 1e300):
        found = cdf_at(Normal(scale), np.linspace(0, 1e20, 9))
        np.testing.assert_array_equal(found, np.r_[0.5, np.ones(8)] if scale < 1 else np.full(9, 0.5))


def test_probabilities_known_to_a_resolution_widen_a_band():
    ensemble, edges = Iid(Normal(1.0)), Bins.of(Normal(1.0)).edges
    low, high = histogram_band(ensemble, edges, 2**24)
    lower, higher = histogram_band(ensemble, edges, 2**24, resolution=2.0**-22)
    assert np.all(lower <= low)
    assert np.all(higher >= high)
    assert np.all(high[0] < 2**24 * 2.0**-22 + 3)  # four draws more or less, which shows in the tails alone
    assert higher[0] > high[0]
    assert (higher - high).max() <= 12


def test_dependent_weights_have_no_band():
    for ensemble in (Haar(1.0, 4, 4, 1), Constant(0.5), Constant(np.arange(3.0))):
        assert histogram_band(ensemble, np.linspace(-1, 1, 9), 16) is None
        assert cdf_reach(ensemble, 16) is None


def test_a_distance_at_the_reach_has_the_probability_left_over():
    for law in (Normal(1.0), Disk(1.0)):
        assert dkw_probability(Iid(law), 1000, cdf_reach(Iid(law), 1000)) == pytest.approx(1 - COVERAGE)
        assert dkw_probability(Iid(law), 1000, 0.0) == 1.0


def test_coverage_of_the_dkw_bound_is_golden():
    golden = NUMBERS["6.dkw_coverage"]
    count = golden["inputs"]["N"]
    assert abs(stats.kstwo.sf(dkw_reach(count, 0.05), count) - golden["value"]) <= golden["tolerance"]


def test_pointwise_bands_fail_as_often_as_the_golden_number():
    golden = NUMBERS["6.bins_pointwise"]
    count, bins = golden["inputs"]["N"], golden["inputs"]["B"]
    masses = np.diff(stats.norm.cdf(np.linspace(-3, 3, bins + 1)))  # where THEORY's simulation has 2.18
    low, high = binomial_band(masses, count, 0.05)
    outside = stats.binom.cdf(low - 1, count, masses) + stats.binom.sf(high, count, masses)
    assert abs(outside.sum() - golden["value"]) <= golden["tolerance"]
    assert round(float(outside.sum()), 2) == 2.18
