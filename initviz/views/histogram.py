"""The weights with their exact law over them: density, distribution function, or the distance between the two."""

import numpy as np

from initviz.engine.summary import Summary
from initviz.laws.marginals import Marginal
from initviz.views.picture import Picture

CURVE_POINTS = 301
NOTHING = np.zeros(0)


def histogram(
    summary: Summary,
    marginal: Marginal | None,
    dtype: str = "float32",
    band: tuple[np.ndarray, np.ndarray] | None = None,
    reach: float | None = None,
    kind: str = "density",
) -> Picture:
    """The observed weights and their law, as one of `KINDS`.

    Args:
        summary: of the draw.
        marginal: the law of one weight; None where none is known.
        dtype: of the weights.
        band: smallest and largest count for each bin of `summary.coarse()`, together right in 99 % of draws; or None.
        reach: largest distance of the distribution functions in 99 % of draws; or None.
        kind: one of `KINDS`.
    """
    what = "parts (real, imaginary)" if dtype.startswith("complex") else "values"
    title = f"Weights: {summary.count:,} {what}, {dtype}"
    if summary.not_finite:  # the law stays, to be seen beside what is missing
        title += f", {summary.not_finite:,} NaN or infinite left out"
    outside = summary.histogram[[0, -1]].sum()
    if outside:
        title += f", {outside:,} outside the plot"
    return KINDS[kind](summary, marginal, title, band, reach)


def _density(summary: Summary, marginal: Marginal | None, title: str, band, reach) -> Picture:
    """Density as bars and as a line; single values of the law as spikes, as high as the bars they predict.

    Where a law has both, the axis follows the continuous part and the spike's label gives the probability and the
    observed share.
    """
    edges, counts = summary.coarse()
    width = edges[1] - edges[0]
    unit = max(summary.count, 1) * width
    heights = counts / unit
    atoms = marginal.atoms if marginal else ()
    x, y = _curve(marginal, summary)
    top = max(heights.max(initial=0), 1e-12)
    if atoms and len(x):  # follow the continuous part: the bars of the atoms would flatten it
        beside = np.ones(len(heights), bool)
        beside[
            np.clip(np.searchsorted(edges, [value for value, _ in atoms], side="right") - 1, 0, len(heights) - 1)
        ] = False
        top = max(heights[beside].max(initial=0), 1e-12)
    if len(x):
        top = max(top, min(y.max(), 1.6 * top)) if heights.any() else y[np.isfinite(y)].max()
    labels = [_atom_label(value, mass, summary) for value, mass in atoms]
    limits = _limits(summary, marginal)
    beside_spikes = [value + (0.25 * (limits[1] - limits[0]) if len(x) else 0.0) for value, _ in atoms]
    spike_heights = [min(mass / width, top * 1.05) for _, mass in atoms]
    layers = {
        "bars": (edges, heights),
        "band": _stairs(edges, *(np.minimum(end / unit, top * 1.2) for end in band)) if band else (NOTHING,) * 3,
        "law": (x, np.minimum(y, top * 1.2)),
        "marks": (np.array([value for value, _ in atoms]), np.array(spike_heights)),
        "names": (np.array(beside_spikes), np.full(len(atoms), top * 1.17), labels),
    }
    return Picture("weights", title, limits, (0, top * 1.2), layers, {"xlabel": "weight", "ylabel": "density"})


def _stairs(edges: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A band that is level over each bin."""
    return np.repeat(edges, 2)[1:-1], np.repeat(low, 2), np.repeat(high, 2)


def _distribution(summary: Summary, marginal: Marginal | None):
    """Ends of the fine bins, and the share of weights up to there: observed, and by the law."""
    edges = summary.bins.edges
    observed = np.cumsum(summary.histogram)[:-1] / max(summary.count, 1)
    return edges, observed, marginal.cdf(edges) if marginal else None


def _cdf(summary: Summary, marginal: Marginal | None, title: str, band, reach) -> Picture:
    """Share of weights up to each point, and the law's, with the band that holds it in 99 % of draws."""
    x, observed, law = _distribution(summary, marginal)
    around = (x, np.maximum(law - reach, 0), np.minimum(law + reach, 1)) if reach and marginal else (NOTHING,) * 3
    layers = {"line": (x, observed), "band": around, "law": (x, law) if marginal else (NOTHING, NOTHING)}
    labels = {"xlabel": "weight", "ylabel": "share of weights up to here"}
    return Picture("weights", title, _limits(summary, marginal), (0, 1.05), layers, labels)


def _distance(summary: Summary, marginal: Marginal | None, title: str, band, reach) -> Picture:
    """Observed share of weights up to each point less the law's, which the band holds in 99 % of draws."""
    x, observed, law = _distribution(summary, marginal)
    distance = observed - law if marginal else np.zeros_like(x)
    level = np.full(len(x), reach or 0.0)
    top = 1.15 * max(reach or 0.0, np.abs(distance).max(), 1e-12)
    layers = {
        "line": (x, distance) if marginal else (NOTHING, NOTHING),
        "band": (x, -level, level) if reach else (NOTHING,) * 3,
        "law": (x, np.zeros(len(x))) if marginal else (NOTHING, NOTHING),
    }
    labels = {"xlabel": "weight", "ylabel": "observed − law, share up to here"}
    return Picture("weights", title, _limits(summary, marginal), (-top, top), layers, labels)


KINDS = {"density": _density, "CDF": _cdf, "CDF − law": _distance}
"""Ways to show weights."""


def _curve(marginal: Marginal | None, summary: Summary):
    """The density where it is not 0, closed at finite ends of the support so that a cut shows as a cut."""
    if marginal is None or marginal.distribution is None:
        return NOTHING, NOTHING
    low, high = (float(end) for end in marginal.distribution.support())
    low, high = max(low, summary.bins.low), min(high, summary.bins.high)
    inner = np.linspace(low, high, CURVE_POINTS + 2)[1:-1]
    density = marginal.pdf(inner)
    return np.concatenate([[low], inner, [high]]), np.concatenate([[0.0], density, [0.0]])


def _limits(summary: Summary, marginal: Marginal | None) -> tuple[float, float]:
    low, high = summary.bins.low, summary.bins.high
    if marginal and marginal.distribution is not None and not np.isfinite(marginal.support).all():
        reach = max(4.2 * marginal.std, abs(summary.minimum - marginal.mean), abs(summary.maximum - marginal.mean))
        low, high = marginal.mean - reach, marginal.mean + reach
    margin = 0.04 * (high - low)
    return low - margin, high + margin


def _atom_label(value: float, mass: float, summary: Summary) -> str:
    text = f"P(w = {value:.4g}) = {mass:.4g}"
    return text + f", observed {summary.zeros / max(summary.count, 1):.4g}" if value == 0 and summary.count else text
