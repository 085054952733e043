"""Widgets follow from the declarations, both ways, and report what cannot be set."""

import numpy as np
import panel_material_ui as pmui
import pytest

from initviz.initializers import CLASSES, knobs
from initviz.initializers.slices import Scale
from initviz.live.controls import STUDY_LINKS, aliases, argument_links, size_slider, study_links
from initviz.settings.choices import device_names, dtypes
from initviz.study import Study

WIDGETS = {
    knobs.Scalar: pmui.FloatSlider,
    Scale: pmui.FloatSlider,
    knobs.Value: pmui.FloatSlider,
    knobs.Choice: pmui.Select,
    knobs.Axes: pmui.TextInput,
    knobs.ColumnAxis: pmui.TextInput,
}
OTHER = {knobs.Choice: lambda parameter, value: next(o for o in parameter.objects if o != value)}


@pytest.mark.parametrize("name", CLASSES)
def test_every_argument_has_a_widget_from_its_declaration(name, messages):
    initializer = CLASSES[name]()
    links = argument_links(initializer, messages)
    assert [link.name for link in links] == [argument for argument in initializer.arguments if argument != "dtype"]
    for link in links:
        parameter, widget = initializer.param[link.name], link.widget
        assert type(widget) is WIDGETS[type(parameter)]
        assert (widget.label, widget.description) == (link.name, parameter.doc)
        if isinstance(parameter, knobs.Scalar | knobs.Value):
            assert (widget.start, widget.end, widget.step) == (*parameter.softbounds, parameter.step)
            assert widget.value == getattr(initializer, link.name) == float(link.field.widget.value)
            assert link.field.widget.label == link.name
        elif isinstance(parameter, knobs.Choice):
            assert widget.options == list(parameter.objects)


@pytest.mark.parametrize("name", CLASSES)
def test_widgets_and_arguments_follow_each_other(name, messages):
    initializer = CLASSES[name]()
    for link in argument_links(initializer, messages):
        parameter, value = initializer.param[link.name], getattr(initializer, link.name)
        if isinstance(parameter, knobs.Choice):
            first, second = [option for option in parameter.objects if option != value][:2]
            shown = {first: first, second: second}
        elif isinstance(parameter, knobs.Axes):
            first, second = 0, 1
            shown = {0: "0", 1: "1"}
        else:
            first, second = 0.25, 0.75
            shown = {0.25: 0.25, 0.75: 0.75}
        link.widget.value = shown[first]
        assert getattr(initializer, link.name) == first
        setattr(initializer, link.name, second)
        assert link.widget.value == shown[second]
    assert not any(messages.values())


def test_a_number_set_from_python_is_not_rounded_by_its_slider(messages):
    initializer, seen = CLASSES["normal"](), []
    (link,) = argument_links(initializer, messages)
    initializer.param.watch(lambda event: seen.append(event.new), "stddev")
    initializer.stddev = 1 / 3
    assert seen == [1 / 3]
    assert (link.widget.value, link.field.widget.value) == (1 / 3, repr(1 / 3))
    link.widget.value = 0.1 + 0.2  # a step of the slider
    assert initializer.stddev == 0.3


def test_an_array_has_a_field_and_leaves_the_slider_where_it_is(messages):
    initializer = CLASSES["constant"](np.array([0.5, 1.0]))
    (link,) = argument_links(initializer, messages)
    assert (link.widget.value, link.field.widget.value) == (0.5, "[0.5, 1]")
    link.field.widget.value = "[1, 2j]"
    np.testing.assert_array_equal(initializer.value, [1, 2j])
    link.widget.value = 0.75
    assert (initializer.value, link.field.widget.value) == (0.75, "0.75")
    assert not any(messages.values())


def test_a_number_beyond_the_slider_widens_it(messages):
    initializer = CLASSES["normal"]()
    (link,) = argument_links(initializer, messages)
    initializer.stddev = 7.0
    assert (link.widget.value, link.widget.end) == (7.0, 7.0)


def test_a_widget_that_is_closed_follows_no_more(messages):
    initializer = CLASSES["normal"]()
    (link,) = argument_links(initializer, messages)
    link.close()
    initializer.stddev = 0.5
    assert link.widget.value == 0.01


@pytest.mark.parametrize(("text", "got"), [
    ("x", "'x'"), ("1.5", "'1.5'"), ("{1: 2}", "'{1: 2}'"), ("True", "'True'"), ("9" * 50, f"'{'9' * 37}...'"),
])  # fmt: skip
def test_refused_axes_are_reported_and_mended(text, got, messages):
    message = f"in_axis must be whole numbers from -99 to 99, got {got}. Type for instance -2, or (0, 1), or ()."
    initializer = CLASSES["he_normal"]()
    link = argument_links(initializer, messages)[0]
    link.widget.value = text
    assert messages == {"in_axis": message}
    assert link.widget.error_state
    assert initializer.in_axis == -2
    link.widget.value = "0"
    assert messages == {"in_axis": ""}
    assert not link.widget.error_state
    assert initializer.in_axis == 0


def test_numbers_can_be_typed_one_after_the_other(messages):
    initializer = CLASSES["normal"]()
    (link,) = argument_links(initializer, messages)
    for text in ("0.5", "0.7", "1e-3", "12"):
        link.field.widget.value = text
        assert initializer.stddev == link.widget.value == float(text)
    initializer.stddev = 0.25
    assert link.field.widget.value == "0.25"


@pytest.mark.parametrize(("text", "message"), [
    ("abc", "stddev must be a number of at least 0, got 'abc'. Type for instance 0.01."),
    ("", "stddev must be a number of at least 0, got ''. Type for instance 0.01."),
    ("-1", "stddev must be a number of at least 0, got -1.0. Pass for instance 0.01."),
    ("nan", "stddev must be a number of at least 0, got nan. Pass for instance 0.01."),
    ("1e300", "stddev must be finite and at most 1e+75, got 1e+300. Pass for instance 0.01."),
])  # fmt: skip
def test_a_typed_number_that_cannot_be_is_reported_and_mended(text, message, messages):
    initializer = CLASSES["normal"]()
    (link,) = argument_links(initializer, messages)
    link.field.widget.value = text
    assert messages == {"stddev": message}
    assert link.field.widget.error_state
    assert initializer.stddev == 0.01
    link.field.widget.value = "0.5"
    assert messages == {"stddev": ""}
    assert initializer.stddev == 0.5


def test_a_refused_number_is_reported(messages):
    initializer = CLASSES["normal"]()
    (link,) = argument_links(initializer, messages)
    link.widget.value = -1.0
    assert messages == {"stddev": "stddev must be a number of at least 0, got -1.0. Pass for instance 0.01."}
    assert initializer.stddev == 0.01


def test_the_enter_key_takes_the_text_as_it_stands(messages):
    study = Study()
    widget = study_links(study, messages, "shape")["shape"].widget
    widget.value_input = "3, 4"
    widget.param.trigger("enter_pressed")
    assert study.shape == (3, 4)
    assert widget.value == "3, 4"


def test_the_study_has_its_widgets(messages):
    study = Study("glorot_uniform", shape=(3, 4), seed=5)
    links = study_links(study, messages, *list(STUDY_LINKS)[:6])
    widgets = {name: link.widget for name, link in links.items()}
    assert [widget.label for widget in widgets.values()] == ["initializer", "layer", "shape", "dtype", "device", "seed"]
    assert {name: widget.value for name, widget in widgets.items()} == {
        "function": "glorot_uniform", "layer": "RawShape", "shape": "3, 4", "dtype": "float32",
        "device": device_names()[0], "seed": "5",
    }  # fmt: skip
    assert widgets["dtype"].options == dtypes()
    assert widgets["device"].options == device_names()
    options = {value: label for group in widgets["function"].groups.values() for label, value in group.items()}
    assert sorted(options) == sorted(CLASSES)
    assert {value: label for value, label in options.items() if value != label} == {
        name: f"{name} (alias of {meant})" for name, meant in aliases().items()
    }
    study.shape = (5, 6)
    study.param.update(dtype="float16", seed=7, function="uniform")
    shown = {name: widget.value for name, widget in widgets.items() if name not in ("device", "layer")}
    assert shown == {"function": "uniform", "shape": "5, 6", "dtype": "float16", "seed": "7"}
    widgets["shape"].value = "7x8x9"
    assert study.shape == (7, 8, 9)
    assert widgets["shape"].value == "7, 8, 9"
    widgets["seed"].value = "11"
    assert study.seed == 11
    assert not any(messages.values())


def test_aliases():
    assert aliases() == {
        "xavier_normal": "glorot_normal", "xavier_uniform": "glorot_uniform", "kaiming_normal": "he_normal",
        "kaiming_uniform": "he_uniform", "zeros_init": "zeros", "ones_init": "ones",
    }  # fmt: skip


def test_a_size_slider_sets_one_size(messages):
    study = Study(shape=(3, 3, 64, 2000))
    sliders = [size_slider(study, axis, messages).widget for axis in range(4)]
    assert [(slider.start, slider.end, slider.value) for slider in sliders] == [
        (1, 11, 3), (1, 11, 3), (1, 1024, 64), (1, 2000, 2000),
    ]  # fmt: skip
    sliders[2].value = 65
    assert study.shape == (3, 3, 65, 2000)
    assert [slider.label for slider in sliders] == [f"size of axis {axis}" for axis in range(4)]


def test_a_size_slider_reports_a_shape_that_is_too_large(messages):
    study = Study(shape=(2**22, 1024))
    slider = size_slider(study, 1, messages).widget
    slider.end = 1025
    slider.value = 1025
    assert messages == {
        "size of axis 1": "shape must hold at most 4,294,967,296 weights, got 4,299,161,600 in (4194304, 1025). "
        "Make an axis smaller."
    }
    assert study.shape == (2**22, 1024)
    study.seed = 1
    assert (slider.value, messages) == (1024, {"size of axis 1": ""})


def test_a_size_slider_beyond_its_usual_end_keeps_it_while_it_is_moved(messages):
    study = Study(shape=(2000, 3))
    slider = size_slider(study, 0, messages).widget
    slider.value = 1500
    assert (study.shape, slider.end) == ((1500, 3), 2000)
    study.shape = (700, 3)
    assert (slider.value, slider.end) == (700, 1024)


def test_a_slider_comes_back_from_a_far_value():
    initializer = CLASSES["normal"]()
    (link,) = argument_links(initializer, lambda name, message: None)
    start, end = link.widget.start, link.widget.end
    initializer.stddev = 1e30
    assert link.widget.end == 1e30
    initializer.stddev = 0.5
    assert (link.widget.start, link.widget.end, link.widget.value) == (start, end, 0.5)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_leaves_the_slider_alone(value):
    initializer = CLASSES["constant"](0.5)
    (link,) = argument_links(initializer, lambda name, message: None)
    initializer.value = value
    assert link.widget.value == 0.5
    assert link.field.widget.value == str(value)
    initializer.value = 0.25
    assert (link.widget.value, link.field.widget.value) == (0.25, "0.25")
