"""What happens from layer to layer in networks at initialization: measured in several, with what theory says."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from initviz.engine.passes import PLACES, REACH
from initviz.networks import Measured, Predicted
from initviz.networks.predicted import COVERAGE
from initviz.networks.spread import HIGH, NORMAL
from initviz.networks.verdict import growth
from initviz.propagation import Jacobian, JacobianLaw
from initviz.views import theme
from initviz.views.curves import LEAST, MOST, NO_BAND, NO_CURVE, known, padded, powers_around
from initviz.views.decades import decades
from initviz.views.picture import Picture, Series
from initviz.wording import percent, plain

Columns = dict[str, Any]
HALF = 0.5
"""Of a layer, along the axis."""
MEDIAN, EACH = "median of the networks", "all networks"
LIMIT, BAND = "limit of wide layers", f"{percent(COVERAGE)} of networks of this width"
BACK = "a layer back"
ENDS = f"{percent(1 - HIGH)}", f"{percent(HIGH)}"
WORDS_AT = (0.5, 0.3)
"""Heights of words about what cannot be drawn."""
EDGE = 0.02
"""Between those and the side of the frame, of its width."""


def signal(measured: Measured, predicted: Predicted | None = None) -> Picture:
    """Mean square of h by layer, of the median network and of all; with the limit of wide layers and its band.

    Of residual networks that of the stream, too. The title has the growth a layer, from the first to the last that can
    be drawn: of the stream, where there is one.
    """
    theory = (None, None) if predicted is None else (predicted.square, predicted.square_band)
    if measured.network.branch is None:
        stream = np.zeros(measured.leaves.shape[1]), None
        return _sizes("signal", "Signal by layer", "mean square of h", measured.square, *theory, "a layer", stream)
    title, label = "Signal by layer: stream", "mean square of h, and of the stream"
    leaves = np.where(np.isnan(measured.leaves), np.inf, np.asarray(measured.leaves, float))
    stream = np.median(leaves, axis=0), None if predicted is None else predicted.leaves
    return _sizes("signal", title, label, measured.square, *theory, "a layer", stream)


def gradient(measured: Measured, predicted: Predicted | None = None) -> Picture:
    """Mean square of the gradient by layer, of that of what leaves the network, as `signal` shows signals.

    Its growth is that from the last layer back to the first.
    """
    theory = (None, None) if predicted is None else (predicted.gradient, predicted.gradient_band)
    return _sizes("gradient", "Gradient by layer", "mean square of the gradient", measured.gradient, *theory, BACK)


def _sizes(
    name: str, title: str, label: str, found: np.ndarray, limit: np.ndarray | None, band: np.ndarray | None, each: str,
    stream: tuple[np.ndarray, np.ndarray | None] | None = None,
) -> Picture:  # fmt: skip
    depth, found = found.shape[1], np.where(np.isnan(found), np.inf, np.asarray(found, float))
    median, low, high = np.median(found, axis=0), found.min(axis=0), found.max(axis=0)
    known_curves = [each for each in (limit, *(stream or ())) if each is not None]
    ylim = powers_around([median, low, high, *known_curves, *([] if band is None else band)])
    main = stream[0] if stream is not None and stream[0].any() else median
    seen = (median >= LEAST) & (median <= MOST)
    drawn, theory, around = _many(found, seen, low, high, ylim), NO_CURVE, NO_BAND
    if limit is not None:
        within = (limit >= ylim[0]) & (limit <= ylim[1])
        theory = _layers(within, y=limit)
        if band is not None:
            low, high = np.clip(band, *ylim)
            around = _layers(within & ~np.isnan(band).any(axis=0), low=low, high=high)
    series = (
        Series("", "band", around, "theory", BAND),
        Series("", "band", drawn, "data pale", EACH),
        Series("", "line", _layers(seen, y=median), "data", MEDIAN),
        Series("", "line", theory, "theory dashed", LIMIT),
        *(_stream(*stream, ylim) if stream else ()),
        _lost(found, ylim, log=True),
    )
    drawn_sizes = main[(main >= LEAST) & (main <= MOST)][:: -1 if each == BACK else 1]
    title += f"{':' * (main is median)} × {plain(growth(drawn_sizes), 3)} {each}" if len(drawn_sizes) > 1 else ""
    return Picture(name, title, "layer", label, _across(depth), ylim, series, axes=("whole", "log"))


def _stream(median: np.ndarray, limit: np.ndarray | None, ylim: tuple[float, float]) -> tuple[Series, ...]:
    """Of a stream its median, its limit and its name; nothing of zeros."""
    seen, line = (median >= LEAST) & (median <= MOST), NO_CURVE
    if limit is not None:
        line = _layers((limit >= ylim[0]) & (limit <= ylim[1]), y=limit)
    amid = np.flatnonzero(seen)[[seen.sum() // 2]] if seen.any() else np.flatnonzero(seen)
    name = {"x": amid + 1.0, "y": median[amid], "text": ["stream"] * len(amid), "align": ["left"] * len(amid)}
    return (
        Series("", "line", _layers(seen, y=median), "draw 3 wide", f"stream: {MEDIAN}"),
        Series("", "line", line, "theory dashed", f"stream: {LIMIT}"),
        Series("", "labels", name, "draw 3", "stream"),
    )


def correlation(measured: Measured, predicted: Predicted | None = None) -> Picture:
    """Correlation of two inputs by layer, of the median network and of all; with the limit of wide layers."""
    there = np.where(measured.square == 0, 0, np.where(np.isfinite(measured.correlation), 1, np.nan))
    found = np.where(there == 1, measured.correlation, np.nan)
    limit = None if predicted is None else predicted.correlation
    theory = NO_CURVE if limit is None else _layers(np.isfinite(limit), y=limit)
    bottom = -1.0 if min(np.nanmin(found, initial=0), min(theory["y"], default=0)) < 0 else 0.0
    ylim = padded(bottom, 1.0)
    series = (
        *_measured(found, ylim),
        Series("", "line", theory, "theory dashed", LIMIT),
        _lost(there, ylim),
    )
    return Picture(
        "correlation", "Correlation of two inputs by layer", "layer", "correlation", _across(found.shape[1]), ylim,
        series, axes=("whole", "even"),
    )  # fmt: skip


def units(measured: Measured) -> Picture:
    """Shares of units that are dead and of values at which the activation is flat, by layer."""
    finite = ~np.isnan(measured.square)
    shares = {"dead": measured.dead, "saturated": measured.flat}
    ylim = theme.with_legend((0, 102), len(shares))
    drawn = [
        _measured(np.where(finite, 100 * share, np.nan), ylim, name, f"draw {place}", f"draw {place}")
        for place, (name, share) in enumerate(shares.items(), 1)
    ]
    series = (*(each for layer in zip(*drawn, strict=True) for each in layer),
              _lost(np.where(finite, 1, np.nan), ylim))  # fmt: skip
    title, label = "Dead units and saturated values, by layer", "share in %"
    return Picture("units", title, "layer", label, _across(finite.shape[1]), ylim, series, axes=("whole", "percent"))


def activations(measured: Measured, predicted: Predicted | None = None) -> Picture:
    """Histograms of h by layer, in units of the root of its mean square, as colours; of all networks together.

    With lines above and below which 5 % of all values are, of the networks and of normal values, as in wide layers.
    """
    spread = np.full(measured.square.shape[1], np.nan if predicted is None else NORMAL)
    return _densities("activations", "h", measured.square, measured.counts, spread)


def gradients(measured: Measured, spread: np.ndarray | None = None) -> Picture:
    """The same of gradients with respect to h.

    Args:
        measured: what is measured.
        spread: above which value 5 % are in theory, by layer.
    """
    spread = np.full(measured.square.shape[1], np.nan) if spread is None else spread
    return _densities("gradients", "gradients", measured.gradient, measured.gradient_counts, spread)


def _densities(name: str, of: str, square: np.ndarray, counts: np.ndarray, spread: np.ndarray) -> Picture:
    square = np.where(np.isnan(square), np.inf, square)
    there = (square > 0) & np.isfinite(square)
    counts = np.where(there[..., None], counts, 0).sum(axis=0)
    step, depth = 2 * REACH / PLACES, len(counts)
    totals = counts.sum(axis=1, keepdims=True)
    density = np.divide(counts, totals * step, out=np.full(counts.shape, np.nan), where=totals > 0)
    layers, h = np.arange(1, depth + 1.0), -REACH + step * (np.arange(PLACES) + 0.5)
    columns = {
        "x": np.repeat(layers, PLACES), "y": np.tile(h, depth), "value": density.ravel(),
        "across": np.ones(depth * PLACES), "up": np.full(depth * PLACES, step),
    }  # fmt: skip
    ylim, low, high = (-REACH, REACH), *_ends(counts)
    seen = there.any(axis=0)
    theory = seen & np.isfinite(spread)
    series = (
        Series("", "cells", columns, "often", "density"),
        *(Series("", "line", _layers(seen, y=end), "quiet", what) for end, what in zip((low, high), ENDS, strict=True)),
        *(Series("", "line", _layers(theory, y=end), "theory dashed", f"{what} of wide layers")
          for end, what in zip((-spread, spread), ENDS, strict=True)),
        _lost(square, ylim),
    )  # fmt: skip
    title, label = f"Density of {of} by layer, {' and '.join(ENDS)}", f"{of} / root of mean square"
    return Picture(name, title, "layer", label, _across(depth), ylim, series, axes=("whole", "even"))


def _ends(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Below and above which values 5 % of each histogram are."""
    edges, ends = np.linspace(-REACH, REACH, PLACES + 1), np.zeros((2, len(counts)))
    for layer, each in enumerate(counts):
        below = np.append(0, np.cumsum(each)) / max(each.sum(), 1)
        ends[:, layer] = np.interp((1 - HIGH, HIGH), below, edges)
    return ends[0], ends[1]


def jacobian_spectrum(values: np.ndarray | None, law: Jacobian | JacobianLaw | None = None) -> Picture:
    """Singular values of the Jacobian from inputs to outputs, by powers of ten; the title has median and largest.

    Args:
        values: all of them, in double precision; None where they are not known.
        law: what theory knows of their squares, if not all then their mean and edge.
    """
    values = np.sort(np.ravel([] if values is None else values).astype(float))[::-1]
    finite = values[np.isfinite(values)]
    floor = finite.max(initial=0) * len(finite) * np.finfo(float).eps  # below it is rounding
    finite = np.where(finite > floor, finite, 0)
    kept = finite[finite > 0]
    title = "Singular values of the Jacobian"
    if len(kept):
        title += f": median {plain(float(np.median(finite)), 3)}, largest {plain(float(kept[0]), 3)}"
    for count, what in ((len(finite) - len(kept), "0 but for rounding"), (len(values) - len(finite), "not finite")):
        title += f", {count:,} of {len(values):,} {'is' if count == 1 else 'are'} {what}" * bool(count)
    said, curve = _known(law)
    return decades("jacobian", title, kept, len(values), None, said, curve)


def _known(law: Jacobian | JacobianLaw | None) -> tuple[dict[str, float], Columns]:
    """What theory says of singular values, in words, and the density of their logarithms where it is known."""
    if law is None:
        return {}, NO_CURVE
    said = {f"{what} in theory:": value for what, value in law.landmarks.items() if 0 < value < np.inf}
    return said, dict(zip(("x", "y"), law.per_decade, strict=True))


def _across(depth: int) -> tuple[float, float]:
    return 1 - HALF, depth + HALF


def _layers(seen: np.ndarray, **curves: np.ndarray) -> Columns:
    """Columns of a line or a band over the layers that are seen."""
    return known(np.arange(1.0, len(seen) + 1), seen, HALF, **curves)


def _many(found: np.ndarray, seen: np.ndarray, low: np.ndarray, high: np.ndarray, ylim: tuple[float, float]) -> Columns:
    """Columns of a band between two curves, inside the frame; empty of a network alone."""
    return _layers(seen, low=np.clip(low, *ylim), high=np.clip(high, *ylim)) if len(found) > 1 else NO_BAND


def _measured(
    found: np.ndarray, ylim: tuple[float, float], name: str = "", pale: str = "data pale", slot: str = "data"
) -> tuple[Series, Series]:
    """Band and median of what some networks have: what is NaN is left out."""
    seen = ~np.isnan(found).all(axis=0)
    median, low, high = np.full((3, len(seen)), np.nan)
    median[seen] = np.nanmedian(found[:, seen], axis=0)
    low[seen], high[seen] = np.nanmin(found[:, seen], axis=0), np.nanmax(found[:, seen], axis=0)
    return (
        Series(name, "band", _many(found, seen, low, high, ylim), pale, EACH),
        Series(name, "line", _layers(seen, y=median), slot, MEDIAN),
    )


def _lost(found: np.ndarray, ylim: tuple[float, float], log: bool = False) -> Series:
    """Words where values of networks are 0 or not finite, which cannot be drawn: from which layer on."""
    said = list(_losses(found))
    low, high = np.log10(ylim) if log else ylim
    y = low + (high - low) * np.array(WORDS_AT[: len(said)])
    texts, sides = [text for text, _ in said], [side for _, side in said]
    left, right = padded(*_across(found.shape[1]), -EDGE)
    at = {"left": left, "center": (left + right) / 2, "right": right}
    columns = {"x": np.array([at[side] for side in sides]), "y": 10**y if log else y, "text": texts, "align": sides}
    return Series("", "labels", columns, "data", "what cannot be drawn")


def _losses(found: np.ndarray) -> Iterator[tuple[str, str]]:
    """What is lost in how many of the networks and where, and the side of the picture where there is room to say so."""
    networks, depth = found.shape
    for what, lost in (("0", found == 0), ("not finite", ~np.isfinite(found))):
        layers, count = np.flatnonzero(lost.any(axis=0)) + 1, int(lost.any(axis=1).sum())
        if len(layers):
            some = f" in {count} of {networks} networks" if count < networks else ""
            where, side = _stretch(layers, depth)
            yield f"{what}{some} {where}", side


def _stretch(layers: np.ndarray, depth: int) -> tuple[str, str]:
    """Which layers these are, and on which side."""
    if len(layers) == depth:
        return "in every layer", "center"
    if layers[0] == depth - len(layers) + 1:
        return f"from layer {layers[0]} on", "right"
    if layers[-1] == len(layers):
        return f"up to layer {layers[-1]}", "left"
    return f"in {len(layers)} of {depth} layers", "center"
