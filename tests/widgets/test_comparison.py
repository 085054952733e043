"""The comparison as a widget and as a part of a page: pin, name, color, remove."""

import numpy as np
import pytest

from initviz import Study, explore
from initviz.answers.answer import answer
from initviz.compare import Comparison
from initviz.live.feed import Feed
from initviz.widgets import compare, histogram
from initviz.widgets.comparison import comparison_room

SHAPE = (24, 16)


@pytest.fixture
def room():
    """A room beside a feed of a small draw, open on a page."""
    room = comparison_room(Feed(Study("he_normal", shape=SHAPE), answer))
    assert room.closer.layout.get_root() is not None, "a browser can have all of it"
    room.closer.followers.open(None)
    yield room
    room.closer.followers.close(None)


def names(room):
    return [each.name for each in room.comparison.entries]


def test_a_widget_takes_what_others_take():
    study = Study("orthogonal", shape=SHAPE)
    widget = compare("he_normal", Study("zeros", shape=SHAPE), study, np.ones(SHAPE), histogram(study))
    assert [each.entry.name for each in widget.found.all] == [
        "he_normal()", "zeros()", "orthogonal()", "weights, he_normal", "orthogonal() · 2"
    ]  # fmt: skip
    assert not any(each.failure for each in widget.found.all)
    page = explore("he_normal", shape=SHAPE)
    assert compare(page, "zeros").feeds[0] is page.feed


def test_a_widget_follows_its_studies():
    study = Study("he_normal", shape=SHAPE)
    widget = compare(study, Study("zeros", shape=SHAPE), names=["mine", "none"])
    assert [each.entry.name for each in widget.found.all] == ["mine", "none"]
    study.seed = 4
    widget.comparison.rename("mine", "ours")
    assert [each.entry.question.seed for each in widget.found.all] == [4, 0]
    assert widget.comparison.entries[0].name == "ours"
    study.network.depth = 7
    assert [dict(each.entry.network.fields)["depth"] for each in widget.found.all] == [7, 50]
    widget.comparison.remove("ours")
    study.seed = 5
    assert [each.entry.name for each in widget.found.all] == ["none"]


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match=r"^at most 6 can be compared, got 7\. Pass fewer\.$"):
        compare(*["he_normal"] * 7, shape=SHAPE)
    with pytest.raises(ValueError, match=r"^names must be one for each of 2 draws, got \['one'\]\. Write compare"):
        compare("he_normal", "zeros", names=["one"])


def test_a_click_pins_names_colors_and_removes(room):
    room.pin()
    room._of.settings.seed = 1
    room.pin()
    assert names(room) == ["he_normal()", "he_normal() · 2"]
    assert [row.layout.visible for row in room.rows] == [True, True, False, False, False, False]
    assert [each.question.seed for each in room.comparison.entries] == [0, 1]
    room.rows[1].name.value = "another seed"
    room.rows[1].color.value = 1
    assert names(room) == ["he_normal()", "another seed"]
    assert [row.color.value for row in room.rows[:2]] == [2, 1]
    room.rows[0].button.param.trigger("clicks")
    assert names(room) == ["another seed"]
    assert room.rows[0].name.value == "another seed"


def test_a_name_that_is_taken_is_refused_and_goes_back(room):
    room.pin()
    room.pin()
    room.rows[1].name.value = "he_normal()"
    assert "the name must be one that no other has" in room.message.object
    assert room.rows[1].name.value == "he_normal() · 2"
    room.rows[1].name.value = "fine"
    assert room.message.object == ""


def test_six_are_enough(room):
    for _ in range(6):
        room.pin()
    assert room.button.disabled
    room.pin()
    assert "at most 6 can be compared, got one more. Remove one first." in room.message.object
    room.comparison.remove("he_normal()")
    assert not room.button.disabled


def test_settings_that_do_nothing_are_hidden(room):
    room.pin()

    def shown():
        return [name for name, view in room.closer._views if view.visible]

    assert shown() == ["compare", "keys", "weights as", "singular values as"]
    room.comparison.look = "training"
    assert shown() == ["compare", "keys", "steps", "learning rate"]


def test_the_widget_keeps_its_pictures_and_its_words():
    widget = compare("he_normal", "zeros", shape=SHAPE)
    room = widget._room
    room.closer.followers.open(None)
    room.feed.result  # noqa: B018 - computed now
    assert widget.kept().count("<svg") + widget.kept().count("<img") >= 2
    assert "Numbers side by side" in widget.kept()
    room.closer.followers.close(None)


def test_a_comparison_from_json_is_shown(room):
    read = Comparison.from_json('{"version": 1, "pinned": [{"study": {"version": 1}}]}')
    assert [each.name for each in read.entries] == ["he_normal()"]
