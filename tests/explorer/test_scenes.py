"""Scenes in the menu of the page: each opens its link and asks before it answers."""

import pytest

from initviz.explorer.explorer import Explorer
from initviz.explorer.scenes import OTHER, OTHER_SAMPLE, UNTOLD, Scenes, asked_by
from initviz.live.internals import Words
from initviz.study import Study
from initviz.study.presets import PRESETS
from initviz.widgets.layout import CONCLUSION
from initviz.widgets.networks import room_of


def opened():
    """Scenes of an explorer, and what shows it."""
    explorer = Explorer(Study(shape=(12, 8)))
    shown = explorer.pictures
    return explorer, Scenes(explorer, shown), shown


def test_a_scene_opens_its_link_with_a_card_that_is_put_away():
    explorer, scenes, shown = opened()
    preset = PRESETS["truncated"]
    assert [item["label"] for item in scenes.menu.items] == [each.title for each in PRESETS.values()]
    assert not scenes.card.visible
    scenes.open(preset.title)
    assert scenes.card.visible
    assert explorer.study.to_link() == preset.study.to_link()
    assert preset.question in scenes._words.object
    assert preset.predict in scenes._words.object
    assert preset.answer not in scenes._words.object
    assert UNTOLD in shown.stylesheets  # nor does the page tell it
    scenes.close()
    assert not scenes.card.visible
    assert UNTOLD not in shown.stylesheets
    assert explorer.study.function == "truncated_normal"


def test_a_scene_answers_once_it_is_asked_to():
    _explorer, scenes, shown = opened()
    for preset in (PRESETS["truncated"], PRESETS["mean"]):  # the next one asks anew
        scenes.open(preset.title)
        assert scenes.reveal.visible
        assert UNTOLD in shown.stylesheets
        scenes.reveal.clicks += 1
        assert preset.answer in scenes._words.object
        assert not scenes.reveal.visible
        assert UNTOLD not in shown.stylesheets


def test_a_card_is_of_the_settings_that_a_user_goes_back_or_comes_to():
    explorer, scenes, shown = opened()
    scenes.open(PRESETS["truncated"].title)
    scenes.open(PRESETS["mean"].title)
    explorer.open_link(PRESETS["truncated"].study.to_link())  # as the address has it, without what is the default
    assert PRESETS["truncated"].question in scenes._words.object
    explorer.open_link("?v=1&shape=64,+32")
    assert not scenes.card.visible
    assert UNTOLD not in shown.stylesheets


@pytest.mark.slow(keeps=7)
@pytest.mark.parametrize("name", PRESETS)
def test_every_scene_opens_and_asks_its_question(name):
    explorer, scenes, shown = opened()
    scenes.open(PRESETS[name].title)
    assert explorer.study.to_link() == PRESETS[name].study.to_link()
    assert PRESETS[name].question in scenes._words.object
    assert OTHER not in scenes._words.object
    assert UNTOLD in shown.stylesheets


def test_other_settings_of_an_open_closer_look_are_not_those_of_the_preset():
    explorer, scenes, _shown = opened()
    scenes.open(PRESETS["orthogonal_deep"].title)
    look = explorer.study.looks[explorer.study.look]
    look.layers += 1
    explorer._remember()
    assert OTHER in scenes._words.object


def test_another_sample_is_still_of_the_preset_and_tells_no_answer():
    explorer, scenes, shown = opened()
    for name in ("mean", "large"):  # of a draw, of a network
        scenes.open(PRESETS[name].title)
        assert OTHER_SAMPLE not in scenes._words.object
        explorer.study.seed += 1
        explorer._remember()
        assert OTHER_SAMPLE in scenes._words.object
        assert OTHER not in scenes._words.object
        assert UNTOLD in shown.stylesheets
    scenes.reveal.clicks += 1
    assert PRESETS["large"].answer in scenes._words.object
    assert OTHER_SAMPLE in scenes._words.object


def titles(pictures) -> list[str]:
    """What stands over pictures."""
    return [picture.title for picture in pictures]


def test_titles_and_the_mend_tell_no_answer_before_it_is_asked_for():
    explorer, scenes, _shown = opened()
    scenes.open(PRESETS["float8"].title)
    explorer.result  # noqa: B018 - is there then
    explorer.draw._show(explorer.feed)
    assert titles(explorer.draw.shown)[0] == "Weights"
    scenes.reveal.clicks += 1
    assert "NaN" in titles(explorer.draw.shown)[0]
    scenes.open("too big")
    explorer.study.network.param.update(depth=3, width=8)
    room = explorer._closer("Network")
    room._draw(room.look.result)
    assert ":" in room.shown[0].title  # other settings
    assert room_of(explorer.study).apply.styles == CONCLUSION["styles"]
    scenes._own = asked_by(explorer.study)
    scenes._tell()
    room._draw(room.look.result)
    assert not [title for title in titles(room.shown) if "×" in title]


def in_sight(explorer) -> str:
    """All words of an explorer that are told before the answer is asked for."""
    return " ".join(
        each.object
        for each in explorer.pictures.select(Words)
        if not CONCLUSION["styles"].items() <= each.styles.items()
    )


@pytest.mark.parametrize("name", ["mean", "truncated", "condition", "bfloat16"])
def test_no_words_and_no_table_tell_the_number_that_is_asked_for(name):
    explorer, scenes, _shown = opened()
    scenes.open(PRESETS[name].title)
    explorer.result  # noqa: B018 - is there then
    explorer.draw._show(explorer.feed)
    assert in_sight(explorer)
    assert PRESETS[name].number not in in_sight(explorer)


def test_what_a_closer_look_finds_is_kept_back_too():
    explorer, scenes, _shown = opened()
    scenes.open(PRESETS["orthogonal_deep"].title)
    room = explorer._closer("Depth")
    room._draw(room.look.result)
    assert "median" in room.words.object
    assert "median" not in in_sight(explorer)


def test_other_settings_than_a_preset_s_keep_nothing_back():
    explorer, scenes, shown = opened()
    scenes.open(PRESETS["truncated"].title)
    own = explorer.study.initializer.stddev
    assert UNTOLD in shown.stylesheets
    assert OTHER not in scenes._words.object
    explorer.study.initializer.stddev = 0.5
    explorer._remember()
    assert UNTOLD not in shown.stylesheets
    assert OTHER in scenes._words.object
    explorer.study.initializer.stddev = own
    explorer._remember()
    assert UNTOLD in shown.stylesheets
    assert OTHER not in scenes._words.object
    scenes.reveal.clicks += 1
    explorer.study.network.depth += 1  # of which this one says nothing, but another does
    explorer._remember()
    assert OTHER in scenes._words.object
    assert PRESETS["truncated"].answer in scenes._words.object
