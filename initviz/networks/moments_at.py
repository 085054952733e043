"""Moments of an activation at many variances of its arguments at once: exactly, or interpolated."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline

from initviz.propagation import Activation
from initviz.propagation.quadrature import TINY, NotIntegrableError

POINTS = 97
"""Variances between which is interpolated."""
HUGE = 1e300


class MomentsAt(NamedTuple):
    """Of an activation at variances q of its arguments."""

    square: np.ndarray
    """E φ²."""
    spread: np.ndarray
    """E φ⁴ / (E φ²)² − 1."""
    growth: np.ndarray
    """q d/dq ln E φ²."""
    mean: np.ndarray
    """E φ."""
    slope_square: np.ndarray
    """E φ′²."""
    slope_fourth: np.ndarray
    """E φ′⁴ / (E φ′²)²."""

    @property
    def centred(self) -> "MomentsAt":
        """Of the activation less its mean; of the spread a bound."""
        square = np.maximum(self.square - self.mean**2, TINY)
        spread = self.spread * (self.square / square) ** 2
        return MomentsAt(square, spread, self.growth, np.zeros_like(square), self.slope_square, self.slope_fourth)


def exactly(function: Activation) -> Callable[[np.ndarray], MomentsAt]:
    """Of one variance, by closed forms or quadrature; 0 for ratios of squares that vanish in double precision."""
    moments, at_0 = function.moments, float(function(0.0))

    def at(q: np.ndarray) -> MomentsAt:
        (variance,) = q.tolist()
        near = max(variance, TINY)
        square, slopes = moments.square(near) if variance else at_0**2, moments.slope_square(near)
        found = (
            square,
            moments.fourth(near) / square**2 - 1 if square**2 else 0.0,
            near * moments.growth(near) / square if square else 0.0,
            moments.mean(near) if variance else at_0,
            slopes,
            moments.slope_square(near, 2) / slopes**2 if slopes**2 else 0.0,
        )
        return MomentsAt(*(np.array([each]) for each in found))

    return at


def interpolated(function: Activation, low: float, high: float) -> Callable[[np.ndarray], MomentsAt]:
    """Of many variances between two, by cubic splines in log q; beyond, the size goes on as it grows at the end."""
    rows, exact = [], exactly(function)
    at_q = np.exp(np.linspace(np.log(low), np.log(min(high, HUGE)), POINTS))
    with suppress(NotIntegrableError, OverflowError):  # of what grows too fast for the largest
        for q in at_q:
            row = np.concatenate(exact(np.array([q])))
            if not np.isfinite(row).all():
                break
            rows.append(row)
    known = np.log(at_q[: len(rows)])
    square, spread, growth, mean, slope, fourth = np.transpose(rows)
    of = CubicSpline(known, np.transpose(
        [np.log(np.maximum(square, TINY)), spread, growth, mean / np.sqrt(np.maximum(square, TINY)),
         np.log(np.maximum(slope, TINY)), fourth]
    ))  # fmt: skip

    def at(q: np.ndarray) -> MomentsAt:
        log_q = np.log(q)
        within = np.clip(log_q, known[0], known[-1])
        found = np.moveaxis(of(within), -1, 0)
        square = np.exp(found[0] + found[2] * (log_q - within))
        return MomentsAt(square, found[1], found[2], found[3] * np.sqrt(square), np.exp(found[4]), found[5])

    return at
