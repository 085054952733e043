"""The entries of a draw against their law."""

from dataclasses import replace
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from initviz.checks.check import EXACT_VALUE, NO_TEST, Check, eps_of, judged, orthogonal_limit, p_text, unjudged, z_text
from initviz.checks.confidence_bands import cdf_at, cdf_reach, dkw_probability, histogram_band, resolution
from initviz.checks.sampling import EXACT, TAILS, mean_law, square_error, square_law, standard
from initviz.engine.summary import Summary
from initviz.laws.complex import ComplexNormal
from initviz.laws.ensembles import Delta, Ensemble, Haar, Iid
from initviz.laws.marginals import Marginal
from initviz.laws.real import Law, Normal


def entry_checks(ensemble: Ensemble, dtype, summary: Summary) -> tuple[Check, ...]:
    """Mean, std, min and max of the entries (of both parts of complex ones); of independent ones, the whole law too."""
    marginal = ensemble.marginal
    if marginal is None:
        return tuple(unjudged(name, value) for name, value in _observed(summary, summary.mean).items())
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
    room = eps_of(dtype) * max(abs(low), abs(high)) * scale
    return tuple(
        judged(name, scale * x, scale * x - room, scale * x + room, observed[name], EXACT_VALUE)
        for name, x in expected.items()
    )


def _independent(ensemble: Iid, dtype, summary: Summary, observed: dict[str, float]) -> tuple[Check, ...]:
    law, count, eps = ensemble.law, summary.count, eps_of(dtype)
    unit, scale = standard(law)
    mean, std, error = scale * unit.mean, scale * unit.std, scale * unit.std / count**0.5

    of_mean = mean_law(law, count)
    low, high = mean + error * of_mean.quantile(np.array(TAILS))
    z = (observed["mean"] - mean) / error
    test = z_text(of_mean.cdf(z), of_mean.sf(z), of_mean.smallest)
    checks = [judged("mean", mean, float(low), float(high), observed["mean"], test)]

    of_square, spread = square_law(law, count), square_error(law, count)
    low, high = std * np.sqrt(np.maximum(1 + spread * of_square.quantile(np.array(TAILS)), 0))
    ratio = (observed["std"] / std) ** 2
    z = (ratio - 1) / spread
    test = z_text(of_square.cdf(z), of_square.sf(z), of_square.smallest)
    if isinstance(law, Normal | ComplexNormal) and count < EXACT:
        test = f"χ²{str(count).translate(SUBSCRIPTS)} = {ratio * count:.1f}"
    checks.append(judged("std", std, float(low), float(high), observed["std"], test))

    reach = (-np.inf, np.inf)
    if not law.complex and count * 2.0 ** -jnp.finfo(dtype).nmant > 0.01:
        # The dtype's own uniforms end before the tails of so many draws do.
        reach = tuple(scale * end for end in _reach(unit, dtype))
    checks += _extremes(unit, scale, count, law.complex, eps, observed, reach)
    return *checks, *_shape_checks(ensemble, dtype, summary)


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _room(eps: float, low: float, high: float) -> tuple[float, float]:
    """The range, with room for rounding."""
    return float(low - eps * abs(low)), float(high + eps * abs(high))


def _nearest(x: float, low: float, high: float, eps: float) -> float:
    """The number that may have been rounded to x and is nearest to the range."""
    return float(x + np.clip(np.clip(x, low, high) - x, -eps * abs(x), eps * abs(x)))


def _shape_checks(ensemble: Iid, dtype, summary: Summary) -> tuple[Check, Check]:
    """The histogram and the distribution function as a whole."""
    count, (coarse, counts) = summary.count, summary.coarse()
    low, high = histogram_band(ensemble, coarse, count, resolution(dtype))
    outside = int(((counts < low) | (counts > high)).sum())
    # The largest distance at the edges of bins is at most the largest of all, so that the bound holds for it.
    edges = summary.bins.edges
    distance = float(np.abs(np.cumsum(summary.histogram[:-1]) / count - cdf_at(ensemble.marginal, edges)).max())
    test = p_text(dkw_probability(ensemble, count, distance)).replace("=", "≤")
    return (
        judged("bins outside the band", 0.0, 0.0, 0.0, float(outside), f"of {len(counts)}"),
        judged("distance of the CDF", 0.0, 0.0, min(cdf_reach(ensemble, count), 1.0), distance, test),
    )


@lru_cache(maxsize=64)
def _reach(unit: Law, dtype) -> tuple[float, float]:
    return unit.reach(dtype)


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
    return unit.quantile(np.array([[outer, median, inner], [1 - inner, 1 - median, 1 - outer]]))


def _extremes(unit, scale, count, dependent, eps, observed, reach=(-np.inf, np.inf), others=None) -> list[Check]:
    """Min and max of `count` entries, and of zeros beside them if `others` says so."""
    ranges = scale * _extreme_quantiles(unit, count, dependent)
    smallest, largest = observed["min"], observed["max"]
    nearest = [_nearest(x, *ends[[0, 2]], eps) for x, ends in zip((smallest, largest), ranges, strict=True)]
    below = unit.cdf(np.array(nearest) / scale)
    beyond = below[0], 1 - below[1]
    checks = []
    for name, side, (low, median, high), x, tail in zip(
        ("min", "max"), (-1, 1), ranges, (smallest, largest), beyond, strict=True
    ):
        ends = [low, median, high]
        if others:  # zeros: no minimum above, no maximum below them
            ends = [side * max(side * end, 0.0) for end in ends]
        end, outer = reach[side > 0], ends[1 + side]
        low, median, high = np.clip(ends, *reach)
        inside = np.exp(count * np.log1p(-min(tail, 1.0))) if tail < 1 else 0.0  # that none lies farther out
        outside = min(1.0, count * tail) if dependent else 1 - inside
        at_reach = side * outer > side * end and side * x >= side * end - eps * abs(x)
        if at_reach:  # where the dtype ends: none can lie farther out
            inside = outside = 1.0
        if others and x == 0:  # none farther in
            outside = 1.0
        test = p_text(min(1.0, 2 * min(inside, outside)))
        checks.append(judged(name, float(median), *_room(eps, low, high), x, test))
    return checks


def _orthogonal(ensemble: Haar | Delta, dtype, summary: Summary, observed: dict[str, float]) -> tuple[Check, ...]:
    """Entries of a Haar matrix, or of one among zeros: each is a coordinate of a uniform point on a sphere.

    Their sum is √(rows · columns) uᵀWv with unit vectors u and v, and uᵀWv is such a coordinate again: the mean has
    that law exactly. The sum of their squares does not vary at all.
    """
    block = ensemble.block if isinstance(ensemble, Delta) else ensemble
    unit, scale = standard(block.marginal)
    count, eps = block.rows * block.columns * (2 if block.complex else 1), eps_of(dtype)
    taps = summary.count / count
    std = scale * unit.std / taps**0.5
    room = std * eps * orthogonal_limit(ensemble)
    of_std = judged("std", std, std - room, std + room, observed["std"], EXACT_VALUE)
    if unit.atoms:  # a single real entry, ± the scale
        return unjudged("mean", observed["mean"], 0.0), of_std, *(unjudged(x, observed[x]) for x in ("min", "max"))
    share = scale / count**0.5 / taps
    low, high = share * unit.quantile(np.array(TAILS))
    below = float(unit.cdf(observed["mean"] / share))
    of_mean = judged(
        "mean", 0.0, *_room(eps, low, high), observed["mean"], z_text(below, 1 - below, np.finfo(float).eps)
    )
    extremes = _extremes(unit, scale, count, True, eps, observed, others=taps > 1)
    return of_mean, of_std, *extremes
