"""Marchenko-Pastur laws: densities, distribution functions, and finite-size ends and outliers against simulation."""

import math
import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from oracles import SIGMAS
from scipy import integrate, stats

from initviz.matrices.svd import singular_values
from initviz.spectra import HARD_EDGE, MarchenkoPastur, Spiked

SHAPES = [(4, 4), (64, 64), (17, 16), (8, 2), (2, 8), (784, 256), (300, 1)]
every_law = pytest.mark.parametrize("law", [MarchenkoPastur(*shape, 0.7) for shape in SHAPES], ids=str)


@every_law
def test_the_density_integrates_to_the_cdf(law):
    low, high = law.edges
    middle = np.linspace(low, high, 6)
    total = 0.0
    for a, b in pairwise(middle):
        if a < b:  # in an angle in which the square-root edges are smooth
            mass = integrate.quad(
                lambda t, a=a, b=b: law.pdf(a + (b - a) * np.sin(t) ** 2) * (b - a) * np.sin(2 * t), 0, np.pi / 2
            )
            total += mass[0]
            assert law.cdf(b) == pytest.approx(total, abs=1e-6)
    if low < high:
        assert total == pytest.approx(1, abs=1e-6)
    assert law.pdf(np.array([low * 0.99 - 1e-9, high * 1.01])).tolist() == [0, 0]
    assert law.cdf(np.array([-high, 0, high * 1.01])) == pytest.approx([0, 0, 1], abs=1e-12)


@every_law
def test_the_quantile_inverts_the_cdf(law):
    p = np.linspace(0.01, 0.99, 50)
    low, high = law.edges
    assert np.all(np.abs(law.cdf(law.quantile(p)) - p) <= 1e-5)
    assert np.all((law.quantile(p) >= low) & (law.quantile(p) <= high))


def test_the_density_of_a_square_matrix_is_a_quarter_circle():
    law = MarchenkoPastur(50, 50, 1 / math.sqrt(50))
    x = np.linspace(0, 2, 11)
    assert law.pdf(x) == pytest.approx(np.sqrt(4 - x**2) / np.pi, abs=1e-9)
    mean = integrate.quad(lambda s: s * law.pdf(s), 0, 2)[0]
    assert mean == pytest.approx(8 / (3 * np.pi), abs=1e-6)


def entries(rng, law, complex_, shape):
    """Independent entries with E|w|² = 1, normal or uniform (in the disk, if complex)."""
    if law == "normal":
        w = rng.normal(size=shape)
        return (w + 1j * rng.normal(size=shape)) / np.sqrt(2) if complex_ else w
    if complex_:
        return np.sqrt(2 * rng.random(shape)) * np.exp(2j * np.pi * rng.random(shape))
    return rng.uniform(-math.sqrt(3), math.sqrt(3), shape)


def extremes(matrices):
    """Largest and smallest singular values of a stack of tall matrices."""
    squared = np.linalg.eigvalsh(np.conj(np.swapaxes(matrices, 1, 2)) @ matrices)
    return np.sqrt(squared[:, -1]), np.sqrt(np.maximum(squared[:, 0], 0))


@lru_cache
def simulate(shape, law, complex_):
    rng = np.random.default_rng([*shape, complex_, law == "normal"])
    return extremes(entries(rng, law, complex_, (DRAWS, *shape)))


EDGE_SHAPES = [(2, 2), (4, 4), (16, 16), (5, 4), (8, 2), (32, 8), (64, 4), (256, 3), (40, 32), (64, 32)]
DRAWS = 3000
# The formulas are limits: for these sizes simulation leaves them by less than this many standard deviations of a draw.
BIAS = 0.2
# A range of 99 % may be left by so many draws: limits again, and entries that are not normal.
FALSE_ALARMS = 0.02
LOW_HIGH = np.array([0.005, 0.995])
whatever_numbers = pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])


def false_alarms(expected, found):
    low, high = expected.quantile(LOW_HIGH) if expected.quantile else expected.mean + NORMAL_RANGE * expected.sd
    return np.mean((found < low) | (found > high))


NORMAL_RANGE = np.array([-2.5758, 2.5758])
MOST = FALSE_ALARMS + SIGMAS * (FALSE_ALARMS / DRAWS) ** 0.5


@whatever_numbers
@pytest.mark.parametrize("shape", EDGE_SHAPES, ids=str)
def test_expected_edges_are_those_of_simulated_matrices(shape, complex_):
    law = MarchenkoPastur(*shape, 1.0, complex=complex_)
    for expected, found in zip((law.largest, law.smallest), simulate(shape, "normal", complex_), strict=True):
        if expected is not None:
            allowed = BIAS + SIGMAS / DRAWS**0.5
            assert abs(expected.mean - found.mean()) < allowed * found.std()
            assert 0.8 < expected.sd / found.std() < 1.25
            below = np.mean(found <= expected.quantile(0.5))
            # a shift by BIAS moves the median by BIAS · φ(0) of the mass
            assert abs(below - 0.5) < BIAS / math.sqrt(2 * math.pi) + SIGMAS * 0.5 / DRAWS**0.5
            assert expected.median == expected.quantile(0.5)


@whatever_numbers
@pytest.mark.parametrize("law", ["normal", "uniform"])
@pytest.mark.parametrize("shape", EDGE_SHAPES, ids=str)
def test_ranges_of_the_ends_hold_whatever_the_entries(shape, law, complex_):
    theory = MarchenkoPastur(*shape, 1.0, complex=complex_)
    for expected, found in zip((theory.largest, theory.smallest), simulate(shape, law, complex_), strict=True):
        assert expected is None or false_alarms(expected, found) < MOST


def test_the_ends_agree_with_their_own_quantiles():
    for law in (MarchenkoPastur(64, 16, 0.7), MarchenkoPastur(64, 16, 0.7, complex=True), MarchenkoPastur(9, 9, 0.7)):
        for expected in (law.largest, law.smallest):
            draws = expected.quantile((np.arange(20_000) + 0.5) / 20_000)
            assert draws.mean() == pytest.approx(expected.mean, rel=1e-3)
            assert draws.std() == pytest.approx(expected.sd, rel=1e-2)
            assert np.all(np.diff(draws) > 0)


def test_the_smallest_value_is_left_out_where_no_formula_holds():
    assert MarchenkoPastur(33, 32, 1.0).smallest is None
    assert MarchenkoPastur(17, 16, 1.0).smallest is None
    assert MarchenkoPastur(8, 2, 1.0).smallest is None
    assert MarchenkoPastur(3, 3, 1.0).smallest is None
    assert MarchenkoPastur(20, 16, 1.0, complex=True).smallest is None
    assert MarchenkoPastur(5, 1, 1.0).largest is MarchenkoPastur(5, 1, 1.0).smallest is None


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_the_hard_edge_agrees_with_its_own_quantiles(complex_):
    law = HARD_EDGE[complex_]
    t = law.quantile((np.arange(100_000) + 0.5) / 100_000)
    assert t.mean() == pytest.approx(law.mean, abs=1e-4)
    assert t.std() == pytest.approx(law.sd, abs=1e-3)


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_edges_do_not_depend_on_which_side_is_longer_and_scale_with_sigma(complex_):
    wide, tall = (MarchenkoPastur(*shape, 1.0, complex=complex_) for shape in ((32, 128), (128, 32)))
    scaled = MarchenkoPastur(128, 32, 3.0, complex=complex_)
    for name in ("largest", "smallest"):
        assert getattr(wide, name)[:2] == getattr(tall, name)[:2]
        assert getattr(scaled, name)[:2] == pytest.approx([3 * x for x in getattr(tall, name)[:2]])


@pytest.mark.parametrize("mean", [0.5, 0.2])
def test_a_mean_makes_one_outlier(mean):
    law = Spiked(MarchenkoPastur(96, 64, 1.0), mean)
    rng = np.random.default_rng(0)
    tops = np.array([singular_values(rng.normal(mean, 1.0, (96, 64)))[:2] for _ in range(60)])
    assert law.outlier > law.bulk.edges[1]
    assert abs(tops[:, 0].mean() - law.largest.mean) < SIGMAS * law.largest.sd / 60**0.5
    assert abs(law.outlier - law.largest.mean) < law.largest.sd
    assert abs(tops[:, 1].mean() - law.bulk.largest.mean) < law.bulk.largest.sd
    assert law.bulk_count == 63
    assert law.points == ((law.outlier, 1),)
    assert law.cdf(law.outlier - 1e-9) == pytest.approx(63 / 64)
    assert law.cdf(law.outlier) == pytest.approx(1)


def test_a_weak_mean_leaves_no_trace():
    law = Spiked(MarchenkoPastur(100, 100, 1.0), 0.07)
    assert law.outlier is None
    assert law.points == ()
    assert law.largest[:2] == law.bulk.largest[:2]
    assert law.bulk_count == 100


def test_a_vector_with_a_mean_has_nothing_but_its_norm():
    law = Spiked(MarchenkoPastur(50, 1, 0.1), 1.0)
    assert law.edges is None
    assert law.bulk_count == 0
    norms = np.linalg.norm(np.random.default_rng(1).normal(1.0, 0.1, (2000, 50)), axis=1)
    assert abs(norms.mean() - law.largest.mean) < SIGMAS * law.largest.sd / 2000**0.5 + 1e-3
    assert law.smallest == law.largest


SPIKED_SHAPES = [(2, 2), (3, 1), (8, 8), (24, 16), (256, 4)]


@pytest.mark.parametrize("law", ["normal", "uniform"])
@pytest.mark.parametrize("strength", [0.6, 1.76, 3.0])
@pytest.mark.parametrize("shape", SPIKED_SHAPES, ids=str)
def test_the_range_of_the_largest_value_holds_for_entries_with_a_mean(shape, strength, law):
    rows, columns = shape
    mean = strength * (rows * columns) ** -0.25
    theory = Spiked(MarchenkoPastur(rows, columns, 1.0), mean)
    rng = np.random.default_rng([rows, columns, int(100 * strength)])
    found = extremes(mean + entries(rng, law, False, (DRAWS, rows, columns)))[0]
    if theory.largest is None:
        assert columns == 1
        assert strength < 1
        return
    assert false_alarms(theory.largest, found) < MOST
    if strength > 1:
        assert abs(theory.largest.mean - found.mean()) < (BIAS + SIGMAS / DRAWS**0.5) * found.std()
        assert 0.8 < theory.largest.sd / found.std() < 1.25


@pytest.mark.parametrize("shape", [(8, 8), (5, 5), (32, 8)], ids=str)
def test_a_strong_mean_takes_a_direction_from_the_smallest_value(shape):
    sigma, rng = 12**-0.5, np.random.default_rng(5)
    theory = Spiked(MarchenkoPastur(*shape, sigma), 0.5)
    found = extremes(rng.random((DRAWS, *shape)))[1]
    assert false_alarms(theory.smallest, found) < MOST
    assert abs(theory.smallest.mean - found.mean()) < (BIAS + SIGMAS / DRAWS**0.5) * found.std()


def test_near_its_threshold_a_mean_leaves_the_largest_value_without_a_law():
    assert [Spiked(MarchenkoPastur(100, 100, 1.0), mean).largest is None for mean in (0.07, 0.09, 0.12, 0.2)] == [
        False, True, True, False]  # fmt: skip


def test_complex_entries_with_a_mean_vary_less():
    rng, shape = np.random.default_rng(3), (16, 8)
    theory = Spiked(MarchenkoPastur(*shape, 1.0, complex=True), 1.0)
    found = extremes(1 + entries(rng, "normal", True, (DRAWS, *shape)))[0]
    assert abs(theory.largest.mean - found.mean()) < (BIAS + SIGMAS / DRAWS**0.5) * found.std()
    assert theory.largest.sd == pytest.approx(found.std(), rel=SIGMAS / (2 * DRAWS) ** 0.5)


LIGHT = {
    "uniform": (stats.uniform(-(3**0.5), 2 * 3**0.5), -1.2),
    "cut": (stats.truncnorm(-2, 2, scale=1 / stats.truncnorm(-2, 2).std()), -0.6345),
}


@pytest.mark.parametrize("size", [(17, 17), (64, 17), (300, 4)])
@pytest.mark.parametrize("name", LIGHT)
def test_extremes_of_entries_that_are_not_normal_are_as_far_off_as_is_said(name, size):
    family, excess = LIGHT[name]
    law, draws = MarchenkoPastur(*size, 1.0, False, excess), 1500
    values = np.linalg.svd(family.ppf(np.random.default_rng(0).random((draws, *size))), compute_uv=False)
    said = float(re.search(r"up to ([\d.]+) of that nearer the middle", law.doubt)[1])
    for expected, found, inward in ((law.largest, values[:, 0], -1), (law.smallest, values[:, -1], 1)):
        off = inward * (found.mean() - expected.mean) / expected.sd
        assert -SIGMAS / draws**0.5 < off < said + SIGMAS / draws**0.5
    assert MarchenkoPastur(*size, 1.0).doubt == ""
    assert "farther from the middle" in MarchenkoPastur(*size, 1.0, False, 0.6).doubt


def test_the_doubt_of_a_law_with_an_outlier_is_of_its_smallest_value_alone():
    bulk = MarchenkoPastur(64, 17, 1.0, False, -1.2)
    assert Spiked(bulk, 1.0).doubt == f"the smallest {bulk.doubt}"
    assert Spiked(bulk, 0.01).doubt == bulk.doubt
    assert Spiked(replace(bulk, rows=19), 1.0).doubt == ""
