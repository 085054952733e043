"""The law of the singular values of small matrices is that of matrices drawn by NumPy, whatever the entries."""

import math

import jax
import numpy as np
import pytest
from oracles import SIGMAS
from scipy import stats

from initviz.initializers import orthogonal
from initviz.laws.complex import ComplexNormal, Disk
from initviz.laws.ensembles import Iid
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from initviz.laws.simulation import LEAST, at_this_size, median_largest_entry
from initviz.spectra import LIMIT, MarchenkoPastur, Simulated, Spiked, Vector

DRAWS = 4000
ENTRIES = {
    "normal": (Normal(0.5), lambda generator, size: 0.5 * generator.normal(size=size)),
    "uniform": (Uniform(2.0), lambda generator, size: 2 * generator.random(size)),
    "cut": (TruncatedNormal(1.0, 0.0, math.inf), lambda generator, size: np.abs(generator.normal(size=size))),
    "complex": (ComplexNormal(1.0), lambda generator, size: generator.normal(size=(*size, 2)) @ [1, 1j] / 2**0.5),
    "disk": (Disk(1.0), lambda generator, size: np.sqrt(2 * generator.random(size))
             * np.exp(2j * np.pi * generator.random(size))),
}  # fmt: skip


@pytest.mark.slow(keeps=8)
@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (2, 2), (7, 3), (16, 16)])
@pytest.mark.parametrize("name", ENTRIES)
def test_it_is_that_of_matrices_drawn_by_numpy(name, shape):
    law, draw = ENTRIES[name]
    found = Iid(law).spectrum(*shape)
    values = np.linalg.svd(draw(np.random.default_rng(3), (DRAWS, *shape)), compute_uv=False)
    for expected, column in ((found.largest, values[:, 0]), (found.smallest, values[:, -1])):
        low, high = expected.quantile(np.array([0.1, 0.9]))
        assert (column < low).mean() == pytest.approx(0.1, abs=0.03)
        assert (column > high).mean() == pytest.approx(0.1, abs=0.03)
    bulk = values[:, len(found.points) :]
    if bulk.size:
        x = np.quantile(bulk, [0.1, 0.3, 0.5, 0.7, 0.9])
        assert found.bulk_cdf(x) == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9], abs=0.03)


def test_each_size_has_the_kind_of_law_that_holds_there():
    limit = MarchenkoPastur(60, 40, 1.0)
    assert at_this_size(Normal(1.0), 60, 40, limit) is limit
    assert at_this_size(Normal(1.0), 5000, 1, limit).exact
    assert isinstance(at_this_size(Uniform(1.0), 5000, 1, limit), Vector)
    assert at_this_size(Uniform(1.0), 5000, 1, limit).holds == LIMIT
    assert isinstance(at_this_size(Uniform(1.0), 16, 16, limit), Simulated)
    spiked = at_this_size(Uniform(1.0), 16, 16, Spiked(MarchenkoPastur(16, 16, 12**-0.5), 0.5))
    assert spiked.point_names == ("outlier of the mean",)


@pytest.mark.parametrize("law", [Uniform(1.0), Uniform(1.0, -1.0), TruncatedNormal(1.0, 0.0, 4.0)], ids=str)
def test_a_long_vector_has_a_normal_norm(law):
    norm = Iid(law).spectrum(1, 3000).norm
    values = law.distribution.ppf(np.random.default_rng(0).random((2000, 3000)))
    norms = np.linalg.norm(values, axis=1)
    assert stats.kstest(norms, norm.cdf).pvalue > 1e-4


@pytest.mark.parametrize("scale", [1e-150, 1e-90, 1e30, 1e60])
@pytest.mark.parametrize("shape", [(4, 4), (64, 64), (1, 9)])
def test_any_scale_has_a_law(scale, shape):
    for law in (Normal(scale), Uniform(scale)):
        found = Iid(law).spectrum(*shape).largest
        assert 0 < found.sd < found.mean < math.inf


@pytest.mark.parametrize("width", [1e-9, 1e-5, 1e-2])
def test_a_narrow_cut_keeps_its_small_singular_values(width):
    found = Iid(TruncatedNormal(1.0, 1.0, 1.0 + width)).spectrum(6, 3)
    drawn = 1 + width * np.random.default_rng(0).random((500, 6, 3))
    smallest = np.median(np.linalg.svd(drawn, compute_uv=False)[:, -1])
    assert found.smallest.median == pytest.approx(smallest, rel=0.2)
    assert np.isfinite(found.pdf(np.linspace(*found.reach, 5))).all()


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("shape", [(7, 1), (3, 5), (16, 4), (32, 32)])
def test_the_median_of_the_largest_entry_is_that_of_haar_matrices(shape, complex_):
    dtype = np.complex64 if complex_ else np.float32
    ensemble = orthogonal().plan(shape, dtype).ensemble
    draws = 2000
    weights = jax.vmap(lambda key: ensemble.sample(key, shape, dtype))(jax.random.split(jax.random.key(1), draws))
    above = (np.asarray(weights).real.max((1, 2)) > median_largest_entry(*shape, complex=complex_)).mean()
    assert above == pytest.approx(0.5, abs=SIGMAS * 0.5 * (1 / draws + 1 / LEAST) ** 0.5)


def test_medians_of_largest_entries_that_are_known():
    # the larger of cos φ and sin φ is above 1/√2 where φ is within π/4 of 0 or π/2: in half of all cases
    assert median_largest_entry(1, 2, complex=False) == pytest.approx(0.5**0.5, abs=0.01)
    assert median_largest_entry(1024, 2, complex=False) is None
