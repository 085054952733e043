"""Widgets made from param declarations, linked both ways, that report what cannot be set instead of raising it."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from initviz import layers
from initviz.initializers import CLASSES, Initializer, knobs
from initviz.layers import Layer
from initviz.live.updates import at_once, update_page
from initviz.settings.choices import Count, device_names, dtypes, generators, parse_shape
from initviz.settings.parsing import (
    axes_text,
    number_text,
    parse_axes,
    parse_number,
    parse_seed,
    parse_size,
    parse_sizes,
    rounded,
    sizes_text,
)
from initviz.study import RAW, Study

REFUSALS = (TypeError, ValueError, IndexError, NotImplementedError, OverflowError)
"""What a setting that cannot be used raises."""
AT_ONCE = {"& .MuiSlider-thumb, & .MuiSlider-track": {"transition": "none"}}
"""Material lets a slider glide for 0.15 s, whose frames the plots would wait for."""
LARGEST_ON_SLIDER = {True: 11, False: 1024}  # receptive-field axes are short, channels are long


def _slider(parameter, value) -> pmui.FloatSlider:
    low, high = parameter.softbounds
    return pmui.FloatSlider(
        value=float(value),
        start=min(low, float(value)),
        end=max(high, float(value)),
        step=parameter.step,
        show_value=False,
        sx=AT_ONCE,
    )


def _int_slider(parameter, value) -> pmui.IntSlider:
    low, high = parameter.softbounds
    return pmui.IntSlider(value=value, start=min(low, value), end=max(high, value), show_value=False, sx=AT_ONCE)


def _select(parameter, value):
    return pmui.Select(value=value, options=list(parameter.objects))


def _axes(parameter, value):
    return pmui.TextInput(value=axes_text(value))


def _text(show: Callable):
    return lambda parameter, value: pmui.TextInput(value=show(value))


def _checkbox(parameter, value):
    return pmui.Checkbox(value=value)


# Kind of argument -> (widget for it, text to value, value to widget)
KINDS: dict[type, tuple[Callable, Callable, Callable]] = {
    layers.Size: (_text(str), parse_size, str),
    layers.Sizes: (_text(sizes_text), parse_sizes, sizes_text),
    param.Boolean: (_checkbox, bool, bool),
    param.String: (_text(str), str, str),
    layers.LetterSizes: (_text(str), str, str),
    Count: (_int_slider, int, int),
    param.Selector: (_select, str, str),
    knobs.Scalar: (_slider, rounded, float),
    knobs.Value: (_slider, rounded, float),
    knobs.Choice: (_select, str, str),
    knobs.Axes: (_axes, parse_axes, axes_text),
}


# Kind of argument with a slider -> (text to value, value to text) of the field beside it
FIELDS = {
    knobs.Scalar: (parse_number, number_text),
    knobs.Value: (parse_number, number_text),
    Count: (parse_size, str),
}


def _same(a, b) -> bool:
    """Whether two shown values are equal; NaN is itself, or slider and field would set each other for ever."""
    return a == b or (a != a and b != b)


class Link:
    """A widget and a parameter that follow each other; `report(name, message)` hears of refused input."""

    def __init__(self, owner, name: str, widget, parse, show, report, event: str = "value"):
        self.owner, self.name, self.widget, self.parse, self.show, self.report = (
            owner,
            name,
            widget,
            parse,
            show,
            report,
        )
        at_once(widget).param.watch(lambda changed: update_page(partial(self._take, changed.new)), event)
        if "enter_pressed" in widget.param:  # a field painted late sends its old value behind the enter key, or none
            widget.param.watch(lambda _: update_page(partial(self._take, widget.value_input)), "enter_pressed")
        self._watcher = owner.param.watch(self._from_owner, name)
        self.field: Link | None = None
        """For a slider: the field beside it, where any number can be typed."""

    def _take(self, given) -> None:
        """Set the parameter to what the widget was given, or report why not."""
        try:
            value = self.parse(given)
            if not _same(self.show(getattr(self.owner, self.name)), self.show(value)):
                setattr(self.owner, self.name, value)
        except REFUSALS as refusal:
            self._refused(str(refusal))
        else:
            self._refused("")

    def _refused(self, message: str) -> None:
        if hasattr(self.widget, "error_state"):
            self.widget.error_state = bool(message)
        self.report(self.name, message)

    def _from_owner(self, event) -> None:
        shown = self.show(event.new)
        if not hasattr(self.widget, "end"):
            self.widget.value = shown
        elif math.isfinite(shown):
            low, high = self.owner.param[self.name].softbounds
            self.widget.param.update(start=min(low, shown), end=max(high, shown), value=shown)
        self._refused("")

    def close(self) -> None:
        """Stop following the parameter."""
        self.owner.param.unwatch(self._watcher)
        self.report(self.name, "")
        if self.field:
            self.field.close()

    @property
    def view(self):
        """The widget, and the field beside it."""
        if self.field is None:
            return self.widget
        return pn.Row(self.widget, self.field.widget, sizing_mode="stretch_width")


def argument_links(owner: Initializer | Layer, report: Callable[[str, str], None]) -> list[Link]:
    """One linked widget for every argument of an initializer or a layer but the dtype, which the study has."""
    links = []
    for name in owner.arguments:
        parameter, value = owner.param[name], getattr(owner, name)
        kind = next((cls for cls in type(parameter).__mro__ if cls in KINDS), None)
        if kind is None or (kind is knobs.Value and (np.ndim(value) or np.iscomplexobj(value))):
            continue
        build, parse, show = KINDS[kind]
        widget = build(parameter, value)
        widget.param.update(label=name, description=parameter.doc, sizing_mode="stretch_width")
        link = Link(owner, name, widget, parse, show, report)
        if kind in FIELDS:
            parse, show = FIELDS[kind]
            field = pmui.TextInput(label=name, value=show(value), width=95, size="small")
            link.field = Link(owner, name, field, parse, show, report)
        links.append(link)
    return links


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


def study_links(study: Study, report) -> dict[str, Link]:
    """Linked widgets of the study's own settings."""
    wide = {"sizing_mode": "stretch_width"}
    shape = pmui.TextInput(
        label="shape", value=sizes_text(study.shape), description="2 to 5 sizes, such as 3, 3, 64, 128", **wide
    )
    kinds = {RAW: RAW} | {cls.title: name for name, cls in layers.LAYERS.items()}
    layer = pmui.Select(
        label="layer",
        value=study.layer_kind,
        options=kinds,
        description="What holds the weights, to compare fans",
        **wide,
    )
    dtype = pmui.Select(label="dtype", value=study.dtype, options=dtypes(), **wide)
    device = pmui.Select(label="device", value=study.device, options=device_names(), **wide)
    seed = pmui.TextInput(label="seed", value=str(study.seed), description="jax.random.key(seed)", **wide)
    return {
        "function": function_select(study, report),
        "layer_kind": Link(study, "layer_kind", layer, str, str, report),
        "shape": Link(study, "shape", shape, parse_shape, sizes_text, report),
        "dtype": Link(study, "dtype", dtype, str, str, report),
        "device": Link(study, "device", device, str, str, report),
        "seed": Link(study, "seed", seed, parse_seed, str, report),
    }


def randomness_links(study: Study, report) -> dict[str, Link]:
    """Linked widgets of what the weights are drawn by."""
    generator = pmui.Select(
        label="generator", value=study.generator, options=list(generators()), description="jax.random.key(seed, impl=…)"
    )
    flag = pmui.Checkbox(label="jax_threefry_partitionable", value=study.partitionable, margin=(18, 10))
    return {
        "generator": Link(study, "generator", generator, str, str, report),
        "partitionable": Link(study, "partitionable", flag, bool, bool, report),
    }


def size_slider(study: Study, axis: int, report) -> pmui.IntSlider:
    """A slider for one size of the shape."""
    size = study.shape[axis]
    longest = max(LARGEST_ON_SLIDER[axis < len(study.shape) - 2], size)
    slider = pmui.IntSlider(
        label=f"size of axis {axis}",
        value=size,
        start=min(1, size),
        end=longest,
        sx=AT_ONCE,
        styles={"flex": "1 1 120px"},
    )

    def take(given):
        shape = study.shape
        if axis < len(shape) and shape[axis] != given:
            try:
                study.shape = (*shape[:axis], int(given), *shape[axis + 1 :])
            except REFUSALS as refusal:
                report("shape", str(refusal))

    at_once(slider).param.watch(lambda moved: update_page(partial(take, moved.new)), "value")
    return slider
