"""Phase diagrams: cells, critical line and words of the theory, and names of dots that do not overlap."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from drawn import part, parts
from oracles import refused
from pictured import keeps_the_contract

from initviz.propagation import phase_diagram
from initviz.views import phases
from initviz.views.svg import svg

TANH, RELU = phase_diagram("tanh"), phase_diagram("relu")
HERE = ("this network", 2.0, 0.05)
RECIPES = [("Xavier", 1.0, 0.0), ("LeCun", 1.0, 0.0), ("orthogonal", 1.0, 0.0), ("He", 2.0, 0.0), ("Fixup", 2.0, 0.0),
           ("PyTorch's default", 1 / 3, 1 / 768), ("LSUV", 2.0, 0.0), ("GPT-2", 0.31, 0.0), ("Keras", 1.0, 0.0),
           ("gain 5/3", 25 / 9, 0.0)]  # fmt: skip


@pytest.mark.parametrize("diagram", [None, TANH, RELU, phase_diagram("linear"), phase_diagram("x*x"),
                                     phase_diagram("sign(x)"), phase_diagram("tanh", [1.0, 2.0], [0.0, 0.1])],
                         ids=["none", "tanh", "relu", "linear", "square", "sign", "small"])  # fmt: skip
@pytest.mark.parametrize("dots", [[], [HERE], [HERE, *RECIPES]], ids=["none", "one", "many"])
def test_pictures_of_every_diagram(diagram, dots):
    picture = phases.phase_diagram(diagram, dots)
    keeps_the_contract(picture)
    assert picture.form == phases.phase_diagram(TANH).form


def test_cells_are_depth_scales_up_to_what_the_colours_mean():
    (series,) = parts(phases.phase_diagram(TANH), "cells", "deep")
    (image,) = series.source["image"]
    np.testing.assert_allclose(image, np.nan_to_num(np.clip(TANH.depth_scale, 1, 200)), rtol=1e-6)
    assert [series.source[name][0] for name in ("x", "y", "dw", "dh")] == pytest.approx(
        [0.025, -0.5 / 59, 4.0, 60 / 59]
    )
    table = phases.phase_diagram(TANH).table()
    assert table["depth scale in layers"].notna().sum() == np.isfinite(series.columns["value"]).sum()


def test_what_stays_for_ever_has_the_darkest_colour():
    linear = phase_diagram("linear")
    (series,) = parts(phases.phase_diagram(linear), "cells", "deep")
    assert series.columns["value"][np.argmin(np.abs(linear.weight_variances - 1))] == 200


def test_the_critical_line_and_the_words_are_where_the_theory_has_them():
    picture = phases.phase_diagram(TANH, [HERE], "tanh")
    assert picture.title == "Order and chaos of tanh: depth scale in layers"
    line = part(picture, "line", "theory")
    assert np.column_stack(list(line.values())).tolist() == TANH.critical_line.tolist()
    x, y, words = part(picture, "figures", "quiet").values()
    assert words == ["ordered", "chaotic"]
    for place, chaotic in enumerate((False, True)):
        row, column = np.abs(TANH.bias_variances - y[place]).argmin(), np.abs(TANH.weight_variances - x[place]).argmin()
        assert (TANH.chi[row, column] > 1) == chaotic
    assert not len(part(picture, "points", "theory")["x"])
    relu = phases.phase_diagram(RELU)
    assert part(relu, "points", "theory") == {"x": pytest.approx([2]), "y": pytest.approx([0], abs=1e-9)}
    assert part(relu, "figures", "quiet")["text"] == ["ordered", "unbounded"]


def test_the_network_and_the_others_are_dots_with_their_names_in_the_table():
    picture = phases.phase_diagram(TANH, [HERE, *RECIPES])
    assert part(picture, "dots", "data wide") == {"x": [2.0], "y": [0.05], "text": ["this network"]}
    others = part(picture, "dots", "draw 3")
    assert list(zip(others["text"], others["x"], others["y"], strict=True)) == RECIPES
    table = picture.table()
    assert table[table["series"] == "other networks"]["label"].tolist() == [name for name, _, _ in RECIPES]


def boxes(picture, letter):
    """Names, then dots, as parts of the plot, with letters of this width."""
    (left, right), (low, high) = picture.xlim, picture.ylim
    names, dots, half = [], [], phases.DOT / 2
    for series in picture.series:
        if series.mark in ("labels", "dots"):
            columns = {"align": [""] * len(series)} | series.columns
            for x, y, text, side in zip(*(columns[name] for name in ("x", "y", "text", "align")), strict=True):
                u, v = (x - left) / (right - left), (y - low) / (high - low)
                if side:
                    width = letter * len(text)
                    start = u - width * {"left": 0, "center": 0.5, "right": 1}[side]
                    names.append((start, start + width, v - phases.LINE, v))
                else:
                    dots.append((u - half, u + half, v - half, v + half))
    return names, dots


MANY = [*RECIPES, ("GPT-2, unscaled", 0.05, 0.0), ("DeepNorm", 0.05, 0.0), ("T-Fixup", 0.06, 0.0),
        ("delta-orthogonal", 1.05, 2e-5), ("μP", 0.25, 0.0), ("ReZero", 2.0, 0.0)]  # fmt: skip


@pytest.mark.parametrize(("dots", "letter"), [(RECIPES, phases.LETTERS[0]), (MANY, phases.LETTERS[1])],
                         ids=["phone", "screen"])  # fmt: skip
def test_names_do_not_overlap_each_other_or_a_dot_and_stay_inside(dots, letter):
    picture = phases.phase_diagram(TANH, [HERE, *dots])
    names = [text for series in picture.series if series.mark == "labels" for text in series.columns["text"]]
    assert sorted(names) == sorted([HERE[0], *(name for name, _, _ in dots)])
    found, dots = boxes(picture, letter)
    for one, other in [*combinations(found, 2), *product(found, dots)]:
        assert max(other[0] - one[1], one[0] - other[1], other[2] - one[3], one[2] - other[3]) > -1e-9
    for left, right, low, high in found:
        assert min(left, low, 1 - right, 1 - high) > -1e-9


def test_dots_beyond_the_diagram():
    picture = phases.phase_diagram(TANH, [("far", 9.0, 2.0), ("farther", 30.0, 0.0), ("nowhere", np.nan, 0.0)])
    keeps_the_contract(picture)
    assert picture.xlim[1] > 9
    assert picture.ylim[1] > 2
    assert part(picture, "dots", "draw 3")["text"] == ["farther"]  # in the table; outside the frame
    assert part(picture, "labels", "draw 3")["text"] == []
    assert len(svg(picture)) < 40_000  # its cells are one image


def test_variances_that_are_not_evenly_spaced_are_refused():
    uneven = replace(TANH, weight_variances=TANH.weight_variances**2)
    message = ("a picture of phases needs two or more evenly spaced variances, got others. Pass for instance "
               "np.linspace(0, 4, 80).")  # fmt: skip
    refused(ValueError, message, phases.phase_diagram, uneven)


def test_a_network_without_a_dot_leaves_its_place_to_no_recipe():
    picture = phases.phase_diagram(RELU, [("", np.nan, np.nan), ("he", 2.0, 0.0)])
    series = {each.what: each for each in picture.series}
    assert len(series["this network"]) == len(series["name of this network"]) == 0
    assert list(series["name of another network"].columns["text"]) == ["he"]


def test_the_title_says_what_the_networks_of_the_diagram_have_not():
    assert phases.phase_diagram(None, [], "tanh").title == "Order and chaos of tanh: depth scale in layers"
    title = phases.phase_diagram(None, [], "tanh", ["branches", "norms"]).title
    assert title == "Order and chaos of tanh without branches and norms: depth scale in layers"
