"""Independent weights of one law."""

import math
from dataclasses import dataclass

import jax
import numpy as np

from initviz.laws import operators
from initviz.laws.base import Law
from initviz.laws.ensemble import EnsembleBase
from initviz.laws.lost import Lost, lost_of_law
from initviz.laws.marginals import Marginal
from initviz.laws.simulation import at_this_size
from initviz.laws.tools import JAX, Tools, Weights
from initviz.matrices.sliding import PLAIN, Sliding
from initviz.spectra import MarchenkoPastur, Points, Spectrum, Spiked


@dataclass(frozen=True, eq=False)
class Iid(EnsembleBase):
    """Independent entries of one law."""

    law: Law

    block = None
    fixed_norm = False

    @property
    def complex(self) -> bool:  # type: ignore[override]  # nobody sets it
        """As the law is."""
        return self.law.complex

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: shape and dtype as asked."""
        return tools.iid(self.law, key, shape, dtype)

    @property
    def standard(self) -> tuple["Iid", float]:
        """Of the law of scale 1, and the scale."""
        unit, scale = self.law.standard
        return Iid(unit), scale

    def lost(self, dtype: np.dtype) -> Lost:
        """That of its law."""
        return lost_of_law(self.law, dtype)

    @property
    def marginal(self) -> Marginal:
        """Law of one entry (of its real part, if complex)."""
        return self.law.marginal

    def spectrum(self, rows: int, columns: int) -> Spectrum:
        """Marchenko-Pastur; with an outlier where the mean is not 0 and large enough; zeros where nothing varies.

        Of a vector or a small matrix the law at this size, see `at_this_size`.
        """
        power = self.law.power
        if not power:
            return Points.repeated(0.0, min(rows, columns))
        excess = self.law.distribution.moments[3]
        bulk = MarchenkoPastur(rows, columns, math.sqrt(power), self.law.complex, excess)
        limit = self._spiked(bulk, self.marginal.mean) if self.marginal.mean else bulk
        return at_this_size(self.law, rows, columns, limit)

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Law of the singular values of a convolution of an input of `sizes` with a kernel of that shape.

        See `operators.iid`; None for padding with zeros.

        Raises:
            ValueError: the shape is not `(*taps, inputs, outputs)`, or the sizes do not fit.
        """
        return operators.iid(self.law, sliding.on(shape, sizes))

    def _spiked(self, bulk: MarchenkoPastur, mean: float) -> Spiked:
        *_, skewness, excess = self.law.distribution.moments
        return Spiked(bulk, abs(mean), math.copysign(1, mean) * skewness, excess)
