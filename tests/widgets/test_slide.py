"""A widget below one setting: a slider where a kernel runs, stops that were drawn where none does."""

import numpy as np
import panel as pn
import panel_material_ui as pmui
import pytest
from oracles import refused

from initviz import widgets
from initviz.views.svg import image
from initviz.widgets.controls import said

STOPS = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0]


def test_each_stop_shows_what_the_widget_shows_there_and_nothing_stays_changed():
    widget = widgets.histogram("variance_scaling", scale=2.0, shape=(8, 4))
    html = widgets.slide(widget, "scale", STOPS).still()
    assert widget.study.initializer.scale == 2.0
    found = []
    for stop in STOPS:
        widget.study.initializer.scale = stop
        found.append(image(widget.picture))
    assert [html.index(each) for each in found] == sorted(html.index(each) for each in found)
    shown = html.split("<div data-stop")
    assert [part.startswith(" hidden>") for part in shown[1:]] == [stop != 2.0 for stop in STOPS]
    assert "value='3'" in shown[0]


@pytest.mark.parametrize(
    ("setting", "stops"),
    [("seed", [1, 2]), ("shape", [(8, 4), (4, 4)]), ("initializer", ["zeros", "ones"]), ("depth", [2, 3])],
)
def test_any_setting_can_slide(setting, stops):
    widget = widgets.network("he_normal", shape=(8, 4), width=4, seeds=2) if setting == "depth" else widgets.histogram()
    sliding = widgets.slide(widget, setting, stops)
    assert sliding.__panel__().get_root() is not None
    assert sliding.still().count("<div data-stop") == 2


@pytest.mark.parametrize(
    ("setting", "start", "stops", "between"),
    [
        ("shape", (8, 4), [(8, 2), (8, 4), (8, 16)], (8, 8)),
        ("dtype", "float32", ["float32", "float16", "bfloat16"], "float8_e5m2"),
        ("seed", 3, [1, 3, 7], 4),
    ],
)
def test_a_setting_without_a_slider_gets_one_over_its_stops_and_takes_others_too(setting, start, stops, between):
    widget = widgets.histogram("normal", shape=(8, 4))
    setattr(widget.study, setting, start)
    controls, _ = widgets.slide(widget, setting, stops).__panel__()
    slider, field = (each for each in controls.select(pn.widgets.WidgetBase) if each.label == setting)
    texts = list(slider.options)
    assert slider.value == field.value == texts[stops.index(start)]
    slider.value = texts[-1]
    assert said(widget.study, setting) == field.value == texts[-1]
    setattr(widget.study, setting, between)
    assert slider.value == field.value == said(widget.study, setting)
    assert len(slider.options) == len(stops) + 1
    slider.value = texts[0]
    assert said(widget.study, setting) == field.value == texts[0]


def test_a_value_between_two_stops_stands_between_them():
    widget = widgets.histogram("normal", shape=(8, 3))
    controls, _ = widgets.slide(widget, "shape", [(8, 2), (8, 4), (8, 16)]).__panel__()
    [slider] = controls.select(pmui.DiscreteSlider)
    assert slider.options == ["8, 2", "8, 3", "8, 4", "8, 16"]
    assert widget.study.shape == (8, 3)


def test_a_setting_of_a_closer_look_slides_where_it_is_shown():
    widget = widgets.depth("orthogonal", shape=(4, 4), layers=3)
    sliding = widgets.slide(widget, "layers", [1, 3, 5])
    html = sliding.still()
    places = [html.index(f"Product of {each}, 4 × 4") for each in ("1 layer", "3 layers", "5 layers")]
    assert places == sorted(places)
    assert widget.own.layers == 3
    assert list(sliding.__panel__()) == [widget.__panel__()]
    with pytest.raises(ValueError, match=r"layers, got 'layrs'\. Did you mean layers\?"):
        widgets.slide(widget, "layrs", [1])


RULES = [f'"**" = "normal({std})"' for std in (0.5, 1.0, 2.0)]


def test_an_audit_slides_over_rules_and_its_own_sliders_stay_the_only_ones():
    weights = np.random.default_rng(0).normal(size=(32, 32)).astype(np.float32)
    widget = widgets.audit({"a": weights, "b": weights[::-1]}, {"**": "normal(1.0)"})
    sliding = widgets.slide(widget, "rules", RULES)
    before = widget.study.rules
    shown = sliding.still().split("<div data-stop")
    assert ["2 of 2 tensors not as declared" in part for part in shown[1:]] == [True, False, True]
    assert widget.study.rules == before
    slider, _ = sliding.__panel__()
    slider.value = RULES[2]
    assert widget.study.rules == RULES[2]
    assert len(widget.found.failed) == 2
    assert list(widgets.slide(widget, "alpha", [0.01, 0.1]).__panel__()) == [widget.__panel__()]
    with pytest.raises(ValueError, match=r"one of example, recipe, rules, alpha, got 'rule'\. Did you mean rules\?"):
        widgets.slide(widget, "rule", RULES)


def test_natural_mistakes_say_so():
    widget = widgets.histogram("normal", shape=(8, 4))
    with pytest.raises(ValueError, match=r"the setting must be one of .*, got 'stdev'\. Did you mean stddev\?"):
        widgets.slide(widget, "stdev", STOPS)
    refused(
        ValueError,
        "stops must be values of stddev, got none. Write for instance [0.5, 1.0, 2.0].",
        widgets.slide,
        widget,
        "stddev",
        [],
    )
    refused(
        TypeError,
        "slide needs a widget, got str. Write slide(histogram('he_normal'), ...).",
        widgets.slide,
        "he_normal",
        "seed",
        [1],
    )
