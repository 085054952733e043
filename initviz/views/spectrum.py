"""The singular values with their exact law over them and its edges marked."""

import numpy as np

from initviz.spectra import Spectrum
from initviz.views.picture import Picture

CURVE_POINTS = 301
MOST_BARS = 400


def spectrum(singular_values: np.ndarray, law: Spectrum | None, size: tuple[int, int]) -> Picture:
    """Density of the observed singular values as bars, of the bulk's law as a line; edges and single points as spikes.

    Densities are over all min(rows, columns) values, so a law with an outlier integrates to slightly less than 1.
    """
    count = len(singular_values)
    edges = _bar_edges(singular_values, law)
    width = edges[1] - edges[0]
    heights = np.histogram(singular_values, edges)[0] / (max(count, 1) * width)
    x, y = _curve(law, count)
    points = law.points if law else ()
    bulk_edges = law.edges if law and law.edges else ()
    top = max(heights.max(initial=0), y.max(initial=0), 1e-12)
    at = [*bulk_edges, *(position for position, _ in points)]
    names = [f"{name} = {edge:.4g}" for name, edge in zip(("s₋", "s₊"), bulk_edges, strict=False)]
    names += [f"{n} × {position:.4g}" for position, n in points]
    rows = [1.27, 1.19][: len(bulk_edges)] + [1.11] * len(points)  # names one above the other, so that none overlap
    title = f"Singular values: {count:,} of a {size[0]:,} × {size[1]:,} matrix" if count else "Singular values: none"
    layers = {
        "bars": (edges, heights),
        "law": (x, y),
        "marks": (np.array(at), np.full(len(at), top * 1.04)),
        "names": (np.array(at), top * np.array(rows), names),
    }
    labels = {"xlabel": "singular value", "ylabel": "density"}
    return Picture("spectrum", title, _limits(edges, at), (0, top * 1.3), layers, labels)


def _bar_edges(values: np.ndarray, law: Spectrum | None) -> np.ndarray:
    """Edges of about 2 ∛k bars over the bulk, from 0; single values of a law without a bulk fall amid theirs."""
    bulk, values = (law.edges if law and law.edges else ()), values.astype(float)
    top = max([*values[:1], *bulk, *(position for position, _ in law.points)] if law else [*values[:1], 0.0]) or 1.0
    bars = max(2 * max(len(values), 1) ** (1 / 3), 6)
    if law and not bulk:
        width = top / int(bars)
        return (np.arange(int(bars) + 2) - 0.5) * width
    low, high = bulk or (0.0, top)
    width = max((high - low) / bars, top * 1.02 / MOST_BARS)  # not coarser for an outlier far away
    return np.arange(np.ceil(top * 1.02 / width) + 1) * width


def _curve(law: Spectrum | None, count: int):
    """The density of the bulk, scaled to its share of all singular values; nothing without a bulk."""
    if law is None or not law.edges or not count or law.edges[0] == law.edges[1]:
        return np.zeros(0), np.zeros(0)
    low, high = law.edges
    x = low + (high - low) * np.sin(np.linspace(0, np.pi / 2, CURVE_POINTS)) ** 2  # close together at the edges
    return x, law.pdf(x) * law.bulk_count / count


def _limits(edges: np.ndarray, at: list[float]) -> tuple[float, float]:
    top = max(edges[-1], *at, 0.0)
    return -0.08 * top, top * 1.1
