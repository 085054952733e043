"""What a plot shows, as data: HoloViews draws it once, and a live plot then only takes its columns."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import holoviews as hv
import numpy as np
import pandas as pd

from initviz.views import theme
from initviz.wording import several


def _as_they_are(**columns) -> dict:
    return columns


class Mark(NamedTuple):
    """What a series can be drawn as."""

    element: Callable[..., hv.Element]
    style: Callable[[theme.Slot], dict]
    """Its options in a slot."""
    columns: dict[str, str]
    """What each column holds: "x", "y", either end of a stretch of it ("x from", "x to"), words; "" for a look.

    "value" is a number that has a colour: the series says what of.
    """
    dimensions: tuple[list, list]
    """Of the element: keys and values."""
    source: Callable[..., dict] = _as_they_are
    """What Bokeh's data source holds of the columns."""
    data: Callable[..., tuple | dict] = lambda **columns: tuple(columns.values())
    """What the element is made from."""


WORDS = {"x": "x", "y": "y", "text": "label"}


def _aligned(align, **columns) -> dict:
    return {**columns, "text_align": align}


def _grid(x, y, value, across, up) -> dict:
    """Cells as one image, whose rows go up from the lowest; what is NaN is as clear as 0."""
    if not len(x):
        return {"image": [np.zeros((1, 1), np.float32)], "x": [0.0], "y": [0.0], "dw": [1.0], "dh": [1.0]}
    left, right = np.min(x) - across[0] / 2, np.max(x) + across[0] / 2
    bottom, top = np.min(y) - up[0] / 2, np.max(y) + up[0] / 2
    columns, rows = (round(size) for size in ((right - left) / across[0], (top - bottom) / up[0]))
    image = np.zeros((rows, columns), np.float32)  # half as much to send
    image[_place(y, bottom, up[0]), _place(x, left, across[0])] = np.nan_to_num(value)
    return {"image": [image], "x": [left], "y": [bottom], "dw": [right - left], "dh": [top - bottom]}


def _place(at, start: float, size: float) -> np.ndarray:
    return np.rint((np.asarray(at) - start) / size - 0.5).astype(int)


def _image(of: dict, **named) -> hv.Image:
    """An image of cells, whose first row is the highest in HoloViews."""
    left, bottom = of["x"][0], of["y"][0]
    return hv.Image(of["image"][0][::-1], bounds=(left, bottom, left + of["dw"][0], bottom + of["dh"][0]), **named)


MARKS = {
    "bars": Mark(
        hv.Histogram, theme.bars, {"left": "x from", "right": "x to", "height": "y"}, (["x"], ["y"]),
        source=lambda left, right, height: {"left": left, "right": right, "top": height},
        data=lambda left, right, height: (np.append(left, right[-1:]), height),
    ),
    "band": Mark(
        hv.Area, theme.area, {"x": "x", "low": "y from", "high": "y to"}, (["x"], ["low", "high"]),
        source=lambda x, low, high: {"x": np.concatenate([x, x[::-1]]), "y": np.concatenate([high, low[::-1]])},
    ),
    "line": Mark(hv.Curve, theme.line, {"x": "x", "y": "y"}, (["x"], ["y"])),
    "stems": Mark(
        hv.Spikes, theme.line, {"x": "x", "y": "y"}, (["x"], ["y"]),
        source=lambda x, y: {"x": x, "y0": np.zeros(len(x)), "y1": y},
    ),
    "segments": Mark(
        hv.Segments, theme.line, {"x0": "x from", "y0": "y from", "x1": "x to", "y1": "y to"},
        (["x0", "y0", "x1", "y1"], []),
    ),
    "points": Mark(hv.Scatter, theme.points, {"x": "x", "y": "y"}, (["x"], ["y"])),
    "dots": Mark(
        hv.Points, theme.dots, WORDS, (["x", "y"], ["text"]), source=lambda x, y, text: {"x": x, "y": y},
    ),
    "cells": Mark(
        _image, theme.cells, {"x": "x", "y": "y", "value": "value", "across": "", "up": ""}, (["x", "y"], ["value"]),
        source=_grid, data=_grid,
    ),
    "labels": Mark(
        hv.Labels, theme.labels, WORDS | {"align": ""}, (["x", "y"], ["text", "align"]), source=_aligned,
    ),
    "figures": Mark(hv.Labels, theme.figures, WORDS, (["x", "y"], ["text"])),
    "boxes": Mark(
        hv.Rectangles, theme.boxes,
        {"left": "x from", "bottom": "y from", "right": "x to", "top": "y to", "role": "role"},
        (["left", "bottom", "right", "top"], [theme.ROLE]),
        source=lambda role, **corners: {**corners, "color": role},
    ),
}  # fmt: skip
"""All that can be drawn."""


@dataclass(frozen=True, eq=False)
class Series:
    """Columns of one length, drawn as one of `MARKS` in a place of the palette."""

    name: str
    """Entry in the legend, which several series of one draw share; empty for none."""
    mark: str
    columns: dict[str, Sequence]
    slot: str
    """One of `theme.SLOTS`."""
    what: str = ""
    """What it is of what the legend names, in a few words for who does not see the picture."""
    hidden: bool = False
    """Whether it is not drawn for now; its axes and its name in the legend stay."""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def source(self) -> dict:
        """What Bokeh's data source holds."""
        return MARKS[self.mark].source(**self.columns)

    @property
    def element(self) -> hv.Element:
        """The series drawn with HoloViews."""
        mark = MARKS[self.mark]
        keys, values = mark.dimensions
        element = mark.element(mark.data(**self.columns), kdims=keys, vdims=values, label=self.name)
        style = mark.style(theme.SLOTS[self.slot]) | ({"visible": False} if self.hidden else {})
        return element.opts(**style, **theme.LAYER)


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """Series over one another, in a frame. A notebook shows it as an image; `table` gives its data."""

    name: str
    title: str
    xlabel: str
    """What is measured along the axis, with its unit; empty where places mean nothing."""
    ylabel: str
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    series: tuple[Series, ...]
    bare: bool = False
    """Low, without axes and tools."""
    axes: tuple[str, str] = ("even", "even")
    """Of x and y: "log" for powers of ten, "whole" for what is counted, "percent", else "even"."""
    of: str = "initviz"
    """How names of files of it begin."""

    def __repr__(self) -> str:
        rows = sum(map(len, self.series))
        return f"Picture({self.name!r}: {self.title}; {len(self.series)} series, {several(rows, 'row')})"

    def _repr_html_(self) -> str:
        from initviz.views.svg import image  # which draws pictures

        return image(self)

    def table(self) -> pd.DataFrame:
        """Every row of every series, under the axes' labels."""
        frames = [pd.DataFrame(self._rows(series)) for series in self.series if len(series)]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"series": []})

    def _rows(self, series: Series) -> dict[str, Sequence]:
        rows = {"series": [", ".join(filter(None, (series.name, series.what)))] * len(series)}
        for column, held in MARKS[series.mark].columns.items():
            axis, _, end = held.partition(" ")
            heading = {"x": self.xlabel, "y": self.ylabel, "value": series.what}.get(axis, axis)
            if heading:
                rows[f"{heading} ({end})" if end else heading] = series.columns[column]
        return rows

    @property
    def file(self) -> str:
        """What a file of it is called, but for the end of the name."""
        return f"{self.of}-{self.name}"

    @property
    def form(self) -> tuple:
        """All that is not data: a plot of one picture can take the data of another of the same form."""
        places = {name: place for place, name in enumerate(self.legend)}
        return self.bare, self.axes, *((series.mark, series.slot, places.get(series.name)) for series in self.series)

    @property
    def sources(self) -> list[dict]:
        """What Bokeh's data sources hold, series by series."""
        return [series.source for series in self.series]

    def hiding(self, names: Collection[str]) -> "Picture":
        """The same, in the same axes, without what the legend calls by these names."""
        return replace(self, series=tuple(replace(each, hidden=bool(each.name in names)) for each in self.series))

    @property
    def hidden(self) -> set[str]:
        """Names in the legend of what is not drawn for now."""
        return {each.name for each in self.series if each.hidden}

    @property
    def legend(self) -> tuple[str, ...]:
        """Names in the legend, which a picture has where it compares."""
        names = tuple(dict.fromkeys(series.name for series in self.series if series.name))
        return names if len(names) > 1 else ()

    @cached_property
    def overlay(self) -> hv.Overlay:
        """The picture drawn with HoloViews."""
        framed = {name: getattr(self, name) for name in ("title", "xlabel", "ylabel", "xlim", "ylim")}
        options = theme.frame(self.file, self.bare, self.axes) | framed | {"show_legend": bool(self.legend)}
        return hv.Overlay([series.element for series in self.series]).opts(**options)
