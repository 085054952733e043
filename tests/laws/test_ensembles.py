"""Ensembles: what they sample, and what they say of entries and spectra, with every special case."""

import math
from copy import deepcopy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from initviz.laws.by_value import same
from initviz.laws.ensembles import Constant, Delta, Haar, Iid
from initviz.laws.marginals import EitherOf, PointMass, Sparse
from initviz.laws.real import Normal, Uniform
from initviz.matrices.sliding import Sliding
from initviz.spectra import Jacobi, MarchenkoPastur, Points, Spiked, Union

FLOAT = np.dtype(np.float32)


def test_iid_spectra():
    assert Iid(Normal(2.0)).spectrum(60, 40) == MarchenkoPastur(60, 40, 2.0)
    spiked = Iid(Uniform(1.0)).spectrum(64, 32)
    assert isinstance(spiked, Spiked)
    assert (spiked.mean, spiked.bulk.sigma) == pytest.approx((0.5, 1 / math.sqrt(12)))
    assert Iid(Normal(0.0)).spectrum(6, 4) == Points.repeated(0.0, 4)
    assert Iid(Normal(0.0)).marginal == PointMass(0.0)


@pytest.mark.parametrize("value", [2.5, -2.5, 3 + 4j, 0])
def test_constant_spectra(value):
    spectrum = Constant(value).spectrum(6, 4)
    expected = np.linalg.svd(np.full((6, 4), value), compute_uv=False)
    found = np.repeat([x for x, _ in spectrum.points], [n for _, n in spectrum.points])
    assert found == pytest.approx(expected, abs=1e-9)
    assert Constant(value).marginal == PointMass(complex(value).real)


def test_constants_without_a_law():
    assert Constant(np.arange(3)).marginal is None
    assert Constant(np.arange(3)).spectrum(4, 3) is None
    assert Constant(math.inf).spectrum(4, 3) is None


def test_equality_is_by_value():
    assert Constant(np.arange(3)) == Constant(jnp.arange(3))
    assert Constant(np.arange(3)) != Constant(np.arange(4))
    assert Constant(1) == Constant(1.0) != Constant(2)
    assert Constant(1) != Iid(Normal(1.0))
    assert hash(Constant(1)) == hash(Constant(1))
    assert same((1, 2), (1, 2))
    assert not same((1, 2), (1, 3))


@pytest.mark.parametrize("value", [
    math.nan, np.float32(math.nan), complex(math.nan, 1), np.array([math.nan, 1]), np.array([complex(1, math.nan)]),
], ids=repr)  # fmt: skip
def test_nan_is_itself(value):
    again = deepcopy(value)
    assert same(value, again)
    assert Constant(value) == Constant(again)
    assert hash(Constant(value)) == hash(Constant(again))
    assert not same(value, value + (1 + 1j))
    assert not same(value, 1.0)
    assert not same(value, "NaN")


@pytest.mark.parametrize(("rows", "columns"), [(6, 4), (4, 6), (5, 5), (1, 4), (4, 1), (1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_haar_matrices_are_orthonormal_on_their_shorter_side(rows, columns, dtype, key):
    haar = Haar(2.0, rows, columns, 1, complex=dtype == np.complex64)
    q = np.asarray(haar.sample(key, (rows, columns), np.dtype(dtype))) / 2
    gram = q.conj().T @ q if rows >= columns else q @ q.conj().T
    assert np.allclose(gram, np.eye(min(rows, columns)), atol=1e-5)
    assert haar.spectrum(rows, columns) == Points.repeated(2.0, min(rows, columns))
    assert haar.spectrum(columns, rows) == haar.spectrum(rows, columns)
    assert haar.spectrum(rows + 1, columns) is None


@pytest.mark.parametrize(
    ("size", "block", "dimension"),
    [((6, 4), (5, 3), 6), ((4, 6), (4, 5), 6), ((6, 6), (3, 3), 6), ((6, 4), (6, 2), 6), ((6, 4), (2, 5), 6)],
)
def test_a_block_of_a_haar_matrix_has_a_jacobi_law(size, block, dimension):
    assert Haar(2.0, *size, 1).spectrum(*block) == Jacobi(*block, dimension, 2.0)


def test_what_is_no_block_of_a_haar_matrix_has_no_law():
    haar = Haar(2.0, 12, 6, 1)
    assert haar.spectrum(24, 3) is None  # the same tensor, flattened otherwise
    assert haar.spectrum(8, 9) is None
    assert Haar(0.0, 12, 6, 1).spectrum(8, 3) == Points.repeated(0.0, 3)


def test_operator_spectra_have_one_matrix_per_frequency():
    # against drawn kernels they are held in test_operators.py
    shape, sizes = (3, 3, 24, 20), (6, 5)
    bulk = MarchenkoPastur(24, 20, 6.0)
    assert Iid(Normal(2.0)).operator_spectrum(shape, sizes) == Union(((bulk, 30),))
    spiked = Iid(Uniform(1.0)).operator_spectrum(shape, sizes)
    assert sum(times for _, times in spiked.parts) == 30
    assert all(isinstance(law, Spiked) for law, _ in spiked.parts)
    assert max(law.mean for law, _ in spiked.parts) == pytest.approx(0.5 * 9)  # all taps add at frequency 0
    assert Haar(2.0, 216, 20, 3).operator_spectrum(shape, sizes) == Union(((Jacobi(24, 20, 216, 6.0), 30),))
    assert Haar(2.0, 180, 24, 2).operator_spectrum(shape, sizes) == Union(((Jacobi(24, 20, 180, 6.0), 30),))
    shape = (3, 3, 8, 4)
    assert Haar(2.0, 96, 3, 0).operator_spectrum(shape, sizes) is None
    assert Constant(-0.5).operator_spectrum(shape, sizes).largest.mean == pytest.approx(0.5 * 9 * 32**0.5)
    assert Constant(np.arange(4)).operator_spectrum(shape, sizes) is None
    assert Constant(math.inf).operator_spectrum(shape, sizes) is None
    delta = Delta(Haar(1.5, 4, 8, 1), (3, 3))
    assert delta.operator_spectrum((3, 3, 4, 8), sizes) == Points.repeated(1.5, 30 * 4)


@pytest.mark.parametrize(
    "ensemble", [Iid(Normal(1.0)), Constant(1), Haar(1.0, 12, 6, 2), Delta(Haar(1.0, 4, 6, 1), (3,))], ids=str
)
def test_an_input_without_output_has_no_operator(ensemble):
    with pytest.raises(ValueError, match=r"^a convolution without padding has no output"):
        ensemble.operator_spectrum((3, 4, 6), (2,), Sliding(padding="VALID"))


def test_haar_signs_are_uniform(key):
    # Without the sign fix LAPACK's Q has a diagonal of one sign, and det Q depends on the size alone.
    haar = Haar(1.0, 3, 3, 1)
    q = np.asarray(jax.jit(jax.vmap(lambda k: haar.sample(k, (3, 3), FLOAT)))(jax.random.split(key, 2000)))
    for statistic in (np.linalg.det(q) > 0, q[:, 0, 0] > 0, q[:, 1, 1] > 0):
        assert abs(statistic.mean() - 0.5) < 5 * 0.5 / 2000**0.5
    assert np.abs(q.mean(0)).max() < 5 * (1 / 3 / 2000) ** 0.5


def test_a_haar_number_is_a_sign():
    assert Haar(1.5, 1, 1, 1).marginal == EitherOf(-1.5, 1.5)
    assert Haar(0.0, 4, 3, 1).marginal == PointMass(0.0)


@pytest.mark.parametrize(
    ("taps", "centre"),
    [((1,), (0,)), ((2,), (0,)), ((3,), (1,)), ((4,), (1,)), ((5, 2), (2, 0)), ((3, 3, 4), (1, 1, 1))],
)
def test_delta_kernels_are_0_but_for_the_centre_tap(taps, centre, key):
    delta = Delta(Haar(1.0, 2, 3, 1), taps)
    weights = np.asarray(delta.sample(key, (*taps, 2, 3), FLOAT))
    assert delta.centre == centre
    block = weights[centre]
    assert np.allclose(block @ block.T, np.eye(2), atol=1e-5)
    assert np.count_nonzero(weights) == np.count_nonzero(block) == 6
    matrix = weights.reshape(-1, 3)
    spectrum = delta.spectrum(*matrix.shape)
    found = np.repeat([x for x, _ in spectrum.points], [n for _, n in spectrum.points])
    assert found == pytest.approx(np.linalg.svd(matrix, compute_uv=False), abs=1e-5)
    assert delta.spectrum(2, 3) is None or math.prod(taps) == 1
    assert isinstance(delta.marginal, Sparse)
    assert delta.marginal.variance == pytest.approx(1 / 3 / math.prod(taps))


def test_matrices_without_entries(key):
    assert Haar(1.0, 0, 3, 1).sample(key, (0, 3), FLOAT).shape == (0, 3)
    assert Haar(1.0, 0, 3, 1).marginal.support == (-1, 1)


def test_only_independent_entries_fluctuate_in_norm():
    fixed = [
        ensemble.fixed_norm
        for ensemble in (Iid(Normal(1.0)), Constant(1), Haar(1, 2, 2, 1), Delta(Haar(1, 2, 2, 1), (3,)))
    ]
    assert fixed == [False, True, True, True]
