"""Ensembles of orthogonal matrices: one as a whole kernel, or at the centre tap of a convolution."""

import math
from dataclasses import dataclass, replace

import jax
import numpy as np

from initviz.laws import operators
from initviz.laws.base import Number
from initviz.laws.complex import ComplexNormal
from initviz.laws.ensemble import EnsembleBase
from initviz.laws.lost import NOTHING_LOST, SAMPLED, Lost, least, lost_values, strained
from initviz.laws.marginals import Marginal, Sparse, sphere
from initviz.laws.real import Normal
from initviz.laws.tools import JAX, Tools, Weights
from initviz.matrices.sliding import PLAIN, Sliding
from initviz.spectra import Jacobi, Points, Spectrum


@dataclass(frozen=True, eq=False)
class Haar(EnsembleBase):
    """`scale` times a Haar-distributed matrix with orthonormal rows or columns, whichever are fewer.

    The tensor is a `rows` × `columns` matrix whose columns run along `column_axis` (counted from the front).
    """

    scale: Number
    rows: int
    columns: int
    column_axis: int
    complex: bool = False

    law = None

    @property
    def block(self) -> "Haar":  # type: ignore[override]  # nobody sets it
        """The matrix itself."""
        return self

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: Gaussian, QR, signs, transpose if wide, reshape, scale; zeros of no size where a size is 0."""
        if 0 in shape:
            return tools.full(shape, 0, dtype)
        tall, thin = max(self.rows, self.columns), min(self.rows, self.columns)
        standard = (ComplexNormal if self.complex else Normal)(1.0)
        q = tools.orthonormal(tools.iid(standard, key, (tall, thin), dtype))
        if self.rows < self.columns:
            q = q.T
        others = shape[: self.column_axis] + shape[self.column_axis + 1 :]
        order = list(range(len(others)))
        order.insert(self.column_axis, len(others))
        return tools.numbers(self.scale, dtype) * q.reshape((*others, self.columns)).transpose(order)

    @property
    def standard(self) -> tuple["Haar", float]:
        """That of scale 1, and the scale."""
        return replace(self, scale=1.0), float(self.scale)

    def lost(self, dtype: np.dtype) -> Lost:
        """All where the scale itself is; the digits of small entries, by their law."""
        scale, hole = float(self.scale), least(dtype)
        entry = scale / max(self.rows, self.columns, 1) ** 0.5
        if not scale or not strained((entry, scale), dtype):
            return NOTHING_LOST
        of_scale = lost_values(scale, dtype)
        if of_scale:
            return of_scale
        below = self.marginal.cdf(np.array([np.nextafter(-hole, -1.0), hole]))
        small = float(below[1] - below[0])
        return Lost(crushed=small) if small > 1 / SAMPLED else NOTHING_LOST

    @property
    def marginal(self) -> Marginal:
        """A coordinate of a uniform point on the sphere in N = max(rows, columns) real (or complex) dimensions."""
        return sphere(float(self.scale), max(self.rows, self.columns, 1) * (2 if self.complex else 1))

    def spectrum(self, rows: int, columns: int) -> Spectrum | None:
        """All singular values equal the scale; a Jacobi law for a block of the matrix; None for what is not in it."""
        if {rows, columns} == {self.rows, self.columns} or not float(self.scale):
            return Points.repeated(float(self.scale), min(rows, columns))
        if all(part <= whole for part, whole in zip(sorted((rows, columns)), self._sides, strict=True)):
            return Jacobi(rows, columns, self._sides[1], float(self.scale))
        return None

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Law of the singular values of a convolution of an input of `sizes` with a kernel of that shape.

        See `operators.haar`; None for padding with zeros, and where the columns are neither inputs nor outputs.

        Raises:
            ValueError: the shape is not `(*taps, inputs, outputs)`, or the sizes do not fit.
        """
        operator, columns_at = sliding.on(shape, sizes), self.column_axis - len(shape)
        if not float(self.scale):
            return Points.repeated(0.0, operator.count)
        sides = self.rows, self.columns
        parts = (
            operators.haar(float(self.scale), sides, columns_at, self.complex, operator) if columns_at >= -2 else None
        )
        return operators.union(parts, operator.left) if parts else None

    @property
    def _sides(self) -> tuple[int, int]:
        """The shorter and the longer side."""
        return min(self.rows, self.columns), max(self.rows, self.columns)


@dataclass(frozen=True, eq=False)
class Delta(EnsembleBase):
    """A convolution kernel that is 0 but for its centre tap, which is a Haar matrix from inputs to outputs."""

    block: Haar
    taps: tuple[int, ...]

    law = None
    sparse = True

    @property
    def complex(self) -> bool:  # type: ignore[override]  # nobody sets it
        """As the block is."""
        return self.block.complex

    @property
    def centre(self) -> tuple[int, ...]:
        """Index of the tap that is not 0: ⌊(k - 1)/2⌋ along each spatial axis."""
        return tuple((k - 1) // 2 for k in self.taps)

    def sample(self, key: jax.Array, shape: tuple[int, ...], dtype: np.dtype, tools: Tools = JAX) -> Weights:
        """Weights: zeros, and the Haar block at the centre tap."""
        inputs, outputs = shape[-2:]
        block = self.block.sample(key, (inputs, outputs), dtype, tools)
        zeros = tools.full(shape, 0, dtype)
        if isinstance(zeros, np.ndarray):
            zeros[self.centre] = block
            return zeros
        return zeros.at[self.centre].set(block)

    @property
    def standard(self) -> tuple["Delta", float]:
        """As the block is."""
        block, scale = self.block.standard
        return replace(self, block=block), scale

    def lost(self, dtype: np.dtype) -> Lost:
        """That of the centre tap."""
        return self.block.lost(dtype).thinned(1 / max(math.prod(self.taps), 1))

    @property
    def marginal(self) -> Marginal:
        """Of a weight picked at random from the kernel, whose position decides: an entry of the Haar block, or 0."""
        return Sparse(self.block.marginal, 1 / max(math.prod(self.taps), 1))

    def spectrum(self, rows: int, columns: int) -> Spectrum | None:
        """One singular value `scale` per input, any further ones 0; None for a block of the flattened kernel."""
        inputs, outputs = sorted((self.block.rows, self.block.columns))
        if (rows, columns) != (math.prod(self.taps) * inputs, outputs):
            return None
        return Points(((float(self.block.scale), inputs), (0.0, min(rows, columns) - inputs)))

    def operator_spectrum(
        self, shape: tuple[int, ...], sizes: tuple[int, ...], sliding: Sliding = PLAIN
    ) -> Spectrum | None:
        """Law of the singular values of a convolution of an input of `sizes` with a kernel of that shape.

        The one tap reads a position once or not at all. Without groups all of those that are read keep the scale: an
        isometry with stride 1, circular or SAME padding. With groups each is a block of the Haar matrix.

        Raises:
            ValueError: the shape is not `(*taps, inputs, outputs)`, or the sizes do not fit.
        """
        operator = sliding.on(shape, sizes)
        read, scale = len(operator.pairs(self.centre)[0]), float(self.block.scale)
        zeros = operator.count - operator.groups * read * min(operator.channels)
        if operator.groups == 1 or not scale:
            values = ((scale, operator.count - zeros), (0.0, zeros))
            return Points(values) if zeros else Points.repeated(scale, operator.count)
        alone = replace(sliding, stride=(1,), dilation=(1,), padding="CIRCULAR").on((1, *shape[-2:]), (1,))
        sides, columns_at = (self.block.rows, self.block.columns), self.block.column_axis - 2
        parts = operators.haar(scale, sides, columns_at, self.complex, alone)
        return operators.union(((law, read * times) for law, times in parts), zeros) if parts else None
