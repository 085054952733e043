"""Pictures of networks: every one of every kind of network, with the numbers of the answer, in one form for all."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from drawn import integral, part, parts
from pictured import keeps_the_contract

from initviz.engine.passes import PLACES, REACH
from initviz.initializers import glorot_normal, lecun_normal, normal, orthogonal, uniform, variance_scaling
from initviz.live.plot import LivePlot
from initviz.networks import RECIPES, Measured, Network, Predicted, jacobian_values, measure, predict
from initviz.networks.spread import NORMAL, gradient_spread
from initviz.propagation import Jacobian, jacobian, jacobian_law
from initviz.views import network as views
from initviz.views import network_words
from initviz.views.picture import Picture

CASES = {
    "relu": ({}, 3),
    "one seed": ({}, 1),
    "deep": ({"depth": 200, "width": 8}, 2),
    "one layer": ({"depth": 1}, 2),
    "one layer, one seed": ({"depth": 1}, 1),
    "chaos": ({"activation": "tanh", "initializer": variance_scaling(3.0, "fan_in", "normal")}, 3),
    "orthogonal": ({"activation": "tanh", "initializer": orthogonal()}, 2),
    "residual": ({"branch": 1.0}, 2),
    "vanished": ({"initializer": normal(1e-5)}, 2),
    "exploded": ({"initializer": normal(1e5)}, 2),
    "some vanished": ({"initializer": glorot_normal(), "width": 4, "depth": 100}, 4),
    "zeros": ({"initializer": normal(0.0)}, 2),
    "no theory": ({"initializer": uniform()}, 2),
}


@cache
def case(name: str) -> tuple[Measured, Predicted | None]:
    settings, seeds = CASES[name]
    network = Network(**({"depth": 12, "width": 16} | settings))
    *_, found = measure(network, seeds)
    try:
        return found, predict(network)
    except ValueError:
        return found, None


def pictures(name: str) -> dict[str, Picture]:
    found, theory = case(name)
    return {
        "signal": views.signal(found, theory),
        "gradient": views.gradient(found, theory),
        "correlation": views.correlation(found, theory),
        "units": views.units(found),
        "activations": views.activations(found, theory),
        "gradients": views.gradients(found, theory and gradient_spread(found.network.function, theory.square)),
    }


def parts_of(picture: Picture, what: str) -> list[dict]:
    """Columns of the series that are of this."""
    return [series.columns for series in picture.series if what in series.what]


def words(picture: Picture) -> list[str]:
    (series,) = [each for each in picture.series if each.what == "what cannot be drawn"]
    return series.columns["text"]


@pytest.mark.parametrize("name", CASES)
def test_pictures_of_every_network(name):
    for view, picture in pictures(name).items():
        keeps_the_contract(picture)
        assert picture.form == pictures("relu")[view].form  # or a drag would build a plot anew
        assert picture.name == view


@pytest.mark.parametrize("view", pictures("relu"))
def test_a_drag_replaces_the_data_of_the_same_figure(view, monkeypatch):
    plot = LivePlot(pictures("relu")[view])
    root = plot.get_root()
    (before,) = plot.figures
    monkeypatch.setattr(Picture, "overlay", property(lambda _: pytest.fail("HoloViews built something")))
    for name in ("deep", "vanished", "exploded", "one layer"):
        picture = pictures(name)[view]
        plot.show(picture)
        assert plot.figures == [before]
        for layer, source in zip(before.renderers, picture.sources, strict=True):
            for column, values in source.items():
                np.testing.assert_array_equal(layer.data_source.data[column], values)
    assert root is not None


def test_sizes_are_the_median_of_the_networks_all_of_them_and_the_theory():
    found, theory = case("relu")
    for view, own, limit, band in (
        (views.signal, found.square, theory.square, theory.square_band),
        (views.gradient, found.gradient, theory.gradient, theory.gradient_band),
    ):
        picture = view(found, theory)
        np.testing.assert_allclose(part(picture, "line", "data")["y"], np.median(own, axis=0))
        np.testing.assert_allclose(part(picture, "band", "data pale")["low"], own.min(axis=0))
        np.testing.assert_allclose(part(picture, "band", "data pale")["high"], own.max(axis=0))
        assert parts(picture, "line", "theory dashed")[0].columns == {"x": pytest.approx(np.arange(1, 13)),
                                                                      "y": pytest.approx(limit)}  # fmt: skip
        np.testing.assert_allclose(part(picture, "band", "theory")["low"], band[0])
        np.testing.assert_allclose(part(picture, "band", "theory")["high"], band[1])
        assert not len(parts(view(found), "line", "theory dashed")[0].columns["x"])
        assert all(not len(each["x"]) for each in parts_of(picture, "stream"))
        assert words(picture) == []
        assert picture.axes == ("whole", "log")
    table = views.signal(found, theory).table()
    line = table[table["series"] == "median of the networks"]
    assert line["layer"].tolist() == list(range(1, 13))
    np.testing.assert_allclose(line["mean square of h"], np.median(found.square, axis=0))


def grown(growth: float, back: bool) -> Measured:
    """Sizes that grow by a factor a layer."""
    found, _ = case("relu")
    sizes = np.tile(growth ** np.arange(12.0), (3, 1))
    return replace(found, square=sizes, gradient=sizes[:, ::-1] if back else sizes)


def test_titles_say_the_growth_of_signals_forward_and_of_gradients_backward():
    assert views.signal(grown(1.21, True)).title == "Signal by layer: × 1.21 a layer"
    assert views.gradient(grown(1.21, True)).title == "Gradient by layer: × 1.21 a layer back"
    assert views.gradient(grown(0.5, False)).title == "Gradient by layer: × 2 a layer back"
    assert views.signal(case("one layer")[0]).title == "Signal by layer"


def test_what_is_zero_or_not_finite_ends_the_line_and_is_said():
    found, _ = case("relu")
    square = np.tile(10.0 ** -np.arange(12), (3, 1))
    square[:, 8:] = 0
    picture = views.signal(replace(found, square=square))
    assert part(picture, "line", "data")["x"].tolist() == list(range(1, 9))
    assert words(picture) == ["0 from layer 9 on"]
    assert picture.title == "Signal by layer: × 0.1 a layer"
    assert words(views.activations(replace(found, square=square))) == ["0 from layer 9 on"]
    assert words(views.correlation(replace(found, square=square))) == ["0 from layer 9 on"]
    square[:, 8:] = np.inf
    square[:, 9:] = np.nan
    picture = views.signal(replace(found, square=square))
    assert part(picture, "line", "data")["x"].tolist() == list(range(1, 9))
    assert words(picture) == ["not finite from layer 9 on"]
    gradient = square[:, ::-1]
    assert words(views.gradient(replace(found, gradient=gradient))) == ["not finite up to layer 4"]
    square[1:] = 1.0
    picture = views.signal(replace(found, square=square))
    assert words(picture) == ["not finite in 1 of 3 networks from layer 9 on"]
    assert part(picture, "line", "data")["x"].tolist() == list(range(1, 13))
    assert part(picture, "band", "data pale")["high"][-1] == picture.ylim[1]
    square[0] = np.where(np.arange(12) == 5, 0, 1)
    square[1] = np.nan
    assert words(views.signal(replace(found, square=square))) == [
        "0 in 1 of 3 networks in 1 of 12 layers", "not finite in 1 of 3 networks in every layer",
    ]  # fmt: skip


def test_networks_that_vanish_and_explode_are_said():
    said = {name: words(views.signal(case(name)[0])) for name in ("vanished", "exploded", "zeros")}
    assert said["vanished"][0].startswith("0 from layer ")
    assert said["exploded"][0].startswith("not finite from layer ")
    assert said["zeros"] == ["0 in every layer"]
    (text,) = words(views.gradient(case("vanished")[0]))
    assert text.startswith("0 up to layer ")


def test_a_theory_below_all_numbers_leaves_the_frame():
    found, theory = case("some vanished")
    far = replace(theory, square=10.0 ** -np.arange(100.0))
    picture = views.signal(found, far)
    y = parts(picture, "line", "theory dashed")[0].columns["y"]
    assert 30 < len(y) < 45
    assert y.min() >= picture.ylim[0]


def test_a_band_that_overflows_is_drawn_as_far_as_it_is_known():
    found, theory = case("relu")
    band = np.array(theory.square_band)
    band[:, :3], band[1, 3:6] = np.nan, np.inf
    picture = views.signal(found, replace(theory, square_band=band))
    keeps_the_contract(picture)
    x, _, high = part(picture, "band", "theory").values()
    assert x.tolist() == list(range(4, 13))
    assert set(high[:3]) == {picture.ylim[1]}


def test_correlations_of_networks_without_a_signal_are_left_out():
    found, theory = case("relu")
    picture = views.correlation(found, theory)
    np.testing.assert_allclose(part(picture, "line", "data")["y"], np.median(found.correlation, axis=0))
    np.testing.assert_allclose(part(picture, "line", "theory dashed")["y"], theory.correlation)
    assert picture.ylim == pytest.approx((-0.04, 1.04))
    assert views.correlation(replace(found, correlation=-found.correlation)).ylim == pytest.approx((-1.08, 1.08))
    assert not len(part(views.correlation(case("zeros")[0]), "line", "data")["x"])


def test_shares_of_units_are_percent():
    found, _ = case("relu")
    picture = views.units(found)
    assert picture.legend == ("dead", "saturated")
    np.testing.assert_allclose(part(picture, "line", "draw 1")["y"], 100 * np.median(found.dead, axis=0))
    np.testing.assert_allclose(part(picture, "line", "draw 2")["y"], 100 * np.median(found.flat, axis=0))
    dead = views.units(case("zeros")[0])
    assert set(part(dead, "line", "draw 1")["y"]) == {100.0}


def test_histograms_are_densities_of_all_networks_by_layer():
    found, _ = case("relu")
    (series,) = parts(views.activations(found), "cells", "often")
    (image,) = series.source["image"]
    step = 2 * REACH / PLACES
    assert image.shape == (PLACES, 12)
    np.testing.assert_allclose(image.sum(axis=0) * step, 1, rtol=1e-5)
    counts = found.counts.sum(axis=0)
    np.testing.assert_allclose(image, (counts / counts.sum(axis=1, keepdims=True) / step).T, rtol=1e-6)
    source = {name: column[0] for name, column in series.source.items() if name != "image"}
    assert source == {"x": 0.5, "y": -REACH, "dw": 12, "dh": 2 * REACH}
    table = views.activations(found).table()
    third = table[(table["layer"] == 3) & table["density"].notna()]
    np.testing.assert_allclose(third["density"], image[:, 2], rtol=1e-6)
    assert third["h / root of mean square"].tolist() == (-REACH + step * (np.arange(PLACES) + 0.5)).tolist()
    deep = views.activations(case("deep")[0])
    assert sum(column.nbytes for column in deep.series[0].source["image"]) == 4 * 200 * PLACES


def test_layers_without_a_histogram_have_no_colour():
    (series,) = parts(views.activations(case("exploded")[0]), "cells", "often")
    (image,) = series.source["image"]
    assert image[:, 0].any()
    assert not image[:, -1].any()
    assert np.isnan(series.columns["value"][-PLACES:]).all()


def test_singular_values_of_the_jacobian_have_their_words_and_their_law():
    values = np.random.default_rng(0).lognormal(0, 2, 300)
    picture = views.jacobian_spectrum(values)
    keeps_the_contract(picture)
    assert integral(part(picture, "bars", "data")) == pytest.approx(1)
    assert picture.title == (
        f"Singular values of the Jacobian: median {np.median(values):.3g}, largest {values.max():,.0f}"
    )
    expected = jacobian("relu", 2.0, 1.0, 8)
    picture = views.jacobian_spectrum(values, expected)
    keeps_the_contract(picture)
    assert part(picture, "stems", "theory dashed")["x"] == pytest.approx([0, np.log10(expected.largest) / 2])
    assert part(picture, "labels", "theory")["text"] == [
        "root mean square in theory: 1", f"largest in theory: {expected.largest ** 0.5:.4g}",
    ]  # fmt: skip
    assert views.jacobian_spectrum(values).form == picture.form


@pytest.mark.parametrize(("settings", "weight_variance"), [
    ({"initializer": lecun_normal(), "activation": "linear"}, 1.0), ({}, 2.0),
    ({"initializer": orthogonal(2**0.5)}, 2.0), ({"initializer": orthogonal(), "activation": "linear"}, 1.0),
])  # fmt: skip
def test_the_law_of_the_jacobian_is_over_its_bars(settings, weight_variance):
    network = Network(depth=6, width=200, **settings)
    law = jacobian_law(network.activation, weight_variance, 6, network.is_orthogonal)
    picture = views.jacobian_spectrum(jacobian_values(network), law)
    keeps_the_contract(picture)
    area = integral(part(picture, "bars", "data"))
    assert area == pytest.approx(1 - law.zeros, abs=0.1)  # more is lost in narrow layers
    x, y = part(picture, "line", "theory").values()
    if len(law.squares) > 1:
        assert np.trapezoid(y, x) == pytest.approx(1 - law.zeros, abs=0.02)
        left, right, height = part(picture, "bars", "data").values()
        below = np.interp((left + right) / 2, x, y)
        assert np.mean(np.abs(below - height)) < 0.15 * height.max()
    else:
        assert part(picture, "labels", "theory")["text"] == ["all in theory: 1"]


@pytest.mark.parametrize(("values", "said"), [
    (None, ""), ([], ""), ([0.0, 0.0], ", 2 of 2 are 0 but for rounding"),
    ([np.nan, np.inf], ", 2 of 2 are not finite"),
    ([2.0, 2.0], ": median 2, largest 2"),
    ([1e300, 1e299, 0.0], ": median 1e+299, largest 1e+300, 1 of 3 is 0 but for rounding"),
    ([1.0, 1e-3, 1e-17], ": median 0.001, largest 1, 1 of 3 is 0 but for rounding"),
])  # fmt: skip
def test_any_singular_values_can_be_drawn(values, said):
    picture = views.jacobian_spectrum(values, Jacobian(np.inf, np.nan, np.nan))
    keeps_the_contract(picture)
    assert picture.title == f"Singular values of the Jacobian{said}"
    assert picture.form == views.jacobian_spectrum(np.ones(3)).form


def test_the_stream_of_residual_networks_is_drawn_beside_h_and_its_growth_is_told():
    found, theory = case("residual")
    picture = views.signal(found, theory)
    median, limit, name = parts_of(picture, "stream")
    np.testing.assert_allclose(median["y"], np.median(found.leaves, axis=0))
    np.testing.assert_allclose(limit["y"], theory.leaves)
    assert name["text"] == ["stream"]
    growth = (median["y"][-1] / median["y"][0]) ** (1 / 11)
    assert picture.title == f"Signal by layer: stream × {growth:.3g} a layer"
    assert picture.ylim[1] > median["y"].max()


@pytest.mark.parametrize(("view", "counts"), [("activations", "counts"), ("gradients", "gradient_counts")])
def test_lines_have_a_twentieth_of_the_values_beyond_them(view, counts):
    found, _ = case("relu")
    low, high = (each["y"] for each in parts_of(pictures("relu")[view], "%")[:2])
    edges = np.linspace(-REACH, REACH, PLACES + 1)
    for layer, each in enumerate(getattr(found, counts).sum(axis=0)):
        above = np.interp([low[layer], high[layer]], edges, np.append(0, np.cumsum(each)) / each.sum())
        np.testing.assert_allclose(above, [0.05, 0.95], atol=1e-9)


def test_theory_says_how_values_spread():
    found, theory = case("relu")
    below, above = (part["y"] for part in parts_of(views.activations(found, theory), "of wide layers"))
    assert set(above) == {NORMAL}
    assert set(below) == {-NORMAL}
    assert not any(len(part["x"]) for part in parts_of(views.activations(found), "of wide layers"))
    assert not any(len(part["x"]) for part in parts_of(views.gradients(found), "of wide layers"))


def test_a_recipe_says_what_its_formula_comes_to():
    assert "a weight here has the standard deviation 0.08839</p>" in network_words.recipe(RECIPES["he"], 50, 256)
    lsuv = network_words.recipe(RECIPES["lsuv"], 50, 256)
    assert "a weight here has the standard deviation 0.0625, before it is rescaled</p>" in lsuv
