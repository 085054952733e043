"""The contract of every picture: one length, known marks and slots, a table, and what HoloViews draws of it."""

from itertools import zip_longest

import holoviews as hv
import numpy as np
import pytest
from drawn import DRAWS, FAMILIES, answer, named
from pictured import keeps_the_contract

from initviz.checks import check
from initviz.probes import PROBES
from initviz.study import Study
from initviz.views.fans import fans
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.histogram import histogram
from initviz.views.picture import Picture, Series
from initviz.views.spectrum import KINDS as SPECTRA
from initviz.views.spectrum import spectrum
from initviz.widgets.looks import LOOKS

VIEWS = [(histogram, kind) for kind in WEIGHTS] + [(spectrum, kind) for kind in SPECTRA]
WAYS = [  # each of either kind at least once
    Study(weights_as=weights, spectrum_as=values)
    for weights, values in zip_longest(WEIGHTS, SPECTRA, fillvalue="density")
]
SMALL = {  # settings of closer looks, where the default ones take long or show not all
    "Seeds": [{"draws": 3}], "Convolution": [{"input_size": 5}], "Depth": [{"layers": 3}],
    "Precision": [{"dtype": "float32"}, {"dtype": "bfloat16"}],
}  # fmt: skip
REFUSED = {("Depth", "delta_orthogonal")}


@pytest.mark.parametrize("result", DRAWS, ids=named)
def test_pictures_of_every_draw(result):
    for view, kind in VIEWS:
        picture, again = view(result, kind=kind), view(result, kind=kind)
        keeps_the_contract(picture)
        assert picture.table().equals(again.table())
        assert picture.form == view(DRAWS[0], kind=kind).form  # or a live plot would be built anew
    keeps_the_contract(fans(result.plan.shape, result.plan.roles))


@pytest.mark.parametrize("look", PROBES)
def test_pictures_of_every_closer_look(look):
    for function in ("he_normal", "uniform", "orthogonal", "delta_orthogonal", "constant", "zeros"):
        result = answer(function, (3, 3, 6, 8), **FAMILIES[function])
        for settings in SMALL.get(look, [{}]):
            probe = PROBES[look](**settings)
            if (look, function) in REFUSED:
                with pytest.raises(ValueError, match=r"got|need"):
                    probe.answer(result)
                continue
            found = probe.answer(result)
            views = [LOOKS[look].view(found, study) for study in WAYS]
            assert all(html for _, html in views)
            if not any(pictures for pictures, _ in views):
                return  # a look of words alone
            shown = [picture for pictures, _ in views for picture in pictures]
            different = {(picture.form, picture.table().to_csv()): picture for picture in shown}
            for picture in different.values():
                keeps_the_contract(picture)


@pytest.mark.parametrize("count", [2, 3, 6])
@pytest.mark.parametrize(("view", "kind"), VIEWS, ids=lambda each: getattr(each, "__name__", each))
def test_pictures_of_several_draws(view, kind, count):
    settings = {
        "he_normal": {}, "glorot_uniform": {}, "orthogonal": {}, "ones": {}, "delta_orthogonal": {"shape": (3, 8, 12)},
        "zeros": {"shape": (0, 5)},
    }  # fmt: skip
    names = list(settings)[:count]
    results = [answer(name, **settings[name]) for name in names]
    picture = view(*results, names=names, kind=kind)
    keeps_the_contract(picture)
    assert picture.legend == tuple(names)
    assert picture.form == view(*results[::-1], names=names, kind=kind).form
    slots = {series.slot.split()[1] for series in picture.series if series.name}
    assert slots == {str(place) for place in range(1, count + 1)}


@pytest.mark.parametrize("weights", [np.ones((4, 3)), np.eye(6, dtype=int), np.array(0.5), np.zeros((2, 3, 0))])
def test_pictures_of_weights_that_somebody_brings(weights):
    brought, drawn = check(weights, "zeros"), answer()
    for view, kind in VIEWS:
        keeps_the_contract(view(brought, kind=kind))
        keeps_the_contract(view(brought, drawn, names=("mine", "drawn"), kind=kind))


def test_a_legend_hides_all_of_a_draw_at_a_click():
    picture = histogram(answer(), answer("uniform"), names=("one", "two"))
    (legend,) = hv.renderer("bokeh").get_plot(picture.overlay).state.legend
    assert legend.click_policy == "hide"
    assert [len(item.renderers) for item in legend.items] == [4, 4]


def test_the_table_has_columns_with_the_labels_of_the_axes():
    table = histogram(answer(), answer("uniform"), names=("one", "two")).table()
    assert list(table.columns) == [
        "series", "weight (from)", "weight (to)", "density", "weight", "density (from)", "density (to)",
    ]  # fmt: skip
    assert table["series"].unique().tolist() == [
        "one, weights", "two, weights", "one, 99 % of draws", "two, 99 % of draws", "one, exact law", "two, exact law",
    ]  # fmt: skip
    bars = table[table["series"] == "two, weights"]
    widths = bars["weight (to)"] - bars["weight (from)"]
    assert (bars["density"] * widths).sum() == pytest.approx(1)
    assert table.to_csv().startswith(",series,weight (from),weight (to),density,")


def test_a_picture_of_nothing_has_an_empty_table():
    nothing = Series("", "line", {"x": np.zeros(0), "y": np.zeros(0)}, "data", "nothing")
    picture = Picture("none", "None", "x", "y", (0, 1), (0, 1), (nothing,))
    assert picture.table().empty
    assert repr(picture) == "Picture('none': None; 1 series, 0 rows)"


def test_a_picture_is_an_image_in_a_notebook_and_text_in_a_terminal():
    picture = histogram(answer())
    assert picture._repr_html_().startswith("<img alt='Weights: 600 values, float32' src='data:image/svg+xml;base64,")
    assert repr(picture) == "Picture('weights': Weights: 600 values, float32; 5 series, 351 rows)"
