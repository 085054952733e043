"""Pictures of singular values draw the numbers they are given and the laws they are told."""

import numpy as np
import pytest
from drawn import DRAWS, answer, integral, named, part, parts

from initviz.spectra import MarchenkoPastur, Points
from initviz.views.spectrum import KINDS, spectrum, spectrum_of

of_every_draw = pytest.mark.parametrize("result", DRAWS, ids=named)


def picture_of(values, law, kind="density"):
    return spectrum_of(values, law, kind, "spectrum", "some values")


@of_every_draw
def test_every_singular_value_is_in_a_bar(result):
    picture = spectrum(result)
    assert integral(part(picture, "bars", "data")) == pytest.approx(float(len(result.singular_values) > 0), rel=1e-9)
    low, high = picture.xlim
    assert low < 0 < high
    assert all(low < value < high for value in result.singular_values)


def test_the_curve_of_the_spectrum_is_the_bulk_between_its_edges():
    law = MarchenkoPastur(30, 20, 0.5)
    picture = picture_of(np.linspace(3, 1, 20), law)
    x, y = part(picture, "line", "theory").values()
    np.testing.assert_allclose(y, law.pdf(x))
    np.testing.assert_allclose((x[0], x[-1]), law.edges)
    assert part(picture, "stems", "theory dashed")["x"].tolist() == list(law.edges)
    assert part(picture, "labels", "theory")["text"] == [f"s₋ = {law.edges[0]:.4g}", f"s₊ = {law.edges[1]:.4g}"]
    assert np.trapezoid(y, x) == pytest.approx(1, rel=1e-3)


def test_an_outlier_has_its_own_mark_and_its_share_of_the_curve():
    result = answer("uniform", (40, 40))
    picture = spectrum(result)
    assert result.spectrum.outlier
    marks = part(picture, "stems", "theory dashed")["x"]
    assert marks.tolist() == [*result.spectrum.edges, result.spectrum.outlier]
    assert part(picture, "labels", "theory")["text"][-1] == f"outlier of the mean: {result.spectrum.outlier:.4g}"
    curve = part(picture, "line", "theory")
    assert np.trapezoid(curve["y"], curve["x"]) == pytest.approx(39 / 40, rel=1e-3)


def test_single_values_fall_amid_their_bars():
    law = Points(((2.0, 3), (0.0, 2)))
    picture = picture_of(np.array([2.0, 2.0, 2.0, 0.0, 0.0]), law)
    left, right, heights = part(picture, "bars", "data").values()
    assert not len(part(picture, "line", "theory")["x"])
    assert part(picture, "stems", "theory dashed")["x"].tolist() == [2.0, 0.0]
    assert part(picture, "labels", "theory")["text"] == ["equal values: 3 at 2", "zeros: 2 at 0"]
    for value, count in law.points:
        (bar,) = np.flatnonzero((left < value) & (value < right))
        assert heights[bar] * (right - left)[bar] == pytest.approx(count / 5)
        assert (left[bar] + right[bar]) / 2 == pytest.approx(value)


@pytest.mark.parametrize(("settings", "title"), [
    ({}, "Singular values: 20 of a 30 × 20 matrix"),
    ({"shape": (0, 5)}, "Singular values: none"),
])  # fmt: skip
def test_titles_of_the_spectrum(settings, title):
    assert spectrum(answer(**settings)).title == title


@of_every_draw
def test_sorted_values_and_their_distribution_function(result):
    values = result.singular_values
    rank, shown = part(spectrum(result, kind="sorted"), "line", "data wide").values()
    assert rank.tolist() == list(range(1, len(values) + 1))
    assert shown.tolist() == values.tolist()
    x, share = part(spectrum(result, kind="CDF"), "line", "data wide").values()
    for value in values:
        assert share[x <= value].max() == pytest.approx(np.mean(values <= value))


def test_the_expected_extremes_stand_apart_from_the_edges():
    result = answer("normal", (64, 64))
    law = result.spectrum
    for kind in KINDS:
        picture, axis = spectrum(result, kind=kind), "y" if kind == "sorted" else "x"
        assert part(picture, "points", "theory")[axis].tolist() == [law.largest.mean, law.smallest.mean]
        reach = part(picture, "segments", "theory wide")
        np.testing.assert_allclose(reach[f"{axis}1"] - reach[f"{axis}0"], [2 * law.largest.sd, 2 * law.smallest.sd])
    assert not len(part(spectrum(answer("orthogonal")), "points", "theory")["x"])


PHONE = 235
"""Pixels between the ends of an axis on a phone."""


@pytest.mark.parametrize("kind", ["density", "CDF"])
def test_names_are_not_cut_off_by_the_frame(kind):
    picture = spectrum(answer("uniform", (64, 32)), kind=kind)
    at, _, names, sides = part(picture, "labels", "theory").values()
    low, high = picture.xlim
    for x, name, side in zip(at, names, sides, strict=True):
        width = len(name) * 6.5 / PHONE * (high - low)
        left = x - width * {"left": 0, "center": 0.5, "right": 1}[side]
        assert low <= left
        assert left + width <= high


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_first_of_many_single_values_are_named(kind):
    law = Points(tuple((float(value), 1) for value in range(1, 9)))
    assert len(part(picture_of(np.arange(8.0, 0, -1), law, kind), "labels", "theory")["text"]) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_several_draws_keep_their_own_values_and_laws_in_a_frame_that_holds_both(kind):
    results = answer("normal", (64, 48), stddev=0.1), answer("orthogonal", (48, 48))
    both = spectrum(*results, names=("normal", "orthogonal"), kind=kind)
    assert both.title == "Singular values: 2 draws"
    assert not parts(both, "labels", "theory")  # they would overlap, and the legend stands there
    for place, result in enumerate(results, 1):
        alone = spectrum(result, kind=kind)
        for series in (each for each in alone.series if each.mark in ("bars", "line")):
            slot = series.slot.replace("data", f"draw {place}").replace("theory", f"law {place}")
            found = part(both, series.mark, slot)
            for column, values in series.columns.items():
                if kind == "CDF" and series.mark == "line":  # those lines reach the end of the frame
                    assert found["x"][-1] == both.xlim[1]
                    assert found["y"][-1] == 1
                elif series.mark == "bars":  # those of all have the same edges
                    np.testing.assert_array_equal(found["left"], part(both, "bars", "draw 1")["left"])
                    np.testing.assert_allclose(found["height"] @ (found["right"] - found["left"]), 1)
                else:
                    np.testing.assert_array_equal(found[column], values)
        assert both.xlim[0] <= alone.xlim[0] < alone.xlim[1] <= both.xlim[1]
    assert spectrum(*[results[0]] * 3, kind=kind).title == "Singular values: 3 draws, 64 × 48"
