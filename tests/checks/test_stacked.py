"""Weights of several scales, judged as a whole: how often correct draws fail, and that wrong ones do."""

from collections import Counter

import jax
import numpy as np
import pytest
from oracles import SIGMAS

from benchmarks.calibration import WHOLE, false_alarms, most
from initviz import engine
from initviz.checks import check
from initviz.checks.base import STD
from initviz.checks.sampling import TAILS, mean_error, mean_law, square_error, square_law
from initviz.initializers import normal, truncated_normal, uniform, variance_scaling

DRAWS = 60
EXACT = ("mean", STD, "min", "max", "largest singular value", "smallest singular value")


def column(*numbers):
    return np.reshape(numbers, (-1, 1, 1))


FAMILIES = {
    "thirds": variance_scaling(column(1, 1 / 2, 1 / 3), "fan_in", "truncated_normal", batch_axis=0),
    "far apart": variance_scaling(column(1, 1e-2, 1e-4), "fan_in", "uniform", batch_axis=0),
    "one of them 0": normal(column(1, 0.5, 0)),
    "with a mean": uniform(column(1, 0.5, 0.25)),
    "with a mean, one of them 0": uniform(column(1, 0.5, 0)),
    "on one side": truncated_normal(column(1, 0.3, 0.2), lower=0.0, upper=3.0),
}
SIZES = ((1, 1), (2, 2), (7, 4), (16, 16), (64, 48))


@pytest.mark.slow(keeps=1)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
def test_correct_draws_fail_a_check_in_one_case_of_a_hundred(dtype):
    tried, failed = Counter(), Counter()
    for seed, (name, size) in enumerate((name, size) for name in FAMILIES for size in SIZES):
        if dtype == "complex64" and not FAMILIES[name].function.startswith(("normal", "variance")):
            continue
        found = false_alarms(FAMILIES[name], (3, *size), dtype, DRAWS, seed)
        assert max(found.values()) <= most(DRAWS, sigmas=6), (name, size, found)
        tried.update(dict.fromkeys(found, DRAWS))
        failed.update(found)
    assert {name: count for name, count in failed.items() if count > most(tried[name])} == {}
    assert failed[WHOLE] <= most(tried[WHOLE], sigmas=2)
    if dtype == "float32":  # none is so wide that it could not fail; the others are bounds
        assert all(failed[name] > tried[name] / 400 for name in EXACT)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("size", [(1, 1), (7, 4), (40, 30)])
def test_the_mean_and_the_mean_square_have_these_laws(name, size):
    shape, draws = (3, *size), 4000
    ensemble = FAMILIES[name].plan(shape).ensemble
    law, key = ensemble.marginal, jax.random.key(size[0])
    weights = np.asarray(engine.draw(ensemble, key, (draws, *shape), "float32"), float).reshape(draws, -1)
    count = weights.shape[1]
    mean = (weights.mean(1) - law.mean) / law.std * count**0.5 / mean_error(law, count)
    square = (((weights - law.mean) ** 2).mean(1) / law.variance - 1) / square_error(law, count)
    for found, expected in ((mean, mean_law(law, count)), (square, square_law(law, count))):
        assert abs(found.std() - 1) < SIGMAS * 0.05
        for p in (*TAILS, 0.1, 0.5, 0.9):
            share = np.mean(found <= expected.quantile(np.array([p])))
            assert abs(share - p) <= SIGMAS * (p * (1 - p) / draws) ** 0.5 + 0.002


def test_wrong_scales_are_unlikely(key):
    asked = normal(column(1, 1 / 2, 1 / 3))
    drawn = np.asarray(asked(key, (3, 64, 64)))
    assert check(drawn, asked)
    assert not check(drawn, normal(column(1, 1 / 2, 1 / 2)))
    assert not check(drawn, normal(float(drawn.std())))  # the same variance, another law
    assert not check(drawn[::-1], asked)  # seen in the singular values of the first slice
    assert not check(normal(float(drawn.std()))(key, (3, 64, 64)), asked)


def test_singular_values_are_those_of_the_first_slice(key):
    found = check(normal(column(0.5, 1.0))(key, (2, 64, 64)), normal(column(0.5, 1.0)))
    assert found.spectrum.largest.mean == pytest.approx(8, rel=0.05)
    by_column = check(normal(np.linspace(0.5, 1, 64))(key, (64, 64)), normal(np.linspace(0.5, 1, 64)))
    assert by_column.spectrum is None
    assert by_column.checks[-1].within is None


@pytest.mark.parametrize("one", [normal, uniform])
@pytest.mark.parametrize("every", [6, 64])
def test_fewer_finite_weights_than_scales(one, every, key):
    """What is expected of them is that of weights from all over the scales."""
    initializer = one(np.linspace(1, 2, 64)[:, None])
    weights = np.array(initializer(key, (64, 1)))
    weights[np.arange(64) % every > 0] = np.nan
    finite = int(np.isfinite(weights).sum())
    law = initializer.plan((64, 1)).ensemble.marginal
    errors = [square_error(law, count) * count**0.5 for count in (finite, 6400)]
    assert errors[0] == pytest.approx(errors[1], rel=0.05 if finite > 1 else 0.5)
    assert {each.name: each.within for each in check(weights, initializer).checks}[STD] is not False
