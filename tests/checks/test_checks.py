"""The ranges hold the stated share of draws, neither more nor less, and a wrong draw leaves them."""

import dataclasses
from collections import Counter
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from initviz import checks, engine
from initviz.checks import COVERAGE, ORTHOGONAL_LIMIT, TAILS, Check, entry_checks, judge
from initviz.checks.base import STD
from initviz.checks.confidence_bands import histogram_band
from initviz.engine.summary import BINS, Bins
from initviz.initializers import normal
from initviz.laws.complex import ComplexNormal, Disk
from initviz.laws.ensembles import Iid
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.study import Study
from tests.oracles import SIGMAS

DRAWS = 1000
# Misses of a range that holds 99 % are binomial: 10 of 1000 expected, and 5 standard errors above that almost never.
MOST = DRAWS * (1 - COVERAGE) + SIGMAS * (DRAWS * COVERAGE * (1 - COVERAGE)) ** 0.5
ENTRIES = ["mean", STD, "min", "max"]
WHOLE = ["bins outside the band", "distance of the CDF"]
VALUES = ["largest singular value", "smallest singular value"]
ORTHOGONAL = ["deviation from orthogonal"]

CASES = {
    "normal": Study("normal", shape=(64, 48)),
    "normal-square": Study("normal", shape=(40, 40)),
    "normal-6-weights": Study("normal", shape=(3, 2)),
    "normal-2-weights": Study("normal", shape=(2, 1)),
    "normal-3-weights": Study("normal", shape=(1, 3)),
    "normal-1-weight": Study("normal", shape=(1, 1)),
    "truncated": Study("he_normal", shape=(16, 12)),
    "truncated-9-weights": Study("he_normal", shape=(3, 3)),
    "truncated-256-weights": Study("he_normal", shape=(16, 16)),
    "truncated-skewed": Study("truncated_normal", shape=(64, 16), lower=-1.0, upper=3.0),
    "truncated-tail-4-weights": Study("truncated_normal", shape=(2, 2), lower=2.0, upper=10.0),
    "truncated-tail-256-weights": Study("truncated_normal", shape=(16, 16), lower=2.0, upper=10.0),
    "uniform-off-centre": Study("uniform", shape=(20, 30)),
    "uniform-4-weights": Study("uniform", shape=(2, 2)),
    "uniform-1-weight": Study("uniform", shape=(1, 1)),
    "complex-normal": Study("normal", shape=(30, 30), dtype="complex64"),
    "complex-normal-1-weight": Study("normal", shape=(1, 1), dtype="complex64"),
    "complex-disk-24-parts": Study("lecun_uniform", shape=(4, 3), dtype="complex64"),
    "complex-disk-2-parts": Study("lecun_uniform", shape=(1, 1), dtype="complex64"),
    "complex-truncated-6-parts": Study("lecun_normal", shape=(3, 1), dtype="complex64"),
    "complex-truncated": Study("lecun_normal", shape=(20, 20), dtype="complex64"),
    "orthogonal": Study("orthogonal", shape=(16, 8)),
    "orthogonal-2": Study("orthogonal", shape=(2, 2)),
    "orthogonal-3": Study("orthogonal", shape=(3, 3), scale=0.3),
    "orthogonal-row": Study("orthogonal", shape=(1, 5)),
    "orthogonal-complex": Study("orthogonal", shape=(6, 6), dtype="complex64"),
    "orthogonal-complex-1": Study("orthogonal", shape=(1, 1), dtype="complex64"),
    "delta-orthogonal": Study("delta_orthogonal", shape=(3, 4, 6)),
    "delta-orthogonal-2": Study("delta_orthogonal", shape=(2, 2, 2)),
    "delta-orthogonal-row": Study("delta_orthogonal", shape=(3, 1, 2)),
    "constant": Study("constant", shape=(4, 5), value=0.3),
    "constant-complex": Study("constant", shape=(4, 5), value=0.3 - 1.1j, dtype="complex64"),
    "zeros": Study("normal", shape=(4, 5), stddev=0.0),
}
RESULTS = {name: study.answer() for name, study in CASES.items()}
INDEPENDENT = [name for name, result in RESULTS.items() if result.plan.ensemble.independent and name != "zeros"]
HAAR = [name for name, result in RESULTS.items() if result.plan.ensemble.block]


def pooled(weights: np.ndarray) -> np.ndarray:
    """Real parts of many draws: (draws, *shape) -> (draws, count), in double precision."""
    flat = np.asarray(weights).reshape(len(weights), -1)
    return np.concatenate([flat.real, flat.imag], axis=1).astype(float) if np.iscomplexobj(flat) else flat.astype(float)


@cache
def draws(name: str) -> np.ndarray:
    """`DRAWS` draws of a case with fixed keys: (draws, *shape)."""
    plan = RESULTS[name].plan
    if plan.ensemble.independent:  # independent draws are one larger draw
        return np.asarray(engine.draw(plan.ensemble, jax.random.key(1), (DRAWS, *plan.shape), plan.dtype))
    sample = jax.jit(jax.vmap(lambda key: plan.ensemble.sample(key, plan.shape, plan.dtype)))
    return np.asarray(sample(jax.random.split(jax.random.key(1), DRAWS)))


def histograms(parts: np.ndarray, bins: Bins) -> np.ndarray:
    """Counts below, in and above the bins of each draw: (draws, BINS + 2)."""
    index = np.clip(np.floor((parts - bins.low) / bins.width), -1, BINS).astype(int) + 1
    index += (BINS + 2) * np.arange(len(parts))[:, None]
    return np.bincount(index.ravel(), minlength=(BINS + 2) * len(parts)).reshape(len(parts), -1)


def observed(name: str) -> dict[str, np.ndarray]:
    """Every statistic of every draw, computed by NumPy."""
    weights, result = draws(name), RESULTS[name]
    parts, marginal, bins = pooled(weights), result.plan.ensemble.marginal, result.summary.bins
    found = {
        "mean": parts.mean(axis=1),
        STD: ((parts - marginal.mean) ** 2).mean(axis=1) ** 0.5,
        "min": parts.min(axis=1),
        "max": parts.max(axis=1),
    }
    if name in INDEPENDENT:
        counts = histograms(parts, bins)
        low, high = histogram_band(result.plan.ensemble, bins.edges, parts.shape[1])
        found[WHOLE[0]] = ((counts[:, 1:-1] < low) | (counts[:, 1:-1] > high)).sum(axis=1)
        shares = np.cumsum(counts[:, :-1], axis=1) / parts.shape[1]
        found[WHOLE[1]] = np.abs(shares - marginal.cdf(bins.edges)).max(axis=1)
    else:
        wide = weights.astype(np.complex128 if np.iscomplexobj(weights) else float)
        values = np.linalg.svd(wide.reshape(len(wide), -1, wide.shape[-1]), compute_uv=False)
        found[VALUES[0]], found[VALUES[1]] = values[:, 0], values[:, -1]
        if name in HAAR:
            scale, size = dict(result.question.arguments)["scale"], min(result.plan.shape[-2:])
            deviation = np.abs(values[:, :size] ** 2 / scale**2 - 1).max(axis=1) / np.finfo("float32").eps
            found[ORTHOGONAL[0]] = deviation + values[:, size:].sum(axis=1)
    return found


@pytest.fixture(scope="module")
def misses():
    """For every case, how often each statistic left its range in `DRAWS` draws with fixed keys."""

    def count(name: str) -> Counter:
        ranges, found = {check.name: check for check in RESULTS[name].checks}, observed(name)
        return Counter({
            statistic: int(((values < ranges[statistic].low) | (values > ranges[statistic].high)).sum())
            for statistic, values in found.items()
        })  # fmt: skip

    return {name: count(name) for name in CASES}


@pytest.mark.slow(keeps=11)
@pytest.mark.parametrize("name", CASES)
def test_false_alarms_are_as_rare_as_stated(name, misses):
    rows = WHOLE if name in INDEPENDENT else []
    assert [check.name for check in RESULTS[name].checks] == [
        *ENTRIES, *rows, *VALUES, *(ORTHOGONAL if name in HAAR else []),
    ]  # fmt: skip
    assert max(misses[name].values()) <= MOST, misses[name]


@pytest.mark.parametrize("statistic", ENTRIES)
def test_the_ranges_of_independent_entries_are_not_too_wide(statistic, misses):
    total = sum(misses[name][statistic] for name in INDEPENDENT)
    trials = DRAWS * len(INDEPENDENT)
    spread = (trials * COVERAGE * (1 - COVERAGE)) ** 0.5
    assert abs(total - trials * (1 - COVERAGE)) <= SIGMAS * spread


def test_the_mean_of_an_orthogonal_matrix_has_the_law_it_is_tested_against(misses):
    total = sum(misses[name]["mean"] for name in HAAR)
    trials = DRAWS * len(HAAR)
    assert abs(total - trials * (1 - COVERAGE)) <= SIGMAS * (trials * COVERAGE * (1 - COVERAGE)) ** 0.5


@pytest.mark.parametrize("name", ["constant", "constant-complex", "zeros"])
def test_what_does_not_vary_has_no_range(name, misses):
    assert sum(misses[name].values()) == 0
    for check in RESULTS[name].checks:
        assert check.test == "exact"
        largest = RESULTS[name].checks[4].observed  # singular value, which is above every weight
        assert check.high - check.low <= 4 * np.finfo(np.float32).eps * largest


def names_of_alarms(ensemble, weights) -> set[str]:
    bins = Bins.of(ensemble.marginal)
    checks = entry_checks(ensemble, weights.dtype, engine.summarize_array(weights, bins))
    return {check.name for check in checks if check.within is False}


NORMAL = Normal(1.0)
WRONG = {
    "nothing": (NORMAL, NORMAL, 0.0, set(), ENTRIES + WHOLE),
    "scale": (NORMAL, Normal(1.1), 0.0, {STD}, ["mean"]),
    "mean": (NORMAL, NORMAL, 0.1, {"mean"}, [STD, "min", "max"]),
    "law": (NORMAL, Uniform(3**0.5, -1.0), 0.0, {"min", "max", *WHOLE}, ["mean"]),
    "cut": (NORMAL, TruncatedNormal.with_variance(1.0), 0.0, {"min", "max", WHOLE[0]}, ["mean"]),
    "no cut": (TruncatedNormal(1.0), NORMAL, 0.0, {STD, "min", "max"}, ["mean"]),
    "complex": (ComplexNormal(1.0), Disk(1.0), 0.0, {"min", "max", *WHOLE}, ["mean"]),
}


@pytest.mark.parametrize("changed", WRONG)
def test_a_wrong_draw_is_found(changed):
    claimed, true, shift, found, quiet = WRONG[changed]
    dtype = np.dtype(np.complex64 if true.complex else np.float32)
    weights = engine.draw(Iid(true), jax.random.key(0), (64, 48), dtype) + np.array(shift, dtype)
    alarms = names_of_alarms(Iid(claimed), weights)
    assert found <= alarms
    assert not alarms & set(quiet)


@pytest.mark.parametrize("count", [4, 12, 60])
def test_a_wrong_scale_is_found_among_few_weights(count):
    for law in (Normal(1.0), Uniform(1.0, -1.0), TruncatedNormal(1.0)):
        wrong = dataclasses.replace(law, scale=5.0)
        weights = engine.draw(Iid(wrong), jax.random.key(count), (count,), np.dtype(np.float32))
        assert STD in names_of_alarms(Iid(law), weights)


def test_a_matrix_that_is_not_orthogonal_is_found():
    result = RESULTS["orthogonal"]
    values = result.singular_values.copy()
    values[-1] *= 1 - 1e-4
    plan = result.plan
    checks = judge(plan, dataclasses.replace(result.observation, singular_values=values))
    assert {check.name for check in checks if check.within is False} == {"smallest singular value", *ORTHOGONAL}
    gaussian = engine.draw(Iid(Normal(0.25)), jax.random.key(0), (16, 8), np.dtype(np.float32))
    assert STD in names_of_alarms(plan.ensemble, gaussian)


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn"])
def test_a_coarse_dtype_is_found(dtype):
    dtype = jnp.dtype(dtype)
    summary = engine.summarize(Iid(NORMAL), jax.random.key(0), (512, 512), dtype)
    found = {check.name for check in entry_checks(Iid(NORMAL), dtype, summary) if check.coarse or check.within is False}
    assert {"mean", *WHOLE} <= found


def test_so_many_single_precision_weights_that_their_grid_shows_pass():
    for seed in range(3):
        summary = engine.summarize(Iid(NORMAL), jax.random.key(seed), (4096, 4096), np.dtype(np.float32))
        checks = entry_checks(Iid(NORMAL), np.dtype(np.float32), summary)
        assert all(check.within for check in checks), checks


def test_weights_that_single_precision_throws_onto_the_cut_are_found():
    law = TruncatedNormal(1.0, 2.0, 10.0)  # erf(10 / √2) is 1 in float32, so that the largest uniform gives 10 σ
    summary = engine.summarize(Iid(law), jax.random.key(0), (4096, 4096), np.dtype(np.float32))
    check = {check.name: check for check in entry_checks(Iid(law), np.dtype(np.float32), summary)}["max"]
    assert (check.within, check.test) == (False, "p < 0.0001")
    assert check.observed > 9.99


def test_weights_that_overflow_as_they_must_are_counted_and_nothing_is_judged():
    result = Study("normal", shape=(16, 16), stddev=40_000.0, dtype="float16").answer()
    assert result.summary.not_finite > 0
    missing, *others = result.checks
    assert (missing.name, missing.observed) == ("NaN or infinite", result.summary.not_finite)
    assert missing.expected == pytest.approx(256 * 2 * stats.norm.sf(65_520 / 40_000), rel=0.02)
    assert {check.within for check in result.checks} == {None}
    assert {check.test for check in others} == {"no test"}
    assert result.likely
    assert str(result).splitlines()[0].endswith("not judged, since float16 cannot hold the weights that this law has.")


def test_weights_that_are_infinite_without_need_fail_and_leave_the_others_untested():
    weights = np.asarray(normal(1.0)(jax.random.key(0), (16, 16))).copy()
    weights[3, 4] = np.inf
    missing, *others = checks.check(weights, normal(1.0)).checks
    assert (missing.name, missing.expected, missing.observed, missing.within) == ("NaN or infinite", 0.0, 1.0, False)
    assert {each.within for each in others} == {None}
    assert not checks.check(weights, normal(1.0))


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e30])
def test_an_orthogonal_matrix_of_any_scale_passes(scale):
    result = Study("orthogonal", shape=(5, 3), scale=scale).answer()
    assert all(check.within for check in result.checks)
    assert result.checks[-1].high == ORTHOGONAL_LIMIT * 5**0.5


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_verdicts_and_tests_agree(dtype):
    for check in Study("he_normal", shape=(1024, 1024), dtype=dtype).answer().checks:
        if check.coarse:
            continue
        if check.test.startswith("z = "):
            z = float(check.test.removeprefix("z = ").replace("−", "-"))
            assert check.within == (abs(z) <= 2.58)
        if check.test.startswith("p"):
            unlikely = "p < " in check.test or float(check.test.split()[-1]) < 0.0099
            assert check.within != unlikely


def test_a_check_says_how_unusual_it_is():
    tests = {name: {check.name: check.test for check in RESULTS[name].checks} for name in CASES}
    assert tests["normal-6-weights"][STD].startswith("χ²₆ = ")
    assert tests["normal"][STD].startswith("z = ")
    assert tests["complex-truncated"]["mean"].startswith("z = ")
    assert tests["truncated"]["max"].startswith("p = ")
    assert tests["truncated"][WHOLE[0]] == "of 8"
    assert tests["truncated"][WHOLE[1]].startswith("p ≤ ")
    assert tests["orthogonal"][STD] == "exact"
    law, weights = Uniform(1.0, -1.0), np.ones(20, np.float32)
    checks = entry_checks(Iid(law), weights.dtype, engine.summarize_array(weights, Bins.of(law)))
    assert [check.test for check in checks[:2]] == ["z > 7", "z > 7"]
    assert "p < 0.0001" in [check.test for check in checks]


def test_scores_of_true_draws_are_uniform_in_probability():
    """The z of the table is Φ⁻¹ of a uniform number: beyond ±2.576 in 1 % of draws, beyond ±1 in 31.7 %."""
    law, scores = Uniform(1.0), []
    weights = np.asarray(engine.draw(Iid(law), jax.random.key(5), (400, 9), np.dtype(np.float32)))
    for row in weights:
        check = entry_checks(Iid(law), row.dtype, engine.summarize_array(row, Bins.of(law)))[1]
        scores.append(float(check.test.removeprefix("z = ").replace("−", "-")))
    beyond = np.mean(np.abs(scores) > 1)
    assert abs(beyond - 0.3173) <= SIGMAS * (0.3173 * 0.6827 / 400) ** 0.5


def test_a_check_is_frozen_and_has_no_verdict_of_its_own():
    assert Check("mean", None, np.nan, np.nan, 1.0).within is None
    assert pytest.approx((0.005, 0.995)) == TAILS
    with pytest.raises(dataclasses.FrozenInstanceError):
        Check("mean", 0.0, -1.0, 1.0, 1.0).observed = 2.0


def test_a_single_orthogonal_weight_has_no_test_but_its_size():
    checks = Study("orthogonal", shape=(1, 1)).answer().checks
    assert [check.name for check in checks if check.within is None] == ["mean", "min", "max"]
    assert all(check.within for check in checks if check.within is not None)


def test_a_statistic_without_a_formula_is_shown_without_a_verdict():
    checks = Study("normal", shape=(40, 38)).answer().checks  # neither square nor far from it
    assert [check.name for check in checks if check.expected is None] == ["smallest singular value"]
    assert checks[-1].observed > 0


def test_observed_is_what_was_drawn():
    result = Study("uniform", shape=(20, 30), seed=4).answer()
    weights, law = result.weights.astype(float), result.plan.ensemble.law
    singular = np.linalg.svd(weights, compute_uv=False)
    about_mean = ((weights - law.mean) ** 2).mean() ** 0.5
    distance = np.abs((weights.ravel() <= result.summary.bins.edges[:, None]).mean(axis=1)
                      - law.cdf(result.summary.bins.edges)).max()  # fmt: skip
    expected = [weights.mean(), about_mean, weights.min(), weights.max(), 0, distance, singular[0], singular[-1]]
    np.testing.assert_allclose([check.observed for check in result.checks], expected, rtol=1e-5)
