"""A closer look at the draw on show: a probe with its settings, computed only while its tab is open."""

from collections.abc import Callable

import panel as pn

from initviz.answers.answer import Answer
from initviz.explorer.layout import side_by_side
from initviz.live.controls import argument_links
from initviz.live.plot import LivePlot, Words
from initviz.live.task import Task
from initviz.probes import Probe
from initviz.views.picture import Picture
from initviz.views.text import notice

STALE, FRESH = {"opacity": "0.45"}, {"opacity": "1"}


class Closer:
    """One probe on the page: `layout`. `look(result)` is called with the draw on show while the tab is open.

    Args:
        probe: what computes the answer.
        view: the pictures and the HTML of an answer.
    """

    def __init__(self, probe: Probe, view: Callable[..., tuple[tuple[Picture, ...], str]]):
        self.probe, self._view = probe, view
        self._result: Answer | None = None
        self._answer = None
        self._open = self._drawn = False
        self._refused: dict[str, str] = {}
        self._failure = ""
        self.task = Task(lambda asked, progress: asked[0].answer(asked[1], progress), self._show)
        wide = {"sizing_mode": "stretch_width"}
        self.message = Words("", margin=(0, 10), **wide)
        self._plots: dict[str, LivePlot] = {}
        self._pictures = pn.Column(**wide)
        self.words = Words("", margin=(0, 10), **wide)
        self.links = argument_links(probe, self._report)
        self._outcome = pn.Column(self._pictures, self.words, **wide)
        settings = [pn.Column(link.view, max_width=420, **wide) for link in self.links]
        self.layout = pn.Column(*settings, self.task.indicator, self.message, self._outcome, **wide)
        if probe.arguments:
            probe.param.watch(lambda *_: self._ask(), list(probe.arguments))

    def look(self, result: Answer) -> None:
        """Show the answer for this draw, computing it if it is not on show; the tab is open from now on."""
        self._open = True
        if result is not self._result:
            self._result = result
            self._ask()
        elif self._answer is not None and not self._drawn:
            self._draw(self._answer)

    def leave(self) -> None:
        """The tab is closed: nothing is computed or drawn until the next look."""
        self._open = False
        if not self.task.current:
            self._result = None
            self.task.leave()

    def outdated(self) -> None:
        """Dim what is shown, which belongs to an earlier draw."""
        self._result = None
        self.task.leave()
        self._dim()
        if self._failure:
            self._failure = ""
            self._show_message()

    def redraw(self) -> None:
        """Show the answer again, in another way."""
        self._drawn = False
        if self._answer is not None and self._open:
            self._draw(self._answer)

    def _ask(self) -> None:
        if self._result is not None:
            self._dim()
            self._failure = ""
            self._show_message()
            self.task.ask((self.probe.frozen(), self._result))

    def _dim(self) -> None:
        if self._answer is not None:
            self._outcome.styles = STALE

    def _report(self, name: str, message: str) -> None:
        self._refused[name] = message
        self._show_message()

    def _show_message(self) -> None:
        self.message.object = notice("alert", list(filter(None, (*self._refused.values(), self._failure))))

    def _show(self, outcome) -> None:
        """The answer; or a message, which leaves no old answer beside it."""
        self._failure = (str(outcome) or type(outcome).__name__) if isinstance(outcome, Exception) else ""
        self._show_message()
        self._answer = None
        self._outcome.visible = not self._failure
        if not self._failure:
            self._draw(outcome)
            self._answer = outcome
            self._outcome.styles = FRESH

    def _draw(self, answer) -> None:
        pictures, self.words.object = self._view(answer)
        if [picture.name for picture in pictures] != list(self._plots):
            self._plots = {picture.name: LivePlot(picture) for picture in pictures}
            self._pictures[:] = [side_by_side(*self._plots.values())] if pictures else []
        for picture in pictures:
            self._plots[picture.name].show(picture)
        self._drawn = True
