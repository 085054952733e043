"""A live plot takes the data of a picture of the same form, and draws any other anew."""

from dataclasses import replace

import numpy as np
import panel as pn
import pytest
from bokeh.document import Document
from bokeh.model import Model, collect_models
from bokeh.models import ColumnDataSource, GlyphRenderer
from bokeh.plotting import figure
from drawn import answer
from panes import data

from initviz.live import figures
from initviz.live.plot import LivePlot
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.histogram import histogram
from initviz.views.picture import Picture
from initviz.views.spectrum import KINDS as SPECTRA
from initviz.views.spectrum import spectrum


def shown(plot: LivePlot) -> figure:
    """What is on the page."""
    (found,) = plot.figures
    return found


def holds(plot: LivePlot, picture: Picture) -> None:
    """Check that the page shows what HoloViews would draw of the picture, as high as the page wants it."""
    pane = pn.pane.HoloViews(picture.overlay, linked_axes=False, sizing_mode="stretch_width", name=picture.name)
    live, (drawn,) = shown(plot), pane.get_root().children
    for found, wanted in zip(data(live), data(drawn), strict=True):
        assert found.keys() == wanted.keys()
        for name, values in wanted.items():
            np.testing.assert_array_equal(found[name], values)
    height = f"var({figures.BARE_HEIGHT if picture.bare else figures.HEIGHT}, {drawn.height}px)"
    drawn.styles = {"height": height, "flex-basis": height}
    assert looks(live) == looks(drawn)


def looks(shown: figure) -> list[tuple]:
    """All that a figure is, model by model, but for its data, and the names of its layers, which nobody reads."""
    models = collect_models(shown)
    places = {model: place for place, model in enumerate(models)}

    def plain(value):
        if isinstance(value, Model):
            return places[value]
        if isinstance(value, dict):
            return sorted((key, plain(each)) for key, each in value.items())
        return list(map(plain, value)) if isinstance(value, list | tuple) else str(value)

    return [
        (
            type(model).__name__,
            {name: plain(value) for name, value in model.properties_with_values().items()}
            | ({"name": ""} if isinstance(model, GlyphRenderer) else {}),
        )
        for model in models
        if not isinstance(model, ColumnDataSource)
    ]


FIRST, SECOND = answer(), answer("uniform", (3, 4, 6), scale=3.0)


@pytest.mark.parametrize(
    ("view", "kind"), [(histogram, kind) for kind in WEIGHTS] + [(spectrum, kind) for kind in SPECTRA]
)
@pytest.mark.parametrize("count", [1, 2])
def test_another_draw_replaces_the_data_of_the_same_figure(view, kind, count, monkeypatch):
    names = ("one", "two")[:count]
    plot = LivePlot(view(*(FIRST, SECOND)[:count], names=names, kind=kind))
    root = plot.get_root()
    before = shown(plot)
    picture = view(*(SECOND, FIRST)[:count], names=names[::-1], kind=kind)
    monkeypatch.setattr(Picture, "overlay", property(lambda _: pytest.fail("HoloViews built something")))
    plot.show(picture)
    monkeypatch.undo()
    assert shown(plot) is before
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
    (left,) = page.select({"type": figure})
    assert left.title.text == picture.title


def test_axis_labels_follow_the_picture():
    plot = LivePlot(histogram(FIRST))
    root = plot.get_root()
    plot.show(replace(histogram(FIRST), xlabel="other weight", ylabel="other density"))
    (across,), (up,) = shown(plot).xaxis, shown(plot).yaxis
    assert (across.axis_label, up.axis_label) == ("other weight", "other density")
    assert root is not None


@pytest.fixture
def none_ready(monkeypatch):
    """No figure is ready from tests before."""
    monkeypatch.setattr(figures, "_ready", {})


def test_a_figure_that_is_ready_is_taken_once_and_shows_the_picture_of_the_taker(none_ready, monkeypatch):
    copied = figures._copied
    made = []
    monkeypatch.setattr(figures, "_copied", lambda form: made.append(copied(form)) or made[-1])
    old, new = (replace(histogram(answer("he_normal", shape=(rows, 4))), of=f"{rows} rows") for rows in (8, 16))
    figures.make_ready(old)
    figures.make_ready(old)
    first, second = LivePlot(new), LivePlot(new)
    for plot in (first, second):
        plot.get_root()
    assert [shown(first), shown(second)] == made[:2]
    for plot in (first, second):
        holds(plot, new)


def test_what_is_hidden_when_first_drawn_keeps_its_name_in_the_legend(none_ready):
    figures._written.cache_clear()
    pair = histogram(answer("he_normal", shape=(8, 4)), answer("zeros", shape=(8, 4)), names=("one", "other"))
    for hidden in ({"one"}, set()):
        plot = LivePlot(pair.hiding(hidden))
        plot.get_root()
        (legend,) = shown(plot).legend
        drawn = {item.label.value: {layer.visible for layer in item.renderers} for item in legend.items}
        assert drawn == {name: {name not in hidden} for name in ("one", "other")}


def test_few_figures_are_kept_ready(none_ready):
    picture = histogram(answer("he_normal", shape=(8, 4)))
    for name in map(str, range(figures.READY + 3)):
        figures.make_ready(replace(picture, name=name))
    assert [form.picture.name for form in figures._ready] == list(map(str, range(3, figures.READY + 3)))
