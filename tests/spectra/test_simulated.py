"""Laws from simulated matrices: whole, scaled with the weights, and with tails that end nowhere."""

import numpy as np
import pytest
from oracles import SIGMAS

from initviz.initializers import normal
from initviz.spectra import RANKS, Sample, Simulated, expected_ranks, ranks

VALUES = np.linalg.svd(np.random.default_rng(0).normal(size=(4096, 5, 3)), compute_uv=False)
LAWS = {
    "bulk": Simulated(Sample(VALUES)),
    "apart": Simulated(Sample(VALUES, 1), apart=("outlier of the mean",)),
    "scaled": Simulated(Sample(VALUES), 1e-30),
    "square": Simulated(Sample(np.linalg.svd(np.random.default_rng(1).normal(size=(4096, 3, 3)), compute_uv=False))),
    "narrow": Simulated(Sample(1 + 1e-9 * VALUES)),
    "one value": Simulated(Sample(np.ones((4096, 1)))),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_density_integrates_to_the_cdf(name):
    law = LAWS[name]
    low, high = law.reach
    margin = max(high - low, 1e-8 * high)
    x = np.linspace(max(low - margin, 0), high + margin, 200_001)
    mass = np.cumsum(law.pdf(x)) * (x[1] - x[0])
    assert mass[-1] == pytest.approx(1, abs=0.01)
    if margin > 1e-6 * high:  # where the kernel is narrower than what is seen
        assert np.abs(mass - law.bulk_cdf(x)).max() < 0.03


def test_a_square_matrix_has_values_down_to_0():
    density = LAWS["square"].pdf(np.array([0.0, 0.01, 0.02]))
    assert density[0] == pytest.approx(density[1], rel=0.1)
    assert density[0] > 0


@pytest.mark.parametrize("name", ["bulk", "square", "scaled"])
def test_quantiles_of_the_ends_are_those_of_the_simulation_and_have_tails(name):
    law = LAWS[name]
    for expected, column in ((law.largest, 0), (law.smallest, -1)):
        values = law.scale * law.sample.values[:, column]
        assert expected.mean == pytest.approx(values.mean())
        for probability in (0.01, 0.5, 0.99):
            assert (values < expected.quantile(probability)).mean() == pytest.approx(probability, abs=0.002)
        far = expected.quantile(np.array([1e-12, 1e-6, 1e-4, 0.5, 1 - 1e-4, 1 - 1e-6, 1 - 1e-12]))
        assert (np.diff(far) > 0).all()
        assert far[0] > 0


def test_a_scale_moves_everything_and_computes_nothing_anew():
    one, other = Simulated(LAWS["bulk"].sample), Simulated(LAWS["bulk"].sample, 4.0)
    x = np.linspace(0, 5, 11)
    np.testing.assert_allclose(other.pdf(4 * x), one.pdf(x) / 4)
    np.testing.assert_allclose(other.bulk_cdf(4 * x), one.bulk_cdf(x))
    np.testing.assert_allclose(other.ideal(3), 4 * one.ideal(3))
    assert other.largest.sd == pytest.approx(4 * one.largest.sd)
    assert expected_ranks(other, 3) == expected_ranks(one, 3)


def test_the_largest_may_lie_apart():
    law = LAWS["apart"]
    assert (law.bulk_count, law.count, law.point_names) == (2, 3, ("outlier of the mean",))
    ((position, times),) = law.points
    assert (position, times) == (pytest.approx(VALUES[:, 0].mean()), 1)
    assert law.holds == "simulated from 4,096 matrices"


def test_ranks_are_medians_of_all_matrices():
    law = LAWS["bulk"]
    found = ranks(VALUES[0], law)
    for name, rank in RANKS.items():
        of_each = [rank(values) for values in VALUES]
        assert found[name].observed == of_each[0]
        assert found[name].expected == pytest.approx(np.median(of_each), rel=1e-12)
        spread = np.std([np.median(np.random.default_rng(seed).choice(of_each, len(of_each))) for seed in range(200)])
        assert found[name].error == pytest.approx(spread, rel=0.4)  # the bootstrap's


def test_the_typical_condition_number_of_2_by_2_normal_matrices_is_the_exact_median():
    """P(κ > x) = 2 x / (1 + x²) (Edelman 1988), which is 1/2 at 2 + √3."""
    law = normal(1.0).plan((2, 2)).ensemble.spectrum(2, 2)
    typical = ranks(np.ones(2), law)["condition number"]
    assert abs(typical.expected - (2 + 3**0.5)) < SIGMAS * typical.error
    assert typical.error < 0.01 * typical.expected
