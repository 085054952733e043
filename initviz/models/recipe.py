"""Recipes: what the tensors of a model are said to be initialized by, tensor by tensor, as data."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from initviz.initializers import Initializer
from initviz.models.globs import fits, read
from initviz.models.laws import ANYTHING, check_law, law_on
from initviz.models.quantities import quantities
from initviz.models.tensor import Tensor
from initviz.wording import quoted

MOST_RULES = 1000
EXAMPLE = 'Write for instance {"**/bias": "zeros"}.'


@dataclass(frozen=True)
class Rule:
    """A law for the tensors that a pattern fits.

    >>> Rule("**/bias", "zeros")
    Rule(tensor='**/bias', law='zeros', note='')

    Raises:
        ValueError: the pattern cannot be read; of a law a `Recipe` says so.
    """

    tensor: str
    """Pattern of paths, ``**/c_proj/{kernel,weight}``, or with the kind of weight: ``Embedding: **``."""
    law: str
    """As text: "normal(0.02)", or "anything" where nothing is declared."""
    note: str = ""

    def __post_init__(self) -> None:
        read(self.tensor)


@dataclass(frozen=True)
class Recipe:
    """Rules of which the first that fits a tensor says how it is initialized: write the special ones first.

    >>> recipe = Recipe.of({"**/c_proj/kernel": "normal(0.02/√(2·layers))", "**/kernel": "normal(0.02)"})
    >>> recipe.rules[1]
    Rule(tensor='**/kernel', law='normal(0.02)', note='')

    Raises:
        ValueError: a rule cannot be read, or stands twice; the message names it.
    """

    name: str
    rules: tuple[Rule, ...]
    source: str = ""
    """Who says so: a paper by author and year, or a file of public code."""
    note: str = ""
    quantities: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Numbers that laws name, in place of those that follow from the tensors: {"layers": 12}."""
    general: bool = False
    """Whether it is for several implementations, so that of no model all of its rules are needed."""

    def __post_init__(self) -> None:
        if len(self.rules) > MOST_RULES:
            raise ValueError(f"a recipe must have at most {MOST_RULES:,} rules, got {len(self.rules):,}. Join some.")
        for name, number in self.quantities.items():
            known = isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < math.inf
            if not (isinstance(name, str) and name.isidentifier() and known):
                raise ValueError(
                    f"quantities must be numbers by name, got {quoted(name)} = {quoted(number)}. "
                    "Write for instance layers = 12."
                )
        seen: set[str] = set()
        for rule in self.rules:
            try:
                check_law(rule.law, self.quantities)
            except ValueError as error:
                raise ValueError(self._about(rule, error)) from None
            if rule.tensor in seen:
                raise ValueError(f"a recipe must name tensors once, got {quoted(rule.tensor)} twice. Leave one out.")
            seen.add(rule.tensor)

    @classmethod
    def of(
        cls, rules: Mapping[str, str], name: str = "", source: str = "", quantities: Mapping[str, float] | None = None
    ) -> "Recipe":
        """The recipe of a dict from patterns to laws, in which the first that fits wins.

        Raises:
            ValueError: it is no such dict, or a rule cannot be read.
        """
        if not isinstance(rules, Mapping):
            raise ValueError(f"a recipe must be a dict from tensors to laws, got {quoted(rules)}. {EXAMPLE}")
        return cls(name, tuple(Rule(tensor, law) for tensor, law in rules.items()), source, quantities=quantities or {})

    def rule_of(self, tensor: Tensor) -> Rule | None:
        """The first rule that fits, if any does."""
        return next((rule for rule in self.rules if fits(rule.tensor, tensor)), None)

    def law_of(self, tensor: Tensor, known: Mapping[str, float] | None = None) -> Initializer | None:
        """The initializer that a tensor is declared to come from, by its own axes; None where nothing is declared.

        Args:
            tensor: with its role, if the law counts fans.
            known: what `quantities` found for it; the recipe's own go before.

        Raises:
            ValueError: its rule makes no law for this tensor; the message names the rule.
        """
        rule = self.rule_of(tensor)
        if rule is None or rule.law == ANYTHING:
            return None
        try:
            return law_on(rule.law, tensor, None, {**(known or {}), **self.quantities})
        except ValueError as error:
            raise ValueError(self._about(rule, error)) from None

    def laws(self, tensors: Iterable[Tensor]) -> dict[str, Initializer | None]:
        """The same for every tensor of a model, by path.

        Raises:
            ValueError: a rule makes no law for a tensor that it fits.
        """
        tensors = list(tensors)
        known = quantities(tensors)
        return {tensor.path: self.law_of(tensor, known[tensor.path]) for tensor in tensors}

    def _about(self, rule: Rule, error: ValueError) -> str:
        where = f" of recipe {self.name}" if self.name else ""
        return f"{quoted(rule.tensor)} = {quoted(rule.law)}{where}: {error}"
