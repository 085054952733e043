"""Matrix ensembles: what a plan ends in. Each can be sampled, and tells the law of one entry and of its spectrum."""

import math
from dataclasses import dataclass

import jax
import numpy as np
from jax.typing import ArrayLike

from initviz.laws.ensemble import EnsembleBase
from initviz.laws.haar import Delta, Haar
from initviz.laws.iid import Iid
from initviz.laws.lost import Lost, lost_values
from initviz.laws.marginals import EitherOf, Marginal, PointMass
from initviz.laws.stacked import Stacked
from initviz.laws.tools import JAX, Tools, Weights
from initviz.matrices.sliding import PLAIN, Sliding
from initviz.spectra import Points, Spectrum


@dataclass(frozen=True, eq=False)
class Constant(EnsembleBase):
    """Every entry the same value (or a pattern of values broadcast over the shape)."""

    value: ArrayLike
    complex: bool = False

    law = None
    block = None

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: shape and dtype as asked; the key is ignored."""
        return tools.full(shape, self.value, dtype)

    def lost(self, dtype: np.dtype) -> Lost:
        """That of its values."""
        return lost_values(self.value, dtype)

    @property
    def not_finite(self) -> float:  # type: ignore[override]  # nobody sets it
        """Of its values; a real one has a part that is 0 among complex weights."""
        value = np.asarray(self.value)
        parts = value[..., None].view(value.real.dtype) if np.iscomplexobj(value) else value
        return float(np.mean(~np.isfinite(parts.astype(float)))) / (1 if np.iscomplexobj(value) else self.parts)

    @property
    def marginal(self) -> Marginal | None:
        """A point mass, or one for either part of a complex value; None for a pattern."""
        if np.ndim(self.value):
            return None
        value = complex(self.value)
        return EitherOf(value.real, value.imag) if self.complex else PointMass(value.real)

    def spectrum(self, rows: int, columns: int) -> Spectrum | None:
        """One singular value `|c|` √(rows · columns), the others 0; None for a pattern, or where it is not finite."""
        if np.ndim(self.value) or not np.isfinite(complex(self.value)):
            return None
        smaller = min(rows, columns)
        if not complex(self.value):
            return Points.repeated(0.0, smaller)
        rank_one = abs(complex(self.value)) * math.sqrt(rows * columns)
        if math.isinf(rank_one):
            return None
        return Points(((rank_one, 1), (0.0, smaller - 1)), ("rank one", "zeros"))

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Singular values of a convolution of an input of `sizes` with a kernel of that shape.

        With circular padding one per frequency at which the taps do not cancel, the others 0; None for a pattern or a
        value that is not finite.

        Raises:
            ValueError: the shape is not `(*taps, inputs, outputs)`, or the sizes do not fit.
        """
        operator = sliding.on(shape, sizes)
        if np.ndim(self.value) or not np.isfinite(complex(self.value)):
            return None
        unit = abs(complex(self.value)) * math.sqrt(math.prod(operator.channels))
        kept = [(unit * at, operator.groups * times) for at, times in operator.responses if unit * at]
        zeros = operator.count - sum(times for _, times in kept)
        return Points((*kept, (0.0, zeros)), ("rank one",) * len(kept) + ("zeros",))


Ensemble = Iid | Stacked | Constant | Haar | Delta
