"""Blocks of orthogonal matrices: density, distribution function, points, and simulation of Haar matrices."""

import math

import jax
import numpy as np
import pytest
from oracles import SIGMAS
from scipy import integrate

from initviz.laws.ensembles import Haar
from initviz.matrices.svd import singular_values
from initviz.spectra import Jacobi

BLOCKS = [(20, 30, 100), (30, 20, 100), (25, 25, 100), (60, 70, 100), (50, 50, 100), (40, 60, 100), (1, 3, 50)]
every_block = pytest.mark.parametrize("block", BLOCKS, ids=str)


@every_block
def test_the_density_integrates_to_the_cdf(block):
    law = Jacobi(*block, 1.5)
    low, high = law.edges

    def density(t):
        return law.pdf(low + (high - low) * np.sin(t) ** 2) * (high - low) * np.sin(2 * t)

    total = 0.0
    for a, b in ((0.0, 0.4), (0.4, 1.1), (1.1, math.pi / 2)):
        total += integrate.quad(density, a, b)[0]
        assert law.bulk_cdf(low + (high - low) * np.sin(b) ** 2) == pytest.approx(total, abs=1e-7)
    assert total == pytest.approx(1, abs=1e-7)
    assert law.pdf(np.array([low * 0.99 - 1e-9, high * 1.01])).tolist() == [0, 0]
    assert law.cdf(np.array([-1.0, 1.5])) == pytest.approx([0, 1], abs=1e-12)
    assert np.isfinite(law.pdf(np.linspace(0, 2, 101))).all()


@every_block
def test_the_mean_square_is_that_of_the_entries(block):
    rows, columns, dimension = block
    law = Jacobi(*block, 1.5)
    s = law.ideal(20_000)
    assert np.mean(s**2) == pytest.approx(1.5**2 * max(rows, columns) / dimension, rel=1e-3)


def test_values_equal_to_the_scale_are_points():
    assert Jacobi(60, 70, 100, 2.0).points == ((2.0, 30),)
    assert Jacobi(60, 70, 100).bulk_count == 30
    assert Jacobi(60, 70, 100, 2.0).largest[:2] == (2.0, 0.0)
    assert Jacobi(60, 70, 100).smallest is None
    assert Jacobi(30, 70, 100).points == ()
    assert Jacobi(30, 70, 100).largest is None
    whole = Jacobi(100, 70, 100, 2.0)
    assert (whole.points, whole.edges, whole.point_names) == (((2.0, 70),), None, ("all equal",))
    assert whole.smallest == whole.largest
    assert whole.pdf(np.array([1.0])).tolist() == [0]


def test_a_block_larger_than_its_matrix_is_refused():
    with pytest.raises(ValueError, match="a block must fit") as raised:
        Jacobi(4, 9, 8)
    assert str(raised.value) == (
        "a block must fit into its matrix, got 4 × 9 of one in 8 dimensions. Give a dimension of at least 9."
    )


# rows and columns of the Haar matrix, then of its leading block
HAAR = [
    ((96, 96), (48, 32)),
    ((96, 96), (72, 60)),
    ((128, 64), (64, 48)),
    ((64, 128), (40, 100)),
    ((200, 40), (30, 40)),
]


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
@pytest.mark.parametrize(("size", "block"), HAAR, ids=str)
def test_leading_blocks_of_haar_matrices_follow_the_law(size, block, dtype, key):
    haar = Haar(1.5, *size, 1, complex=dtype == np.complex64)
    law = haar.spectrum(*block)
    assert law == Jacobi(*block, max(size), 1.5)
    draws = 12
    pooled = [
        singular_values(np.asarray(haar.sample(k, size, np.dtype(dtype)))[: block[0], : block[1]])
        for k in jax.random.split(key, draws)
    ]
    values = np.sort(np.concatenate(pooled))
    rounding = 1.5 * max(size) * np.finfo(np.float32).eps
    ranks = np.arange(1, values.size + 1) / values.size
    # The eigenvalues are rigid: pooled draws leave the limit by about 1/k, one value of a single matrix.
    allowed = 2 / min(block)
    assert np.max(ranks - 1 / values.size - law.cdf(values + rounding)) < allowed
    assert np.max(law.cdf(values - rounding) - ranks) < allowed
    mean_square = np.mean(values**2)
    expected = 1.5**2 * max(block) / max(size)
    spread = expected * (2 / (block[0] * block[1] * draws)) ** 0.5  # at most that of independent entries
    assert abs(mean_square - expected) < SIGMAS * spread
    if law.points:
        assert np.sum(values > 1.5 - rounding) == law.points[0][1] * draws
