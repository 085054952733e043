"""Widgets made from param declarations, linked both ways, that report what cannot be set instead of raising it."""

import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from initviz.initializers import CLASSES, knobs
from initviz.layers import LAYERS, RawShape
from initviz.live.internals import at_once
from initviz.live.updates import update_page
from initviz.settings.knobs import REFUSALS, Choice, Count, Flag, Knob, Shape, rounded
from initviz.study import Study

AT_ONCE = {"& .MuiSlider-thumb, & .MuiSlider-track": {"transition": "none"}}
"""Material lets a slider glide for 0.15 s, whose frames the plots would wait for."""
LARGEST_ON_SLIDER = {True: 11, False: 1024}  # receptive-field axes are short, channels are long


# What makes a widget: (knob, value) -> (widget, what it gives to value, value to what it shows)


def _field(knob: Knob, value):
    return pmui.TextInput(value=knob.text(value)), knob.parse, knob.text


def _small_field(knob: Knob, value):
    return pmui.TextInput(value=knob.text(value), width=95, size="small"), knob.parse, knob.text


def _select(knob: Choice, value):
    return pmui.Select(value=value, options=knob.objects), knob.parse, knob.text


def _checkbox(knob: Flag, value):
    return pmui.Checkbox(value=value), bool, bool


def _slider(knob: knobs.Scalar | knobs.Value, value):
    (low, high), shown = knob.softbounds, _position(value)
    shown = shown if math.isfinite(shown) else knob.default
    ends = {"start": min(low, shown), "end": max(high, shown), "step": knob.step}
    return pmui.FloatSlider(value=shown, show_value=False, sx=AT_ONCE, **ends), rounded, _position


def _int_slider(knob: Count, value):
    low, high = knob.softbounds
    ends = {"start": min(low, value), "end": max(high, value)}
    return pmui.IntSlider(value=value, show_value=False, sx=AT_ONCE, **ends), int, int


def _position(value) -> float:
    """Where a slider stands; NaN for what is no real number, which none shows."""
    return float("nan") if np.ndim(value) or np.iscomplexobj(value) else float(value)


WIDGETS: dict[type[Knob], tuple[Callable, ...]] = {
    Knob: (_field,),
    Flag: (_checkbox,),
    Choice: (_select,),
    Count: (_int_slider, _small_field),
    knobs.Scalar: (_slider, _small_field),
    knobs.Value: (_slider, _small_field),
    knobs.Dtype: (),
    Shape: (),
}
"""Kind of setting -> its widget, and the field beside it where any number can be typed.

An initializer's dtype and a layer's shape have none: the study's are theirs."""


def _widgets(knob: Knob) -> tuple[Callable, ...]:
    return next(WIDGETS[kind] for kind in type(knob).__mro__ if kind in WIDGETS)


def _same(a, b) -> bool:
    """Whether two shown values are equal; NaN is itself, or slider and field would set each other for ever."""
    return a == b or (a != a and b != b)


class Link:
    """A widget and a setting that follow each other; `report(name, message)` hears of refused input, which stays.

    What a user moves or enters is taken once the page may be changed. On a busy server more of it comes before that:
    the newest counts from then on, and until its own turn nothing is put over it, under the hands of the user.

    Args:
        owner: has the setting.
        name: of the setting.
        widget: shows it.
        parse: makes a value of what the widget gives.
        show: makes what the widget shows of a value.
        report: takes a message, empty once there is nothing to say.
        watched: the parameter whose changes may change the setting, if that is another.
        ends: the usual ones of a slider, which reaches further for a setting beyond them.
    """

    def __init__(
        self,
        owner: param.Parameterized,
        name: str,
        widget,
        parse,
        show,
        report,
        watched: str = "",
        ends: tuple[float, float] | None = None,
    ):
        self.owner, self.name, self.widget = owner, name, widget
        self.parse, self.show, self.report, self.ends = parse, show, report, ends
        self._given: tuple | None = None  # by the user, and not taken yet
        self._shows = self._is_refused = self._is_closed = False
        at_once(widget).param.watch(lambda _: self._give(widget.value), "value")
        if "enter_pressed" in widget.param:  # a field painted late sends its old value behind the enter key, or none
            widget.param.watch(lambda _: self._give(widget.value_input), "enter_pressed")
        self._shown = self._now()
        self._watcher = owner.param.watch(self._from_owner, watched or name)
        self.field: Link | None = None
        """For a slider: the field beside it, where any number can be typed."""

    def _give(self, given) -> None:
        if self._is_closed or (self._shows and _same(given, self._shown)):
            return
        turn = self._given = (given,)
        update_page(partial(self._take_newest, turn))

    def _take_newest(self, turn: tuple) -> None:
        newest = self._given
        if newest is turn:
            self._given = None
        if newest is not None:
            self._take(*newest)

    def _take(self, given) -> None:
        """Set the parameter to what the widget was given, or report why not."""
        if _same(given, self._shown):  # by us: a slider would round it
            self._refused("")
            return
        try:
            value = self.parse(given)
            if not _same(self._now(), self.show(value)):
                setattr(self.owner, self.name, value)
        except REFUSALS as refusal:
            self._refused(str(refusal))
        else:
            self._refused("")
            if self._given is None and self._shown is not None:
                self._put(self._shown)  # which it was not while it waited

    def _refused(self, message: str) -> None:
        if not message and not self._is_refused:
            return  # a message under this name is of the widget beside it
        self._is_refused = bool(message)
        if hasattr(self.widget, "error_state"):
            self.widget.error_state = bool(message)
        self.report(self.name, message)

    def _now(self):
        """What is to be shown; None where nothing is: a layer that cannot be, an axis that is gone."""
        try:
            return self.show(getattr(self.owner, self.name))
        except ValueError:
            return None

    def _from_owner(self, _event) -> None:
        shown = self._now()
        is_off = self.ends is not None and self._is_refused  # a slider that was refused is put back
        if shown is None or (_same(shown, self._shown) and not is_off):
            return
        self._shown = shown
        if self._given is None:
            self._put(shown)
            self._refused("")

    def _put(self, shown) -> None:
        """Put a value into the widget; not into a slider that stands there, which would be rounded or end elsewhere."""
        looks = {"value": shown}
        if self.ends is not None:
            if not math.isfinite(shown) or _same(self.show(self.parse(self.widget.value)), shown):
                return
            low, high = self.ends
            looks |= {"start": min(low, shown), "end": max(high, shown)}
        self._shows = True
        try:
            self.widget.param.update(**looks)
        finally:
            self._shows = False

    def close(self) -> None:
        """Stop following the parameter, and take nothing more."""
        self.owner.param.unwatch(self._watcher)
        self._given, self._is_closed = None, True
        self.report(self.name, "")
        if self.field:
            self.field.close()

    @property
    def view(self):
        """The widget, and the field beside it."""
        if self.field is None:
            return self.widget
        return pn.Row(self.widget, self.field.widget, sizing_mode="stretch_width")


def link(owner: param.Parameterized, name: str, report: Callable[[str, str], None], **looks) -> Link:
    """The widgets of one setting, from its declaration, linked; `looks` are more parameters of the first one."""
    knob, value = owner.param[name], getattr(owner, name)
    first, *beside = _widgets(knob)
    widget, parse, show = first(knob, value)
    widget.param.update({"label": name, "description": knob.doc, "sizing_mode": "stretch_width"} | looks)
    linked = Link(owner, name, widget, parse, show, report, ends=knob.softbounds if hasattr(widget, "end") else None)
    for build in beside:
        field, parse, show = build(knob, value)
        field.label = name
        linked.field = Link(owner, name, field, parse, show, report)
    return linked


def argument_links(owner, report: Callable[[str, str], None]) -> list[Link]:
    """Linked widgets of the arguments of an initializer, a layer or a closer look."""
    return [link(owner, name, report) for name in owner.arguments if _widgets(owner.param[name])]


def aliases() -> dict[str, str]:
    """Names that stand for another one: xavier_normal -> glorot_normal."""
    return {name: cls.function for name, cls in CLASSES.items() if name != cls.function}


def function_select(study: Study, report) -> Link:
    """The initializers, grouped by family, aliases named as such."""
    named = {name: f"{name} (alias of {aliases()[name]})" if name in aliases() else name for name in CLASSES}
    groups: dict[str, dict[str, str]] = {}
    for name, cls in CLASSES.items():
        groups.setdefault(cls.family, {})[named[name]] = name
    widget = pmui.Select(label="initializer", groups=groups, value=study.function, sizing_mode="stretch_width")
    return Link(study, "function", widget, str, str, report)


def layer_select(study: Study, report) -> Link:
    """The kinds of layer."""
    widget = pmui.Select(
        label="layer",
        value=type(study.layer).__name__,
        options={cls.title: name for name, cls in LAYERS.items()},
        description="What holds the weights, to compare fans",
        sizing_mode="stretch_width",
    )
    return Link(study, "layer", widget, study.layer_of, lambda layer: type(layer).__name__, report)


def shape_field(study: Study, report) -> Link:
    """The shape of the weights, whatever the layer."""
    knob = RawShape.param.shape
    widget = pmui.TextInput(label="shape", description=knob.doc, sizing_mode="stretch_width")
    with suppress(ValueError):  # a layer that cannot be
        widget.value = knob.text(study.shape)
    return Link(study, "shape", widget, knob.parse, knob.text, report, watched="question")


def study_links(study: Study, report) -> dict[str, Link]:
    """Linked widgets of the study's own settings."""
    return {
        "function": function_select(study, report),
        "layer": layer_select(study, report),
        "shape": shape_field(study, report),
        **{name: link(study, name, report) for name in ("dtype", "device", "seed")},
    }


def randomness_links(study: Study, report) -> dict[str, Link]:
    """Linked widgets of what the weights are drawn by."""
    return {
        "generator": link(study, "generator", report, sizing_mode=None),
        "partitionable": link(
            study, "partitionable", report, label="jax_threefry_partitionable", margin=(18, 10), sizing_mode=None
        ),
    }


def size_slider(study: Study, axis: int, report) -> Link:
    """A slider for one size of the shape."""
    size = study.shape[axis]
    low, high = ends = 1, LARGEST_ON_SLIDER[axis < len(study.shape) - 2]
    slider = pmui.IntSlider(
        label=f"size of axis {axis}",
        value=size,
        start=min(low, size),
        end=max(high, size),
        sx=AT_ONCE,
        styles={"flex": "1 1 120px"},
    )

    def resized(size: int) -> tuple[int, ...]:
        sizes = study.shape
        return (*sizes[:axis], int(size), *sizes[axis + 1 :])

    def size_of(shape: tuple[int, ...]) -> int | None:
        return shape[axis] if axis < len(shape) else None

    def report_size(_name: str, message: str) -> None:
        report(slider.label, message)

    return Link(study, "shape", slider, resized, size_of, report_size, "question", ends)
