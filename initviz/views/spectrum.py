"""The singular values with their exact law over them: density, sorted values or distribution function."""

import numpy as np

from initviz.spectra import Expected, Spectrum
from initviz.views.picture import Picture

CURVE_POINTS = 301
MOST_BARS = 400
NAME_ROWS = (1.27, 1.19)  # heights of the names of the edges, one above the other, so that none overlap
LETTER = 6.5 / 380  # width of a letter in that of the plot
POINT_ROW = 1.11
MOST_NAMES = 3  # single values of the law that are named; more would overlap


def spectrum(
    singular_values: np.ndarray,
    law: Spectrum | None,
    size: tuple[int, int],
    kind: str = "density",
    name: str = "spectrum",
    title: str = "",
) -> Picture:
    """The observed singular values and their law, as one of `KINDS`.

    The law's edges and single values are dashed; diamonds are the largest and the smallest value expected at this
    size, with one standard deviation either way. Densities are over all values, so that of a law with an outlier
    integrates to slightly less than 1.
    """
    count = len(singular_values)
    if not title:
        title = (
            f"Singular values: {count:,} of a {size[0]:,} × {size[1]:,} matrix" if count else "Singular values: none"
        )
    return KINDS[kind](singular_values, law, name, title)


def _density(values: np.ndarray, law: Spectrum | None, name: str, title: str) -> Picture:
    edges = bar_edges(values, law)
    width = edges[1] - edges[0]
    heights = np.histogram(values, edges)[0] / (max(len(values), 1) * width)
    x, y = density_curve(law)
    top = max(heights.max(initial=0), y.max(initial=0), 1e-12)
    at, names, rows = _named(law)
    layers = {
        "bars": (edges, heights),
        "law": (x, y),
        "marks": (at, np.full(len(at), top * 1.04)),
        **_extremes(law, np.full(2, top * 0.12)),
        "names": (_within(at, names, _limits(edges, at)), top * rows, names),
    }
    labels = {"xlabel": "singular value", "ylabel": "density"}
    return Picture(name, title, _limits(edges, at), (0, top * 1.3), layers, labels)


def _cdf(values: np.ndarray, law: Spectrum | None, name: str, title: str) -> Picture:
    edges = bar_edges(values, law)
    at, names, rows = _named(law)
    limits = _limits(edges, at)
    steps = np.repeat(np.sort(values), 2), np.repeat(np.arange(len(values) + 1), 2)[1:-1] / max(len(values), 1)
    x = np.unique(np.concatenate([density_curve(law)[0], at, np.nextafter(at, -np.inf), [0.0, limits[1]]]))
    layers = {
        "values": steps,
        "law": (x, law.cdf(x)) if law and len(values) else (np.zeros(0), np.zeros(0)),
        "marks": (at, np.full(len(at), 1.04)),
        **_extremes(law, np.array([1.0, 0.0])),
        "names": (_within(at, names, limits), rows, names),
    }
    labels = {"xlabel": "singular value", "ylabel": "share of values up to here"}
    return Picture(name, title, limits, (0, 1.3), layers, labels)


def _sorted(values: np.ndarray, law: Spectrum | None, name: str, title: str) -> Picture:
    count = max(len(values), 1)
    at, names, _ = _named(law)
    rank = np.arange(1, len(values) + 1)
    top = max([*values[:1].astype(float), *at, 1e-12])
    points = np.unique(np.concatenate([np.linspace(0.5, count - 0.5, CURVE_POINTS), rank[:5] - 0.5, rank[-5:] - 0.5]))
    curve = (points + 0.5, law.quantile(1 - points / count)) if law and len(values) else (np.zeros(0), np.zeros(0))
    margin = 0.04 * count
    left, right = np.full(len(at), 1 - margin), np.full(len(at), count + margin)
    layers = {
        "values": (rank, values),
        "law": curve,
        "levels": (left, at, right, at),
        **_extremes(law, np.array([1.0, count]), upright=True),
        "names": (np.full(len(names), 0.5 * count), at[: len(names)] + 0.13 * top, names),
    }
    labels = {"xlabel": "rank", "ylabel": "singular value"}
    return Picture(name, title, (1 - 2 * margin, count + 2 * margin), (-0.04 * top, 1.2 * top), layers, labels)


KINDS = {"density": _density, "sorted": _sorted, "CDF": _cdf}
"""Ways to show singular values."""


def _named(law: Spectrum | None) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Positions of edges and single values, the names of the first of them, and how high the names stand."""
    if law is None:
        return np.zeros(0), [], np.zeros(0)
    edges, points = law.edges or (), law.points
    names = [f"{name} = {edge:.4g}" for name, edge in zip(("s₋", "s₊"), edges, strict=False)]
    for (position, count), what in zip(points[:MOST_NAMES], law.point_names, strict=False):
        names.append(f"{what}: {position:.4g}" if count == 1 else f"{what}: {count:,} × {position:.4g}")
    rows = NAME_ROWS[: len(edges)] + (POINT_ROW,) * min(len(points), MOST_NAMES)
    return np.array([*edges, *(position for position, _ in points)], float), names, np.array(rows)


def _within(at: np.ndarray, names: list[str], limits: tuple[float, float]) -> np.ndarray:
    """Where to centre names so that none is cut off by the frame of a plot of ordinary width."""
    half = np.array([len(name) for name in names]) * LETTER / 2 * (limits[1] - limits[0])
    return np.clip(at[: len(names)], limits[0] + half, np.maximum(limits[1] - half, limits[0] + half))


def _extremes(law: Spectrum | None, at: np.ndarray, upright: bool = False) -> dict[str, tuple]:
    """The expected largest and smallest value as diamonds at these places, each within its standard deviation."""
    expected = [(law.largest, at[0]), (law.smallest, at[1])] if law else []
    drawn: list[tuple[Expected, float]] = [(value, place) for value, place in expected if value and value.sd]
    means, sds = np.array([value.mean for value, _ in drawn]), np.array([value.sd for value, _ in drawn])
    places = np.array([place for _, place in drawn])
    if upright:
        return {"reach": (places, means - sds, places, means + sds), "expected": (places, means)}
    return {"reach": (means - sds, places, means + sds, places), "expected": (means, places)}


def bar_edges(values: np.ndarray, law: Spectrum | None) -> np.ndarray:
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


def density_curve(law: Spectrum | None) -> tuple[np.ndarray, np.ndarray]:
    """The density of the bulk, scaled to its share of all singular values; nothing without a bulk."""
    if law is None or not law.edges or law.edges[0] == law.edges[1]:
        return np.zeros(0), np.zeros(0)
    low, high = law.edges
    x = low + (high - low) * np.sin(np.linspace(0, np.pi / 2, CURVE_POINTS)) ** 2  # close together at the edges
    return x, law.pdf(x) * law.bulk_count / (law.bulk_count + sum(n for _, n in law.points))


def _limits(edges: np.ndarray, at: np.ndarray) -> tuple[float, float]:
    top = max(edges[-1], *at, 0.0)
    return -0.08 * top, top * 1.1
