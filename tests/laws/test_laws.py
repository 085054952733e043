"""Real and complex entry laws: constants derived, pytrees without structure in their numbers, draws as promised."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles import SIGMAS, cdf_deviation, ulps
from scipy import stats

from initviz.engine import draw
from initviz.laws.base import Root
from initviz.laws.complex import JAX_COMPLEX_TRUNCATED_STD, LAWS, ComplexNormal, ComplexTruncatedNormal, Disk
from initviz.laws.ensembles import Iid
from initviz.laws.real import TRUNCATED_STD, Normal, TruncatedNormal, Uniform
from initviz.laws.tools import JAX

REAL = [law.with_variance(0.3) for law, _ in LAWS.values()] + [Uniform(0.5), Normal(2), TruncatedNormal(0.5, -1.0, 3.0)]
COMPLEX = [law.with_variance(0.3) for _, law in LAWS.values()] + [ComplexNormal(2.0)]
SHAPE = (200, 150)


def test_the_correction_of_the_cut_is_the_one_that_scipy_and_jax_know():
    assert pytest.approx(stats.truncnorm(-2, 2).std(), rel=1e-12) == TRUNCATED_STD
    assert pytest.approx(0.87962566103423978, rel=1e-12) == TRUNCATED_STD
    assert pytest.approx(math.sqrt(1 - 5 * math.exp(-4)), rel=1e-12) == JAX_COMPLEX_TRUNCATED_STD


@pytest.mark.parametrize(("real", "complex_"), LAWS.values(), ids=LAWS)
def test_laws_of_a_variance_have_it(real, complex_):
    assert real.with_variance(0.3).variance == pytest.approx(0.3, rel=1e-12)
    # jax's complex cut lacks a division by 1 - e⁻⁴, and the law is the one really drawn
    inflation = 1 / (1 - math.exp(-4)) if complex_ is ComplexTruncatedNormal else 1
    assert complex_.with_variance(0.3).power == pytest.approx(0.3 * inflation, rel=1e-9)
    assert (real.complex, complex_.complex) == (False, True)


@pytest.mark.parametrize("law", REAL + COMPLEX, ids=str)
def test_draws_follow_their_law(law, key):
    dtype = np.complex64 if law.complex else np.float32
    weights = np.asarray(JAX.iid(law, key, SHAPE, np.dtype(dtype)))
    assert (weights.shape, weights.dtype) == (SHAPE, dtype)
    parts = (weights.real, weights.imag) if law.complex else (weights,)
    for part in parts:
        assert cdf_deviation(law, part) < SIGMAS
    power = np.mean(np.abs(weights - law.mean) ** 2, dtype=float)
    spread = np.std(np.abs(weights - law.mean) ** 2, dtype=float) / weights.size**0.5
    assert abs(power - law.power) < SIGMAS * spread


@pytest.mark.parametrize("law", COMPLEX, ids=str)
def test_complex_phases_are_uniform_and_parts_uncorrelated(law, key):
    weights = np.asarray(JAX.iid(law, key, SHAPE, np.dtype(np.complex64)))
    phase = (np.angle(weights).ravel() / (2 * np.pi)) % 1
    counts = np.histogram(phase, 16, (0, 1))[0]
    assert stats.chi2.sf(((counts - phase.size / 16) ** 2).sum() / (phase.size / 16), 15) > 1e-6
    assert abs(np.corrcoef(weights.real.ravel(), weights.imag.ravel())[0, 1]) < SIGMAS / weights.size**0.5


def test_the_moduli_of_complex_laws_follow_theory(key):
    def moduli(law):
        return np.abs(np.asarray(JAX.iid(law, key, SHAPE, np.dtype(np.complex64)))).ravel()

    assert stats.kstest(moduli(Disk(1.0)) ** 2 / 2, "uniform").pvalue > 1e-6
    assert stats.kstest(moduli(ComplexNormal(1.0)) ** 2, "expon").pvalue > 1e-6
    cut = stats.truncexpon(4).cdf
    assert stats.kstest(moduli(ComplexTruncatedNormal(1.0)) ** 2, cut).pvalue > 1e-6


def test_a_law_of_scale_0_is_a_point():
    for law in (Normal(0.0), Uniform(0), TruncatedNormal(0.0), Disk(0.0)):
        assert law.marginal.atoms == ((0.0, 1.0),)
        assert law.power == 0
    assert Normal(1.0).marginal == Normal(1.0)


@pytest.mark.parametrize("law", REAL + COMPLEX, ids=str)
def test_numbers_are_leaves_and_structure_is_static(law):
    leaves, structure = jax.tree.flatten(law)
    assert all(isinstance(leaf, float | int) for leaf in leaves)
    doubled = jax.tree.unflatten(structure, [2 * leaf for leaf in leaves])
    assert jax.tree.structure(doubled) == jax.tree.structure(law)
    assert doubled != law
    assert jax.tree.unflatten(structure, leaves) == law
    assert law.formula
    assert law.numbers
    assert law.formula.count("{") == law.formula.count("}")
    assert law.numbers.count("{") == law.numbers.count("}")


def test_roots_are_rounded_after_the_variance():
    assert float(Root(0.3, times=3.0)) == math.sqrt(0.9)
    assert float(Root(0.3, over=2.0)) == math.sqrt(0.3) / 2


@pytest.mark.parametrize("dtype", [jnp.bfloat16, np.float16, jnp.float8_e5m2, jnp.float8_e4m3fn], ids=str)
@pytest.mark.parametrize("law", [Normal(1.0), Uniform(1.0), Uniform(Root(1.0, times=3.0), low=-1.0)], ids=str)
def test_small_dtypes_draw_only_attainable_values(law, dtype, key):
    values = law.attainable(dtype)
    assert len(values) == 2 ** jnp.finfo(dtype).nmant
    drawn = np.asarray(JAX.iid(law, key, SHAPE, np.dtype(dtype)))
    assert set(np.unique(drawn.astype(float))) <= set(values.astype(float))
    share = np.mean(values.astype(float) <= 0)
    spread = (share * (1 - share) / drawn.size) ** 0.5
    assert abs(np.mean(drawn.astype(float) <= 0) - share) <= SIGMAS * spread


FAR = (
    TruncatedNormal(1.0, -5.5, -4.8), TruncatedNormal(0.7, 5.0, 6.0), TruncatedNormal(1.0, 4.9, 5.3),
    TruncatedNormal(1.0, 0.5, 0.5001),
)  # fmt: skip


@pytest.mark.parametrize("law", FAR, ids=str)
def test_draws_cut_far_out_are_attainable_ones_and_jaxs(law, key):
    """Far out erf(cut / √2) is known to a few of the steps between uniforms, so that its last digit shows."""
    dtype, shape = np.dtype(np.float32), (20, 50)
    theirs = jax.nn.initializers.truncated_normal(law.scale, lower=law.lower, upper=law.upper)(key, shape)
    values = np.unique(law.attainable(dtype, 2**16))
    for drawn in (np.asarray(JAX.iid(law, key, shape, dtype)), draw(Iid(law), key, shape, dtype)):
        assert ulps(drawn, theirs) <= 4
        above = np.minimum(np.searchsorted(values, drawn), values.size - 1)
        nearest = np.minimum(np.abs(values[above] - drawn), np.abs(values[np.maximum(above - 1, 0)] - drawn))
        assert np.all(nearest <= 4 * np.spacing(np.abs(drawn)))


@pytest.mark.parametrize("law", REAL, ids=str)
def test_the_reach_of_a_draw_is_that_of_its_uniforms(law, key):
    low, high = law.reach(np.float32)
    assert law.support[0] - 1e-6 <= low < high <= law.support[1] + 1e-6
    weights = np.asarray(JAX.iid(law, key, SHAPE, np.dtype(np.float32)))
    assert low <= weights.min() < weights.max() <= high
    bottom, top = law.reach(jnp.bfloat16)
    values = law.attainable(jnp.bfloat16).astype(float)
    assert (bottom, top) == (values.min(), values.max())


def test_the_reach_of_float32_normals():
    assert Normal(1.0).reach(np.float32) == pytest.approx((-5.41998, 5.22011), abs=1e-3)
