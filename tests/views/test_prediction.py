"""A prediction over a picture: where its line lies, its words, and axes that hold both."""

import numpy as np
import pytest
from drawn import answer
from oracles import refused

from initviz.views.histogram import histogram
from initviz.views.picture import Picture, Series
from initviz.views.prediction import predicted
from initviz.views.svg import svg

FOUND = histogram(answer("he_normal", shape=(8, 4)))
GROWS = Picture(
    "signal", "Signal", "layer", "mean square", (0.5, 4.5), (1e-3, 1.0),
    (Series("", "line", {"x": np.arange(1.0, 5), "y": np.full(4, 0.5)}, "data"),), axes=("whole", "log"),
)  # fmt: skip


def line(picture):
    return {name: np.asarray(values).tolist() for name, values in picture.series[-2].columns.items()}


def test_a_number_stands_where_it_lies_on_its_axis():
    low, high = FOUND.ylim
    assert line(predicted(FOUND, 0.1)) == {"x": [0.1] * 3, "y": [low, high, pytest.approx(np.nan, nan_ok=True)]}
    across = line(predicted(FOUND, 0.1, "±x"))["x"]
    assert across == [-0.1] * 3 + [0.1] * 3
    assert line(predicted(FOUND, 0.2, "y")) == {"x": list(FOUND.xlim), "y": [0.2, 0.2]}


def test_a_factor_is_what_grows_by_it_at_every_step_from_the_first_point():
    assert line(predicted(GROWS, 0.5, "factor")) == {"x": [1.0, 2.0, 3.0, 4.0], "y": [0.5, 0.25, 0.125, 0.0625]}


@pytest.mark.parametrize(("value", "way"), [(50.0, "x"), (-50.0, "x"), (50.0, "±x"), (1e4, "y")])
def test_axes_hold_a_prediction_that_lies_outside(value, way):
    drawn = predicted(FOUND, value, way)
    limits, old = (drawn.ylim, FOUND.ylim) if way == "y" else (drawn.xlim, FOUND.xlim)
    assert limits[0] <= min(old[0], value)
    assert limits[1] >= max(old[1], value)
    assert limits != old


def test_logarithmic_axes_hold_one_too_but_nothing_below_0():
    assert predicted(GROWS, 1e-6, "y").ylim[0] < 1e-6
    assert predicted(GROWS, 30.0, "y").ylim == (1e-3, pytest.approx(30 * (30 / 1e-3) ** 0.08))
    assert predicted(GROWS, 0.0, "y").ylim == GROWS.ylim


def test_its_words_stand_inside_and_are_drawn():
    for value in (-0.3, 0.0, 0.3):
        drawn = predicted(FOUND, value)
        words = drawn.series[-1].columns
        assert words["align"] == ["right" if value > 0 else "left"]
        assert drawn.xlim[0] <= words["x"][0] <= drawn.xlim[1]
        assert "your prediction" in svg(drawn)
        assert drawn.overlay is not None


def test_its_words_stand_below_a_legend():
    several = histogram(answer("he_normal", shape=(8, 4)), answer("lecun_normal", shape=(8, 4)), names=["he", "lecun"])
    low, high = several.ylim
    for way in ("x", "±x"):
        assert predicted(several, 0.3, way).series[-1].columns["y"].tolist() == [low + 0.8 * (high - low)]
        assert predicted(FOUND, 0.3, way).series[-1].columns["y"].tolist() == [FOUND.ylim[1]]


def test_there_are_only_so_many_ways():
    refused(
        ValueError,
        "line must be one of x, ±x, y, factor, got 'factr'. Did you mean factor?",
        predicted,
        FOUND,
        1.0,
        "factr",
    )
