"""Makes any view live: a figure rendered once, whose data sources are replaced when a new picture comes."""

from functools import partial

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from initviz.live.internals import FreshHoloViews, live_figures
from initviz.live.updates import on_page
from initviz.views.picture import Picture
from initviz.views.theme import labelled


class LivePlot(FreshHoloViews):
    """A pane for pictures of one view. A picture of the same form only replaces data, limits and words."""

    def __init__(self, picture: Picture):
        super().__init__(
            picture.overlay, backend="bokeh", sizing_mode="stretch_width", linked_axes=False, name=picture.name
        )
        self._picture = picture

    def show(self, picture: Picture) -> None:
        """Replace the picture on every page that shows it; call it inside `update_page`."""
        if picture is self._picture:
            return
        same_form = picture.form == self._picture.form
        self._picture = picture
        figures = live_figures(self) if same_form else None
        if figures is None:
            self.object = picture.overlay
            return
        for shown, sources in figures:
            on_page(shown.document, partial(_replace_data, shown, sources, picture))

    def fresh(self):
        """The picture on show, for a page that opens now."""
        return self._picture.overlay


def _replace_data(shown: figure, sources: list[ColumnDataSource], picture: Picture) -> None:
    for source, data in zip(sources, picture.sources, strict=True):
        if any(not np.array_equal(values, source.data[name]) for name, values in data.items()):
            source.data = data
    for legend in shown.legend:
        for item, name in zip(legend.items, picture.legend, strict=True):
            item.label = {"value": name}
    if shown.title.text != picture.title:
        shown.title.text = picture.title
        shown.html_attributes = labelled(picture.title)
    shown.xaxis.axis_label, shown.yaxis.axis_label = picture.xlabel, picture.ylabel
    for axis, limits in ((shown.x_range, picture.xlim), (shown.y_range, picture.ylim)):
        start, end = map(float, limits)
        axis.update(start=start, end=end, reset_start=start, reset_end=end)
