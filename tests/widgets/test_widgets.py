"""Single widgets: each stands alone, those of one study move together, and what is not shown computes nothing."""

import gc
import weakref

import jax
import numpy as np
import panel as pn
import panel_material_ui as pmui
import pytest
from oracles import refused

from initviz import Study, initializers, widgets
from initviz.explorer.explorer import Explorer
from initviz.live.feed import STOPPED
from initviz.live.indicator import STALE
from initviz.live.plot import LivePlot
from initviz.networks.training import MOST_NETWORKS
from initviz.networks.trial import Trial
from initviz.probes import PROBES
from initviz.views.histogram import histogram
from initviz.widgets.base import feed_of
from initviz.widgets.trials import beside_links

ARRAY = np.random.default_rng(0).normal(size=(12, 6))
SMALL = {"seeds": {"draws": 3}, "convolution": {"shape": (3, 3, 4, 4)}}
BESIDE = "audit", "predict", "slide"
"""Widgets that are of no draw: of a model, or beside others."""
ALL = {name: {"shape": (12, 6)} | SMALL.get(name, {}) for name in widgets.__all__ if name not in BESIDE}


def words(widget) -> str:
    """All that a widget says."""
    return " ".join(str(each.object) for each in widget.__panel__().select(pn.pane.HTML))


@pytest.mark.parametrize("name", ALL)
def test_every_widget_stands_alone_takes_what_there_is_and_fits_a_notebook(name):
    make, settings = getattr(widgets, name), ALL[name]
    study = Study("he_normal", **{key: settings[key] for key in settings if key == "shape"})
    own = {key: value for key, value in settings.items() if key != "shape"}
    alone = make("he_normal", **settings)
    if not own:
        assert make(study).study is make(feed_of(study)).study is make(make(study)).study is study
    assert alone.result.plan.shape == alone.study.shape
    place = alone.__panel__()
    assert place.max_width <= 900
    root = place.get_root()
    assert root is not None
    assert "fault of initviz" not in words(alone)


def test_every_closer_look_has_a_widget():
    made = [getattr(widgets, name)(**ALL[name]) for name in ALL]
    looks = {type(each._closer.look.settings) for each in made if hasattr(each, "_closer")}
    assert looks == set(PROBES.values())


def test_those_of_one_study_move_together():
    study = Study("normal", shape=(12, 6))
    plot, told, steps = widgets.histogram(study), widgets.checks(study), widgets.formula(study)
    roots = [each.__panel__().get_root() for each in (plot, told, steps)]
    assert len({id(each.feed) for each in (plot, told, steps)}) == 1
    before = words(told), words(steps)
    plot.study.initializer.stddev = 0.5
    assert plot.result is told.result is steps.result
    assert all(now != then for now, then in zip((words(told), words(steps)), before, strict=True))
    assert plot.picture.table().equals(histogram(study.answer()).table())
    assert roots


def test_a_widget_moves_with_an_explorer():
    explorer = Explorer(Study("normal", shape=(12, 6)))
    beside = widgets.histogram(explorer)
    explorer.study.seed = 3
    assert beside.result is explorer.result


def test_several_lie_over_one_another_and_have_a_study_each():
    both = widgets.histogram(["he_normal", initializers.lecun_normal()], shape=(12, 6), names=["he", "lecun"])
    assert both.picture.legend == ("he", "lecun")
    assert [answer.plan.shape for answer in both.result] == [(12, 6)] * 2
    both.feeds[1].settings.seed = 4
    assert [answer.question.seed for answer in both.result] == [0, 4]
    assert len(both.figure().renderers) > 4


def test_an_array_is_no_list_of_several():
    assert widgets.histogram(ARRAY.tolist()).result.question.weights is not None
    assert widgets.histogram(ARRAY).result.plan.shape == (12, 6)


def cleared(place, root):
    """The output that showed it is cleared, as Panel takes it from a notebook."""
    del pn.state._views[root.ref["id"]]
    place._cleanup(root)


def dimmed(widget) -> int:
    """How many of its parts are dim."""
    return sum(each.styles == STALE for each in widget.__panel__().select(pn.Column))


@pytest.mark.parametrize("name", ALL)
def test_answers_to_other_settings_are_dim_once_newer_ones_are_long_in_coming_or_fail(name):
    widget = getattr(widgets, name)("he_normal", **ALL[name])
    root, late = widget.__panel__().get_root(), int(name != "controls")
    feed = widget._room.feed if name in ("network", "compare") else widget.feed
    shown = [dimmed(widget)]
    for news in ({"stale": True}, {"busy": True}, {"busy": False, "failure": STOPPED}, {"stale": False, "failure": ""}):
        feed.param.update(**news)
        shown.append(dimmed(widget))
    assert shown == [0, 0, late, late, 0]
    widget.study.initializer.in_axis = 7
    assert dimmed(widget) == late
    widget.study.initializer.in_axis = -2
    assert dimmed(widget) == 0
    assert root is not None


@pytest.fixture
def drawn(monkeypatch):
    """Pictures that were shown."""
    shown = []
    monkeypatch.setattr(LivePlot, "show", lambda plot, picture: shown.append(picture))
    return shown


def test_nothing_is_computed_or_drawn_while_it_is_not_shown(drawn):
    widget = widgets.histogram("he_normal", shape=(12, 6))
    first = widget.feed.answer
    widget.study.seed = 1
    assert (widget.feed.answer, drawn) == (first, [])
    place = widget.__panel__()
    roots = [place.get_root(), place.get_root()]
    assert widget.feed.answer.question.seed == 1
    seen = len(drawn)
    cleared(place, roots[0])
    widget.study.seed = 2
    assert len(drawn) == seen + 1
    cleared(place, roots[1])
    widget.study.seed = 3
    assert len(drawn) == seen + 1
    assert widget.feed.answer.question.seed == 2


def test_how_it_is_drawn_is_a_setting_of_the_study():
    widget = widgets.histogram("he_normal", shape=(12, 6), kind="CDF")
    assert widget.picture.ylabel.startswith("share of weights")
    root = widget.__panel__().get_root()
    widget.study.weights_as = "density"
    assert widget._plot._picture.ylabel == "density"
    assert root is not None


def test_controls_are_those_that_are_named_and_follow_the_initializer():
    chosen = widgets.controls("variance_scaling", "scale", "shape", scale=2.0, mode="fan_in", distribution="normal")
    assert list(chosen.widgets) == ["scale", "shape"]
    root = chosen.__panel__().get_root()
    chosen.widgets["scale"].value = 3.0
    assert chosen.study.initializer.scale == 3.0
    chosen.study.function = "normal"
    assert list(chosen.widgets) == ["shape"]
    chosen.study.function = "orthogonal"
    assert list(chosen.widgets) == ["scale", "shape"]
    assert root is not None


def test_a_refused_value_is_told_and_loses_nothing():
    chosen = widgets.controls("he_normal", "shape")
    chosen.widgets["shape"].value = "3, y"
    assert "shape must be whole numbers separated by commas" in words(chosen)
    assert chosen.study.shape == (256, 256)


KNOWN = ("initializer, layer, shape, dtype, device, seed, generator, partitionable, weights_as, spectrum_as, in_axis, "
         "out_axis, batch_axis")  # fmt: skip
REFUSED = {
    "setting": (ValueError, lambda: widgets.controls("he_normal", "sape"),
                f"settings must be among {KNOWN}, got 'sape'. Did you mean shape?"),
    "settings beside a study": (
        TypeError, lambda: widgets.histogram(Study(), shape=(3, 4)),
        "a Study has its own settings, got shape beside it. Set them there, for instance study.seed = 1."),
    "a list where one is shown": (
        TypeError, lambda: widgets.checks(["he_normal", "zeros"]),
        "this widget shows one draw, got a list of 2. "
        "Pass one of them; histogram and spectrum show several over one another."),
    "settings beside a list of studies": (
        TypeError, lambda: widgets.histogram([Study(), Study()], seed=1),
        "a Study has its own settings, got seed beside it. Set them there, for instance study.seed = 1."),
    "a setting of a network, misspelled": (
        TypeError, lambda: widgets.network(depht=3),
        "the settings of a network are depth, width, activation, bias_std, residual, branch, norm, kind, inputs, "
        "input_std, lsuv, seeds, got 'depht'. Did you mean depth?"),
    "a picture of a network that there is none of": (
        ValueError, lambda: widgets.network(pictures=["phase"]),
        "pictures must be of signal, gradient, activations, gradients, units, correlation, phases, jacobian, got "
        "'phase'. Did you mean phases?"),
    "not called": (TypeError, lambda: widgets.checks(initializers.he_normal),
                   "he_normal was not called. Pass he_normal()."),
    "not called in a list": (
        TypeError, lambda: widgets.histogram([initializers.lecun_normal(), initializers.he_normal]),
        "he_normal was not called. Pass he_normal()."),
    "another thing in a list": (
        TypeError, lambda: widgets.histogram([initializers.lecun_normal(), 3]),
        "initializer must be an initializer or the name of one, got int. "
        "Pass for instance he_normal() of initviz.initializers."),
}  # fmt: skip


@pytest.mark.parametrize("mistake", REFUSED)
def test_natural_mistakes_say_so(mistake):
    kind, call, message = REFUSED[mistake]
    refused(kind, message, call)


def test_widgets_that_nobody_has_any_more_are_gone():
    gone = []
    for _ in range(5):
        widget = widgets.histogram("he_normal", shape=(12, 6))
        place = widget.__panel__()
        cleared(place, place.get_root())
        gone += [weakref.ref(widget), weakref.ref(widget.feed), weakref.ref(widget.study)]
    del widget, place
    gc.collect()
    assert [each() for each in gone] == [None] * 15


def test_an_answer_can_be_bound_and_watched():
    widget = widgets.histogram("he_normal", shape=(12, 6))
    root = widget.__panel__().get_root()
    seeds = []
    widget.param.watch(lambda event: seeds.append(event.new.question.seed), "answer")
    bound = pn.bind(lambda answer: f"seed {answer.question.seed}", widget.param.answer)
    assert bound() == "seed 0"
    widget.study.seed = 5
    assert seeds == [5]
    again = widget.__panel__().get_root()
    assert seeds == [5]  # once for each answer, wherever it is shown
    assert bound() == "seed 5"
    assert None not in (root, again)


def test_a_setting_can_be_linked_in_the_browser():
    chosen = widgets.controls("normal", "stddev")
    other = pn.widgets.FloatSlider(end=5)
    chosen.widgets["stddev"].jslink(other, value="value")
    assert pn.Row(chosen, other).get_root() is not None


def test_a_widget_is_kept_as_what_it_shows():
    study = Study("he_normal", shape=(12, 6))
    for name in ("histogram", "spectrum", "fans"):
        assert "data:image/svg+xml" in getattr(widgets, name)(study).kept()
    assert "fan" in widgets.formula(study).kept()
    assert widgets.controls(study, "seed").kept() is None


def test_widgets_of_one_study_that_nobody_has_any_more_are_gone():
    study, gone = Study("he_normal", shape=(12, 6)), []
    for name in ("histogram", "controls", "checks", "seeds", "parity"):
        widget = getattr(widgets, name)(study)
        place = widget.__panel__()
        cleared(place, place.get_root())
        gone.append(weakref.ref(widget))
    explorer = Explorer(study)
    gone.append(weakref.ref(explorer))
    del widget, place, explorer
    gc.collect()
    assert [each() for each in gone] == [None] * len(gone)
    study.seed = 1


def test_arrays_in_a_list_lie_over_one_another():
    both = widgets.histogram([ARRAY, 2 * ARRAY], names=["one", "two"])
    assert both.picture.legend == ("one", "two")
    assert [answer.plan.shape for answer in both.result] == [(12, 6)] * 2


def test_biases_in_a_list_lie_over_one_another():
    widget = widgets.histogram([np.linspace(-1, 1, 20), np.ones(30)], law="zeros", names=("first", "second"))
    assert [answer.question.shape for answer in widget.result] == [(20,), (30,)]


def test_weights_are_compared_with_the_law_beside_them():
    weights = initializers.lecun_normal()(jax.random.key(0), (64, 32))
    assert widgets.checks(weights, initializers.lecun_normal()).result.likely
    assert not widgets.histogram(weights, "he_normal").result.likely


def test_all_controls_set_how_pictures_are_drawn():
    study = Study(shape=(12, 6))
    widget = widgets.controls(study)
    assert widget.__panel__().get_root()
    widget._links["spectrum_as"].widget.value = "sorted"
    assert study.spectrum_as == "sorted"


def test_what_is_read_back_is_of_now_though_nothing_shows_it():
    widget = widgets.histogram("normal", shape=(12, 6))
    widget.study.seed = 7
    assert widget.picture.table().equals(histogram(widget.study.answer()).table())


def test_a_widget_of_the_study_of_an_explorer_moves_with_it():
    explorer = Explorer(Study("normal", shape=(12, 6)))
    assert widgets.histogram(explorer.study).feed is explorer.feed


def test_a_closer_look_is_drawn_as_the_study_says():
    widget = widgets.whole_spectrum("he_normal", shape=(12, 6))
    root = widget.__panel__().get_root()
    assert widget.found is not None
    widget.study.spectrum_as = "CDF"
    assert [picture.ylabel[:5] for picture in widget._closer._shown] == ["share"]
    assert root is not None


def test_an_explorer_that_is_shown_nowhere_any_more_computes_nothing():
    explorer = Explorer(Study("normal", shape=(12, 6)))
    place = explorer.__panel__()
    root = place.get_root()
    explorer.study.seed = 1
    assert explorer.feed.answer.question.seed == 1
    cleared(place, root)
    explorer.study.seed = 2
    assert explorer.feed.answer.question.seed == 1
    again = explorer.__panel__().get_root()
    assert explorer.feed.answer.question.seed == 2
    assert again is not None


@pytest.mark.parametrize("name", ALL)
def test_a_widget_follows_the_study_that_takes_the_place_of_its_own(name):
    explorer = Explorer(Study("normal", shape=ALL[name]["shape"]))
    widget = getattr(widgets, name)(explorer)
    first = words(widget), widget.kept()
    root = widget.__panel__().get_root()
    explorer.study = Study("normal", shape=(*ALL[name]["shape"][:-1], 7), stddev=0.5)
    assert widget.study is explorer.study
    assert widget.result is explorer.result
    shown = words(widget), widget.kept()
    same = {"controls": shown, "layer": shown, "randomness": shown}  # which say nothing of this draw
    assert shown != first or shown == same.get(name)
    assert root is not None


def test_controls_of_a_study_that_is_replaced_set_the_new_one():
    explorer = Explorer(Study("normal", shape=(12, 6)))
    few, every, look = widgets.controls(explorer, "stddev"), widgets.controls(explorer), widgets.randomness(explorer)
    roots = [each.__panel__().get_root() for each in (few, every, look)]
    old, explorer.study = explorer.study, Study("normal", shape=(12, 6), stddev=0.5)
    few.widgets["stddev"].value = 0.25
    every.sidebar.links["seed"].widget.value = "3"
    look._links["generator"].widget.value = "rbg"
    study = explorer.study
    assert (study.initializer.stddev, study.seed, study.generator) == (0.25, 3, "rbg")
    assert (old.initializer.stddev, old.seed, old.generator) == (0.01, 0, "threefry2x32")
    assert roots


def test_a_study_that_is_replaced_while_nothing_shows_a_widget_is_read_back():
    explorer = Explorer(Study("normal", shape=(12, 6)))
    look, few = widgets.depth(explorer), widgets.controls(explorer, "stddev")
    explorer.study = Study("normal", shape=(8, 8), stddev=0.5)
    explorer.study.looks["Depth"].layers = 3
    assert look.found.singular_values.shape == (8,)
    assert look._closer.look.settings.layers == 3
    few.widgets["stddev"].value = 0.25
    assert explorer.study.initializer.stddev == 0.25


def test_an_explorer_shown_twice_lives_on_when_one_place_goes():
    explorer = Explorer(Study("normal", shape=(12, 6)))
    places = [explorer.__panel__() for _ in range(2)]
    roots = [place.get_root() for place in places]
    cleared(places[1], roots[1])
    explorer.study.seed = 1
    assert "seed 1" in explorer.draw._title.object
    cleared(places[0], roots[0])
    explorer.study.seed = 2
    assert "seed 1" in explorer.draw._title.object


def test_named_settings_are_those_of_the_initializer_that_there_is_now():
    study = Study("normal", stddev=0.5, shape=(8, 8))
    widget = widgets.controls(study, "stddev")
    root = widget.__panel__().get_root()
    before = study.initializer
    study.initializer = initializers.normal(0.5)  # the same question, so that no answer tells of it
    assert study.initializer is not before
    slider = widget.__panel__().select(pmui.FloatSlider)[0]
    slider.value = 0.25
    assert study.initializer.stddev == 0.25
    widget.__panel__()._cleanup(root)
    study.initializer = initializers.normal(0.125)
    widget.widgets["stddev"].value = 0.75  # shown nowhere
    assert study.initializer.stddev == 0.75


def test_without_a_layer_it_is_said_what_to_pass():
    assert "Pass for instance layer=" in widgets.layer("he_normal", shape=(8, 8)).kept()


def test_recipes_to_train_beside_are_chosen_from_menus_none_twice():
    trial = Trial()
    links = beside_links(trial, lambda name, message: None)
    menus = [link.widget for link in links]
    assert len(menus) == MOST_NETWORKS - 1
    for menu, name, beside in (
        (1, "keras", ("keras",)), (1, "he", ("keras", "he")), (2, "mup", ("keras", "he", "mup")),
        (2, "keras", ("he", "keras")), (0, "", ("keras",)), (0, "", ()), (0, "flax", ("flax",)),
    ):  # fmt: skip
        menus[menu].value = name
        assert trial.beside == beside
        assert tuple(filter(None, (each.value for each in menus))) == beside
    trial.beside = ("gpt2", "he")
    assert [each.value for each in menus] == ["gpt2", "he", ""]


def test_a_setting_of_a_network_that_does_nothing_is_hidden():
    widget = widgets.network(depth=2, width=8, seeds=1)
    closer = widget._room.closer
    views = dict(closer._views)
    assert not views["branch"].visible
    widget.study.network.residual = "other"
    assert views["branch"].visible
    assert all(view.visible for view in views.values())
    widget.study.network.residual = "1/L"
    assert not views["branch"].visible
    trial = widget.study.network.trial
    for beside, shown in (((), 1), (("he",), 2), (("he", "mup"), 3), (("he", "mup", "keras"), 3)):
        trial.beside = beside
        menus = [view for name, view in widget._room.training.closer._views if name.startswith("beside")]
        assert [menu.visible for menu in menus] == [place < shown for place in range(3)]
    assert dict(widgets.network(branch=0.5, depth=2, width=8)._room.closer._views)["branch"].visible


def test_a_network_shows_only_the_pictures_that_are_asked_for():
    settings = {"depth": 2, "width": 8, "seeds": 1}
    some, whole = widgets.network(pictures=("correlation", "phases"), **settings), widgets.network(**settings)
    assert (some.still().count("<img"), whole.still().count("<img")) == (2, 8)
    assert ("Gains for" in some.still(), "Gains for" in whole.still()) == (False, True)
    buttons = [[each.label for each in widget.__panel__().select(pmui.Button)] for widget in (some, whole)]
    assert ("train" in buttons[0], "train" in buttons[1]) == (False, True)
