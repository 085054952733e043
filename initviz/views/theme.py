"""Every colour and size of the views. Colours are Okabe & Ito's, told apart with any colour vision and on any theme."""

from functools import partial
from typing import NamedTuple

import holoviews as hv
import holoviews.plotting.bokeh  # makes HoloViews know the Bokeh options
from bokeh.models import AdaptiveTicker, CustomJS, FixedTicker, LogTicker

DATA = "#0072B2"
THEORY = "#D55E00"
PREDICTION = "#CC79A7"
"""Of what a reader predicted, which is neither measured nor theory."""
SHARED = "shared"
"""The role of an axis with more than one."""
ROLES = {
    "in": "#009E73",
    "rows": "#009E73",
    "out": "#E69F00",
    "columns": "#E69F00",
    "batch": "#CC79A7",
    "field": "#56B4E9",
    "free": "#999999",
    SHARED: "#F0E442",
}
ROLE = hv.Dimension("role", values=list(ROLES))
"""What a box is coloured by."""

PLOT_HEIGHT = 270
FAN_HEIGHT = 130
FONTS = {"title": "11pt", "labels": "10pt", "ticks": "9pt"}
TEXT_SIZE = "9pt"
TOOLS = ["pan", "box_zoom", "wheel_zoom", "reset", "save"]

PERCENTS = range(0, 101, 20)
LEGEND = {
    "ncols": 2, "click_policy": "hide", "label_text_font_size": TEXT_SIZE, "glyph_width": 26, "glyph_height": 16,
    "label_height": 16, "label_standoff": 8, "spacing": 10, "padding": 4, "margin": 4, "background_fill_alpha": 0.6,
    "border_line_alpha": 0, "inactive_fill_color": "#808080", "inactive_fill_alpha": 0.5,
}  # fmt: skip
"""Options of a legend, whose names a click hides and shows again."""
MOST_SERIES = 100  # with more HoloViews leaves the legend out
LEGEND_MARGIN, LEGEND_ROW = 0.03, 0.145
"""Heights of a legend without a row and of a row, of that of the axis in a plot of ordinary height."""


def with_legend(ylim: tuple[float, float], names: int) -> tuple[float, float]:
    """The limits, wide enough for a legend with that many names above what they held."""
    rows = -(-names // LEGEND["ncols"])
    low, high = ylim
    return low, low + (high - low) / (1 - LEGEND_MARGIN - rows * LEGEND_ROW)


def labelled(title: str) -> dict[str, str]:
    """What a plot is for assistive software."""
    return {"role": "figure", "aria-label": title}


WRAP = r"""
const {title} = figure
const wrap = () => {
  const times = window.initvizTimes ?? 1  // while it is presented
  const size = 13.5 * times
  const pen = document.createElement("canvas").getContext("2d")
  pen.font = `${title.text_font_style} ${size}px ${title.text_font}`
  const lines = [""]
  for (const word of title.text.split(/\s/)) {
    const longer = `${lines.at(-1)} ${word}`.trim()
    if (pen.measureText(longer).width <= figure.inner_width) lines.splice(-1, 1, longer)
    else lines.push(word)
  }
  const shown = lines.filter(Boolean)
  const text = shown.join("\n")
  if (!figure.inner_width || (text === title.text && times === (title.initvizTimes ?? 1))) return
  title.initvizTimes = times
  title.setv({text, text_font_size: `${size}px`}, {sync: false})
  const room = shown.length > 1 ? Math.ceil(shown.length * 1.2 * size + title.standoff) : null  // as it was
  figure.setv({min_border_top: room}, {sync: false})
}
setTimeout(wrap)  // once the figure is painted, amid which it may be
"""
"""In the browser: breaks a title that is wider than its figure into lines, which Bokeh would cut off."""


def frame(file: str, bare: bool, axes: tuple[str, str] = ("even", "even")) -> dict:
    """Options of a whole plot. The save tool gets a file name, without which browsers prompt, and the plot a role."""

    def finish(plot, element):
        shown = plot.state
        shown.html_attributes = labelled(shown.title.text)
        if not shown.js_property_callbacks:
            wrap = CustomJS(args={"figure": shown}, code=WRAP)
            shown.js_on_change("inner_width", wrap)
            shown.title.js_on_change("text", wrap)
        for tool in shown.tools:
            if type(tool).__name__ == "SaveTool":
                tool.filename = file

    options = {
        "responsive": True, "height": PLOT_HEIGHT, "min_width": 260, "framewise": True, "default_tools": TOOLS,
        "active_tools": [], "toolbar": "right", "fontsize": FONTS, "legend_opts": LEGEND, "legend_limit": MOST_SERIES,
        "hooks": [finish],
        "backend_opts": {"plot.output_backend": "canvas", "plot.toolbar.logo": None, "plot.outline_line_color": None},
    }  # fmt: skip
    for axis, kind in zip("xy", axes, strict=True):
        options[f"log{axis}"] = kind == "log"
        if kind in TICKERS:
            options[f"{axis}ticks"] = TICKERS[kind]()
    return options | (BARE if bare else {}) | BACKEND


TICKERS = {
    "log": partial(LogTicker, num_minor_ticks=0),  # of many decades they would be a stripe
    "whole": partial(AdaptiveTicker, mantissas=[1, 2, 5], min_interval=1, num_minor_ticks=0),
    "percent": partial(FixedTicker, ticks=list(PERCENTS)),
}
"""Where an axis of each kind has its ticks, if not where Bokeh would have them."""
BARE = {"xaxis": None, "yaxis": None, "show_frame": False, "toolbar": None, "height": FAN_HEIGHT}
"""Options of a low plot without axes and tools."""
BACKEND = {"backend": "bokeh"}
LAYER = BACKEND | {"apply_ranges": False}  # the frame has the limits


class Scale(NamedTuple):
    """What the colours of cells mean: none of `low`, the whole of `high`; beyond, the same."""

    low: float
    high: float
    log: bool = False


class Slot(NamedTuple):
    """A place in the palette: what a series in it looks like, whatever its mark."""

    color: str
    dash: str | list[int] = "solid"
    width: float = 2.0
    """Of lines, in pixels."""
    alpha: float = 1.0
    """Of lines."""
    fill: float = 0.0
    """Opacity of bars and bands, and of the fullest cells."""
    scale: Scale = Scale(0, 1)
    """Of cells."""


COMPARED = (
    (DATA, "solid"), ("#E69F00", "dashed"), ("#009E73", "dotted"), ("#CC79A7", "dotdash"), ("#56B4E9", [12, 4]),
    (THEORY, [12, 3, 2, 3, 2, 3]),
)  # fmt: skip
"""Colour and line style of each of several draws in one picture, and of its law."""

SLOTS = {
    "data": Slot(DATA, fill=0.9),  # on black, too, three times as bright
    "data wide": Slot(DATA, width=6, alpha=0.7),  # wider than the law, which covers it
    "data dotted": Slot(DATA, "dotted", 2.5),
    "data pale": Slot(DATA, fill=0.25),
    "theory": Slot(THEORY, width=2.5, fill=0.3),
    "theory dashed": Slot(THEORY, "dashed"),
    "theory wide": Slot(THEORY, width=5, alpha=0.55),
    "prediction": Slot(PREDICTION, "dashed", 3),
    "ink": Slot("#111111"),
    "quiet": Slot("#808080"),
    "note": Slot("#595959"),
    "often": Slot(DATA, fill=0.9, scale=Scale(0, 0.5)),
    "deep": Slot(DATA, fill=0.75, scale=Scale(1, 200, log=True)),
}
for number, (color, dash) in enumerate(COMPARED, 1):
    SLOTS |= {
        f"draw {number}": Slot(color, dash, fill=0.4),
        f"draw {number} wide": Slot(color, width=6, alpha=0.4),
        f"law {number}": Slot(color, dash, 2.5, fill=0.1),
        f"law {number} dashed": Slot(color, "dashed", 1.5),
        f"law {number} wide": Slot(color, width=5, alpha=0.55),
    }
"""The palette: "data" and "theory" of a draw alone, "draw" and "law" of one among several, each with its variants."""


def line(slot: Slot) -> dict:
    """The slot as the style of anything made of lines."""
    return {"color": slot.color, "line_dash": slot.dash, "line_width": slot.width, "line_alpha": slot.alpha}


def area(slot: Slot) -> dict:
    """The slot as the style of a band without an outline."""
    return {"color": slot.color, "fill_alpha": slot.fill, "line_alpha": 0}


def bars(slot: Slot) -> dict:
    """The slot as the style of bars with a thin outline."""
    return {
        "color": slot.color,
        "fill_alpha": slot.fill,
        "line_color": slot.color,
        "line_alpha": 0.9,
        "line_width": 0.5,
    }


def points(slot: Slot) -> dict:
    """The slot as the style of single points."""
    return {"color": slot.color, "marker": "diamond", "size": 11, "line_color": "white"}


def dots(slot: Slot) -> dict:
    """The slot as the style of round dots, as large as its lines are wide."""
    return {"color": slot.color, "marker": "circle", "size": 5 + 2 * slot.width, "line_color": "white"}


SHADES = 256


def shades(slot: Slot) -> list[str]:
    """Colours of cells, from none, which is the page's own whatever that is, to the slot's."""
    return [f"{slot.color}{round(255 * slot.fill * shade / (SHADES - 1)):02x}" for shade in range(SHADES)]


def cells(slot: Slot) -> dict:
    """The slot as the style of cells, with what their colours mean at the right."""
    low, high, log = slot.scale
    bar = {"width": 10, "padding": 4, "label_standoff": 4, "bar_line_color": None, "major_tick_line_color": None,
           "background_fill_alpha": 0}  # fmt: skip
    return {
        "cmap": shades(slot), "clim": (low, high), "cnorm": "log" if log else "linear", "colorbar": True,
        "clabel": "", "colorbar_opts": bar,
    }  # fmt: skip


def labels(slot: Slot) -> dict:
    """The slot as the style of words that hang below their place, on the side of it that their column `align` says."""
    color, place = words(slot)
    style = {"text_color": color, "text_font_size": TEXT_SIZE, "text_baseline": "top"}
    return style | {"hooks": [partial(_finish_words, place=place)]}


WORDS_ON = "#A84A00"
"""Behind white words about the law: its own orange is too pale for words, be it on white or as white's ground."""
GROUNDS = {THEORY: WORDS_ON, DATA: DATA, ROLES["in"]: "#006B4F", "#595959": "#595959",
           PREDICTION: "#93457A"}  # fmt: skip
"""Behind white words of a colour, which would be too pale or too dark on one of a light and a dark page."""


def words(slot: Slot) -> tuple[str, str | None]:
    """The colours of words in a slot and of what is right behind them, if anything is."""
    return ("#ffffff", GROUNDS[slot.color]) if slot.color in GROUNDS else (slot.color, None)


def _finish_words(plot, element, place: str | None) -> None:
    plot.handles["glyph"].update(background_fill_color=place, border_radius=3, padding=2 if place else 0)
    source = plot.handles["source"]  # of a single word HoloViews itself would make no column
    source.data = {**source.data, "text_align": list(element.dimension_values("align"))}
    plot.handles["glyph"].text_align = {"field": "text_align"}


def figures(slot: Slot) -> dict:
    """The slot as the style of large bold words around their place."""
    return {"text_color": slot.color, "text_font_size": "15pt", "text_font_style": "bold"}


def boxes(slot: Slot) -> dict:
    """The style of boxes, whose colour says their role, whatever the slot."""
    return {"color": ROLE.name, "cmap": ROLES, "line_color": None}
