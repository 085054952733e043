"""The Tracy-Widom laws against published moments and quantiles, and against each other by simulation of matrices."""

import subprocess
import sys
import time

import numpy as np
import pytest

from initviz.spectra import TRACY_WIDOM, TracyWidom
from initviz.spectra.tracy_widom import ENDS

# Mean and variance as computed by Bornemann 2010, "On the numerical evaluation of distributions in random matrix …".
PUBLISHED = {1: (-1.2065335745820, 1.607781034581), 2: (-1.7710868074116, 0.8131947928329)}


@pytest.mark.parametrize("beta", [1, 2])
def test_the_moments_are_the_published_ones(beta):
    law = TracyWidom(beta)
    assert law.mean == pytest.approx(PUBLISHED[beta][0], abs=1e-11)
    assert law.sd**2 == pytest.approx(PUBLISHED[beta][1], abs=1e-10)


def test_quantiles_are_the_recorded_ones():
    # Johnstone 2001, table 1, lists F1(0.98) = 0.95 and F1(2.02) = 0.99 with two decimals
    assert TRACY_WIDOM[False].cdf(np.array([-3.90, -3.18, 0.98, 2.02])) == pytest.approx(
        [0.01, 0.05, 0.95, 0.99], abs=2e-4
    )


@pytest.mark.parametrize("law", TRACY_WIDOM.values(), ids=str)
def test_the_quantile_inverts_the_cdf(law):
    p = np.concatenate([np.geomspace(1e-7, 0.5, 40), 1 - np.geomspace(1e-7, 0.4, 40)])
    x = law.quantile(p)
    slope = (law.cdf(x + 1e-4) - law.cdf(x - 1e-4)) / 2e-4
    assert np.max(np.abs(law.cdf(x) - p) / slope) < 1e-6
    assert np.all(np.diff(law.quantile(np.sort(p))) > 0)


@pytest.mark.parametrize("law", TRACY_WIDOM.values(), ids=str)
def test_the_cdf_rises_from_0_to_1(law):
    low, high = ENDS[law.beta]
    values = law.cdf(np.linspace(low - 1, high + 1, 2001))
    assert (values[0], values[-1]) == (0, 1)
    assert np.min(np.diff(values)) > -1e-10
    assert max(law.cdf(low), 1 - law.cdf(high)) < 1e-9


def test_the_quantiles_give_the_moments():
    for law in TRACY_WIDOM.values():
        x = law.quantile((np.arange(100_000) + 0.5) / 100_000)
        assert x.mean() == pytest.approx(law.mean, abs=1e-4)
        assert x.std() == pytest.approx(law.sd, abs=1e-3)


def test_building_the_tables_takes_little_time():
    code = (
        "import time; from scipy import special; from initviz.spectra import TracyWidom\n"
        "start = time.process_time(); TracyWidom(1).quantile(0.5); TracyWidom(2).quantile(0.5)\n"
        "print(time.process_time() - start)"
    )
    seconds = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(seconds) < 3  # for both laws; 0.05 s of one core each, on a slow one some times that
    start = time.perf_counter()
    TRACY_WIDOM[False].quantile(0.3)
    assert time.perf_counter() - start < 1.5
