"""Where the axes of an image have their ticks, and what stands there."""

import numpy as np

from initviz.views.theme import PERCENTS
from initviz.wording import plain

STEPS = 6
"""Steps between ticks."""


def even(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, at most seven.

    >>> even(-0.3, 0.3)
    [-0.2, -0.1, 0.0, 0.1, 0.2]
    >>> even(0, 12)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
    """
    least = (high - low) / STEPS
    decade = 10.0 ** np.floor(np.log10(least))
    step = next(decade * factor for factor in (1, 2, 5, 10) if decade * factor >= least)
    return [float(f"{number * step:.12g}") for number in range(int(np.ceil(low / step)), int(high // step) + 1)]


def powers(low: float, high: float) -> list[float]:
    """Powers of ten from `low` to `high`, at most seven; round numbers where there are less than two.

    >>> powers(2e-9, 30)
    [1e-08, 1e-06, 0.0001, 0.01, 1.0]
    """
    first, last = int(np.ceil(np.log10(low))), int(np.floor(np.log10(high)))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if (last - first) // step < STEPS + 1)
    found = [float(f"1e{power}") for power in range(-(-first // step) * step, last + 1, step)]
    return found if len(found) > 1 else even(low, high)


def whole(low: float, high: float) -> list[float]:
    """Whole numbers from `low` to `high`, round and at most seven.

    >>> whole(0.5, 3.5)
    [1.0, 2.0, 3.0]
    """
    return [value for value in even(low, high) if value == round(value)]


def percents(low: float, high: float) -> list[float]:
    """Percents from `low` to `high`, which are never more than 100.

    >>> percents(0, 124)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    return [float(each) for each in PERCENTS if low <= each <= high]


TICKS = {"even": even, "log": powers, "whole": whole, "percent": percents}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def text_at(value: float, kind: str) -> str:
    """The number at a tick, 10⁻⁴ for a power of ten along such an axis."""
    power = round(np.log10(value)) if kind == "log" else 0
    return f"10{str(power).translate(RAISED)}" if kind == "log" and value == float(f"1e{power}") else plain(value)
