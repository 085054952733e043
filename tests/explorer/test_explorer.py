"""The explorer without a browser: settings in, results out, one recompute per change."""

import asyncio
import gc
import re
import weakref

import holoviews as hv
import numpy as np
import panel as pn
import pytest
from bokeh.plotting import figure
from panes import data

import initviz
from initviz.answers.answer import Answer, answer
from initviz.explorer import explorer
from initviz.explorer.explorer import Explorer
from initviz.explorer.page import page
from initviz.initializers import CLASSES
from initviz.study import Study
from initviz.views import text


@pytest.fixture
def questions(monkeypatch):
    """Every question that is answered, in order."""
    asked = []

    def counted(question, progress=None):
        asked.append(question)
        return answer(question, progress)

    monkeypatch.setattr(explorer, "answer", counted)
    return asked


def small(**settings) -> Explorer:
    return Explorer(Study(**({"shape": (12, 8)} | settings)))


def messages(found: Explorer) -> str:
    return found.sidebar.message.object


CHANGES = {
    "function": lambda study: setattr(study, "function", "uniform"),
    "argument": lambda study: setattr(study.initializer, "in_axis", 0),
    "shape": lambda study: setattr(study, "shape", (8, 12)),
    "rank": lambda study: setattr(study, "shape", (2, 3, 4)),
    "dtype": lambda study: setattr(study, "dtype", "float16"),
    "seed": lambda study: setattr(study, "seed", 3),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_recompute_per_change(change, questions):
    found = small()
    assert questions == [found.study.question]
    change(found.study)
    assert questions[1:] == [found.study.question]
    assert found.result.question == found.study.question
    assert len(questions) == 2  # what is on show is not computed again


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_recompute_per_change_on_an_event_loop(change, questions):
    async def scenario():
        found = small()
        change(found.study)
        async with asyncio.timeout(20):
            while found.feed.waiting:
                await asyncio.sleep(0.001)
        return found

    found = asyncio.run(scenario())
    assert len(questions) == 2
    assert found.feed.answer.question == found.study.question


def test_many_changes_at_once_end_in_the_last_result(questions):
    async def scenario():
        found = small()
        for seed in range(1, 31):
            found.study.seed = seed
        assert found.result.question.seed == 30  # live at once, whatever runs behind
        async with asyncio.timeout(20):
            while not found.feed._task._worker.done():
                await asyncio.sleep(0.001)
        return found

    found = asyncio.run(scenario())
    assert found.feed.answer.question.seed == 30
    assert len(questions) < 10


def test_what_is_set_twice_is_computed_once(questions):
    found = small()
    found.study.seed = 0
    found.study.shape = (12, 8)
    assert len(questions) == 1


@pytest.mark.parametrize("name", CLASSES)
def test_every_initializer_shows_its_result(name):
    found = small(shape=(3, 4, 6))
    found.study.function = name
    assert found.result.question == found.study.question
    assert [link.name for link in found.sidebar.argument_links] == [
        argument for argument in found.study.initializer.arguments if argument != "dtype"
    ]
    assert found.draw._title.object.count("<h1") == 1
    assert messages(found) == ""


def test_widgets_drive_the_study_and_follow_it():
    found = small()
    found.sidebar.links["shape"].widget.value = "3, 4, 5"
    assert found.result.plan.shape == (3, 4, 5)
    assert [link.widget.value for link in found.sidebar.size_links] == [3, 4, 5]
    found.sidebar.size_links[1].widget.value = 7
    assert found.study.shape == (3, 7, 5)
    assert found.sidebar.links["shape"].widget.value == "3, 7, 5"
    found.study.shape = (2000, 3, 4)
    slider = found.sidebar.size_links[0].widget
    assert (slider.value, slider.end) == (2000, 2000)
    found.study.function = "normal"
    (link,) = found.sidebar.argument_links
    link.widget.value = 0.5
    assert found.result.plan["std"] == 0.5


def test_new_sample_takes_the_next_seed_and_wraps():
    found = small(seed=2**32 - 1)
    before = found.result.summary
    found.sidebar.new_sample()
    assert found.study.seed == 0
    assert found.result.summary != before


def test_a_refused_state_keeps_the_last_good_result_and_says_why():
    found = small()
    good = found.result
    found.study.initializer.in_axis = 7
    message = "in_axis = 7: tuple index out of range for a shape with 2 axes. Choose from -2 to 1."
    assert messages(found).count("<p") == 1
    assert f">{message}</p>" in messages(found)
    assert found.feed.answer is good
    with pytest.raises(IndexError) as refusal:
        found.result  # noqa: B018 - raises
    assert str(refusal.value) == message
    found.study.initializer.in_axis = 0
    assert messages(found) == ""
    assert found.result.question == found.study.question


def test_of_an_old_refusal_and_a_new_one_the_new_one_is_told():
    found = small()
    links = {link.name: link for link in (*found.sidebar.argument_links, *found.sidebar.links.values())}
    links["in_axis"].widget.value = "7"
    assert "tuple index out of range" in messages(found)
    links["in_axis"].widget.value = "x"
    assert re.findall(">([a-z_]+) must", messages(found)) == ["in_axis"]
    assert messages(found).count("<p") == 1
    links["in_axis"].widget.value = "7"  # which the settings have had all the time
    assert "tuple index out of range" in messages(found)
    links["in_axis"].widget.value = "-2"
    assert messages(found) == ""
    links["seed"].widget.value = "x"
    links["in_axis"].widget.value = "7"
    assert messages(found).count("<p") == 2
    links["seed"].widget.value = "1"
    assert messages(found).count("<p") == 1


def test_a_state_mended_by_going_back_is_shown():
    found = small()
    found.study.initializer.in_axis = 7
    found.study.initializer.in_axis = -2
    assert messages(found) == ""
    assert found.result.question == found.study.question


def test_messages_are_escaped():
    found = small()
    found.sidebar.links["shape"].widget.value = "<b>"
    assert "&lt;b&gt;" in messages(found)
    assert "<b>" not in messages(found)


def test_the_study_can_be_replaced(questions):
    found = small()
    old, new = found.study, Study("uniform", shape=(5, 6), scale=0.5, seed=9)
    found.study = new
    assert questions[-1] == new.question
    assert len(questions) == 2
    assert found.result.question == new.question
    assert found.sidebar.links["function"].widget.value == "uniform"
    assert found.sidebar.links["shape"].widget.value == "5, 6"
    old.seed = 77
    old.initializer.in_axis = 0
    assert len(questions) == 2  # the old study is followed no more
    new.initializer.scale = 0.25
    assert found.result.question.arguments == (("scale", 0.25),)
    found.sidebar.links["seed"].widget.value = "4"
    assert new.seed == 4
    assert old.seed == 77


def test_explore_returns_a_viewer_with_its_settings():
    found = initviz.explore("normal", shape=(3, 4), stddev=0.02, dtype="float16", seed=2)
    assert isinstance(found, pn.viewable.Viewer)
    assert isinstance(found.study, Study)
    question = found.result.question
    assert (question.function, question.arguments, question.shape) == ("normal", (("stddev", 0.02),), (3, 4))
    assert (question.dtype, question.seed) == ("float16", 2)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - whole message below
        initviz.explore("normal", shape=(3,))
    assert str(refusal.value) == "shape must have 2 to 5 axes, got 1 in (3,). Type for instance 256, 256."


def test_two_explorers_are_separate():
    first, second = small(), small()
    first.study.seed = 5
    assert second.study.seed == 0
    assert second.result.question.seed == 0


def test_the_page_holds_controls_and_pictures():
    whole = page()
    assert whole.title == "initviz"
    assert len(whole.sidebar) == 1
    assert len(whole.main) == 6  # bar and message for phones, card, what is said of files, pictures, what is remembered


def test_pictures_are_replaced_in_place_where_their_kinds_agree():
    found = small()
    root = found.pictures.get_root()
    figures = {name: plot.figures[0] for name, plot in found.draw.plots.items()}
    found.study.shape = (3, 4, 6)
    found.study.seed = 1
    found.study.function = "delta_orthogonal"
    for name, plot in found.draw.plots.items():
        assert plot.figures == [figures[name]]
    assert figures["weights"].title.text == "Weights: 72 values, float32"
    assert root is not None


@pytest.mark.slow(keeps=2)
@pytest.mark.parametrize("function", ["he_normal", "uniform", "ones", "delta_orthogonal", "orthogonal"])
def test_replaced_data_are_what_holoviews_would_draw(function):
    found = small()
    root = found.pictures.get_root()
    found.study.shape = (3, 4, 6)
    found.study.param.update(function=function, seed=1)
    for plot in found.draw.plots.values():
        (live,), drawn = plot.figures, hv.render(plot._picture.overlay, backend="bokeh")
        for held, wanted in zip(data(live), data(drawn), strict=True):
            assert held.keys() == wanted.keys()
            for name, values in wanted.items():
                np.testing.assert_array_equal(held[name], values)
        for axis in ("x_range", "y_range"):
            ranges = getattr(live, axis), getattr(drawn, axis)
            assert len({(limits.start, limits.end) for limits in ranges}) == 1
        assert live.title.text == drawn.title.text
    assert root is not None


def test_a_fault_is_a_message_and_the_next_change_recovers(monkeypatch, caplog):
    found = small()
    good = found.feed.answer
    monkeypatch.setattr(Answer, "band", property(lambda self: 1 / 0))  # in a picture, not in the answer
    found.study.seed = 1
    assert "A fault of initviz (ZeroDivisionError: division by zero) leaves these settings" in messages(found)
    assert "Traceback" in caplog.text
    monkeypatch.undo()
    found.study.seed = 2
    assert messages(found) == ""
    assert found.feed.answer is not good
    assert "seed 2" in found.draw._title.object


def test_an_explorer_shown_twice_moves_in_both_places():
    found = small()
    roots = [found.__panel__().get_root() for _ in range(2)]
    found.study.seed = 3
    for root in roots:
        titles = [model.title.text for model in root.select({"type": figure}) if model.name == "weights"]
        sources = [next(iter(model.renderers)).data_source.data for model in root.select({"type": figure})]
        assert titles == ["Weights: 96 values, float32"]
        assert sources
    (first, second) = ({model.name: model.renderers[0].data_source.data for model in root.select({"type": figure})}
                       for root in roots)  # fmt: skip
    for name, held in first.items():
        for column, values in held.items():
            np.testing.assert_array_equal(values, second[name][column])


def test_two_explorers_of_one_study_move_together():
    study = Study(shape=(12, 8))
    first, second = Explorer(study), Explorer(study)
    first.study.seed = 4
    assert first.draw._title.object == second.draw._title.object
    assert "seed 4" in first.draw._title.object


def test_explorers_that_are_dropped_leave_nothing():
    gone = []
    for _ in range(50):
        found = small()
        gone += [weakref.ref(each) for each in (found, found.feed, found.study, found.closer["Parity"].look)]
    del found
    gc.collect()
    assert [each() for each in gone if each() is not None] == []


def test_code_is_made_while_its_section_is_open_and_of_the_newest_answer(monkeypatch):
    made = []
    code = text.code
    monkeypatch.setattr(text, "code", lambda translations: made.append(translations) or code(translations))
    found = small()
    found.study.seed = 1
    assert found.draw._code.object == ""
    assert not made
    found.draw._folded.active = [0]
    assert made == [found.feed.answer.translations]
    found.study.function = "uniform"
    assert "uniform()" in found.draw._code.object
    assert made[1:] == [found.feed.answer.translations]
    found.draw._folded.active = []
    found.study.function = "normal"
    assert found.draw._code.object == ""
    assert len(made) == 2


def test_weights_that_are_in_no_link_are_a_step_behind_the_newest_one():
    found = small()
    found.study.seed = 3
    found._remember()
    link = found.address.layout.tags[1]
    found.study.bring(np.ones((6, 4), np.float32), "ones", "mine")
    found._remember()
    assert found.address.layout.tags[1] == f"{link}#given"
    found.study.weights = None
    found._remember()
    assert found.address.layout.tags[1] == found.study.to_link()


def test_an_explorer_opens_a_link():
    found = small()
    found.open_link("?v=1&initializer=orthogonal&shape=6,4&seed=x&foo=1")
    assert found.result.question.shape == (6, 4)
    assert found.result.plan.initializer == "orthogonal()"
    for part in ("seed must be a whole number", "a link must have settings of a study, got &#x27;foo&#x27;."):
        assert part in found.sidebar.message.object
    assert found.address.layout.tags[1] == "?v=1&initializer=orthogonal&shape=6,+4"


def test_words_follow_their_plots_and_in_a_drag_are_not_left_behind(monkeypatch):
    explorer = small()
    draw, clock = explorer.draw, 100.0
    monkeypatch.setattr("initviz.explorer.draw.time.monotonic", lambda: clock)
    draw.followers.close(None)  # whose delays are none without an event loop

    def drawn(size: int, after: float) -> bool:
        nonlocal clock
        clock += after
        explorer.study.shape = (12, size)
        explorer.result  # noqa: B018 - is there then
        draw._show(explorer.feed)
        assert f"-12x{size}-" in draw.shown[0].of
        return f"12 × {size}" in draw._title.object

    assert not drawn(9, 60)
    assert not drawn(10, 0.2)
    assert drawn(11, 0.2)
    assert not drawn(12, 60)
    draw._say(explorer.feed)
    assert "12 × 12" in draw._title.object
