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
class Sample:
    """Singular values of many matrices, and what is computed of them once.

    Args:
        values: descending in each matrix: (matrices, singular values).
        apart: how many of the largest are no part of the bulk.
        matrices: how many the values come from, where a row is not all that one has.
    """

    values: np.ndarray
    apart: int = 0
    matrices: int = 0

    @cached_property
    def medians(self) -> np.ndarray:
        """Of each singular value, descending."""
        return np.median(self.values, 0)

    @cached_property
    def largest(self) -> Expected:
        """The first of each matrix."""
        return self._expected(0)

    @cached_property
    def smallest(self) -> Expected:
        """The last of each matrix."""
        return self._expected(-1)

    @cached_property
    def bulk(self) -> np.ndarray:
        """All values but those apart, ascending."""
        return np.sort(self.values[:, self.apart :], axis=None)

    @cached_property
    def density(self) -> tuple[np.ndarray, np.ndarray]:
        """Where and what: a Gaussian kernel estimate (Silverman 1986), reflected at 0."""
        bulk = self.bulk
        spread = min(bulk.std(), np.subtract(*np.quantile(bulk, (0.75, 0.25))) / 1.349)
        width = max(0.9 * spread * bulk.size**-0.2, 1e-9 * bulk[-1])
        edges = np.linspace(max(bulk[0] - 4 * width, 0.0), bulk[-1] + 4 * width, CELLS + 1)
        counts, step = np.histogram(bulk, edges)[0], edges[1] - edges[0]
        reach = min(int(4 * width / step) + 1, CELLS)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
        beyond = np.zeros(reach) if edges[0] else counts[:reach][::-1]
        smooth = np.convolve(np.concatenate([beyond, counts, np.zeros(reach)]), kernel / kernel.sum(), "valid")
        at = (edges[1:] + edges[:-1]) / 2
        if not edges[0]:
            at[0] = 0.0
        return at, smooth / (bulk.size * step)

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


@dataclass(frozen=True, eq=False)
class Simulated(Spectrum):
    """Singular values that are `scale` times those of a sample, of which the first may lie apart from the bulk.

    Args:
        sample: of matrices of scale 1.
        scale: in units of the weights.
        apart: what to call those that lie apart, one after the other.
    """

    sample: Sample
    scale: float = 1.0
    apart: tuple[str, ...] = ()

    name = "simulated"

    @property
    def holds(self) -> str:  # type: ignore[override]  # nobody sets it
        """How many matrices it comes from."""
        return f"simulated from {self.sample.matrices or len(self.sample.values):,} matrices"

    @property
    def bulk_count(self) -> int:
        """All but those apart."""
        return self.sample.values.shape[1] - len(self.apart)

    @property
    def points(self) -> tuple[tuple[float, int], ...]:
        """The means of those apart."""
        return tuple((self.scale * float(mean), 1) for mean in self.sample.values[:, : len(self.apart)].mean(0))

    @property
    def point_names(self) -> tuple[str, ...]:
        """As they are called."""
        return self.apart

    @property
    def reach(self) -> tuple[float, float] | None:
        """From the smallest to the largest of the bulk that was seen."""
        bulk = self.sample.bulk
        return (self.scale * float(bulk[0]), self.scale * float(bulk[-1])) if bulk.size else None

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """A smooth estimate of the density."""
        return np.interp(np.asarray(s, float) / self.scale, *self.sample.density, left=0.0, right=0.0) / self.scale

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """The share of the simulated values."""
        bulk = self.sample.bulk
        return np.searchsorted(bulk, np.asarray(s, float) / self.scale, side="right") / bulk.size

    @property
    def largest(self) -> Expected | None:
        """Of the simulated matrices."""
        return self.sample.largest.scaled(self.scale)

    @property
    def smallest(self) -> Expected | None:
        """Of the simulated matrices."""
        return self.sample.smallest.scaled(self.scale)

    def ideal(self, count: int) -> np.ndarray:
        """The median of each singular value, descending: (count,); as any law's for another count."""
        medians = self.sample.medians
        return self.scale * medians if count == medians.size else super().ideal(count)
