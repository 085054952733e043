"""Pictures of training: the numbers of the answer, as they come, in one form for as many networks."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from drawn import part
from oracles import refused
from pictured import keeps_the_contract

from initviz.initializers import glorot_normal, normal
from initviz.live.plot import LivePlot
from initviz.networks import Network, Trained, train
from initviz.views import training as views
from initviz.views.picture import Picture

VIEWS = {"loss": views.loss, "accuracy": views.accuracy, "updates": views.updates}


@cache
def answers(count: int) -> list[Trained]:
    networks = [Network(depth=3, width=16), Network(glorot_normal(), depth=5, width=16),
                Network(depth=1, width=16, activation="tanh"), Network(normal(1e10), depth=10, width=16)]  # fmt: skip
    return list(train(networks[:count], steps=6, every=2))


def words(picture: Picture) -> list[str]:
    level, *found = part(picture, "labels", "note")["text"]
    assert level == ("often aimed at" if picture.name == "updates" else "guesses")
    return found


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("view", VIEWS)
def test_pictures_of_every_answer(view, count):
    shown = [VIEWS[view](found) for found in answers(count)]
    for picture in shown:
        keeps_the_contract(picture)
        assert picture.name == view
        assert picture.form == shown[0].form
        assert len(picture.legend) == (count if count > 1 else 0)
        assert picture.xlim == shown[0].xlim  # it does not move while it fills
    assert "after 0 of 6 steps" in shown[0].title
    assert "after 6 of 6 steps" in shown[-1].title


@pytest.mark.parametrize("view", VIEWS)
def test_the_next_answer_replaces_the_data_of_the_same_figure(view, monkeypatch):
    first, *others = answers(4)
    plot = LivePlot(VIEWS[view](first))
    root = plot.get_root()
    (before,) = plot.figures
    monkeypatch.setattr(Picture, "overlay", property(lambda _: pytest.fail("HoloViews built something")))
    for found in others:
        plot.show(VIEWS[view](found))
        assert plot.figures == [before]
    assert root is not None


def test_lines_and_dots_are_the_numbers_of_the_answer():
    found = answers(2)[-1]
    for place in range(2):
        for picture, numbers in ((views.loss(found), found.loss), (views.accuracy(found), 100 * found.accuracy)):
            line, dot = part(picture, "line", f"draw {place + 1}"), part(picture, "dots", f"draw {place + 1}")
            assert line["x"].tolist() == [0, 2, 4, 6]
            np.testing.assert_array_equal(line["y"], numbers[place])
            assert (dot["x"], dot["y"]) == (6, numbers[place, -1])
        line = part(views.updates(found), "line", f"draw {place + 1}")
        np.testing.assert_allclose(np.log10(line["y"]), found.updates[place][-1])
        assert line["x"].tolist() == list(range(1, 4 + 2 * place))
    assert part(views.loss(found), "line", "quiet")["y"] == pytest.approx([np.log(10)] * 2)
    assert part(views.accuracy(found), "line", "quiet")["y"] == pytest.approx([10] * 2)
    alone = answers(1)[-1]
    assert views.loss(alone).title == f"Loss after 6 of 6 steps: {alone.loss[0, -1]:.3g}"
    assert views.accuracy(alone).title == f"Accuracy after 6 of 6 steps: {100 * alone.accuracy[0, -1]:.0f} %"


def test_the_table_has_every_number_with_its_network():
    found = answers(2)[-1]
    table = views.accuracy(found, names=("he", "glorot")).table()
    rows = table[table["series"] == "glorot, held out"]
    assert rows["step"].tolist() == [0, 2, 4, 6]
    np.testing.assert_array_equal(rows["told right in %"], 100 * found.accuracy[1])


def test_networks_that_explode_are_said_with_their_names():
    found = answers(4)[-1]
    name = f"{found.networks[3].initializer}, relu"
    assert views.loss(found).legend[-1] == name
    for picture in (views.loss(found), views.accuracy(found)):
        assert words(picture) == [f"{name}: not finite from step 0 on"]
        assert not len(part(picture, "line", "draw 4")["x"])
        assert not len(part(picture, "dots", "draw 4")["x"])
    assert words(views.updates(found)) == [f"{name}: 10 of 10 layers not finite"]
    assert words(views.updates(answers(4)[0])) == []  # there was no step yet
    lost = np.array(found.loss[:1])
    lost[0, 2:] = np.inf
    alone = replace(answers(1)[-1], loss=lost)
    assert words(views.loss(alone)) == ["not finite from step 4 on"]
    assert views.loss(alone).title == "Loss after 6 of 6 steps: ∞"
    lost[0] = 1.0, np.nan, 1.0, 1.0
    assert words(views.loss(replace(alone, loss=lost))) == ["not finite at 1 of 4 points"]
    lost[0] = 1.0, 1.0, 1.0, 5e10
    assert words(views.loss(replace(alone, loss=lost))) == ["now 5e+10"]
    assert views.loss(replace(alone, loss=lost)).ylim[1] < 1000
    assert words(views.accuracy(replace(alone, loss=lost))) == []
    far = np.full((4, 3), 2.0)
    assert words(views.updates(replace(alone, updates=(far,)))) == ["3 of 3 layers move more than 1"]
    still = np.full((4, 3), -np.inf)
    assert words(views.updates(replace(alone, updates=(still,)))) == ["3 of 3 layers stay"]


def test_names_tell_networks_apart_or_are_refused():
    found = answers(2)[-1]
    same = replace(found, networks=(found.networks[0],) * 2)
    assert views.loss(same).legend == ("he_normal() · 1", "he_normal() · 2")
    deeper = replace(found.networks[0], depth=20, branch=0.5)
    other = replace(found, networks=(found.networks[0], deeper))
    assert views.loss(other).legend == ("depth 3", "depth 20")
    assert views.loss(found, names=("one", "two")).legend == ("one", "two")
    for names in (("one",), ("one", "one"), "ab", ("", "two")):
        message = f"names must be a different one for each of 2 networks, got {names!r}. Pass as many."
        refused(ValueError, message, views.loss, found, names=names)
