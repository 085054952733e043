"""The weights with their exact law over them: density, distribution function, or the distance between the two."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from initviz.checks import COVERAGE
from initviz.laws.marginals import Marginal
from initviz.views.compared import Draw, kind_of, layered, limits, told_apart, with_room
from initviz.views.curves import NO_BAND, NO_CURVE, NOTHING, bars, clipped, density, highest, named, padded, stairs
from initviz.views.picture import Picture, Series
from initviz.wording import percent, plain

WIDTH = 4.2  # standard deviations toward an end that a law has not, which are always shown
MOST = f"{percent(COVERAGE)} of draws"


def histogram(*answers, names: Sequence[str] = (), kind: str = "density") -> Picture:
    """The weights of one draw, or of several over one another, each with its law, as one of `KINDS`.

    The band around a law holds the draw in 99 % of draws.

    Args:
        answers: with a plan, a summary, and the band and the reach of each.
        names: of several answers, for the legend; by default their initializers.
        kind: one of `KINDS`.

    Raises:
        ValueError: no answer, too many, names that do not tell them apart, or no such kind.
    """
    return kind_of(KINDS, kind)(told_apart(answers, names), _title(answers))


def _title(answers: Sequence) -> str:
    sizes = {_size(answer) for answer in answers}
    parts = [f"{len(answers)} draws of"] * (len(answers) > 1) + sorted(sizes)
    title = f"Weights: {' '.join(parts)}" if len(sizes) == 1 else f"Weights: {len(answers)} draws"
    lost = sum(answer.summary.not_finite for answer in answers)  # the law stays, to be seen beside what is missing
    outside = sum(int(answer.summary.histogram[[0, -1]].sum()) for answer in answers)
    title += f", {lost:,} NaN or infinite left out" * bool(lost)
    return title + f", {outside:,} outside the bins" * bool(outside)


def _size(answer) -> str:
    if not answer.plan.size:
        return "none"
    dtype = str(answer.plan.dtype)
    what = "parts (real, imaginary)" if dtype.startswith("complex") else "values"
    return f"{answer.summary.count:,} {what}, {dtype}"


def _law(answer) -> Marginal | None:
    """The law of a weight; None too where there are no weights."""
    return answer.plan.ensemble.marginal if answer.plan.size else None


class _Density(NamedTuple):
    """What is drawn of a draw, and the height that it takes."""

    edges: np.ndarray
    unit: float
    """Count of a bar of density 1."""
    heights: np.ndarray
    curve: dict[str, np.ndarray]
    atoms: tuple[tuple[float, float], ...]
    top: float

    @classmethod
    def of(cls, answer):
        """Densities; where a law has both a curve and single values, the height follows the curve."""
        summary, marginal = answer.summary, _law(answer)
        edges, counts = summary.coarse()
        unit = max(summary.count, 1) * (edges[1] - edges[0])
        heights = counts / unit
        atoms = tuple(atom for atom in marginal.atoms if np.isfinite(atom[0])) if marginal else ()
        curve = density(marginal, summary.bins.low, summary.bins.high)
        y, beside = curve["y"], np.ones(len(heights), bool)
        if len(y):  # the bars of the atoms would flatten the curve
            at = np.searchsorted(edges, [value for value, _ in atoms], side="right") - 1
            beside[np.clip(at, 0, len(heights) - 1)] = False
        seen = heights[beside]
        top = highest(seen)
        if len(y):
            top = max(top, min(y.max(), 1.6 * top)) if seen.any() else highest(y[np.isfinite(y)])
        return cls(edges, unit, heights, curve, atoms, top)


def _density(draws: tuple[Draw, ...], title: str) -> Picture:
    """Density as bars and as a line; single values of the law as spikes, as high as the bars they predict.

    Where a law has both, the axis follows the continuous part and the spike's label gives the probability and the
    observed share.
    """
    shown = [draw.showing((draw.found, _Density.of(draw.found))) for draw in draws]
    top = max(found.top for _, found in (draw.found for draw in shown))
    xlim = limits(_limits(draw.found) for draw in draws)
    series = layered(shown, partial(_density_parts, top=top))
    if len(draws) == 1:
        series += (_atom_labels(*shown[0].found, top, xlim),)
    return Picture("weights", title, "weight", "density", xlim, with_room((0, top * 1.2), draws), series)


def _density_parts(draw: Draw, top: float) -> tuple[Series, ...]:
    answer, found = draw.found
    band = NO_BAND
    if answer.band:
        low, high = (np.minimum(end / found.unit, top * 1.2) for end in answer.band)
        band = stairs(found.edges, low=low, high=high)
    width = found.edges[1] - found.edges[0]
    spikes = {
        "x": np.array([value for value, _ in found.atoms], float),
        "y": np.array([min(mass / width, top * 1.05) for _, mass in found.atoms], float),
    }
    return (
        Series(draw.name, "bars", bars(found.edges, found.heights), draw.data, "weights"),
        Series(draw.name, "band", band, draw.theory, MOST),
        Series(draw.name, "line", clipped(found.curve, top * 1.2), draw.theory, "exact law"),
        Series(draw.name, "stems", spikes, f"{draw.theory} dashed", "single values of the law"),
    )


def _atom_labels(answer, found: _Density, top: float, xlim: tuple[float, float]) -> Series:
    texts = [_atom_label(value, mass, answer.summary) for value, mass in found.atoms]
    beside = 0.25 * (xlim[1] - xlim[0]) if len(found.curve["x"]) else 0.0
    at = np.array([value + beside for value, _ in found.atoms], float)
    columns = named(at, np.full(len(texts), top * 1.17), texts, xlim)
    return Series("", "labels", columns, "theory", "single values of the law")


def _atom_label(value: float, mass: float, summary) -> str:
    text = f"P(w = {plain(value)}) = {plain(mass)}"
    return text + f", observed {plain(summary.zeros / summary.count)}" if value == 0 and summary.count else text


def _shares(answer, ends: Sequence[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Ends of the fine bins and these, and the share of weights up to there: observed, and by the law."""
    summary, marginal = answer.summary, _law(answer)
    observed = np.cumsum(summary.histogram)[:-1] / max(summary.count, 1)
    x = summary.bins.edges
    if ends:
        x, observed = np.r_[ends[0], x, ends[1]], np.r_[observed[0], observed, observed[-1]]
    return x, observed, marginal.cdf(x) if marginal else None


def _distributions(draws: tuple[Draw, ...]) -> tuple[list[Draw], tuple[float, float]]:
    """Draws with the answer and its shares, drawn on to the ends of a frame that holds several; and that frame."""
    xlim = limits(_limits(draw.found) for draw in draws)
    ends = xlim if len(draws) > 1 else ()
    return [draw.showing((draw.found, *_shares(draw.found, ends))) for draw in draws], xlim


def _cdf(draws: tuple[Draw, ...], title: str) -> Picture:
    """Share of weights up to each point, and the law's, with the band that holds it in 99 % of draws."""
    shown, xlim = _distributions(draws)
    label, ylim = "share of weights up to here", with_room((0, 1.05), draws)
    return Picture("weights", title, "weight", label, xlim, ylim, layered(shown, _cdf_parts))


def _cdf_parts(draw: Draw) -> tuple[Series, ...]:
    answer, x, observed, law = draw.found
    band, curve = NO_BAND, NO_CURVE
    if law is not None:
        curve = {"x": x, "y": law}
        if answer.reach:
            band = {"x": x, "low": np.maximum(law - answer.reach, 0), "high": np.minimum(law + answer.reach, 1)}
    return (
        Series(draw.name, "line", {"x": x, "y": observed}, f"{draw.data} wide", "weights"),
        Series(draw.name, "band", band, draw.theory, MOST),
        Series(draw.name, "line", curve, draw.theory, "exact law"),
    )


def _distance(draws: tuple[Draw, ...], title: str) -> Picture:
    """Observed share of weights up to each point less the law's, which the band holds in 99 % of draws."""
    shown, xlim = _distributions(draws)
    series = layered(shown, _distance_parts)
    top = 1.15 * highest(*(np.abs(column) for each in series for name, column in each.columns.items() if name != "x"))
    known = [draw.found[1] for draw in shown if draw.found[3] is not None]
    x = known[0] if known else NOTHING
    zero = Series("", "line", {"x": x, "y": np.zeros(len(x))}, "theory" if len(draws) == 1 else "quiet", "exact law")
    label, ylim = "observed − law, share up to here", with_room((-top, top), draws)
    return Picture("weights", title, "weight", label, xlim, ylim, (*series, zero))


def _distance_parts(draw: Draw) -> tuple[Series, ...]:
    answer, x, observed, law = draw.found
    level = np.full(len(x), answer.reach or 0.0)
    band = {"x": x, "low": -level, "high": level} if answer.reach else NO_BAND
    distance = {"x": x, "y": observed - law} if law is not None else NO_CURVE
    return (
        Series(draw.name, "band", band, draw.theory, MOST),
        Series(draw.name, "line", distance, draw.data, "weights"),
    )


KINDS = {"density": _density, "CDF": _cdf, "CDF − law": _distance}
"""Ways to show weights."""


def _limits(answer) -> tuple[float, float]:
    """The bins; of an unbounded law all weights, its mean amid them, but no room beyond an end that the law has."""
    summary, marginal = answer.summary, _law(answer)
    low, high = summary.bins.low, summary.bins.high
    if summary.count and marginal and marginal.distribution is not None and not np.isfinite(marginal.support).all():
        reach = max(WIDTH * marginal.std, abs(summary.minimum - marginal.mean), abs(summary.maximum - marginal.mean))
        first, last = marginal.mean - reach, marginal.mean + reach
        low = max(first, low) if np.isfinite(marginal.support[0]) else first
        high = min(last, high) if np.isfinite(marginal.support[1]) else last
    return padded(low, high)
