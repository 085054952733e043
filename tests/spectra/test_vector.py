"""The norm of a vector: one value, with the law that SciPy has for it."""

import numpy as np
import pytest
from scipy import stats

from initviz.laws.marginals import Distribution
from initviz.spectra import Vector

LAW = Vector(Distribution(stats.chi, (7,), scale=0.5))


def test_it_is_one_value_with_the_law_of_the_norm():
    norms = 0.5 * np.linalg.norm(np.random.default_rng(0).normal(size=(20_000, 7)), axis=1)
    assert LAW.count == 1
    assert LAW.largest.mean == pytest.approx(norms.mean(), rel=0.01)
    assert LAW.largest.sd == pytest.approx(norms.std(), rel=0.03)
    assert stats.kstest(norms, LAW.bulk_cdf).pvalue > 1e-4
    assert LAW.smallest.quantile(0.005) == pytest.approx(LAW.norm.ppf(0.005))


def test_the_density_integrates_to_1_where_it_is_drawn():
    x = np.linspace(*LAW.reach, 10_001)
    assert np.trapezoid(LAW.pdf(x), x) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("exact", "said"), [(True, "exact law"), (False, "limit of large matrices")])
def test_it_says_whether_it_is_exact(exact, said):
    assert Vector(LAW.norm, exact).holds == said
