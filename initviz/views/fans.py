"""The shape as coloured boxes: which axis counts as input, output, batch or receptive field."""

import textwrap
from functools import lru_cache

import numpy as np

from initviz.initializers.plan import role_words
from initviz.views import theme
from initviz.views.picture import Picture, Series

PHONE = 55
"""Letters across a phone."""


@lru_cache(maxsize=64)  # most changes leave the shape alone
def fans(shape: tuple[int, ...], roles: tuple[str, ...]) -> Picture:
    """One box per axis in order, wider for larger sizes, coloured by role and labelled with size, axis and role."""
    widths = np.array([1.6 + 0.16 * np.log2(max(size, 1)) for size in shape])
    right = np.cumsum(widths + 0.12)
    left = right - widths
    centre = (left + right) / 2
    names = [_name(axis, role, width / right[-1]) for axis, (role, width) in enumerate(zip(roles, widths, strict=True))]
    boxes = {
        "left": left, "bottom": np.full(len(shape), 0.05), "right": right, "top": np.full(len(shape), 1.0),
        "role": [role if role in theme.ROLES else theme.SHARED for role in roles],
    }  # fmt: skip
    sizes = {"x": centre, "y": np.full(len(shape), 0.84), "text": [f"{size:,}" for size in shape]}
    hung = {"x": centre, "y": np.full(len(shape), 0.67), "text": names, "align": ["center"] * len(shape)}
    series = (
        Series("", "boxes", boxes, "ink", "axis"),
        Series("", "figures", sizes, "ink", "size"),
        Series("", "labels", hung, "ink", "role"),
    )
    xlim = (0, float(right[-1]) + 0.12)
    return Picture("fans", "Axes of the shape", "", "", xlim, (0, 1.1), series, bare=True)


def _name(axis: int, role: str, share: float) -> str:
    """What an axis is, in as many lines as it takes on a phone, of whose width the box has this share."""
    lines = textwrap.wrap(f"axis {axis}: {role_words(role)}", max(int(share * PHONE), 9))
    return "\n".join(lines)
