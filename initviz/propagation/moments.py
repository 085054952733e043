"""Moments of functions of normal numbers, by quadrature with its error; `closed_forms` has those that need none.

All are for u = √q z with z normal, mean 0 and variance 1; of two, u₁ and u₂ have the correlation c.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from initviz.propagation.expressions import Expression
from initviz.propagation.operations import Dual
from initviz.propagation.quadrature import (
    HALVINGS_OF_TWO,
    REACHES,
    TOLERANCE,
    NotIntegrableError,
    UnboundedError,
    density,
    expected,
    expected_of_two,
)
from initviz.wording import quoted

LARGE = 10.0
"""Variance of arguments from which on panels of equal width are too wide around 0."""
NOTHING = np.array([])


class Moments(Protocol):
    """What becomes of normal arguments."""

    @property
    def in_closed_form(self) -> bool:
        """Whether products are closed forms, at any correlation at once; others are integrated one by one."""

    @property
    def keeps_scale(self) -> bool:
        """Whether φ(s u) = s φ(u) for every s above 0, so that E φ² / E u² is the same of every even law."""

    @property
    def active_share(self) -> float | None:
        """Share of slopes that are not 0, where all those have one size; None of others."""

    def mean(self, q: float) -> float:
        """E φ(u)."""

    def square(self, q: float) -> float:
        """E φ(u)²."""

    def fourth(self, q: float) -> float:
        """E φ(u)⁴."""

    def slope_square(self, q: float, power: int = 1) -> float:
        """E φ′(u)^(2 power)."""

    def growth(self, q: float) -> float:
        """d/dq E φ(u)², which is E φ′² + E φ φ″."""

    def product(self, q: float, c: float) -> float:
        """E φ(u₁) φ(u₂)."""

    def slope_product(self, q: float, c: float) -> float:
        """E φ′(u₁) φ′(u₂)."""


def marks(q: float) -> np.ndarray:
    """Edges of panels for arguments of a large variance: what activations do, they do near 0 or on its scale."""
    if q < LARGE:
        return NOTHING
    sizes = 4.0 ** np.arange(1 + math.ceil(math.log(REACHES[-1] * math.sqrt(q), 4)))
    return np.concatenate([-sizes, sizes])


@dataclass(frozen=True)
class Integrated:
    """By quadrature, to 1e-12 of what is integrated.

    Raises:
        ValueError: it does not converge: the function grows too fast, or has too many turns.
    """

    expression: Expression

    in_closed_form = False
    keeps_scale = False
    active_share = None

    def mean(self, q: float) -> float:
        """E φ(u)."""
        return self._of(q, lambda dual, z: dual.value)

    def square(self, q: float) -> float:
        """E φ(u)²."""
        return self._of(q, lambda dual, z: dual.value**2)

    def fourth(self, q: float) -> float:
        """E φ(u)⁴."""
        return self._of(q, lambda dual, z: dual.value**4)

    def slope_square(self, q: float, power: int = 1) -> float:
        """E φ′(u)^(2 power), without what jumps would add."""
        return self._of(q, lambda dual, z: dual.slope ** (2 * power))

    def growth(self, q: float) -> float:
        """By Stein's lemma E φ φ′ z / √q, and what the jumps of φ² add."""
        smooth = self._of(q, lambda dual, z: dual.value * dual.slope * z) / math.sqrt(q)
        jumps = math.fsum(jump * at * float(density(at / math.sqrt(q))) for at, jump in self.expression.jumps)
        return smooth + (jumps / (2 * q**1.5) if jumps else 0.0)  # of a tiny q the power is 0

    def product(self, q: float, c: float, tolerance: float = TOLERANCE, halvings: int = HALVINGS_OF_TWO) -> float:
        """E φ(u₁) φ(u₂), to a tolerance of E φ²."""
        return self._of_two(q, c, lambda dual: dual.value, tolerance, halvings)

    def slope_product(self, q: float, c: float) -> float:
        """E φ′(u₁) φ′(u₂), without what jumps would add."""
        return self._of_two(q, c, lambda dual: dual.slope)

    def _of(self, q: float, part: Callable[[Dual, np.ndarray], np.ndarray]) -> float:
        root = math.sqrt(q)
        try:
            with np.errstate(all="ignore"):
                return expected(
                    lambda z: part(self.expression.dual(root * z), z), np.append(self.expression.kinks, marks(q)) / root
                )
        except NotIntegrableError as problem:
            raise self._refused(problem, q) from None

    def _of_two(
        self, q: float, c: float, part: Callable[[Dual], np.ndarray],
        tolerance: float = TOLERANCE, halvings: int = HALVINGS_OF_TWO,
    ) -> float:  # fmt: skip
        root = math.sqrt(q)
        if abs(c) == 1:
            return self._of(q, lambda dual, z: part(dual) * part(self.expression.dual(c * root * z)))
        try:
            with np.errstate(all="ignore"):
                return expected_of_two(
                    lambda z: part(self.expression.dual(root * z)), c, np.array(self.expression.kinks) / root,
                    marks(q) / root, tolerance, halvings,
                )  # fmt: skip
        except NotIntegrableError as problem:
            raise self._refused(problem, q) from None

    def _refused(self, problem: NotIntegrableError, q: float) -> NotIntegrableError:
        """The problem with its words: what is infinite, and what is only too hard to compute, are two things."""
        text = quoted(self.expression.text)
        if isinstance(problem, UnboundedError):
            return UnboundedError(
                f"an activation must have finite moments for normal arguments, got {text}, of which one is not finite "
                f"at a variance of {q:.4g}. Take one that grows more slowly, without poles and vertical slopes."
            )
        return NotIntegrableError(
            f"an activation must have finite moments for normal arguments, got {text}, of which quadrature does not "
            f"find one at a variance of {q:.4g}. Take one without poles and vertical slopes, and with fewer turns."
        )
