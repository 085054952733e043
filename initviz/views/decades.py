"""Singular values that differ by powers of ten: the histogram of their logarithms, with a law over it."""

from collections.abc import Mapping

import numpy as np

from initviz.spectra import Spectrum
from initviz.views.curves import CURVE_POINTS, NO_CURVE, NOTHING, bars, highest, named
from initviz.views.picture import Picture, Series
from initviz.views.spectrum import expected_extremes
from initviz.wording import plain

EQUAL = 1e-3
"""Powers of ten within which values are one."""
ROW = 0.14
"""Height of a row of words, of that of the bars."""


def decades(
    name: str,
    title: str,
    kept: np.ndarray,
    count: int,
    law: Spectrum | None = None,
    known: Mapping[str, float] | None = None,
    density: dict | None = None,
) -> Picture:
    """Density per decade of values, descending and above 0, with the density of a law and its edge or single values.

    Args:
        name: of the picture.
        title: of the picture.
        kept: values that have a logarithm.
        count: of all values, of which density is a share.
        law: of the values.
        known: where else theory has something to say, and what.
        density: of the logarithms, where there is no law that would have one.
    """
    known = known or {}
    edges, margin, curve, at, names = np.array([-1.0, 0.0, 1.0]), 0.0, NO_CURVE, NOTHING, []
    if len(kept):
        edges, margin, curve, at, names = _binned(kept, law)
        at = np.r_[at, np.log10(list(known.values()))]
        names += [f"{what} {plain(value)}" for what, value in known.items()]
    curve = curve if density is None else density
    left, right = min([edges[0], *at]), max([edges[-1], *at])
    limits = (left - margin, right + 2 * margin)
    heights = np.histogram(np.log10(kept), edges)[0] / (max(count, 1) * (edges[1] - edges[0]))
    top = highest(heights, curve["y"])
    rows = 1.17 + ROW * np.arange(max(len(known), 1))
    at_rows = np.resize(rows, len(at)) if known else np.full(len(at), rows[0])
    series = (
        Series("", "bars", bars(edges, heights), "data", "singular values"),
        Series("", "line", curve, "theory", "law of wide layers"),
        Series("", "stems", {"x": at, "y": np.full(len(at), top * 1.04)}, "theory dashed", "edge or value of the law"),
        *expected_extremes("", "theory", law, (top * 0.12, top * 0.12), np.log10),
        Series("", "labels", named(at, top * at_rows, names, limits), "theory", "edge or value of the law"),
    )  # fmt: skip
    ylim = (0, top * (rows[-1] + 0.03))
    return Picture(name, title, "log₁₀ of the singular value", "density per decade", limits, ylim, series)


def _binned(kept: np.ndarray, law: Spectrum | None) -> tuple[np.ndarray, float, dict, np.ndarray, list[str]]:
    """In logarithms: edges of bars and the margin beside them, the law's density, its largest or only value, named."""
    low, high = np.log10(kept[-1]), np.log10(kept[0])
    bulk = np.log10(law.edges[1]) if law and law.edges else None
    points = [np.log10(position) for position, _ in law.points if position > 0] if law else []
    high = high if bulk is None else max(high, bulk)
    margin = max(0.06 * (high - low), 0.05)
    edges = np.linspace(low, max(high, low + margin), max(int(2 * len(kept) ** (1 / 3)), 6) + 1)
    curve = NO_CURVE
    if points or high - low < EQUAL:  # an odd number of bars puts a single value amid the middle one
        middle = points[0] if points else (low + high) / 2
        edges = np.linspace(middle - 5 * margin, middle + 5 * margin, 12)
    if bulk is not None:
        x = np.linspace(low, bulk, CURVE_POINTS + 1)
        curve = {"x": x, "y": np.append(law.pdf(10 ** x[:-1]) * 10 ** x[:-1] * np.log(10), 0.0)}
    at = np.array([*points, *([] if bulk is None else [bulk])])
    names = [f"{'all equal:' if points else 'edge of the law:'} {plain(10**each)}" for each in points or at]
    return edges, margin, curve, at, names
