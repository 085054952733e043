"""Panes as tests of pictures show them."""

import holoviews as hv

from initviz.live.internals import FreshHoloViews


class Curve(FreshHoloViews):
    """A pane that opens with its newest curve."""

    def __init__(self, *values):
        super().__init__(hv.Curve(list(values)) * hv.Curve(list(values)))
        self.values = values

    def fresh(self):
        return hv.Curve(list(self.values)) * hv.Curve(list(self.values))
