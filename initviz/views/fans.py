"""The shape as coloured boxes: which axis counts as input, output, batch or receptive field."""

from functools import lru_cache

import holoviews as hv
import numpy as np

from initviz.views import theme


@lru_cache(maxsize=64)  # most changes leave the shape alone
def fans(shape: tuple[int, ...], roles: tuple[str, ...]) -> hv.Overlay:
    """One box per axis in order, wider for larger sizes, coloured by role and labelled with size, axis and role."""
    widths = np.array([1.6 + 0.16 * np.log2(max(size, 1)) for size in shape])
    right = np.cumsum(widths + 0.12)
    left = right - widths
    centre = (left + right) / 2
    names = [f"axis {axis}: {theme.role_word(role)}" for axis, role in enumerate(roles)]
    boxes = [  # one element per colour, empty or not, so that pictures of different shapes differ only in data
        hv.Rectangles([(left[a], 0.35, right[a], 1.0) for a, role in enumerate(roles) if theme.role_colour(role) == c])
        .opts(color=c, line_color=None, fill_alpha=0.85, **theme.BACKEND)
        for c in theme.ROLE_COLOURS
    ]  # fmt: skip
    sizes = hv.Labels((centre, [0.68] * len(shape), [f"{size:,}" for size in shape]), ["x", "y"], "size").opts(
        text_font_size="15pt", text_color="#111111", text_font_style="bold", **theme.BACKEND
    )
    words = hv.Labels((centre, [0.28] * len(shape), names), ["x", "y"], "role").opts(
        text_font_size=theme.TEXT_SIZE, text_baseline="top", text_color="#808080", **theme.BACKEND
    )
    limits = {"xlim": (0, float(right[-1]) + 0.12), "ylim": (0, 1.1)}
    bare = {"xaxis": None, "yaxis": None, "show_frame": False, "toolbar": None, "height": theme.FAN_HEIGHT}
    return hv.Overlay([*boxes, sizes, words]).opts(**theme.frame("Axes of the shape", name="axes", **limits, **bare))
