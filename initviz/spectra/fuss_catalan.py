"""Products of independent square matrices: their singular values, and how fast they grow with the number of layers."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from initviz.spectra.base import LIMIT, TABLE_POINTS, Expected, Spectrum
from initviz.spectra.tracy_widom import TRACY_WIDOM

BISECTIONS = 54  # of an interval: to the last bit of a double
TINY = 1e-100  # an angle of 0 would give 0/0


@dataclass(frozen=True)
class FussCatalan(Spectrum):
    """Singular values of a product of `layers` independent size × size matrices of entries with variance sigma².

    The limit of sizes much larger than `layers`, whatever the law of the entries: s² in units of (σ² size)^layers has
    the moments ((L+1)k choose k) / (Lk + 1) (Penson & Życzkowski 2011). One layer gives the quarter circle.
    """

    size: int
    sigma: float
    layers: int = 1
    complex: bool = False
    normal: bool = True
    """Whether the entries are normal."""
    alone: Spectrum | None = None
    """The law of a single layer, at this size."""

    name = "Fuss–Catalan"
    holds = LIMIT

    @property
    def bulk_count(self) -> int:
        """The size."""
        return self.size

    @property
    def unit(self) -> float:
        """(σ √size)^layers, the root of the mean squared singular value."""
        return (self.sigma * math.sqrt(self.size)) ** self.layers

    @property
    def edges(self) -> tuple[float, float]:
        """0 and (σ √size)^L √((L+1)^(L+1) / L^L)."""
        layers = self.layers
        return 0.0, self.unit * math.sqrt((layers + 1) * (1 + 1 / layers) ** layers)

    @property
    def largest(self) -> Expected | None:
        """The largest of a product of this size: upper edge · exp(τ TW), τ = L / (2 ∛(2 size² (L+1))).

        The edge of Liu, Wang & Zhang 2016 in logarithms, with Ma's shift of the size for real entries. Where the size
        is at least 8 times the layers simulated means are 0 to 2 % below it for normal and 0 to 4 % for uniform
        entries, at most half a standard deviation. Of one layer it is that of `alone`.
        """
        if self.layers == 1 and self.alone:
            return self.alone.largest
        layers, effective = self.layers, self.size if self.complex else self.size - 0.5
        spread = layers / (2 * np.cbrt(2 * self.size**2 * (layers + 1)))
        return TRACY_WIDOM[self.complex].exponential(self.edges[1] * (effective / self.size) ** (layers / 2), spread)

    @property
    def doubt(self) -> str:
        """As `largest` says."""
        if self.layers == 1 and self.alone:
            return self.alone.doubt
        if self.normal:
            return "and found up to 2 % smaller in simulations"
        return "for normal entries: those of this law are up to 4 % smaller"

    def pdf(self, s: npt.ArrayLike) -> np.ndarray:
        """2 s ρ(s²) with ρ = sin²t sinᴸ⁻¹(Lt) / (π sinᴸ((L+1)t)) at the angle t of s²; a pole at 0 if L > 1."""
        layers, s = self.layers, np.asarray(s, float) / self.unit
        inside = (s > 0) & (s < self.edges[1] / self.unit)
        t, rest = self._angles(np.where(inside, s, 1.0))
        sine = np.sin((layers + 1) * np.minimum(t, rest))
        density = 2 * s * np.sin(t) ** 2 * np.sin(layers * t) ** (layers - 1) / sine**layers
        at_zero = 2.0 if layers == 1 else 0.0  # the quarter circle starts at its top
        return np.where(inside, density, np.where(s == 0, at_zero, 0.0)) / (math.pi * self.unit)

    def bulk_cdf(self, s: npt.ArrayLike) -> np.ndarray:
        """1 - ((L+1) t - L sin t sin((L+1)t) / sin(Lt)) / π, the integral of the density in closed form."""
        inside = np.clip(np.asarray(s, float), 0, self.edges[1]) / self.unit
        return np.where(inside > 0, self._cdf(*self._angles(np.where(inside > 0, inside, 1.0))), 0.0)

    def _squared(self, t: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """s² = sinᴸ⁺¹((L+1)t) / (sin t sinᴸ(Lt)) in units of the mean, for t + rest = π/(L+1): it grows with `rest`."""
        layers = self.layers
        sine = np.sin((layers + 1) * np.minimum(t, rest))  # the same of both, and exact of the smaller
        return sine * (sine / np.sin(layers * t)) ** layers / np.sin(t)

    def _cdf(self, t: np.ndarray, rest: np.ndarray) -> np.ndarray:
        layers = self.layers
        sine = np.sin((layers + 1) * np.minimum(t, rest))
        return ((layers + 1) * rest + layers * np.sin(t) * sine / np.sin(layers * t)) / math.pi

    def _angles(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """t and π/(L+1) - t of singular values in units of their root mean square, by bisection."""
        low, high = np.zeros_like(s), np.full_like(s, self._width)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            below = self._squared(self._width - middle, middle) < s**2
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        rest = (low + high) / 2
        return np.maximum(self._width - rest, TINY), rest

    @property
    def _width(self) -> float:
        return math.pi / (self.layers + 1)

    def quantile(self, p: npt.ArrayLike) -> np.ndarray:
        """Singular value with cdf p, interpolated in the angle, in which all is smooth however steep the cdf at 0."""
        rest, values = self._angle_table
        rest = np.interp(np.asarray(p), values, rest)
        return self.unit * np.sqrt(self._squared(np.maximum(self._width - rest, TINY), rest))

    @cached_property
    def _angle_table(self) -> tuple[np.ndarray, np.ndarray]:
        rest = np.linspace(0, self._width, TABLE_POINTS)
        return rest, np.concatenate([[0.0], self._cdf(self._width - rest[1:-1], rest[1:-1]), [1.0]])


def lyapunov_exponents(size: int) -> np.ndarray:
    """Growth rates per layer of the logarithms of a product's singular values, descending: (size,).

    For products of many more layers than `size` of square real matrices with independent N(0, 1) entries: a standard
    deviation σ adds log σ to each. The i-th, from 1, is (log 2 + ψ((size - i + 1)/2)) / 2 (Newman 1986).
    """
    from scipy import special

    return (math.log(2) + special.digamma(np.arange(size, 0, -1) / 2)) / 2
