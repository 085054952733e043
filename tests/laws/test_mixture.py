"""Laws of weights at several scales, against quadrature, closed forms and simulation."""

import numpy as np
import pytest
from oracles import SIGMAS
from scipy import integrate

from initviz.laws.mixture import Mixture
from initviz.laws.real import Normal, TruncatedNormal, Uniform

LAWS = [Normal(1.0), Uniform(1.0), Uniform(1.0, -1.0), TruncatedNormal(1.0), TruncatedNormal(1.0, 0.0, 3.0)]
SCALES = [(0.25, 0.5, 1.0), (0.0, 1.0), (0.0, 0.001, 2.0), (3.0,)]
MIXTURES = [Mixture(law, scales, tuple(np.full(len(scales), 1 / len(scales)))) for law in LAWS for scales in SCALES]


def sampled(mixture, count, rng):
    """As many weights of each scale."""
    each = [scale * mixture.one.quantile(rng.random(count)) for scale in mixture.scales]
    return np.concatenate(each)


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_moments_are_those_of_the_density_and_the_zeros(mixture):
    low, high = mixture.distribution.ppf(np.array([1e-12, 1 - 1e-12]))
    ends = [end for end in mixture.one.support if np.isfinite(end)]
    breaks = sorted({0.0, *(scale * end for scale in mixture.scales for end in (*ends, -6, -1, 1, 6))})

    def expected(function):
        within = [at for at in breaks if low < at < high]
        pieces = zip([low, *within], [*within, high], strict=True)
        smooth = sum(integrate.quad(lambda x: function(x) * mixture.pdf(x), *each, limit=200)[0] for each in pieces)
        return smooth + sum(mass * function(value) for value, mass in mixture.atoms)

    mean, variance = mixture.mean, mixture.variance
    assert expected(lambda x: 1.0) == pytest.approx(1, abs=1e-6)
    assert mean == pytest.approx(expected(lambda x: x), abs=1e-6)
    assert variance == pytest.approx(expected(lambda x: (x - mean) ** 2), rel=1e-5)
    assert mixture.kurtosis == pytest.approx(expected(lambda x: (x - mean) ** 4) / variance**2, rel=1e-4)


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_quantiles_invert_the_distribution_function(mixture):
    p = np.array([1e-6, 0.01, 0.3, 0.5, 0.77, 0.999])
    x = mixture.quantile(p)
    beside = 1e-9 * mixture.scales[-1]
    assert np.all(mixture.cdf(x + beside) >= p - 1e-9)
    assert np.all(mixture.cdf(x - beside) <= p + 1e-9)


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_draws_follow_it(mixture):
    weights = sampled(mixture, 4000, np.random.default_rng(3))
    at = mixture.scales[-1] * np.array([-2.0, -0.3, -0.001, 0.0, 0.002, 0.1, 0.4, 0.9])
    p = mixture.cdf(at)
    error = np.sqrt(p * (1 - p) / weights.size) + 1e-12
    assert np.all(np.abs([np.mean(weights <= x) for x in at] - p) <= SIGMAS * error)


def test_one_scale_is_the_law_itself():
    one, law, x = Mixture(TruncatedNormal(1.0), (0.3,), (1.0,)), TruncatedNormal(0.3), np.linspace(-0.7, 0.7, 9)
    np.testing.assert_allclose(one.pdf(x), law.pdf(x))
    np.testing.assert_allclose(one.cdf(x), law.cdf(x))
    assert (one.mean, one.support) == (law.mean, law.support)
    assert (one.std, one.kurtosis) == (pytest.approx(law.std), pytest.approx(law.kurtosis))


@pytest.mark.slow(keeps=6)
@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_extremes_of_as_many_weights_of_each_scale(mixture):
    """The product of the single distribution functions, found again at the places that `ends` gives."""
    tails, each = np.array([1e-5, 0.01, 0.4]), 50
    count = each * len(mixture.scales)
    (low, high), rng = mixture.ends(tails), np.random.default_rng(1)
    draws = np.array([sampled(mixture, each, rng)[:, None] for _ in range(2000)])[..., 0]
    for found, places, side in ((-draws.min(1), -low, 0), (draws.max(1), high, 1)):
        for at, tail in zip(places, tails, strict=True):
            none_beyond = (1 - tail) ** count
            if abs(at) <= 1e-12:  # the zeros are an end
                continue
            share = np.mean(found <= at)
            assert abs(share - none_beyond) <= SIGMAS * (none_beyond * (1 - none_beyond) / 2000) ** 0.5 + 1e-9
            exactly = mixture.tails(np.array([(-1, 1)[side] * at]))[side]
            np.testing.assert_allclose(exactly, tail, rtol=1e-6)


def test_the_scale_is_taken_out():
    unit, scale = Mixture(Normal(1.0), (0.5, 2.0), (0.5, 0.5)).standard
    assert (unit, scale) == (Mixture(Normal(1.0), (0.25, 1.0), (0.5, 0.5)), 2.0)
