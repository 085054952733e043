"""Numbers that sum up a spectrum: how ill conditioned a matrix is, and how many directions it really has."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from initviz.spectra.base import Spectrum
from initviz.spectra.simulated import Sample, Simulated

ROUNDING = 10
"""Singular values below this many eps of the largest one cannot be told from 0."""


def condition_number(values: npt.ArrayLike, tolerance: float | None = None) -> float:
    """κ = s_max / s_min of singular values in any order, without unit; infinite where the smallest is 0 to rounding.

    Rounding is `tolerance` times the largest value; without one `ROUNDING` · eps of their dtype, which is what LAPACK
    really leaves of a zero: the usual max(rows, columns) · eps would call ordinary matrices singular. NaN without
    values.
    """
    values = _floats(values)
    return float(_condition_numbers(values[None], tolerance)[0]) if values.size else float("nan")


def stable_rank(values: npt.ArrayLike) -> float:
    """Σ s² / s_max² of singular values: between 1 and their number; 0 for a zero matrix (Rudelson & Vershynin 2007)."""
    return float(_stable_ranks(_floats(values)[None])[0])


def participation_ratio(values: npt.ArrayLike) -> float:
    """(Σ s²)² / Σ s⁴ of singular values: how many equal ones would share out the energy so; 0 for a zero matrix."""
    return float(_participation_ratios(_floats(values)[None])[0])


def entropy_rank(values: npt.ArrayLike) -> float:
    """exp(-Σ p log p) with p = s / Σ s: the effective rank of Roy & Vetterli 2007; 0 for a zero matrix."""
    return float(_entropy_ranks(_floats(values)[None])[0])


RANKS: dict[str, Callable[[np.ndarray], float]] = {
    "condition number": condition_number,
    "stable rank": stable_rank,
    "participation ratio": participation_ratio,
    "entropy rank": entropy_rank,
}
"""What there is to say of singular values in one number each, without units."""


def expected_ranks(law: Spectrum, count: int) -> dict[str, float | None]:
    """Each of `RANKS` for a typical matrix of `count` singular values of a law: `law.ideal(count)`.

    The condition number is None where the law does not know its largest or its smallest value. Of a square matrix it is
    a median: its mean is infinite (Edelman 1988). Of a simulated law each is the median of all its matrices.
    """
    return {name: typical.value for name, typical in _typical(law, count).items()}


class Typical(NamedTuple):
    """What is expected of a rank; None where no law is known."""

    value: float | None
    error: float = 0.0
    """Its standard error, where it comes from a simulation."""


class Rank(NamedTuple):
    """One of `RANKS`: of singular values, and of a typical matrix of their law, see `Typical`."""

    observed: float
    expected: float | None
    error: float = 0.0


def ranks(values: np.ndarray, law: Spectrum | None) -> dict[str, Rank]:
    """Each of `RANKS` of these singular values: observed, and expected where there is a law; nothing without values."""
    if not len(values):
        return {}
    typical = _typical(law, len(values)) if law else {}
    return {name: Rank(rank(values), *typical.get(name, Typical(None))) for name, rank in RANKS.items()}


def _typical(law: Spectrum, count: int) -> dict[str, Typical]:
    if isinstance(law, Simulated) and count == law.count:
        return dict(_simulated(law.sample))
    values = law.ideal(count)
    found = {name: Typical(rank(values)) for name, rank in RANKS.items()}
    if law.largest is None or law.smallest is None:
        found["condition number"] = Typical(None)
    if law.largest is None and len(values) > 1:
        found["stable rank"] = Typical(None)
    return found


@lru_cache(maxsize=64)
def _simulated(sample: Sample) -> dict[str, Typical]:
    return {name: _median(each(sample.values)) for name, each in _OF_MANY.items()}


def _median(found: np.ndarray) -> Typical:
    """With its standard error: half of what lies between the order statistics √N / 2 below and above the middle."""
    size = found.size
    low, high = np.partition(found, places := [int((size - size**0.5) / 2), int((size + size**0.5) / 2)])[places]
    return Typical(float(np.median(found)), float(high - low) / 2 if np.isfinite(high) else 0.0)


def _condition_numbers(values: np.ndarray, tolerance: float | None = None) -> np.ndarray:
    largest, smallest = values.max(-1), values.min(-1)
    tolerance = ROUNDING * np.finfo(values.dtype).eps if tolerance is None else tolerance
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(smallest > tolerance * largest, largest / smallest, np.inf)
    return np.where(largest > 0, ratio, np.nan)


def _stable_ranks(values: np.ndarray) -> np.ndarray:
    return (_shares(values) ** 2).sum(-1)


def _participation_ratios(values: np.ndarray) -> np.ndarray:
    squared = _shares(values) ** 2
    fourth = (squared**2).sum(-1)
    return squared.sum(-1) ** 2 / np.where(fourth > 0, fourth, 1)


def _entropy_ranks(values: np.ndarray) -> np.ndarray:
    shares = _shares(values)
    total = shares.sum(-1, keepdims=True)
    p = shares / np.where(total > 0, total, 1)
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(-1)
    return np.where(total[..., 0] > 0, np.exp(entropy), 0.0)


_OF_MANY = dict(zip(RANKS, (_condition_numbers, _stable_ranks, _participation_ratios, _entropy_ranks), strict=True))
"""`RANKS` of each row of many."""


def _floats(values: npt.ArrayLike) -> np.ndarray:
    values = np.asarray(values)
    return values if values.dtype in (np.float32, np.float64) else values.astype(float)


def _shares(values: np.ndarray) -> np.ndarray:
    """Singular values in units of the largest, in double precision, so that no square under- or overflows."""
    values = values.astype(float)
    largest = values.max(-1, keepdims=True, initial=0.0)
    return values / np.where(largest > 0, largest, 1)
