"""The explorer: a study on the left, its result on the right, live both ways."""

import asyncio
from collections.abc import Callable
from functools import partial
from html import escape

import jax
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.document import Document

from initviz.engine import Cancelled
from initviz.explorer.controls import REFUSALS, argument_links, size_slider, study_links
from initviz.explorer.latest import Latest
from initviz.explorer.live import LivePlot
from initviz.explorer.serving import update_page
from initviz.settings import LARGEST_SEED
from initviz.study import Question, Result, Study, answer
from initviz.views.fans import fans
from initviz.views.histogram import histogram
from initviz.views.picture import Picture
from initviz.views.spectrum import spectrum
from initviz.views.text import CODE, FOREIGN, advice, arithmetic, checks_table, code, defaults, flattening, headline

FAILURES = (*REFUSALS, MemoryError, jax.errors.JaxRuntimeError)
SETTLED = 100
"""Milliseconds after new plots until their formulas follow, unless newer plots came."""


def _notice(role: str, colour: str, messages) -> str:
    """A box of messages that a screen reader announces; nothing without messages."""
    if not messages:
        return ""
    text = "".join(f"<p style='margin: 0.2rem 0'>{escape(message)}</p>" for message in messages)
    return f"<div role='{role}' style='border-left: 4px solid {colour}; padding: 0.2rem 0.7rem'>{text}</div>"


def _side_by_side(*panes) -> pn.FlexBox:
    """Panes in a row that wraps where it gets narrow."""
    boxes = [pn.Column(pane, styles={"flex": "1 1 400px", "min-width": "0"}) for pane in panes]
    return pn.FlexBox(*boxes, sizing_mode="stretch_width")


def _outcome(question: Question, progress: Callable[[float], None] = lambda share: None) -> Result | Exception:
    """The result of a question, or why there is none: `Cancelled` where `progress` gave it up on the way."""
    try:
        return answer(question, progress)
    except (*FAILURES, Cancelled) as failure:
        return failure


class Explorer(pn.viewable.Viewer):
    """An interactive picture of an initializer. `study` may be changed or replaced; `result` is of its state now."""

    study = param.ClassSelector(class_=Study, doc="The settings, headless.")

    def __init__(self, study: Study | None = None, **params):
        super().__init__(study=study or Study(), **params)
        self._number = 0  # of the latest question
        self._shown = -1  # of the one on show
        self._refused: dict[str, str] = {}
        self._failure = ""
        self._tasks: set[asyncio.Task] = set()  # the event loop itself keeps only weak references
        self._latest = Latest(self._compute, self._arrived, self._set_busy)
        self._build()

    # -- settings -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        wide = {"sizing_mode": "stretch_width"}
        self._message = pn.pane.HTML("", name="message", margin=(5, 10), **wide)
        self.phone_message = pn.pane.HTML("", margin=(5, 10), **wide)
        """The message once more, for a page that hides the settings."""
        self._busy_bar = pmui.LinearProgress(active=True, visible=False, sizing_mode="stretch_width", margin=0)
        self._arguments = pn.Column(**wide)
        self._sizes = pn.FlexBox(**wide)
        self._layer_sizes = pn.Column(**wide)
        self._advice = pn.pane.HTML("", margin=(0, 10), **wide)
        self._code = pn.pane.HTML("", margin=(0, 10), **wide)
        self._settings = pn.Column(**wide)
        self._headline = pn.pane.HTML("", margin=(0, 10), **wide)
        self._arithmetic = pn.pane.HTML("", disable_math=False, margin=(0, 10), **wide)
        self._notes = pn.pane.HTML("", margin=(0, 10), **wide)
        self._table = pn.pane.HTML("", margin=(0, 10), **wide)
        first = answer(self.study.question)
        pictures = self._pictures(first)
        self._plots = {picture.name: LivePlot(picture) for picture in pictures}
        self._result = first
        self._follow_study()
        self._show(first, self._number)

    @param.depends("study", watch=True)
    def _study_replaced(self) -> None:
        self._unfollow()
        self._follow_study()
        self._changed()

    def _follow_study(self) -> None:
        study = self.study
        self._links = study_links(study, self._report)
        self._watchers = [
            study.param.watch(self._initializer_replaced, "initializer"),
            study.param.watch(lambda _: self._follow_layer(), "layer"),
            study.param.watch(self._shape_changed, "shape"),
            study.param.watch(self._changed, ["shape", "dtype", "seed", "device", "asked_layer"]),
        ]
        new_sample = pmui.Button(label="new sample", variant="outlined", margin=(12, 10))
        new_sample.on_click(lambda _: update_page(self._new_sample))
        widgets = {name: link.widget for name, link in self._links.items()}
        self._settings[:] = [
            widgets["function"], self._arguments, widgets["layer_kind"], self._layer_sizes, widgets["shape"],
            self._sizes, widgets["dtype"], widgets["device"],
            pn.Row(widgets["seed"], new_sample, sizing_mode="stretch_width"),
        ]  # fmt: skip
        self._argument_links: list = []
        self._layer_links: list = []
        self._follow_initializer()
        self._follow_layer()

    def _unfollow(self) -> None:
        for link in (*self._links.values(), *self._argument_links, *self._layer_links):
            link.close()
        for watcher in self._watchers:
            watcher.inst.param.unwatch(watcher)
        self._initializer.param.unwatch(self._initializer_watcher)

    def _follow_initializer(self) -> None:
        for link in self._argument_links:
            link.close()
        self._initializer = self.study.initializer
        self._argument_links = argument_links(self._initializer, self._report)
        self._initializer_watcher = self._initializer.param.watch(self._changed, list(self._initializer.arguments))
        self._arguments[:] = [link.view for link in self._argument_links]

    def _initializer_replaced(self, _event) -> None:
        self._initializer.param.unwatch(self._initializer_watcher)
        self._follow_initializer()
        self._changed()

    def _follow_layer(self) -> None:
        """The sizes of the layer in place of those of a raw shape."""
        for link in self._layer_links:
            link.close()
        self._layer_links = argument_links(self.study.layer, self._report) if self.study.layer else []
        self._layer_sizes[:] = [link.view for link in self._layer_links]
        self._make_sliders()

    def _shape_changed(self, event) -> None:
        if len(event.new) != len(self._sliders):
            self._make_sliders()
            return
        for slider, size in zip(self._sliders, event.new, strict=True):
            slider.param.update(start=min(slider.start, size), end=max(slider.end, size), value=size)

    def _make_sliders(self) -> None:
        self._sliders = [size_slider(self.study, axis, self._report) for axis in range(len(self.study.shape))]
        self._sizes[:] = [] if self.study.layer else self._sliders

    def _new_sample(self) -> None:
        self.study.seed = (self.study.seed + 1) % (LARGEST_SEED + 1)

    def _report(self, name: str, message: str) -> None:
        if self._refused.get(name, "") != message:
            self._refused[name] = message
            self._show_message()

    def _show_message(self) -> None:
        messages = dict.fromkeys(filter(None, (*self._refused.values(), self._failure)))
        self._message.object = _notice("alert", "#D55E00", messages)
        self.phone_message.object = _notice("note", "#D55E00", messages)

    # -- results ------------------------------------------------------------------------------------------------

    @property
    def result(self) -> Result:
        """The result of the study as it is now, computed at once if it is not on show yet.

        Raises:
            TypeError, ValueError, IndexError: the settings contradict each other.
        """
        if self._shown != self._number or self._failure:
            outcome = _outcome(self.study.question)
            self._arrived((self._number, outcome))
            if isinstance(outcome, Exception):
                raise outcome
        return self._result

    def _changed(self, *_events) -> None:
        """Ask for a new result: in the background where an event loop runs, at once elsewhere."""
        self._number += 1
        number, question, document = self._number, self.study.question, pn.state.curdoc
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._arrived((number, _outcome(question)))
            return
        # A task of our own starts about 40 ms earlier than Panel's executor, which waits for the next tick.
        task = loop.create_task(self._latest.request((number, question, document)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _compute(self, request: tuple[int, Question, Document | None]) -> tuple[int, Result | Exception]:
        """The outcome of a request, in a thread: shows how far it is, and is given up once a newer one is waiting."""
        number, question, document = request

        def progress(share: float) -> None:
            if self._number != number:
                raise Cancelled
            if document is not None:
                shown = {"variant": "determinate", "value": round(100 * share)}
                update_page(partial(self._busy_bar.param.update, shown), document=document)

        return number, _outcome(question, progress)

    def _set_busy(self, busy: bool) -> None:
        update_page(partial(self._busy_bar.param.update, visible=busy, variant="indeterminate"))

    def _arrived(self, numbered: tuple[int, Result | Exception]) -> None:
        number, outcome = numbered
        if number >= self._shown and not isinstance(outcome, Cancelled):
            update_page(partial(self._show, outcome, number))

    def _show(self, outcome: Result | Exception, number: int) -> None:
        """Put a result on the page, or a message that leaves the last good one there."""
        self._shown = number
        if isinstance(outcome, Exception):
            self._failure = str(outcome) or type(outcome).__name__
            self._show_message()
            return
        self._result = outcome
        for picture in self._pictures(outcome):
            self._plots[picture.name].show(picture)
        question, plan = outcome.question, outcome.plan
        layer = question.layer.kind.title if question.layer else ""
        self._headline.object = headline(question.initializer, plan, question.seed, question.device, layer)
        notes = (*plan.warnings, *filter(None, (flattening(outcome.unfolding), outcome.no_spectrum)))
        self._notes.object = _notice("status", "#56B4E9", notes)
        self._table.object = checks_table(outcome.checks)
        self._advice.object = advice(outcome.advice)
        if self._failure:
            self._failure = ""
            self._show_message()
        update_page(partial(self._show_words, outcome), SETTLED)

    def _show_words(self, outcome: Result) -> None:
        """The formulas and the code, which a drag does not wait for: they take longer to set than plots to paint."""
        if outcome is self._result:
            self._arithmetic.object = arithmetic(outcome.plan)
            self._code.object = code(outcome.translations)

    def _pictures(self, result: Result) -> tuple[Picture, ...]:
        size = result.unfolding.size if result.unfolding else (0, 0)
        return (
            histogram(result.summary, result.plan.ensemble.marginal, result.question.dtype),
            spectrum(result.singular_values, result.spectrum, size),
            fans(result.plan.shape, result.plan.roles),
        )

    # -- layout -------------------------------------------------------------------------------------------------

    @property
    def controls(self) -> pn.Column:
        """All settings, the busy bar and the message."""
        return pn.Column(self._busy_bar, self._message, self._settings, sizing_mode="stretch_width")

    @property
    def pictures(self) -> pn.Column:
        """Headline, plots, arithmetic and table."""
        plots = _side_by_side(self._plots["weights"], self._plots["spectrum"])
        words = _side_by_side(self._arithmetic, self._table)
        foreign = pn.pane.HTML(defaults(), margin=(0, 10), sizing_mode="stretch_width")
        folded = pmui.Accordion((CODE, self._code), (FOREIGN, foreign), sizing_mode="stretch_width", margin=10,
            sx={"& .MuiAccordionSummary-content *": {"fontSize": "1rem", "fontWeight": 600}},
        )  # fmt: skip
        return pn.Column(
            self._headline, self._notes, plots, self._plots["fans"], self._advice, words, folded,
            sizing_mode="stretch_width",
        )  # fmt: skip

    def __panel__(self):
        return pn.Row(pn.Column(self.controls, width=300), self.pictures, sizing_mode="stretch_width", min_height=600)


def explore(function: str = "he_normal", **settings) -> Explorer:
    """An explorer for a notebook cell: `explore("he_normal", shape=(3, 3, 64, 128))`.

    Args:
        function: a reference name.
        settings: shape, dtype, seed and device, and any argument of the initializer, such as `stddev=0.02`.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    pn.extension("mathjax", inline=True)  # else a notebook asks foreign hosts for the page's scripts
    return Explorer(Study(function, **settings))
