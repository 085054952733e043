"""Pictures of weights draw the numbers they are given and the laws they are told."""

import numpy as np
import pytest
from drawn import DRAWS, answer, integral, named, part, parts

from initviz.views.histogram import histogram

of_every_draw = pytest.mark.parametrize("result", DRAWS, ids=named)


def is_complex(result):
    return result.plan.dtype == np.complex64


@of_every_draw
def test_bars_hold_the_share_of_weights_inside(result):
    bars = part(histogram(result), "bars", "data")
    weights = result.weights.astype(np.complex64)
    expected = np.stack([weights.real, weights.imag] if is_complex(result) else [weights.real])
    finite = expected[np.isfinite(expected)]
    inside = np.mean((bars["left"][0] <= finite) & (finite <= bars["right"][-1])) if finite.size else 0.0
    assert integral(bars) == pytest.approx(inside, rel=1e-12)
    assert inside > 0.99 or not finite.size


@of_every_draw
def test_the_curve_is_the_density_of_the_law(result):
    marginal, picture = result.plan.ensemble.marginal, histogram(result)
    x, y = part(picture, "line", "theory").values()
    if marginal.distribution is None:
        assert not len(x)
        return
    np.testing.assert_allclose(y[1:-1], np.minimum(marginal.pdf(x[1:-1]), picture.ylim[1]), rtol=1e-12)
    assert y[0] == y[-1] == 0
    assert np.all(np.diff(x) >= 0)


@of_every_draw
def test_spikes_stand_at_the_atoms_of_the_law(result):
    picture, atoms = histogram(result), result.plan.ensemble.marginal.atoms if result.plan.size else ()
    assert part(picture, "stems", "theory dashed")["x"].tolist() == [value for value, _ in atoms]
    assert len(part(picture, "labels", "theory")["text"]) == len(atoms)


def test_a_spike_is_as_high_as_the_bar_it_predicts():
    picture = histogram(answer("ones"))
    spikes = part(picture, "stems", "theory dashed")
    assert spikes["y"].tolist() == [part(picture, "bars", "data")["height"].max()]
    assert part(picture, "labels", "theory")["text"] == ["P(w = 1) = 1"]


def test_the_label_of_many_zeros_gives_the_observed_share_and_stays_in_the_frame():
    picture = histogram(answer("delta_orthogonal", (3, 8, 12)))
    labels = part(picture, "labels", "theory")
    assert labels["text"] == ["P(w = 0) = 0.6667, observed 0.6667"]
    low, high = picture.xlim
    assert labels["align"] == ["right"]
    assert low <= labels["x"] - len(labels["text"][0]) * 6.5 / 235 * (high - low) <= labels["x"] <= high


@pytest.mark.parametrize(("settings", "title"), [
    ({}, "Weights: 600 values, float32"),
    ({"dtype": "complex64"}, "Weights: 1,200 parts (real, imaginary), complex64"),
    ({"shape": (0, 5)}, "Weights: none"),
])  # fmt: skip
def test_titles_of_the_weights(settings, title):
    assert histogram(answer(**settings)).title == title


def test_the_title_counts_what_is_not_finite():
    result = answer(dtype="float8_e4m3fn")
    lost = result.summary.not_finite
    assert lost == np.isnan(result.weights.astype(np.float32)).sum() > 0
    assert histogram(result).title == (
        f"Weights: {600 - lost:,} values, float8_e4m3fn, {lost:,} NaN or infinite left out"
    )
    assert histogram(result, answer()).title == f"Weights: 2 draws, {lost:,} NaN or infinite left out"


@pytest.mark.parametrize(("lower", "upper"), [(0.0, np.inf), (-np.inf, 1.0), (2.0, np.inf)])
def test_a_frame_ends_where_a_law_ends_and_holds_all_weights_where_it_does_not(lower, upper):
    result = answer("truncated_normal", (256, 256), lower=lower, upper=upper)
    marginal, summary, picture = result.plan.ensemble.marginal, result.summary, histogram(result)
    low, high = picture.xlim
    margin = 0.05 * (high - low)
    for bound, end, weight in zip(marginal.support, picture.xlim, (summary.minimum, summary.maximum), strict=True):
        assert low <= weight <= high
        assert not np.isfinite(bound) or abs(end - bound) < margin
    weights, bars = result.weights, part(picture, "bars", "data")
    outside = np.sum((weights < bars["left"][0]) | (weights > bars["right"][-1]))
    assert picture.title == "Weights: 65,536 values, float32" + f", {outside:,} outside the bins" * bool(outside)


def test_the_band_is_that_of_the_bins_and_holds_the_law():
    result = answer(shape=(60, 50))
    edges, _ = result.summary.coarse()
    x, low, high = part(histogram(result), "band", "theory").values()
    unit = result.summary.count * (edges[1] - edges[0])
    np.testing.assert_allclose([low[::2] * unit, high[::2] * unit], result.band)
    np.testing.assert_allclose(x[::2], edges[:-1])
    np.testing.assert_allclose(x[1::2], edges[1:])
    density = result.plan.ensemble.marginal.pdf((edges[1:] + edges[:-1]) / 2)
    assert np.all((low[::2] <= density) & (density <= high[::2]))
    assert not len(part(histogram(answer("orthogonal")), "band", "theory")["x"])


def test_the_distribution_function_is_that_of_the_weights_at_the_bins_ends():
    result = answer("uniform", (60, 50))
    x, share = part(histogram(result, kind="CDF"), "line", "data wide").values()
    np.testing.assert_allclose(share, [np.mean(result.weights < end) for end in x], atol=2 / 3000)
    _, low, high = part(histogram(result, kind="CDF"), "band", "theory").values()
    law = result.plan.ensemble.marginal.cdf(x)
    np.testing.assert_allclose(high - low, np.minimum(law + result.reach, 1) - np.maximum(law - result.reach, 0))
    x, distance = part(histogram(result, kind="CDF − law"), "line", "data").values()
    np.testing.assert_allclose(distance, share - law)
    zero = part(histogram(result, kind="CDF − law"), "line", "theory")
    assert not zero["y"].any()


NARROW, WIDE = answer("normal", stddev=0.1), answer("uniform", scale=2.0)


def test_several_draws_keep_their_own_bars_and_laws_in_a_frame_that_holds_both():
    alone = {"draw 1": histogram(NARROW), "draw 2": histogram(WIDE)}
    both = histogram(NARROW, WIDE, names=("narrow", "wide"))
    assert both.title == "Weights: 2 draws of 600 values, float32"
    for (slot, picture), name in zip(alone.items(), ("narrow", "wide"), strict=True):
        (bars,) = parts(both, "bars", slot)
        (law,) = parts(both, "line", slot.replace("draw", "law"))
        assert bars.name == law.name == name
        for column, values in part(picture, "bars", "data").items():
            np.testing.assert_array_equal(bars.columns[column], values)
        np.testing.assert_array_equal(law.columns["x"], part(picture, "line", "theory")["x"])
        assert both.xlim[0] <= picture.xlim[0] < picture.xlim[1] <= both.xlim[1]
        assert picture.ylim[1] < both.ylim[1]  # room for the legend


def test_lines_of_several_distribution_functions_reach_the_ends_of_the_frame():
    both = histogram(NARROW, WIDE, kind="CDF")
    x, share = part(both, "line", "draw 1 wide").values()
    assert (x[0], x[-1]) == both.xlim
    assert (share[0], share[-1]) == (0, 1)
    inner = part(histogram(NARROW, kind="CDF"), "line", "data wide")
    np.testing.assert_array_equal(x[1:-1], inner["x"])
    np.testing.assert_array_equal(share[1:-1], inner["y"])
    distances = histogram(NARROW, WIDE, kind="CDF − law")
    (zero,) = parts(distances, "line", "quiet")  # one for all
    assert tuple(zero.columns["x"][[0, -1]]) == distances.xlim
    alone = part(histogram(WIDE, kind="CDF − law"), "line", "data")
    np.testing.assert_array_equal(part(distances, "line", "draw 2")["y"][1:-1], alone["y"])
