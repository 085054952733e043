"""One statistic of a draw with its verdict, and how its test is put into a few characters."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from initviz.checks.sampling import COVERAGE
from initviz.laws.ensembles import Ensemble
from initviz.laws.lost import least

ORTHOGONAL_LIMIT = 10.0
"""Largest ‖WᵀW - s²I‖ / (s² eps) of an orthogonal draw, over √max(rows, columns).

The rounding errors of a Householder QR decomposition grow like the square root of the dimension (Higham & Mary 2019).
Measured on a CPU in float32 and complex64, up to 300 seeds of 26 shapes from 1 × 1 to 1024 × 1024 and 65536 × 4: at
most 4.9 √max(rows, columns), which 1 × 1 and 2 × 2 reach, and 0.9 from 256 × 256 on.
"""
AROUND = " around the law's mean"
STD = f"std{AROUND}"
NO_TEST = "no test"
EXACT_VALUE = "exact"
UNLIKELY = 1 - COVERAGE
"""Probability below which an observation fails."""


@dataclass(frozen=True)
class Check:
    """One statistic of a draw: expected value, the range that holds it in at least 99 % of draws, what was observed.

    All three are in units of the weights, but for counts, distances of distribution functions and multiples of the
    dtype's eps, as the name says. `expected` is the median of min and max, and None where no law or formula is known.
    """

    name: str
    expected: float | None
    low: float
    high: float
    observed: float
    test: str = ""
    """How unusual the observation is: z, χ² or a probability; "exact" where nothing varies, or "no test"."""
    probability: float | None = None
    """How likely a correct draw is to show a value at least this unusual, or a bound above it; None without a test."""
    excused: float | None = None
    """The same with what few values do taken as given, see `grain`; None where that is nothing."""

    @property
    def chance(self) -> float | None:
        """The probability in this dtype; None without a test."""
        return self.probability if self.probability is None else max(self.probability, self.excused or 0.0)

    @property
    def within(self) -> bool | None:
        """The verdict: False where the probability in this dtype is below 1 %; None where there is none."""
        return None if self.chance is None else self.chance >= UNLIKELY

    @property
    def coarse(self) -> bool:
        """Whether it is outside the range of the exact law since there are few values to draw from, see `grain`."""
        return bool(self.within) and self.probability < UNLIKELY


def judged(
    name: str,
    expected: float,
    low: float,
    high: float,
    observed: float,
    probability: float,
    test: str,
    excused: float | None = None,
) -> Check:
    """With a verdict. A value in the range, which has room for rounding, is as likely as those at its ends at least."""
    if not np.isfinite(observed):
        probability, excused = 0.0, None
    elif low <= observed <= high:
        probability = max(probability, UNLIKELY)
    return Check(name, expected, low, high, observed, test, float(probability), excused)


def exact(name: str, expected: float, low: float, high: float, observed: float, test: str = EXACT_VALUE) -> Check:
    """Of what does not vary from draw to draw: any value in the range is certain, any other impossible."""
    return Check(name, expected, low, high, observed, test, 1.0 if low <= observed <= high else 0.0)


def unjudged(name: str, observed: float, expected: float | None = None) -> Check:
    """Without a range or a verdict, since no law is known to hold."""
    return Check(name, expected, np.nan, np.nan, observed, NO_TEST)


def eps_of(dtype) -> float:
    """Spacing of the dtype's numbers at 1; 0 for integers."""
    return float(jnp.finfo(dtype).eps) if jnp.issubdtype(dtype, jnp.inexact) else 0.0


def floor_of(dtype, size: float) -> float:
    """How far a number of that size may be off where it is below the normal numbers of a dtype; 0 of others."""
    if not jnp.issubdtype(dtype, jnp.inexact):
        return 0.0
    return least(dtype) if 0 < size < float(jnp.finfo(dtype).tiny) else 0.0


def rounding_of(dtype, size: float) -> float:
    """How far a number of that size may be off in a dtype: eps of it, or as `floor_of` says."""
    return floor_of(dtype, size) or eps_of(dtype) * size


def untested(check: Check) -> Check:
    """The same without a range and a verdict."""
    return Check(check.name, check.expected, np.nan, np.nan, check.observed, NO_TEST)


def orthogonal_limit(ensemble: Ensemble) -> float:
    """Largest deviation from orthogonal that rounding explains, in eps; 1 for weights that are not from a QR."""
    block = ensemble.block
    return ORTHOGONAL_LIMIT * max(block.rows, block.columns) ** 0.5 if block else 1.0


def two_sided(below: float, above: float) -> float:
    """Probability of a value as far out in either tail, from those of less and of more."""
    return float(min(1.0, 2 * min(below, above)))


def z_text(below: float, above: float, smallest: float) -> str:
    """Φ⁻¹ of the probability of less: from -∞ to ∞, computed from the smaller tail, or the bound that it is beyond."""
    from scipy import special

    if min(below, above) < smallest:
        sign = "< −" if below < above else "> "
        return f"z {sign}{-special.ndtri(smallest):.0f}"
    score = special.ndtri(below) if below < above else -special.ndtri(above)
    return f"z = {round(float(score), 2) + 0.0:.2f}".replace("-", "−")


def p_text(probability: float) -> str:
    """A probability of two digits, or the bound that it is below."""
    return f"p = {probability:.2g}" if probability >= 1e-4 else "p < 0.0001"
