"""Every colour and size of the views. Colours are Okabe & Ito's, told apart with any colour vision and on any theme."""

import holoviews as hv
import holoviews.plotting.bokeh  # makes HoloViews know the Bokeh options

DATA = "#0072B2"
THEORY = "#D55E00"
THEORY_DASH = "dashed"
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
ROLE_WORDS = {
    "in": "input",
    "rows": "rows",
    "out": "output",
    "columns": "columns",
    "batch": "batch",
    "field": "receptive field",
    "free": "in no fan",
}
ROLE = hv.Dimension("role", values=list(ROLES))
"""What a box is coloured by."""

PLOT_HEIGHT = 270
FAN_HEIGHT = 115
FONTS = {"title": "11pt", "labels": "10pt", "ticks": "9pt"}
TEXT_SIZE = "9pt"
TOOLS = ["pan", "box_zoom", "wheel_zoom", "reset", "save"]


def role_word(role: str) -> str:
    """A role in words."""
    return " and ".join(ROLE_WORDS[part] for part in role.split("+"))


def frame(name: str, title: str, xlim: tuple[float, float], ylim: tuple[float, float]) -> dict:
    """Options of a whole plot. The save tool gets a file name, without which browsers prompt."""

    def name_file(plot, element):
        for tool in plot.state.tools:
            if type(tool).__name__ == "SaveTool":
                tool.filename = f"initviz-{name}"

    options = {
        "title": title, "xlim": xlim, "ylim": ylim, "responsive": True, "height": PLOT_HEIGHT, "min_width": 260,
        "framewise": True, "show_legend": False, "default_tools": TOOLS, "active_tools": [], "toolbar": "above",
        "fontsize": FONTS, "hooks": [name_file],
        "backend_opts": {"plot.output_backend": "canvas", "plot.toolbar.logo": None, "plot.outline_line_color": None},
    }  # fmt: skip
    return options | BACKEND


BACKEND = {"backend": "bokeh"}
LAYER = BACKEND | {"apply_ranges": False}  # the frame has the limits
BARS = {"color": DATA, "line_color": DATA, "fill_alpha": 0.8, "line_alpha": 0.9, "line_width": 0.5} | LAYER
LAW = {"color": THEORY, "line_width": 2.5} | LAYER
MARKS = {"color": THEORY, "line_width": 2, "line_dash": THEORY_DASH} | LAYER
STEMS = {"color": DATA, "line_width": 2} | LAYER
LINE = {"color": DATA, "line_width": 2} | LAYER
VALUES = {"color": DATA, "line_width": 6, "line_alpha": 0.7} | LAYER  # wider than the law, which covers it
MEDIAN = {"color": DATA, "line_width": 2.5, "line_dash": "dotted"} | LAYER
SPREAD = {"color": DATA, "fill_alpha": 0.25, "line_alpha": 0} | LAYER
BAND = {"color": THEORY, "fill_alpha": 0.3, "line_alpha": 0} | LAYER
REACH = {"color": THEORY, "line_width": 5, "line_alpha": 0.55} | LAYER
EXPECTED = {"color": THEORY, "marker": "diamond", "size": 11, "line_color": "white"} | LAYER
NAMES = {"text_color": THEORY, "text_font_size": TEXT_SIZE, "text_baseline": "top", "text_align": "center"} | LAYER
BOXES = {"color": ROLE.name, "cmap": ROLES, "show_legend": False, "line_color": None, "fill_alpha": 0.85} | LAYER
SIZES = {"text_font_size": "15pt", "text_color": "#111111", "text_font_style": "bold"} | LAYER
ROLE_NAMES = {"text_font_size": TEXT_SIZE, "text_baseline": "top", "text_color": "#808080"} | LAYER
