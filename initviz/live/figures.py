"""Pictures as figures of Bokeh: HoloViews draws one of each form, of which all others are copies with other data."""

import json
import re
from collections.abc import Callable
from functools import lru_cache

import holoviews as hv
import numpy as np
from bokeh.core.serialization import Deserializer, Serializer
from bokeh.models import GlyphRenderer, PointDrawTool, SaveTool
from bokeh.plotting import figure
from bokeh.util.serialization import make_id

from initviz.views.picture import Picture
from initviz.views.theme import labelled

IDENTITY = re.compile(r'"id": "([^"]+)"')
"""Of a model, where it is written and where it is referred to."""
MARGIN = (5, 10)
"""Around a figure, in pixels: that of every pane of Panel."""
HEIGHT, BARE_HEIGHT = "--initviz-plot-height", "--initviz-strip-height"
"""Properties of style by which a page says how high its pictures are; without them they are as high as elsewhere."""
KEPT = 64
"""How many forms are known."""
READY = 8
"""For how many forms a figure is kept ready."""
_ready: dict["Form", figure] = {}


def drawn(picture: Picture) -> figure:
    """A figure of its own that shows a picture, in a tenth of the time that HoloViews takes to draw it."""
    found = _ready.pop(Form(picture), None) or _copied(Form(picture))
    replace_data(found, picture)
    name_file(found, picture.file)
    return found


def make_ready(picture: Picture) -> None:
    """Have a figure for the next picture of this form, which takes some 25 ms, in time that nobody waits for."""
    form = Form(picture)
    if form not in _ready:
        _ready[form] = _copied(form)
    if len(_ready) > READY:
        del _ready[next(iter(_ready))]


def _copied(form: "Form") -> figure:
    """A figure of this form without data."""
    identities: dict[str, str] = {}

    def renamed(found: re.Match) -> str:
        return f'"id": "{identities.setdefault(found[1], make_id())}"'

    copy = Deserializer().decode(json.loads(IDENTITY.sub(renamed, _written(form))))
    copy.margin = MARGIN
    height = f"var({BARE_HEIGHT if form.picture.bare else HEIGHT}, {copy.height}px)"
    copy.styles = {"height": height, "flex-basis": height}
    return copy


class Form:
    """A picture, for which any other of the same name and form will do."""

    def __init__(self, picture: Picture):
        self.picture, self._same = picture, (picture.name, picture.form)

    def __eq__(self, other) -> bool:
        return isinstance(other, Form) and self._same == other._same

    def __hash__(self) -> int:
        return hash(self._same)


@lru_cache(KEPT)
def _written(form: Form) -> str:
    """A figure of this form without data, in JSON."""
    whole = form.picture.hiding(())  # what is hidden would have no name in the legend, which others of this form need
    shown = hv.render(whole.overlay, backend="bokeh")
    for layer in shown.select({"type": GlyphRenderer}):
        layer.data_source.data = {}
    shown.name = form.picture.name
    return json.dumps(Serializer(deferred=False).encode(shown))


def replace_data(shown: figure, picture: Picture) -> None:
    """Have a figure show another picture of the same form."""
    for layer, data in zip(shown.renderers, picture.sources, strict=True):
        held = layer.data_source.data
        if held.keys() != data.keys() or any(not np.array_equal(values, held[name]) for name, values in data.items()):
            layer.data_source.data = data
    for layer, series in zip(shown.renderers, picture.series, strict=True):
        layer.visible = not series.hidden
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


def name_file(shown: figure, file: str) -> None:
    """Have the save tool of a figure save under this name; its button is built anew for another one (Bokeh 3.9)."""
    for tool in shown.toolbar.tools:
        if isinstance(tool, SaveTool):
            tool.filename = file


def hear_legend(shown: figure, clicked: Callable[[int, bool], object]) -> None:
    """Hear of names in a legend that are clicked: `clicked` is told which, by place, and whether it is drawn now."""
    for legend in shown.legend:
        for place, item in enumerate(legend.items):

            def changed(_name, _old, visible, place: int = place) -> None:
                clicked(place, visible)

            item.renderers[0].on_change("visible", changed)


def let_drag(shown: figure, picture: Picture, what: str, moved: Callable[[float, float], object]) -> None:
    """Let the one point of a series be dragged; `moved` is told where it is, each time, by whoever drags it.

    Args:
        shown: the figure.
        picture: what it shows.
        what: what the series is, in its words.
        moved: takes x and y.
    """
    layer = next(layer for layer, each in zip(shown.renderers, picture.series, strict=True) if each.what == what)
    tool = PointDrawTool(renderers=[layer], add=False, description=f"drag {what}")
    shown.add_tools(tool)
    shown.toolbar.active_drag = tool

    def changed(_name, _old, data) -> None:
        if len(data["x"]) == 1:
            moved(float(data["x"][0]), float(data["y"][0]))

    layer.data_source.on_change("data", changed)
