"""Widgets made from param declarations, each linked with its setting."""

import math
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import panel_material_ui as pmui
import param

from initviz.initializers import CLASSES, knobs
from initviz.layers import LAYERS, RawShape
from initviz.live.link import Link
from initviz.settings.knobs import Choice, Count, Flag, Knob, Lines, Shape
from initviz.settings.texts import rounded
from initviz.study import Study

AT_ONCE = {"& .MuiSlider-thumb, & .MuiSlider-track": {"transition": "none"}}
"""Material lets a slider glide for 0.15 s, whose frames the plots would wait for."""
LARGEST_ON_SLIDER = {True: 11, False: 1024}  # receptive-field axes are short, channels are long


# What makes a widget: (knob, value) -> (widget, what it gives to value, value to what it shows)


def _as_wide(pixels: int) -> str:
    """Style of a widget that is so wide, and wider where text is larger than usual."""
    return f":host {{width: max({pixels}px, {pixels / 16:.4g}rem) !important; min-width: 0 !important; max-width: 95%}}"


def _field(knob: Knob, value):
    return pmui.TextInput(value=knob.text(value)), knob.parse, knob.text


def _small_field(knob: Knob, value):
    return (
        pmui.TextInput(value=knob.text(value), width=95, size="small", styles={"min-width": "5.9rem"}),
        knob.parse,
        knob.text,
    )


def _area(knob: Lines, value):
    monospace = {"& textarea": {"fontFamily": "monospace", "fontSize": "0.85rem"}}
    area = pmui.TextAreaInput(value=value, placeholder=knob.line, rows=4, auto_grow=True, max_rows=12, sx=monospace)
    return area, knob.parse, knob.text


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
    Lines: (_area,),
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


def argument_links(owner, report: Callable[[str, str], None], without: tuple[str, ...] = ()) -> list[Link]:
    """Linked widgets of what an initializer, a layer or a closer look can be set to, without what stands elsewhere."""
    shown = (name for name in owner.arguments if name not in without and _widgets(owner.param[name]))
    return [link(owner, name, report) for name in shown]


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


def _flag(study: Study, report) -> Link:
    """Whether positions count alone."""
    return link(study, "partitionable", report, label="jax_threefry_partitionable", margin=(18, 10), sizing_mode=None)


def _generator(study: Study, report) -> Link:
    return link(study, "generator", report, sizing_mode=None)


def _way(study: Study, name: str, report) -> Link:
    """A menu of ways to draw."""
    label = study.param[name].label
    looks = {"size": "small", "stylesheets": [_as_wide(170)], "margin": (8, 10)}
    return link(study, name, report, label=label, **looks)


def _own(name: str) -> Callable[..., Link]:
    return lambda study, report: link(study, name, report)


STUDY_LINKS: dict[str, Callable[[Study, Callable[[str, str], None]], Link]] = {
    "function": function_select,
    "layer": layer_select,
    "shape": shape_field,
    "dtype": _own("dtype"),
    "device": _own("device"),
    "seed": _own("seed"),
    "generator": _generator,
    "partitionable": _flag,
    "weights_as": lambda study, report: _way(study, "weights_as", report),
    "spectrum_as": lambda study, report: _way(study, "spectrum_as", report),
}
"""Linked widgets of the study's own settings, by their names."""


def study_links(study: Study, report, *names: str) -> dict[str, Link]:
    """Linked widgets of these settings of the study."""
    return {name: STUDY_LINKS[name](study, report) for name in names}


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
