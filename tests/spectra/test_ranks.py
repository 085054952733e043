"""Condition numbers and ranks: definitions on plain spectra, and typical values against simulation."""

import math

import numpy as np
import pytest
from oracles import SIGMAS

from initviz.spectra import (
    RANKS,
    Jacobi,
    MarchenkoPastur,
    Points,
    Spiked,
    condition_number,
    entropy_rank,
    expected_ranks,
    participation_ratio,
    stable_rank,
)


def test_equal_values_have_full_rank():
    values = np.full(7, 3e-200)  # squares of these underflow
    assert [rank(values) for rank in RANKS.values()] == pytest.approx([1, 7, 7, 7])


def test_known_values():
    assert condition_number(np.array([4.0, 2.0])) == 2
    assert stable_rank([4, 2]) == 20 / 16
    assert participation_ratio([4, 2]) == pytest.approx(20**2 / (4**4 + 2**4))
    p = np.array([2 / 3, 1 / 3])
    assert entropy_rank([4, 2]) == pytest.approx(math.exp(-(p * np.log(p)).sum()))


def test_one_direction_has_rank_1():
    values = [2.5, 0, 0]
    assert [rank(values) for rank in RANKS.values()] == [math.inf, 1, 1, 1]


def test_a_zero_matrix_has_rank_0_and_no_values_have_no_condition():
    condition, *ranks = (rank(np.zeros(3)) for rank in RANKS.values())
    assert math.isnan(condition)  # 0 / 0
    assert ranks == [0, 0, 0]
    assert [rank(np.zeros(0)) for rank in list(RANKS.values())[1:]] == [0, 0, 0]
    assert math.isnan(condition_number(np.zeros(0)))


def test_a_smallest_value_within_rounding_counts_as_0():
    values = np.array([1, 1e-7], np.float32)
    assert condition_number(values) == math.inf
    assert condition_number(values.astype(float)) == pytest.approx(1e7)
    assert condition_number(values, tolerance=1e-8) == pytest.approx(1e7)
    assert condition_number(values.astype(float), tolerance=1e-6) == math.inf


def orthogonal(rng):
    return np.linalg.qr(rng.normal(size=(48, 32)))[0]


CASES = {
    "square": (lambda rng: rng.normal(size=(48, 48)), MarchenkoPastur(48, 48, 1.0)),
    "rectangular": (lambda rng: rng.normal(size=(96, 32)), MarchenkoPastur(96, 32, 1.0)),
    "uniform": (lambda rng: rng.random((48, 48)), Spiked(MarchenkoPastur(48, 48, 12**-0.5), 0.5)),
    "orthogonal": (orthogonal, Points.repeated(1.0, 32)),
    "constant": (lambda rng: np.full((6, 4), 0.3), Points(((0.3 * 24**0.5, 1), (0.0, 3)))),
}
DRAWS = 300


@pytest.mark.parametrize("name", CASES)
def test_expected_ranks_are_those_of_simulated_matrices(name):
    draw, law = CASES[name]
    rng = np.random.default_rng(0)
    spectra = np.linalg.svd(np.stack([draw(rng) for _ in range(DRAWS)]), compute_uv=False)
    count = spectra.shape[1]
    expected = expected_ranks(law, count)
    for rank, function in RANKS.items():
        found = np.array([function(values) for values in spectra])
        if rank == "condition number":
            # whether more draws lie above than below: a median, as the mean is infinite
            if np.isfinite(found).all() and found.std() > 1e-9:
                assert abs(np.mean(found > expected[rank]) - 0.5) < 0.1 + SIGMAS * 0.5 / DRAWS**0.5
            else:
                assert expected[rank] == pytest.approx(np.median(found), rel=1e-9)
            continue
        # a typical matrix leaves the limit by the order of 1/count
        allowed = 1 / count * found.mean() + SIGMAS * found.std() / DRAWS**0.5
        assert abs(expected[rank] - found.mean()) < allowed


def test_the_median_condition_number_of_square_matrices_is_edelmans():
    found = expected_ranks(MarchenkoPastur(10**4, 10**4, 1.0), 10**4)["condition number"]
    # a limit: the mean of Tracy-Widom lowers the largest value by 1.2 / (4 · 2^(1/3)) n^(-2/3) of itself
    assert found / 10**4 == pytest.approx(2 / (math.sqrt(1 + 2 * math.log(2)) - 1), rel=2 * 1e4 ** (-2 / 3))


def test_a_condition_number_is_left_out_where_an_end_is_unknown():
    assert expected_ranks(MarchenkoPastur(17, 16, 1.0), 16)["condition number"] is None
    assert expected_ranks(Jacobi(20, 30, 100), 20)["condition number"] is None
    assert expected_ranks(MarchenkoPastur(64, 16, 1.0), 16)["condition number"] > 1


def test_only_what_rounding_leaves_of_a_zero_is_one():
    """Square matrices of thousands of rows have condition numbers beyond 1 / (rows · eps) in single precision."""
    values = np.linspace(1, 5e-5, 2048, dtype=np.float32)
    assert condition_number(values) == pytest.approx(2e4, rel=1e-3)
    assert condition_number(np.array([1, 5e-7], np.float32)) == math.inf
    rank_one = np.linalg.svd(np.full((300, 300), 0.1), compute_uv=False)
    assert condition_number(rank_one) == math.inf
