"""Many seeds: consecutive ones, the one on show first, and a band that holds what it says."""

import dataclasses

import numpy as np
import pytest

from initviz.answers.answer import answer
from initviz.engine import Cancelled
from initviz.probes import Seeds
from initviz.probes.seeds import BAND, spread
from initviz.settings.choices import LARGEST_SEED
from initviz.study import Study


def test_the_draws_are_those_of_consecutive_seeds():
    result = Study("normal", shape=(20, 12), seed=LARGEST_SEED - 1).answer()
    found = Seeds(draws=4).answer(result)
    assert found.seeds == (LARGEST_SEED - 1, LARGEST_SEED, 0, 1)
    for seed, counts, values in zip(found.seeds, found.counts, found.singular_values, strict=True):
        alone = answer(dataclasses.replace(result.question, seed=seed))
        assert counts.tolist() == alone.summary.coarse()[1].tolist()
        assert values.tolist() == alone.singular_values.tolist()


@pytest.mark.parametrize("function", ["normal", "orthogonal", "constant", "delta_orthogonal"])
def test_the_band_is_the_median_and_the_middle_90_percent(function):
    settings = {"value": 0.3} if function == "constant" else {}
    found = Seeds(draws=9).answer(Study(function, shape=(3, 4, 6), **settings).answer())
    assert BAND == (0.05, 0.5, 0.95)
    assert spread(np.arange(21.0)).tolist() == [1, 10, 19]
    assert found.count_quantiles.tolist() == np.quantile(found.counts, BAND, axis=0).tolist()
    assert found.value_quantiles.shape == (3, found.singular_values.shape[1])
    assert np.all(np.diff(found.value_quantiles, axis=0) >= 0)


def test_the_median_of_the_largest_value_is_the_one_expected():
    result = Study("normal", shape=(64, 64), stddev=1.0).answer()
    found = Seeds(draws=200).answer(result)
    largest = found.singular_values[:, 0]
    expected = result.spectrum.largest
    # the standard error of a median is 1.25 of the mean's; the formula itself is off by at most 0.15 sd
    assert abs(np.median(largest) - expected.quantile(0.5)) < (0.15 + 5 * 1.2533 / 200**0.5) * expected.sd


def test_weights_that_are_not_finite_have_no_spectrum():
    found = Seeds(draws=3).answer(Study("he_normal", shape=(30, 20), dtype="float8_e4m3fn").answer())
    assert found.singular_values.shape == (3, 0)


def test_progress_is_reported_and_stops_the_work():
    result = Study("normal", shape=(8, 8)).answer()
    shares = []
    Seeds(draws=5).answer(result, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(share):
        raise Cancelled

    with pytest.raises(Cancelled):
        Seeds(draws=1000).answer(result, stop)


def test_no_weights_have_no_seeds():
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        Seeds().answer(Study(shape=(0, 5)).answer())
    assert str(refusal.value) == "many seeds need weights to draw, got none. Choose a shape without a size of 0."
