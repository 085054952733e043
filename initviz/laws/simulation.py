"""Laws of the singular values of small matrices of independent entries, simulated where no formula holds for all laws.

Limits of large matrices are off by up to a tenth in the distribution function of a 2 × 2 matrix, and their ranges by as
much; for a vector of normal entries the law is exact.
"""

import math
from functools import cache, lru_cache

import numpy as np

from initviz.laws.base import Law
from initviz.laws.complex import ComplexLaw
from initviz.laws.marginals import Distribution
from initviz.spectra import Sample, Simulated, Spectrum, Spiked, Vector

LEAST, MOST = 4096, 32768
"""Matrices: at least 20 of them lie beyond each end of a range of 99 %, so that 1 ± 0.16 % of draws are outside."""
MOST_ENTRIES, MOST_VALUES = 1024, 16
"""Entries and singular values of the largest matrix that is simulated, in 0.2 s."""
NARROW = 1e-3
"""Standard deviation over the mean below which squares lose the small singular values, so that none are taken."""
ENTRIES = LEAST * MOST_ENTRIES
GRID = np.linspace(-6.5, 6.5, 2049)
"""Normal scores at which the quantiles of a law are tabulated."""


def at_this_size(law: Law, rows: int, columns: int, limit: Spectrum) -> Spectrum:
    """The law of the singular values of a matrix of this size; its limit where that is close.

    Args:
        law: of an entry, which varies.
        rows: of the matrix.
        columns: of the matrix.
        limit: the law as the matrix grows.
    """
    longer, shorter = max(rows, columns), min(rows, columns)
    unit, scale = law.standard
    if shorter == 1 and (law.gaussian or longer > MOST_ENTRIES):
        return _norm(unit, longer, scale)
    if shorter > MOST_VALUES or longer * shorter > MOST_ENTRIES:
        return limit
    apart = limit.point_names if isinstance(limit, Spiked) and shorter > 1 else ()
    return Simulated(_sample(unit, longer, shorter, len(apart)), scale, apart)


def _norm(unit: Law, length: int, scale: float) -> Vector:
    """χ of normal entries; of others the normal law of a long vector: s.d. √Var(w²) / (2 √E w²), whatever the mean."""
    from scipy import stats

    parts = length * (2 if unit.complex else 1)
    if unit.gaussian:
        return Vector(Distribution(stats.chi, (parts,), scale=scale * unit.std))
    square, spread = _squared(unit)
    mean = math.sqrt(length * square) * (1 - spread / (8 * length * square**2))
    return Vector(Distribution(stats.norm, (), scale * mean, scale * math.sqrt(spread / square) / 2), exact=False)


def _squared(unit: Law) -> tuple[float, float]:
    """Mean and variance of |w|²."""
    if isinstance(unit, ComplexLaw):
        mean, variance, *_ = unit.modulus_squared.moments
        return mean, variance
    mean, variance, skewness, excess = unit.distribution.moments
    square = variance + mean**2
    return square, (excess + 2) * variance**2 + 4 * mean * skewness * variance**1.5 + 4 * mean**2 * variance


@lru_cache(maxsize=64)
def median_largest_entry(rows: int, columns: int, *, complex: bool) -> float | None:
    """Median of the largest real part of a small Haar matrix with orthonormal columns or rows; None of larger ones.

    Entries of one column share its length, so that the largest is not that of as many independent ones: in 1 × 7 it is
    0.55 instead of 0.52, in 64 × 64 0.430 instead of 0.431.
    """
    tall, thin = max(rows, columns), min(rows, columns)
    if tall * thin > MOST_ENTRIES:
        return None
    numbers = _scores().view(np.complex128) if complex else _scores()
    draws = min(LEAST, numbers.size // (tall * thin))
    q, r = np.linalg.qr(numbers[: draws * tall * thin].reshape(draws, tall, thin))
    diagonal = np.einsum("nii->ni", r)
    matrices = q * (diagonal / np.abs(diagonal))[:, None, :]
    return float(np.median(matrices.real.max((1, 2))))


@lru_cache(maxsize=64)
def _sample(unit: Law, rows: int, columns: int, apart: int) -> Sample:
    """Singular values of matrices of a standard law."""
    draws = int(np.clip(ENTRIES // (rows * columns * columns), LEAST, MOST))
    matrices = entries(unit, draws * rows * columns).reshape(draws, rows, columns)
    return Sample(values_of(matrices, narrow(unit)), apart)


def narrow(unit: Law) -> bool:
    """Whether the entries vary so little that squares of matrices lose their small singular values."""
    return unit.std < NARROW * abs(unit.mean)


def values_of(matrices: np.ndarray, exactly: bool = False) -> np.ndarray:
    """Singular values, descending, of each matrix; from its square, on the shorter side, unless `exactly`."""
    if exactly:
        return np.linalg.svd(matrices, compute_uv=False)
    tall = matrices if matrices.shape[1] >= matrices.shape[2] else matrices.transpose(0, 2, 1)
    squared = np.matmul(tall.conj().transpose(0, 2, 1), tall)
    return np.sqrt(np.maximum(np.linalg.eigvalsh(squared), 0))[:, ::-1]


def standard_normal(count: int, complex_: bool = False) -> np.ndarray:
    """Normal numbers by NumPy: the same in every call."""
    scores = _scores()[:count]
    return scores + 1j * np.random.Generator(np.random.SFC64(2)).standard_normal(count) if complex_ else scores


def entries(unit: Law, count: int) -> np.ndarray:
    """Draws of a standard law by NumPy, in double precision: the same for every law, moved by its quantiles."""
    scores = _scores()[:count]
    if isinstance(unit, ComplexLaw):
        phase = 2 * np.pi * np.random.Generator(np.random.SFC64(1)).random(count)
        return np.sqrt(_by_score(unit.modulus_squared, scores)) * np.exp(1j * phase)
    return unit.std * scores if unit.gaussian else _by_score(unit.distribution, scores)


@cache
def _scores() -> np.ndarray:
    return np.random.Generator(np.random.SFC64(0)).standard_normal(ENTRIES)


def _by_score(distribution: Distribution, scores: np.ndarray) -> np.ndarray:
    """The quantiles at normal scores."""
    from scipy import special

    half = len(GRID) // 2
    table = np.r_[distribution.ppf(special.ndtr(GRID[:half])), distribution.isf(special.ndtr(-GRID[half:]))]
    return np.interp(scores, GRID, table)
