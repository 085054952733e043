"""Every colour and size of the views. Colours are Okabe & Ito's, told apart with any colour vision and on any theme."""

import holoviews.plotting.bokeh  # noqa: F401 - makes HoloViews know the Bokeh options

DATA = "#0072B2"
THEORY = "#D55E00"
THEORY_DASH = "dashed"
ROLES = {
    "in": "#009E73",
    "rows": "#009E73",
    "out": "#E69F00",
    "columns": "#E69F00",
    "batch": "#CC79A7",
    "field": "#56B4E9",
    "free": "#999999",
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
SHARED = "#F0E442"
"""An axis with more than one role."""
ROLE_COLOURS = tuple(dict.fromkeys((*ROLES.values(), SHARED)))

PLOT_HEIGHT = 270
FAN_HEIGHT = 115
FONTS = {"title": "11pt", "labels": "10pt", "ticks": "9pt"}
TEXT_SIZE = "9pt"
TOOLS = ["pan", "box_zoom", "wheel_zoom", "reset", "save"]


def role_colour(role: str) -> str:
    """Colour of an axis role; one colour for all shared axes."""
    return ROLES.get(role, SHARED)


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
        "backend_opts": {"plot.output_backend": "canvas", "plot.toolbar.logo": None},
    }  # fmt: skip
    return options | BACKEND


BACKEND = {"backend": "bokeh"}
BARS = {"color": DATA, "line_color": DATA, "fill_alpha": 0.8, "line_alpha": 0.9, "line_width": 0.5} | BACKEND
LAW = {"color": THEORY, "line_width": 2.5} | BACKEND
MARKS = {"color": THEORY, "line_width": 2, "line_dash": THEORY_DASH} | BACKEND
STEMS = {"color": DATA, "line_width": 2} | BACKEND
LINE = {"color": DATA, "line_width": 2} | BACKEND
VALUES = {"color": DATA, "line_width": 6, "line_alpha": 0.7} | BACKEND  # wider than the law, which covers it
MEDIAN = {"color": DATA, "line_width": 2.5, "line_dash": "dotted"} | BACKEND
SPREAD = {"color": DATA, "fill_alpha": 0.25, "line_alpha": 0} | BACKEND
BAND = {"color": THEORY, "fill_alpha": 0.3, "line_alpha": 0} | BACKEND
REACH = {"color": THEORY, "line_width": 5, "line_alpha": 0.55} | BACKEND
EXPECTED = {"color": THEORY, "marker": "diamond", "size": 11, "line_color": "white"} | BACKEND
NAMES = {"text_color": THEORY, "text_font_size": TEXT_SIZE, "text_baseline": "top", "text_align": "center"} | BACKEND
BOXES = {"line_color": None, "fill_alpha": 0.85} | BACKEND
SIZES = {"text_font_size": "15pt", "text_color": "#111111", "text_font_style": "bold"} | BACKEND
ROLE_NAMES = {"text_font_size": TEXT_SIZE, "text_baseline": "top", "text_color": "#808080"} | BACKEND
