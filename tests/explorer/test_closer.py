"""Closer looks in the explorer: computed only for the open tab, of the draw on show, and never beside a newer one."""

import pytest

from initviz.explorer import Explorer
from initviz.explorer.closer import FRESH, STALE
from initviz.study import Study

TITLES = ["Many seeds", "Whole spectrum", "Convolution", "Depth", "Precision", "Random numbers"]


@pytest.fixture
def found():
    return Explorer(Study(shape=(3, 4, 6)))


def open_tab(explorer, title):
    explorer._deck.tabs.active = TITLES.index(title) + 1
    assert explorer.pictures is not None
    return explorer.closer[title]


def test_the_tabs_are_the_draw_and_the_closer_looks(found):
    assert found._deck.tabs._names == ["Draw", *TITLES]
    assert list(found.closer) == ["Draw"]  # nobody has looked
    assert found.closer["Draw"]._answer is None


@pytest.mark.parametrize("title", TITLES)
def test_every_closer_look_answers_and_follows_the_study(found, title):
    closer = open_tab(found, title)
    assert closer._answer is not None
    assert closer.words.object
    assert not closer.message.object
    first = closer._answer
    found.study.seed = 1
    assert closer._answer is not first
    assert closer._outcome.styles == FRESH


def test_what_belongs_to_an_earlier_draw_is_dimmed(found):
    closer = open_tab(found, "Depth")
    found._deck.tabs.active = 0
    found.study.seed = 1
    assert closer._outcome.styles == STALE
    found._deck.tabs.active = TITLES.index("Depth") + 1
    assert closer._outcome.styles == FRESH
    assert closer._result is found.result


def test_nothing_is_looked_at_before_it_is_on_a_page(found):
    found._deck.tabs.active = 1
    found.study.seed = 1
    assert all(closer._answer is None for closer in found.closer.values())


def test_parity_belongs_to_the_first_tab(found):
    assert found.pictures is not None
    assert "jax.nn.initializers.he_normal (72 weights" in found.closer["Draw"].words.object


def test_settings_of_a_closer_look_change_it(found):
    closer = open_tab(found, "Many seeds")
    (link,) = closer.links
    link.widget.value = 5
    assert len(closer._answer.seeds) == 5
    assert link.field.widget.value == "5"
    link.field.widget.value = "7"
    assert len(closer._answer.seeds) == 7
    link.field.widget.value = "1"
    assert "draws must be a whole number from 2 to 1000, got 1. Type for instance 32." in closer.message.object
    assert len(closer._answer.seeds) == 7
    link.field.widget.value = "x"
    assert "a whole number is needed, got &#x27;x&#x27;. Type for instance 64." in closer.message.object


def test_a_refusal_is_a_message_and_leaves_no_old_pictures(found):
    closer = open_tab(found, "Convolution")
    assert closer._outcome.visible
    found.study.shape = (8, 8)
    assert "this view needs a convolution kernel" in closer.message.object
    assert not closer._outcome.visible
    found.study.shape = (3, 8, 8)
    assert closer._outcome.visible
    assert not closer.message.object


def test_zeros_do_not_stop_the_page(found):
    found.study.shape = (12, 8)
    closer = open_tab(found, "Depth")
    found.study.function = "zeros"
    assert "all singular values of the product are 0" in closer.words.object
    found.study.function = "he_normal"
    assert "he_normal" in found._headline.object
    assert "he_normal" in closer.words.object


def test_a_new_draw_clears_the_refusal_of_the_old_one(found):
    closer = open_tab(found, "Convolution")
    found.study.shape = (8, 8)
    assert "this view needs a convolution kernel" in closer.message.object
    found._deck.tabs.active = 0
    found.study.shape = (9, 9)
    assert not closer.message.object


def test_the_way_of_drawing_changes_every_picture_and_recomputes_nothing(found):
    closer = open_tab(found, "Convolution")
    result, answer = found._result, closer._answer
    found.shown.spectrum = "sorted"
    assert found._plots["spectrum"]._picture.xlabel == "rank"
    assert closer._plots["operator"]._picture.xlabel == "rank"
    found.shown.weights = "CDF"
    assert found._plots["weights"]._picture.ylabel == "share of weights up to here"
    assert found._result is result
    assert closer._answer is answer


def test_what_the_weights_are_drawn_by_is_a_setting_of_the_study(found):
    found._sidebar.links["generator"].widget.value = "rbg"
    assert found.result.question.generator == "rbg"
    found._sidebar.links["partitionable"].widget.value = False
    assert not found.result.question.partitionable
