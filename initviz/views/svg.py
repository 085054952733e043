"""A picture as SVG: what a notebook shows of it where no script runs."""

from base64 import b64encode
from collections.abc import Iterable
from html import escape
from textwrap import wrap

import numpy as np

from initviz.views import theme
from initviz.views.picture import Picture, Series
from initviz.views.png import png
from initviz.views.ticks import TICKS, text_at
from initviz.wording import plain

WIDTH = 440
LEAST = 340
"""Pixels across from which a picture can be read, where two share a row."""
LEFT, RIGHT, ABOVE, BELOW = 58, 12, 26, 40
"""Margins of the frame, in pixels, which hold ticks, labels and title."""
SCALE = 46
"""The right one beside cells, which holds what their colours mean."""
INK = "#767676"
"""Of words and axes: as far from white as from black."""
LETTER = 5.2
"""Width of a letter of a label, about."""
TITLE_LETTER, TITLE_LINE = 7.4, 14
"""Width of a bold letter of a title in a wide font, about, and from one line of it to the next."""
SANS = "font-family='sans-serif' font-size='11'"
DASHES = {"solid": [], "dashed": [6, 3], "dotted": [2, 3], "dotdash": [2, 3, 6, 3]}


def svg(picture: Picture) -> str:
    """The picture as an element `svg` of 440 pixels across: its frame, ticks, words, legend and every series.

    >>> from initviz.study import Study
    >>> from initviz.views.histogram import histogram
    >>> svg(histogram(Study("he_normal", shape=(8, 4)).answer()))[:12]
    "<svg role='i"
    """
    height = theme.FAN_HEIGHT if picture.bare else theme.PLOT_HEIGHT
    scales = [theme.SLOTS[series.slot] for series in picture.series if series.mark == "cells"]
    left, right, below = (0, 0, 0) if picture.bare else (LEFT, SCALE if scales else RIGHT, BELOW)
    across, up = WIDTH - left - right, height - ABOVE - below
    place = _Frame(picture, across, up)
    drawn = [series for series in picture.series if not series.hidden]
    inside = "".join(MARKS[series.mark](series, theme.SLOTS[series.slot], place) for series in drawn)
    title, lower = _title(picture.title)
    words = "" if picture.bare else _axes(picture, place, left, ABOVE + up, across)
    words += "".join(_scale(slot, left + across + 8, up) for slot in scales)
    return (
        f"<svg role='img' aria-label='{escape(picture.title, quote=True)}' xmlns='http://www.w3.org/2000/svg' "
        f"width='{WIDTH}' height='{height + lower}' viewBox='0 {-lower} {WIDTH} {height + lower}' {SANS} fill='{INK}'>"
        f"{title}"
        f"<svg x='{left}' y='{ABOVE}' width='{across}' height='{up}'>{inside}{_legend(picture, across)}</svg>"
        f"{words}</svg>"
    )


def _title(words: str) -> tuple[str, int]:
    """The title in as many lines as it needs, and by how much the first is above where one line would be."""
    lines = wrap(words, int(WIDTH / TITLE_LETTER), break_on_hyphens=False) or [""]
    lower = TITLE_LINE * (len(lines) - 1)
    told = (f"<tspan x='0' y='{14 - lower + at * TITLE_LINE}'>{escape(line)}</tspan>" for at, line in enumerate(lines))
    return f"<text font-weight='bold'>{' '.join(told)}</text>", lower


def image(picture: Picture) -> str:
    """The picture as an element `img`, which shows in a notebook that nobody has trusted yet, too."""
    data = b64encode(svg(picture).encode()).decode()
    return (
        f"<img alt='{escape(picture.title, quote=True)}' src='data:image/svg+xml;base64,{data}' "
        f"style='max-width: min(100%, {WIDTH}px); min-width: 0; flex: 1 1 {LEAST}px' width='{WIDTH}'>"
    )


def images(pictures: Iterable[Picture]) -> str:
    """Pictures in rows, of two where a text column has room for them."""
    shown = "".join(map(image, pictures))
    return f"<div style='display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0.7rem'>{shown}</div>"


class _Frame:
    """Where numbers of a picture are in its frame, in pixels from its upper left corner."""

    def __init__(self, picture: Picture, across: float, up: float):
        self._log = [kind == "log" for kind in picture.axes]
        (self._left, right), (self._low, high) = map(_measured, (picture.xlim, picture.ylim), self._log)
        self._across, self._up, self.height = across / (right - self._left), up / (high - self._low), up

    def x(self, values) -> np.ndarray:
        return (_measured(values, self._log[0]) - self._left) * self._across

    def y(self, values) -> np.ndarray:
        return self.height - (_measured(values, self._log[1]) - self._low) * self._up


def _measured(values, log: bool) -> np.ndarray:
    """Numbers along an axis, or their logarithms."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(values) if log else np.asarray(values, float)


def _points(x, y) -> list[str]:
    """Pairs of numbers of an SVG path, in tenths of a pixel; empty for what is no number."""
    x, y = (np.clip(np.ravel(values), -1e4, 1e4) for values in (x, y))  # NaN stays
    return [f"{a:.1f} {b:.1f}" if np.isfinite([a, b]).all() else "" for a, b in zip(x, y, strict=True)]


def _joined(points: Iterable[str]) -> str:
    """A path through points, which begins anew behind a gap."""
    path, pen = [], "M"
    for point in points:
        if point:
            path.append(pen + point)
        pen = "L" if point else "M"
    return "".join(path)


def _stroke(slot: theme.Slot) -> str:
    dash = DASHES.get(slot.dash, slot.dash) if isinstance(slot.dash, str) else slot.dash
    dashed = f" stroke-dasharray='{' '.join(map(str, dash))}'" if dash else ""
    return f"fill='none' stroke='{slot.color}' stroke-width='{slot.width}' stroke-opacity='{slot.alpha}'{dashed}"


def _line(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns = series.source
    return f"<path d='{_joined(_points(place.x(columns['x']), place.y(columns['y'])))}' {_stroke(slot)}/>"


def _band(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns = series.source
    path = _joined(_points(place.x(columns["x"]), place.y(columns["y"])))
    return f"<path d='{path}' fill='{slot.color}' fill-opacity='{slot.fill}'/>"


def _stretches(starts: list[str], ends: list[str], style: str) -> str:
    path = "".join(f"M{start}L{end}" for start, end in zip(starts, ends, strict=True) if start and end)
    return f"<path d='{path}' {style}/>"


def _stems(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns = series.source
    x = place.x(columns["x"])
    return _stretches(_points(x, place.y(columns["y0"])), _points(x, place.y(columns["y1"])), _stroke(slot))


def _segments(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns = series.source
    ends = [_points(place.x(columns[f"x{end}"]), place.y(columns[f"y{end}"])) for end in (0, 1)]
    return _stretches(*ends, _stroke(slot))


def _rectangles(left, bottom, right, top, colors: Iterable[str], style: str) -> str:
    corners = zip(_points(left, bottom), _points(right, top), colors, strict=True)
    found = []
    for low, high, color in corners:
        if low and high:
            (x0, y0), (x1, y1) = low.split(), high.split()
            found.append(f"<path d='M{x0} {y0}V{y1}H{x1}V{y0}Z' fill='{color}' {style}/>")
    return "".join(found)


def _bars(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns = series.source
    count = len(series)
    return _rectangles(
        place.x(columns["left"]), place.y(np.zeros(count)), place.x(columns["right"]), place.y(columns["top"]),
        [slot.color] * count, f"fill-opacity='{slot.fill}'",
    )  # fmt: skip


def _boxes(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns = series.source
    colors = [theme.ROLES[role] for role in columns["color"]]
    left, right = place.x(columns["left"]), place.x(columns["right"])
    bottom, top = place.y(columns["bottom"]), place.y(columns["top"])
    return _rectangles(left, bottom, right, top, colors, "")


def _cells(series: Series, slot: theme.Slot, place: _Frame) -> str:
    """One image, a pixel for each cell."""
    columns = series.source
    values, (left,), (bottom,) = columns["image"][0][::-1], columns["x"], columns["y"]
    right, top = left + columns["dw"][0], bottom + columns["dh"][0]
    low, high = _measured(slot.scale[:2], slot.scale.log)
    share = np.clip((_measured(values, slot.scale.log) - low) / (high - low), 0, 1)
    x, y, end, foot = (float(each) for each in (place.x(left), place.y(top), place.x(right), place.y(bottom)))
    return (
        f"<image x='{x:.1f}' y='{y:.1f}' width='{end - x:.1f}' height='{foot - y:.1f}' preserveAspectRatio='none' "
        f"style='image-rendering: pixelated' href='data:image/png;base64,{png(share, slot)}'/>"
    )


def _scale(slot: theme.Slot, left: float, up: float) -> str:
    """Colours of cells from bottom to top, with the numbers they mean."""
    low, high, _ = slot.scale
    colors = png(np.linspace(1, 0, theme.SHADES)[:, None], slot)
    ends = {ABOVE + 10: high, ABOVE + up: low}
    said = "".join(f"<text x='{left + 14}' y='{y}'>{plain(end)}</text>" for y, end in ends.items())
    return (
        f"<image x='{left}' y='{ABOVE}' width='10' height='{up}' preserveAspectRatio='none' "
        f"href='data:image/png;base64,{colors}'/>{said}"
    )


def _dots(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns, size = series.source, theme.dots(slot)["size"] / 2
    places = filter(None, _points(place.x(columns["x"]), place.y(columns["y"])))
    circle = f"m{-size} 0a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0Z"
    marks = "".join(f"M{point}{circle}" for point in places)
    return f"<path d='{marks}' fill='{slot.color}' stroke='white' stroke-width='0.7'/>"


def _diamonds(series: Series, slot: theme.Slot, place: _Frame) -> str:
    columns = series.source
    places = filter(None, _points(place.x(columns["x"]), place.y(columns["y"])))
    marks = "".join(f"M{point}m-4 0l4 -6l4 6l-4 6Z" for point in places)
    return f"<path d='{marks}' fill='{slot.color}' stroke='white' stroke-width='0.7'/>"


ANCHORS = {"left": "start", "center": "middle", "right": "end"}


def _texts(style: str):
    def texts(series: Series, slot: theme.Slot, place: _Frame) -> str:
        columns = series.source
        color, ground = theme.words(slot)
        behind = f" stroke='{ground}' stroke-width='5' stroke-linejoin='round' paint-order='stroke'" if ground else ""
        look = f"fill='{color}'{behind} {style}"
        x, y = place.x(columns["x"]), place.y(columns["y"])
        places = _points(x, y)
        sides = [ANCHORS[side] for side in columns.get("text_align", ["center"] * len(x))]
        on_a_row = np.unique(y).size == 1  # or they have rows of their own
        gaps = np.diff(np.sort(x)) if on_a_row else np.zeros(0)
        room = gaps.min(initial=np.inf) - 6  # which longer words are squeezed into
        return "".join(
            f"<text x='{point.split()[0]}' y='{point.split()[1]}' text-anchor='{side}' {look}"
            + f" textLength='{room:.0f}' lengthAdjust='spacingAndGlyphs'" * bool(0 < room < LETTER * len(str(text)))
            + f">{escape(str(text))}</text>"
            for point, text, side in zip(places, columns["text"], sides, strict=True) if point
        )  # fmt: skip

    return texts


MARKS = {
    "bars": _bars,
    "band": _band,
    "line": _line,
    "stems": _stems,
    "segments": _segments,
    "points": _diamonds,
    "dots": _dots,
    "cells": _cells,
    "labels": _texts("dy='1em' font-size='10'"),
    "figures": _texts("dy='0.35em' font-size='16' font-weight='bold'"),
    "boxes": _boxes,
}
"""How each mark of a picture is drawn."""


def _axes(picture: Picture, place: _Frame, left: float, bottom: float, across: float) -> str:
    """Lines, ticks with their numbers, and what is measured."""
    found = [f"<path d='M{left} {ABOVE}V{bottom}h{across}' fill='none' stroke='{INK}'/>"]
    across_kind, up_kind = picture.axes
    for value in TICKS[across_kind](*picture.xlim):
        x = left + float(place.x(value))
        found.append(f"<path d='M{x:.1f} {bottom}v4' stroke='{INK}'/>")
        found.append(f"<text x='{x:.1f}' y='{bottom + 15}' text-anchor='middle'>{text_at(value, across_kind)}</text>")
    for value in TICKS[up_kind](*picture.ylim):
        y = ABOVE + float(place.y(value))
        found.append(f"<path d='M{left} {y:.1f}h-4' stroke='{INK}'/>")
        found.append(f"<text x='{left - 6}' y='{y + 4:.1f}' text-anchor='end'>{text_at(value, up_kind)}</text>")
    middle = (ABOVE + bottom) / 2
    found.append(
        f"<text x='{left + across / 2}' y='{bottom + 33}' text-anchor='middle'>{escape(picture.xlabel)}</text>"
        f"<text transform='translate(12 {middle}) rotate(-90)' text-anchor='middle'>{escape(picture.ylabel)}</text>"
    )
    return "".join(found)


def _legend(picture: Picture, across: float) -> str:
    """Names beside what they look like, two in a row and long ones cut, in the room that is left above the rest."""
    slots = {series.name: theme.SLOTS[series.slot] for series in reversed(picture.series) if series.name}
    most = int((0.47 * across - 32) / LETTER)
    found = []
    for number, name in enumerate(picture.legend):
        x, y, slot = across * (0.03 + 0.5 * (number % 2)), 12 + 18 * (number // 2), slots[name]
        swatch = f"<path d='M{x:.1f} {y - 5}h26v10h-26Z' fill='{slot.color}' fill-opacity='{slot.fill}'/>"
        found.append(
            f"{swatch}<path d='M{x:.1f} {y}h26' {_stroke(slot)}/>"
            f"<text x='{x + 32:.1f}' y='{y + 4}'>{escape(name if len(name) <= most else f'{name[: most - 1]}…')}</text>"
        )
    return "".join(found)
