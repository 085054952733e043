"""Shapes that several pictures draw: densities, bands over bins, and words that stay inside the frame."""

from collections.abc import Sequence

import numpy as np

from initviz.laws.marginals import Marginal

CURVE_POINTS = 301
NOTHING = np.zeros(0)
NO_CURVE = {"x": NOTHING, "y": NOTHING}
LETTER = 6.5 / 235
"""Width of a letter in that of a plot on a phone."""
LEAST, MOST = 1e-38, 1e38
"""Between which there are numbers in single precision, about."""
DECADES = 2.2
"""Powers of ten that a logarithmic axis has at least."""
NO_BAND = {"x": NOTHING, "low": NOTHING, "high": NOTHING}


def density(marginal: Marginal | None, low: float, high: float) -> dict[str, np.ndarray]:
    """A law's density from low to high where it is not 0, closed at ends of the support so that a cut shows as a cut.

    Columns of a line; empty without a density.
    """
    if marginal is None or marginal.distribution is None:
        return NO_CURVE
    first, last = (float(end) for end in marginal.distribution.support())
    first, last = max(first, low), min(last, high)
    inner = np.linspace(first, last, CURVE_POINTS + 2)[1:-1]
    return {"x": np.r_[first, inner, last], "y": np.r_[0.0, marginal.pdf(inner), 0.0]}


def clipped(curve: dict[str, np.ndarray], top: float) -> dict[str, np.ndarray]:
    """The line no higher than the frame, which poles would leave."""
    return curve | {"y": np.minimum(curve["y"], top)}


def bars(edges: np.ndarray, heights: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of bars between edges."""
    return {"left": edges[:-1], "right": edges[1:], "height": heights}


def stairs(edges: np.ndarray, **heights: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of a line or a band that is level over each bin."""
    return {"x": np.repeat(edges, 2)[1:-1], **{name: np.repeat(each, 2) for name, each in heights.items()}}


def highest(*heights: np.ndarray) -> float:
    """The largest of these, for a frame; 1 where there is nothing above 0."""
    return float(max(each.max(initial=0) for each in heights)) or 1.0


def padded(low: float, high: float, share: float = 0.04) -> tuple[float, float]:
    """Limits with a margin of that share on either side."""
    margin = share * (high - low)
    return low - margin, high + margin


def powers_around(curves: Sequence[np.ndarray]) -> tuple[float, float]:
    """Limits of a logarithmic axis that hold all numbers that can be drawn."""
    values = np.concatenate([np.ravel(curve) for curve in curves])
    logarithms = np.log10(values[(values >= LEAST) & (values <= MOST)])
    low, high = padded(*(logarithms.min(), logarithms.max()) if len(logarithms) else (0.0, 0.0))
    lack = max(DECADES - (high - low), 0) / 2
    return 10 ** (low - lack), 10 ** (high + lack)


def known(x: np.ndarray, there: np.ndarray, half: float, **curves: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of a line or a band where its numbers can be drawn; one alone reaches half a step to either side."""
    columns = {"x": x[there]} | {name: curve[there] for name, curve in curves.items()}
    if len(columns["x"]) == 1:
        columns = {name: np.repeat(column, 2) for name, column in columns.items()}
        columns["x"] = columns["x"] + np.array([-half, half])
    return columns


def named(x: np.ndarray, y: np.ndarray, names: list[str], limits: tuple[float, float]) -> dict[str, Sequence]:
    """Columns of names at their places, each on the side of its place with most room; on a phone none is cut off."""
    (low, high), widths = limits, np.array([len(name) for name in names]) * LETTER
    share = (x - low) / (high - low)
    side = np.select([share < 1 / 3, share > 2 / 3], [0.0, 1.0], 0.5)  # of the name, where its place is
    share = np.clip(share, side * widths, np.maximum(1 - (1 - side) * widths, side * widths))
    sides = ["left" if each == 0 else "right" if each == 1 else "center" for each in side]
    return {"x": low + share * (high - low), "y": y, "text": names, "align": sides}
