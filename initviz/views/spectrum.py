"""The singular values with their law over them: density, sorted values or distribution function."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from initviz.spectra import EXACT, Expected, Spectrum
from initviz.views.compared import Draw, kind_of, layered, limits, told_apart, with_room
from initviz.views.curves import CURVE_POINTS, NO_CURVE, NOTHING, bars, highest, named
from initviz.views.picture import Picture, Series
from initviz.wording import plain

SMALLEST = 1e-300  # largest singular value from which on bars have a width and a height
MOST_BARS = 400
SHIFTS = (0.0, 0.5, 0.25, 0.75, 0.125, 0.375)
"""By how much of a bar the edges of several draws may begin below 0."""
BESIDE = 0.1
"""How far from an edge a single value of a law is, of the width of a bar."""
NAME_ROWS = (1.27, 1.19)  # heights of the names of the edges, one above the other, so that none overlap
POINT_ROW = 1.11
MOST_NAMES = 3  # single values of the law that are named; more would overlap


class Values(NamedTuple):
    """Singular values, descending, and their law where one is known."""

    values: np.ndarray
    law: Spectrum | None

    @property
    def points(self) -> np.ndarray:
        """Single values of the law."""
        return np.array([position for position, _ in self.law.points] if self.law else [], float)

    @property
    def at(self) -> np.ndarray:
        """Edges and single values of the law."""
        return np.array([*((self.law and self.law.edges) or ()), *self.points], float)


def spectrum(*answers, names: Sequence[str] = (), kind: str = "density") -> Picture:
    """The singular values of one draw, or of several over one another, each with its law, as one of `KINDS`.

    The law's edges and single values are dashed; diamonds are the largest and the smallest value expected at this
    size, with one standard deviation either way. Densities are over all values, so that of a law with an outlier
    integrates to slightly less than 1.

    Args:
        answers: with singular values, a spectrum and an unfolding each.
        names: of several answers, for the legend; by default their initializers.
        kind: one of `KINDS`.

    Raises:
        ValueError: no answer, too many, names that do not tell them apart, or no such kind.
    """
    draws = [
        draw.showing(Values(draw.found.singular_values, draw.found.spectrum)) for draw in told_apart(answers, names)
    ]
    return kind_of(KINDS, kind)(draws, "spectrum", _title(answers))


def spectrum_of(values: np.ndarray, law: Spectrum | None, kind: str, name: str, title: str) -> Picture:
    """Singular values and their law, as `spectrum` shows them, for a closer look."""
    return kind_of(KINDS, kind)([Draw(Values(values, law))], name, title)


def _title(answers: Sequence) -> str:
    if len(answers) == 1:
        return title_of(len(answers[0].singular_values), answers[0].unfolding)
    sizes = {answer.unfolding and answer.unfolding.size for answer in answers}
    size = sizes.pop() if len(sizes) == 1 else None
    return f"Singular values: {len(answers)} draws" + (f", {size[0]:,} × {size[1]:,}" if size else "")


def title_of(count: int, unfolding) -> str:
    """What that many singular values are of."""
    if not count:
        return "Singular values: none"
    rows, columns = unfolding.size
    return f"Singular values: {count:,} of a {rows:,} × {columns:,} matrix"


def _density(draws: Sequence[Draw], name: str, title: str) -> Picture:
    edges = same_edges(
        [bar_edges(*draw.found) for draw in draws], np.concatenate([draw.found.points for draw in draws])
    )
    xlim = limits(_limits(each, draw.found.at) for each, draw in zip(edges, draws, strict=True))
    shown = [
        draw.showing((draw.found, _densities(draw.found.values, each), density_curve(draw.found.law)))
        for each, draw in zip(edges, draws, strict=True)
    ]
    top = highest(
        *(heights for _, seen, law in (draw.found for draw in shown) for heights in (seen["height"], law["y"]))
    )
    series = layered(shown, partial(_density_parts, top=top)) + _named(draws, xlim, top)
    ylim = with_room((0, top * (1.3 if len(draws) == 1 else 1.1)), draws)
    return Picture(name, title, "singular value", "density", xlim, ylim, series)


def _densities(values: np.ndarray, edges: np.ndarray) -> dict[str, np.ndarray]:
    return bars(edges, np.histogram(values, edges)[0] / (max(len(values), 1) * (edges[1] - edges[0])))


def _density_parts(draw: Draw, top: float) -> tuple[Series, ...]:
    found, seen, law = draw.found
    draw = draw.showing(found)
    return (
        Series(draw.name, "bars", seen, draw.data, "singular values"),
        Series(draw.name, "line", law, draw.theory, holds_of(found.law)),
        *_upright(draw, top * 1.04, (top * 0.12, top * 0.12)),
    )


def _cdf(draws: Sequence[Draw], name: str, title: str) -> Picture:
    xlim = limits(_limits(bar_edges(*draw.found), draw.found.at) for draw in draws)
    ends = xlim[1:] if len(draws) > 1 else ()  # where the lines of all end
    series = layered(draws, partial(_cdf_parts, right=xlim[1], ends=ends)) + _named(draws, xlim, 1.0)
    ylim = with_room((0, 1.3 if len(draws) == 1 else 1.05), draws)
    return Picture(name, title, "singular value", "share of values up to here", xlim, ylim, series)


def _cdf_parts(draw: Draw, right: float, ends: tuple[float, ...]) -> tuple[Series, ...]:
    values, law = draw.found
    at, curve = draw.found.at, NO_CURVE
    share = np.repeat(np.arange(len(values) + 1), 2)[1:-1] / max(len(values), 1)
    seen = {"x": np.r_[np.repeat(np.sort(values), 2), ends], "y": np.r_[share, np.ones(len(ends))]}
    if law and len(values):
        x = np.unique(np.r_[density_curve(law)["x"], at, np.nextafter(at, -np.inf), 0.0, right])
        curve = {"x": x, "y": law.cdf(x)}
    return (
        Series(draw.name, "line", seen if len(values) else NO_CURVE, f"{draw.data} wide", "singular values"),
        Series(draw.name, "line", curve, draw.theory, holds_of(law)),
        *_upright(draw, 1.04, (1.0, 0.0)),
    )


def _sorted(draws: Sequence[Draw], name: str, title: str) -> Picture:
    count = max([1, *(len(draw.found.values) for draw in draws)])
    top = highest(*(values for draw in draws for values in (draw.found.values[:1].astype(float), draw.found.at)))
    margin = 0.04 * count
    xlim = 1 - 2 * margin, count + 2 * margin
    series = layered(draws, _sorted_parts)
    if len(draws) == 1:
        at, names, _ = _names(draws[0].found)
        series += (_labels(np.full(len(names), 0.5 * count), at[: len(names)] + 0.13 * top, names, xlim),)
    ylim = with_room((-0.04 * top, 1.2 * top), draws)
    return Picture(name, title, "rank", "singular value", xlim, ylim, series)


def _sorted_parts(draw: Draw) -> tuple[Series, ...]:
    values, law = draw.found
    count, at, curve = max(len(values), 1), draw.found.at, NO_CURVE
    rank = np.arange(1, len(values) + 1)
    if law and len(values):
        ends = rank[:5] - 0.5, rank[-5:] - 0.5
        points = np.unique(np.r_[np.linspace(0.5, count - 0.5, CURVE_POINTS), *ends])
        curve = {"x": points + 0.5, "y": law.quantile(1 - points / count)}
    left, right = np.full(len(at), 1 - 0.04 * count), np.full(len(at), 1.04 * count)
    where, means, sds = _extremes(law, (1.0, count))
    return (
        Series(draw.name, "line", {"x": rank, "y": values}, f"{draw.data} wide", "singular values"),
        Series(draw.name, "line", curve, draw.theory, holds_of(law)),
        Series(draw.name, "segments", _segments(left, at, right, at), f"{draw.theory} dashed", EDGES),
        Series(draw.name, "segments", _segments(where, means - sds, where, means + sds), f"{draw.theory} wide", REACH),
        Series(draw.name, "points", {"x": where, "y": means}, draw.theory, EXPECTED),
    )


KINDS = {"density": _density, "sorted": _sorted, "CDF": _cdf}
"""Ways to show singular values."""
EDGES = "edges and single values of the law"
REACH = "expected largest and smallest value, ± 1 standard deviation"
EXPECTED = "expected largest and smallest value"


def _upright(draw: Draw, height: float, places: tuple[float, float]) -> tuple[Series, ...]:
    """Edges and single values of the law so high, and the expected extremes at these places."""
    at = draw.found.at
    return (
        Series(draw.name, "stems", {"x": at, "y": np.full(len(at), height)}, f"{draw.theory} dashed", EDGES),
        *expected_extremes(draw.name, draw.theory, draw.found.law, places),
    )


def expected_extremes(
    name: str, theory: str, law: Spectrum | None, places: tuple[float, float], scale: Callable = np.asarray
) -> tuple[Series, Series]:
    """The expected extremes at these heights, along an axis of the singular values or of a function of them."""
    where, means, sds = _extremes(law, places)
    return (
        Series(name, "segments", _segments(scale(means - sds), where, scale(means + sds), where), f"{theory} wide",
               REACH),
        Series(name, "points", {"x": scale(means), "y": where}, theory, EXPECTED),
    )  # fmt: skip


def _segments(x0, y0, x1, y1) -> dict[str, np.ndarray]:
    return {"x0": x0, "y0": y0, "x1": x1, "y1": y1}


def _extremes(law: Spectrum | None, places: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the largest and the smallest value where the law expects them to vary: places, means, standard deviations."""
    expected = [(law.largest, places[0]), (law.smallest, places[1])] if law else []
    drawn: list[tuple[Expected, float]] = [(value, place) for value, place in expected if value and value.sd]
    columns = zip(*((place, value.mean, value.sd) for value, place in drawn), strict=True)
    return tuple(np.array(column) for column in columns) if drawn else (NOTHING,) * 3


def _names(found: Values) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Positions of edges and single values, the names of the first of them, and how high the names stand."""
    law = found.law
    if law is None:
        return NOTHING, [], NOTHING
    edges, points = law.edges or (), law.points
    names = [f"{name} = {plain(edge)}" for name, edge in zip(("s₋", "s₊"), edges, strict=False)]
    for (position, count), what in zip(points[:MOST_NAMES], law.point_names, strict=False):
        names.append(f"{what}: {plain(position)}" if count == 1 else f"{what}: {count:,} at {plain(position)}")
    rows = NAME_ROWS[: len(edges)] + (POINT_ROW,) * min(len(points), MOST_NAMES)
    return found.at, names, np.array(rows)


def _named(draws: Sequence[Draw], xlim: tuple[float, float], top: float) -> tuple[Series, ...]:
    """The names above a draw that is alone; those of several would overlap, and their legend stands there."""
    if len(draws) > 1:
        return ()
    at, names, rows = _names(draws[0].found)
    return (_labels(at[: len(names)], top * rows, names, xlim),)


def _labels(x: np.ndarray, y: np.ndarray, names: list[str], xlim: tuple[float, float]) -> Series:
    return Series("", "labels", named(x, y, names, xlim), "theory", EDGES)


def bar_edges(values: np.ndarray, law: Spectrum | None) -> np.ndarray:
    """Edges of about 2 ∛k bars over the bulk, from 0; single values of a law without a bulk fall amid theirs."""
    bulk, values = (law.reach if law and law.reach else ()), values.astype(float)
    top = max([*values[:1], *bulk, *(position for position, _ in law.points)] if law else [*values[:1], 0.0])
    top = top if top > SMALLEST else 1.0
    wanted = max(2 * max(len(values), 1) ** (1 / 3), 6)
    if law and not bulk:
        width = top / int(wanted)
        return (np.arange(int(wanted) + 2) - 0.5) * width
    low, high = bulk or (0.0, top)
    high = min(high, 2 * float(law.quantile(0.9))) if law else high  # a long thin tail is no reason for coarse bars
    width = max((high - low) / wanted, top * 1.02 / MOST_BARS)  # not coarser for an outlier far away
    return np.arange(np.ceil(top * 1.02 / width) + 1) * width


def same_edges(edges: Sequence[np.ndarray], points: np.ndarray) -> list[np.ndarray]:
    """Edges of several draws, or for all of them the same: as fine as the finest, as far as the farthest.

    None of the `points`, on which many singular values lie up to rounding, is at an edge.
    """
    if len(edges) == 1:
        return list(edges)
    top = max(each[-1] for each in edges)
    width = max(min(each[1] - each[0] for each in edges), top / MOST_BARS)
    shares = points[:, None] / width + np.array(SHIFTS)
    beside = np.abs(shares - np.round(shares)).min(axis=0, initial=0.5)
    shift = SHIFTS[int(np.argmax(beside >= BESIDE) if (beside >= BESIDE).any() else np.argmax(beside))]
    return [(np.arange(np.ceil(top / width) + 2) - shift) * width] * len(edges)


def holds_of(law: Spectrum | None) -> str:
    """What kind of law it is, in a few words."""
    return law.holds if law else EXACT


def density_curve(law: Spectrum | None) -> dict[str, np.ndarray]:
    """The density of the bulk, scaled to its share of all singular values; nothing without a bulk."""
    if law is None or not law.reach or law.reach[0] == law.reach[1]:
        return NO_CURVE
    low, high = law.reach
    x = low + (high - low) * np.sin(np.linspace(0, np.pi / 2, CURVE_POINTS)) ** 2  # close together at the edges
    return {"x": x, "y": law.pdf(x) * law.bulk_count / law.count}


def _limits(edges: np.ndarray, at: np.ndarray) -> tuple[float, float]:
    top = max(edges[-1], *at, 0.0)
    return -0.08 * top, top * 1.1
