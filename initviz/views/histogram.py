"""The histogram of the weights with the exact density over it."""

import numpy as np

from initviz.marginals import Marginal
from initviz.summary import BINS, Summary
from initviz.views.picture import Picture

CURVE_POINTS = 301
MERGES = [2**k for k in range(int(np.log2(BINS)) - 2)]  # display bins are merged fine bins: 128, 64, … 8


def display_bins(summary: Summary) -> tuple[np.ndarray, np.ndarray]:
    """Edges and counts of as many bins as the count supports (Rice's rule 2 ∛n): fine bins, merged."""
    wanted = 2 * max(summary.count, 1) ** (1 / 3)
    merge = next((m for m in MERGES if BINS / m <= wanted), MERGES[-1])
    return summary.bins.edges[::merge], summary.inside.reshape(-1, merge).sum(1)


def histogram(summary: Summary, marginal: Marginal | None, dtype: str = "float32") -> Picture:
    """Density of the observed weights as bars, of their law as a line; single values of the law as spikes.

    A spike is as high as the bar it predicts. Where a law has both, the axis follows the continuous part and the
    spike's label gives the probability and the observed share.
    """
    edges, counts = display_bins(summary)
    width = edges[1] - edges[0]
    heights = counts / (max(summary.count, 1) * width)
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
    what = "parts (real, imaginary)" if dtype.startswith("complex") else "values"
    title = f"Weights: {summary.count:,} {what}, {dtype}"
    if summary.not_finite:  # the law stays, to be seen beside what is missing
        title += f", {summary.not_finite:,} NaN or infinite left out"
    outside = summary.histogram[[0, -1]].sum()
    if outside:
        title += f", {outside:,} outside the plot"
    spike_heights = [min(mass / width, top * 1.05) for _, mass in atoms]
    layers = {
        "bars": (edges, heights),
        "law": (x, np.minimum(y, top * 1.2)),
        "marks": (np.array([value for value, _ in atoms]), np.array(spike_heights)),
        "names": (np.array(beside_spikes), np.full(len(atoms), top * 1.17), labels),
    }
    return Picture("weights", title, limits, (0, top * 1.2), layers, {"xlabel": "weight", "ylabel": "density"})


def _curve(marginal: Marginal | None, summary: Summary):
    """The density where it is not 0, closed at finite ends of the support so that a cut shows as a cut."""
    if marginal is None or marginal.distribution is None:
        return np.zeros(0), np.zeros(0)
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
