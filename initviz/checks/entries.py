"""The entries of a draw against their law."""

import numpy as np

from initviz.checks.attained import attained_of
from initviz.checks.base import (
    AROUND,
    STD,
    Check,
    eps_of,
    exact,
    judged,
    orthogonal_limit,
    p_text,
    rounding_of,
    two_sided,
    unjudged,
    untested,
    z_text,
)
from initviz.checks.confidence_bands import (
    cdf_at,
    cdf_reach,
    dkw_probability,
    histogram_band,
    histogram_probability,
    resolution,
)
from initviz.checks.extremes import extremes, reach_of, step_of
from initviz.checks.grain import Grain, grain_of
from initviz.checks.sampling import TAILS, mean_error, mean_law, square_error, square_law, standard
from initviz.checks.sums import EXACT
from initviz.engine.summary import Summary
from initviz.laws.ensembles import Ensemble
from initviz.laws.lost import Lost
from initviz.laws.marginals import Marginal
from initviz.laws.simulation import median_largest_entry


def lost_in(ensemble: Ensemble, dtype, summary: Summary) -> Lost:
    """What a dtype cannot hold of a law, as far as it is to be expected in such weights."""
    largest = max(-summary.minimum, summary.maximum)
    return ensemble.lost(dtype).seen(summary.count + summary.not_finite, summary.not_finite, largest)


def entry_checks(ensemble: Ensemble, dtype, summary: Summary) -> tuple[Check, ...]:
    """Mean, std, min and max of the entries (of both parts of complex ones); of independent ones, the whole law too.

    The standard deviation is around the law's mean, which is known, so that its own law is known too. Weights that are
    NaN or infinite are counted, and the others are shown without a test: their law is not that of all. Where the dtype
    cannot hold the law, nothing is tested.
    """
    lost, count = lost_in(ensemble, dtype, summary), summary.count + summary.not_finite
    missing, expected = (), float(round(ensemble.not_finite * count))
    if summary.not_finite or expected:
        missing = (exact("NaN or infinite", expected, expected, expected, float(summary.not_finite)),)
        beyond = (lost.infinite + lost.nan) * count + expected
        if beyond != expected or lost.endless:
            missing = (unjudged("NaN or infinite", float(summary.not_finite), beyond),)
    if not summary.count:
        return missing
    checks = _finite_checks(ensemble, dtype, summary)
    return *missing, *(map(untested, checks) if missing or lost else checks)


def _finite_checks(ensemble: Ensemble, dtype, summary: Summary) -> tuple[Check, ...]:
    if ensemble.marginal is None:
        return tuple(unjudged(name.removesuffix(AROUND), value)
                     for name, value in _observed(summary, summary.mean).items())  # fmt: skip
    unit, scale = standard(ensemble.marginal)
    observed = _observed(summary, scale * unit.mean)
    if ensemble.independent and unit.std:
        return _independent(ensemble, dtype, summary, observed)
    if ensemble.block and unit.std:
        return _orthogonal(ensemble, dtype, summary, observed)
    return _unvarying(unit, scale, dtype, observed)


def _observed(summary: Summary, mean: float) -> dict[str, float]:
    shift = (summary.bins.pivot - mean) / summary.bins.width
    square = (summary.squares + 2 * shift * summary.total) / summary.count + shift * shift  # a power would raise
    std = summary.bins.width * max(square, 0.0) ** 0.5
    return {"mean": summary.mean, STD: std, "min": summary.minimum, "max": summary.maximum}


def _unvarying(unit: Marginal, scale: float, dtype, observed: dict[str, float]) -> tuple[Check, ...]:
    """Constants: each weight is off by its rounding at most, hence each statistic by at most that of the largest."""
    low, high = unit.support
    expected = {"mean": unit.mean, STD: unit.std, "min": low, "max": high}
    room = rounding_of(dtype, max(abs(low), abs(high)) * scale)
    return tuple(exact(name, scale * x, scale * x - room, scale * x + room, observed[name])
                 for name, x in expected.items())  # fmt: skip


def _independent(ensemble: Ensemble, dtype, summary: Summary, observed: dict[str, float]) -> tuple[Check, ...]:
    grain = grain_of(standard(ensemble.marginal)[0], dtype)
    of_moments = moment_checks(ensemble, dtype, summary.count, observed)
    return *of_moments, *_shape_checks(ensemble, dtype, summary, grain)


def moment_checks(ensemble: Ensemble, dtype, count: int, observed: dict[str, float]) -> tuple[Check, ...]:
    """Mean, std around the law's mean, min and max of so many independent weights; complex ones count as two."""
    law, eps = ensemble.marginal, eps_of(dtype)
    unit, scale = standard(law)
    grain, attained = grain_of(unit, dtype), attained_of(law, dtype)
    mean, std = scale * unit.mean, scale * unit.std
    error = std * mean_error(law, count) / count**0.5

    of_mean = mean_law(law, count)
    low, high = mean + error * of_mean.quantile(np.array(TAILS))
    below, above = of_mean.tails((observed["mean"] - mean) / error)
    test = z_text(below, above, of_mean.smallest)
    excused = None
    if grain:
        nearest = _nearer(observed["mean"], mean, scale * grain.mean)
        excused = two_sided(*of_mean.tails((nearest - mean) / error))
    if attained:
        excused = max(excused, attained.of_mean(observed["mean"], count))
    checks = [judged("mean", mean, float(low), float(high), observed["mean"], two_sided(below, above), test, excused)]

    of_square, spread = square_law(law, count), square_error(law, count)
    low, high = std * np.sqrt(np.maximum(1 + spread * of_square.quantile(np.array(TAILS)), 0))
    ratio = float(np.square(observed[STD] / std))
    below, above = of_square.tails((ratio - 1) / spread)
    test = z_text(below, above, of_square.smallest)
    if law.gaussian and count < EXACT:
        test = f"χ²{str(count).translate(SUBSCRIPTS)} = {ratio * count:.1f}"
    if grain:
        nearest = _nearer(observed[STD], std, scale * grain.std)
        excused = two_sided(*of_square.tails((float(np.square(nearest / std)) - 1) / spread))
    if attained:
        excused = max(excused, attained.of_std(observed[STD], count))
    checks.append(judged(STD, std, float(low), float(high), observed[STD], two_sided(below, above), test, excused))

    checks += extremes(
        unit, scale, count, eps, observed, law.complex,
        reach=reach_of(unit, dtype, count), step=step_of(unit, dtype), grain=grain, attained=attained,
    )  # fmt: skip
    return tuple(checks)


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _nearer(observed: float, expected: float, room: float) -> float:
    """The value within `room` of what was observed that is nearest to what was expected."""
    return observed + min(max(expected - observed, -room), room)


def _shape_checks(ensemble: Ensemble, dtype, summary: Summary, grain: Grain | None) -> tuple[Check, Check]:
    """The histogram and the distribution function as a whole."""
    count, (coarse, counts) = summary.count, summary.coarse()
    low, high = histogram_band(ensemble, coarse, count, resolution(dtype))
    outside = (counts < low) | (counts > high)
    in_bins = histogram_probability(ensemble, coarse, counts, count, resolution(dtype)) if outside.any() else 1.0
    # The largest distance at the edges of bins is at most the largest of all, so that the bound holds for it.
    edges = summary.bins.edges
    distance = float(np.abs(np.cumsum(summary.histogram[:-1]) / count - cdf_at(ensemble.marginal, edges)).max())
    of_distance = dkw_probability(ensemble, count, distance)
    bins_excused = distance_excused = None
    if grain:  # the probability of a bin is a difference of two
        bins_excused = histogram_probability(ensemble, coarse, counts, count, 2 * grain.share)
        distance_excused = dkw_probability(ensemble, count, max(distance - grain.share, 0.0))
    test = p_text(of_distance).replace("=", "≤")
    reach = min(cdf_reach(ensemble, count), 1.0)
    return (
        judged("bins outside the band", 0.0, 0.0, 0.0, float(outside.sum()), in_bins, f"of {len(counts)}",
               bins_excused),
        judged("distance of the CDF", 0.0, 0.0, reach, distance, of_distance, test, distance_excused),
    )  # fmt: skip


def _orthogonal(ensemble: Ensemble, dtype, summary: Summary, observed: dict[str, float]) -> tuple[Check, ...]:
    """Entries of a Haar matrix, or of one among zeros: each is a coordinate of a uniform point on a sphere.

    Their sum is √(rows · columns) uᵀWv with unit vectors u and v, and uᵀWv is such a coordinate again: the mean has
    that law exactly. The sum of their squares does not vary at all.
    """
    block = ensemble.block
    unit, scale = standard(block.marginal)
    count, eps = block.rows * block.columns * block.parts, eps_of(dtype)
    taps = summary.count / count
    std = scale * unit.std / taps**0.5
    room = std * eps * orthogonal_limit(ensemble)
    of_std = exact(STD, std, std - room, std + room, observed[STD])
    if unit.atoms:  # a single real entry, ± the scale
        return unjudged("mean", observed["mean"], 0.0), of_std, *(unjudged(x, observed[x]) for x in ("min", "max"))
    share = scale / count**0.5 / taps
    low, high = share * unit.quantile(np.array(TAILS))
    low, high = float(low - eps * abs(low)), float(high + eps * abs(high))
    below = float(unit.cdf(observed["mean"] / share))
    test = z_text(below, 1 - below, np.finfo(float).eps)
    of_mean = judged("mean", 0.0, low, high, observed["mean"], two_sided(below, 1 - below), test)
    typical = median_largest_entry(block.rows, block.columns, complex=block.complex)
    ends = extremes(unit, scale, count, eps, observed, True, zeros=ensemble.sparse and taps > 1, typical=typical)
    return of_mean, of_std, *ends
