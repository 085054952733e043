"""What a reader predicted, drawn over the picture that shows what came of it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from initviz.views.picture import Picture, Series
from initviz.wording import near, plain

WORDS = "your prediction"
SLOT = "prediction"
BEYOND = 0.08
"""Of an axis: how much of it is left behind a prediction that lies outside, so that its line is seen."""
BELOW_LEGEND = 0.8
"""Of the height of a picture."""


def _upright(picture: Picture, *at: float) -> dict[str, np.ndarray]:
    """Lines from bottom to top, with a gap between them."""
    x = np.repeat(np.asarray(at, float), 3)
    return {"x": x, "y": np.tile([*picture.ylim, np.nan], len(at))}


def _level(picture: Picture, at: float) -> dict[str, np.ndarray]:
    return {"x": np.asarray(picture.xlim, float), "y": np.full(2, float(at))}


def _growth(picture: Picture, factor: float) -> dict[str, np.ndarray]:
    """Powers of a factor, from the first point of what is drawn first."""
    first = next(series.columns for series in picture.series if series.mark == "line" and len(series))
    x = np.arange(float(first["x"][0]), picture.xlim[1])
    return {"x": x, "y": float(first["y"][0]) * float(factor) ** (x - x[0])}


LINES: dict[str, Callable[[Picture, float], dict[str, np.ndarray]]] = {
    "x": lambda picture, value: _upright(picture, value),
    "±x": lambda picture, value: _upright(picture, -value, value),
    "y": _level,
    "factor": _growth,
}
"""How a number is drawn: where it lies on an axis, on both sides of 0, or as what grows by it at every step."""


def check_line(line: str) -> None:
    """Refuse what is no way to draw a number.

    Raises:
        ValueError: it is none of `LINES`.
    """
    if line not in LINES:
        raise ValueError(f"line must be one of {', '.join(LINES)}, got {line!r}. {near(line, list(LINES))}")


def predicted(picture: Picture, value: float, line: str = "x") -> Picture:
    """The picture with a prediction over it, in axes that hold both.

    >>> from initviz.study import Study
    >>> from initviz.views.histogram import histogram
    >>> found = histogram(Study("he_normal", shape=(8, 4)).answer())
    >>> predicted(found, 2.0).series[-1].columns["text"], predicted(found, 2.0).xlim[1] > 2
    (['your prediction: 2'], True)

    Args:
        picture: what shows what came of it.
        value: the number that was predicted.
        line: how it is drawn, one of `LINES`.

    Raises:
        ValueError: there is no such way to draw it.
    """
    check_line(line)
    limits = _wide_enough(picture, value, line)
    columns = LINES[line](limits, value)
    x, y = columns["x"], columns["y"]
    inside = np.flatnonzero((y >= limits.ylim[0]) & (y <= limits.ylim[1]))
    place = inside[-1] if len(inside) else 0
    side = "right" if x[place] > np.mean(limits.xlim) else "left"
    height = _below_legend(limits) if limits.legend and line in ("x", "±x") else np.clip(y[place], *limits.ylim)
    words = {"x": x[[place]], "y": np.asarray([height]), "text": [f"{WORDS}: {plain(value)}"]}
    drawn = (
        Series("", "line", columns, SLOT, WORDS),
        Series("", "labels", words | {"align": [side]}, SLOT, WORDS),
    )
    return replace(limits, series=(*picture.series, *drawn))


def _below_legend(picture: Picture) -> float:
    """Where words stand that a legend in a corner at the top would cover."""
    low, high = np.log10(picture.ylim) if picture.axes[1] == "log" else picture.ylim
    height = low + BELOW_LEGEND * (high - low)
    return float(10**height if picture.axes[1] == "log" else height)


def _wide_enough(picture: Picture, value: float, line: str) -> Picture:
    """The picture with axes that hold the prediction."""
    across, up = picture.axes
    if line == "y":
        return replace(picture, ylim=_holding(picture.ylim, [value], up == "log"))
    at = {"x": [value], "±x": [-value, value]}.get(line, [])
    return replace(picture, xlim=_holding(picture.xlim, at, across == "log"))


def _holding(limits: tuple[float, float], at: list[float], log: bool) -> tuple[float, float]:
    """Limits that hold these numbers, too, and a little more on the side where one lies outside."""
    if not at or (log and min(at) <= 0):
        return limits
    low, high = np.log10(limits) if log else limits
    least, most = np.log10([min(at), max(at)]) if log else (min(at), max(at))
    more = BEYOND * (max(high, most) - min(low, least))
    ends = low if least >= low else least - more, high if most <= high else most + more
    return (float(10 ** ends[0]), float(10 ** ends[1])) if log else (float(ends[0]), float(ends[1]))
