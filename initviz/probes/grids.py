"""The values that a draw takes: those seen, and all those that the uniforms of a dtype can give."""

from dataclasses import dataclass
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

from initviz.laws.base import Law


@dataclass(frozen=True, eq=False)
class Values:
    """The distinct finite values of a draw, ascending, how often each came, and how many were NaN or infinite.

    Both parts of complex weights count."""

    values: np.ndarray
    counts: np.ndarray
    not_finite: int

    @classmethod
    def of(cls, weights: np.ndarray):
        """Values of weights of any floating dtype, as float64."""
        flat = np.ravel(weights)
        if np.iscomplexobj(flat):
            flat = np.concatenate([flat.real, flat.imag])
        if flat.dtype.itemsize < 4:  # all bit patterns fit a table, which is much faster than a sort
            codes = np.dtype(f"uint{8 * flat.dtype.itemsize}")
            table = np.bincount(flat.view(codes), minlength=1 << (8 * flat.dtype.itemsize))
            seen = np.flatnonzero(table)
            values, counts = seen.astype(codes).view(flat.dtype).astype(float), table[seen]
        else:
            values, counts = np.unique(flat, return_counts=True)
            values = values.astype(float)
        finite = np.isfinite(values)
        values, where = np.unique(values[finite], return_inverse=True)  # merges 0 and -0
        merged = np.bincount(where, counts[finite], minlength=len(values)).astype(np.int64)
        return cls(values, merged, int(counts[~finite].sum()))

    @property
    def count(self) -> int:
        """How many finite ones."""
        return int(self.counts.sum())

    @property
    def zeros(self) -> int:
        """How many are exactly 0."""
        return int(self.counts[self.values == 0].sum())

    @property
    def mean(self) -> float:
        """Mean of the finite ones; NaN without any."""
        return float(self.values @ self.counts / self.count) if self.count else float("nan")

    @property
    def std(self) -> float:
        """Standard deviation of the finite ones about their mean; NaN without any."""
        return float(((self.values - self.mean) ** 2 @ self.counts / self.count) ** 0.5) if self.count else float("nan")


@dataclass(frozen=True)
class Grid:
    """What a law becomes on the uniforms of a dtype: exact, over all of them."""

    count: int
    mean: float
    std: float
    low: float
    high: float
    bad: int
    zeros: int

    def outlier_size(self, law_mean: float) -> float:
        """√(rows · columns) above which the shift of a mean of 0 is an outlier singular value.

        The shift μ is a rank-one part μ√(mn), which leaves the bulk above σ(mn)^¼, hence √(mn) > (σ/μ)².
        Source: Benaych-Georges & Nadakuditi 2012.
        """
        shift = abs(self.mean - law_mean) / self.std if self.std else 0.0
        return 1 / shift**2 if shift else float("inf")


def grid(law: Law, dtype: str) -> Grid:
    """The exact effect of a dtype's uniforms on a real law: all 2^nmant of them are tried, in up to 32 bits."""
    return _grid(jax.tree.map(float, law), dtype)  # jax numbers have no hash


@lru_cache(maxsize=64)
def _grid(law: Law, dtype: str) -> Grid:
    with jax.default_device(jax.devices("cpu")[0]):
        values = law.attainable(jnp.dtype(dtype)).astype(float)
    finite = values[np.isfinite(values)]
    bad = values.size - finite.size
    if not finite.size:
        return Grid(values.size, np.nan, np.nan, np.nan, np.nan, bad, 0)
    ends = float(finite.min()), float(finite.max())
    return Grid(
        values.size, float(finite.mean()), float(finite.std()), *ends, bad, values.size - np.count_nonzero(values)
    )
