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
ZEROS = "weights that are 0"
"""The name of the other one."""
ENUMERATED = 16
"""Bits of a dtype up to which its numbers are counted one by one."""
DEEPEST = 40
"""Powers of 2 below the scale of a law from which on no number is likely."""
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


def zeros(marginal: Marginal, dtype: np.dtype, seen: Seen) -> tuple[Check, ...]:
    """Whether no more of all weights are 0 than digits and underflow explain: rows that nobody has written are."""
    from scipy import stats

    if marginal.complex or marginal.atoms or marginal.distribution is None or not seen.moments.count:
        return ()
    unit, scale = standard(marginal)
    kind = jnp.finfo(dtype)
    least = float(kind.smallest_subnormal) / 2 / scale
    share = min(float(np.diff(unit.cdf(np.array([-least, least])))[0]) + SPARE * 2.0**-kind.nmant, 1.0)
    expected = seen.moments.count * share
    chance = float(stats.poisson.sf(seen.moments.zeros - 1, expected))
    most = float(stats.poisson.isf(0.01, expected))
    return (Check(ZEROS, expected, 0.0, most, float(seen.moments.zeros), p_text(chance), chance),)


def expected_repeats(marginal: Marginal, dtype: np.dtype, count: int) -> float:
    """How many of independent draws, each rounded to the dtype, equal an earlier one."""
    if jnp.finfo(dtype).bits > ENUMERATED:
        return SPARE * count * (count - 1) / 2 / 2.0 ** jnp.finfo(dtype).nmant
    unit, scale = standard(marginal)
    mantissa, exponent = np.frexp(scale)
    least = max(int(np.frexp(float(jnp.finfo(dtype).tiny))[1] - 1 - exponent), -DEEPEST)
    masses = _masses(unit, float(mantissa), np.dtype(dtype), least)
    return count - float(-np.expm1(count * np.log1p(-np.minimum(masses, 1 - 1e-12))).sum())


@lru_cache(maxsize=64)
def _masses(unit: Marginal, mantissa: float, dtype: np.dtype, least: int) -> np.ndarray:
    """Probabilities of the numbers of a narrow dtype; of the scale only its place between two powers of 2 counts.

    Below the power of 2 that is the `least` normal number, in units of that of the scale, they are equally spaced.
    """
    steps = np.arange(0, 1, 2.0 ** -jnp.finfo(dtype).nmant)
    octaves = np.ldexp(1.0, np.arange(least, 8))
    normal = (octaves[:, None] * (1 + steps)).ravel()
    positive = np.concatenate([np.ldexp(steps, least), normal])
    between = (positive[1:] + positive[:-1]) / 2 / mantissa
    masses = np.diff(unit.cdf(np.concatenate([-between[::-1], between])))
    return masses[masses > 0]
