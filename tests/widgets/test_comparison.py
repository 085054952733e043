"""The comparison as a widget and as a part of a page: pin, name, color, remove."""

import numpy as np
import pytest

from initviz import Study, explore
from initviz.answers.answer import answer
from initviz.compare import Comparison
from initviz.live.feed import Feed
from initviz.live.internals import Words
from initviz.views.comparison import OR_A_PAIR
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
    assert names(room) == ["he_normal()", "he_normal() · seed 1"]
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


@pytest.mark.slow(keeps=0)
def test_six_are_enough(room):
    for _ in range(6):
        room.pin()
    assert room.button.disabled
    room.pin()
    assert "at most 6 can be compared, got one more. Remove one first." in room.message.object
    room.comparison.remove("he_normal()")
    assert not room.button.disabled


@pytest.mark.slow(keeps=0)
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


def drawn(room):
    """Of each picture the names that are drawn."""
    return {name: plot._picture.hidden for name, plot in room.closer._plots.items()}


def test_a_name_hides_and_shows_its_draw_in_all_pictures(room):
    room.pin()
    room._of.settings.seed = 1
    room.pin()
    figure = room.closer._plots["weights"].figures[0]
    before = figure.y_range.end
    box = room.names.boxes[1]
    assert box.label == "he_normal() · seed 1 (orange, dashed)"
    box.value = False
    assert drawn(room) == {"weights": {"he_normal() · seed 1"}, "spectrum": {"he_normal() · seed 1"}}
    shown = [each.visible for each in figure.legend[0].items[1].renderers]
    assert not any(shown)
    assert all(each.visible for each in figure.legend[0].items[0].renderers)
    assert figure.y_range.end == before, "the axes stay"
    assert "he_normal() · seed 1" in room.closer.words.object, "the numbers stay"
    room.rows[1].name.value = "other"
    assert drawn(room) == {"weights": {"other"}, "spectrum": {"other"}}, "by another name, too"
    box.value = True
    assert all(each.visible for each in figure.legend[0].items[1].renderers)


def test_a_name_that_is_clicked_in_a_picture_is_hidden_in_all(room):
    room.pin()
    room._of.settings.seed = 1
    room.pin()
    for layer in room.closer._plots["spectrum"].figures[0].legend[0].items[0].renderers:
        layer.visible = False  # as Bokeh does at a click
    assert drawn(room) == {"weights": {"he_normal()"}, "spectrum": {"he_normal()"}}
    assert not room.names.boxes[0].value
    room.comparison.remove("he_normal()")
    assert not any(drawn(room).values())
    assert not room.names.layout.visible, "one alone needs no legend"


@pytest.mark.parametrize(
    ("study", "names_"),
    [
        (Study("he_normal", shape=SHAPE), ["he_normal()", "lecun_normal()"]),
        (Study("orthogonal", shape=SHAPE, seed=3), ["orthogonal()", "he_normal()"]),
        (Study(np.ones(SHAPE)), ["weights, he_normal", "he_normal()"]),
    ],
)
def test_who_has_pinned_nothing_is_offered_a_pair(study, names_):
    room = comparison_room(Feed(study, answer), button=False)
    assert room.pair.label == f"pin this and {names_[1]}"
    room.pair.param.trigger("clicks")
    assert names(room) == names_
    assert len({each.question.seed for each in room.comparison.entries}) == 1
    assert not room._nothing.visible
    found = room.comparison.answer()
    assert not any(each.failure for each in found.all)


def test_the_offer_follows_the_study(room):
    room._of.settings.function = "lecun_normal"
    assert room.pair.label == "pin this and he_normal()"
    room._of.settings = Study("he_normal", shape=SHAPE)
    assert room.pair.label == "pin this and lecun_normal()"
    room._of.settings.function = "zeros"
    assert room.pair.label == "pin this and he_normal()"
    room.pin()
    room._of.settings.function = "he_normal"
    room.comparison.remove("zeros()")
    assert room.pair.label == "pin this and lecun_normal()", "also of a change while something was pinned"


def test_one_study_is_followed_once(room):
    first = room._of.settings
    for study in (Study("zeros", shape=SHAPE), first, Study("ones", shape=SHAPE)):
        room._of.settings = study
    before = room.pair.label
    first.function = "orthogonal"
    assert room.pair.label == before
    assert [owner for owner, _ in room._watched] == [room._of.settings]
    own = Study("zeros", shape=SHAPE).param.watchers["function"]["value"]
    assert len(first.param.watchers["function"]["value"]) == len(own)


def test_what_cannot_be_written_can_neither_be_pinned_nor_offered_in_a_pair():
    study = Study("constant", value=np.arange(10_000.0), shape=(3, 10_000))
    room = comparison_room(Feed(study, answer), button=False)
    assert not room.pair.visible
    assert OR_A_PAIR not in room.closer.said() + "".join(each.object for each in room.closer.layout.select(Words))
    room.pin_pair()
    assert not names(room)
    assert "Choose a smaller array." in room.message.object
    study.function = "zeros"
    assert room.pair.visible
    assert any(OR_A_PAIR in each.object for each in room.closer.layout.select(Words))


def test_a_name_that_is_refused_hides_nobody(room):
    room.pin()
    room._of.settings.seed = 1
    room.pin()
    room.names.boxes[1].value = False
    room.rows[1].name.value = "he_normal()"
    assert "that no other has" in room.message.object
    assert room.hidden == {"he_normal() · seed 1"}
    assert room.names.boxes[0].value
