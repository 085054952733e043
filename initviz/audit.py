"""Expected against observed: what theory says a draw should show, and the range it should show it in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.bands import cdf_at, cdf_reach, dkw_probability, histogram_band
from initviz.complex_laws import ComplexNormal
from initviz.ensembles import Delta, Ensemble, Haar, Iid
from initviz.laws import Normal
from initviz.marginals import Marginal
from initviz.sampling import COVERAGE, EXACT, TAILS, mean_law, square_error, square_law, standard  # noqa: F401
from initviz.spectra import Expected, Spectrum
from initviz.summary import BINS, Summary

ORTHOGONAL_LIMIT = 10.0
"""Largest ‖WᵀW - s²I‖ / (s² eps) of an orthogonal draw, over √max(rows, columns).

The rounding errors of a Householder QR decomposition grow like the square root of the dimension (Higham & Mary 2019).
Measured on a CPU in float32 and complex64, up to 300 seeds of 26 shapes from 1 × 1 to 1024 × 1024 and 65536 × 4: at most
4.9 √max(rows, columns), which single weights and 2 × 2 reach, and 0.8 from 256 × 256 on.
"""
FINE = 2.0**-23
"""Probability of each uniform of a dtype whose draws are to pass for continuous: float32 and wider."""
NO_TEST = "no test"
EXACT_VALUE = "exact"


@dataclass(frozen=True)
class Check:
    """One statistic of a draw: expected value, the range that holds it in at least 99 % of draws, what was observed.

    All three are in units of the weights, but for counts, distances of distribution functions and multiples of the
    dtype's eps, as the name says. `expected` is None where no law or formula is known to hold; `within` is None where
    there is no verdict.
    """

    name: str
    expected: float | None
    low: float
    high: float
    observed: float
    test: str = ""
    """How unusual the observation is: z, χ² or a probability; "exact" where nothing varies, or "no test"."""
    within: bool | None = None


def _judged(name: str, expected: float, low: float, high: float, observed: float, test: str) -> Check:
    return Check(name, expected, low, high, observed, test, bool(low <= observed <= high))


def _unjudged(name: str, observed: float, expected: float | None = None) -> Check:
    return Check(name, expected, np.nan, np.nan, observed, NO_TEST)


def audit(
    ensemble: Ensemble,
    dtype,
    summary: Summary,
    spectrum: Spectrum | None,
    size: tuple[int, int],
    singular_values: np.ndarray,
) -> tuple[Check, ...]:
    """Entries, then singular values of a `size` matrix, then how far an orthogonal one is from being orthogonal.

    "std" is the root mean square distance from the law's mean, which is known, so that its law is known too.
    """
    entries = entry_checks(ensemble, dtype, summary) if summary.count else ()
    return (*entries, *value_checks(ensemble, dtype, spectrum, size, singular_values))


def _eps(dtype) -> float:
    return float(jnp.finfo(dtype).eps) if jnp.issubdtype(dtype, jnp.inexact) else 0.0


def _z(below: float, above: float, smallest: float) -> str:
    """Φ⁻¹ of the probability of less: from -∞ to ∞, computed from the smaller tail, or the bound that it is beyond."""
    from scipy import special

    if min(below, above) < smallest:
        sign = "< −" if below < above else "> "
        return f"z {sign}{-special.ndtri(smallest):.0f}"
    score = special.ndtri(below) if below < above else -special.ndtri(above)
    return f"z = {round(float(score), 2) + 0.0:.2f}".replace("-", "−")


def _p(probability: float) -> str:
    return f"p = {probability:.2g}" if probability >= 1e-4 else "p < 0.0001"


# Entries ------------------------------------------------------------------------------------------------------------


def entry_checks(ensemble: Ensemble, dtype, summary: Summary) -> tuple[Check, ...]:
    """Mean, std, min and max of the entries (of both parts of complex ones); of independent ones, the whole law too."""
    marginal = ensemble.marginal
    if marginal is None:
        return tuple(_unjudged(name, value) for name, value in _observed(summary, summary.mean).items())
    unit, scale = standard(marginal)
    observed = _observed(summary, scale * unit.mean)
    if not unit.std or not isinstance(ensemble, Iid | Haar | Delta):
        checks = _unvarying(unit, scale, dtype, observed)
    elif isinstance(ensemble, Iid):
        checks = _independent(ensemble, dtype, summary, observed)
    else:
        checks = _orthogonal(ensemble, dtype, summary, observed)
    if summary.not_finite:  # the law of the finite ones is not the law of all
        checks = tuple(replace(check, test=NO_TEST, within=None) for check in checks)
    return checks


def _observed(summary: Summary, mean: float) -> dict[str, float]:
    shift = (summary.bins.pivot - mean) / summary.bins.width
    square = (summary.squares + 2 * shift * summary.total) / summary.count + shift**2
    std = summary.bins.width * max(square, 0.0) ** 0.5
    return {"mean": summary.mean, "std": std, "min": summary.minimum, "max": summary.maximum}


def _unvarying(unit: Marginal, scale: float, dtype, observed: dict[str, float]) -> tuple[Check, ...]:
    """Constants: each weight is off by at most eps of itself, hence each statistic by at most eps of the largest."""
    low, high = unit.support
    expected = {"mean": unit.mean, "std": unit.std, "min": low, "max": high}
    room = _eps(dtype) * max(abs(low), abs(high)) * scale
    return tuple(
        _judged(name, scale * x, scale * x - room, scale * x + room, observed[name], EXACT_VALUE)
        for name, x in expected.items()
    )


def _independent(ensemble: Iid, dtype, summary: Summary, observed: dict[str, float]) -> tuple[Check, ...]:
    law, count, eps = ensemble.law, summary.count, _eps(dtype)
    unit, scale = standard(law)
    mean, std, error = scale * unit.mean, scale * unit.std, scale * unit.std / count**0.5

    of_mean = mean_law(law, count)
    low, high = mean + error * of_mean.quantile(np.array(TAILS))
    z = (observed["mean"] - mean) / error
    test = _z(of_mean.cdf(z), of_mean.sf(z), of_mean.smallest)
    checks = [_judged("mean", mean, *_room(eps, low, high), observed["mean"], test)]

    of_square, spread = square_law(law, count), square_error(law, count)
    low, high = std * np.sqrt(np.maximum(1 + spread * of_square.quantile(np.array(TAILS)), 0))
    ratio = (observed["std"] / std) ** 2
    z = (ratio - 1) / spread
    test = _z(of_square.cdf(z), of_square.sf(z), of_square.smallest)
    if isinstance(law, Normal | ComplexNormal) and count < EXACT:
        test = f"χ²{str(count).translate(SUBSCRIPTS)} = {ratio * count:.1f}"
    checks.append(_judged("std", std, *_room(eps, low, high), observed["std"], test))

    reach = (-np.inf, np.inf)
    if not law.complex and count * 2.0 ** -jnp.finfo(dtype).nmant > 0.01:
        reach = law.reach(dtype)  # the dtype's own uniforms end before the tails of so many draws do
    checks += _extremes(unit, scale, count, law.complex, eps, observed, reach)
    return *checks, *_shape_checks(ensemble, dtype, summary)


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _room(eps: float, low: float, high: float) -> tuple[float, float]:
    """The range, with room for rounding."""
    return float(low - eps * abs(low)), float(high + eps * abs(high))


def _shape_checks(ensemble: Iid, dtype, summary: Summary) -> tuple[Check, Check]:
    """The histogram and the distribution function as a whole."""
    bins, count, edges = summary.bins, summary.count, summary.bins.edges
    # There are 2^nmant uniforms: a bin holds one of them more or less than its share, and one may be rounded over an
    # edge. In the tails that shows from 2²⁴ float32 weights on. In smaller dtypes it shows everywhere, as it should.
    atoms = 2.0 ** -jnp.finfo(dtype).nmant
    low, high = histogram_band(ensemble, edges, count, 2 * atoms if atoms <= FINE else 0.0)
    outside = int(((summary.inside < low) | (summary.inside > high)).sum())
    # The largest distance at the edges of bins is at most the largest of all, so that the bound holds for it.
    distance = float(np.abs(np.cumsum(summary.histogram[:-1]) / count - cdf_at(ensemble.marginal, edges)).max())
    test = _p(dkw_probability(ensemble, count, distance)).replace("=", "≤")
    return (
        _judged("bins outside the band", 0.0, 0.0, 0.0, float(outside), f"of {BINS}"),
        _judged("distance of the CDF", 0.0, 0.0, cdf_reach(ensemble, count), distance, test),
    )


@lru_cache(maxsize=256)
def _extreme_quantiles(unit: Marginal, count: int, dependent: bool) -> np.ndarray:
    """(low, median, high) of the smallest and of the largest of `count` entries of a law: array (2, 3).

    F(max)^count is uniform for independent entries. Of dependent ones the outer end is a union bound, true of any; the
    inner end is that of independent ones: coordinates of a sphere, the parts of a complex weight of uniform phase and
    log-concave modulus are negatively dependent, so that all of them are small together less often (Joag-Dev &
    Proschan 1983); for the columns of an orthogonal matrix simulation says the same.
    """
    from scipy import special

    inner, median, outer = -special.expm1(np.log([TAILS[0], 0.5, TAILS[1]]) / count)  # tail probabilities of one entry
    if dependent:
        outer = TAILS[0] / count
    tails = np.array([inner, median, outer])
    return np.array([unit.quantile(tails[::-1]), unit.quantile(1 - tails)])


def _extremes(unit, scale, count, dependent, eps, observed, reach=(-np.inf, np.inf), others=None) -> list[Check]:
    """Min and max of `count` entries, and of zeros beside them if `others` says so."""
    ranges = scale * _extreme_quantiles(unit, count, dependent)
    smallest, largest = observed["min"], observed["max"]
    below = unit.cdf(np.array([smallest, largest]) / scale)
    beyond = below[0], 1 - below[1]
    checks = []
    for name, side, (low, median, high), x, tail in zip(
        ("min", "max"), (-1, 1), ranges, (smallest, largest), beyond, strict=True
    ):
        ends = [low, median, high]
        if others:  # zeros: no minimum above, no maximum below them
            ends = [side * max(side * end, 0.0) for end in ends]
        low, median, high = np.clip(ends, *reach)
        inside = np.exp(count * np.log1p(-min(tail, 1.0))) if tail < 1 else 0.0  # that none lies farther out
        outside = min(1.0, count * tail) if dependent else 1 - inside
        at_reach = side * x >= side * reach[side > 0] - eps * abs(x)
        if at_reach or (others and x == 0):  # none can lie farther out, or none farther in
            outside = 1.0
        test = _p(min(1.0, 2 * min(inside, outside)))
        checks.append(_judged(name, float(median), *_room(eps, low, high), x, test))
    return checks


def _orthogonal(ensemble: Haar | Delta, dtype, summary: Summary, observed: dict[str, float]) -> tuple[Check, ...]:
    """Entries of a Haar matrix, or of one among zeros: each is a coordinate of a uniform point on a sphere.

    Their sum is √(rows · columns) uᵀWv with unit vectors u and v, and uᵀWv is such a coordinate again: the mean has
    that law exactly. The sum of their squares does not vary at all.
    """
    block = ensemble.block if isinstance(ensemble, Delta) else ensemble
    unit, scale = standard(block.marginal)
    count, eps = block.rows * block.columns * (2 if block.complex else 1), _eps(dtype)
    taps = summary.count / count
    std = scale * unit.std / taps**0.5
    room = std * eps * _orthogonal_limit(ensemble)
    of_std = _judged("std", std, std - room, std + room, observed["std"], EXACT_VALUE)
    if unit.atoms:  # a single real entry, ± the scale
        return _unjudged("mean", observed["mean"], 0.0), of_std, *(_unjudged(x, observed[x]) for x in ("min", "max"))
    share = scale / count**0.5 / taps
    low, high = share * unit.quantile(np.array(TAILS))
    below = float(unit.cdf(observed["mean"] / share))
    of_mean = _judged(
        "mean", 0.0, *_room(eps, low, high), observed["mean"], _z(below, 1 - below, np.finfo(float).eps)
    )
    extremes = _extremes(unit, scale, count, True, eps, observed, others=taps > 1)
    return of_mean, of_std, *extremes


# Singular values ----------------------------------------------------------------------------------------------------


def _orthogonal_limit(ensemble: Ensemble) -> float:
    """Largest deviation from orthogonal that rounding explains, in eps; 1 for weights that are not from a QR."""
    block = ensemble.block if isinstance(ensemble, Delta) else ensemble
    return ORTHOGONAL_LIMIT * max(block.rows, block.columns) ** 0.5 if isinstance(block, Haar) else 1.0


def value_checks(
    ensemble: Ensemble, dtype, spectrum: Spectrum | None, size: tuple[int, int], singular_values: np.ndarray
) -> tuple[Check, ...]:
    """The largest and smallest singular value, and for an orthogonal draw ‖WᵀW - s²I‖ / s² in units of eps.

    The latter needs singular values that were computed in a wider dtype than the draw, as `study.answer` does.
    """
    if not len(singular_values):
        return ()
    # The weights were rounded to their dtype, the singular values to theirs.
    rounding = _eps(dtype) * _orthogonal_limit(ensemble) + float(np.finfo(singular_values.dtype).eps) * max(size)
    slack = rounding * float(singular_values[0])
    checks = (
        _value_check("largest singular value", spectrum and spectrum.largest, slack, float(singular_values[0])),
        _value_check("smallest singular value", spectrum and spectrum.smallest, slack, float(singular_values[-1])),
    )
    if not isinstance(ensemble, Haar | Delta) or spectrum is None or spectrum.bulk_count:
        return checks
    values = np.repeat(*zip(*spectrum.points, strict=True))
    scale = values[0] or 1.0
    deviation = float(np.abs((singular_values / scale) ** 2 - (values / scale) ** 2).max()) / _eps(dtype)
    limit = _orthogonal_limit(ensemble)
    return *checks, _judged("deviation from orthogonal", 0.0, 0.0, limit, deviation, "in eps")


def _value_check(name: str, expected: Expected | None, slack: float, observed: float) -> Check:
    from scipy import special

    if expected is None:
        return _unjudged(name, observed)
    if not expected.sd:
        return _judged(
            name, expected.mean, max(expected.mean - slack, 0.0), expected.mean + slack, observed, EXACT_VALUE
        )
    quantile: Callable = expected.quantile or (lambda p: expected.mean + special.ndtri(p) * expected.sd)
    low, high = (float(x) for x in quantile(np.array(TAILS)))
    scores = np.linspace(-6, 6, 193)
    score = np.interp(observed, quantile(special.ndtr(scores)), scores)
    test = _p(2 * special.ndtr(-abs(score)))
    return _judged(name, expected.mean, max(low - slack, 0.0), high + slack, observed, test)
