"""A prediction that the reader makes before the answer is shown, and that stays as it was made."""

from collections.abc import Sequence
from html import escape
from numbers import Real

import numpy as np
import panel_material_ui as pmui
import param

from initviz.live.internals import Words
from initviz.live.notebook import Cell, Kept, ready
from initviz.live.outputs import Watched
from initviz.live.updates import update_page
from initviz.settings.texts import rounded
from initviz.views.picture import Picture
from initviz.views.prediction import check_line, predicted
from initviz.views.still import buttons, slider
from initviz.views.text import paragraph
from initviz.widgets.base import WIDEST, Widget
from initviz.wording import plain, quoted

STEPS = 60
"""Into how many steps the stretch of numbers is divided that can be predicted."""
OPEN = "Nothing is predicted yet: choose, then press the button."
KEPT = "Your prediction: {}. It stays as it is; run this cell again to predict anew."
UNDECIDED = "Decide and write it down before you read on: what follows shows the answer. This page keeps nothing."


class Prediction(Cell):
    """A question, something to set, and a button that keeps what is set. `value` is what was kept; None before.

    Args:
        question: what is asked.
        options: what can be predicted: numbers in their order, or sentences.
    """

    value = param.Parameter(None, doc="What was predicted; None until it is kept.")

    def __init__(self, question: str, options: Sequence[float] | Sequence[str]):
        ready()
        super().__init__()
        self.question, self.options = question, list(options)
        numbers = not isinstance(self.options[0], str)
        field = {"label": "your prediction", "margin": (0, 10), "sizing_mode": "stretch_width", "max_width": 420}
        self._field = (
            pmui.DiscreteSlider(options=self.options, value=self.options[STEPS // 2], **field)
            if numbers
            else pmui.RadioBoxGroup(options=self.options, value=self.options[0], **field)
        )
        self._said = Words(paragraph(OPEN), margin=(0, 10), sizing_mode="stretch_width")
        self._button = pmui.Button(label="keep my prediction", variant="outlined", margin=(4, 10))
        self._button.on_click(lambda _: update_page(self._keep))
        asked = Words(_asked(question), margin=(0, 10), sizing_mode="stretch_width")
        self._keeper = Kept(self.still)
        keeper = self._keeper
        self._place = Watched(
            asked, self._field, self._button, self._said, promised=keeper.promise, failed=keeper.withdraw,
            displayed=keeper.display, cleared=keeper.forget, sizing_mode="stretch_width", max_width=WIDEST,
        )  # fmt: skip

    def __panel__(self):
        return self._place

    def predict(self, value: float | str) -> None:
        """Keep this as the prediction, as the button does with what is set.

        Raises:
            ValueError: no such sentence can be chosen, it is no number, or something has been kept already.
        """
        if self.value is not None:
            raise ValueError(f"a prediction stays as it was made, got {value!r} after {self.value!r}. Make a new one.")
        if isinstance(self.options[0], str) and value not in self.options:
            choices = ", ".join(map(repr, self.options))
            raise ValueError(f"a prediction must be one of {choices}, got {value!r}. Choose one of them.")
        if not isinstance(self.options[0], str) and not (isinstance(value, Real) and np.isfinite(value)):
            raise ValueError(
                f"a prediction must be a number, got {quoted(value)}. Write for instance {self.options[0]}."
            )
        self.value = value
        update_page(self._close)

    def over(self, widget: Widget, line: str = "x", picture: str = "") -> Widget:
        """The widget, which draws the prediction over its picture once it is kept.

        Args:
            widget: what shows what came of it.
            line: how a number is drawn: "x" or "y", where it lies on that axis; "±x", on both sides of 0; "factor", as
                what grows by it at every step.
            picture: over which picture, by name, of a widget that has several; by default over each.

        Raises:
            TypeError: what should show it is no widget of initviz.
            ValueError: there is no such line.
        """
        if not isinstance(widget, Widget):
            raise TypeError(
                f"widget must be a widget of initviz, got {quoted(widget)}. Write for instance widgets.histogram()."
            )
        check_line(line)

        def over(drawn: Picture) -> Picture:
            told = self.value is not None and picture in ("", drawn.name)
            return predicted(drawn, self.value, line) if told else drawn

        widget.lay_over(over)
        self.param.watch(lambda _: update_page(widget.redraw), "value")
        return widget

    def still(self) -> str:
        """The question, with something to set that needs no kernel; or what was predicted."""
        if self.value is not None:
            return _asked(self.question) + paragraph(KEPT.format(self._text))
        field = (
            buttons(self.question, self.options)
            if isinstance(self.options[0], str)
            else slider(self.question, list(map(plain, self.options)), STEPS // 2)
        )
        return _asked(self.question) + field + paragraph(UNDECIDED)

    @property
    def _text(self) -> str:
        return self.value if isinstance(self.value, str) else plain(self.value)

    def _keep(self) -> None:
        if self.value is None:
            self.predict(self._field.value)

    def _close(self) -> None:
        self._field.disabled = self._button.disabled = True
        self._said.object = paragraph(KEPT.format(self._text))
        self._keeper.renew()


def _asked(question: str) -> str:
    return f"<p style='margin: 0.3rem 0'><b>{escape(question)}</b></p>"


def predict(
    question: str, between: tuple[float, float] | None = None, choices: Sequence[str] = (), log: bool = False
) -> Prediction:
    """A question to answer before anything is measured: a number on a slider, or one of several sentences.

    >>> guess = predict("What is the standard deviation?", between=(0.001, 1), log=True)
    >>> guess.predict(0.05)
    >>> guess.value
    0.05

    Args:
        question: what is asked.
        between: the least and the greatest number that can be predicted.
        choices: sentences, instead of numbers.
        log: whether numbers are as far apart as their logarithms.

    Raises:
        ValueError: neither numbers nor sentences are given, or numbers that are no stretch of such an axis.
    """
    if (between is None) == (not choices) or isinstance(choices, str):
        raise ValueError(
            f"predict needs either numbers or sentences, got between={between!r} and choices={choices!r}. "
            "Write between=(0, 1), or choices=['it grows', 'it shrinks']."
        )
    if between is None:
        return Prediction(question, list(map(str, choices)))
    try:
        low, high = map(float, between)
    except (TypeError, ValueError):  # not two, or no numbers
        low = high = np.nan
    if not (np.isfinite([low, high]).all() and low < high and (low > 0 or not log)):
        above = ", above 0 where log=True" * log
        raise ValueError(f"between must be the least and the greatest number{above}, got {between!r}. Write (0.01, 1).")
    space = np.geomspace if log else np.linspace
    return Prediction(question, [rounded(number, 3) for number in space(low, high, STEPS + 1)])
