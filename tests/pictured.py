"""The contract of every picture: one length, known marks and slots, a table, and what HoloViews draws of it."""

import re
from xml.etree import ElementTree

import holoviews as hv
import numpy as np

from initviz.views import theme
from initviz.views.picture import MARKS, Picture
from initviz.views.svg import svg


def keeps_the_contract(picture: Picture) -> None:
    """Check whatever holds of any picture."""
    assert picture.name
    assert picture.title
    assert bool(picture.xlabel and picture.ylabel) != picture.bare
    for low, high in (picture.xlim, picture.ylim):
        assert np.isfinite([low, high]).all()
        assert low < high
    for series in picture.series:
        assert series.slot in theme.SLOTS
        assert series.what
        assert list(series.columns) == list(MARKS[series.mark].columns)
        assert {len(column) for column in series.columns.values()} == {len(series)}
        for column, held in MARKS[series.mark].columns.items():
            if held[:1] in ("x", "y"):
                assert np.isfinite(np.asarray(series.columns[column], float)).all()
    assert len(picture.table()) == sum(map(len, picture.series))
    assert "\n" not in repr(picture)
    is_an_image(picture)
    drawn_as = picture.form, *(len(series) > 0 for series in picture.series)
    if drawn_as not in DRAWN:  # a quarter of a second
        DRAWN.add(drawn_as)
        is_drawn(picture)


def is_an_image(picture: Picture) -> None:
    """Check that the image has every word, and every line where its numbers are."""
    image = ElementTree.fromstring(svg(picture))
    assert image.get("aria-label") == picture.title
    words = ["".join(text.itertext()) for text in image.findall(".//{*}text")]  # a title may have several lines
    said = [picture.title, *([] if picture.bare else [picture.xlabel, picture.ylabel])]
    assert set(said) <= set(words)
    for name in picture.legend:  # a long one ends before the next begins
        assert any(word == name or (word.endswith("…") and name.startswith(word[:-1])) for word in words), name
    frame = image.find("{*}svg")
    across, up = float(frame.get("width")), float(frame.get("height"))
    paths = [path.get("d") for path in frame.findall(".//{*}path")]
    for series in picture.series:
        if series.mark == "line" and len(series):
            places = [
                np.interp(*(np.log10(each) if kind == "log" else each for each in (series.columns[axis], limits)), ends)
                for axis, kind, limits, ends in zip(
                    "xy", picture.axes, (picture.xlim, picture.ylim), ((0, across), (up, 0)), strict=True
                )
            ]
            inside = [(place > 0) & (place < end) for place, end in zip(places, (across, up), strict=True)]
            drawn = [np.array(re.findall(r"-?[\d.]+", path), float).reshape(-1, 2) for path in paths
                     if path.count("L") == len(series) - 1 and "m" not in path]  # fmt: skip
            seen = np.logical_and(*inside)
            assert any(np.abs(found - np.transpose(places))[seen].max(initial=0) <= 0.06 for found in drawn)


DRAWN = set()
"""Forms of pictures that HoloViews was asked to draw, with which of their series are empty."""


def is_drawn(picture: Picture) -> None:
    """Check that HoloViews draws what the picture says."""
    drawn = hv.renderer("bokeh").get_plot(picture.overlay)
    for part, source in zip(drawn.subplots.values(), picture.sources, strict=True):
        data = part.handles["source"].data
        assert data.keys() == source.keys()
        for name, values in source.items():
            np.testing.assert_array_equal(data[name], values)
    figure = drawn.state
    assert (figure.x_range.start, figure.x_range.end, figure.y_range.start, figure.y_range.end) == (
        *picture.xlim, *picture.ylim,
    )  # fmt: skip
    assert figure.title.text == picture.title
    assert [drawn.handles[axis].axis_label for axis in ("xaxis", "yaxis")] == [picture.xlabel, picture.ylabel]
    entries = [item.label.value for legend in figure.legend for item in legend.items]
    assert tuple(entries) == picture.legend
