"""Makes any view live: figures drawn once, whose data sources are replaced when a new picture comes."""

from functools import partial

from bokeh.plotting import figure

from initviz.live.figures import drawn, replace_data
from initviz.live.internals import OwnFigures
from initviz.live.updates import on_page
from initviz.views.picture import Picture


class LivePlot(OwnFigures):
    """A pane for pictures of one view. A picture of the same form only replaces data, limits and words."""

    def __init__(self, picture: Picture):
        self._picture = picture
        super().__init__(drawn(picture), sizing_mode="stretch_width", name=picture.name)

    def show(self, picture: Picture) -> None:
        """Replace the picture on every page that shows it; call it inside `update_page`."""
        if picture is self._picture:
            return
        figures = self.figures if picture.form == self._picture.form else []
        self._picture = picture
        if not figures:
            self.object = drawn(picture)
        for shown in figures:
            on_page(shown.document, partial(replace_data, shown, picture))

    def fresh(self) -> figure:
        """The picture on show, for a page that opens now."""
        return drawn(self._picture)
