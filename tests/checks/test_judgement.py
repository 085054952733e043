"""Checks and the draw as a whole: verdict and probability agree, wrong weights fail, and correct draws seldom do."""

import dataclasses
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import SIGMAS, refused

from initviz import initializers
from initviz.checks import COVERAGE, Judgement, check, judge, observe, observe_draw
from initviz.checks.base import STD, UNLIKELY
from initviz.engine.summary import Bins
from initviz.study import Study

SEEDS = 400
MOST = SEEDS * (1 - COVERAGE) + SIGMAS * (SEEDS * COVERAGE * (1 - COVERAGE)) ** 0.5
HALF, SINGLE = "bfloat16", "float32"
DRAWS = [
    (initializers.he_normal(), (4, 4), SINGLE), (initializers.he_normal(), (40, 90), SINGLE),
    (initializers.normal(0.5), (16,), SINGLE), (initializers.glorot_uniform(), (8, 8), SINGLE),
    (initializers.uniform(0.3), (300,), SINGLE), (initializers.orthogonal(), (16, 5), SINGLE),
    (initializers.truncated_normal(1.0, lower=-1.0, upper=3.0), (16, 16), SINGLE),
    (initializers.delta_orthogonal(), (3, 4, 6), SINGLE), (initializers.normal(), (9, 9), "complex64"),
    (initializers.he_normal(), (8, 8), HALF), (initializers.he_normal(), (40, 90), HALF),
    (initializers.normal(0.5), (40, 40), HALF), (initializers.uniform(0.3), (300,), HALF),
    (initializers.glorot_uniform(), (8, 8), HALF), (initializers.normal(0.5), (40, 40), "float16"),
]  # fmt: skip


@pytest.mark.slow(keeps=5)
@pytest.mark.parametrize(("initializer", "shape", "dtype"), DRAWS, ids=str)
def test_of_correct_draws_at_most_one_in_a_hundred_is_called_unlikely(initializer, shape, dtype):
    plan = initializer.plan(shape, dtype)

    def unlikely(seed: int) -> bool:
        seen = observe_draw(plan, jax.random.key(seed))
        return not Judgement(plan, seen, judge(plan, seen))

    assert sum(map(unlikely, range(SEEDS))) <= MOST


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_large_draw_of_few_values_is_likely_though_checks_show_them(dtype):
    weights = initializers.he_normal()(jax.random.key(0), (512, 512), dtype)
    found = check(weights, "he_normal")
    assert all(each.within for each in found.checks)
    assert found
    failed = sum(each.coarse for each in found.checks)
    assert failed
    said = str(found).splitlines()[0]
    assert said == (
        f"he_normal() · 512 × 512 · {dtype}: as expected of these {dtype} draws, "
        f"whose few values show in {failed} of 8 checks."
    )
    assert not check(weights * 1.1, "he_normal")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_the_least_uniform_of_a_dtype_is_no_surprise(dtype):
    """jax's uniforms begin at 0 exactly, which the law never gives."""
    plan = initializers.uniform(1.0).plan((2**22 if dtype == "float32" else 2**10,), dtype)
    summaries = [observe_draw(plan, jax.random.key(seed)) for seed in range(8)]
    assert any(seen.summary.minimum == 0 for seen in summaries)
    for seen in summaries:
        least = next(each for each in judge(plan, seen) if each.name == "min")
        assert least.within == (least.low <= least.observed <= least.high)
        assert seen.summary.minimum or least.within


INITIALIZERS = [
    initializers.he_normal(), initializers.glorot_uniform(), initializers.normal(1.0), initializers.normal(0.0),
    initializers.uniform(1.0), initializers.truncated_normal(1.0),
    initializers.truncated_normal(1.0, lower=2.0, upper=10.0), initializers.orthogonal(), initializers.zeros,
    initializers.ones, initializers.constant(0.7), initializers.constant(np.arange(30.0)),
]  # fmt: skip
SHAPE = (40, 30)
RIGHT = {
    "normal": "normal(stddev=1.0)", "orthogonal": "orthogonal()", "zeros": "zeros() normal(stddev=0.0)",
    "ones": "ones()", "constant": "constant(value=0.7)",
}  # fmt: skip
"""Foreign weights that initializers could have drawn, and which."""


@cache
def foreign() -> dict[str, np.ndarray]:
    """Weights of many kinds, none drawn by initviz."""
    generator = np.random.default_rng(1)
    standard, some = generator.normal(size=SHAPE), generator.random(SHAPE) < 0.05
    pruned = np.where(generator.random(SHAPE) < 0.5, 0.0, standard)
    return {
        "normal": standard, "uniform": generator.uniform(-1, 1, SHAPE), "std × 3": 3 * standard,
        "shifted": standard + 0.5, "clipped": np.clip(standard, -0.5, 0.5), "pruned": pruned,
        "constant": np.full(SHAPE, 0.7), "zeros": np.zeros(SHAPE), "ones": np.ones(SHAPE),
        "NaN": np.where(some, np.nan, standard), "infinite": np.where(some, np.inf, standard),
        "all NaN": np.full(SHAPE, np.nan), "huge": 1e30 * standard, "tiny": 1e-30 * standard,
        "outlier": np.where(np.arange(1200).reshape(SHAPE) == 7, 1e6, standard), "beyond": 1e300 * standard,
        "orthogonal": np.linalg.qr(generator.normal(size=SHAPE))[0], "whole": generator.integers(-3, 4, SHAPE),
        "true or false": some, "Cauchy": generator.standard_cauchy(SHAPE), "lattice": np.round(2 * standard) / 2,
    }  # fmt: skip


@pytest.mark.parametrize("kind", foreign())
@pytest.mark.parametrize("initializer", INITIALIZERS, ids=str)
def test_verdict_and_probability_agree_and_foreign_weights_fail(initializer, kind):
    for dtype in ("float64", "float32", "bfloat16", "float16", "complex64"):
        weights = foreign()[kind]
        if dtype == "complex64" and initializer.function in ("uniform", "truncated_normal"):
            continue
        if weights.dtype == np.float64:
            with np.errstate(over="ignore"):
                weights = weights.astype(jnp.dtype(dtype))
        found = check(weights, initializer)
        for each in found.checks:
            if each.probability is not None:
                assert 0 <= each.probability <= 1
                assert each.within is (each.chance >= UNLIKELY)
                assert (each.within and not each.coarse) is (each.low <= each.observed <= each.high), each
        if dtype == "float64" or weights.dtype.kind in "bi":
            assert bool(found) is (str(initializer) in RIGHT.get(kind, "").split()), found


def test_probabilities_of_true_draws_are_those_of_the_law():
    """The share of draws with a probability below p is p where the law is exact, and at most p for bounds."""
    plan = initializers.normal(1.0).plan((20, 15))
    chances = {name: [] for name in ("mean", STD, "min", "max", "distance of the CDF")}
    for seed in range(SEEDS):
        for each in judge(plan, observe_draw(plan, jax.random.key(seed))):
            chances.get(each.name, []).append(each.probability)
    for p in (0.05, 0.3, 0.7):
        room = SIGMAS * (p * (1 - p) / SEEDS) ** 0.5
        for name, found in chances.items():
            share = np.mean(np.array(found) < p)
            assert share <= p + room, (name, p)
            assert name == "distance of the CDF" or share >= p - room, (name, p)


def test_bins_outside_the_band_say_how_far():
    law = initializers.normal(1.0).plan((4000,))
    weights = np.random.default_rng(0).normal(size=4000)
    moved = np.where(np.arange(4000) < 400, 0.01, weights)
    chances = [judge(law, observe(array, Bins.of(law.ensemble.marginal)))[4].probability for array in (weights, moved)]
    assert chances[0] == 1.0
    assert 0 < chances[1] < UNLIKELY


def test_not_finite_weights_fail_and_nothing_else_is_tested():
    weights = np.ones((4, 4), np.float32)
    weights[0, 0] = np.nan
    found = check(weights, "ones")
    assert [(each.name, each.within) for each in found.checks] == [
        ("NaN or infinite", False), ("mean", None), (STD, None), ("min", None), ("max", None),
    ]  # fmt: skip
    assert not found


@pytest.mark.parametrize(
    "value", [np.inf, -np.inf, np.nan, [np.inf, 0.0, 1.0], [np.nan, 1.0, 0.0], [np.inf, np.nan, 1]]
)
@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_constants_that_are_not_finite_are_expected_where_they_are(value, dtype):
    constant = initializers.constant(value)
    weights = constant(jax.random.key(0), (4, 3), dtype)
    found, lost = check(weights, constant), int((~np.isfinite(weights)).sum())
    of_kind = {each.name: each for each in found.checks}
    missing, farthest = of_kind["NaN or infinite"], of_kind["farthest from its value"]
    assert (missing.expected, missing.observed, missing.within) == (lost, lost, True)
    assert (farthest.observed, farthest.within) == (0, True)
    assert found
    for wrong in (np.roll(weights, 1, axis=1), np.zeros((4, 3), dtype), -np.asarray(weights)):
        same = np.array_equal(wrong, weights, equal_nan=True)
        assert bool(check(wrong, constant)) is same


def test_one_infinite_part_of_a_constant_is_expected():
    constant = initializers.constant(complex(1, np.inf))
    found = check(constant(jax.random.key(0), (3, 3), "complex64"), constant)
    assert (found.checks[0].expected, found.checks[0].observed, bool(found)) == (9, 9, True)


def test_the_whole_is_the_least_of_all_times_their_number():
    found = check(np.zeros((3, 3)), "zeros")
    assert found.probability == 1.0
    three = [
        dataclasses.replace(each, probability=p) for each, p in zip(found.checks, (0.5, 0.004, None), strict=False)
    ]
    assert dataclasses.replace(found, checks=tuple(three)).probability == 0.008
    assert not dataclasses.replace(found, checks=tuple(three))
    assert dataclasses.replace(found, checks=tuple(three[:1])).likely
    excused = dataclasses.replace(three[1], excused=0.3)
    assert dataclasses.replace(found, checks=(three[0], excused)).probability == 0.6
    assert dataclasses.replace(found, checks=()).probability == 1.0


def test_an_answer_is_a_judgement_that_is_always_true():
    result = Study("he_normal", shape=(30, 20)).answer()
    wrong = dataclasses.replace(result, observation=observe(np.ones((30, 20))))
    wrong = dataclasses.replace(wrong, checks=judge(wrong.plan, wrong.observation))
    assert (result.likely, wrong.likely) == (True, False)
    assert wrong  # code asks whether there is an answer
    assert str(wrong).startswith("he_normal() · 30 × 20 · float64: unlikely as a whole: ")


def test_what_is_no_plan_or_no_observation_is_refused():
    plan, observation = initializers.ones.plan((2, 3)), observe(np.ones((2, 3)))
    for given, names in (((observation, plan), "Observation and Plan"), ((initializers.ones, observation),
                         "Ones and Observation"), ((plan, np.ones((2, 3))), "Plan and ndarray")):  # fmt: skip
        refused(TypeError, f"judge needs a plan, then an observation, got {names}. "
                "Write judge(he_normal().plan(weights.shape), observe(weights)).", judge, *given)  # fmt: skip


def test_a_plan_for_another_shape_is_refused():
    refused(
        ValueError,
        "the plan must be for the shape of the weights, (3, 2), got one for (2, 3). Ask the initializer for "
        "plan((3, 2)).",
        judge,
        initializers.ones.plan((2, 3)),
        observe(np.ones((3, 2))),
    )
