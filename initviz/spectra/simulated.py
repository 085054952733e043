"""The law of the singular values of a small matrix, from many simulated ones: no formula holds for all entries."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from initviz.spectra.base import Expected, Spectrum

FAR = 2.9
"""Normal score up to which quantiles are those of the simulation: 8 of 4096 draws lie beyond, at either end."""
NEAR = 2.0
"""Score from which on the slope is taken that continues them."""
CELLS = 1024
"""Of the table of the density and of the distribution function."""


@dataclass(frozen=True, eq=False)
class Simulated(Spectrum):
    """Singular values of simulated matrices, of which the first may lie apart from the bulk.

    Args:
        values: descending in each matrix: (matrices, singular values).
        apart: what to call the largest ones that are no part of the bulk, one after the other.
    """

    values: np.ndarray
    apart: tuple[str, ...] = ()

    name = "simulated"

    @property
    def holds(self) -> str:  # type: ignore[override]  # nobody sets it
        """How many matrices it comes from."""
        return f"simulated from {len(self.values):,} matrices"

    @property
    def bulk_count(self) -> int:
        """All but those apart."""
        return self.values.shape[1] - len(self.apart)

    @property
    def points(self) -> tuple[tuple[float, int], ...]:
        """The means of those apart."""
        return tuple((float(mean), 1) for mean in self.values[:, : len(self.apart)].mean(0))

    @property
    def point_names(self) -> tuple[str, ...]:
        """As they are called."""
        return self.apart

    @property
    def reach(self) -> tuple[float, float] | None:
        """From the smallest to the largest of the bulk that was seen."""
        bulk = self.values[:, len(self.apart) :]
        return (float(bulk.min()), float(bulk.max())) if bulk.size else None

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """A Gaussian kernel estimate (Silverman 1986), reflected at 0."""
        edges, _, density = self._cells
        return np.interp(np.asarray(s, float), (edges[1:] + edges[:-1]) / 2, density, left=0.0, right=0.0)

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """The share of the simulated values."""
        edges, below, _ = self._cells
        return np.interp(np.asarray(s, float), edges, below, left=0.0, right=1.0)

    @property
    def largest(self) -> Expected | None:
        """Of the simulated matrices."""
        return self._expected(0)

    @property
    def smallest(self) -> Expected | None:
        """Of the simulated matrices."""
        return self._expected(-1)

    def ideal(self, count: int) -> np.ndarray:
        """The median of each singular value, descending: (count,); as any law's for another count."""
        return np.median(self.values, 0) if count == self.values.shape[1] else super().ideal(count)

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Edges of cells from 0 on, the share below each, and the smoothed density in each."""
        bulk = self.values[:, len(self.apart) :].ravel()
        spread = min(bulk.std(), np.subtract(*np.quantile(bulk, (0.75, 0.25))) / 1.349)
        width = 0.9 * spread * len(self.values) ** -0.2
        edges = np.linspace(max(bulk.min() - 4 * width, 0.0), bulk.max() + 4 * width, CELLS + 1)
        counts, step = np.histogram(bulk, edges)[0], edges[1] - edges[0]
        reach = min(int(4 * width / step) + 1, CELLS)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2) if width else np.ones(1)
        reach = kernel.size // 2
        padded = np.concatenate([counts[:reach][::-1] if not edges[0] else np.zeros(reach), counts, np.zeros(reach)])
        smooth = np.convolve(padded, kernel / kernel.sum(), "valid")
        return edges, np.r_[0, np.cumsum(counts)] / bulk.size, smooth / (bulk.size * step)

    def _expected(self, place: int) -> Expected:
        from scipy import special

        column = self.values[:, place]
        scores = np.linspace(-FAR, FAR, 59)
        seen = np.quantile(column, special.ndtr(scores))
        near = np.quantile(column, special.ndtr([-NEAR, NEAR]))
        high = (seen[-1] - near[1]) / (FAR - NEAR)
        least, seldom = special.ndtr([-FAR, -NEAR])
        power = np.log(near[0] / seen[0]) / np.log(seldom / least) if seen[0] > 0 else 0.0

        def quantile(p: npt.ArrayLike) -> np.ndarray:
            score = special.ndtri(p)
            found = np.interp(score, scores, seen) + high * np.maximum(score - FAR, 0)
            return found * np.minimum(np.asarray(p) / least, 1) ** power  # towards 0, which no draw reaches

        return Expected(float(column.mean()), float(column.std()), quantile)
