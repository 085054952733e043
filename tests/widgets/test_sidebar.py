"""The settings of a study as widgets: layers and their sizes, weights that were given, and text that is refused."""

import numpy as np
import pytest

from initviz.explorer.explorer import Explorer
from initviz.layers import LAYERS
from initviz.networks.recipes import RECIPES
from initviz.probes import PROBES
from initviz.study import Study
from initviz.widgets.sidebar import Sidebar

ARRAY = np.random.default_rng(0).normal(size=(3, 4, 6))


def shown(sidebar):
    """Labels of the widgets of the layer, in order."""
    return [link.name for link in sidebar.layer_links] + [link.widget.label for link in sidebar.size_links]


def test_a_raw_shape_has_a_slider_for_every_size_and_a_layer_its_own_settings():
    sidebar = Sidebar(Study(shape=(3, 4)))
    assert shown(sidebar) == ["size of axis 0", "size of axis 1"]
    for name, cls in LAYERS.items():
        sidebar.links["layer"].widget.value = name
        assert type(sidebar.study.layer) is cls
        if cls.sums:
            assert shown(sidebar) == list(cls.arguments)
        assert sidebar.links["shape"].widget.value == ", ".join(map(str, sidebar.study.shape))
    sidebar.links["shape"].widget.value = "4, 5, 6"
    assert sidebar.links["layer"].widget.value == "RawShape"
    assert [link.widget.value for link in sidebar.size_links] == [4, 5, 6]
    sidebar.study.shape = (7, 8)
    assert [link.widget.value for link in sidebar.size_links] == [7, 8]


def test_a_layer_chosen_again_shows_the_sizes_it_had():
    sidebar = Sidebar(Study(layer="Dense"))
    sidebar.layer_links[0].widget.value = "100"
    sidebar.links["layer"].widget.value = "Embedding"
    sidebar.links["layer"].widget.value = "Dense"
    assert sidebar.layer_links[0].widget.value == "100"
    assert sidebar.study.shape == (100, 256)


def test_the_shape_of_a_layer_that_cannot_be_stays_as_it_was():
    study = Study(layer="Conv")
    sidebar = Sidebar(study)
    study.layer.groups = 3
    assert sidebar.links["shape"].widget.value == "3, 3, 64, 128"
    assert Sidebar(study).links["shape"].widget.value == ""
    study.layer.groups = 2
    assert sidebar.links["shape"].widget.value == "3, 3, 32, 128"


def test_a_typed_shape_leaves_a_layer_that_cannot_be():
    study = Study(layer="Conv")
    sidebar = Sidebar(study)
    study.layer.groups = 3
    sidebar.links["shape"].widget.value = "64, 32"
    assert study.shape == (64, 32)
    assert sidebar.message.object == ""


def test_a_recipe_of_another_initializer_brings_its_arguments():
    study = Study("variance_scaling")
    sidebar = Sidebar(study)
    study.network.take(RECIPES["gpt2"].start(depth=4, width=16))
    assert sidebar.links["function"].widget.value == "normal"
    assert [link.name for link in sidebar.argument_links] == ["stddev"]
    assert (study.network.activation, study.network.depth) == ("gelu_tanh", 4)
    study.network.take(RECIPES["he"].start(depth=4, width=16))
    assert "in_axis −2" in sidebar.fold.values.object


def test_of_weights_that_were_given_only_the_law_to_compare_with_is_chosen():
    sidebar = Sidebar(Study(ARRAY))
    assert [place.visible for place in sidebar.widgets] == [True] * 3 + [False] * 4 + [True]
    assert not sidebar.foot.visible
    assert sidebar.fold.values.object == "in_axis −2 · out_axis −1 · batch_axis ()"
    assert not sidebar.randomness.visible
    sidebar.draw_instead()
    assert all(place.visible for place in sidebar.widgets)


@pytest.mark.parametrize(("name", "text"), [("shape", "3, y"), ("seed", "-")])
def test_refused_text_stays_until_the_setting_itself_changes(name, text):
    sidebar = Sidebar(Study(shape=(3, 4)))
    link = sidebar.links[name]
    link.widget.value = text
    message = sidebar.message.object
    assert f"{name} must be" in message
    sidebar.study.initializer.in_axis = 0
    sidebar.study.dtype = "float16"
    assert (link.widget.value, sidebar.message.object) == (text, message)
    assert link.widget.error_state
    sidebar.study.param.update(seed=5)
    sidebar.study.shape = (4, 4)
    assert link.widget.value == {"shape": "4, 4", "seed": "5"}[name]
    assert not link.widget.error_state
    assert not sidebar.message.object


def test_the_sliders_of_a_study_that_is_replaced_go():
    sidebar = Sidebar(Study(shape=(3, 4)))
    assert len(sidebar._sizes) == 2
    sidebar.unfollow()
    sidebar.follow(Study(layer="Dense"))
    assert len(sidebar._sizes) == 0


def test_refused_text_stays_when_the_sliders_of_the_sizes_go():
    sidebar = Sidebar(Study(shape=(784, 256)))
    sidebar.links["shape"].widget.value = "3, y"
    sidebar.study.layer = "Dense"
    assert sidebar.study.shape == (784, 256)
    assert sidebar.size_links == []
    assert "shape must be" in sidebar.message.object
    assert sidebar.links["shape"].widget.error_state


def test_given_weights_are_shown_as_such_and_drawn_instead_on_request():
    found = Explorer(Study(ARRAY, "lecun_normal"))
    sidebar = found.sidebar
    said, draw = sidebar._given
    assert said.object == "Your weights of shape (3, 4, 6) are shown, not a draw."
    assert "lecun_normal() · 3 × 4 × 6 · float64 · your weights</h1>" in found.draw._title.object
    assert sidebar.size_links == []
    np.testing.assert_array_equal(found.result.weights, ARRAY)
    draw.clicks += 1
    assert len(sidebar._given) == 0
    assert "seed 0" in found.draw._title.object
    assert found.study.weights is None
    assert [link.widget.value for link in sidebar.size_links] == [3, 4, 6]


@pytest.mark.parametrize("look", PROBES)
def test_every_closer_look_takes_given_weights_or_says_why_not(look):
    found = Explorer(Study(ARRAY, look="" if PROBES[look].beside else look))
    assert found.pictures.get_root()
    closer = found.closer[look]
    assert closer.words.object or closer.message.object


def test_what_is_folded_away_is_said_of_every_initializer_in_turn():
    sidebar = Sidebar(Study())
    said = {}
    for name in ("orthogonal", "normal", "delta_orthogonal", "he_normal"):
        sidebar.study.network.initializer = name  # which the study follows
        said[name] = sidebar.fold.values.object
    assert said["he_normal"].startswith("in_axis −2 · out_axis −1 · batch_axis () · float32")
    assert said["orthogonal"].startswith("column_axis −1 · float32")
    assert said["normal"].startswith("float32")
