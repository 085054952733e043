"""Answers of every kind to draw pictures of, and what is found in pictures."""

import numpy as np

from initviz.initializers import CLASSES
from initviz.study import Study
from initviz.views.picture import Picture, Series


def answer(name="he_normal", shape=(30, 20), **settings):
    """Of a small draw."""
    return Study(name, shape=shape, **settings).answer()


FAMILIES = {name: {"value": 0.3} if name == "constant" else {} for name, cls in CLASSES.items() if name == cls.function}
"""Every initializer once, with the arguments it needs."""
DRAWS = [answer(name, (3, 8, 12), **settings) for name, settings in FAMILIES.items()]
DRAWS += [answer(dtype=dtype) for dtype in ("bfloat16", "float8_e5m2", "float8_e4m3fn", "complex64")]
DRAWS += [answer(shape=(0, 5))]


def named(result) -> str:
    """Identifies a draw among `DRAWS`."""
    return f"{result.question.function}-{result.question.dtype}-{result.plan.size}"


def parts(picture: Picture, mark: str, slot: str) -> list[Series]:
    """All series with a mark in a slot."""
    return [series for series in picture.series if (series.mark, series.slot) == (mark, slot)]


def part(picture: Picture, mark: str, slot: str) -> dict[str, np.ndarray]:
    """Columns of the only series with a mark in a slot."""
    (series,) = parts(picture, mark, slot)
    return series.columns


def integral(bars: dict[str, np.ndarray]) -> float:
    """Area of bars."""
    return float(np.sum((bars["right"] - bars["left"]) * bars["height"]))
