"""A widget and its setting follow each other on a busy page, too, and nothing that its user does is lost."""

import asyncio

import pytest
from served import on, page

from initviz.initializers import CLASSES
from initviz.live.controls import argument_links, size_slider, study_links
from initviz.study import Study

LINKS = {
    "a size": (lambda study, report: size_slider(study, 0, report), [257, 258, 259]),
    "an argument": (lambda study, report: argument_links(study.initializer, report)[0], [0.1, 0.2, 0.3]),
    "a text": (lambda study, report: study_links(study, report, "seed")["seed"], ["1", "2", "3"]),
}


def on_a_busy_page(build, moves):
    """What `build` returns after `moves` of it, all of which arrive before the server takes the first."""

    async def scenario():
        async with page() as (document, _):
            built = build()
            on(document, lambda: moves(built))
            for _ in range(50):  # rounds of the event loop
                await asyncio.sleep(0.001)
        return built

    return asyncio.run(scenario())


@pytest.mark.parametrize("name", LINKS)
def test_what_a_user_does_before_the_server_has_taken_it_is_not_put_back(name, messages):
    build, values = LINKS[name]
    study = Study("normal", shape=(256, 256))
    held = []

    def move(link):
        link.widget.param.watch(lambda changed: held.append(changed.new), "value")
        for value in values:
            link.widget.value = value
            study.layer.shape = (256, study.shape[1] + 1)  # of which a size link hears, too

    assert on_a_busy_page(lambda: build(study, messages), move)._now() == values[-1]
    assert held == values


def test_of_two_widgets_of_a_setting_that_wait_the_second_counts(messages):
    study, held = Study("normal", shape=(256, 256)), []

    def both():
        return [size_slider(study, 0, messages), study_links(study, messages, "shape")["shape"]]

    def move(links):
        links[1].widget.param.watch(lambda changed: held.append(changed.new), "value")
        links[0].widget.value = 257
        links[1].widget.value = "128, 128"

    slider, _ = on_a_busy_page(both, move)
    assert (study.shape, slider.widget.value, held) == ((128, 128), 128, ["128, 128"])

    def again(links):
        move(links)
        links[0].widget.value = 300

    slider, field = on_a_busy_page(both, again)
    assert (study.shape, slider.widget.value, field.widget.value) == ((300, 128), 300, "300, 128")

    def beside(link):
        link.widget.value = 0.3
        link.field.widget.value = "0.5"

    link = on_a_busy_page(lambda: argument_links(study.initializer, messages)[0], beside)
    assert (study.initializer.stddev, link.widget.value, link.field.widget.value) == (0.5, 0.5, "0.5")


def test_a_text_that_waited_is_put_as_the_setting_is_written(messages):
    study = Study()

    def type_twice(link):
        link.widget.value = "7x8"
        link.widget.value = "7x8x9"

    link = on_a_busy_page(lambda: study_links(study, messages, "shape")["shape"], type_twice)
    assert (study.shape, link.widget.value) == ((7, 8, 9), "7, 8, 9")


def test_a_slider_leaves_the_message_of_the_field_beside_it(messages):
    link = argument_links(CLASSES["normal"](), messages)[0]
    link.field.widget.value = "abc"
    said = messages["stddev"]
    assert "stddev must be" in said
    link.widget.param.trigger("value")
    assert messages["stddev"] == said
    link.widget.value = 0.5
    assert messages["stddev"] == ""


def test_the_enter_key_takes_the_text_of_then(messages):
    study = Study()

    def go_on(link):
        link.widget.value_input = "12"
        link.widget.param.trigger("enter_pressed")
        link.widget.value_input = "123"

    on_a_busy_page(lambda: study_links(study, messages, "seed")["seed"], go_on)
    assert study.seed == 12


def test_a_widget_that_is_closed_is_not_listened_to_any_more(messages):
    study = Study("normal", shape=(3, 3, 64, 128))

    def replace(link):
        link.widget.value = 65
        study.shape = (256, 256)
        link.close()
        link.widget.value = 66

    on_a_busy_page(lambda: size_slider(study, 2, messages), replace)
    assert study.shape == (256, 256)
