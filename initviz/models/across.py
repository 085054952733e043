"""What is wrong whatever is declared: copies, a tensor that its siblings are not like, weights that are no numbers."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from initviz.models.seen import Seen
from initviz.models.tensor import Tensor
from initviz.wording import plain, several

LEAST = 16
"""Fewest leading weights that tell copies."""
EQUAL = 1e-5
"""How far weights of single precision may be off a multiple of others."""


@dataclass(frozen=True)
class Relation:
    """What tensors have to do with each other, or what is wrong with one whatever it is said to be."""

    kind: str
    """"tied", "copy", "scaled copy", "same random numbers", "unlike its siblings" or "not finite"."""
    paths: tuple[str, ...]
    words: str
    wrong: bool = True
    """Whether independent draws would not be so."""


def not_finite(tensors: Iterable[tuple[Tensor, Seen]]) -> tuple[Relation, ...]:
    """Tensors with weights that are no numbers, which no initializer draws."""
    return tuple(
        Relation("not finite", (tensor.path,), f"{several(seen.moments.not_finite, 'weight')} NaN or infinite")
        for tensor, seen in tensors if seen.moments.not_finite
    )  # fmt: skip


def relations(tensors: Iterable[tuple[Tensor, Seen]]) -> tuple[Relation, ...]:
    """Tied tensors, then copies of one another, then tensors with slices that begin alike."""
    tensors = list(tensors)
    return (*_tied(tensors), *_copies(tensors), *_slices(tensors))


def _tied(tensors: list[tuple[Tensor, Seen]]) -> Iterator[Relation]:
    shared = defaultdict(list)
    for tensor, _ in tensors:
        if tensor.same is not None:
            shared[tensor.same].append(tensor.path)
    for paths in shared.values():
        if len(paths) > 1:
            yield Relation("tied", tuple(paths), "one array in memory", wrong=False)


def _copies(tensors: list[tuple[Tensor, Seen]]) -> Iterator[Relation]:
    """Tensors that begin with the same random numbers: a key that was used twice, or weights that were copied."""
    alike, seen_same = defaultdict(list), set()
    for tensor, seen in tensors:
        if tensor.same is None or tensor.same not in seen_same:
            seen_same.add(tensor.same)
            if (order := _order(seen.leading)) is not None:
                alike[order].append((tensor, seen))
    for group in alike.values():
        if len(group) > 1:
            yield _relation(group)


def _order(leading: np.ndarray) -> bytes | None:
    """In which order the leading weights rise, or fall: the same for any scale and law; of 10¹³ pairs one by chance."""
    if len(leading) < LEAST or not np.isfinite(leading).all() or len(np.unique(leading)) < LEAST:
        return None
    above = leading[:LEAST].argsort().tobytes()
    below = (-leading[:LEAST]).argsort().tobytes()
    return min(above, below)


def _relation(group: list[tuple[Tensor, Seen]]) -> Relation:
    paths = tuple(tensor.path for tensor, _ in group)
    first, *others = (seen.leading for _, seen in group)
    factors = []
    for other in others:
        size = min(len(first), len(other))
        one, two = first[:size], other[:size]
        factor = float(one @ two) / float(one @ one)
        if np.abs(two - factor * one).max() > EQUAL * np.abs(two).max():
            return Relation("same random numbers", paths, "drawn with one key: they rise and fall together")
        factors.append(factor)
    shapes = {tensor.shape for tensor, _ in group}
    if all(abs(factor - 1) < EQUAL for factor in factors):
        whole = "" if len(shapes) == 1 else ", as far as they go"
        return Relation("copy", paths, f"equal weights{whole}: one key, or a copy")
    words = ", ".join(plain(factor) for factor in factors)
    return Relation("scaled copy", paths, f"{words} times the first: one key, or a copy")


def _slices(tensors: list[tuple[Tensor, Seen]]) -> Iterator[Relation]:
    for tensor, seen in tensors:
        if seen.alike:
            yield Relation("copy", (tensor.path,), "slices of the stack begin with equal weights: one key, or copies")


def family(path: str) -> str:
    """A path with stars for the numbers in it: what the same tensors of other blocks share."""
    return re.sub(r"(?<![^./_])\d+(?=[./]|$)", "*", path)


Sibling = tuple[Tensor, Seen, bool]
"""A tensor, what is seen of it, and whether it looks like a law that is known."""


def groups_of(tensors: Iterable[Sibling]) -> list[list[Sibling]]:
    """The same tensors of three blocks or more, most of which look like a law that is known: trained ones do not."""
    siblings = defaultdict(list)
    for tensor, seen, known in tensors:
        if seen.moments.count > 1 and not seen.moments.not_finite and len(tensor.shape) > 1:
            siblings[family(tensor.path), tensor.shape].append((tensor, seen, known))
    return [
        group for group in siblings.values()
        if len(group) > 2 and 2 * sum(known and seen.moments.std > 0 for _, seen, known in group) > len(group)
    ]  # fmt: skip


def unlike_siblings(groups: Iterable[list[Sibling]], alpha: float) -> tuple[Relation, ...]:
    """Tensors whose spread differs from that of the same tensors of other blocks, which agree among themselves.

    The logarithm of a standard deviation of N weights of kurtosis κ scatters by √((κ - 1)/4N). A tensor is named where
    it is farther from the median of its siblings than `alpha` of all these differences together would be, and where
    less than half of them are; and one of equal weights where theirs vary.
    """
    from scipy import special

    groups = list(groups)
    found = [
        Relation("unlike its siblings", (tensor.path,),
                 f"every weight is {plain(seen.moments.minimum)}, those of the other {len(group) - 1} vary")
        for group in groups for tensor, seen, _ in group if not seen.moments.std
    ]  # fmt: skip
    varied = [[(tensor, seen) for tensor, seen, _ in group if seen.moments.std] for group in groups]
    tests = sum(map(len, varied))
    for group in varied:
        logs = np.array([math.log(seen.moments.std) for _, seen in group])
        errors = np.array([_error(seen) for _, seen in group])
        middle = float(np.median(logs))
        reach = -special.ndtri(alpha / tests / 2) * errors * math.sqrt(1 + math.pi / 2 / len(group))
        apart = np.abs(logs - middle) > reach
        if 0 < apart.sum() < len(group) / 2:
            found += [
                Relation("unlike its siblings", (tensor.path,),
                         f"its spread is {plain(math.exp(log - middle))} times that of the other {len(group) - 1}")
                for (tensor, _), log, off in zip(group, logs, apart, strict=True) if off
            ]  # fmt: skip
    return tuple(found)


def _error(seen: Seen) -> float:
    """Standard error of the logarithm of the standard deviation, with the kurtosis of the part that is observed."""
    return math.sqrt(max(seen.kurtosis - 1, 0.5) / 4 / seen.moments.count)
