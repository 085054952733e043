"""The settings of a study as widgets, which follow it, and the message about what cannot be used."""

from collections.abc import Callable
from html import escape

import panel as pn
import panel_material_ui as pmui

from initviz.live.controls import argument_links, size_slider, study_links
from initviz.live.internals import Words
from initviz.live.updates import update_page
from initviz.live.watching import watch
from initviz.settings.choices import LARGEST_SEED
from initviz.study import Study
from initviz.views.text import notice
from initviz.widgets.fold import Fold
from initviz.widgets.layout import wrapping_row

FOOT = {
    "position": "sticky", "bottom": "0", "z-index": "2", "background": "var(--panel-surface-color)",
    "border-top": "1px solid rgba(128, 128, 128, 0.4)", "padding-top": "8px",
}  # fmt: skip
"""How the seed and the button for another stay in sight, however far the settings are scrolled."""


class Sidebar:
    """Every setting of a study.

    Args:
        study: the settings.
        told: called after every change of what is refused.
    """

    def __init__(self, study: Study, told: Callable[[], object] = lambda: None):
        self._told = told
        wide = {"sizing_mode": "stretch_width"}
        self.message = Words("", name="message", margin=(5, 10), **wide)
        self.phone_message = Words("", margin=(5, 10), **wide)
        """The message once more, for a page that hides the settings."""
        self._given = pn.Column(**wide)
        """Whose weights are shown, where they are not drawn."""
        self._arguments = pn.Column(**wide)
        self._sizes = wrapping_row()
        self._layer_sizes = pn.Column(**wide)
        self.widgets = pn.Column(**wide)
        self.foot = wrapping_row(**FOOT)
        """The seed, and the button for the next one."""
        self._axes = pn.Column(**wide)
        self.fold = Fold("advanced")
        """What few need."""
        self.randomness = wrapping_row()
        """What the weights are drawn by, shown beside what the choices are."""
        self._refused: dict[str, str] = {}
        self.failure = ""
        """Why there is no result for the settings; empty if there is one."""
        self._is_older = False  # the failure, than what a widget shows
        self.follow(study)

    def follow(self, study: Study) -> None:
        """Show the settings of this study from now on."""
        self.study = study
        self.links = study_links(study, self._report, "function", "layer", "shape", "dtype", "device", "seed")
        chosen_by = study_links(study, self._report, "generator", "partitionable")
        self.randomness[:] = [link.widget for link in chosen_by.values()]
        self._watchers = [
            watch(study, self._follow_initializer, "initializer"),
            watch(study, self._follow_layer, "layer"),
            watch(study, self._follow_shape, "question"),
            watch(study, self._follow_weights, "weights"),
            watch(study, self._say_folded, "question"),
        ]
        new_sample = pmui.Button(label="new sample", variant="outlined", margin=(12, 10))
        new_sample.on_click(lambda _: update_page(self.new_sample))
        widgets = {name: link.widget for name, link in self.links.items()}
        where = [widgets["layer"], self._layer_sizes, widgets["shape"], self._sizes]
        self._of_draws = [*where, widgets["dtype"], widgets["device"], self.foot]
        self.fold.hold([self._axes, widgets["dtype"], widgets["device"]])
        self.widgets[:] = [self._given, widgets["function"], self._arguments, *where, self.fold.layout]
        self.foot[:] = [pn.Column(widgets["seed"], styles={"flex": "1 1 7rem", "min-width": "0"}), new_sample]
        self.links |= chosen_by
        self.argument_links: list = []
        self.layer_links: list = []
        self.size_links: list = []
        self._sizes[:] = []
        self._follow_initializer()
        self._follow_layer()
        self._follow_weights()

    def unfollow(self) -> None:
        """Stop following the study."""
        for link in (*self.links.values(), *self.argument_links, *self.layer_links, *self.size_links):
            link.close()
        for watcher in self._watchers:
            watcher.inst.param.unwatch(watcher)

    def new_sample(self) -> None:
        """Go on to the next seed."""
        self.study.seed = (self.study.seed + 1) % (LARGEST_SEED + 1)

    def draw_instead(self) -> None:
        """Draw weights like those that were given."""
        self.study.weights = None

    def say(self, failure: str) -> None:
        """Show why there is no new result; nothing for an empty text."""
        if failure != self.failure:
            self.failure, self._is_older = failure, False
            self._show_message()

    @property
    def refuses(self) -> bool:
        """Whether a widget shows what could not be set."""
        return any(message for name, message in self._refused.items() if name)

    def say_once(self, message: str) -> None:
        """Show a message until what is asked changes."""
        self._report("", message)

    def _follow_initializer(self, *_events) -> None:
        for link in self.argument_links:
            link.close()
        initializer = self.study.initializer
        self.argument_links = argument_links(initializer, self._report)
        for place, folded in ((self._arguments, False), (self._axes, True)):
            place[:] = [link.view for link in self.argument_links if initializer.param[link.name].folded == folded]
        self._say_folded()

    def _follow_layer(self, *_events) -> None:
        for link in self.layer_links:
            link.close()
        self.layer_links = argument_links(self.study.layer, self._report)
        self._layer_sizes[:] = [link.view for link in self.layer_links]
        self._follow_shape()

    def _say_folded(self, *_events) -> None:
        """Say the values of what is folded away."""
        study, initializer = self.study, self.study.initializer
        knobs = [initializer.param[name] for name in initializer.arguments]
        said = [f"{knob.name} {knob.text(getattr(initializer, knob.name))}" for knob in knobs if knob.folded]
        drawn = [study.dtype, study.device] if study.weights is None else []
        self.fold.say([*said, *drawn])

    def _follow_weights(self, *_events) -> None:
        """Say whose weights are shown; of what somebody brought, nothing but the law to compare with can be chosen."""
        drawn = self.study.weights is None
        for place in (*self._of_draws, self.randomness):
            place.visible = drawn
        self._say_folded()
        if drawn:
            self._given[:] = []
            return
        draw = pmui.Button(label="draw instead", variant="outlined", margin=(0, 10))
        draw.on_click(lambda _: update_page(self.draw_instead))
        name = escape(self.study.weights_name)
        whose, verb = (name, "is") if name else ("Your weights", "are")
        said = f"{whose} of shape {self.study.shape} {verb} shown, not a draw."
        self._given[:] = [Words(said, margin=(5, 10)), draw]

    def _follow_shape(self, *_events) -> None:
        """A slider for every size of a raw shape that is drawn."""
        self.say_once("")
        drawn = self.study.weights is None and not self.study.layer.sums
        sizes = self.study.shape if drawn else ()
        if len(sizes) != len(self.size_links):
            for link in self.size_links:
                link.close()
            self.size_links = [size_slider(self.study, axis, self._report) for axis in range(len(sizes))]
            self._sizes[:] = [link.widget for link in self.size_links]

    def _report(self, name: str, message: str) -> None:
        if self._refused.get(name, "") != message:
            self._refused[name] = message
            self._is_older = self._is_older or bool(name and message)
            self._show_message()
            self._told()

    def _show_message(self) -> None:
        failure = "" if self._is_older and self.refuses else self.failure  # of what has been typed over, maybe
        messages = list(dict.fromkeys(filter(None, (*self._refused.values(), failure))))
        self.message.object = notice("alert", messages)
        self.phone_message.object = notice("note", messages)
