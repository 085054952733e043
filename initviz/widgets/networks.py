"""A whole network at initialization, as a part of the page or a widget of its own."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from initviz.live.feed import REFUSALS, Feed
from initviz.live.internals import Words
from initviz.live.plot import LivePlot
from initviz.live.updates import update_page
from initviz.live.watching import watch
from initviz.networks.answer import NetworkAnswer, answer_network
from initviz.networks.network import THIS_NETWORK, Network
from initviz.networks.recipes import RECIPES, recipe_dots
from initviz.networks.study import OTHER, NetworkStudy, with_residual
from initviz.settings.codec import unknown
from initviz.study import Study
from initviz.study.codec import OF_NETWORKS
from initviz.study.study import PASSED
from initviz.views import network_words as words
from initviz.views.network import activations, correlation, gradient, gradients, jacobian_spectrum, signal, units
from initviz.views.phases import Dot, phase_diagram
from initviz.views.picture import Picture
from initviz.views.shown import stem_of_network
from initviz.widgets.base import Widget, one_feed, shared
from initviz.widgets.closer import Closer
from initviz.widgets.layout import CONCLUSION, in_rows, wrapping_row
from initviz.widgets.trials import Training
from initviz.wording import near


def room_of(study: Study, only: Sequence[str] = ()) -> "Room":
    """The network of a study, of whose initializer and seed it is; all views of it share a feed."""
    return Room(shared(study.network, lambda settings: Feed(settings, answer_network, lambda question: False)), only)


class Room:
    """The lab of a feed of a network: its `closer`, with the verdict and a button that mends.

    Args:
        feed: of the network of a study, which has its seed.
        only: names of the pictures to draw, without training and the table of gains; empty for everything.
    """

    def __init__(self, feed: Feed, only: Sequence[str] = ()):
        self.feed, self._only = feed, tuple(only)
        self._place = NOWHERE
        """The dot as it is drawn."""
        self._moved = (np.nan, np.nan)
        """Where the dot was dragged last."""
        wide = {"sizing_mode": "stretch_width"}
        self._title, self._legend = Words("", margin=(0, 10), **wide), Words("", margin=(0, 10), **wide)
        self._verdict, self._mend = (Words("", margin=0, **wide, **CONCLUSION) for _ in range(2))
        self.apply = pmui.Button(
            label="apply the mend", variant="outlined", margin=(2, 10), visible=False, **CONCLUSION
        )
        self.apply.on_click(lambda _: update_page(self._apply))
        head = wrapping_row(pn.Column(self._title, styles=TITLE), self.apply, **HEAD)
        card = wrapping_row(pn.Column(self._verdict, styles=SAID), pn.Column(self._mend, styles=DONE), **CARD)
        told = Words(words.pictures(), margin=(0, 10), **wide)
        named = {NO_RECIPE: ""} | {recipe.title: name for name, recipe in RECIPES.items()}
        self.recipe = pmui.Select(label="recipe", options=named, value="", sizing_mode="stretch_width")
        self.recipe.param.watch(lambda event: update_page(partial(self._choose, event.new)), "value")
        self._said = Words("", disable_math=False, margin=(0, 10), **wide)
        self._chosen: tuple = ("", None)
        self.training = Training(feed)
        watch(feed, self._follow, "settings")
        above = (head, card, self._legend, *([] if only else [told]))
        self.closer = Closer(
            feed, self._view, [], above=above, arrange=self._arranged, plot=self._plot, without=("seed",), idle=_idle,
            folded=FOLDED, inner=None if only else self.training.closer,
            stem=lambda found: stem_of_network(found.question),
        )  # fmt: skip

    def _arranged(self, settings: list) -> list:
        return [*in_rows([self.recipe, *settings]), self._said]

    def _follow(self, _event) -> None:
        self.training.closer.follow(self.feed.settings.trial)

    def _choose(self, name: str) -> None:
        """Have the settings of a recipe, at the depth and width there are."""
        if name and name != self._chosen[0]:
            study, recipe = self.feed.settings, RECIPES[name]
            sizes = study.depth, recipe.at_most(study.width)
            study.take(recipe.start(*sizes, seed=study.seed))
            study.lsuv = recipe.rescales
            self._chosen = name, study.question
            self._said.object = words.recipe(recipe, *sizes)

    def _forget_recipe(self) -> None:
        """Name no recipe beside other settings than its own."""
        name, question = self._chosen
        if name and question != self.feed.settings.question:
            self._chosen, self._said.object = ("", None), ""
            self.recipe.value = ""

    def _plot(self, picture: Picture) -> LivePlot:
        return LivePlot(picture, THIS_NETWORK, self._dragged) if picture.name == "phases" else LivePlot(picture)

    def _dragged(self, weight_variance: float, bias_variance: float) -> None:
        """Take a new place of the dot; what the page was told itself is none."""
        place = weight_variance, bias_variance
        if not np.allclose(place, self._place[1:]):
            self._moved = place
            update_page(partial(self._move, place))

    def _move(self, place: tuple[float, float]) -> None:
        if place is self._moved:
            self.feed.settings.move(*place)

    def _view(self, found: NetworkAnswer) -> tuple[tuple[Picture, ...], str]:
        self._forget_recipe()
        self.training.compare()
        self._title.object, self._legend.object = words.heading(found), words.legend(found)
        self._verdict.object, self._mend.object = words.verdict(found), words.mend(found)
        self.apply.visible = found.verdict.mend is not None
        dots = self._here(found)
        self._place = dots[0] if dots else NOWHERE
        pictures = pictures_of(found, dots)
        if self._only:
            return tuple(picture for picture in pictures if picture.name in self._only), ""
        return pictures, words.gains_table(found.network.activation, found.gains)

    def _here(self, found: NetworkAnswer) -> list[Dot]:
        """The dot of the settings, under the hand of who drags it; of the answer, if the settings cannot be."""
        with suppress(*REFUSALS):
            question = self.feed.settings.question
            return [] if question.lsuv else here(question.network)
        return here(found.network)

    def kept(self) -> str:
        """The verdict, the pictures and the words on show, as HTML that needs no script."""
        return self.closer.kept()

    def _apply(self) -> None:
        answer = self.feed.answer
        if answer is not None and answer.verdict.mend is not None:
            self.feed.settings.take(answer.verdict.mend.network)


FOLDED = ("kind", "inputs", "input_std", "lsuv", "seeds")
"""Settings that few need."""
NO_RECIPE = "your own settings"
"""What is chosen where no recipe is."""
CARD = {
    "border": "1px solid rgba(128, 128, 128, 0.4)", "border-radius": "4px", "margin": "4px 10px", "gap": "0 1.5rem",
    "padding": "0.4rem 0.8rem", "box-sizing": "border-box", "min-height": "8.9rem",
}  # fmt: skip
"""Of the verdict, whose lines come and go. In a window of 1400 pixels it has room for all of them, so that the pictures
below stay where they are while the dot is dragged. In a narrower one it grows, but out of sight, and browsers scroll
with it."""
HEAD = {"align-items": "center", "min-height": "3rem"}
"""Of the title, which has room for two lines, and for the button that comes and goes."""
TITLE, SAID, DONE = (
    {"flex": f"{share} 1 {width}px", "min-width": "0"} for share, width in ((1, 300), (3, 340), (2, 280))
)
"""Of the title, of what is said, and of what to do."""
PICTURES = ("signal", "gradient", "activations", "gradients", "units", "correlation", "phases", "jacobian")
"""Names of what is drawn of a network."""
NOWHERE = ("", np.nan, np.nan)
"""The dot of a network that has none."""


def here(network: Network) -> list[Dot]:
    """The dot of a network; none where its weights have no variance alone."""
    known = network.is_centred and not network.factors
    return [("here", network.weight_variance, network.bias_variance)] if known else []


def without(network: Network) -> list[str]:
    """What a network has that the diagram of order and chaos knows nothing of."""
    known = {"branches": network.branch is not None, "norms": network.norm, "rescaling": network.factors}
    return [name for name, there in known.items() if there]


def pictures_of(found: NetworkAnswer, dots: list[Dot]) -> tuple[Picture, ...]:
    """Everything that is drawn of an answer; its dot may be that of newer settings."""
    measured, predicted, network = found.measured, found.predicted, found.network
    recipes = recipe_dots(network.depth, network.width)
    return (
        signal(measured, predicted),
        gradient(measured, predicted),
        activations(measured, predicted),
        gradients(measured, found.spread),
        units(measured),
        correlation(measured, predicted),
        phase_diagram(found.phases, [*(dots or [NOWHERE]), *recipes], network.activation, without(network)),
        jacobian_spectrum(found.jacobian, found.law),
    )


def _idle(study: NetworkStudy) -> tuple[str, ...]:
    """Settings that do nothing: the factor of a branch where residual says which it is."""
    return () if study.residual == OTHER else ("branch",)


class NetworkWidget(Widget):
    """A network of layers that a study's initializer draws, with its settings. `found` is what becomes of signals."""

    shows_answers = False  # but that of its own feed

    def __init__(self, source: Any, settings: dict[str, Any], pictures: Sequence[str] = ()):
        for name in pictures:
            if name not in PICTURES:
                raise ValueError(f"pictures must be of {', '.join(PICTURES)}, got {name!r}. {near(name, PICTURES)}")
        own = {key: settings.pop(key) for key in OF_NETWORKS if key in settings}
        try:
            feed = one_feed(source, settings)
        except TypeError:
            for name in settings:
                if name not in PASSED and near(name, OF_NETWORKS, ""):
                    raise TypeError(unknown(name, list(OF_NETWORKS), "a network")) from None
            raise
        feed.settings.network.param.update(**with_residual(own))
        self._room = room_of(feed.settings, pictures)
        super().__init__([feed], self._room.closer.layout, bar=False, also=self._room.closer.followers)
        self._room.closer.over = self._room.training.closer.over = self.overlaid
        watch(self._room.feed, self._renew, "answer")

    def _renew(self, _event) -> None:
        self.keeper.renew()

    @property
    def found(self) -> NetworkAnswer:
        """The whole answer to the settings now, computed at once if it is not there yet.

        Raises:
            TypeError, ValueError: the initializer draws no such layers.
        """
        self.follow_study()
        return self._room.feed.result

    def show(self) -> None:
        """It follows its own answer by itself."""

    def redraw(self) -> None:
        """Show what was found in another way."""
        self._room.closer.redraw()

    def kept(self) -> str:
        """The verdict, the pictures and the words."""
        return self._room.kept()

    def still(self) -> str:
        """The same of the whole answer to the settings now."""
        self.found  # noqa: B018 - is there then, or says why not
        return self._room.closer.whole()

    def follow(self) -> None:
        """Show the network of the study that there is now."""
        self._room.closer.follow(self.study.network)


def network(source: Any = "he_normal", *, pictures: Sequence[str] = (), **settings) -> NetworkWidget:
    """A whole network at initialization: what becomes of signals and gradients from layer to layer, and why.

    >>> widget = network("glorot_normal", depth=20, width=32, seeds=2)
    >>> widget.found.verdict.steady
    False

    Args:
        source: an initializer or its name, a study, or what has one.
        pictures: some of "signal", "gradient", "activations", "gradients", "units", "correlation", "phases" and
            "jacobian", to show those alone below the verdict; by default all, with gains and training.
        settings: those of `NetworkStudy`, such as depth=50 or activation="tanh", and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return NetworkWidget(source, settings, pictures)
