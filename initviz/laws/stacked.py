"""Independent weights of one family of laws at several scales, such as a stack of layers with a scale for each."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np

from initviz.laws.base import Law, Root, scale_in
from initviz.laws.ensemble import EnsembleBase
from initviz.laws.iid import Iid
from initviz.laws.lost import NOTHING_LOST, Lost, lost_of_law, near_the_ends
from initviz.laws.marginals import Marginal
from initviz.laws.mixture import Mixture
from initviz.laws.tools import JAX, Tools, Weights
from initviz.matrices.sliding import PLAIN, Sliding
from initviz.spectra import Spectrum

MOST = 256
"""Most scales whose common law is computed."""


def numbers_of(law: Law) -> Any:
    """What the scale of a law is made of: itself, or the variance that it is the root of."""
    return law.scale.variance if isinstance(law.scale, Root) else law.scale


def with_number(law: Law, value: Any) -> Law:
    """The law with another scale, or variance that it is the root of."""
    made: Any = law  # each law is a dataclass
    return replace(made, scale=replace(law.scale, variance=value) if isinstance(law.scale, Root) else value)


@dataclass(frozen=True, eq=False)
class Stacked(EnsembleBase):
    """Independent entries of a family of laws. Its scale is an array with an axis for each of the shape, of size 1 or
    as long as it."""

    family: Law
    shape: tuple[int, ...]

    law = None
    block = None
    fixed_norm = False

    @classmethod
    def of(cls, law: Law, shape: tuple[int, ...]) -> "Stacked | Iid":
        """Of a law whose scale is an array that broadcasts over a shape; equal numbers are one, as far as known."""
        numbers = numbers_of(law)
        if not isinstance(numbers, jax.core.Tracer) and np.unique(numbers).size == 1:
            return Iid(with_number(law, float(np.asarray(numbers).flat[0])))
        sizes = (1,) * (len(shape) - np.ndim(numbers)) + np.shape(numbers)
        return cls(with_number(law, numbers.reshape(sizes)), shape)

    @property
    def complex(self) -> bool:  # type: ignore[override]  # nobody sets it
        """As the laws are."""
        return self.family.complex

    @property
    def independent(self) -> bool:
        """Whether the law of all together is known; independent they are."""
        return self.marginal is not None

    @property
    def apart(self) -> tuple[int, ...]:
        """The axes along which the scale differs."""
        return tuple(axis for axis, size in enumerate(np.shape(numbers_of(self.family))) if size > 1)

    @cached_property
    def _distinct(self) -> tuple[np.ndarray, np.ndarray]:
        numbers = np.asarray(numbers_of(self.family), float)
        values, counts = np.unique(numbers, return_counts=True)
        return values, counts / numbers.size

    @property
    def laws(self) -> tuple[Law, ...]:
        """Those at the ends: of the smallest scale, of the smallest but 0, and of the largest."""
        values = self._distinct[0]
        some = sorted({0, int(np.searchsorted(values, 0, side="right")), len(values) - 1})
        return tuple(self._of(values[at]) for at in some)

    @property
    def slices(self) -> tuple[Law, ...]:
        """The law of each slice in order, along the axes where it differs."""
        return tuple(map(self._of, np.ravel(numbers_of(self.family))))

    def _of(self, value: Any) -> Law:
        """The law of one of its numbers."""
        return with_number(self.family, float(value))

    def _scales(self, numbers: Any) -> np.ndarray:
        """The scales that numbers come to."""
        numbers, root = np.asarray(numbers, float), self.family.scale
        return np.sqrt(root.times * numbers) / root.over if isinstance(root, Root) else numbers

    @property
    def scales(self) -> np.ndarray:
        """That of every weight, along the axes where it differs."""
        return self._scales(numbers_of(self.family))

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: shape and dtype as asked; those of scale 1 times the scales, in this order, as in jax."""
        drawn, scale = tools.iid(self.unit, key, shape, dtype), scale_in(self.family.scale, dtype)
        return _times(drawn, np.asarray(scale)) if isinstance(drawn, np.ndarray) else drawn * scale

    @property
    def unit(self) -> Law:
        """The law that is drawn and then scaled: of scale 1, with the numbers that it has besides."""
        made: Any = self.family
        return replace(made, scale=1.0)

    def scaled(self, drawn: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Draws of `unit` at these flat positions of the tensor as its weights."""
        scale = np.asarray(scale_in(self.family.scale, drawn.dtype))
        index = np.unravel_index(positions.astype(np.int64), self.shape)
        return _times(drawn, scale[tuple(i if size > 1 else 0 for i, size in zip(index, scale.shape, strict=True))])

    def lost(self, dtype: np.dtype) -> Lost:
        """Those of its laws, each at its share; of more than `MOST` those of some that stand for their neighbours."""
        values, shares = self._distinct
        tried = np.flatnonzero(near_the_ends(self.unit, self._scales(values), values, dtype))
        groups = np.array_split(tried, min(len(tried), MOST)) if len(tried) else []
        each = [lost_of_law(self._of(values[at[at.size // 2]]), dtype).thinned(shares[at].sum()) for at in groups]
        if not each:
            return NOTHING_LOST
        pooled = zip(*(lost.shares for lost in each), strict=True)
        return Lost.of(map(sum, pooled), min(lost.astray for lost in each))

    @cached_property
    def marginal(self) -> Marginal | None:
        """Law of one entry of all; None of more than `MOST` scales."""
        values, shares = self._distinct
        if len(values) > MOST:
            return None
        return Mixture(self.unit.standard[0], tuple(self._scales(values).tolist()), tuple(shares.tolist()))

    def first(self, batch: tuple[int, ...]) -> "Stacked | Iid":
        """The ensemble of the first slice along these axes."""
        return Iid(self._of(np.ravel(numbers_of(self.family))[0])) if set(self.apart) <= set(batch) else self

    def spectrum(self, rows: int, columns: int) -> Spectrum | None:
        """None: no formula is used for a matrix whose entries have several scales."""
        return None

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """None, as of `spectrum`."""
        return None


def _times(drawn: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The product in their own dtype."""
    with np.errstate(over="ignore", invalid="ignore"):
        return (drawn * scale).astype(drawn.dtype, copy=False)
