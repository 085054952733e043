"""Statistics of draws that take few values, by the values themselves: their mean, their spread and their ends."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from initviz.checks.base import eps_of, two_sided
from initviz.checks.grain import FINE, few
from initviz.checks.sums import EXACT, Copy, lattice_step, sum_law
from initviz.laws.base import Law
from initviz.laws.mixture import Mixture

PRECISE = 1e-6
"""Standard deviations that the moments of a summary are within."""


@dataclass(frozen=True, eq=False)
class Values:
    """A variable that takes these values, ascending, in equal shares."""

    values: np.ndarray

    def cdf(self, x: npt.ArrayLike) -> np.ndarray:
        """Share of at most x."""
        return np.searchsorted(self.values, x, side="right") / self.values.size

    @cached_property
    def copy(self) -> Copy:
        """As one of those that are averaged."""
        mean = float(self.values.mean())
        apart = self.values - mean
        std = float((apart @ apart / apart.size) ** 0.5)
        shape = std, float((apart**3).mean() / std**3) if std else 0.0
        return Copy(self.cdf, mean, float(self.values[0]), float(self.values[-1]), shape)

    @cached_property
    def gap(self) -> float:
        """Smallest distance of two values, of those that show."""
        gaps = np.diff(np.unique(self.values))
        shown = gaps[gaps > self.copy.shape[0] / 100]
        return float(shown.min()) if shown.size else 0.0

    def chance(self, observed: float, count: int) -> float:
        """How likely an average of `count` of them is to be at least as far out as this one, this one included."""
        copies, (std, _) = ((self.copy, count),), self.copy.shape
        if std <= PRECISE:
            return float(abs(observed - self.copy.mean) <= 2 * PRECISE)
        # Each copy is rounded by half a point of the lattice; a gamma law does not know of gaps between averages.
        room = lattice_step(copies) / count**0.5 if count < EXACT else self.gap / 2 / count
        law, unit = sum_law(copies), std / count**0.5
        z, room = (observed - self.copy.mean) / unit, (room + PRECISE) / unit
        return two_sided(law.tails(z + room)[0], law.tails(z - room)[1])


@dataclass(frozen=True, eq=False)
class Attained:
    """What the draws of a law in a dtype can be, in units of the exact law: (w - mean) / std."""

    weights: Values
    mean: float
    std: float
    eps: float

    @cached_property
    def squares(self) -> Values:
        """Their squares."""
        return Values(np.sort(self.weights.values**2))

    def of_mean(self, observed: float, count: int) -> float:
        """How likely a mean of `count` weights is to be so far out."""
        return self.weights.chance((observed - self.mean) / self.std, count)

    def of_std(self, observed: float, count: int) -> float:
        """How likely a standard deviation around the law's mean is to be so far out."""
        return self.squares.chance(float(np.square(observed / self.std)), count)

    def of_end(self, side: int, observed: float, count: int) -> float:
        """How likely the smallest (`side` -1) or the largest (+1) is to be so far in or out."""
        room = 2 * self.eps * abs(observed)
        farther_in, farther_out = (
            float(self.weights.cdf((observed + side * off - self.mean) / self.std)) for off in (room, -room)
        )
        if side < 0:
            farther_in, farther_out = 1 - farther_in, 1 - farther_out
        return two_sided(farther_in**count, 1 - farther_out**count)


def attained_of(law: Law | Mixture, dtype) -> Attained | None:
    """What draws of a law in a dtype can be; None where they follow the exact law, and of mixtures.

    The values are those of the law itself, not of one of scale 1: a dtype of few digits rounds a scale with them.
    """
    if isinstance(law, Mixture) or not few(law, dtype):
        return None
    return _attained(jax.tree.map(float, law), np.dtype(dtype))  # jax numbers have no hash


@lru_cache(maxsize=64)
def _attained(law: Law, dtype: np.dtype) -> Attained | None:
    values = law.attainable(dtype, FINE).astype(float)
    values = values[np.abs(values) <= float(law.scale) * float(jnp.finfo(dtype).max) / 2]  # without what is nonsense
    return (
        Attained(Values(np.sort((values - law.mean) / law.std)), law.mean, law.std, eps_of(dtype))
        if values.size
        else None
    )
