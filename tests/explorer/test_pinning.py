"""What is pinned on the page, with words where it cannot be, and kept when the study is replaced."""

import numpy as np
import pytest

from initviz.compare import links as pins
from initviz.explorer.explorer import Explorer
from initviz.study import Study
from initviz.study.study import COMPARE, OPENED


@pytest.fixture
def found():
    return Explorer(Study("he_normal", shape=(12, 8)))


def click(explorer):
    explorer.pin.button.param.trigger("clicks")


def names(explorer):
    return [each.name for each in explorer.comparison.entries]


@pytest.mark.parametrize("look", ["", *OPENED])
def test_every_room_pins_what_is_on_show(look, found):
    found.study.look = look
    assert found.rooms.title(COMPARE) == "Compare"
    click(found)
    found.study.seed = 1
    click(found)
    assert [each.question.seed for each in found.comparison.entries] == [0, 1]
    assert found.rooms.title(COMPARE) == "Compare (2)"
    assert found.comparison.look == ("networks" if look == "Network" else "draws")


def test_the_button_says_what_came_of_it_and_why_it_cannot(found):
    button, said = found.pin.button, found.pin.said
    assert (button.label, said.object) == ("pin", "")
    click(found)
    assert button.label == "✓ pinned"
    assert "Pinned as he_normal(): 1 of 6. Change a setting, and pin again." in said.object
    click(found)
    assert "This is pinned already, as he_normal(). Change a setting, and pin again." in said.object
    for seed in range(1, 6):
        found.study.seed = seed
        assert (button.label, said.object) == ("pin", "")
        click(found)
    assert "6 of 6. The room Compare shows them side by side." in said.object
    found.study.seed = 9
    assert button.label == "6 pinned"
    click(found)
    assert len(names(found)) == 6
    assert "6 are pinned, and no more can be compared. Remove one in the room Compare." in said.object
    found.comparison.remove(names(found)[0])
    assert (button.label, said.object) == ("pin", "")
    found.study.network.depth = 9
    click(found)
    found.study.network.depth = 8
    assert button.label == "6 pinned", "another network is another thing"
    found.study.network.depth = 9
    assert button.label == "✓ pinned"


def test_what_cannot_be_drawn_is_not_pinned(found):
    found.draw.followers.open(None)
    found.study.initializer.in_axis = 7
    click(found)
    assert names(found) == []
    assert "What cannot be drawn cannot be pinned. " + found.feed.failure in found.pin.said.object
    found.study.initializer.in_axis = -2
    assert found.pin.said.object == ""
    click(found)
    assert names(found) == ["he_normal()"]


def test_what_is_pinned_stays_when_the_study_is_replaced(found):
    click(found)
    found.open_link("?v=1&initializer=orthogonal&shape=12,+8&look=Compare")
    assert names(found) == ["he_normal()"]
    assert found.pin.button.label == "pin"
    assert found.pictures.get_root()
    room = found.closer[COMPARE]
    assert [each.entry.name for each in room.look.answer.all] == ["he_normal()"]
    found.study = Study("zeros", shape=(12, 8), look=COMPARE)
    click(found)
    assert [each.entry.name for each in room.look.answer.all] == ["he_normal()", "zeros()"]
    found.study = Study("he_normal", shape=(12, 8))
    assert found.pin.button.label == "✓ pinned"


def test_weights_of_somebody_are_pinned():
    found = Explorer(Study(np.ones((4, 3))))
    click(found)
    assert names(found) == ["weights, he_normal"]
    assert found.pin.button.label == "✓ pinned"


def test_nobody_compares_before_the_room_is_open(found):
    click(found)
    assert COMPARE not in found.closer
    found.study.look = COMPARE
    assert found.closer[COMPARE].look.answer is None  # nobody looks at the page
    assert found.pictures.get_root()
    assert found.closer[COMPARE].look.answer.whole


def test_the_address_has_what_is_pinned_and_opens_with_it(found):
    click(found)
    found.study.seed = 1
    click(found)
    found.comparison.keys = "independent"
    link = "?v=1&shape=12,+8&seed=1&compare.keys=independent&pin=shape=12,%2B8&pin=shape=12,%2B8%26seed=1"
    assert found.address.layout.tags[1] == link
    again = Explorer(Study.from_link(link))
    assert pins.open_first(again.comparison, link) == ()
    assert again.comparison.question == found.comparison.question
    again.open_link("?v=1&pin=seed=9")  # as going back does
    assert again.comparison.question == found.comparison.question, "what is pinned stays"
    again.open_link("?v=1&seed=x&pin=")
    assert "seed must be a whole number" in again.sidebar.message.object
    bare = Explorer()
    bare.open_link("?v=1&seed=3&pin=seed=9&pin=seed=x")
    assert [each.question.seed for each in bare.comparison.entries] == [9, 0]
    assert "pin 2: seed must be a whole number" in bare.sidebar.message.object


def test_what_no_link_keeps_is_said():
    found = Explorer(Study(np.ones((4, 3)), look=COMPARE))
    click(found)
    assert "gone when the page opens anew" in found._lost.object
    found.comparison.remove("weights, he_normal")
    assert found._lost.object == ""
