"""What closer looks show: pictures and a few words for each answer of `initviz.probes`."""

from html import escape

import numpy as np

from initviz.views.histogram import NOTHING
from initviz.views.picture import Picture
from initviz.views.spectrum import KINDS, bar_edges, density_curve, spectrum
from initviz.views.text import number, paragraph, ranks_table, table
from initviz.wording import plain

View = tuple[tuple[Picture, ...], str]


def seeds(found, kind: str) -> View:
    """Band of 90 % of the draws and their median, of the histogram and of the singular values; one draw over them."""
    result, draws = found.result, len(found.seeds)
    pictures = [_weights_of_seeds(found)]
    if found.singular_values.shape[1]:
        pictures.append(SPREADS[kind](found))
    first, last = found.seeds[0], found.seeds[-1]
    return tuple(pictures), paragraph(
        f"{result.plan.initializer}, {draws} draws, seeds {first} to {last}. Pale: 90 % of the draws; dotted: their "
        f"median; line: the draw with seed {first}. Orange: the exact law, where it has a density."
    )


def _weights_of_seeds(found) -> Picture:
    summary, marginal = found.result.summary, found.result.plan.ensemble.marginal
    edges = summary.coarse()[0]
    unit = max(summary.count, 1) * (edges[1] - edges[0])
    low, middle, high = (_stairs(each / unit) for each in found.count_quantiles)
    x = np.repeat(edges, 2)[1:-1]
    inner = np.linspace(edges[0], edges[-1], 301)[1:-1]
    law = (inner, marginal.pdf(inner)) if marginal and marginal.distribution is not None else (NOTHING, NOTHING)
    top = 1.15 * max(high.max(), 1e-12)
    layers = {
        "spread": (x, low, high),
        "median": (x, middle),
        "line": (x, _stairs(found.counts[0] / unit)),
        "law": (law[0], np.minimum(law[1], top)),
    }
    margin = 0.04 * (edges[-1] - edges[0])
    labels = {"xlabel": "weight", "ylabel": "density"}
    title = f"Weights: {len(found.seeds)} draws of {summary.count:,}"
    return Picture("seeds-weights", title, (edges[0] - margin, edges[-1] + margin), (0, top), layers, labels)


def _stairs(heights: np.ndarray) -> np.ndarray:
    return np.repeat(heights, 2)


def _values_title(found) -> str:
    rows, columns = found.result.unfolding.size
    return f"Singular values: {len(found.seeds)} draws, {rows:,} × {columns:,}"


def _density_of_seeds(found) -> Picture:
    law, values = found.result.spectrum, found.singular_values
    edges = bar_edges(values.max(axis=0), law)
    heights = np.array([np.histogram(each, edges)[0] for each in values]) / (values.shape[1] * (edges[1] - edges[0]))
    low, middle, high = (_stairs(each) for each in np.quantile(heights, (0.05, 0.5, 0.95), axis=0))
    x, top = np.repeat(edges, 2)[1:-1], 1.15 * max(high.max(), 1e-12)
    curve = density_curve(law)
    layers = {
        "spread": (x, low, high),
        "median": (x, middle),
        "line": (x, _stairs(heights[0])),
        "law": (curve[0], np.minimum(curve[1], top)),
    }
    labels = {"xlabel": "singular value", "ylabel": "density"}
    limits = (-0.04 * edges[-1], 1.04 * edges[-1])
    return Picture("seeds-spectrum", _values_title(found), limits, (0, top), layers, labels)


def _sorted_of_seeds(found) -> Picture:
    law, values = found.result.spectrum, found.singular_values
    count = values.shape[1]
    rank, (low, middle, high) = np.arange(1, count + 1), found.value_quantiles
    layers = {
        "spread": (rank, low, high),
        "median": (rank, middle),
        "line": (rank, values[0]),
        "law": (rank, law.quantile(1 - (rank - 0.5) / count)) if law else (NOTHING, NOTHING),
    }
    top, margin = 1.1 * max(values.max(), 1e-12), 0.06 * count
    labels = {"xlabel": "rank", "ylabel": "singular value"}
    return Picture(
        "seeds-spectrum", _values_title(found), (1 - margin, count + margin), (-0.04 * top, top), layers, labels
    )


def _cdf_of_seeds(found) -> Picture:
    law, values = found.result.spectrum, found.singular_values
    top = 1.04 * max(values.max(), 1e-12)
    x = np.linspace(0, top, 401)
    shares = np.array([np.searchsorted(np.sort(each), x, side="right") for each in values]) / values.shape[1]
    low, middle, high = np.quantile(shares, (0.05, 0.5, 0.95), axis=0)
    layers = {
        "spread": (x, low, high),
        "median": (x, middle),
        "line": (x, shares[0]),
        "law": (x, law.cdf(x)) if law else (NOTHING, NOTHING),
    }
    labels = {"xlabel": "singular value", "ylabel": "share of values up to here"}
    return Picture("seeds-spectrum", _values_title(found), (-0.04 * top, top), (0, 1.05), layers, labels)


SPREADS = dict(zip(KINDS, (_density_of_seeds, _sorted_of_seeds, _cdf_of_seeds), strict=True))
"""The band of many draws in each of the ways to show singular values."""


def whole(found, kind: str) -> View:
    """All singular values of a matrix, however large."""
    rows, columns = found.unfolding.full
    picture = spectrum(found.singular_values, found.law, (rows, columns), kind, "whole")
    return (picture,), paragraph(
        f"All {len(found.singular_values):,} singular values of the {rows:,} × {columns:,} matrix; of one too large to "
        "decompose at once the tab Draw shows a leading block."
    )


def convolution(found, kind: str) -> View:
    """Singular values of the convolution as an operator, beside those of the flattened kernel."""
    result, size = found.result, " × ".join(map(str, found.sizes))
    flat = spectrum(
        result.singular_values, result.spectrum, result.unfolding.size, kind, "flattened",
        f"Flattened kernel: {len(result.singular_values):,} singular values",
    )  # fmt: skip
    operator = spectrum(
        found.singular_values, found.law, (0, 0), kind, "operator",
        f"Convolution on {size}, circular: {len(found.singular_values):,} singular values",
    )  # fmt: skip
    taps = int(np.prod(result.plan.shape[:-2]))
    tops = [float(each[0]) for each in (found.singular_values, result.singular_values)]
    words = [
        f"The layer maps a whole input of {size} positions; by how much it stretches one is a singular value of that "
        f"map, found frequency by frequency (FFT, stride 1, circular padding). The largest here is {number(tops[0])}; "
        f"that of the flattened kernel, {number(tops[1])}, is not: every input is read {taps} times, once by "
        "each tap, so the map can stretch it up to √taps times as much."
    ]
    if found.law is None:
        words.append("No law of this operator is known.")
    layer = result.question.layer
    if layer.kind.sums and (set(layer.layer.stride) | set(layer.layer.dilation)) != {1}:
        words.append("The layer's stride and dilation are left out: every position is an output here.")
    return (flat, operator), paragraph(" ".join(words)) + ranks_table(found.ranks)


def depth(found) -> View:
    """Singular values of a product of layers, in decades."""
    values, rows = found.singular_values, found.plan.shape[0]
    kept = values[values > found.floor]
    title = f"Product of {found.layers} layers, {rows} × {rows}"
    labels = {"xlabel": "log₁₀ of the singular value", "ylabel": "density per decade"}
    if not len(kept):
        empty = {"bars": (np.array([-1.0, 0.0, 1.0]), np.zeros(2)), "law": (NOTHING, NOTHING),
                 "marks": (NOTHING, NOTHING), "names": (NOTHING, NOTHING, [])}  # fmt: skip
        return (Picture("depth", title, (-1, 1), (0, 1), empty, labels),), paragraph(
            f"{found.plan.initializer}: all singular values of the product are 0, which has no logarithm."
        )
    low, high = np.log10(kept[-1]), np.log10(kept[0])
    if found.law and found.law.edges:
        high = max(high, np.log10(found.law.edges[1]))
    points = [np.log10(position) for position, _ in found.law.points if position > 0] if found.law else []
    margin = max(0.06 * (high - low), 0.05)
    edges = np.linspace(low, max(high, low + margin), max(int(2 * len(kept) ** (1 / 3)), 6) + 1)
    if points:  # an odd number of bars puts a single value amid the middle one
        edges = np.linspace(points[0] - 5 * margin, points[0] + 5 * margin, 12)
    width = edges[1] - edges[0]
    heights = np.histogram(np.log10(kept), edges)[0] / (len(values) * width)
    curve = (NOTHING, NOTHING)
    if found.law and found.law.edges:
        inner = np.linspace(low, np.log10(found.law.edges[1]), 402)
        density = found.law.pdf(10 ** inner[:-1]) * 10 ** inner[:-1] * np.log(10)
        curve = (inner, np.append(density, 0.0))
    top = max(heights.max(initial=0), curve[1].max(initial=0), 1e-12)
    marks = [*points, *([np.log10(found.law.edges[1])] if found.law and found.law.edges else [])]
    names = [f"all equal: {number(10**at)}" for at in points] or [f"largest → {number(10**at)}" for at in marks]
    layers = {
        "bars": (edges, heights),
        "law": curve,
        "marks": (np.array(marks, float), np.full(len(marks), top * 1.04)),
        "names": (np.array(marks, float), np.full(len(marks), top * 1.17), names),
    }
    picture = Picture("depth", title, (edges[0] - margin, edges[-1] + 2 * margin), (0, top * 1.2), layers, labels)
    lost = len(values) - len(kept)
    words = [
        f"{found.plan.initializer} on {rows} × {rows}, {found.layers} layers multiplied in double precision. "
        f"Largest {number(float(values[0]))}, median {number(float(np.median(values)))}.",
        f"{lost} values are too small to be told from rounding and left out." * bool(lost),
        found.note,
        "Orange: the law of wide layers (Fuss–Catalan)." * bool(found.law and found.law.edges),
    ]
    return (picture,), paragraph(" ".join(filter(None, words)))


def precision(found) -> View:
    """The chosen dtype drawn both ways, and a table of all dtypes."""
    ways = [row.way for row in found.rows if row.dtype == found.dtype]
    pictures = [
        _values_of_dtype(found, f"precision-{name}", way, counts, comb)
        for name, way, counts, comb in zip(
            ("drawn", "cast"), ways, (found.drawn, found.cast), (found.comb, None), strict=False
        )
    ]
    said = "".join(f"<li>{escape(each)}</li>" for each in found.explanations)
    heads = ["dtype", "way", "distinct values", "bias / σ", "bias / standard error", "largest |z|", "possible |z|",
             "zeros", "NaN or infinite"]  # fmt: skip
    note = paragraph(f"Of {found.note}.") if found.note else ""
    rows = table("Dtypes", heads, [_precision_row(row) for row in found.rows], prose=(1,))
    return tuple(pictures), f"<ul>{said}</ul>{note}{rows}"


def _values_of_dtype(found, name: str, way: str, counts: np.ndarray, comb) -> Picture:
    """Every value with its share of the weights where they are few, else their histogram with the law over it."""
    margin = 0.04 * (found.edges[-1] - found.edges[0])
    limits = (found.edges[0] - margin, found.edges[-1] + margin)
    title = f"{found.dtype}, {way}: {counts.sum():,} finite weights"
    if comb:
        share = comb.counts / max(comb.count, 1)
        layers, quantity = {"stems": (comb.values, share)}, f"share of each of {len(comb.values):,} values"
        top = 1.1 * max(share.max(initial=0), 1e-12)
    else:
        density = counts / (max(counts.sum(), 1) * (found.edges[1] - found.edges[0]))
        top, quantity = 1.1 * max(density.max(), 1e-12), "density"
        inner = np.linspace(found.edges[0], found.edges[-1], 301)[1:-1]
        law = (inner, np.minimum(found.law.pdf(inner), top)) if found.law else (NOTHING, NOTHING)
        layers = {"bars": (found.edges, density), "law": law}
    return Picture(name, title, limits, (0, top), layers, {"xlabel": "weight", "ylabel": quantity})


def _precision_row(row) -> list[str]:
    if row.values is None:
        return [row.dtype, row.way, f"cannot be drawn: {row.note}"]
    numbers = [number(each, 3) for each in (row.bias, row.deviation, row.farthest, row.possible)]
    return [row.dtype, row.way, f"{len(row.values.values):,}", *numbers, f"{row.values.zeros:,}",
            f"{row.values.not_finite:,}"]  # fmt: skip


def parity(found) -> View:
    """Whether this very draw is that of the installed jax, in one line."""
    mark = "✓" if found.identical else "≈" if found.compared else "–"
    return (), f"<p style='margin: 0.1rem 0'>{mark} {escape(found.text)}</p>"


def randomness(found) -> View:
    """Every generator, with the first weights it draws and what it promises."""
    heads = ["generator", "partitionable", "first weights", "same as jax's printed example", "slice of a larger draw",
             "vmap equals a loop", "remark"]  # fmt: skip
    marks = {True: "✓ yes", False: "✗ no", None: "–"}
    rows = [
        [row.generator, "on" if row.partitionable else "off", ", ".join(plain(w) for w in row.first),
         marks[row.reproduces], marks[row.prefix], marks[row.vmap], row.remark]
        for row in found.rows
    ]  # fmt: skip
    return (), paragraph(found.summary) + table("Generators", heads, rows, prose=(6,))
