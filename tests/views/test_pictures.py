"""Views are pure: what they draw are the numbers they are given and the laws they are told."""

import holoviews as hv
import numpy as np
import pytest

from initviz.fans import count_fans
from initviz.initializers import CLASSES
from initviz.spectra import MarchenkoPastur, Points
from initviz.study import Study
from initviz.summary import BINS, Bins, Summary
from initviz.views import theme
from initviz.views.fans import fans
from initviz.views.histogram import display_bins, histogram
from initviz.views.spectrum import spectrum


def answer(name="he_normal", shape=(30, 20), **settings):
    return Study(name, shape=shape, **settings).answer()


def weights_of(result):
    return histogram(result.summary, result.plan.ensemble.marginal, result.question.dtype).overlay


def spectrum_of(result):
    size = result.unfolding.size if result.unfolding else (0, 0)
    return spectrum(result.singular_values, result.spectrum, size).overlay


def options(picture):
    return hv.Store.lookup_options("bokeh", picture, "plot").kwargs


def layers(picture):
    return [(layer.dimension_values(0).tolist(), layer.dimension_values(1).tolist()) for layer in picture]


def integral(bars: hv.Histogram) -> float:
    return float(np.sum(np.diff(bars.edges) * bars.dimension_values(1)))


DRAWS = [
    answer(name, (3, 8, 12), **({"value": 0.3} if name == "constant" else {}))
    for name, cls in CLASSES.items()
    if name == cls.function
]
DRAWS += [answer(dtype=dtype) for dtype in ("bfloat16", "float8_e5m2", "float8_e4m3fn", "complex64")]
by_question = pytest.mark.parametrize("result", DRAWS, ids=lambda r: f"{r.question.function}-{r.question.dtype}")


@by_question
@pytest.mark.parametrize("view", [weights_of, spectrum_of])
def test_the_same_data_give_the_same_picture(view, result):
    first, second = view(result), view(result)
    assert layers(first) == layers(second)
    assert options(first)["title"] == options(second)["title"]
    assert [type(layer) for layer in first] == [hv.Histogram, hv.Curve, hv.Spikes, hv.Labels]


@by_question
def test_bars_hold_the_share_of_weights_inside(result):
    bars = weights_of(result).get(0)
    weights = result.weights.astype(np.complex64)
    expected = np.stack([weights.real, weights.imag] if result.question.dtype == "complex64" else [weights.real])
    finite = expected[np.isfinite(expected)]
    inside = np.mean((bars.edges[0] <= finite) & (finite <= bars.edges[-1])) if finite.size else 0.0
    assert integral(bars) == pytest.approx(inside, rel=1e-12)
    assert inside > 0.99 or not finite.size


@by_question
def test_the_curve_is_the_density_of_the_law(result):
    marginal, curve = result.plan.ensemble.marginal, weights_of(result).get(1)
    x, y = curve.dimension_values(0), curve.dimension_values(1)
    if marginal.distribution is None:
        assert not len(x)
        return
    expected = np.minimum(marginal.pdf(x[1:-1]), options(weights_of(result))["ylim"][1])
    np.testing.assert_allclose(y[1:-1], expected, rtol=1e-12)
    assert y[0] == y[-1] == 0
    assert np.all(np.diff(x) >= 0)


@by_question
def test_spikes_stand_at_the_atoms_of_the_law(result):
    spikes, names = list(weights_of(result))[2:]
    atoms = result.plan.ensemble.marginal.atoms
    assert spikes.dimension_values(0).tolist() == [value for value, _ in atoms]
    assert len(names.dimension_values(2)) == len(atoms)


def test_a_spike_is_as_high_as_the_bar_it_predicts():
    bars, _, spikes, names = weights_of(answer("ones"))
    assert spikes.dimension_values(1).tolist() == [bars.dimension_values(1).max()]
    assert names.dimension_values(2).tolist() == ["P(w = 1) = 1"]


def test_the_label_of_many_zeros_gives_the_observed_share():
    (label,) = weights_of(answer("delta_orthogonal", (3, 8, 12))).get(3).dimension_values(2)
    assert label == "P(w = 0) = 0.6667, observed 0.6667"


@pytest.mark.parametrize(("count", "bins"), [(0, 8), (1, 8), (100, 8), (1000, 16), (65_536, 64), (10**6, 128)])
def test_display_bins_are_merged_fine_bins(count, bins):
    histogram = np.arange(BINS + 2)
    edges, counts = display_bins(Summary(Bins(-1.0, 1.0, 0.0), count, 0, 0, 0.0, 0.0, -1.0, 1.0, histogram))
    assert len(counts) == len(edges) - 1 == bins
    assert counts.sum() == histogram[1:-1].sum()
    assert (edges[0], edges[-1]) == (-1.0, 1.0)
    np.testing.assert_allclose(np.diff(edges), 2 / bins)
    assert counts[0] == histogram[1 : BINS // bins + 1].sum()


@pytest.mark.parametrize(("settings", "title"), [
    ({}, "Weights: 600 values, float32"),
    ({"dtype": "complex64"}, "Weights: 1,200 parts (real, imaginary), complex64"),
    ({"shape": (0, 5)}, "Weights: 0 values, float32"),
])  # fmt: skip
def test_titles_of_the_weights(settings, title):
    assert options(weights_of(answer(**settings)))["title"] == title


def test_the_title_counts_what_is_not_finite():
    result = answer(dtype="float8_e4m3fn")
    lost = result.summary.not_finite
    assert lost == np.isnan(result.weights.astype(np.float32)).sum() > 0
    assert options(weights_of(result))["title"] == (
        f"Weights: {600 - lost:,} values, float8_e4m3fn, {lost:,} NaN or infinite left out"
    )


@by_question
def test_every_singular_value_is_in_a_bar(result):
    picture = spectrum_of(result)
    assert integral(picture.get(0)) == pytest.approx(1.0 if len(result.singular_values) else 0.0, rel=1e-9)
    low, high = options(picture)["xlim"]
    assert low < 0 < high
    assert all(low < value < high for value in result.singular_values)


def test_the_curve_of_the_spectrum_is_the_bulk_between_its_edges():
    law = MarchenkoPastur(30, 20, 0.5)
    values = np.linspace(3, 1, 20)
    _, curve, marks, names = spectrum(values, law, (30, 20)).overlay
    x, y = curve.dimension_values(0), curve.dimension_values(1)
    np.testing.assert_allclose(y, law.pdf(x))
    np.testing.assert_allclose((x[0], x[-1]), law.edges)
    assert marks.dimension_values(0).tolist() == list(law.edges)
    assert names.dimension_values(2).tolist() == [f"s₋ = {law.edges[0]:.4g}", f"s₊ = {law.edges[1]:.4g}"]
    assert np.trapezoid(y, x) == pytest.approx(1, rel=1e-3)


def test_an_outlier_has_its_own_mark_and_its_share_of_the_curve():
    result = answer("uniform", (40, 40))
    _, curve, marks, names = spectrum_of(result)
    assert result.spectrum.outlier
    assert marks.dimension_values(0).tolist() == [*result.spectrum.edges, result.spectrum.outlier]
    assert names.dimension_values(2)[-1] == f"1 × {result.spectrum.outlier:.4g}"
    area = np.trapezoid(curve.dimension_values(1), curve.dimension_values(0))
    assert area == pytest.approx(39 / 40, rel=1e-3)


def test_single_values_fall_amid_their_bars():
    law = Points(((2.0, 3), (0.0, 2)))
    bars, curve, marks, names = spectrum(np.array([2.0, 2.0, 2.0, 0.0, 0.0]), law, (5, 6)).overlay
    assert not len(curve)
    assert marks.dimension_values(0).tolist() == [2.0, 0.0]
    assert names.dimension_values(2).tolist() == ["3 × 2", "2 × 0"]
    for value, count in law.points:
        (bar,) = [i for i, (a, b) in enumerate(zip(bars.edges, bars.edges[1:], strict=False)) if a < value < b]
        assert bars.dimension_values(1)[bar] * np.diff(bars.edges)[bar] == pytest.approx(count / 5)
        assert (bars.edges[bar] + bars.edges[bar + 1]) / 2 == pytest.approx(value)


@pytest.mark.parametrize(("settings", "title"), [
    ({}, "Singular values: 20 of a 30 × 20 matrix"),
    ({"shape": (0, 5)}, "Singular values: none"),
])  # fmt: skip
def test_titles_of_the_spectrum(settings, title):
    assert options(spectrum_of(answer(**settings)))["title"] == title


@pytest.mark.parametrize(("axes", "words"), [
    ({}, ["receptive field", "receptive field", "input", "output"]),
    ({"in_axis": 0}, ["input", "receptive field", "receptive field", "output"]),
    ({"batch_axis": (0, 1)}, ["batch", "batch", "input", "output"]),
    ({"in_axis": (2, 3)}, ["receptive field", "receptive field", "input", "input and output"]),
])  # fmt: skip
def test_axes_are_boxes_coloured_and_named_by_role(axes, words):
    shape = (3, 5, 64, 1024)
    roles = count_fans(shape, **axes).roles
    *boxes, sizes, names = fans(shape, roles).overlay
    assert names.dimension_values(2).tolist() == [f"axis {axis}: {word}" for axis, word in enumerate(words)]
    assert sizes.dimension_values(2).tolist() == ["3", "5", "64", "1,024"]
    found = {}
    for layer in boxes:
        colour = hv.Store.lookup_options("bokeh", layer, "style").kwargs["color"]
        found |= dict.fromkeys(zip(layer.dimension_values(0), layer.dimension_values(2), strict=True), colour)
    left_to_right = sorted(found)
    assert [found[box] for box in left_to_right] == [theme.role_colour(role) for role in roles]
    widths = [x1 - x0 for x0, x1 in left_to_right]
    assert widths == sorted(widths)  # a larger axis is a wider box
    centres = [(x0 + x1) / 2 for x0, x1 in left_to_right]
    np.testing.assert_allclose(centres, names.dimension_values(0))


def test_roles_of_initializers_without_fans():
    assert theme.role_word("free") == "in no fan"
    assert theme.role_word("in+out") == "input and output"
    assert theme.role_colour("in+out") == theme.SHARED
    assert len(set(theme.ROLE_COLOURS) | {theme.DATA, theme.THEORY}) == len(theme.ROLE_COLOURS) + 2
