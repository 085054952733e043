"""What is compared, as plain frozen data: draws with their names and colors, and the keys they are drawn with."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from initviz.answers.question import Question
from initviz.laws.by_value import ByValue
from initviz.networks.question import NetworkQuestion
from initviz.settings.choices import LARGEST_SEED

APART = 1_000
"""Between seeds of independent keys: networks are drawn with some seeds from theirs on, and no two may meet."""


@dataclass(frozen=True, eq=False)
class Entry(ByValue):
    """One of what is compared, as it was when it was pinned."""

    name: str
    """In the legend; no two have the same."""
    slot: int
    """Its place in the palette, from 1 on."""
    question: Question
    network: NetworkQuestion
    written: dict[str, Any] | None = field(default=None, repr=False)
    """The study that was pinned, as JSON; None of weights that somebody brought, which are in no file."""

    __hash__ = None  # type: ignore[assignment]  # of what was written

    def with_seed(self, seed: int) -> "Entry":
        """The same, drawn with the key of this seed."""
        fields = tuple((name, seed if name == "seed" else value) for name, value in self.network.fields)
        return replace(self, question=replace(self.question, seed=seed), network=replace(self.network, fields=fields))


def _same(entries: Sequence[Entry]) -> list[int]:
    return [entries[0].question.seed] * len(entries)


def _independent(entries: Sequence[Entry]) -> list[int]:
    first = entries[0].question.seed
    return [(first + APART * place) % (LARGEST_SEED + 1) for place in range(len(entries))]


KEYS = {
    "as pinned": lambda entries: [each.question.seed for each in entries],
    "same": _same,
    "independent": _independent,
}
"""Seeds of what is compared: its own, that of the first, or one that no other has."""


@dataclass(frozen=True, eq=False)
class ComparisonQuestion(ByValue):
    """What is asked of what is compared."""

    entries: tuple[Entry, ...]
    """With the seeds that they are drawn with."""
    look: str
    steps: int = 0
    """Of the training, if one is asked for."""
    learning_rate: float = 0.0

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_quick(self) -> bool:
        """Whether it takes no longer than some tenths of a second."""
        return self.look == "draws" and all(each.question.is_quick for each in self.entries)
