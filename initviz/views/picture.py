"""What a plot shows, as data: HoloViews draws it once, and a live plot then only takes its columns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import holoviews as hv
import numpy as np

from initviz.views import theme


class Element(NamedTuple):
    """Its dimensions, and what Bokeh's data source holds of its columns."""

    dimensions: tuple[list[str], list[str]]
    source: Callable[..., dict]


ELEMENTS = {
    hv.Histogram: Element((["x"], ["y"]), lambda edges, y: {"left": edges[:-1], "right": edges[1:], "top": y}),
    hv.Curve: Element((["x"], ["y"]), lambda x, y: {"x": x, "y": y}),
    hv.Scatter: Element((["x"], ["y"]), lambda x, y: {"x": x, "y": y}),
    hv.Area: Element(
        (["x"], ["low", "high"]),
        lambda x, low, high: {"x": np.concatenate([x, x[::-1]]), "y": np.concatenate([high, low[::-1]])},
    ),
    hv.Segments: Element(
        (["x0", "y0", "x1", "y1"], []), lambda x0, y0, x1, y1: {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
    ),
    hv.Spikes: Element((["x"], ["y"]), lambda x, y: {"x": x, "y0": np.zeros(len(x)), "y1": y}),
    hv.Labels: Element((["x", "y"], ["text"]), lambda x, y, text: {"x": x, "y": y, "text": text}),
    hv.Rectangles: Element(
        (["left", "bottom", "right", "top"], [theme.ROLE]),
        lambda x0, y0, x1, y1, role: {"left": x0, "bottom": y0, "right": x1, "top": y1, "color": role},
    ),
}
KINDS: dict[str, tuple[type[hv.Element], dict]] = {
    "bars": (hv.Histogram, theme.BARS),
    "stems": (hv.Spikes, theme.STEMS),
    "spread": (hv.Area, theme.SPREAD),
    "line": (hv.Curve, theme.LINE),
    "values": (hv.Curve, theme.VALUES),
    "median": (hv.Curve, theme.MEDIAN),
    "band": (hv.Area, theme.BAND),
    "law": (hv.Curve, theme.LAW),
    "marks": (hv.Spikes, theme.MARKS),
    "levels": (hv.Segments, theme.MARKS),
    "reach": (hv.Segments, theme.REACH),
    "expected": (hv.Scatter, theme.EXPECTED),
    "names": (hv.Labels, theme.NAMES),
    "sizes": (hv.Labels, theme.SIZES),
    "roles": (hv.Labels, theme.ROLE_NAMES),
    "boxes": (hv.Rectangles, theme.BOXES),
}
"""Kinds of layers: what each is drawn as, and its style."""


@dataclass(frozen=True, eq=False)
class Picture:
    """Layers over one another, in a frame: `layers` maps kinds to their columns, `more` are further plot options."""

    name: str
    title: str
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    layers: dict[str, tuple]
    more: dict = field(default_factory=dict)

    @property
    def sources(self) -> list[dict]:
        """What Bokeh's data sources hold, layer by layer."""
        return [ELEMENTS[KINDS[kind][0]].source(*columns) for kind, columns in self.layers.items()]

    @cached_property
    def overlay(self) -> hv.Overlay:
        """The picture drawn with HoloViews."""
        elements = []
        for name, columns in self.layers.items():
            kind, style = KINDS[name]
            axes, values = ELEMENTS[kind].dimensions
            elements.append(kind(columns, kdims=axes, vdims=values).opts(**style))
        frame = theme.frame(self.name, self.title, self.xlim, self.ylim)
        return hv.Overlay(elements).opts(**frame | self.more)
