"""What closer looks show: pictures and a few words for each answer of `initviz.probes`."""

from html import escape

import numpy as np

from initviz.probes.seeds import COVERAGE, spread
from initviz.spectra import EXACT
from initviz.views.curves import CURVE_POINTS, NO_CURVE, bars, clipped, density, highest, padded, stairs
from initviz.views.decades import decades
from initviz.views.picture import Picture, Series
from initviz.views.spectrum import bar_edges, density_curve, holds_of, spectrum_of, title_of
from initviz.views.text import paragraph, ranks_table, table
from initviz.wording import percent, plain, several

View = tuple[tuple[Picture, ...], str]
MOST = f"{percent(COVERAGE)} of the draws"


def seeds(found, kind: str) -> View:
    """Band of most of the draws and their median, of the histogram and of the singular values; one draw over them."""
    result, draws = found.result, len(found.seeds)
    pictures = [_weights_of_seeds(found)]
    if found.singular_values.shape[1]:
        pictures.append(SPREADS[kind](found))
    first, last = found.seeds[0], found.seeds[-1]
    return tuple(pictures), paragraph(
        f"{result.plan.initializer}, {draws} draws, seeds {first} to {last}. Pale: {MOST}; dotted: their "
        f"median; line: the draw with seed {first}. Orange: the {EXACT} of weights, where it has a density"
        + (f"; of singular values: {result.spectrum.holds}." if result.spectrum else ".")
    )


def _over_seeds(found, band: dict, median: dict, drawn: dict, law: dict, holds: str) -> tuple[Series, ...]:
    return (
        Series("", "band", band, "data pale", MOST),
        Series("", "line", median, "data dotted", "median of the draws"),
        Series("", "line", drawn, "data", f"seed {found.seeds[0]}"),
        Series("", "line", law, "theory", holds),
    )


def _bars_over_seeds(found, edges: np.ndarray, quantiles, drawn: np.ndarray, law: dict, top: float, holds: str):
    """Densities over the same bins of every draw, as stairs."""
    low, middle, high = quantiles
    band, median, first = stairs(edges, low=low, high=high), stairs(edges, y=middle), stairs(edges, y=drawn)
    return _over_seeds(found, band, median, first, clipped(law, top), holds)


def _weights_of_seeds(found) -> Picture:
    summary = found.result.summary
    edges = summary.coarse()[0]
    unit = max(summary.count, 1) * (edges[1] - edges[0])
    quantiles, law = found.count_quantiles / unit, density(found.result.plan.ensemble.marginal, edges[0], edges[-1])
    top = 1.15 * highest(quantiles[-1])
    series = _bars_over_seeds(found, edges, quantiles, found.counts[0] / unit, law, top, EXACT)
    title = f"Weights: {len(found.seeds)} draws of {summary.count:,}"
    return Picture("seeds-weights", title, "weight", "density", padded(edges[0], edges[-1]), (0, top), series)


def _values_title(found) -> str:
    rows, columns = found.result.unfolding.size
    return f"Singular values: {len(found.seeds)} draws, {rows:,} × {columns:,}"


def _density_of_seeds(found) -> Picture:
    law, values = found.result.spectrum, found.singular_values
    edges = bar_edges(values.max(axis=0), law)
    heights = np.array([np.histogram(each, edges)[0] for each in values]) / (values.shape[1] * (edges[1] - edges[0]))
    quantiles = spread(heights)
    top = 1.15 * highest(quantiles[-1])
    series = _bars_over_seeds(found, edges, quantiles, heights[0], density_curve(law), top, holds_of(law))
    limits = (-0.04 * edges[-1], 1.04 * edges[-1])
    return Picture("seeds-spectrum", _values_title(found), "singular value", "density", limits, (0, top), series)


def _sorted_of_seeds(found) -> Picture:
    law, values = found.result.spectrum, found.singular_values
    count = values.shape[1]
    rank, (low, middle, high) = np.arange(1, count + 1), found.value_quantiles
    curve = {"x": rank, "y": law.quantile(1 - (rank - 0.5) / count)} if law else NO_CURVE
    band, median, drawn = {"x": rank, "low": low, "high": high}, {"x": rank, "y": middle}, {"x": rank, "y": values[0]}
    top, margin = 1.1 * highest(values), 0.06 * count
    limits, ylim = (1 - margin, count + margin), (-0.04 * top, top)
    series = _over_seeds(found, band, median, drawn, curve, holds_of(law))
    return Picture("seeds-spectrum", _values_title(found), "rank", "singular value", limits, ylim, series)


def _cdf_of_seeds(found) -> Picture:
    law, values = found.result.spectrum, found.singular_values
    top = 1.04 * highest(values)
    x = np.linspace(0, top, CURVE_POINTS)
    shares = np.array([np.searchsorted(np.sort(each), x, side="right") for each in values]) / values.shape[1]
    low, middle, high = spread(shares)
    curve = {"x": x, "y": law.cdf(x)} if law else NO_CURVE
    band, median, drawn = {"x": x, "low": low, "high": high}, {"x": x, "y": middle}, {"x": x, "y": shares[0]}
    series = _over_seeds(found, band, median, drawn, curve, holds_of(law))
    label, limits = "share of values up to here", (-0.04 * top, top)
    return Picture("seeds-spectrum", _values_title(found), "singular value", label, limits, (0, 1.05), series)


SPREADS = {"density": _density_of_seeds, "sorted": _sorted_of_seeds, "CDF": _cdf_of_seeds}
"""The band of many draws in each of the ways to show singular values, by the names of `spectrum.KINDS`."""


def whole(found, kind: str) -> View:
    """All singular values of a matrix, however large."""
    count, (rows, columns) = len(found.singular_values), found.unfolding.full
    picture = spectrum_of(found.singular_values, found.law, kind, "whole", title_of(count, found.unfolding))
    return (picture,), paragraph(
        f"All of the {rows:,} × {columns:,} matrix: {several(count, 'singular value')}. Of one too large to be "
        "decomposed at once the picture beside its weights shows those of a leading block."
    )


def convolution(found, kind: str) -> View:
    """Singular values of the convolution as an operator, beside those of the flattened kernel."""
    result, size = found.result, " × ".join(map(str, found.sizes))
    flat = spectrum_of(
        result.singular_values, result.spectrum, kind, "flattened",
        f"Flattened kernel: {several(len(result.singular_values), 'singular value')}",
    )  # fmt: skip
    layer = result.question.layer.layer
    name = layer.title if layer.sums else "Convolution"
    operator = spectrum_of(
        found.singular_values, found.law, kind, "operator",
        f"{name} on {size}, {found.sliding}: {several(len(found.singular_values), 'singular value')}",
    )  # fmt: skip
    top, flattened = (float(each[0]) for each in (found.singular_values, result.singular_values))
    how = "frequency by frequency" if found.operator.whole else "from its matrix"
    words = [
        f"The layer, with {found.sliding}, maps a whole input of {size} positions; by how much it stretches one is a "
        f"singular value of that map, found {how}. The largest here is {plain(top)}, "
        + (
            "as that of the flattened kernel."
            if np.isclose(top, flattened, rtol=1e-4, atol=0)
            else f"that of the flattened kernel {plain(flattened)}."
        ),
    ]
    if found.operator.taps > 1:
        words.append(
            f"Each of the {found.operator.taps} taps reads the input, so the map can stretch it up to "
            f"√{found.operator.taps} times as much as the flattened kernel."
        )
    if found.law is None:
        words.append("No law is drawn: none of this operator is known, or it is too large to be simulated.")
    return (flat, operator), paragraph(" ".join(words)) + ranks_table(found.ranks)


def depth(found) -> View:
    """Singular values of a product of layers, in decades."""
    values, rows = found.singular_values, found.plan.shape[0]
    kept = values[values > found.floor]
    title = f"Product of {several(found.layers, 'layer')}, {rows} × {rows}"
    picture = decades("depth", title, kept, len(values), found.law)
    if not len(kept):
        return (picture,), paragraph(
            f"{found.plan.initializer}: all singular values of the product are 0, which has no logarithm."
        )
    lost = len(values) - len(kept)
    words = [
        f"{found.plan.initializer} on {rows} × {rows}, {several(found.layers, 'layer')} multiplied in double "
        f"precision. Largest {plain(float(values[0]))}, median {plain(float(np.median(values)))}.",
        f"{several(lost, 'value')} {'is' if lost == 1 else 'are'} too small to be told from rounding and left out."
        * bool(lost),
        found.note,
        _of_wide_layers(found.law) if found.law and found.law.edges else "",
    ]
    return (picture,), paragraph(" ".join(filter(None, words)))


def _of_wide_layers(law) -> str:
    said = f"Orange: the law of wide layers (Fuss–Catalan), which ends at {plain(law.edges[1])}"
    if not law.largest:
        return f"{said}."
    expected = f"at this width the largest value is expected at {plain(law.largest.mean)} ± {plain(law.largest.sd, 2)}"
    return f"{said}; {expected}{law.doubt and f', {law.doubt}'}."


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
    title = f"{found.dtype}, {way}: {several(counts.sum(), 'finite weight')}"
    limits = padded(found.edges[0], found.edges[-1])
    if comb:
        share = comb.counts / max(comb.count, 1)
        label, top = f"share of each of {several(len(comb.values), 'value')}", 1.1 * highest(share)
        series = (Series("", "stems", {"x": comb.values, "y": share}, "data", "values"),)
    else:
        heights = counts / (max(counts.sum(), 1) * (found.edges[1] - found.edges[0]))
        label, top = "density", 1.1 * highest(heights)
        law = clipped(density(found.law, found.edges[0], found.edges[-1]), top)
        series = (
            Series("", "bars", bars(found.edges, heights), "data", "weights"),
            Series("", "line", law, "theory", EXACT),
        )
    return Picture(name, title, "weight", label, limits, (0, top), series)


def _precision_row(row) -> list[str]:
    if row.values is None:
        return [row.dtype, row.way, f"cannot be drawn: {row.note}"]
    numbers = [plain(each, 3) for each in (row.bias, row.deviation, row.farthest, row.possible)]
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
