"""The audit of a model: every tensor against what it is said to be drawn by, and all of them across."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from os import PathLike
from typing import Any

import numpy as np

from initviz.checks import Check
from initviz.initializers.base import Initializer
from initviz.initializers.plan import Plan
from initviz.models import words
from initviz.models.across import Relation, groups_of, not_finite, relations, unlike_siblings
from initviz.models.believed import believed
from initviz.models.causes import cause_of
from initviz.models.files import tensors_in
from initviz.models.fitting import fitting
from initviz.models.globs import names_in
from initviz.models.laws import ANYTHING
from initviz.models.likelihood import checks_of, plan_for, probability
from initviz.models.likely import SHARE_TRAINED, TRAINED, Likely, candidates_for, likely
from initviz.models.names import STATISTICS
from initviz.models.quantities import quantities
from initviz.models.recipe import Recipe, Rule
from initviz.models.roles import roles_of
from initviz.models.seen import Seen, see
from initviz.models.shipped import get_recipe
from initviz.models.tensor import Role, Tensor
from initviz.models.trees import tensors_of
from initviz.wording import quoted

NOT_JUDGED = ("state",)
"""Kinds of tensors that no initializer draws: running averages and counters."""
NO_OTHER = Likely(why="no other rule that is known")
"""What is as declared looks like: not trained, though what is declared is among no candidates."""


@dataclass(frozen=True, eq=False)
class Row:
    """One tensor: what is seen of it, what it is said to be, and the verdict."""

    tensor: Tensor
    role: Role
    seen: Seen
    likely: Likely
    """What it looks as if it was drawn by."""
    law: str = ""
    """What it is said to be drawn by, as the recipe writes it; empty where nothing is said."""
    initializer: Initializer | None = None
    """The same for this tensor, by its own axes; None where nothing is said."""
    plan: Plan | None = None
    """How that initializer would have drawn it."""
    checks: tuple[Check, ...] = ()
    """Of the weights against that plan."""
    probability: float | None = None
    """Of weights as unusual, were they as declared: a bound for all checks together; None without a test."""
    fails: bool = False
    """Whether it is not as declared, by the standard of the whole audit."""
    cause: str = ""
    """Why, where that is known."""

    @property
    def factor(self) -> float:
        """How many times as large the weights are as declared, by their root mean square; NaN where nothing is."""
        expected, found = words.sizes(self)
        return found / expected if expected else math.nan

    @property
    def verdict(self) -> str:
        """In two or three words."""
        if self.fails:
            return "not as declared"
        if self.probability is not None:
            return "as declared"
        return "not declared" if not self.law else "not tested"


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What `audit` returns: false where something is wrong. Prints itself in a terminal and in a notebook."""

    rows: tuple[Row, ...]
    """Of every tensor, in the model's order."""
    relations: tuple[Relation, ...]
    """What is wrong whatever is declared; and tied tensors, with which nothing is."""
    alpha: float
    """How often an audit of a model that is as declared may find anything at all."""
    recipe: Recipe | None = None
    """What the model is said to be initialized as; None where nothing is said."""
    unused: tuple[str, ...] = ()
    """Rules of the recipe that decide about no tensor, each with why."""

    def __bool__(self) -> bool:
        return self.is_tested and not (self.failed or self.wrong or self.unused)

    @property
    def failed(self) -> tuple[Row, ...]:
        """Tensors that are not as declared."""
        return tuple(row for row in self.rows if row.fails)

    @property
    def wrong(self) -> tuple[Relation, ...]:
        """What independent draws would not show."""
        return tuple(relation for relation in self.relations if relation.wrong)

    @property
    def is_tested(self) -> bool:
        """Whether the recipe is of this model: a rule tests a tensor; true without a recipe.

        One for several implementations has to have rules for most matrices.
        """
        if self.recipe is None:
            return True
        matrices = [row for row in self.rows if len(row.tensor.shape) > 1 and row.role.kind not in NOT_JUDGED]
        is_of_another = self.recipe.general and 2 * sum(not row.law for row in matrices) > len(matrices)
        return not is_of_another and any(row.probability is not None for row in self.rows)

    @property
    def undeclared(self) -> tuple[Row, ...]:
        """Tensors that no rule fits."""
        return tuple(row for row in self.rows if not row.law)

    def __getitem__(self, path: str) -> Row:
        """The row of the tensor at this path.

        Raises:
            KeyError: there is none; the message names the path that is nearest.
        """
        for row in self.rows:
            if row.tensor.path == path:
                return row
        raise KeyError(f"no tensor {path!r} in this audit. {words.nearest(path, [r.tensor.path for r in self.rows])}")

    def __str__(self) -> str:
        return words.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return words.html(self)

    def believed(self) -> Recipe:
        """The recipe that the weights look as if they were drawn by: to be read, corrected and kept.

        >>> import numpy as np
        >>> audit({"kernel": np.ones((2, 2)), "bias": np.zeros(2)}).believed().rules[1]
        Rule(tensor='**/bias', law='zeros', note='')

        Raises:
            ValueError: a path is too long for a rule, or more rules are needed than a recipe may have.
        """
        return believed(self)


def audit(
    model: Any,
    recipe: Recipe | Mapping[str, str] | str | None = None,
    alpha: float = 0.01,
    progress: Callable[[float], None] | None = None,
) -> Audit:
    """Whether every tensor of a model looks as if it was drawn as declared: false where something is wrong.

    >>> import jax
    >>> from initviz.initializers import he_normal
    >>> keys = jax.random.split(jax.random.key(0))
    >>> model = {"one": {"kernel": he_normal()(keys[0], (64, 64))}, "two": {"kernel": he_normal()(keys[1], (64, 64))}}
    >>> bool(audit(model, {"**/kernel": "he_normal"})), bool(audit(model, {"**/kernel": "lecun_normal"}))
    (True, False)

    Args:
        model: of flax, Equinox, Haiku or PyTorch, a state_dict, any pytree of arrays, or the path of a file:
            safetensors, .npz, .msgpack, .pth, or the folder of an orbax checkpoint, of which nothing is executed.
        recipe: what it is said to be initialized as: the name of a recipe, the path of one, rules as a dict, or a
            `Recipe`. Without one the audit says what each tensor looks like, and judges only what tensors have to do
            with each other, and whether their weights are numbers.
        alpha: how often an audit of a model that is as declared may find anything at all.
        progress: called with the finished share; whatever it raises stops the audit.

    Raises:
        TypeError, ValueError: the model has no tensors, or the recipe cannot be read; the message says what to pass.
    """
    if isinstance(alpha, bool) or not isinstance(alpha, Real) or not 0 < alpha < 1:
        raise ValueError(f"alpha must be between 0 and 1, got {quoted(alpha)}. Pass for instance 0.01.")
    tensors = tensors_from(model)
    declared = None if recipe is None else get_recipe(recipe)
    roles = roles_of(tensors)
    tensors = tuple(replace(tensor, role=role) for tensor, role in zip(tensors, roles, strict=True))
    known = quantities(tensors)
    rows, done, total = [], 0, sum(max(math.prod(tensor.shape), 1) for tensor in tensors)
    for tensor in tensors:
        with np.errstate(all="ignore"):  # of what is no weight, but memory that nobody has written to
            rows.append(_row(tensor, declared, known[tensor.path]))
        done += max(math.prod(tensor.shape), 1)
        if progress:
            progress(done / total)
    rows = _settled(rows)
    of_siblings = groups_of((row.tensor, row.seen, bool(row.likely.laws)) for row in rows
                            if row.probability is None and row.likely.drawn)  # fmt: skip
    shared = alpha / 2 if of_siblings else alpha
    judged = _judged(rows, shared, known)
    across = (*not_finite((row.tensor, row.seen) for row in rows
                          if row.probability is None and row.role.kind not in NOT_JUDGED and row.law != ANYTHING),
              *relations((row.tensor, row.seen) for row in rows if row.role.kind not in NOT_JUDGED),
              *unlike_siblings(of_siblings, alpha / 2))  # fmt: skip
    unused = fitting(declared, tensors).unused if declared else ()
    return Audit(judged, across, alpha, declared, tuple(f"{rule.tensor} {why}" for rule, why in unused))


def tensors_from(model: Any) -> tuple[Tensor, ...]:
    """The tensors of a model: those that are read already, those of a file, or those of a model in memory.

    Raises:
        TypeError, ValueError: there are none; the message says what to pass.
    """
    if isinstance(model, tuple) and model and all(isinstance(each, Tensor) for each in model):
        return model
    return tensors_in(model) if isinstance(model, str | PathLike) else tensors_of(model)


def _row(tensor: Tensor, recipe: Recipe | None, known: Mapping[str, float]) -> Row:
    """A tensor by itself; its weights are held no longer than this takes."""
    role = tensor.role
    assert role is not None
    seen = see(tensor, role)
    rule = recipe.rule_of(tensor) if recipe else None
    if role.kind in NOT_JUDGED:
        row = Row(tensor, role, seen.without_weights, Likely(why="no initializer draws it"), rule.law if rule else "")
        if rule is None or not _is_statistic(tensor, rule):
            return row
    else:
        candidates = candidates_for(tensor, role, int(known.get("layers", 0)))
        row = Row(tensor, role, seen.without_weights, likely(tensor, role, seen, candidates))
    if recipe is None or rule is None:
        return row
    text, initializer = rule.law, recipe.law_of(tensor, known)
    if initializer is None:
        return replace(row, law=text)
    plan = plan_for(initializer, tensor.shape, seen)
    checks = checks_of(plan, seen, in_dtype=initializer.dtype is not None)
    return replace(row, law=text, initializer=initializer, plan=plan, checks=checks, probability=probability(checks))


def _is_statistic(tensor: Tensor, rule: Rule) -> bool:
    """Whether a rule names running statistics, which are no number that a wider rule happens to fit."""
    name = names_in(tensor.path)[-1]
    return name in STATISTICS and names_in(rule.tensor)[-1] == name and np.issubdtype(tensor.dtype, np.floating)


def _settled(rows: list[Row]) -> list[Row]:
    """Nothing is said of weights that are too few to tell where a third of the others are of no law that is known."""
    varied = [row for row in rows if len(row.tensor.shape) > 1 and row.seen.moments.constant is None
              and row.role.kind not in NOT_JUDGED]  # fmt: skip
    if not varied or sum(not row.likely.drawn for row in varied) < SHARE_TRAINED * len(varied):
        return rows
    there = {id(row) for row in varied if row.likely.drawn}
    return [replace(row, likely=Likely(why=TRAINED, drawn=False)) if id(row) in there else row for row in rows]


def _judged(rows: Iterable[Row], alpha: float, known: Mapping[str, Mapping[str, float]]) -> tuple[Row, ...]:
    """With a verdict for each, so that of all that are as declared none fails in 1 - `alpha` of models (Holm 1979)."""
    rows = list(rows)
    tested = sorted((row.probability, place) for place, row in enumerate(rows) if row.probability is not None)
    for number, (chance, place) in enumerate(tested):
        if chance > alpha / (len(tested) - number):
            break
        row = rows[place]
        layers = int(known[row.tensor.path].get("layers", 0))
        rows[place] = replace(row, fails=True, cause=cause_of(row, layers))
    return tuple(
        replace(row, likely=NO_OTHER) if row.verdict == "as declared" and not row.likely.drawn else row for row in rows
    )
