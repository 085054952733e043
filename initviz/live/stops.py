"""A slider over some values of a setting that has none of its own, such as a shape or a dtype."""

from collections.abc import Callable, Sequence
from typing import Any

import panel_material_ui as pmui

from initviz.live.controls import AT_ONCE
from initviz.live.link import Link

FIELD = {"width": 190, "size": "small", "sizing_mode": None, "description": ""}
"""Looks of the setting's own widget beside the slider."""


class StopsLink(Link):
    """A slider over stops, and a setting, whose other values become stops when it takes them."""

    def put(self, shown) -> None:
        """Put a value into the slider, as a stop of its own if it is none."""
        if shown not in self.widget.options:
            self.widget.options = self._with(shown)
        super().put(shown)

    def _with(self, shown: str) -> list[str]:
        stops, value = self.widget.options, self.parse(shown)
        place = sum(_comes_before(self.parse(stop), value) for stop in stops)
        return [*stops[:place], shown, *stops[place:]]


def _comes_before(one, other) -> bool:
    try:
        return bool(one < other)
    except TypeError:
        return True


def over_stops(own: Link, stops: Sequence[Any], report: Callable[[str, str], None]) -> Link:
    """The widget of a setting, if it is a slider; or a slider over these values, and the widget beside it."""
    if own.ends is not None:
        return own
    texts = list(map(own.show, stops))
    slider = pmui.DiscreteSlider(
        label=own.widget.label, options=texts, value=texts[0], description=own.widget.description or "",
        show_value=False, sx=AT_ONCE, sizing_mode="stretch_width",
    )  # fmt: skip
    found = StopsLink(own.owner, own.name, slider, own.parse, own.show, report, own.watched)
    if own.widget.value:  # as it has in every case but that of a layer that cannot be
        found.put(own.widget.value)
    own.widget.param.update(**FIELD)
    found.field = own
    return found
