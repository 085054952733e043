"""Makes any view live: figures drawn once, whose data sources are replaced when a new picture comes."""

from collections.abc import Callable
from functools import partial

from bokeh.plotting import figure

from initviz.live.figures import drawn, hear_legend, let_drag, name_file, replace_data
from initviz.live.internals import OwnFigures
from initviz.live.updates import on_page
from initviz.views.picture import Picture


class LivePlot(OwnFigures):
    """A pane for pictures of one view. A picture of the same form only replaces data, limits and words.

    Args:
        picture: what it shows first.
        draggable: what the series of one point that can be dragged is, in its words; empty for none.
        moved: told where it was dragged.
        switched: told a name in the legend that was clicked, and whether it is drawn from then on.
    """

    def __init__(
        self,
        picture: Picture,
        draggable: str = "",
        moved: Callable[[float, float], object] = lambda x, y: None,
        switched: Callable[[str, bool], object] | None = None,
    ):
        self._picture, self._draggable, self._moved, self._switched = picture, draggable, moved, switched
        super().__init__(self._drawn(), sizing_mode="stretch_width", name=picture.name)

    @property
    def picture(self) -> Picture:
        """What it shows."""
        return self._picture

    def show(self, picture: Picture, named: bool = True) -> None:
        """Replace the picture on every page that shows it; call it inside `update_page`.

        Unless it is `named`, the file that it is saved in keeps its name until `name_files`, which a drag can spare.
        """
        if picture is self._picture:
            return
        figures = self.figures if picture.form == self._picture.form else []
        self._picture = picture
        if not figures:
            self.object = self._drawn()
        for shown in figures:
            on_page(shown.document, partial(replace_data, shown, picture))
        if named:
            self.name_files()

    def name_files(self) -> None:
        """Have the picture saved under the name of its file, on every page; call it inside `update_page`."""
        for shown in self.figures:
            on_page(shown.document, partial(name_file, shown, self._picture.file))

    def fresh(self) -> figure:
        """The picture on show, for a page that opens now."""
        return self._drawn()

    def _drawn(self) -> figure:
        shown = drawn(self._picture)
        if self._draggable:
            let_drag(shown, self._picture, self._draggable, self._moved)
        if self._switched:
            hear_legend(shown, self._clicked)
        return shown

    def _clicked(self, place: int, visible: bool) -> None:
        """A name in the legend of a page was clicked, unless it is drawn, or not, as the picture says."""
        name = self._picture.legend[place]
        if self._switched and visible == (name in self._picture.hidden):
            self._switched(name, visible)
