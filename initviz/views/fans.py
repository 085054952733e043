"""The shape as coloured boxes: which axis counts as input, output, batch or receptive field."""

from functools import lru_cache

import numpy as np

from initviz.views import theme
from initviz.views.picture import Picture


@lru_cache(maxsize=64)  # most changes leave the shape alone
def fans(shape: tuple[int, ...], roles: tuple[str, ...]) -> Picture:
    """One box per axis in order, wider for larger sizes, coloured by role and labelled with size, axis and role."""
    widths = np.array([1.6 + 0.16 * np.log2(max(size, 1)) for size in shape])
    right = np.cumsum(widths + 0.12)
    left = right - widths
    centre = (left + right) / 2
    names = [f"axis {axis}: {theme.role_word(role)}" for axis, role in enumerate(roles)]
    coloured_as = [role if role in theme.ROLES else theme.SHARED for role in roles]
    layers = {
        "boxes": (left, np.full(len(shape), 0.35), right, np.full(len(shape), 1.0), coloured_as),
        "sizes": (centre, np.full(len(shape), 0.68), [f"{size:,}" for size in shape]),
        "roles": (centre, np.full(len(shape), 0.28), names),
    }
    bare = {"xaxis": None, "yaxis": None, "show_frame": False, "toolbar": None, "height": theme.FAN_HEIGHT}
    return Picture("fans", "Axes of the shape", (0, float(right[-1]) + 0.12), (0, 1.1), layers, bare)
