"""Where the histogram and the distribution function of a draw should lie: bands that hold as a whole."""

import math
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.checks.sampling import COVERAGE, standard
from initviz.engine.summary import BINS
from initviz.laws.ensembles import Ensemble
from initviz.laws.marginals import Marginal

_FINE = 2.0**-34
"""Of the range that edges span: a drag over the scale, which changes what is finer, finds its band kept."""


def binomial_band(probabilities: np.ndarray, count: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts that each bin falls below, or rises above, with a probability of at most `level` / 2: exact binomial."""
    from scipy import stats

    return stats.binom.ppf(level / 2, count, probabilities), stats.binom.isf(level / 2, count, probabilities)


def resolution(dtype) -> float:
    """How far the probability of a bin of a draw in this dtype may be off: 2⁻²² in float32, 0 in narrower dtypes.

    There are 2^nmant uniforms: a bin holds one of them more or less than its share, and one may be rounded over an
    edge. In the tails that shows from 2²⁴ float32 weights on. In narrower dtypes it shows everywhere, as it should.
    """
    atom = 2.0 ** -jnp.finfo(dtype).nmant
    return 2 * atom if atom <= 2.0**-23 else 0.0


def histogram_band(
    ensemble: Ensemble, edges: np.ndarray, count: int, resolution: float = 0.0
) -> tuple[np.ndarray, np.ndarray] | None:
    """Lowest and highest count of each bin, which `COVERAGE` of draws keep to in all bins at once (Bonferroni).

    `count` is the number of real parts, which are pooled. The parts of a complex weight depend on each other, so its
    band is the sum of the bands of the real and of the imaginary parts, each at half the level: wider, but valid.
    `resolution` is how far the probability of a bin may be off, see there. Weights of several laws scatter less about
    their common one than as many of that law would, bin by bin (Hoeffding 1956), so that their band is valid too.
    None where the weights are not independent.
    """
    if not ensemble.independent:
        return None
    unit, scale = standard(ensemble.marginal)
    return _band(unit, _key(edges, scale), count, ensemble.parts, resolution)


@lru_cache(maxsize=64)
def _band(unit, edges: bytes, count: int, parts: int, resolution: float) -> tuple[np.ndarray, np.ndarray]:
    masses = np.diff(_cdf(unit, edges))
    level = (1 - COVERAGE) / masses.size / parts
    low = binomial_band(np.clip(masses - resolution, 0, 1), count // parts, level)[0]
    high = binomial_band(np.clip(masses + resolution, 0, 1), count // parts, level)[1]
    return parts * low, parts * high


def histogram_probability(
    ensemble: Ensemble, edges: np.ndarray, counts: np.ndarray, count: int, resolution: float = 0.0
) -> float:
    """A bound on the probability that some bin is as far out as the farthest of these: below `1 - COVERAGE` where one
    leaves the band of `histogram_band`, whose other arguments are those there.
    """
    from scipy import stats

    unit, scale = standard(ensemble.marginal)
    masses, parts = np.diff(_cdf(unit, _key(edges, scale))), ensemble.parts
    share = counts / parts  # of complex weights one of the parts has at least, and one at most, half of the count
    few = stats.binom.cdf(np.floor(share), count // parts, np.clip(masses - resolution, 0, 1))
    many = stats.binom.sf(np.ceil(share) - 1, count // parts, np.clip(masses + resolution, 0, 1))
    return min(1.0, 2 * parts * masses.size * float(np.minimum(few, many).min()))


def cdf_reach(ensemble: Ensemble, count: int) -> float | None:
    """Largest distance ε = √(ln(2/α) / 2N) of a draw's distribution function from its law's (Dvoretzky, Kiefer &
    Wolfowitz 1956, Massart 1990), kept to by at least `COVERAGE` = 1 - α of draws.

    `count` is the number of real parts. For complex weights it is the bound for either part at half the level, which
    holds for their average too. Of weights of several laws see `of_several`. None where they are not independent.
    """
    if not ensemble.independent:
        return None
    return dkw_reach(count // ensemble.parts, (1 - COVERAGE) / ensemble.parts / of_several(ensemble))


def of_several(ensemble: Ensemble) -> float:
    """What the bound is multiplied by for weights of several laws: the number of edges of bins.

    It holds at each edge (Hoeffding 1963), and no tighter one for all together is used.
    """
    return 1.0 if len(ensemble.laws) == 1 else BINS + 1.0


def dkw_reach(count: int, level: float) -> float:
    """√(ln(2 / level) / 2N): the distance that N = count independent draws exceed with probability `level` at most."""
    return math.sqrt(math.log(2 / level) / (2 * count))


def dkw_probability(ensemble: Ensemble, count: int, distance: float) -> float:
    """The least upper bound on the probability of such a distance or more that `cdf_reach` knows, at most 1."""
    parts = ensemble.parts
    return min(1.0, 2 * of_several(ensemble) * parts * math.exp(-2 * (count // parts) * distance**2))


def cdf_at(marginal: Marginal, edges: np.ndarray) -> np.ndarray:
    """The law's distribution function at the edges of bins, kept for edges that move with the scale."""
    unit, scale = standard(marginal)
    return _cdf(unit, _key(edges, scale))


def _key(edges: np.ndarray, scale: float) -> bytes:
    """Edges in units of the scale, rounded to `_FINE` of what they span: a law may be far narrower than its scale."""
    with np.errstate(over="ignore"):  # of what is far from anything expected
        places = edges / scale
    step = max(np.ldexp(_FINE, np.frexp(places[-1] - places[0])[1]), np.finfo(float).tiny)  # a power of 2: exact
    return (np.round(places / step) * step).tobytes()


@lru_cache(maxsize=64)
def _cdf(unit: Marginal, edges: bytes) -> np.ndarray:
    return unit.cdf(np.frombuffer(edges))
