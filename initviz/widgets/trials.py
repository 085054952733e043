"""Networks that are trained side by side, as a part of the network lab."""

from collections.abc import Callable, Iterator
from typing import Any

import panel_material_ui as pmui

from initviz.live.feed import Feed
from initviz.live.internals import Words
from initviz.live.link import Link
from initviz.live.updates import update_page
from initviz.networks.network import THIS_NETWORK
from initviz.networks.recipes import RECIPES
from initviz.networks.training import MOST_NETWORKS, Trained
from initviz.networks.trial import Trial, TrialQuestion, train_trial
from initviz.views import network_words as words
from initviz.views.picture import Picture
from initviz.views.shown import stem_of_network
from initviz.views.training import accuracy, loss, updates
from initviz.widgets.base import shared
from initviz.widgets.closer import Closer
from initviz.widgets.layout import in_rows, wrapping_row


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
        menus = {"without": ("beside",), "own": beside_links, "idle": _idle, "stem": _stem}
        self.closer = Closer(self.feed, self._view, about, arrange=in_rows, **menus)

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


def _stem(found: tuple[TrialQuestion, Trained]) -> str:
    return stem_of_network(found[0].network)


def beside_links(trial: Trial, report: Callable[[str, str], None]) -> list[Link]:
    """Menus of recipes to train beside, linked; none has what another one has."""
    return [_beside(trial, place, report) for place in range(MOST_NETWORKS - 1)]


def _idle(trial: Trial) -> tuple[str, ...]:
    """Menus behind the first free one."""
    return tuple(f"{BESIDE} {place + 1}" for place in range(len(trial.beside) + 1, MOST_NETWORKS - 1))


BESIDE = "beside"
"""What menus of recipes are called, with a number."""


def _beside(trial: Trial, place: int, report: Callable[[str, str], None]) -> Link:
    def chosen(name: str) -> tuple[str, ...]:
        others = [each if each != name else "" for each in trial.beside]
        return tuple(filter(None, [*others[:place], name, *others[place + 1 :]]))

    def shown(beside: tuple[str, ...]) -> str:
        return beside[place] if place < len(beside) else ""

    options = {"none": ""} | {recipe.title: name for name, recipe in RECIPES.items()}
    menu = pmui.Select(label=f"{BESIDE} {place + 1}", options=options, value=shown(trial.beside),
                       description=f"A recipe to train beside {THIS_NETWORK}", sizing_mode="stretch_width")  # fmt: skip
    return Link(trial, "beside", menu, chosen, shown, report)


def _with_question(question: TrialQuestion, progress: Callable[[float], None]) -> Iterator[Any]:
    """Each answer with its question, which has the names of its networks."""
    for found in train_trial(question, progress):
        yield question, found


def pictures_of_training(found: Trained, question: TrialQuestion) -> tuple[Picture, ...]:
    """Everything that is drawn of a training."""
    return tuple(draw(found, question.names) for draw in (loss, accuracy, updates))
