"""What few need: folded away with its values in sight, and made once it is opened."""

import panel as pn

from initviz.networks.study import NetworkStudy
from initviz.study import Study
from initviz.widgets.fold import Fold
from initviz.widgets.networks import FOLDED, room_of


def test_it_is_made_once_it_is_opened_and_hidden_when_it_is_closed():
    fold, field = Fold("more settings"), pn.Column()
    fold.hold([field])
    fold.say(["kind dense", "seeds −8"])
    heading, content = fold._heading, fold._content
    assert (fold.values.object, fold.layout.visible) == ("kind dense · seeds −8", True)
    assert (list(content), content.visible) == ([], False)
    heading.active = [0]
    assert (list(content), content.visible) == ([field], True)
    heading.active = []
    assert not content.visible
    fold.say([])
    assert not fold.layout.visible


def test_a_network_says_the_values_of_what_it_folds_away():
    study = Study(shape=(8, 8))
    values = room_of(study).closer._fold.values
    said = "kind dense · inputs gaussian · input_std 1 · lsuv false · seeds 8"
    assert values.object.replace("\N{NO-BREAK SPACE}", " ") == said
    study.network.seeds = 3
    assert values.object.endswith("seeds\N{NO-BREAK SPACE}3")
    assert set(FOLDED) < set(NetworkStudy.arguments)
