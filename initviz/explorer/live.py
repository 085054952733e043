"""Makes any view live: a figure rendered once, whose data sources are replaced when a new picture comes."""

import numpy as np
import panel as pn
import param

from initviz.views.picture import Picture


class LivePlot(pn.viewable.Viewer):
    """A pane for pictures of one view. A picture with the same kinds of layer only replaces data, limits and title.

    HoloViews' own update recomputes the whole figure (about 100 ms); replacing the data takes about 1 ms.
    """

    def __init__(self, picture: Picture):
        super().__init__()
        self.picture = picture
        self.pane = pn.pane.HoloViews(
            picture.overlay, backend="bokeh", sizing_mode="stretch_width", linked_axes=False, name=picture.name
        )

    def __panel__(self):
        return self.pane

    def show(self, picture: Picture) -> None:
        """Replace the picture on every page that shows it; call it inside `update_page`."""
        if picture is self.picture:
            return
        same_kinds = picture.layers.keys() == self.picture.layers.keys()
        in_notebook = any(pn.state._views.get(ref, (None,))[-1] for ref in self.pane._plots)  # it has a comm
        self.picture = picture
        if not same_kinds or not self.pane._plots or in_notebook:
            self.pane.object = picture.overlay  # in a notebook only Panel's own updates are sent
            return
        for plot, _ in self.pane._plots.values():
            _replace_data(plot, picture)

    def settle(self) -> None:
        """Have the last picture ready for pages that open later."""
        with param.parameterized.discard_events(self.pane):
            self.pane.object = self.picture.overlay


def _replace_data(plot, picture: Picture) -> None:
    for part, data in zip(plot.subplots.values(), picture.sources, strict=True):
        source = part.handles["source"]
        if any(not np.array_equal(values, source.data[name]) for name, values in data.items()):
            source.data = data
    figure = plot.state
    figure.title.text = picture.title
    for axis, limits in ((figure.x_range, picture.xlim), (figure.y_range, picture.ylim)):
        start, end = map(float, limits)
        axis.update(start=start, end=end, reset_start=start, reset_end=end)
