"""Steps and plans: how arguments and a shape became the ensemble that is sampled."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from initviz.laws.by_value import ByValue
from initviz.laws.ensembles import Ensemble
from initviz.matrices.unfolding import Unfolding
from initviz.wording import is_row, number, said

ROLE_WORDS = {
    "in": "input",
    "rows": "rows",
    "out": "output",
    "columns": "columns",
    "batch": "batch",
    "field": "receptive field",
    "free": "in no fan",
}
"""What an axis counts as, in words."""


def role_words(role: str) -> str:
    """A role in words; roles of an axis that has several stand between pluses."""
    return " and ".join(ROLE_WORDS[part] for part in role.split("+"))


@dataclass(frozen=True, eq=False)
class Step(ByValue):
    """One step: what it is called, its formula, the formula with the numbers in it, and its value."""

    name: str
    formula: str
    value: Any
    numbers: str = ""
    note: str = ""

    @property
    def latex(self) -> str:
        """The step as one line of LaTeX: formula = numbers = value, without repeating itself."""
        parts = [self.formula]
        if self.numbers:
            parts.append(self.numbers)
        if isinstance(self.value, int | float | complex | np.number) or is_row(self.value):
            value = number(self.value)
            if value != self.numbers:
                parts.append(value)
        return " = ".join(parts)


@dataclass(frozen=True)
class Plan:
    """Everything about one draw but its key. Plans compare by value."""

    initializer: str
    shape: tuple[int, ...]
    dtype: Any
    steps: tuple[Step, ...]
    roles: tuple[str, ...]
    """What each axis counts as: in, out, batch, field, rows, columns or free."""
    unfolding: Unfolding | None
    """How the tensor is flattened for its singular values; None below two axes or without weights."""
    warnings: tuple[str, ...] = field(default=())

    @property
    def ensemble(self) -> Ensemble:
        """The last step's value: what is sampled."""
        return self.steps[-1].value

    @property
    def size(self) -> int:
        """Number of weights."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __getitem__(self, name: str) -> Any:
        """Value of the step of that name."""
        for step in self.steps:
            if step.name == name:
                return step.value
        raise KeyError(f"no step {name!r} in this plan. It has {', '.join(step.name for step in self.steps)}.")

    def __contains__(self, name: str) -> bool:
        return any(step.name == name for step in self.steps)

    def __str__(self) -> str:
        rows = [f"{self.initializer} on {' × '.join(map(str, self.shape))}, {self.dtype}"]
        for step in self.steps:
            value = said(step.value)
            rows.append(f"  {step.name}: {value}" + (f" ({step.note})" if step.note else ""))
        return "\n".join(rows + [f"  warning: {warning}" for warning in self.warnings])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_markdown_(self) -> str:
        rows = [f"**{self.initializer}** on {' × '.join(map(str, self.shape))}, {self.dtype}"]
        rows += [f"- {step.name}: ${step.latex}$" + (f" ({step.note})" if step.note else "") for step in self.steps]
        return "\n".join(rows + [f"- warning: {warning}" for warning in self.warnings])
