"""A prediction stays as it was made, is drawn over what came of it, and can be thought about where no kernel runs."""

from base64 import b64decode
from re import findall

import pytest
from oracles import refused

from initviz import widgets
from initviz.widgets.predict import STEPS


def test_what_is_set_is_kept_by_the_button_and_stays():
    guess = widgets.predict("How wide?", between=(0.001, 1), log=True)
    root = guess.__panel__().get_root()
    assert (len(guess.options), guess.options[0], guess.options[-1], guess.value) == (STEPS + 1, 0.001, 1.0, None)
    guess._field.value = guess.options[10]
    guess._button.clicks += 1
    assert guess.value == guess.options[10]
    assert guess._field.disabled
    assert guess._button.disabled
    assert f"Your prediction: {guess.value}" in guess._said.object
    refused(
        ValueError,
        f"a prediction stays as it was made, got 0.5 after {guess.value}. Make a new one.",
        guess.predict,
        0.5,
    )
    assert root is not None


@pytest.mark.parametrize("name", ["histogram", "seeds", "compare"])
def test_it_is_drawn_once_it_is_kept(name):
    guess = widgets.predict("How wide?", between=(0.001, 1), log=True)
    picture = "seeds-weights" if name == "seeds" else "weights"
    widget = guess.over(getattr(widgets, name)("he_normal", shape=(8, 4)), "±x", picture)
    assert "your prediction" not in widget.still()
    guess.predict(0.5)
    assert _predictions(widget) == 1
    widget.study.seed = 1
    assert _predictions(widget) == 1


def _predictions(widget) -> int:
    """How many pictures have a prediction over them."""
    return sum("your prediction" in b64decode(image).decode() for image in findall(r"base64,([^']+)'", widget.still()))


def test_a_factor_is_drawn_over_the_signal_of_a_network():
    guess = widgets.predict("By what factor?", between=(0.5, 2), log=True)
    guess.predict(0.8)
    widget = guess.over(widgets.network("he_normal", depth=4, width=8, seeds=2), "factor", "signal")
    assert _predictions(widget) == 1


def test_sentences_are_chosen_from():
    guess = widgets.predict("What happens?", choices=["It grows.", "It <stays>."])
    assert "It &lt;stays&gt;." in guess.still()
    refused(
        ValueError,
        "a prediction must be one of 'It grows.', 'It <stays>.', got 'no'. Choose one of them.",
        guess.predict,
        "no",
    )
    guess.predict("It grows.")
    assert "Your prediction: It grows." in guess.still()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "predict needs either numbers or sentences, got between=None and choices=(). "
             "Write between=(0, 1), or choices=['it grows', 'it shrinks']."),
        ({"between": (1, 0)}, "between must be the least and the greatest number, got (1, 0). Write (0.01, 1)."),
        ({"between": (0, 0.5, 1)},
         "between must be the least and the greatest number, got (0, 0.5, 1). Write (0.01, 1)."),
        ({"between": "ab"}, "between must be the least and the greatest number, got 'ab'. Write (0.01, 1)."),
        ({"between": (0, 1), "log": True},
         "between must be the least and the greatest number, above 0 where log=True, got (0, 1). Write (0.01, 1)."),
    ],
)  # fmt: skip
def test_a_question_needs_answers(asked, said):
    refused(ValueError, said, widgets.predict, "How?", **asked)


def test_what_cannot_be_kept_or_drawn_over_is_said():
    guess = widgets.predict("How wide?", between=(0, 1))
    refused(ValueError, "a prediction must be a number, got 'wide'. Write for instance 0.0.", guess.predict, "wide")
    assert guess.value is None
    words = "widget must be a widget of initviz, got 3. Write for instance widgets.histogram()."
    refused(TypeError, words, guess.over, 3)
    refused(ValueError, "line must be one of x, ±x, y, factor, got 'z'. Leave it out.", guess.over, widgets.fans(), "z")
