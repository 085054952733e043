"""What is asked about a model, as plain state that can be changed at will and watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import param

from initviz.initializers.knobs import Scalar
from initviz.models.auditing import Audit, audit, tensors_from
from initviz.models.examples import EXAMPLES, drawn
from initviz.models.recipe import Recipe
from initviz.models.shipped import get_recipe, known_recipes
from initviz.models.tensor import Tensor
from initviz.models.toml import from_toml, to_toml
from initviz.settings.codec import unknown
from initviz.settings.copies import Copied
from initviz.settings.knobs import Choice, Lines

OWN = "a model of your own"
NONE, RULES = "none", "rules of your own"
"""What is chosen where no recipe is, and where it is written beside."""


@dataclass(frozen=True, eq=False)
class OwnModel:
    """A model of the user's, compared by identity."""

    name: str
    tensors: tuple[Tensor, ...] = field(repr=False)


@dataclass(frozen=True)
class ModelQuestion:
    """Which model is asked about, and what it is said to be."""

    example: str
    own: OwnModel | None
    recipe: str
    rules: str
    alpha: float

    @property
    def name(self) -> str:
        """Of the model."""
        return self.own.name if self.own else self.example

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Of the model, whose weights may still be in a file."""
        return self.own.tensors if self.own else _example(self.example)

    @property
    def declared(self) -> Recipe | None:
        """What the model is said to be initialized as.

        Raises:
            ValueError: rules of the user's cannot be read.
        """
        if self.recipe == RULES:
            return from_toml(self.rules if "[rules]" in self.rules else f"[rules]\n{self.rules}")
        return None if self.recipe == NONE else get_recipe(self.recipe)


@dataclass(frozen=True, eq=False)
class ModelAnswer:
    """A question about a model, and its audit."""

    question: ModelQuestion
    audit: Audit


@lru_cache(maxsize=4)
def _example(title: str) -> tuple[Tensor, ...]:
    return drawn(EXAMPLES[title])


_OF_EXAMPLES: dict[ModelQuestion, ModelAnswer] = {}
"""Answers to what pages open with: examples by their own recipes."""


def answer_model(question: ModelQuestion, progress: Callable[[float], None] | None = None) -> ModelAnswer:
    """The audit that is asked for; of an example by its own recipe the same object for all who ask.

    Raises:
        TypeError, ValueError: the recipe cannot be read or applied, or a file cannot be read on.
    """
    if question not in _OF_EXAMPLES:
        found = ModelAnswer(question, audit(question.tensors, question.declared, question.alpha, progress))
        if question != ModelStudy(example=question.example).question:
            return found
        _OF_EXAMPLES[question] = found
    return _OF_EXAMPLES[question]


class ModelStudy(Copied):
    """A whole model and what it is said to be: what is asked, to be changed at will. `question` is it, frozen.

    >>> import numpy as np
    >>> study = ModelStudy()
    >>> study.take("mine", {"kernel": np.zeros((3, 2)), "bias": np.zeros(2)})
    >>> study.recipe, study.rules = RULES, '"**" = "zeros"'
    >>> bool(study.answer().audit)
    True

    Args:
        settings: by name.

    Raises:
        TypeError, ValueError: a setting that cannot be used, with the fix.
    """

    arguments = ("example", "recipe", "rules", "alpha")

    example = Choice((*EXAMPLES, OWN), default=next(iter(EXAMPLES)), doc="A model to look at, or yours")
    recipe = Choice((NONE, *known_recipes(), RULES), default=NONE, doc="What the model is said to be initialized as")
    rules = Lines(line='"**/bias" = "zeros"', doc='A line each, the first that fits counts: "**/bias" = "zeros"')
    alpha = Scalar(
        0.01, bounds=(1e-6, 0.999), softbounds=(0.001, 0.1), step=0.001,
        doc="How often an audit of a model that is as declared may find anything at all",
    )  # fmt: skip
    own = param.Parameter(None, constant=True, doc="The user's model; None before there is one.")
    question = param.ClassSelector(class_=ModelQuestion, constant=True, doc="The state now; None without a model.")

    def __init__(self, **settings: Any):
        for name in settings:
            if name not in self.arguments:
                raise TypeError(unknown(name, list(self.arguments), "a model"))
        super().__init__(**{"recipe": usual(settings.get("example", self.param.example.default))} | settings)
        self._ask()

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise AttributeError(unknown(name, list(self.arguments), "a model"))
        super().__setattr__(name, value)

    def take(self, name: str, model: Any) -> None:
        """Ask about this model from now on: tensors, or anything that `audit` takes.

        Raises:
            TypeError, ValueError: it has no tensors; the message says what to pass.
        """
        with param.edit_constant(self):
            self.own = OwnModel(name, tensors_from(model))
        if self.example == OWN:
            self._ask()
        else:
            self.example = OWN

    def declare(self, recipe: Any) -> None:
        """Say what the model is initialized as: the name of a recipe, or one as `get_recipe` takes it.

        Raises:
            ValueError: it cannot be read; with the fix.
        """
        if isinstance(recipe, str) and recipe in known_recipes():
            self.recipe = recipe
        else:
            self.param.update(rules=to_toml(get_recipe(recipe)), recipe=RULES)  # too many are refused before all else

    def keep(self, other: ModelStudy) -> None:
        """Have the model of the user's that another one has, and ask about it if that does: no link has it."""
        if other.own is None:
            return
        with param.edit_constant(self):
            self.own = other.own
        if other.example == OWN and self.question == ModelStudy().question:  # or a link asks about another one
            self.example = OWN
            self.param.update(recipe=other.recipe, rules=other.rules, alpha=other.alpha)
            self._ask()

    @param.depends("example", watch=True)
    def _choose(self) -> None:
        """Have the recipe of an example; a model of the user's is asked what it looks like at first."""
        self.recipe = usual(self.example)
        self._ask()

    @param.depends("recipe", "rules", "alpha", watch=True)
    def _ask(self) -> None:
        own = self.own if self.example == OWN else None
        rules = self.rules if self.recipe == RULES else ""
        asked = ModelQuestion(self.example, own, self.recipe, rules, float(self.alpha))
        question = None if self.example == OWN and own is None else asked
        if question != self.question:
            with param.edit_constant(self):
                self.question = question

    def answer(self, progress: Callable[[float], None] | None = None) -> ModelAnswer:
        """The answer to the question now.

        Raises:
            ValueError: there is no model yet.
        """
        if self.question is None:
            raise ValueError("there must be a model to audit it, got none. Choose one, or take('mine', model).")
        return answer_model(self.question, progress)


def usual(example: str) -> str:
    """The recipe that an example is said to follow; none of a model of the user's."""
    return EXAMPLES[example].recipe if example in EXAMPLES else NONE
