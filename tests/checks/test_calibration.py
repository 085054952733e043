"""Correct draws of every family, size and dtype fail a check in 1 % of cases, and as a whole in at most 1 %."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.calibration import FAMILIES, WHOLE, cells, false_alarms, most
from initviz.checks import check
from initviz.checks.base import STD
from initviz.initializers import normal, uniform

DRAWS = 25
CELLS = list(cells(("float32", "bfloat16", "complex64")))
EXACT = ("mean", STD, "largest singular value", "smallest singular value")
"""Checks whose law is exact, simulated or a close limit; the others are bounds, or laws of a grid."""


@pytest.fixture(scope="module")
def alarms():
    """How often each check failed in `DRAWS` draws, for each cell."""
    return {cell: false_alarms(FAMILIES[cell[0]], *cell[1:], DRAWS, seed) for seed, cell in enumerate(CELLS)}


@pytest.mark.slow(keeps=0)
def test_no_check_of_any_cell_fails_too_often(alarms):
    worst = {(cell, check): count for cell, found in alarms.items() for check, count in found.items()
             if count > most(DRAWS, sigmas=6)}  # fmt: skip
    assert not worst


@pytest.mark.slow(keeps=0)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
def test_over_all_families_and_sizes_a_check_fails_in_one_draw_of_a_hundred(alarms, dtype):
    tried, failed = Counter(), Counter()
    for cell, found in alarms.items():
        if cell[2] == dtype:
            tried.update(dict.fromkeys(found, DRAWS))
            failed.update(found)
    assert {check: failed[check] for check in failed if failed[check] > most(tried[check])} == {}
    assert failed[WHOLE] <= most(tried[WHOLE], sigmas=2)
    if dtype == "float32":  # none is so wide that it could not fail
        assert all(failed[check] > tried[check] / 400 for check in EXACT)


@pytest.mark.parametrize("side", [2, 4, 16])
def test_a_singular_small_matrix_is_unlikely(side):
    weights = np.random.default_rng(side).normal(size=(side, side))
    weights[:, 0] = weights[:, 1]
    smallest = check(weights, normal(1.0)).checks[-1]
    assert (smallest.name, smallest.within) == ("smallest singular value", False)
    assert smallest.probability < 1e-4


def test_a_tiny_scale_has_a_law():
    law = uniform(1e-90).plan((64, 64), "float32").ensemble.spectrum(64, 64)
    assert law.largest.sd > 0
