"""Order and chaos over the variances of weights and biases, with networks and recipes as dots."""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.ndimage import distance_transform_edt, minimum_filter1d

from initviz.networks.network import THIS_NETWORK
from initviz.propagation import PhaseDiagram
from initviz.views.curves import padded
from initviz.views.picture import Picture, Series
from initviz.views.theme import SLOTS

Dot = tuple[str, float, float]
"""Name, variance of weights, variance of biases."""
LETTERS = 6.5 / 200, 6.5 / 400
"""Width of a letter, of that of the plot, which has colours beside it: on a phone, and on a larger screen."""
WAYS = [(LETTERS[0], ()), (LETTERS[1], ()), (LETTERS[1], (0.08, 0.16, 0.24))]
"""To place names, until all are: with letters so wide, and how far right of its dot a name may begin."""
ORDERS = (lambda block, u: u, lambda block, u: -len(block), lambda block, u: -u)
"""In which names are placed, by their number and their place along the plot, until all are."""
LINE, DOT = 0.085, 0.05
"""Heights of a line of words and of a dot, of that of the plot; on a phone."""
GAP = 0.02
"""Between names of different dots."""
LEVELS = 9
"""Of names over one another."""
ENLARGED = 1.7
"""How much larger the word of a phase is."""
MOST_NAMES = 6
"""In a block."""
ONE_POINT = 1e-6
"""How far points of a critical line may be apart and still be one."""
LEAST_PHASE = 0.02
"""Share of the cells from which on a phase has its word."""


OUTSIDE = ("", -1e6, -1e6)
"""Of a network without a dot."""


def phase_diagram(
    diagram: PhaseDiagram | None, dots: Sequence[Dot] = (), name: str = "", without: Sequence[str] = ()
) -> Picture:
    """In how many layers inputs become alike, or as different as they will be, as a colour; with the critical line.

    Args:
        diagram: of an activation; None where it is still on its way. Its variances are evenly spaced.
        dots: name, variance of weights and variance of biases: first of the network on show, NaN where it has none,
            then of others.
        name: of the activation.
        without: what the network on show has, and those of the diagram have not.
    """
    weight, bias = ((0.0, 4.0), (0.0, 1.0)) if diagram is None else _reach(diagram)
    here, others = ([dot for dot in some if np.isfinite(dot[1:]).all()] for some in (dots[:1], dots[1:]))
    dots = [*(here or [OUTSIDE]), *others]
    weight = min([weight[0], *(x for _, x, _ in here)]), max([weight[1], *(x for _, x, _ in here)])
    bias = bias[0], max([bias[1], *(y for _, _, y in here)])
    xlim, ylim = padded(*weight), padded(*bias, DOT)
    inside = sum(xlim[0] <= x <= xlim[1] and ylim[0] <= y <= ylim[1] for _, x, y in dots)
    found = []
    for (letter, aside), order in product(WAYS, ORDERS):
        plot = _Plot(xlim, ylim, letter, aside)
        found.append((*_names(dots, plot, order), plot))
        if sum(map(len, found[-1][0][1:])) == inside:
            break
    (lines, *names), taken, plot = max(found, key=lambda layout: sum(map(len, layout[0][1:])))
    words, (line, point) = _phases(diagram, plot, taken), _critical(diagram)
    series = (
        Series("", "cells", _cells(diagram), "deep", "depth scale in layers"),
        Series("", "line", line, "theory", "critical line"),
        Series("", "points", point, "theory", "critical point"),
        Series("", "figures", words, "quiet", "phase"),
        lines,
        Series("", "dots", _columns(others), "draw 3", "other networks"),
        Series("", "dots", _columns(here), "data wide", THIS_NETWORK),
        *names,
    )
    of = f" of {name}" * bool(name) + f" without {' and '.join(without)}" * bool(without)
    title = f"Order and chaos{of}: depth scale in layers"
    return Picture("phases", title, "variance of weights × width, σ_w²", "variance of biases, σ_b²", xlim, ylim, series)


def _reach(diagram: PhaseDiagram) -> tuple[tuple[float, float], tuple[float, float]]:
    """Of either variance the least and the largest of which there are cells, with half a cell around."""
    found = []
    for values in (diagram.weight_variances, diagram.bias_variances):
        half = _step(values) / 2
        found.append((max(float(values[0]) - half, 0.0), float(values[-1]) + half))
    return found[0], found[1]


def _step(values: np.ndarray) -> float:
    """Between variances.

    Raises:
        ValueError: it is not the same everywhere.
    """
    steps = np.diff(values)
    if not len(steps) or steps.min() <= 0 or np.ptp(steps) > 1e-6 * steps.max():
        raise ValueError(
            "a picture of phases needs two or more evenly spaced variances, got others. "
            "Pass for instance np.linspace(0, 4, 80)."
        )
    return float(steps[0])


def _cells(diagram: PhaseDiagram | None) -> dict:
    if diagram is None:
        return dict.fromkeys(("x", "y", "value", "across", "up"), np.zeros(0))
    weight, bias = np.meshgrid(diagram.weight_variances, diagram.bias_variances)
    low, high, _ = SLOTS["deep"].scale
    values = np.clip(diagram.depth_scale, low, high).ravel()
    return {
        "x": weight.ravel(), "y": bias.ravel(), "value": values,
        "across": np.full(len(values), _step(diagram.weight_variances)),
        "up": np.full(len(values), _step(diagram.bias_variances)),
    }  # fmt: skip


def _critical(diagram: PhaseDiagram | None) -> tuple[dict, dict]:
    """The critical line; and the point that it is where it is no line, as for relu, which no biases keep critical."""
    line = np.zeros((0, 2)) if diagram is None else diagram.critical_line
    is_point = len(line) > 0 and np.ptp(line, axis=0).max() < ONE_POINT
    line, point = (line[:0], line[-1:]) if is_point else (line, line[:0])
    return {"x": line[:, 0], "y": line[:, 1]}, {"x": point[:, 0], "y": point[:, 1]}


def _phases(diagram: PhaseDiagram | None, plot: "_Plot", taken: "Sequence[_Box]") -> dict:
    """Words amid the cells of each phase, as far from all others as they can be, and from what is there already."""
    found: list[tuple[float, float, str]] = []
    for word, cells in _masks(diagram).items():
        if cells.mean() >= LEAST_PHASE:
            u, v = np.meshgrid(*plot.shares(diagram.weight_variances, diagram.bias_variances))
            across, up = ENLARGED * plot.letter * len(word), ENLARGED * LINE
            room = distance_transform_edt(np.pad(cells, 1), sampling=1 / np.array(cells.shape))[1:-1, 1:-1]
            box = _Box(u - across / 2, v - up / 2, across, up)
            room = room * box.inside
            free = room * ~np.any([np.zeros_like(cells), *(box.overlaps(other) for other in taken)], axis=0)
            whole = free * minimum_filter1d(cells, max(round(across * cells.shape[1]), 1), mode="nearest")
            best = next((each for each in (whole, free, room) if each.any()), None)
            if best is not None:
                row, column = np.unravel_index(best.argmax(), cells.shape)
                found.append((diagram.weight_variances[column], diagram.bias_variances[row], word))
    x, y, words = ([each[place] for each in found] for place in range(3))
    return {"x": np.array(x, float), "y": np.array(y, float), "text": words}


def _masks(diagram: PhaseDiagram | None) -> dict[str, np.ndarray]:
    if diagram is None:
        return {}
    with np.errstate(invalid="ignore"):
        return {"ordered": diagram.chi < 1, "chaotic": diagram.chi > 1, "unbounded": np.isinf(diagram.q)}


def _columns(dots: Sequence[Dot]) -> dict:
    names, x, y = ([dot[place] for dot in dots] for place in range(3))
    return {"x": np.array(x, float), "y": np.array(y, float), "text": names}


class _Plot(NamedTuple):
    """Limits of the plot, in shares of which there are boxes."""

    xlim: tuple[float, float]
    ylim: tuple[float, float]
    letter: float
    """Width of one."""
    aside: tuple[float, ...]
    """How far right of its dot a name may begin."""

    def shares(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Where numbers are in the plot, from 0 to 1."""
        (left, right), (low, high) = self.xlim, self.ylim
        return (x - left) / (right - left), (y - low) / (high - low)

    def numbers(self, u: float, v: float) -> tuple[float, float]:
        """What is at a place of the plot."""
        (left, right), (low, high) = self.xlim, self.ylim
        return left + u * (right - left), low + v * (high - low)


class _Box:
    """Part of the plot, of which either side is 1, that words or a dot take; or many such parts."""

    def __init__(self, left: Any, low: Any, width: float, height: float):
        self.left, self.low, self.right, self.high = left, low, left + width, low + height

    @classmethod
    def between(cls, left: Any, low: Any, right: Any, high: Any) -> "_Box":
        """The box with these ends."""
        return cls(left, low, right - left, high - low)

    def overlaps(self, other: "_Box") -> Any:
        """Whether they have a place in common."""
        return (self.left < other.right) & (other.left < self.right) & (self.low < other.high) & (other.low < self.high)

    def at(self, side: str) -> Any:
        """Where along the plot words are that align at a side of it."""
        return {"left": self.left, "center": (self.left + self.right) / 2, "right": self.right}[side]

    @property
    def inside(self) -> Any:
        """Whether the plot holds all of it."""
        return (self.left >= 0) & (self.low >= 0) & (self.right <= 1) & (self.high <= 1)


def _names(
    dots: Sequence[Dot], plot: _Plot, order: Callable[[list[int], float], float]
) -> tuple[tuple[Series, Series, Series], list[_Box]]:
    """Names of dots beside them, or in the next free place with a line to it; none where there is no room for it.

    Dots over one another have their names in one block. With the places of dots and names.
    """
    at = [plot.shares(x, y) for _, x, y in dots]
    taken, labels, lines = [_Box(u - DOT / 2, v - DOT / 2, DOT, DOT) for u, v in at], [], []
    first, *others = _blocks(at) or [[]]
    blocks = [first, *sorted(others, key=lambda block: order(block, at[block[0]][0]))]
    while blocks:
        block = blocks.pop(0)
        if not block:
            continue
        (u, v), names = at[block[0]], [dots[number][0] for number in block]
        width, height = plot.letter * (max(map(len, names)) + 1), LINE * len(names)
        left, low, sides = _places(u, v, width, height, plot.aside)
        free = _Box(left, low, width, height).inside
        there = [np.array([getattr(box, end) for box in taken]) for end in ("left", "low", "right", "high")]
        free &= ~_Box(left[:, None], low[:, None], width, height).overlaps(_Box.between(*there)).any(axis=1)
        best = free.argmax()
        box, side = _Box(left[best], low[best], width, height), sides[best]
        if not free.any():
            half = len(block) // 2
            blocks[:0] = [block[:half], block[half:]] if half else []
            continue
        taken.append(_Box.between(box.left, box.low - GAP, box.right, box.high + GAP))
        for row, number in enumerate(block):
            labels.append((*plot.numbers(box.at(side), box.high - row * LINE), names[row], side, number))
        end = min(max(u, box.left), box.right), min(max(v, box.low), box.high)
        if math.dist(end, (u, v)) > DOT:
            lines.append((*plot.numbers(u, v), *plot.numbers(*end)))
    segments = np.array(lines, float).reshape(-1, 4).T
    return (
        Series("", "segments", dict(zip(("x0", "y0", "x1", "y1"), segments, strict=True)), "quiet", "to its name"),
        _labels([label for label in labels if label[4]], "draw 3", "name of another network"),
        _labels([label for label in labels if not label[4]], "data", f"name of {THIS_NETWORK}"),
    ), taken


def _blocks(at: Sequence[tuple[float, float]]) -> list[list[int]]:
    """Numbers of dots that lie over one another; the first, of the network on show, is alone."""
    found: list[list[int]] = []
    for number, place in enumerate(at):
        near = (block for block in found[1:] if math.dist(at[block[0]], place) < DOT / 2)
        block = next(near, None)
        if block is None or len(block) == MOST_NAMES:
            found.append([number])
        else:
            block.append(number)
    return found


def _places(
    u: float, v: float, width: float, height: float, aside: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Where the names of a dot may be, the best first: at its side, above, below, and further away; how they align."""
    above = [v + DOT / 2 + level * LINE for level in range(LEVELS)]
    below = [v - DOT / 2 - height - level * LINE for level in range(LEVELS)]
    lows = [low for pair in zip(above, below, strict=True) for low in pair]
    found = [
        (start, low, side)
        for low in (v - LINE / 2, v - height + LINE / 2)
        for start, side in ((u + DOT / 2, "left"), (u - DOT / 2 - width, "right"))
    ]
    starts = {"left": u, "center": u - width / 2, "right": u - width}
    found += [(start, low, side) for low in lows for side, start in starts.items()]
    found += [(u + step, low, "left") for step in aside for low in lows]
    left, low, sides = zip(*found, strict=True)
    return np.array(left), np.array(low), list(sides)


def _labels(labels: list, slot: str, what: str) -> Series:
    x, y, texts, sides = ([label[place] for label in labels] for place in range(4))
    columns = {"x": np.array(x, float), "y": np.array(y, float), "text": texts, "align": sides}
    return Series("", "labels", columns, slot, what)
