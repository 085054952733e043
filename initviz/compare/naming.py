"""What is pinned gets a name of its own: its initializer, and what tells it from another one of that name."""

from collections.abc import Sequence
from itertools import chain, count
from typing import Any

from initviz.answers.question import Question
from initviz.compare.question import Entry
from initviz.networks.question import NetworkQuestion
from initviz.wording import short

LONGEST_NAME = 40
TOLD = 2
"""How many differences a name tells at most."""


def free_name(question: Question, network: NetworkQuestion, entries: Sequence[Entry]) -> str:
    """A name that none of these has: `he_normal()`, `he_normal() · seed 1`, or with a number where nothing differs."""
    own = _cut(base(question), LONGEST_NAME - 5)
    taken = {each.name for each in entries}
    first = next((each for each in entries if base(each.question) == base(question)), None)
    differs = [] if first is None else differences(first, question, network)
    longer = [_cut(f"{own} · {', '.join(differs[:TOLD])}")] if differs else []
    numbered = (f"{own} · {number}" for number in count(2))
    return next(name for name in chain([own], longer, numbered) if name not in taken)


def base(question: Question) -> str:
    """The initializer, or whose weights they are."""
    return f"weights, {question.function}" if question.weights else short(str(question.initializer))


def differences(first: Entry, question: Question, network: NetworkQuestion) -> list[str]:
    """What is not as it is of the first, in a few words each."""
    found = [of(question) for of in FACTS if of(question) != of(first.question)]
    there = dict(first.network.fields)
    return found + [f"{name} {_cut(said(value), 12)}" for name, value in network.fields
                    if name != "seed" and value != there.get(name)]  # fmt: skip


def said(value: Any) -> str:
    """A setting of a network in a word."""
    return value if isinstance(value, str) else short(str(getattr(value, "name", value)))


def _cut(text: str, most: int = LONGEST_NAME) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


FACTS = (
    lambda question: f"seed {question.seed}",
    lambda question: " × ".join(map(str, question.shape)) or "scalar",
    lambda question: question.dtype,
    lambda question: question.generator,
    lambda question: "partitionable" if question.partitionable else "not partitionable",
)
"""What may tell draws of one initializer apart."""
