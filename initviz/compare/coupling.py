"""What draws of one key have in common: they are made of the same random numbers, and no two of them are independent.

Every element-wise initializer is a growing function of one array of uniform numbers, so that two of them with one key
are in the same order, and two of one family differ by a factor.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from initviz import engine
from initviz.checks.base import eps_of
from initviz.checks.judgement import Judged
from initviz.compare.question import Entry
from initviz.wording import plain

SAMPLE = 2**12
"""Most weights that are compared entry by entry: the first ones."""
ROUNDINGS = 8
"""Units in the last place between products that would be equal without rounding."""
SIMPLE = 64
"""Largest denominator of the square of a factor that is written as a root."""


@dataclass(frozen=True)
class Coupled:
    """Two draws that are made with one key."""

    name: str
    other: str
    ratio: float | None = None
    """By what each weight of the second is that of the first multiplied; None where it is no one number."""
    rank_correlation: float | None = None
    """Of weights in the same places (Spearman); None where there is none."""
    exact: bool = False
    """Whether the two are in the same order without exception."""

    def __str__(self) -> str:
        key = "they are drawn with one key"
        if self.ratio == 1:
            return f"{self.other} equals {self.name}, entry by entry: {key}."
        if self.ratio is not None:
            return f"{self.other} is {self.name} × {root(self.ratio)}, entry by entry: {key}."
        if self.exact:
            return f"{self.other} and {self.name} are in the same order, rank correlation 1: {key}."
        if self.rank_correlation is not None:
            return f"{self.other} and {self.name} have rank correlation {plain(self.rank_correlation, 3)}: {key}."
        return f"{self.other} and {self.name}: {key}."


def root(factor: float) -> str:
    """A factor as a root of a simple fraction, if it is one: 1/√2."""
    square = Fraction(factor**2).limit_denominator(SIMPLE)
    if factor <= 0 or not square or not math.isclose(factor**2, square, rel_tol=1e-5):
        return plain(factor)
    top, below = _root_of(square.numerator), _root_of(square.denominator)
    return top if below == "1" else f"{top}/{below}"


def _root_of(number: int) -> str:
    whole = math.isqrt(number)
    return str(whole) if whole * whole == number else f"√{number}"


def couplings(entries: Sequence[Entry], draws: Sequence[Judged]) -> tuple[Coupled, ...]:
    """Each draw that has the key of one before it: beside the first that differs by a factor, or the first of all."""
    sharing: dict[tuple[Any, ...], list[Sampled]] = {}
    found = []
    for entry, draw in zip(entries, draws, strict=True):
        asked = entry.question
        if asked.weights or hasattr(draw.plan.ensemble, "value"):
            continue  # nothing is drawn
        before = sharing.setdefault((asked.seed, asked.generator, asked.partitionable), [])
        this = entry.name, _sample(entry, draw), eps_of(draw.plan.dtype)
        if before:
            multiples = (_multiple(other, this) for other in before)
            found.append(next(filter(None, multiples), None) or _ordered(before[0], this))
        before.append(this)
    return tuple(found)


def _sample(entry: Entry, draw: Judged) -> np.ndarray:
    """The first weights of a draw, in double precision."""
    weights = draw.observation.weights
    if weights is not None:
        found = np.asarray(weights).reshape(-1)[:SAMPLE]
    elif engine.made_in_parts(draw.plan.ensemble, entry.question.key):
        places = np.arange(min(SAMPLE, draw.plan.size))
        with entry.question.in_force():
            found = np.asarray(engine.draw_at(draw.plan.ensemble, entry.question.key, places, draw.plan.dtype))
    else:
        found = np.zeros(0)
    return found.astype(np.complex128 if np.iscomplexobj(found) else np.float64)


Sampled = tuple[str, np.ndarray, float]
"""The name of a draw, its first weights, and the eps of its dtype."""


def _multiple(one: Sampled, two: Sampled) -> Coupled | None:
    """The pair, if the second is the first times a number; else None."""
    (name, first, eps), (other, second, other_eps) = one, two
    first, second = _in_same_places(first, second)
    there = first != 0
    if not there.any() or second[~there].any() or not np.isfinite([first, second]).all():
        return None
    factor = (first @ second) / (first @ first)
    room = ROUNDINGS * max(eps, other_eps) * np.abs(factor * first)
    if np.iscomplexobj(factor) or not factor or (np.abs(second - factor * first) > room).any():
        return None
    return Coupled(name, other, 1.0 if np.array_equal(first, second) else float(factor), 1.0, exact=True)


def _ordered(one: Sampled, two: Sampled) -> Coupled:
    """The pair, with how alike their orders are, where both are of real numbers that vary."""
    (name, first, _), (other, second, _) = one, two
    first, second = _in_same_places(first, second)
    ordered = not (np.iscomplexobj(first) or np.iscomplexobj(second)) and np.isfinite([first, second]).all()
    if len(first) < 2 or not ordered or not np.ptp(first) or not np.ptp(second):
        return Coupled(name, other)
    rising = bool((np.diff(second[np.lexsort((second, first))]) >= 0).all())
    return Coupled(name, other, None, 1.0 if rising else _rank_correlation(first, second), rising)


def _in_same_places(one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count = min(len(one), len(two))
    return one[:count], two[:count]


def _rank_correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Spearman's: of ranks, equal values sharing the mean of theirs."""
    return float(np.corrcoef(_ranks(one), _ranks(two))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[place.reshape(-1)]
