"""Scenes in the menu of the page: each opens its link and asks before it answers."""

from initviz.explorer.explorer import Explorer
from initviz.explorer.scenes import Scenes
from initviz.study import Study
from initviz.study.presets import PRESETS


def test_a_scene_opens_its_link_with_a_card_that_is_put_away():
    explorer = Explorer(Study(shape=(12, 8)))
    scenes = Scenes(explorer.open_link)
    preset = PRESETS["truncated"]
    assert [item["label"] for item in scenes.menu.items] == [each.title for each in PRESETS.values()]
    assert not scenes.card.visible
    scenes.open(preset.title)
    assert scenes.card.visible
    assert explorer.study.to_link() == preset.study.to_link()
    asked, answered = scenes._words.object.split("<details")
    assert preset.question in asked
    assert preset.predict in asked
    assert preset.answer in answered
    scenes.close()
    assert not scenes.card.visible
    assert explorer.study.function == "truncated_normal"
