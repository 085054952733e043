"""Makes any view live: a figure rendered once, whose data sources are replaced when a new picture comes."""

import numpy as np
import panel as pn
import param

from initviz.views.picture import Picture

SHORT = 50
"""Columns with fewer values are sent within the message: each array takes two more, which the browser awaits."""


class Words(pn.pane.HTML):
    """HTML of which a change sends the text alone.

    Panel (1.9, 1.10: `pane/markup.py`, `_update`) derives everything else anew, too: a millisecond or two for each
    text, and for one that is not on the page, as the message for phones on a wide one, style sheets of a foreign host.
    """

    def _update(self, ref, model):
        model.text = self._transform_object(self.object)["object"]


class LivePlot(pn.pane.HoloViews):
    """A pane for pictures of one view. A picture of the same form only replaces data, limits, title and axis labels.

    HoloViews' own update recomputes the whole figure (about 100 ms); replacing the data takes about 1 ms.
    """

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
        in_notebook = any(pn.state._views.get(ref, (None,))[-1] for ref in self._plots)  # it has a comm
        self._picture = picture
        if same_form and not in_notebook:
            for plot, _ in self._plots.values():
                _replace_data(plot, picture)
        else:
            self.object = picture.overlay  # in a notebook only Panel's own updates are sent

    def _get_model(self, *args, **kwargs):
        """The plot for a page that opens now: of the picture on show."""
        with param.parameterized.discard_events(self):
            self.object = self._picture.overlay
        return super()._get_model(*args, **kwargs)


def _replace_data(plot, picture: Picture) -> None:
    for part, data in zip(plot.subplots.values(), picture.sources, strict=True):
        source = part.handles["source"]
        if any(not np.array_equal(values, source.data[name]) for name, values in data.items()):
            source.data = {name: list(values) if len(values) < SHORT else values for name, values in data.items()}
    figure = plot.state
    figure.title.text = picture.title
    for name, label, limits in (("x", picture.xlabel, picture.xlim), ("y", picture.ylabel, picture.ylim)):
        start, end = map(float, limits)
        plot.handles[f"{name}_range"].update(start=start, end=end, reset_start=start, reset_end=end)
        plot.handles[f"{name}axis"].axis_label = label
