"""The numbers of several draws side by side, each with whether it differs from that of the first."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from initviz.checks.base import STD, Check
from initviz.checks.judgement import Judged
from initviz.compare.question import Entry
from initviz.wording import plain, short

OBSERVED = ("mean", STD, "min", "max", "largest singular value", "smallest singular value")
"""Statistics with a range that holds them in 99 % of draws of a law."""


@dataclass(frozen=True)
class Row:
    """One number or fact of every draw."""

    name: str
    texts: tuple[str, ...]
    """As they are read; a dash where a draw has none."""
    differs: tuple[bool | None, ...]
    """Whether each differs from the first's; None of the first itself, and where it cannot be told.

    Facts differ where their texts do. What is observed differs where each of the two is outside the range that holds
    99 % of draws of the other's law: equal laws do so in at most one of a hundred pairs, whatever their keys.
    """
    observed: bool = False
    """Whether it is observed, and so varies from draw to draw."""


def rows(entries: Sequence[Entry], draws: Sequence[Judged]) -> tuple[Row, ...]:
    """Every number that any of these draws has."""
    found = [_facts(name, [of(*each) for each in zip(entries, draws, strict=True)]) for name, of in FACTS.items()]
    found += [_observed(name, draws) for name in OBSERVED]
    condition = [draw.ranks["condition number"].observed if draw.ranks else None for draw in draws]
    found.append(Row("condition number", tuple(map(plain, condition)), (None,) * len(draws), observed=True))
    likely = [draw.likely for draw in draws]
    found.append(Row("checks", tuple(map(_verdict, draws)), _unlike(likely), observed=True))
    return tuple(row for row in found if set(row.texts) - {"–"})


def _facts(name: str, texts: Sequence[str]) -> Row:
    return Row(name, tuple(texts), _unlike(texts))


def _unlike(values: Sequence[Any]) -> tuple[bool | None, ...]:
    """Whether each differs from the first; None of that itself."""
    return (None, *(value != values[0] for value in values[1:])) if values else ()


def _source(entry: Entry) -> str:
    asked = entry.question
    if asked.weights:
        return "your weights"
    other = f", {asked.generator}" * (asked.generator != type(asked).generator)
    return f"{asked.seed}{other}{', not partitionable' * (not asked.partitionable)}"


def _law(draw: Judged, name: str) -> str:
    marginal = draw.plan.ensemble.marginal
    return "–" if marginal is None else plain(getattr(marginal, name))


def _step(draw: Judged, name: str) -> str:
    """A step of the plan, if it is a number."""
    if name not in draw.plan:
        return "–"
    value = draw.plan[name]
    return plain(float(value)) if isinstance(value, int | float) else "–"


FACTS: dict[str, Callable[[Entry, Judged], str]] = {
    "initializer": lambda entry, draw: short(draw.plan.initializer),
    "shape": lambda entry, draw: " × ".join(f"{size:,}" for size in draw.plan.shape) or "scalar",
    "dtype": lambda entry, draw: str(draw.observation.dtype),
    "seed": lambda entry, draw: _source(entry),
    "fan used": lambda entry, draw: _step(draw, "fan"),
    "mean of the law": lambda entry, draw: _law(draw, "mean"),
    "std of the law": lambda entry, draw: _law(draw, "std"),
}
"""What is known before anything is drawn."""


def _verdict(draw: Judged) -> str:
    tested = [check.within for check in draw.checks if check.within is not None]
    if not tested:
        return "–"
    return f"{sum(tested)} of {len(tested)} within{'' if draw.likely else ', unlikely as a whole'}"


def _observed(name: str, draws: Sequence[Judged]) -> Row:
    found = [next((check for check in draw.checks if check.name == name), None) for draw in draws]
    texts = tuple("–" if each is None else plain(each.observed) for each in found)
    return Row(name, texts, (None, *(_differ(found[0], each) for each in found[1:])), observed=True)


def _differ(one: Check | None, other: Check | None) -> bool | None:
    if one is None or other is None:
        return None
    ends = one.low, one.high, other.low, other.high, one.observed, other.observed
    if any(map(math.isnan, ends)):
        return None
    return not (one.low <= other.observed <= one.high or other.low <= one.observed <= other.high)
