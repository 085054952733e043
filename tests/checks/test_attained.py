"""Draws of few values fail as seldom as others: the laws of their statistics are those of the values."""

import itertools

import numpy as np
import pytest

from benchmarks.calibration import false_alarms, most
from initviz.checks.attained import Values, attained_of
from initviz.initializers import normal, truncated_normal
from initviz.laws.real import Normal, TruncatedNormal

DRAWS = 400
FEW = [
    (truncated_normal(1.0, lower=5.0, upper=6.0), (20, 20), "float32"),
    (truncated_normal(1.0, lower=-5.5, upper=-4.8), (16, 4), "float32"),
    (truncated_normal(1.0, lower=4.9, upper=5.3), (64, 64), "float32"),
    (truncated_normal(1.0, lower=5.0, upper=6.0), (3, 1), "float32"),
    (normal(0.02), (20, 20), "float8_e5m2"),
]


@pytest.mark.parametrize(("initializer", "shape", "dtype"), FEW, ids=str)
def test_correct_draws_of_few_values_fail_seldom(initializer, shape, dtype):
    alarms = false_alarms(initializer, shape, dtype, DRAWS, seed=3)
    assert {check: count for check, count in alarms.items() if count > most(DRAWS, sigmas=3)} == {}


STAIRS = {
    "two": np.array([-1.0, 2.0]), "four": np.array([-0.03125, -0.0117, 0.0034, 0.0195]), "pairs": np.array([0, 0.1, 5]),
    "one": np.array([3.0, 3.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", STAIRS)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_chance_of_an_average_is_that_of_all_of_them(name, count):
    """A value at least as far out in its tail, itself included; what is rounded may be found a little likelier."""
    values = STAIRS[name]
    averages = np.mean(list(itertools.product(values, repeat=count)), axis=1)
    for x in np.unique(averages.round(9)):
        tails = np.mean(averages <= x + 1e-9), np.mean(averages >= x - 1e-9)
        exact = min(1.0, 2 * min(tails))
        assert exact - 1e-6 <= Values(np.sort(values)).chance(x, count) <= exact + 0.05
    assert Values(np.sort(values)).chance(values.max() + 10 * np.ptp(values) + 1, count) < 1e-9


@pytest.mark.parametrize("name", ["two", "four", "pairs"])
def test_averages_of_many_fail_as_often_as_they_should(name):
    values = STAIRS[name]
    averages = np.random.default_rng(0).choice(values, (4000, 300)).mean(1)
    chances = np.array([Values(np.sort(values)).chance(x, 300) for x in averages])
    for level in (0.01, 0.1):
        assert level / 3 < np.mean(chances < level) < level + 3 * (level / 4000) ** 0.5


def test_ends_are_as_likely_as_their_values():
    attained = attained_of(TruncatedNormal(1.0, 5.0, 6.0), "float32")
    values = attained.weights.values
    share = np.mean(values == values[-1])
    highest, second = (attained.mean + attained.std * x for x in np.unique(values)[[-1, -2]])
    assert attained.of_end(1, highest, 1) == pytest.approx(2 * share)
    assert attained.of_end(1, second, 100) == pytest.approx(2 * (1 - share) ** 100)
    assert attained.of_end(-1, highest, 3) == pytest.approx(2 * share**3)
    assert attained.of_end(1, 6.5, 10**6) == 0


def test_a_dtype_of_many_values_needs_none_of_this():
    assert attained_of(Normal(1.0), "float32") is None
    assert attained_of(Normal(1.0), "bfloat16") is not None
