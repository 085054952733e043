"""A whole network at initialization, as a part of the page or a widget of its own."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from initviz.live.feed import REFUSALS, Feed
from initviz.live.indicator import HIDDEN, SHOWN
from initviz.live.internals import Words
from initviz.live.plot import LivePlot
from initviz.live.updates import update_page
from initviz.live.watching import watch
from initviz.networks.answer import NetworkAnswer, answer_network
from initviz.networks.network import Network
from initviz.networks.recipes import RECIPES, variances
from initviz.networks.study import with_residual
from initviz.networks.training import Trained
from initviz.networks.trial import TrialQuestion, train_trial
from initviz.settings.codec import unknown
from initviz.study import Study
from initviz.study.codec import OF_NETWORKS
from initviz.study.study import PASSED
from initviz.views import network_words as words
from initviz.views.network import activations, correlation, gradient, jacobian_spectrum, signal, units
from initviz.views.phases import Dot, phase_diagram
from initviz.views.picture import Picture
from initviz.views.training import accuracy, loss, updates
from initviz.widgets.base import Widget, one_feed, shared
from initviz.widgets.closer import Closer
from initviz.widgets.layout import wrapping_row
from initviz.wording import near


def room_of(study: Study) -> "Room":
    """The network of a study, of whose initializer and seed it is; all views of it share a feed."""
    return Room(shared(study.network, lambda settings: Feed(settings, answer_network, lambda question: False)))


class Training:
    """Networks that are trained side by side, on request: the `closer` of a trial.

    Args:
        of: the feed of the network of a study.
    """

    def __init__(self, of: Feed):
        self._of = of
        self.feed = shared(of.settings.trial, lambda settings: Feed(settings, _with_question, lambda question: False))
        actions = {"train": self.train, "rewind": self.rewind}
        self.buttons = {name: pmui.Button(label=name, variant="outlined", margin=(4, 10)) for name in actions}
        for name, action in actions.items():
            self.buttons[name].on_click(lambda _, action=action: update_page(action))
        heading = Words(words.training(), margin=(0, 10), sizing_mode="stretch_width")
        about = [heading, wrapping_row(*self.buttons.values())]
        self.closer = Closer(self.feed, self._view, about, arrange=_in_rows)

    def train(self) -> None:
        """Begin with the initial weights of the network there is now."""
        self.feed.settings.begin(self._of.settings.question)

    def compare(self) -> None:
        """Dim what is not of the network there is now."""
        trained = self.feed.settings.question
        self.closer.dim(trained is not None and trained.network != self._of.settings.question)

    def rewind(self) -> None:
        """Show the initial weights, and stop."""
        self.feed.settings.rewind()

    def _view(self, found: tuple[TrialQuestion, Trained]) -> tuple[tuple[Picture, ...], str]:
        question, trained = found
        self.compare()
        return pictures_of_training(trained, question), words.trained(trained, question.names)


def _with_question(question: TrialQuestion, progress: Callable[[float], None]) -> Iterator[Any]:
    """Each answer with its question, which has the names of its networks."""
    for found in train_trial(question, progress):
        yield question, found


def pictures_of_training(found: Trained, question: TrialQuestion) -> tuple[Picture, ...]:
    """Everything that is drawn of a training."""
    return tuple(draw(found, question.names) for draw in (loss, accuracy, updates))


class Room:
    """The lab of a feed of a network: its `closer`, with the verdict and a button that mends.

    Args:
        feed: of the network of a study, which has its seed.
    """

    def __init__(self, feed: Feed):
        self.feed = feed
        self._place = NOWHERE
        """The dot as it is drawn."""
        self._moved = (np.nan, np.nan)
        """Where the dot was dragged last."""
        wide = {"sizing_mode": "stretch_width"}
        self._headline = Words("", margin=(0, 10), styles=ROOM, **wide)
        self.apply = pmui.Button(label="apply the mend", variant="outlined", margin=(4, 10), styles=HIDDEN)
        self.apply.on_click(lambda _: update_page(self._apply))
        named = {recipe.title: name for name, recipe in RECIPES.items()}
        self.recipe = pmui.Select(label="recipe", options={OWN: ""} | named, value="", sizing_mode="stretch_width")
        self.recipe.param.watch(lambda event: update_page(partial(self._choose, event.new)), "value")
        self._said = Words("", disable_math=False, margin=(0, 10), **wide)
        self._chosen: tuple = ("", None)
        about = wrapping_row(
            pn.Column(self.recipe, styles=SETTING), pn.Column(self._said, styles={"flex": "1 1 420px"})
        )
        self.training = Training(feed)
        watch(feed, self._follow, "settings")
        self.closer = Closer(
            feed, self._view, [about], above=(self._headline, self.apply), arrange=_in_rows, plot=self._plot,
            without=("seed",), inner=self.training.closer,
        )  # fmt: skip

    def _follow(self, _event) -> None:
        self.training.closer.follow(self.feed.settings.trial)

    def _choose(self, name: str) -> None:
        """Have the settings of a recipe, at the depth and width there are."""
        if name and name != self._chosen[0]:
            study, recipe = self.feed.settings, RECIPES[name]
            study.take(recipe.start(study.depth, recipe.at_most(study.width), seed=study.seed))
            study.lsuv = name == "lsuv"
            self._chosen = name, study.question
            self._said.object = words.recipe(recipe)

    def _forget_recipe(self) -> None:
        """Name no recipe beside other settings than its own."""
        name, question = self._chosen
        if name and question != self.feed.settings.question:
            self._chosen, self._said.object = ("", None), ""
            self.recipe.value = ""

    def _plot(self, picture: Picture) -> LivePlot:
        return LivePlot(picture, HERE, self._dragged) if picture.name == "phases" else LivePlot(picture)

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
        self._headline.object = words.headline(found)
        self.apply.styles = SHOWN if found.verdict.mend else HIDDEN
        dots = self._here(found)
        self._place = dots[0] if dots else NOWHERE
        return pictures_of(found, dots), words.gains_table(found.network.activation, found.gains)

    def _here(self, found: NetworkAnswer) -> list[Dot]:
        """The dot of the settings, under the hand of who drags it; of the answer, if the settings cannot be."""
        with suppress(*REFUSALS):
            question = self.feed.settings.question
            return [] if question.lsuv else here(question.network)
        return here(found.network)

    def kept(self) -> str:
        """The verdict, the pictures and the words on show, as HTML that needs no script."""
        return self._headline.object + self.closer.kept()

    def _apply(self) -> None:
        answer = self.feed.answer
        if answer is not None and answer.verdict.mend is not None:
            self.feed.settings.take(answer.verdict.mend.network)


OWN = "your own settings"
"""What is chosen where no recipe is."""
ROOM = {"min-height": "clamp(13rem, 32rem - 25vw, 26rem)"}
"""Of the verdict, whose lines come and go: the pictures below stay where they are, or a drag would miss its mark."""
SETTING = {"flex": "1 1 220px", "min-width": "0", "max-width": "360px"}
"""Of a setting among others in a row."""
HERE = "this network"
"""What the dot of the network on show is."""


NOWHERE = ("", np.nan, np.nan)
"""The dot of a network that has none."""


def here(network: Network) -> list[Dot]:
    """The dot of a network; none where its weights have no variance alone."""
    known = network.is_centred and not network.factors
    return [("here", network.weight_variance, network.bias_variance)] if known else []


def pictures_of(found: NetworkAnswer, dots: list[Dot]) -> tuple[Picture, ...]:
    """Everything that is drawn of an answer; its dot may be that of newer settings."""
    measured, predicted, network = found.measured, found.predicted, found.network
    recipes = variances(network.depth, network.width)
    return (
        signal(measured, predicted),
        gradient(measured, predicted),
        activations(measured),
        units(measured),
        correlation(measured, predicted),
        phase_diagram(found.phases, [*(dots or [NOWHERE]), *recipes], network.activation),
        jacobian_spectrum(found.jacobian, found.law),
    )


def _in_rows(settings: list) -> list:
    """Settings beside one another."""
    return [wrapping_row(*(pn.Column(each, styles=SETTING) for each in settings))]


class NetworkWidget(Widget):
    """A network of layers that a study's initializer draws, with its settings. `found` is what becomes of signals."""

    shows_answers = False  # but that of its own feed

    def __init__(self, source: Any, settings: dict[str, Any]):
        own = {key: settings.pop(key) for key in OF_NETWORKS if key in settings}
        try:
            feed = one_feed(source, settings)
        except TypeError:
            for name in settings:
                if name not in PASSED and near(name, OF_NETWORKS, ""):
                    raise TypeError(unknown(name, list(OF_NETWORKS), "a network")) from None
            raise
        feed.settings.network.param.update(**with_residual(own))
        self._room = room_of(feed.settings)
        super().__init__([feed], self._room.closer.layout, bar=False)
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

    def kept(self) -> str:
        """The verdict, the pictures and the words."""
        return self._room.kept()

    def follow(self) -> None:
        """Show the network of the study that there is now."""
        self._room.closer.follow(self.study.network)

    def _open(self, page) -> None:
        super()._open(page)
        self._room.closer.followers.open(page)

    def _close(self, page) -> None:
        super()._close(page)
        self._room.closer.followers.close(page)


def network(source: Any = "he_normal", **settings) -> NetworkWidget:
    """A whole network at initialization: what becomes of signals and gradients from layer to layer, and why.

    >>> widget = network("glorot_normal", depth=20, width=32, seeds=2)
    >>> widget.found.verdict.steady
    False

    Args:
        source: an initializer or its name, a study, or what has one.
        settings: those of `NetworkStudy`, such as depth=50 or activation="tanh", and what else `Study` takes.

    Raises:
        TypeError, ValueError, IndexError: a setting that cannot be used, with the fix.
    """
    return NetworkWidget(source, settings)
