"""Expected against observed: what theory says a draw should show, and the range it should show it in."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from initviz.ensembles import Ensemble, Iid
from initviz.marginals import Marginal
from initviz.spectra import Expected, Spectrum
from initviz.summary import Summary

COVERAGE = 0.99
"""Probability that a statistic of a fresh draw lies in its range, if the theory holds."""
TAILS = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)


@dataclass(frozen=True)
class Check:
    """One statistic of a draw: expected value, the range that holds it in 99 % of draws, and what was observed.

    All three are in units of the weights. `expected` is None where no exact law or formula is known.
    """

    name: str
    expected: float | None
    low: float
    high: float
    observed: float

    @property
    def within(self) -> bool | None:
        """Whether the observation lies in the range; None without an expectation."""
        return None if self.expected is None else bool(self.low <= self.observed <= self.high)


def audit(
    ensemble: Ensemble,
    dtype,
    summary: Summary,
    spectrum: Spectrum | None,
    size: tuple[int, int],
    singular_values: np.ndarray,
) -> tuple[Check, ...]:
    """Mean, standard deviation and extremes of the entries, then the extreme singular values of a `size` matrix."""
    checks = entry_checks(ensemble, dtype, summary) if summary.count else ()
    if not len(singular_values):
        return checks
    # Singular values are computed from weights rounded to the dtype, in single precision or better.
    rounding = float(jnp.finfo(dtype).eps) if jnp.issubdtype(dtype, jnp.inexact) else 0.0
    rounding += float(np.finfo(singular_values.dtype).eps) * max(size)
    slack = rounding * float(singular_values[0])
    return (
        *checks,
        _value_check("largest singular value", spectrum and spectrum.largest, slack, float(singular_values[0])),
        _value_check("smallest singular value", spectrum and spectrum.smallest, slack, float(singular_values[-1])),
    )


def _value_check(name: str, expected: Expected | None, slack: float, observed: float) -> Check:
    from scipy import special

    if expected is None:
        return Check(name, None, np.nan, np.nan, observed)
    quantile = expected.quantile or (lambda p: expected.mean + special.ndtri(p) * expected.sd)
    low, high = (float(x) for x in quantile(np.array(TAILS)))
    return Check(name, expected.mean, max(low - slack, 0.0), high + slack, observed)


def entry_checks(ensemble: Ensemble, dtype, summary: Summary) -> tuple[Check, ...]:
    """Mean, std, min and max of the entries (of both parts of complex ones)."""
    marginal, count = ensemble.marginal, summary.count
    observed = {"mean": summary.mean, "std": summary.std, "min": summary.minimum, "max": summary.maximum}
    if marginal is None:
        return tuple(Check(name, None, np.nan, np.nan, value) for name, value in observed.items())
    eps = float(jnp.finfo(dtype).eps) if jnp.issubdtype(dtype, jnp.inexact) else 0.0
    ranges = {
        "mean": _mean_range(marginal, count),
        "std": _std_range(ensemble, marginal, count),
        "min": _extreme_range(marginal, count, smallest=True),
        "max": _extreme_range(marginal, count, smallest=False),
    }
    if isinstance(ensemble, Iid) and not ensemble.law.complex and count * 2.0 ** -jnp.finfo(dtype).nmant > 0.01:
        reach = ensemble.law.reach(dtype)  # the dtype's own uniforms end before the tails of so many draws do
        ranges |= {name: tuple(np.clip(ranges[name], *reach)) for name in ("min", "max")}
    return tuple(
        Check(name, middle, low - eps * abs(low), high + eps * abs(high), observed[name])  # room for rounding
        for name, (middle, low, high) in ranges.items()
    )


def _mean_range(marginal: Marginal, count: int):
    from scipy import special

    reach = float(special.ndtri(TAILS[1])) * marginal.std / count**0.5
    return marginal.mean, marginal.mean - reach, marginal.mean + reach


def _std_range(ensemble: Ensemble, marginal: Marginal, count: int):
    """χ² with the degrees of freedom that match the fourth moment: 2 (count - 1) / (kurtosis - 1) for real entries."""
    from scipy import stats

    std = marginal.std
    if ensemble.fixed_norm or not std or count < 2:
        mean_reach = _mean_range(marginal, count)[2] - marginal.mean
        return std, max(std**2 - mean_reach**2, 0.0) ** 0.5, std
    # Both parts of a complex entry of uniform phase: E|w|⁴ = (8/3) E(part⁴), so the pair shares its fluctuation.
    spread = 4 * marginal.kurtosis / 3 - 2 if ensemble.law.complex else marginal.kurtosis - 1
    freedom = 2 * (count - 1) / spread
    low, high = std * np.sqrt(stats.chi2.ppf(TAILS, freedom) / freedom)
    return std, float(low), float(high)


def _extreme_range(marginal: Marginal, count: int, smallest: bool):
    """Median and range of the extreme of `count` independent entries: F(max)^count is uniform."""
    levels = np.array([0.5, *TAILS]) ** (1 / count)
    if smallest:
        levels = 1 - levels[[0, 2, 1]]
    # 1 - p^(1/n) loses its digits for large n; -log(p)/n is the same to first order and keeps them.
    if smallest and count > 1e6:
        levels = -np.log(np.array([0.5, TAILS[1], TAILS[0]])) / count
    return tuple(float(x) for x in marginal.quantile(levels))
