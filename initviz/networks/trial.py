"""Settings of a training that is tried: what is trained beside a network, how, and what is asked once it is begun."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import param

from initviz.engine.descent import MOMENTUM, OPTIMIZERS
from initviz.initializers.knobs import Scalar
from initviz.laws.by_value import ByValue
from initviz.networks.lsuv import lsuv
from initviz.networks.network import THIS_NETWORK, Network
from initviz.networks.question import NetworkQuestion
from initviz.networks.recipes import RECIPES
from initviz.networks.training import BATCH, MOST_NETWORKS, Trained, train
from initviz.settings.copies import Copied
from initviz.settings.knobs import Choice, Count, Knob
from initviz.wording import near

EVERY = 10
"""Steps from one answer to the next."""


class Rate(Scalar):
    """A number above 0: with a rate of 0 nothing would be learned."""

    wanted = "a number above 0"

    def _validate(self, val: Any) -> None:
        super()._validate(val)
        if not val > 0:
            raise ValueError(f"{self.name} must be {self.wanted}, got {val}. Pass for instance {self.allowed}.")


class Recipes(Knob[tuple[str, ...]]):
    """Names of recipes, to be trained beside a network."""

    wanted = f"at most {MOST_NETWORKS - 1} names of recipes"

    def read(self, text: str) -> tuple[str, ...]:
        """Names between commas or spaces."""
        return tuple(text.replace(",", " ").split())

    def text(self, value: tuple[str, ...]) -> str:
        """Names between commas."""
        return ", ".join(value)

    def _validate(self, val: Any) -> None:
        if not isinstance(val, tuple) or len(val) >= MOST_NETWORKS or len(set(val)) < len(val):
            self.refuse(val)
        for name in val:
            if name not in RECIPES:
                raise ValueError(f"{self.name} must be among {', '.join(RECIPES)}, got {name!r}. {near(name, RECIPES)}")


@dataclass(frozen=True, eq=False)
class TrialQuestion(ByValue):
    """What is trained, and how long."""

    network: NetworkQuestion
    beside: tuple[str, ...]
    steps: int
    learning_rate: float
    optimizer: str
    attempt: int = 0
    """How often something was begun before."""
    rewound: bool = False
    """Whether only the initial weights are asked for."""

    @property
    def names(self) -> tuple[str, ...]:
        """What each network is called."""
        return (THIS_NETWORK, *(RECIPES[name].title for name in self.beside))

    @property
    def networks(self) -> tuple[Network, ...]:
        """The network, and those of the recipes at its depth and width.

        Raises:
            TypeError, ValueError: the settings of the network contradict each other; with the fix.
        """
        own = self.network.network
        others = (RECIPES[name] for name in self.beside)
        beside = [each.network(own.depth, each.at_most(own.width), seed=own.seed) for each in others]
        return (lsuv(own).network if self.network.lsuv else own, *beside)


class Trial(Copied):
    """How networks are trained. `question` is what is asked: nothing, before `begin`.

    >>> from initviz.networks import NetworkStudy
    >>> trial = Trial(beside=("keras",), steps=2)
    >>> trial.begin(NetworkStudy(depth=2, width=16).question)
    >>> *_, found = train_trial(trial.question, lambda share: None)
    >>> found.steps.tolist(), trial.question.names
    ([0, 2], ('this network', "Keras's default"))
    """

    arguments = ("beside", "optimizer", "learning_rate", "steps")

    beside = Recipes(
        ("keras",), doc=f"Up to {MOST_NETWORKS - 1} recipes to train beside {THIS_NETWORK}: {', '.join(RECIPES)}"
    )
    optimizer = Choice(OPTIMIZERS, default="sgd", doc=f"Gradient descent with momentum {MOMENTUM}, or Adam")
    learning_rate = Rate(0.003, bounds=(0, None), softbounds=(0.0001, 0.03), step=0.0001, doc="Of the optimizer")
    steps = Count(300, bounds=(1, 10_000), softbounds=(10, 1000), doc=f"Of {BATCH} handwritten digits each")
    question = param.ClassSelector(class_=TrialQuestion, constant=True, doc="What is trained; None before it begins.")

    def begin(self, network: NetworkQuestion) -> None:
        """Ask for the training of this network from its initial weights on, again if it was trained before."""
        attempt = self.question.attempt + 1 if self.question else 0
        settings = self.beside, self.steps, float(self.learning_rate), self.optimizer
        self._ask(TrialQuestion(network, *settings, attempt))

    def rewind(self) -> None:
        """Ask for the initial weights of what is trained."""
        if self.question is not None:
            self._ask(replace(self.question, rewound=True))

    def _ask(self, question: TrialQuestion) -> None:
        with param.edit_constant(self):
            self.question = question


def train_trial(question: TrialQuestion, progress: Callable[[float], None]) -> Iterator[Trained]:
    """How far the networks are, every few steps: the same numbers each time, to the last bit.

    Raises:
        TypeError, ValueError: the settings contradict each other; with the fix.
        Cancelled: `progress` raised it.
    """
    answers = train(
        question.networks, question.steps, question.learning_rate, EVERY, question.optimizer, progress=progress
    )
    yield from islice(answers, 1) if question.rewound else answers
