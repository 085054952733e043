"""The law of a block of an orthogonal matrix."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from initviz.spectra.base import LIMIT, Expected, Spectrum
from initviz.spectra.marchenko_pastur import root_integral


@dataclass(frozen=True)
class Jacobi(Spectrum):
    """Singular values of `scale` times a rows × columns block of a Haar matrix in `dimension` dimensions.

    Real or complex alike, and whichever block: the limit of large blocks of these proportions (Wachter 1980; Collins
    2005). Where rows + columns > dimension, so many values are exactly `scale`: some vectors lie wholly in the block.

    Raises:
        ValueError: the block is larger than the matrix.
    """

    rows: int
    columns: int
    dimension: int
    scale: float = 1.0

    name = "Jacobi"
    holds = LIMIT

    def __post_init__(self) -> None:
        if max(self.rows, self.columns) > self.dimension:
            raise ValueError(
                f"a block must fit into its matrix, got {self.rows} × {self.columns} of one in {self.dimension} "
                f"dimensions. Give a dimension of at least {max(self.rows, self.columns)}."
            )

    @property
    def points(self) -> tuple[tuple[float, int], ...]:
        """`scale`, as often as rows + columns exceeds the dimension; each value where a side is the whole matrix."""
        count = self.rows + self.columns - self.dimension
        return ((float(self.scale), count),) if count > 0 else ()

    @property
    def point_names(self) -> tuple[str, ...]:
        """What the points mean."""
        return ("the whole scale" if self.bulk_count else "all equal",) * len(self.points)

    @property
    def bulk_count(self) -> int:
        """All singular values but those equal to the scale."""
        return min(self.rows, self.columns) - sum(count for _, count in self.points)

    @property
    def _squared(self) -> tuple[float, float]:
        """Ends of the bulk of s²/scale²: (√(a(1-b)) ∓ √(b(1-a)))²."""
        a, b = self.rows / self.dimension, self.columns / self.dimension
        first, second = math.sqrt(a * (1 - b)), math.sqrt(b * (1 - a))
        return (first - second) ** 2, min((first + second) ** 2, 1.0)

    @property
    def edges(self) -> tuple[float, float] | None:
        """`scale |√(a(1-b)) ± √(b(1-a))|` with a = rows/dimension, b = columns/dimension; None without a bulk."""
        low, high = (self.scale * math.sqrt(end) for end in self._squared)
        return (low, high) if self.bulk_count else None

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """p(s) = √((x - x₋)(x₊ - x)) N / (π k s (1 - x)) with x = s²/scale², k values in the bulk, N the dimension.

        Where the block is half of the matrix (rows + columns = dimension) it has a pole at the scale.
        """
        s = np.asarray(s, float)
        if not self.bulk_count:
            return np.zeros_like(s)
        low, high = self._squared
        t = s / self.scale
        inside = (t > 0) & (t < 1) & (t**2 >= low) & (t**2 <= high)
        safe = np.where(inside, t, 0.5)
        x = safe**2
        density = np.sqrt(np.maximum((x - low) * (high - x), 0)) / (safe * (1 - x))
        if low == 0:  # as many rows as columns: the density starts at its value, not at 0/0
            density, inside = np.where(t == 0, math.sqrt(high), density), inside | (t == 0)
        return np.where(inside, density, 0.0) * self.dimension / (math.pi * self.bulk_count * self.scale)

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """∫ √((x - x₋)(x₊ - x)) / (x (1 - x)) dx in closed form, from 1/(x (1 - x)) = 1/x + 1/(1 - x)."""
        if not self.bulk_count:
            return super().bulk_cdf(s)
        low, high = self._squared
        x = np.clip((np.maximum(s, 0.0) / self.scale) ** 2, low, high)
        mirrored = root_integral(1 - low, 1 - high, 1 - low) - root_integral(1 - x, 1 - high, 1 - low)
        total = root_integral(x, low, high) + mirrored
        return np.clip(total * self.dimension / (2 * math.pi * self.bulk_count), 0, 1)

    @property
    def largest(self) -> Expected | None:
        """The scale, without spread, where some values equal it; else None."""
        return Expected(float(self.scale), 0.0) if self.points else None

    @property
    def smallest(self) -> Expected | None:
        """The scale, where all values equal it; else None."""
        return None if self.bulk_count else self.largest
