"""The ranges hold the stated share of draws, neither more nor less."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from initviz.audit import COVERAGE, TAILS, Check, audit
from initviz.study import Study, answer

DRAWS = 400
# Misses of a range that holds 99 % are binomial: 4 of 400 expected, and 5 standard errors above that almost never.
MOST = DRAWS * (1 - COVERAGE) + 5 * (DRAWS * COVERAGE * (1 - COVERAGE)) ** 0.5
STATISTICS = ["mean", "std", "min", "max", "largest singular value", "smallest singular value"]

CASES = {
    "normal": Study("normal", shape=(64, 48)),
    "normal-square": Study("normal", shape=(40, 40)),
    "normal-6-weights": Study("normal", shape=(3, 2)),
    "normal-2-weights": Study("normal", shape=(2, 1)),
    "truncated": Study("he_normal", shape=(16, 12)),
    "truncated-skewed": Study("truncated_normal", shape=(64, 16), lower=-1.0, upper=3.0),
    "uniform-off-centre": Study("uniform", shape=(20, 30)),
    "complex-normal": Study("normal", shape=(30, 30), dtype="complex64"),
    "complex-disk-24-parts": Study("lecun_uniform", shape=(4, 3), dtype="complex64"),
    "orthogonal": Study("orthogonal", shape=(16, 8)),
    "orthogonal-complex": Study("orthogonal", shape=(6, 6), dtype="complex64"),
    "delta-orthogonal": Study("delta_orthogonal", shape=(3, 4, 6)),
    "constant": Study("constant", shape=(4, 5), value=0.3),
}
INDEPENDENT = [name for name, study in CASES.items() if study.function not in
               ("orthogonal", "delta_orthogonal", "constant")]  # fmt: skip


@pytest.fixture(scope="module")
def misses():
    """For every case, how often each statistic left its range in `DRAWS` draws with fixed keys."""

    def count(study: Study) -> Counter:
        found = Counter()
        for seed in range(DRAWS):
            for check in answer(dataclasses.replace(study.question, seed=seed)).checks:
                found[check.name] += check.within is False
        return found

    return {name: count(study) for name, study in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_false_alarms_are_as_rare_as_stated(name, misses):
    assert list(misses[name]) == STATISTICS
    assert max(misses[name].values()) <= MOST, misses[name]


@pytest.mark.parametrize("statistic", ["mean", "min", "max"])
def test_the_ranges_of_independent_entries_are_not_too_wide(statistic, misses):
    total = sum(misses[name][statistic] for name in INDEPENDENT)
    trials = DRAWS * len(INDEPENDENT)
    spread = (trials * COVERAGE * (1 - COVERAGE)) ** 0.5
    assert abs(total - trials * (1 - COVERAGE)) <= 5 * spread


def test_what_does_not_vary_has_no_range(misses):
    assert sum(misses["constant"].values()) == 0
    for check in Study("constant", shape=(4, 5), value=0.3).answer().checks[:4]:
        assert check.high - check.low <= 1e-6


@pytest.mark.parametrize("changed", ["scale", "mean", "nothing"])
def test_a_wrong_draw_is_found(changed):
    result = Study("normal", shape=(64, 48), stddev=1.0).answer()
    ensemble, summary = result.plan.ensemble, result.summary
    factor, shift = {"scale": (1.1, 0), "mean": (1, 0.1 / summary.bins.width), "nothing": (1, 0)}[changed]
    wrong = dataclasses.replace(
        summary,
        total=summary.total * factor + shift * summary.count,
        squares=factor**2 * summary.squares + 2 * shift * factor * summary.total + shift**2 * summary.count,
    )
    checks = audit(ensemble, result.plan.dtype, wrong, result.spectrum, (64, 48), factor * result.singular_values)
    alarms = {check.name for check in checks if not check.within and check.expected is not None}
    assert alarms == {
        "scale": {"std", "largest singular value"}, "mean": {"mean"}, "nothing": set(),
    }[changed]  # fmt: skip


def test_a_check_says_whether_it_is_within():
    assert Check("mean", 0.0, -1.0, 1.0, 1.0).within is True
    assert Check("mean", 0.0, -1.0, 1.0, 1.1).within is False
    assert Check("mean", None, np.nan, np.nan, 1.0).within is None
    assert pytest.approx((0.005, 0.995)) == TAILS
    with pytest.raises(dataclasses.FrozenInstanceError):
        Check("mean", 0.0, -1.0, 1.0, 1.0).observed = 2.0


def test_a_statistic_without_a_formula_is_shown_without_a_verdict():
    checks = Study("normal", shape=(40, 38)).answer().checks  # neither square nor far from it
    assert [check.name for check in checks if check.expected is None] == ["smallest singular value"]
    assert checks[-1].observed > 0


def test_observed_is_what_was_drawn():
    result = Study("uniform", shape=(20, 30), seed=4).answer()
    weights = result.weights.astype(float)
    singular = np.linalg.svd(weights, compute_uv=False)
    expected = [weights.mean(), weights.std(), weights.min(), weights.max(), singular[0], singular[-1]]
    np.testing.assert_allclose([check.observed for check in result.checks], expected, rtol=1e-5)
