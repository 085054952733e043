"""Panes as tests of pictures show them."""

import holoviews as hv

from initviz.live.internals import OwnFigures


class Curve(OwnFigures):
    """A pane that opens with its newest curves, one over the other."""

    def __init__(self, *values):
        self.values = values
        super().__init__(self.fresh())

    def fresh(self):
        return hv.render(hv.Curve(list(self.values)) * hv.Curve(list(self.values)), backend="bokeh")


def data(figure):
    """What the layers of a figure show, in order."""
    return [layer.data_source.data for layer in figure.renderers]
