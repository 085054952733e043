"""Laws of the mean and of the mean square, against simulation, closed forms and the golden numbers."""

import jax
import numpy as np
import pytest
from recorded import NUMBERS
from scipy import stats

from initviz import engine
from initviz.checks.sampling import TAILS, mean_law, square_error, square_law, standard
from initviz.checks.sums import EXACT, Gamma, Tabulated
from initviz.laws.base import Root
from initviz.laws.complex import ComplexNormal, ComplexTruncatedNormal, Disk
from initviz.laws.ensembles import Iid
from initviz.laws.marginals import Sphere
from initviz.laws.real import Normal, TruncatedNormal, Uniform
from tests.oracles import SIGMAS, real_parts

LAWS = [
    Normal(3.0), Uniform(2.0, -1.0), Uniform(0.3), TruncatedNormal(1.0), TruncatedNormal(0.1, 2.0, 10.0),
    TruncatedNormal(1.0, -9.0, -2.0), TruncatedNormal(1.0, -1.0, np.inf),
    ComplexNormal(2.0), Disk(0.5), ComplexTruncatedNormal(1.0),
]  # fmt: skip
TRIALS = 20_000


@pytest.mark.parametrize("law", [law for law in LAWS if law.complex], ids=str)
def test_a_drawn_modulus_has_the_law_it_is_said_to_have(law):
    weights = np.asarray(engine.draw(Iid(law), jax.random.key(0), (TRIALS,), np.dtype(np.complex64)))
    squared = np.abs(weights.astype(np.complex128)) ** 2
    p = np.linspace(0.02, 0.98, 25)
    found = (squared[:, None] <= law.modulus_squared.ppf(p)).mean(axis=0)
    assert np.all(np.abs(found - p) <= SIGMAS * np.sqrt(p * (1 - p) / TRIALS))
    assert law.modulus_squared.mean() == pytest.approx(law.power)


@pytest.mark.parametrize("weights", [1, 2, 5, 40])
@pytest.mark.parametrize("law", LAWS, ids=str)
def test_each_tail_is_left_as_often_as_stated(law, weights):
    w = real_parts(law, TRIALS, weights, seed=weights)
    count = w.shape[1]
    z = (w.mean(axis=1) - law.mean) / law.std * count**0.5
    y = (((w - law.mean) ** 2).mean(axis=1) / law.variance - 1) / square_error(law, count)
    p = np.array([TAILS[0], 0.1, 0.5, 0.9, TAILS[1]])
    for exact, values in ((mean_law(law, count), z), (square_law(law, count), y)):
        found = (values[:, None] <= exact.quantile(p)).mean(axis=0)
        assert np.all(np.abs(found - p) <= SIGMAS * np.sqrt(p * (1 - p) / TRIALS)), found


@pytest.mark.parametrize(
    "law", [TruncatedNormal(0.1, 2.0, 10.0), Uniform(1.0, -1.0), ComplexTruncatedNormal(1.0)], ids=str
)
def test_the_gamma_law_takes_over_where_it_holds(law):
    parts_each = 2 if law.complex else 1
    for statistic in (mean_law, square_law):
        convolved = statistic(law, (EXACT - 1) * parts_each)
        gamma = statistic(law, EXACT * parts_each)
        assert isinstance(convolved, Tabulated)
        assert isinstance(gamma, Gamma)
        # Wrong by less than a tenth of either tail, where a normal law misses one of a skewed law by more than half.
        np.testing.assert_allclose(gamma.cdf(convolved.quantile(TAILS[0])), TAILS[0], rtol=0.1)
        np.testing.assert_allclose(gamma.sf(convolved.quantile(TAILS[1])), TAILS[0], rtol=0.1)
        if gamma.skewness > 0.3:
            assert stats.norm.sf(convolved.quantile(TAILS[1])) < TAILS[0] / 2


def test_normal_weights_have_a_chi_squared_sum_of_squares():
    z = np.linspace(-2, 6, 9)
    for law, count in ((Normal(0.2), 7), (ComplexNormal(0.2), 8), (Normal(1.0), 4_000_000_000)):
        chi = stats.chi2(count)
        np.testing.assert_allclose(
            square_law(law, count).cdf(z), chi.cdf(count + z * (2 * count) ** 0.5), rtol=1e-9, atol=1e-300
        )
        np.testing.assert_allclose(mean_law(law, count).cdf(z), stats.norm.cdf(z), rtol=1e-12)


def test_sums_of_uniforms_have_their_closed_forms():
    twice = mean_law(Uniform(1.0), 2)  # triangular: of variance 2 / 12, hence z = (x - 1) √6
    x = np.array([0.1, 0.7, 1.0, 1.6])
    expected = np.where(x < 1, x**2 / 2, 1 - (2 - x) ** 2 / 2)
    np.testing.assert_allclose(twice.cdf((x - 1) * 6**0.5), expected, atol=1e-5)
    thirty = mean_law(Uniform(1.0), 30)  # Irwin & Hall 1927
    np.testing.assert_allclose(thirty.cdf((13.0 - 15) / 2.5**0.5), stats.irwinhall(30).cdf(13.0), atol=1e-5)


def test_a_gamma_law_is_pearsons_third():
    for skewness in (0.0, 0.3, -1.2):
        reference, law = stats.pearson3(skewness), Gamma(skewness)
        z, p = np.array([-1.5, 0.0, 2.0]), np.array([0.005, 0.5, 0.995])
        np.testing.assert_allclose(law.cdf(z), reference.cdf(z), rtol=1e-9)
        np.testing.assert_allclose(law.sf(z), reference.sf(z), rtol=1e-9)
        np.testing.assert_allclose(law.quantile(p), reference.ppf(p), rtol=1e-9, atol=1e-12)


def test_a_scale_does_not_change_the_law_in_standard_units():
    for scale in (1e-30, 0.7, Root(4.0, over=3.0), 1e30):
        assert mean_law(TruncatedNormal(scale), 12) is mean_law(TruncatedNormal(1.0), 12)
        assert square_law(Disk(scale), 12) is square_law(Disk(1.0), 12)
        unit, size = standard(TruncatedNormal(scale, -1.0, 3))
        assert (unit, size) == (TruncatedNormal(1.0, -1.0, 3.0), float(scale))
    assert standard(Sphere(2.5, 7)) == (Sphere(1.0, 7), 2.5)


@pytest.mark.parametrize("count", [16, 256])
def test_four_sigma_alarms_of_few_normal_weights_are_golden(count):
    golden, law = NUMBERS[f"6.z4_exact_N{count}"], square_law(Normal(1.0), count)
    assert golden["inputs"]["N"] == count
    assert abs(law.cdf(-4.0) + law.sf(4.0) - golden["value"]) <= golden["tolerance"]


@pytest.mark.parametrize(("name", "law"), [("uniform", Uniform(1.0, -1.0)), ("truncated", TruncatedNormal(1.0))])
def test_standard_errors_of_a_standard_deviation_are_golden(name, law):
    golden = NUMBERS[f"6.std_se_{name}"]
    # Half the relative standard error of the square, to first order.
    assert abs(square_error(law, golden["inputs"]["N"]) / 2 - golden["value"]) <= golden["tolerance"]
