"""The one singular value of a row or a column: its norm."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from initviz.spectra.base import EXACT, LIMIT, Expected, Spectrum

REACH = 1e-5
"""Probability that is left out of the picture, at either end."""


@dataclass(frozen=True)
class Vector(Spectrum):
    """The norm of a vector, whose law is a distribution as SciPy has them.

    Args:
        norm: the law of the norm.
        exact: whether it holds for every length, and not for long vectors only.
    """

    norm: Any
    exact: bool = True

    name = "law of the norm"
    bulk_count = 1

    @property
    def holds(self) -> str:  # type: ignore[override]  # nobody sets it
        """Of normal entries it is exact: χ."""
        return EXACT if self.exact else LIMIT

    @property
    def reach(self) -> tuple[float, float]:
        """Between the quantiles of `REACH`."""
        return float(self.norm.ppf(REACH)), float(self.norm.isf(REACH))

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Density of the norm."""
        return self.norm.pdf(s)

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """Distribution function of the norm."""
        return self.norm.cdf(s)

    @property
    def largest(self) -> Expected:
        """The norm."""
        mean, variance, *_ = self.norm.moments
        return Expected(mean, variance**0.5, self.norm.ppf)

    @property
    def smallest(self) -> Expected:
        """The norm."""
        return self.largest
