"""Views are pure: what they draw are the numbers they are given and the laws they are told."""

import holoviews as hv
import numpy as np
import pytest

from initviz.fans.by_shape import count_fans
from initviz.initializers import CLASSES
from initviz.spectra import MarchenkoPastur, Points
from initviz.study import Study
from initviz.views import theme
from initviz.views.fans import fans
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.histogram import histogram
from initviz.views.spectrum import KINDS as SPECTRA
from initviz.views.spectrum import spectrum


def answer(name="he_normal", shape=(30, 20), **settings):
    return Study(name, shape=shape, **settings).answer()


def weights_of(result, kind="density"):
    marginal, dtype = result.plan.ensemble.marginal, result.question.dtype
    return histogram(result.summary, marginal, dtype, result.band, result.reach, kind)


def spectrum_of(result, kind="density"):
    size = result.unfolding.size if result.unfolding else (0, 0)
    return spectrum(result.singular_values, result.spectrum, size, kind)


def options(picture):
    return hv.Store.lookup_options("bokeh", picture.overlay, "plot").kwargs


def layers(picture):
    return [(layer.dimension_values(0).tolist(), layer.dimension_values(1).tolist()) for layer in picture.overlay]


def part(picture, kind):
    """The HoloViews element of one kind of layer."""
    return picture.overlay.get(list(picture.layers).index(kind))


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
@pytest.mark.parametrize(
    ("view", "kind"), [(v, k) for v, ks in ((weights_of, WEIGHTS), (spectrum_of, SPECTRA)) for k in ks]
)
def test_the_same_data_give_the_same_picture(view, kind, result):
    first, second = view(result, kind), view(result, kind)
    assert layers(first) == layers(second)
    assert options(first)["title"] == options(second)["title"]
    assert list(first.layers) == list(view(DRAWS[0], kind).layers)  # or a live plot would be built anew
    low, high = first.xlim
    assert low < high
    for layer in first.overlay:
        assert np.isfinite(layer.dimension_values(1).astype(float)).all()


@by_question
def test_bars_hold_the_share_of_weights_inside(result):
    bars = part(weights_of(result), "bars")
    weights = result.weights.astype(np.complex64)
    expected = np.stack([weights.real, weights.imag] if result.question.dtype == "complex64" else [weights.real])
    finite = expected[np.isfinite(expected)]
    inside = np.mean((bars.edges[0] <= finite) & (finite <= bars.edges[-1])) if finite.size else 0.0
    assert integral(bars) == pytest.approx(inside, rel=1e-12)
    assert inside > 0.99 or not finite.size


@by_question
def test_the_curve_is_the_density_of_the_law(result):
    marginal, curve = result.plan.ensemble.marginal, part(weights_of(result), "law")
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
    spikes, names = (part(weights_of(result), kind) for kind in ("marks", "names"))
    atoms = result.plan.ensemble.marginal.atoms
    assert spikes.dimension_values(0).tolist() == [value for value, _ in atoms]
    assert len(names.dimension_values(2)) == len(atoms)


def test_a_spike_is_as_high_as_the_bar_it_predicts():
    bars, spikes, names = (part(weights_of(answer("ones")), kind) for kind in ("bars", "marks", "names"))
    assert spikes.dimension_values(1).tolist() == [bars.dimension_values(1).max()]
    assert names.dimension_values(2).tolist() == ["P(w = 1) = 1"]


def test_the_label_of_many_zeros_gives_the_observed_share():
    (label,) = part(weights_of(answer("delta_orthogonal", (3, 8, 12))), "names").dimension_values(2)
    assert label == "P(w = 0) = 0.6667, observed 0.6667"


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
    assert integral(part(picture, "bars")) == pytest.approx(1.0 if len(result.singular_values) else 0.0, rel=1e-9)
    low, high = options(picture)["xlim"]
    assert low < 0 < high
    assert all(low < value < high for value in result.singular_values)


def test_the_curve_of_the_spectrum_is_the_bulk_between_its_edges():
    law = MarchenkoPastur(30, 20, 0.5)
    values = np.linspace(3, 1, 20)
    picture = spectrum(values, law, (30, 20))
    curve, marks, names = (part(picture, kind) for kind in ("law", "marks", "names"))
    x, y = curve.dimension_values(0), curve.dimension_values(1)
    np.testing.assert_allclose(y, law.pdf(x))
    np.testing.assert_allclose((x[0], x[-1]), law.edges)
    assert marks.dimension_values(0).tolist() == list(law.edges)
    assert names.dimension_values(2).tolist() == [f"s₋ = {law.edges[0]:.4g}", f"s₊ = {law.edges[1]:.4g}"]
    assert np.trapezoid(y, x) == pytest.approx(1, rel=1e-3)


def test_an_outlier_has_its_own_mark_and_its_share_of_the_curve():
    result = answer("uniform", (40, 40))
    curve, marks, names = (part(spectrum_of(result), kind) for kind in ("law", "marks", "names"))
    assert result.spectrum.outlier
    assert marks.dimension_values(0).tolist() == [*result.spectrum.edges, result.spectrum.outlier]
    assert names.dimension_values(2)[-1] == f"outlier of the mean: {result.spectrum.outlier:.4g}"
    area = np.trapezoid(curve.dimension_values(1), curve.dimension_values(0))
    assert area == pytest.approx(39 / 40, rel=1e-3)


def test_single_values_fall_amid_their_bars():
    law = Points(((2.0, 3), (0.0, 2)))
    picture = spectrum(np.array([2.0, 2.0, 2.0, 0.0, 0.0]), law, (5, 6))
    bars, curve, marks, names = (part(picture, kind) for kind in ("bars", "law", "marks", "names"))
    assert not len(curve)
    assert marks.dimension_values(0).tolist() == [2.0, 0.0]
    assert names.dimension_values(2).tolist() == ["equal values: 3 × 2", "zeros: 2 × 0"]
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
    drawn = fans(shape, roles).overlay
    boxes, sizes, names = drawn
    assert names.dimension_values(2).tolist() == [f"axis {axis}: {word}" for axis, word in enumerate(words)]
    assert sizes.dimension_values(2).tolist() == ["3", "5", "64", "1,024"]
    left, _, right, _, coloured_as = map(boxes.dimension_values, range(5))
    assert coloured_as.tolist() == ["shared" if "+" in role else role for role in roles]
    mapper = next(iter(hv.renderer("bokeh").get_plot(drawn).subplots.values())).handles["color_color_mapper"]
    assert dict(zip(mapper.factors, mapper.palette, strict=True)) == theme.ROLES  # also of roles that no axis has
    assert (left[1:] > right[:-1]).all()
    assert (np.diff(right - left) > 0).all()  # a larger axis is a wider box
    np.testing.assert_allclose((left + right) / 2, names.dimension_values(0))


def test_roles_of_initializers_without_fans():
    assert theme.role_word("free") == "in no fan"
    assert theme.role_word("in+out") == "input and output"
    colours = set(theme.ROLES.values())
    assert len(colours | {theme.DATA, theme.THEORY}) == len(colours) + 2


def test_the_band_is_that_of_the_bins_and_holds_the_law():
    result = answer(shape=(60, 50))
    edges, _ = result.summary.coarse()
    x, low, high = weights_of(result).layers["band"]
    unit = result.summary.count * (edges[1] - edges[0])
    np.testing.assert_allclose([low[::2] * unit, high[::2] * unit], result.band)
    np.testing.assert_allclose(x[::2], edges[:-1])
    np.testing.assert_allclose(x[1::2], edges[1:])
    middle = (edges[1:] + edges[:-1]) / 2
    density = result.plan.ensemble.marginal.pdf(middle)
    assert np.all((low[::2] <= density) & (density <= high[::2]))
    assert not len(weights_of(answer("orthogonal")).layers["band"][0])


def test_the_distribution_function_is_that_of_the_weights_at_the_bins_ends():
    result = answer("uniform", (60, 50))
    x, share = weights_of(result, "CDF").layers["line"]
    np.testing.assert_allclose(share, [np.mean(result.weights < end) for end in x], atol=2 / 3000)
    _, low, high = weights_of(result, "CDF").layers["band"]
    law = result.plan.ensemble.marginal.cdf(x)
    np.testing.assert_allclose(high - low, np.minimum(law + result.reach, 1) - np.maximum(law - result.reach, 0))
    x, distance = weights_of(result, "CDF − law").layers["line"]
    np.testing.assert_allclose(distance, share - law)


@by_question
def test_sorted_values_and_their_distribution_function(result):
    values = result.singular_values
    rank, shown = spectrum_of(result, "sorted").layers["values"]
    assert rank.tolist() == list(range(1, len(values) + 1))
    assert shown.tolist() == values.tolist()
    x, share = spectrum_of(result, "CDF").layers["values"]
    for value in values:
        assert share[x <= value].max() == pytest.approx(np.mean(values <= value))


def test_the_expected_extremes_stand_apart_from_the_edges():
    result = answer("normal", (64, 64))
    law = result.spectrum
    for kind, places in (("density", (0, 2)), ("sorted", (1, 3)), ("CDF", (0, 2))):
        picture = spectrum_of(result, kind)
        at = picture.layers["expected"][kind == "sorted"]
        assert at.tolist() == [law.largest.mean, law.smallest.mean]
        low, high = (picture.layers["reach"][i] for i in places)
        np.testing.assert_allclose(high - low, [2 * law.largest.sd, 2 * law.smallest.sd])
    assert law.largest.mean + law.largest.sd < law.edges[1] + law.largest.sd
    assert not len(spectrum_of(answer("orthogonal")).layers["expected"][0])


@pytest.mark.parametrize("kind", ["density", "CDF"])
def test_names_are_not_cut_off_by_the_frame(kind):
    picture = spectrum_of(answer("uniform", (64, 32)), kind)
    at, _, names = picture.layers["names"]
    low, high = picture.xlim
    for x, name in zip(at, names, strict=True):
        half = len(name) * 6.5 / 2 / 380 * (high - low)
        assert low <= x - half + 1e-12
        assert x + half <= high + 1e-12


@pytest.mark.parametrize("kind", SPECTRA)
def test_only_the_first_of_many_single_values_are_named(kind):
    law = Points(tuple((float(value), 1) for value in range(1, 9)))
    picture = spectrum(np.arange(8.0, 0, -1), law, (8, 8), kind)
    assert len(picture.layers["names"][0]) == 3
