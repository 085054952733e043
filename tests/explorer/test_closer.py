"""Closer looks in the explorer: computed only for the open tab, of the draw on show, and never beside a newer one."""

import asyncio

import pytest
from bokeh.models import Div
from served import on, page

from initviz import probes
from initviz.explorer.explorer import Explorer
from initviz.explorer.rooms import ROOMS, USES
from initviz.live.indicator import FRESH, STALE
from initviz.probes import PROBES
from initviz.study import Study
from initviz.study.study import OPENED
from initviz.widgets.looks import LOOKS

LOOKED_INTO = {name: probe.title for name, probe in PROBES.items() if not probe.beside}


@pytest.fixture
def found():
    return Explorer(Study(shape=(3, 4, 6)))


@pytest.fixture
def looked(monkeypatch):
    """The class of every probe that answers, in order."""
    names = []
    for cls in PROBES.values():

        def counted(self, *arguments, whole=cls.answer):
            names.append(type(self).__name__)
            return whole(self, *arguments)

        monkeypatch.setattr(cls, "answer", counted)
    return names


def open_tab(explorer, name):
    explorer.study.look = name
    assert explorer.pictures.get_root()
    return explorer.closer[name]


def test_every_closer_look_is_shown():
    assert LOOKS.keys() == PROBES.keys()


def test_every_look_stands_in_one_room(found):
    names = [name for views in ROOMS.values() for name in views]
    assert sorted(names) == sorted(["", *OPENED])
    assert USES.keys() <= set(names)
    assert list(found.closer) == ["Parity"]  # nobody has looked
    assert found.closer["Parity"].look.answer is None


@pytest.mark.parametrize("name", LOOKED_INTO)
def test_every_closer_look_answers_and_follows_the_study(name, found, looked):
    closer = open_tab(found, name)
    assert closer.words.object
    assert not closer.message.object
    first = closer.look.answer
    assert first is not None
    found.study.seed = 1
    assert closer.look.answer is not first
    assert closer.outcome.styles == FRESH
    assert looked == [name, name]


def test_a_turned_tab_is_a_setting_of_the_study_and_follows_it(found):
    found.rooms.tabs.active = 1
    assert found.study.look == "Layer"
    found.rooms.inner[1].active = 2
    assert found.study.look == "Depth"
    found.rooms.tabs.active = 0
    assert found.study.look == ""
    found.rooms.tabs.active = 1  # where it was left
    assert found.study.look == "Depth"
    found.study.look = "Seeds"
    assert found.rooms.name == "Seeds"
    found.study.look = ""
    assert found.rooms.name == ""


def test_what_does_not_apply_is_not_offered_but_stays_where_it_is_open(found):
    layer, weights = found.rooms.inner[1], found.rooms.inner[0]
    assert found.pictures.get_root()
    assert (weights.disabled, layer.disabled) == ([2], [])
    found.study.shape = (8, 8)
    assert layer.disabled == [1]
    found.study.look = "Convolution"
    assert layer.disabled == []
    found.study.look = "Layer"
    assert layer.disabled == [1]


def test_an_explorer_opens_with_the_look_of_its_study(looked):
    found = Explorer(Study(shape=(12, 8), look="Depth"))
    assert found.rooms.name == "Depth"
    assert found.pictures.get_root()
    assert looked == ["Depth"]


def test_closed_tabs_compute_nothing(found, looked):
    open_tab(found, "Depth")
    found.study.look = ""
    found.study.seed = 1
    found.study.looks["Depth"].layers = 7
    assert looked == ["Depth", "Parity", "Parity"]
    assert found.closer["Depth"].look.stale


def test_what_belongs_to_an_earlier_draw_is_dimmed_until_it_is_computed(found, monkeypatch):
    closer = open_tab(found, "Depth")
    found.study.look = ""
    found.study.seed = 1
    shown = []
    closer.outcome.param.watch(lambda event: shown.append(event.new), "styles")
    found.study.look = "Depth"
    assert shown == [STALE, FRESH]
    assert closer.look.question.answer is found.result


def test_what_was_found_in_a_draw_of_other_settings_is_dim(found):
    closer = open_tab(found, "Depth")
    assert closer.outcome.styles == FRESH
    for name, refused, good in (("in_axis", "7", "-2"), ("shape", "x", "3, 4, 6")):  # by the draw, by its field
        links = {link.name: link for link in (*found.sidebar.argument_links, *found.sidebar.links.values())}
        links[name].widget.value = refused
        assert closer.outcome.styles == STALE
        assert open_tab(found, "Precision").outcome.styles == STALE
        links[name].widget.value = good
        assert open_tab(found, "Depth").outcome.styles == FRESH
    found.feed.param.update(stale=True, busy=True)
    assert closer.outcome.styles == STALE
    found.feed.param.update(stale=False, busy=False)
    assert closer.outcome.styles == FRESH


def test_what_is_open_again_is_not_computed_again(found, looked):
    open_tab(found, "Depth")
    found.study.look = ""
    found.study.look = "Depth"
    assert looked == ["Depth", "Parity"]


def test_nothing_is_looked_at_before_it_is_on_a_page(found, looked):
    found.study.look = "Seeds"
    found.study.seed = 1
    assert looked == []


def test_parity_belongs_to_the_draw(found):
    assert found.pictures.get_root()
    assert "jax.nn.initializers.he_normal (72 weights" in found.closer["Parity"].words.object


def test_settings_of_a_closer_look_change_it(found):
    closer = open_tab(found, "Seeds")
    (link,) = closer.links
    link.widget.value = 5
    assert len(closer.look.answer.seeds) == 5
    assert link.field.widget.value == "5"
    link.field.widget.value = "7"
    assert len(closer.look.answer.seeds) == found.study.looks["Seeds"].draws == 7
    link.field.widget.value = "1"
    assert "draws must be a whole number from 2 to 1000, got 1. Type for instance 32." in closer.message.object
    assert len(closer.look.answer.seeds) == 7
    link.field.widget.value = "x"
    assert "draws must be a whole number from 2 to 1000, got &#x27;x&#x27;." in closer.message.object


def test_a_refusal_is_a_message_and_leaves_no_old_pictures(found):
    closer = open_tab(found, "Convolution")
    assert closer.outcome.visible
    found.study.shape = (8, 8)
    assert "this view needs a convolution kernel" in closer.message.object
    assert not closer.outcome.visible
    found.study.shape = (3, 8, 8)
    assert closer.outcome.visible
    assert not closer.message.object


def test_zeros_do_not_stop_the_page(found):
    found.study.shape = (12, 8)
    closer = open_tab(found, "Depth")
    found.study.function = "zeros"
    assert "all singular values of the product are 0" in closer.words.object
    found.study.function = "he_normal"
    assert "he_normal" in closer.words.object


def test_a_fault_of_a_closer_look_is_a_message(found, monkeypatch, caplog):
    closer = open_tab(found, "Depth")

    def broken(self, *_):
        raise ZeroDivisionError("no depth")

    monkeypatch.setattr(probes.Depth, "answer", broken)
    found.study.seed = 1
    assert "A fault of initviz (ZeroDivisionError: no depth)" in closer.message.object
    assert "Traceback" in caplog.text
    monkeypatch.undo()
    found.study.seed = 2
    assert not closer.message.object
    assert closer.outcome.visible


def test_a_new_draw_leaves_no_refusal_of_the_old_one(found):
    closer = open_tab(found, "Convolution")
    found.study.shape = (8, 8)
    assert "this view needs a convolution kernel" in closer.message.object
    found.study.look = ""
    found.study.shape = (3, 9, 9)
    found.study.look = "Convolution"
    assert not closer.message.object


def test_the_way_of_drawing_changes_every_picture_and_recomputes_nothing(found, looked):
    closer = open_tab(found, "Convolution")
    answer = found.feed.answer
    found.study.spectrum_as = "sorted"
    assert found.draw.plots["spectrum"]._picture.xlabel == "rank"
    assert closer._plots["operator"]._picture.xlabel == "rank"
    found.study.weights_as = "CDF"
    assert found.draw.plots["weights"]._picture.ylabel == "share of weights up to here"
    assert found.feed.answer is answer
    assert looked == ["Convolution"]


def test_what_the_weights_are_drawn_by_is_a_setting_of_the_study_beside_its_look(found):
    closer = open_tab(found, "Randomness")
    assert closer.layout[0] is found.sidebar.randomness
    found.sidebar.links["generator"].widget.value = "rbg"
    assert found.result.question.generator == "rbg"
    found.sidebar.links["partitionable"].widget.value = False
    assert not found.result.question.partitionable


def test_a_replaced_study_brings_its_looks(found, looked):
    closer = open_tab(found, "Seeds")
    old = found.study
    new = Study(shape=(5, 6), look="Seeds")
    new.looks["Seeds"].draws = 3
    found.study = new
    assert looked == ["Seeds", "Seeds"]
    assert found.rooms.name == "Seeds"
    assert len(closer.look.answer.seeds) == 3
    assert closer.look.question.answer.plan.shape == (5, 6)
    (link,) = closer.links
    assert link.widget.value == 3
    old.looks["Seeds"].draws = 9
    old.look = "Depth"
    assert len(closer.look.answer.seeds) == 3
    assert found.rooms.name == "Seeds"


def test_a_tab_turned_on_one_page_is_looked_at_on_each_and_outlives_it(found, looked):
    async def scenario():
        async with page(Div()) as (first, _), page(Div()) as (second, _):
            for document in (first, second):
                on(document, lambda document=document: found._shown(document))
            await until(lambda: len(found._places) == 2)
            on(first, lambda: setattr(found.study, "look", "Depth"))
            await until(lambda: "Depth" in found.closer and len(found.closer["Depth"].followers._of) == 2)
            await until(lambda: looked.count("Depth") == 1)
            for subscription in found.closer["Depth"].followers._of[first]:  # as when that page is closed
                on(first, subscription.end)
            on(second, lambda: setattr(found.study, "seed", 1))
            await until(lambda: looked.count("Depth") == 2)
            assert {each._page for each in found.closer["Depth"].followers._of[second]} == {second}

    asyncio.run(scenario())


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)
