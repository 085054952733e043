"""Whether a recipe and a model are for one another: rules that no tensor needs, and tensors without a rule."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from initviz.models.globs import fits, names_in
from initviz.models.recipe import Recipe, Rule
from initviz.models.tensor import Tensor
from initviz.wording import near, quoted

SHOWN = 5
"""Most paths that are named in a sentence."""


@dataclass(frozen=True)
class Fitting:
    """What is left over on either side: true where nothing is."""

    unused: tuple[tuple[Rule, str], ...]
    """Rules that decide about no tensor, each with why; none of a recipe for several implementations."""
    undeclared: tuple[str, ...]
    """Paths that no rule fits."""

    def __bool__(self) -> bool:
        return not self.unused and not self.undeclared

    def __str__(self) -> str:
        lines = [f"{quoted(rule.tensor)} {why}" for rule, why in self.unused]
        if self.undeclared:
            more = len(self.undeclared) - SHOWN
            named = ", ".join(self.undeclared[:SHOWN]) + (f" and {more} more" if more > 0 else "")
            lines.append(f'no rule fits {named}. Add one, such as "{_general(self.undeclared[0])}".')
        return "\n".join(lines) or "every tensor has a rule, and every rule a tensor"


def fitting(recipe: Recipe, tensors: Iterable[Tensor]) -> Fitting:
    """Which rules of a recipe decide about no tensor of a model, and which tensors have no rule.

    >>> import numpy as np
    >>> at = lambda path: Tensor(path, (4,), np.dtype("float32"), lambda: np.zeros(4))
    >>> print(fitting(Recipe.of({"**/bais": "zeros"}), [at("h/0/bias"), at("h/0/scale")]))
    '**/bais' fits no tensor. Did you mean bias?
    no rule fits h/0/bias, h/0/scale. Add one, such as "**/bias".
    """
    tensors = list(tensors)
    rules = [recipe.rule_of(tensor) for tensor in tensors]
    left = tuple(tensor.path for tensor, rule in zip(tensors, rules, strict=True) if rule is None)
    if recipe.general:
        return Fitting((), left)
    used = {rule.tensor for rule in rules if rule}
    names = {name for tensor in tensors for name in names_in(tensor.path)}
    unused = tuple((rule, _why(rule, tensors, names)) for rule in recipe.rules if rule.tensor not in used)
    return Fitting(unused, left)


def _why(rule: Rule, tensors: list[Tensor], names: set[str]) -> str:
    if any(fits(rule.tensor, tensor) for tensor in tensors):
        return "decides about nothing: rules before it fit the same tensors. Move it up."
    wanted = [name for name in re.split(r"[/.{},*: ]+", rule.tensor) if name and name not in names]
    return "fits no tensor. " + near(wanted[0] if wanted else "", names, "Leave it out, or correct its path.")


def _general(path: str) -> str:
    return f"**/{names_in(path)[-1]}"
