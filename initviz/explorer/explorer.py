"""The explorer: a study on the left, its result on the right, live both ways."""

from functools import partial

import panel as pn
import panel_material_ui as pmui
import param

from initviz.answers.answer import Result, answer
from initviz.explorer.closer import Closer
from initviz.explorer.layout import Deck, side_by_side, wrapping_row
from initviz.explorer.sidebar import Sidebar
from initviz.live.controls import Link
from initviz.live.latest import Latest, Turns
from initviz.live.plot import LivePlot, Words
from initviz.live.task import Task
from initviz.live.updates import is_served, update_page
from initviz.probes import Convolution, Depth, Parity, Precision, Probe, Randomness, Seeds, WholeSpectrum
from initviz.probes.base import ignore
from initviz.study import Study
from initviz.views import probes, text
from initviz.views.fans import fans
from initviz.views.histogram import KINDS as WEIGHTS
from initviz.views.histogram import histogram
from initviz.views.picture import Picture
from initviz.views.spectrum import KINDS as SPECTRA
from initviz.views.spectrum import spectrum

DRAW = "Draw"
"""Title of the first tab."""
SETTLED = 100
"""Milliseconds after new plots until their formulas follow, unless newer plots came."""
LOOK, REST = 400, 1000
"""Milliseconds after new plots until a closer look at them is computed, unless newer plots came; until the draw is
compared with jax's, which would hold up a slow drag."""
TURNS = Turns(0.2)
"""Those of comparing draws with jax's."""


class SparingParity(Parity):
    """The comparison with jax's draw, which jax compiles for every shape: at most `TURNS` of the time of a server."""

    def answer(self, result, progress=ignore):
        """See `Parity`."""
        with TURNS.taken():
            return super().answer(result, progress)


class Shown(param.Parameterized):
    """How results are drawn; nothing of it changes a result."""

    weights = param.Selector(objects=list(WEIGHTS), label="weights as", doc="How the weights are drawn")
    spectrum = param.Selector(objects=list(SPECTRA), label="singular values as", doc="How they are drawn")


class Explorer(pn.viewable.Viewer):
    """An interactive picture of an initializer. `study` may be changed or replaced; `result` is of its state now."""

    study = param.ClassSelector(class_=Study, doc="The settings, headless.")

    def __init__(self, study: Study | None = None, **params):
        super().__init__(study=study or Study(), **params)
        self.shown = Shown()
        self._task = Task(answer, self._show, is_quick=lambda question: question.is_quick)
        self._sidebar = Sidebar(self.study, lambda: self._task.ask(self.study.question))
        self.phone_message = self._sidebar.phone_message
        """The message once more, for a page that hides the settings."""
        words = {"margin": (0, 10), "sizing_mode": "stretch_width"}
        self._headline = Words("", **words)
        self._notes = Words("", **words)
        self._advice = Words("", **words)
        self._arithmetic = Words("", disable_math=False, **words)
        self._table = Words("", **words)
        self._ranks = Words("", **words)
        self._code = Words("", **words)
        self.closer = {DRAW: Closer(SparingParity(), probes.parity)}
        """Closer looks by the title of their tab, from the time it was first opened."""
        self._result = answer(self.study.question)
        self._plots = {picture.name: LivePlot(picture) for picture in self._pictures(self._result)}
        self._deck = self._make_deck()
        self._on_page = False  # or a script would wait for what nobody sees
        self._show(self._result)
        self.shown.param.watch(lambda _: self._redraw(), ["weights", "spectrum"])

    @param.depends("study", watch=True)
    def _study_replaced(self) -> None:
        self._sidebar.unfollow()
        self._sidebar.follow(self.study)
        self._task.ask(self.study.question)

    # -- results ------------------------------------------------------------------------------------------------

    @property
    def result(self) -> Result:
        """The result of the study as it is now, computed at once if it is not on show yet.

        Raises:
            TypeError, ValueError, IndexError: the settings contradict each other.
        """
        if not self._task.current or self._sidebar.failure:
            self._task.ask_now(self.study.question)
        return self._result

    def _show(self, outcome: Result | Exception) -> None:
        """Put a result on the page, or a message that leaves the last good one there."""
        if isinstance(outcome, Exception):
            self._sidebar.say(str(outcome) or type(outcome).__name__)
            return
        self._result = outcome
        self._draw()
        question, plan = outcome.question, outcome.plan
        layer = question.layer.kind.title if question.layer else ""
        self._headline.object = text.headline(question.initializer, plan, question.seed, question.device, layer)
        said = (outcome.notice, text.flattening(outcome.unfolding), outcome.no_spectrum)
        notes = (*plan.warnings, *filter(None, said))
        self._notes.object = text.notice("status", notes)
        self._table.object = text.checks_table(outcome.checks)
        self._advice.object = text.advice(outcome.advice)
        self._sidebar.say("")
        for closer in self.closer.values():
            closer.outdated()
        update_page(partial(self._show_words, outcome), SETTLED)
        self._look_later()

    def _show_words(self, outcome: Result) -> None:
        """The formulas and the code, which a drag does not wait for: they take longer to set than plots to paint."""
        if outcome is self._result:
            self._arithmetic.object = text.arithmetic(outcome.plan)
            self._ranks.object = text.ranks_table(outcome.ranks)
            self._code.object = text.code(outcome.translations)

    def _turn(self) -> None:
        """Another tab is open."""
        for closer in self.closer.values():
            closer.leave()
        self._look(self._result)

    def _look_later(self) -> None:
        update_page(partial(self._look, self._result), REST if self._deck.title == DRAW else LOOK)

    def _look(self, outcome: Result) -> None:
        """The closer look of the open tab; the comparison with jax waits for its turn and lets answers go first, on
        every page: in a class that moves its sliders it would take more time than they do.
        """
        if outcome is not self._result or not self._on_page:
            return
        if self._deck.title == DRAW and is_served() and (Latest.in_flight or not TURNS.granted()):
            self._look_later()
        else:
            self.closer[self._deck.title].look(outcome)

    def _draw(self) -> None:
        for picture in self._pictures(self._result):
            self._plots[picture.name].show(picture)

    def _redraw(self) -> None:
        """The result on show and closer looks at it, in the chosen way."""
        self._draw()
        for closer in self.closer.values():
            closer.redraw()

    def _pictures(self, result: Result) -> tuple[Picture, ...]:
        return (
            histogram(result, kind=self.shown.weights),
            spectrum(result, kind=self.shown.spectrum),
            fans(result.plan.shape, result.plan.roles),
        )

    # -- layout -------------------------------------------------------------------------------------------------

    @property
    def controls(self) -> pn.Column:
        """All settings, the busy bar and the message."""
        return pn.Column(self._task.indicator, self._sidebar.message, self._sidebar.widgets,
                         sizing_mode="stretch_width")  # fmt: skip

    @property
    def pictures(self) -> pn.Column:
        """Headline, and tabs of the draw and of closer looks at it, which are computed from now on."""
        self._on_page = True
        self._look_later()
        return pn.Column(self._headline, self._notes, self._deck.layout, sizing_mode="stretch_width")

    def _make_deck(self) -> Deck:
        views = {
            Seeds: lambda found: probes.seeds(found, self.shown.spectrum),
            WholeSpectrum: lambda found: probes.whole(found, self.shown.spectrum),
            Convolution: lambda found: probes.convolution(found, self.shown.spectrum),
            Depth: probes.depth,
            Precision: probes.precision,
            Randomness: probes.randomness,
        }
        looks = {probe.title: partial(self._closer_tab, probe, view) for probe, view in views.items()}
        return Deck({DRAW: self._draw_tab} | looks, self._turn)

    def _closer_tab(self, probe: type[Probe], view) -> pn.Column:
        closer = self.closer[probe.title] = Closer(probe(), view)
        if probe is Randomness:
            closer.layout.insert(0, self._sidebar.randomness)
        return closer.layout

    def _draw_tab(self) -> pn.Column:
        wide = {"sizing_mode": "stretch_width"}
        parity = pn.Column(self.closer[DRAW].layout, styles={"flex": "1 1 380px", "min-width": "0"})
        choices = (self._choice("weights"), self._choice("spectrum"))
        ways = wrapping_row(parity, *choices, **{"align-items": "center"})
        plots = side_by_side(self._plots["weights"], self._plots["spectrum"])
        words = side_by_side(pn.Column(self._arithmetic, self._ranks, **wide), self._table, widths=(380, 540))
        foreign = Words(text.defaults(), margin=(0, 10), **wide)
        folded = pmui.Accordion((text.CODE, self._code), (text.FOREIGN, foreign), margin=10, **wide,
            sx={"& .MuiAccordionSummary-content *": {"fontSize": "1rem", "fontWeight": 600},
                "& .MuiCollapse-hidden": {"display": "none"}},  # or its buttons could be reached, unseen, by keyboard
        )  # fmt: skip
        return pn.Column(ways, plots, self._plots["fans"], self._advice, words, folded, **wide)

    def _choice(self, name: str) -> pmui.Select:
        """A menu of the ways to draw."""
        parameter = self.shown.param[name]
        widget = pmui.Select(label=parameter.label, value=parameter.default, options=list(parameter.objects),
                             size="small", width=170, margin=(8, 10))  # fmt: skip
        return Link(self.shown, name, widget, str, str, lambda name, message: None).widget

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
