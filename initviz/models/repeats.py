"""How often weights repeat: a draw in few digits has few different values, even if it is held in a wider dtype."""

from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.checks import Check
from initviz.checks.base import p_text
from initviz.checks.sampling import standard
from initviz.laws.marginals import Marginal
from initviz.models.seen import Seen

REPEATED = "repeated values"
"""The name of the check."""
ENUMERATED = 16
"""Bits of a dtype up to which its numbers are counted one by one."""
SPARE = 2
"""How many times more repetitions are allowed in wider ones than a uniform of that many digits has."""


def repeats(marginal: Marginal, dtype: np.dtype, seen: Seen) -> tuple[Check, ...]:
    """Whether so many weights are equal to an earlier one as the rounding to a dtype explains; none of few weights.

    The repetitions of independent draws are at most as scattered as Poisson's law of the same mean: of the different
    values that appear, one that does makes another one less likely.
    """
    from scipy import stats

    count = seen.observation.summary.count
    if marginal.complex or marginal.atoms or marginal.distribution is None or count < 2:
        return ()
    expected = expected_repeats(marginal, dtype, count)
    found = count - seen.distinct
    chance = float(stats.poisson.sf(found - 1, expected))
    most = float(stats.poisson.isf(0.01, expected))
    return (Check(REPEATED, expected, 0.0, most, float(found), p_text(chance), chance),)


def expected_repeats(marginal: Marginal, dtype: np.dtype, count: int) -> float:
    """How many of independent draws, each rounded to the dtype, equal an earlier one."""
    if jnp.finfo(dtype).bits > ENUMERATED:
        return SPARE * count * (count - 1) / 2 / 2.0 ** jnp.finfo(dtype).nmant
    unit, scale = standard(marginal)
    masses = _masses(unit, float(np.frexp(scale)[0]), np.dtype(dtype))
    return count - float(-np.expm1(count * np.log1p(-np.minimum(masses, 1 - 1e-12))).sum())


@lru_cache(maxsize=64)
def _masses(unit: Marginal, mantissa: float, dtype: np.dtype) -> np.ndarray:
    """Probabilities of the numbers of a narrow dtype; of the scale only its place between two powers of 2 counts."""
    digits = 2.0 ** -(jnp.finfo(dtype).nmant + 1)
    octaves = np.ldexp(1.0, np.arange(-40, 8))
    positive = (octaves[:, None] * (1 + np.arange(0, 1, 2 * digits))).ravel()
    edges = np.concatenate([-positive[::-1], positive]) / mantissa * (1 + digits)
    masses = np.diff(unit.cdf(edges))
    return masses[masses > 0]
