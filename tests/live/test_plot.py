"""A live plot takes the data of a picture of the same form, and draws any other anew."""

from dataclasses import replace

import holoviews as hv
import numpy as np
import panel as pn
import pytest
from bokeh.document import Document
from bokeh.plotting import figure
from drawn import answer

from initviz.live.plot import LivePlot
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.histogram import histogram
from initviz.views.picture import Picture
from initviz.views.spectrum import KINDS as SPECTRA
from initviz.views.spectrum import spectrum


def shown(plot: LivePlot):
    """What is on the page, drawn by HoloViews."""
    return next(iter(plot._plots.values()))[0]


def holds(plot: LivePlot, picture: Picture) -> None:
    """Check that the page shows what HoloViews would draw of the picture."""
    live, drawn = shown(plot), hv.renderer("bokeh").get_plot(picture.overlay)
    for part, expected in zip(live.subplots.values(), drawn.subplots.values(), strict=True):
        data, wanted = part.handles["source"].data, expected.handles["source"].data
        assert data.keys() == wanted.keys()
        for name, values in wanted.items():
            np.testing.assert_array_equal(data[name], values)
    for axis in ("x_range", "y_range"):
        ranges = getattr(live.state, axis), getattr(drawn.state, axis)
        assert len({(limits.start, limits.end) for limits in ranges}) == 1
    for axis in ("xaxis", "yaxis"):
        assert live.handles[axis].axis_label == drawn.handles[axis].axis_label
    assert live.state.title.text == drawn.state.title.text
    entries = [[item.label.value for each in plot.state.legend for item in each.items] for plot in (live, drawn)]
    assert entries[0] == entries[1]


FIRST, SECOND = answer(), answer("uniform", (3, 4, 6), scale=3.0)


@pytest.mark.parametrize(
    ("view", "kind"), [(histogram, kind) for kind in WEIGHTS] + [(spectrum, kind) for kind in SPECTRA]
)
@pytest.mark.parametrize("count", [1, 2])
def test_another_draw_replaces_the_data_of_the_same_figure(view, kind, count, monkeypatch):
    names = ("one", "two")[:count]
    plot = LivePlot(view(*(FIRST, SECOND)[:count], names=names, kind=kind))
    root = plot.get_root()
    figure = shown(plot).state
    picture = view(*(SECOND, FIRST)[:count], names=names[::-1], kind=kind)
    monkeypatch.setattr(Picture, "overlay", property(lambda _: pytest.fail("HoloViews built something")))
    plot.show(picture)
    monkeypatch.undo()
    assert shown(plot).state is figure
    holds(plot, picture)
    assert root is not None


@pytest.mark.parametrize(("before", "after"), [
    (histogram(FIRST, kind="CDF"), histogram(FIRST, kind="CDF − law")),
    (histogram(FIRST), histogram(FIRST, SECOND)),
    (histogram(FIRST, SECOND), histogram(FIRST)),
    (spectrum(FIRST), spectrum(FIRST, SECOND, kind="sorted")),
])  # fmt: skip
def test_a_picture_of_another_form_is_drawn_anew(before, after):
    assert before.form != after.form
    plot = LivePlot(before)
    root = plot.get_root()
    plot.show(after)
    holds(plot, after)
    assert root is not None


@pytest.mark.parametrize("picture", [histogram(SECOND), histogram(FIRST, SECOND)], ids=["same form", "another form"])
def test_a_page_that_is_gone_is_passed_over_and_another_follows(picture):
    """Bokeh empties the models of a closed page before Panel forgets them, and a job may end in between."""
    plot = LivePlot(histogram(FIRST))
    layout = pn.Column(plot)
    gone, page = Document(), Document()
    for document in (gone, page):
        document.add_root(layout.get_root(document))
    gone.models.destroy()
    plot.show(picture)
    (shown,) = page.select({"type": figure})
    assert shown.title.text == picture.title


def test_axis_labels_follow_the_picture():
    plot = LivePlot(histogram(FIRST))
    root = plot.get_root()
    plot.show(replace(histogram(FIRST), xlabel="other weight", ylabel="other density"))
    assert [shown(plot).handles[axis].axis_label for axis in ("xaxis", "yaxis")] == ["other weight", "other density"]
    assert root is not None
