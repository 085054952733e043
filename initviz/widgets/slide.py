"""A widget with one setting to slide; where no kernel runs, a slider over what was drawn for some of its values."""

from collections.abc import Sequence
from typing import Any

import panel as pn
import param

from initviz.live.controls import link
from initviz.live.notebook import Cell
from initviz.live.stops import over_stops
from initviz.models.study import ModelStudy
from initviz.views import still
from initviz.widgets.base import Widget
from initviz.widgets.controls import Controls, choices, owner_of, said
from initviz.wording import near


class Sliding(Cell):
    """A widget below the one setting of its study that matters here.

    Args:
        widget: what follows the setting.
        setting: its name.
        stops: its values to slide over: of a setting that has no slider of its own, and of any where no kernel runs.
    """

    def __init__(self, widget: Widget, setting: str, stops: Sequence[Any]):
        super().__init__()
        self.widget, self.setting, self.stops = widget, setting, list(stops)
        self._place = pn.Column(*_beside(widget, setting, self.stops), widget, sizing_mode="stretch_width")

    def __panel__(self):
        return self._place

    def still(self) -> str:
        """A slider over what the widget shows at each stop. Where nothing is live, the study itself takes each."""
        owner = _owner(self.widget, self.setting)
        before = getattr(owner, self.setting)
        found = []
        try:
            for stop in self.stops:
                setattr(owner, self.setting, stop)
                found.append((said(owner, self.setting), self.widget.still()))
        finally:
            setattr(owner, self.setting, before)
        start = self.stops.index(before) if before in self.stops else 0
        return still.stops(self.setting, found, start)


def _beside(widget: Widget, name: str, stops: Sequence[Any]) -> list[Any]:
    """What sets it, where the widget shows no slider of it."""
    if isinstance(widget.study, ModelStudy):  # all of whose settings are shown with it
        own = link(widget.study, name, lambda name, message: None)
        return [] if own.ends is not None else [over_stops(own, stops, own.report).widget]
    shown = _shown_with(widget, name) is not None
    return [] if shown else [Controls(widget.study, (name,), {}, stops, bar=False)]


def _shown_with(widget: Widget, name: str) -> param.Parameterized | None:
    """The network or the look that has a setting of this name beside what it shows; None of others."""
    study = widget.study
    if owner_of(study, name) is None and name in study.network.arguments:
        return study.network
    return widget.own if name in _own_names(widget) else None


def _own_names(widget: Widget) -> tuple[str, ...]:
    return () if widget.own is None else tuple(widget.own.arguments)


def _owner(widget: Widget, setting: str) -> param.Parameterized:
    """What has the setting of this name: the study, its initializer, its layer or its network, or the closer look.

    Raises:
        ValueError: there is none of this name.
    """
    study = widget.study
    if isinstance(study, ModelStudy):
        found, known = study if setting in study.arguments else None, [*study.arguments]
    else:
        found = _shown_with(widget, setting) or owner_of(study, setting)
        owners = study, study.initializer, study.layer
        known = [name for each in owners for name in choices(study, each)]
        known += [*study.network.arguments, *_own_names(widget)]
    if found is None:
        raise ValueError(f"the setting must be one of {', '.join(known)}, got {setting!r}. {near(setting, known)}")
    return found


def slide(widget: Widget, setting: str, stops: Sequence[Any]) -> Sliding:
    """A widget below one setting to slide. Exported without a kernel, it has the pictures of some stops to slide over.

    >>> from initviz.widgets import histogram
    >>> sliding = slide(histogram("variance_scaling", shape=(8, 4)), "scale", [0.5, 1.0, 2.0])
    >>> sliding.still().count("<div data-stop")
    3

    Args:
        widget: what follows the setting.
        setting: name of a setting of its study, initializer, layer or network, of a closer look or of an audit.
        stops: values of it, in order.

    Raises:
        ValueError: there is no such setting, or no stop.
        TypeError: what is given is no widget.
    """
    if not isinstance(widget, Widget):
        raise TypeError(f"slide needs a widget, got {type(widget).__name__}. Write slide(histogram('he_normal'), ...).")
    _owner(widget, setting)
    if not len(stops):
        raise ValueError(f"stops must be values of {setting}, got none. Write for instance [0.5, 1.0, 2.0].")
    return Sliding(widget, setting, stops)
