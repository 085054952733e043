"""Numbers that sum up a spectrum: how ill conditioned a matrix is, and how many directions it really has."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from initviz.spectra.base import Spectrum
from initviz.spectra.simulated import Sample, Simulated

TYPICAL = 256
"""Most simulated matrices whose ranks are computed."""
ROUNDING = 10
"""Singular values below this many eps of the largest one cannot be told from 0."""


def condition_number(values: npt.ArrayLike, tolerance: float | None = None) -> float:
    """κ = s_max / s_min of singular values in any order, without unit; infinite where the smallest is 0 to rounding.

    Rounding is `tolerance` times the largest value; without one `ROUNDING` · eps of their dtype, which is what LAPACK
    really leaves of a zero: the usual max(rows, columns) · eps would call ordinary matrices singular. NaN without
    values.
    """
    values = _floats(values)
    if not values.size:
        return float("nan")
    largest, smallest = float(values.max()), float(values.min())
    if not largest:
        return float("nan")
    tolerance = ROUNDING * np.finfo(values.dtype).eps if tolerance is None else tolerance
    return largest / smallest if smallest > tolerance * largest else float("inf")


def stable_rank(values: npt.ArrayLike) -> float:
    """Σ s² / s_max² of singular values: between 1 and their number; 0 for a zero matrix (Rudelson & Vershynin 2007)."""
    shares = _shares(values)
    return float((shares**2).sum())


def participation_ratio(values: npt.ArrayLike) -> float:
    """(Σ s²)² / Σ s⁴ of singular values: how many equal ones would share out the energy so; 0 for a zero matrix."""
    squared = _shares(values) ** 2
    return float(squared.sum() ** 2 / (squared**2).sum()) if squared.any() else 0.0


def entropy_rank(values: npt.ArrayLike) -> float:
    """exp(-Σ p log p) with p = s / Σ s: the effective rank of Roy & Vetterli 2007; 0 for a zero matrix."""
    shares = _shares(values)
    if not shares.any():
        return 0.0
    p = shares[shares > 0] / shares.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


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
    a median: its mean is infinite (Edelman 1988). Of a simulated law each is the median of `TYPICAL` matrices.
    """
    if isinstance(law, Simulated) and count == law.count:
        return dict(_simulated(law.sample))
    values = law.ideal(count)
    found: dict[str, float | None] = {name: rank(values) for name, rank in RANKS.items()}
    if law.largest is None or law.smallest is None:
        found["condition number"] = None
    if law.largest is None and len(values) > 1:
        found["stable rank"] = None
    return found


@lru_cache(maxsize=64)
def _simulated(sample: Sample) -> dict[str, float]:
    matrices = sample.values[:TYPICAL]
    return {name: float(np.median([rank(values) for values in matrices])) for name, rank in RANKS.items()}


def ranks(values: np.ndarray, law: Spectrum | None) -> dict[str, tuple[float, float | None]]:
    """Each of `RANKS` of these singular values: observed, and expected where there is a law; nothing without values."""
    if not len(values):
        return {}
    expected = expected_ranks(law, len(values)) if law else {}
    return {name: (rank(values), expected.get(name)) for name, rank in RANKS.items()}


def _floats(values: npt.ArrayLike) -> np.ndarray:
    values = np.asarray(values)
    return values if values.dtype in (np.float32, np.float64) else values.astype(float)


def _shares(values: npt.ArrayLike) -> np.ndarray:
    """Singular values in units of the largest, in double precision, so that no square under- or overflows."""
    values = np.asarray(values, float)
    return values / values.max() if values.size and values.max() > 0 else np.zeros_like(values)
